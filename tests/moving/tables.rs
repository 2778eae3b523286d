//! Tables of other systems, as their own tools make them: Better Auth's CLI, Drizzle, Prisma, and the
//! adapters of Auth.js.

use doorward::accounts::moving::{
    import::Import,
    other,
    report::{Entry, Report},
};
use entity::foreign::{Foreign, ForeignError, LayoutError, Renamed, Table};
use sea_orm::{ConnectionTrait, Database as Connect};

use super::{EMAIL, HASH, SUB, accounts, users, words};
use crate::support::{
    database::{Database, both},
    house::House,
};

/// Runs statements in a database of its own.
async fn made(like: &Database, statements: &[String]) -> Database {
    let database = like.empty_like().await;
    let url = match database.url.strip_prefix("sqlite:") {
        Some(_) => format!("{}?mode=rwc", database.url),
        None => database.url.clone(),
    };
    let db = Connect::connect(url).await.expect("a new database");
    for statement in statements {
        let done = db.execute_unprepared(statement).await;
        done.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    db.close().await.expect("an end");
    database
}

async fn import(house: &House, from: &Database, renamed: &Renamed) -> (Report, Vec<Entry>) {
    let foreign = Foreign::open(&from.url, renamed)
        .await
        .expect("a foreign database");
    let mut everybody = foreign.everybody().await.expect("a statement");
    let mut import = Import::new(&house.app, false);
    let mut entries = Vec::new();
    loop {
        let page = everybody.page(2).await.expect("a page");
        if page.is_empty() {
            return (import.report().clone(), entries);
        }
        let now = house.app.clock.now();
        let rows = page.iter().map(|person| other::row(person, now)).collect();
        let mut tell = |entry: &Entry| entries.push(entry.clone());
        import.take(rows, &mut tell).await.expect("a batch");
    }
}

/// What a table is made of: as Better Auth's CLI writes it for either database.
fn better_auth(postgres: bool, name: impl Fn(&str) -> String) -> Vec<String> {
    let (time, flag, yes) = match postgres {
        true => ("timestamptz", "boolean", "true"),
        false => ("date", "integer", "1"),
    };
    let n = |words: &str| format!("\"{}\"", name(words));
    vec![
        format!(
            "CREATE TABLE {user} ({id} text PRIMARY KEY, {name} text NOT NULL, {email} text NOT NULL UNIQUE,
                {verified} {flag} NOT NULL, {image} text, {created} {time} NOT NULL, {updated} {time} NOT NULL,
                {banned} {flag}, {until} {time})",
            user = n("user"), id = n("id"), name = n("name"), email = n("email"), verified = n("email verified"),
            image = n("image"), created = n("created at"), updated = n("updated at"), banned = n("banned"),
            until = n("ban expires"),
        ),
        format!(
            "CREATE TABLE {account} ({id} text PRIMARY KEY, {subject} text NOT NULL, {provider} text NOT NULL,
                {user} text NOT NULL, {access} text, {refresh} text, {token} text, {until} {time}, {scope} text,
                {password} text, {created} {time} NOT NULL, {updated} {time} NOT NULL)",
            account = n("account"), id = n("id"), subject = n("account id"), provider = n("provider id"),
            user = n("user id"), access = n("access token"), refresh = n("refresh token"), token = n("id token"),
            until = n("access token expires at"), scope = n("scope"), password = n("password"),
            created = n("created at"), updated = n("updated at"),
        ),
        format!("CREATE TABLE {} ({} text, {} text)", n("session"), n("id"), n("token")),
        format!("INSERT INTO {} VALUES ('s1', 'a secret')", n("session")),
        format!(
            "INSERT INTO {user} VALUES
                ('{SUB}', 'Ada', '{EMAIL}', {yes}, NULL, '2025-01-01T10:00:00.000Z', '2025-03-01T10:00:00.000Z', NULL, NULL),
                ('b2', '', 'bob@example.com', NOT {yes}, 'data:,x', '2025-01-02T10:00:00.000Z', '2025-01-02T10:00:00.000Z', {yes}, NULL),
                ('c3', 'Cyd', 'cyd@example.com', {yes}, NULL, '2025-01-03T10:00:00.000Z', '2025-01-03T10:00:00.000Z', {yes}, '2025-02-01T00:00:00.000Z'),
                ('d4', 'Dan', 'not an address', {yes}, NULL, '2025-01-03T10:00:00.000Z', '2025-01-03T10:00:00.000Z', NULL, NULL)",
            user = n("user"),
        ),
        format!(
            "INSERT INTO {account} VALUES
                ('a1', '{SUB}', 'credential', '{SUB}', NULL, NULL, NULL, NULL, NULL, '{HASH}', '2025-01-01T10:00:00Z', '2025-01-01T10:00:00Z'),
                ('a2', '583231', 'github', '{SUB}', 'gho_secret', NULL, NULL, '2025-02-19T21:20:00Z', 'read:user,user:email', NULL, '2025-01-01T10:00:00Z', '2025-01-01T10:00:00Z'),
                ('a3', '107', 'google', 'b2', NULL, NULL, 'eyJ', NULL, 'openid,email', NULL, '2025-01-01T10:00:00Z', '2025-01-01T10:00:00Z'),
                ('a4', '107', 'google', 'c3', NULL, NULL, NULL, NULL, NULL, NULL, '2025-01-01T10:00:00Z', '2025-01-01T10:00:00Z')",
            account = n("account"),
        ),
    ]
}

