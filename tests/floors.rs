//! Floors: the law of the house as tables, and the test that the house keeps it. Whoever changes a
//! table changes the design.

mod both_databases;
mod circles;
mod comparisons;
mod judging;
mod reading;
mod trial;

use judging::judge;
use reading::sources;

/// The floors, highest first. A file stands on the floor of the longest name that it begins with
/// (`http/kit/trace.rs` on that of `http/kit`), and may name what stands on lower floors.
pub const FLOORS: &[(&str, &[&str])] = &[
    ("main", &["main", "lib", "verbs"]),
    ("server", &["server", "jobs", "openapi"]),
    ("the doors", &["http"]),
    ("the doors' kit", &["http/kit"]),
    (
        "the rooms",
        &[
            "authorization",
            "grants",
            "accounts",
            "upstream",
            "clients",
            "tokens",
            "sessions",
            "devices",
            "logout",
            "keys",
            "events",
        ],
    ),
    ("the app", &["app"]),
    (
        "the ground",
        &[
            "oauth",
            "crypto",
            "mail",
            "templates",
            "limits",
            "fetch",
            "config",
            "clock",
            "paths",
            "pwned",
        ],
    ),
];

/// Who may name whom on one floor; nobody else may.
pub const BESIDE: &[(&[&str], &[&str])] = &[
    (&["main"], &["verbs"]),
    (&["server"], &["jobs", "openapi"]),
    (
        &["grants", "logout", "authorization", "devices", "sessions"],
        &["tokens"],
    ),
    (
        &["authorization", "grants", "devices", "logout", "tokens"],
        &["clients"],
    ),
    (&["grants"], &["devices"]),
    (&["accounts", "logout", "upstream"], &["sessions"]),
    (&["upstream"], &["accounts"]),
    (
        &[
            "authorization",
            "grants",
            "accounts",
            "upstream",
            "clients",
            "tokens",
            "sessions",
            "devices",
            "logout",
            "keys",
        ],
        &["events"],
    ),
    (&["oauth", "mail", "pwned"], &["crypto"]),
    (&["mail"], &["config", "templates"]),
    (&["limits"], &["config", "clock", "crypto"]),
    (&["fetch"], &["config"]),
];

/// Who may not name whom although it stands lower.
pub const APART: &[(&str, &str)] = &[("jobs", "http"), ("jobs", "http/kit")];

/// In which files a crate may be named.
pub const CRATES: &[(&[&str], &[&str])] = &[
    (&["poem"], &["src/server", "src/http"]),
    (&["poem_openapi"], &["src/http", "src/openapi"]),
    (&["sea_orm"], &["entity/src"]),
    (&["sea_orm_migration"], &["migration/src"]),
    (&["jsonwebtoken", "aws_lc_rs"], &["src/crypto"]),
    (
        &["rustls", "tokio_rustls"],
        &["src/server", "src/crypto/certificate"],
    ),
    (&["x509_cert"], &["src/crypto/certificate"]),
    (&["argon2", "bcrypt", "scrypt"], &["src/crypto/password"]),
    (&["oauth2"], &["src/upstream"]),
    (&["reqwest"], &["src/fetch"]),
    (&["lettre"], &["src/mail"]),
    (&["migration"], &["src/main", "src/server"]),
    (&["entity"], &["src"]),
    (&["doorward"], &["src"]),
];

/// Which of its names are free in which other files: values are described where they are defined,
/// and whoever holds a connection or transaction calls finders with it.
pub const NAMES: &[(&str, &[&str], &[&str])] = &[
    (
        "poem_openapi",
        &["src/oauth", "entity/src/value"],
        DESCRIPTIONS,
    ),
    (
        "poem_openapi",
        &[
            "src/authorization",
            "src/grants",
            "src/accounts",
            "src/upstream",
            "src/clients",
            "src/tokens",
            "src/sessions",
            "src/devices",
            "src/logout",
            "src/events",
        ],
        DESCRIPTIONS,
    ),
    ("sea_orm", &["src"], HANDLES),
];

const DESCRIPTIONS: &[&str] = &["Enum", "NewType", "Object", "OneOf", "Union"];

const HANDLES: &[&str] = &[
    // A room fills a new row and inserts it; an update with a condition is the table's.
    "ActiveModelTrait",
    "ActiveValue",
    "ConnectionTrait",
    "DatabaseConnection",
    "DatabaseTransaction",
    "DbErr",
    "Iterable",
    "NotSet",
    "Set",
    "SqlErr",
    "TransactionError",
    "TransactionTrait",
    "Unchanged",
];

/// What `entity` keeps to itself: with these, anybody could write a query.
pub const QUERY_PARTS: &[&str] = &["Column", "Entity", "PrimaryKey", "Relation"];

/// Names of drawers into which everything goes and nothing belongs.
pub const DRAWERS: &[&str] = &["common", "helper", "helpers", "misc", "util", "utils"];

pub const LONGEST_FILE: usize = 300;

/// The sentences of the law.
pub mod law {
    pub const DOWNWARD: &str = "Imports run downward only";
    pub const BESIDE: &str = "On one floor only the listed ones may name one another";
    pub const NO_CIRCLES: &str = "No circles";
    pub const HAS_A_FLOOR: &str = "Every module stands on a floor, and is named by its own name";
    pub const ONE_PLACE: &str = "A crate is named only where the table of crates allows it";
    pub const FINDERS: &str =
        "Filters and columns live in entity; the rooms hold a connection and call finders";
    pub const NO_DRAWERS: &str = "No module is called utils, helpers or common";
    pub const FIRST_LINE: &str = "The first line of a file says what it owns, as a //! comment";
    pub const LENGTH: &str = "A file has at most 300 lines";
    pub const READABLE: &str = "A file is Rust";
}

#[test]
fn the_house_keeps_its_law() {
    let house = sources(&["src", "entity/src", "migration/src", "tests"]);
    assert!(house.len() > 40, "read only {} files", house.len());
    let broken = judge(&house);
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

#[test]
fn the_tables_of_the_law_hold_together() {
    let floor = |name: &str| {
        FLOORS
            .iter()
            .position(|(_, units)| units.contains(&name))
            .unwrap_or_else(|| panic!("{name} is in no floor"))
    };
    for (from, to) in BESIDE {
        for (from, to) in from
            .iter()
            .flat_map(|from| to.iter().map(move |to| (from, to)))
        {
            assert_eq!(
                floor(from),
                floor(to),
                "{from} and {to} are not on one floor"
            );
        }
    }
    for (from, to) in APART {
        assert!(floor(from) < floor(to), "{to} is no lower than {from}");
    }
}
