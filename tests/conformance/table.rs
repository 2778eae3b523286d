//! Table: `docs/conformance.md`, made from the plans: each module with what it shows.

use std::{collections::BTreeSet, fmt::Write, fs};

use super::{plans, shows::SHOWS};

/// Set to write the page anew.
const UPDATE: &str = "UPDATE_DOCS";

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/conformance.md");

const HEAD: &str = "# Conformance

What the OpenID Foundation's suite examines a provider on, module by module. Each row is a test of
that name in `tests/conformance/`, which drives Doorward as the module does: it registers clients,
fills the pages by their ids, redeems what it gets and checks it. `cargo test conformance::` runs
them; a row whose test fails stops CI. `oidcc-idtoken-unsigned` is left out, as the suite leaves it out
where no unsigned ID token is offered; so is session management by iframe, which we do not have. How to take the exam itself: [certification.md](certification.md).

This page is made from the tests (`UPDATE_DOCS=1 cargo test --test doorward conformance::table`).
";

/// The name that the suite gives to a module.
fn name(module: &str) -> String {
    let name = module.replace('_', "-");
    [
        ("3rd-party-init", "3rd_party-init"),
        ("query-ok", "query-OK"),
        ("with-rs256-fails", "with-RS256-fails"),
        ("reuse-request-uri", "reuse-request_uri"),
        ("use-expired-request-uri", "use-expired-request_uri"),
        ("use-request-uri-for", "use-request_uri-for"),
        ("containing-request-uri-form", "containing-request_uri-form"),
    ]
    .iter()
    .fold(name, |name, (from, to)| name.replace(from, to))
}

fn made() -> String {
    let mut page = HEAD.to_owned();
    let modules = plans::all();
    let mut plans: Vec<&str> = Vec::new();
    for module in &modules {
        if !plans.contains(&module.plan) {
            plans.push(module.plan);
        }
    }
    for plan in plans {
        let _ = write!(
            page,
            "\n## `{plan}`\n\n| module | what it shows | passes |\n|---|---|---|\n"
        );
        let mut told = BTreeSet::new();
        for module in modules.iter().filter(|module| module.plan == plan) {
            let name = name(module.name);
            // A plan may run a module once for each response type.
            let runs = modules
                .iter()
                .filter(|one| one.plan == plan && one.name == module.name);
            let passes = match runs.count() {
                1 => "yes".to_owned(),
                count => format!("yes, {count} times"),
            };
            if told.insert(name.clone()) {
                let shows = shows(module.name);
                let _ = writeln!(page, "| `{name}` | {shows} | {passes} |");
            }
        }
    }
    page
}

fn shows(module: &str) -> &'static str {
    let bare = module
        .strip_prefix("fapi2_security_profile_final_")
        .unwrap_or(module);
    let found = SHOWS.iter().find(|(name, _)| *name == bare);
    found
        .unwrap_or_else(|| panic!("nobody says what {bare} shows"))
        .1
}

#[test]
fn the_page_is_what_the_plans_say() {
    let made = made();
    if std::env::var_os(UPDATE).is_some() {
        fs::write(PATH, &made).expect("the page");
    }
    let kept = fs::read_to_string(PATH).unwrap_or_default();
    assert!(
        kept == made,
        "docs/conformance.md is not what the plans say: make it anew with {UPDATE}=1"
    );
}