/// What became of the people of [`better_auth`].
async fn as_expected(house: &House, (report, entries): (Report, Vec<Entry>)) {
    let said = words(&entries);
    assert_eq!(
        (report.read, report.imported, report.refused),
        (4, 3, 1),
        "{said:?}"
    );
    assert_eq!(
        (report.accounts, report.accounts_refused),
        (2, 1),
        "{said:?}"
    );
    assert_eq!(report.passwords.get("better-auth scrypt"), Some(&1));
    let mut said = said;
    said.sort();
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(said[0].starts_with("b2: image: "), "{said:?}");
    assert_eq!(
        said[1],
        "c3: accounts[0]: an earlier row has the same account at this provider (account not taken)"
    );
    assert!(said[2].starts_with("d4: email: "), "{said:?}");

    let users = users(house).await;
    let [ada, bob, cyd] = ["kQ3", "b2", "c3"].map(|sub| {
        let found = users.iter().find(|user| user.subject.starts_with(sub));
        found.expect("somebody")
    });
    assert_eq!(
        ada.email_verified.map(|at| at.to_rfc3339()).as_deref(),
        Some("2025-03-01T10:00:00+00:00")
    );
    assert_eq!(ada.created_at.to_rfc3339(), "2025-01-01T10:00:00+00:00");
    assert!(
        ada.password_hash
            .as_ref()
            .is_some_and(|hash| hash.starts_with("$ba-scrypt$ln=14,r=16,p=1$"))
    );
    assert_eq!(
        (bob.email_verified, &bob.name, &bob.image),
        (None, &None, &None)
    );
    assert_eq!(
        bob.disabled_at,
        Some(bob.updated_at),
        "who was banned is not let in"
    );
    assert_eq!(cyd.disabled_at, None, "a ban that is over");
    let accounts = accounts(house).await;
    let github = accounts
        .iter()
        .find(|row| row.provider == "github")
        .expect("github");
    assert_eq!(github.scope.as_deref(), Some("read:user user:email"));
    assert_eq!(github.expires_at, Some(1_740_000_000));
    assert_eq!(github.user_id, ada.id);
    let google: Vec<_> = accounts
        .iter()
        .filter(|row| row.provider == "google")
        .collect();
    assert_eq!((google.len(), google[0].user_id), (1, bob.id));
    assert_eq!(google[0].account_type, entity::value::AccountType::Oidc);
    assert_eq!(
        accounts
            .iter()
            .filter(|row| row.provider == "email")
            .count(),
        1
    );
}

fn camel(words: &str) -> String {
    let mut words = words.split(' ');
    let mut name = words.next().unwrap_or_default().to_owned();
    for word in words {
        name += &word[..1].to_uppercase();
        name += &word[1..];
    }
    name
}

fn drizzle(words: &str) -> String {
    match words {
        "user" | "account" | "session" => format!("{words}s"),
        words => words.replace(' ', "_"),
    }
}

both! {
    async fn better_auth_as_its_own_cli_makes_it(db: Database) {
        let from = made(&db, &better_auth(db.url.starts_with("postgres"), camel)).await;
        let house = House::new(db).await;
        as_expected(&house, import(&house, &from, &Renamed::default()).await).await;
        // Once more: nothing.
        let (report, _) = import(&house, &from, &Renamed::default()).await;
        assert_eq!((report.imported, report.unchanged, report.refused), (0, 3, 1));
    }

    async fn better_auth_as_drizzle_makes_it(db: Database) {
        let from = made(&db, &better_auth(db.url.starts_with("postgres"), drizzle)).await;
        let house = House::new(db).await;
        as_expected(&house, import(&house, &from, &Renamed::default()).await).await;
    }

    async fn tables_and_columns_may_have_any_name(db: Database) {
        let odd = |words: &str| match words {
            "user" => "my \"people\"".to_owned(),
            "account" => "logins".to_owned(),
            "email" => "Mail Address".to_owned(),
            "account id" => "external".to_owned(),
            words => camel(words),
        };
        let from = made(&db, &better_auth(db.url.starts_with("postgres"), |words| odd(words).replace('"', "\"\""))).await;
        let house = House::new(db).await;
        let nothing = Foreign::open(&from.url, &Renamed::default()).await;
        assert!(matches!(nothing, Err(ForeignError::Layout(LayoutError::NoTable("user", _)))));
        let renamed = Renamed {
            tables: vec![(Table::User, odd("user")), (Table::Account, odd("account"))],
            columns: vec![
                (Table::User, "email".to_owned(), odd("email")),
                (Table::Account, "accountId".to_owned(), odd("account id")),
            ],
        };
        as_expected(&house, import(&house, &from, &renamed).await).await;
    }

    async fn auth_js_as_its_adapters_make_it(db: Database) {
        let postgres = db.url.starts_with("postgres");
        let (time, number) = if postgres { ("timestamp", "serial") } else { ("integer", "integer") };
        let at = if postgres { "'2025-02-01 10:00:00'" } else { "1738404000000" };
        let statements = [
            format!(
                r#"CREATE TABLE users (id {number} PRIMARY KEY, name text, email text, "emailVerified" {time}, image text, password text)"#
            ),
            r#"CREATE TABLE accounts ("userId" integer NOT NULL, type text NOT NULL, provider text NOT NULL,
                "providerAccountId" text NOT NULL, refresh_token text, access_token text, expires_at bigint,
                token_type text, scope text, id_token text, session_state text)"#.to_owned(),
            format!(
                "INSERT INTO users VALUES (1, 'Ada', 'Ada@Example.com', {at}, NULL, '{}'), (2, NULL, NULL, NULL, NULL, NULL)",
                "$2b$06$abcdefghijklmnopqrstuuXd2oy/UVAoLP62IV6F2W4JusNTrMsDS"
            ),
            "INSERT INTO accounts VALUES
                (1, 'oidc', 'google', '107', NULL, 'ya29', 1740000000, 'bearer', 'openid email', 'eyJ', NULL),
                (1, 'email', 'resend', 'ada@example.com', NULL, NULL, NULL, NULL, NULL, NULL, NULL)".to_owned(),
        ];
        let from = made(&db, &statements).await;
        let house = House::new(db).await;
        let (report, entries) = import(&house, &from, &Renamed::default()).await;
        assert_eq!((report.imported, report.refused, report.accounts), (1, 1, 1));
        let said = words(&entries);
        assert!(said.contains(&"2: email: is missing (not taken)".to_owned()), "{said:?}");
        assert!(said.iter().any(|word| word.starts_with("1: accounts: an account of the type email")), "{said:?}");
        let users = users(&house).await;
        assert_eq!((users[0].subject.as_str(), users[0].email.as_str()), ("1", EMAIL));
        assert_eq!(users[0].email_verified.map(|at| at.timestamp()), Some(1_738_404_000));
        assert_eq!(report.passwords.get("bcrypt"), Some(&1));
    }

    async fn a_database_of_ours_and_one_without_people_are_refused(db: Database) {
        let empty = made(&db, &[]).await;
        let found = Foreign::open(&empty.url, &Renamed::default()).await;
        assert!(matches!(found, Err(ForeignError::Layout(LayoutError::NoTable("user", _)))));
        let house = House::new(db.fresh_like().await).await;
        let ours = Foreign::open(&db.url, &Renamed::default()).await;
        assert!(matches!(ours, Err(ForeignError::Layout(LayoutError::Ours))));
        let odd = Renamed { columns: vec![(Table::User, "shoe".to_owned(), "size".to_owned())], ..Renamed::default() };
        let from = made(&db, &better_auth(db.url.starts_with("postgres"), camel)).await;
        let found = Foreign::open(&from.url, &odd).await;
        assert!(matches!(found, Err(ForeignError::Layout(LayoutError::NoField(..)))));
        let gone = Renamed { columns: vec![(Table::User, "email".to_owned(), "mail".to_owned())], ..Renamed::default() };
        let found = Foreign::open(&from.url, &gone).await;
        assert!(matches!(found, Err(ForeignError::Layout(LayoutError::NoColumn(..)))));
        drop(house);
    }

    /// Bytes where text should be stop neither the statement nor anybody else.
    async fn what_a_database_lets_through_is_one_bad_row(db: Database) {
        if db.url.starts_with("postgres") {
            return;
        }
        let mut statements = better_auth(false, camel);
        statements.push(r#"UPDATE "user" SET email = x'ff00ff' WHERE id = 'b2'"#.to_owned());
        statements.push(r#"UPDATE "user" SET name = CAST(x'ff' AS TEXT) WHERE id = 'c3'"#.to_owned());
        let from = made(&db, &statements).await;
        let house = House::new(db).await;
        let (report, entries) = import(&house, &from, &Renamed::default()).await;
        assert_eq!((report.read, report.imported, report.refused), (4, 1, 3), "{:?}", words(&entries));
    }
}
