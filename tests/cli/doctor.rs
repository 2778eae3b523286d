//! `doorward doctor`.

use std::{fs, os::unix::fs::PermissionsExt};

use serde_json::Value;

use super::Cli;

/// What one check said.
fn status<'a>(report: &'a Value, check: &str) -> &'a str {
    let checks = report["checks"].as_array().expect("checks");
    let found = checks.iter().find(|found| found["check"] == check);
    found
        .and_then(|found| found["status"].as_str())
        .unwrap_or_else(|| panic!("no {check}: {report}"))
}

#[test]
fn a_new_folder_is_no_illness_and_stays_as_it_is() {
    let cli = Cli::new();
    let report = cli.json(&["doctor", "--listen", "127.0.0.1:1"]);
    assert_eq!(report["ok"], true);
    assert_eq!(status(&report, "settings"), "ok");
    assert_eq!(status(&report, "database"), "warn");
    assert_eq!(status(&report, "listener"), "warn");
    assert!(!cli.path("data").exists());
}

#[test]
fn a_house_in_order_is_said_to_be() {
    let cli = Cli::new();
    cli.run(&["client", "list"]).done(&[]);
    let report = cli.json(&["doctor"]);
    for check in [
        "data folder",
        "root secret",
        "database",
        "schema",
        "signing keys",
        "clock",
    ] {
        assert_eq!(status(&report, check), "ok", "{check}");
    }
    cli.run(&["doctor"]).done(&["ok    schema"]);
}

#[test]
fn what_is_wrong_is_found_with_exit_code_1() {
    let cli = Cli::new();
    cli.run(&["client", "list"]).done(&[]);
    let root = cli.path("data/root.secret");
    fs::set_permissions(root, fs::Permissions::from_mode(0o644)).expect("its permissions");
    let ran = cli.run(&["doctor", "--json"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let report: Value = serde_json::from_str(&ran.out).expect("an object");
    assert_eq!(report["ok"], false);
    assert_eq!(status(&report, "root secret"), "fail");
    assert_eq!(status(&report, "signing keys"), "fail");
    let wrong = Cli::new()
        .with("DOORWARD__SERVER__LISTN", "x")
        .run(&["doctor"]);
    assert_eq!(wrong.code, 1, "{wrong:?}");
    assert!(
        wrong.out.contains("FAIL") && wrong.out.contains("server.listen"),
        "{wrong:?}"
    );
}

#[test]
fn what_development_left_behind_is_mentioned_in_production() {
    let cli = Cli::new();
    cli.run(&["user", "add", "demo@example.com"]).done(&[]);
    let report = cli.json(&["doctor", "--issuer", "https://id.invalid"]);
    assert_eq!(status(&report, "demo user"), "warn");
    assert_eq!(status(&report, "issuer"), "warn");
}

#[test]
fn a_proxy_that_nobody_trusts_is_mentioned() {
    let production = ["doctor", "--issuer", "https://id.invalid"];
    let cli = Cli::new();
    cli.run(&["client", "list"]).done(&[]);
    assert_eq!(status(&cli.json(&production), "proxy"), "warn");
    let cli = cli.with("DOORWARD__SERVER__TRUSTED_PROXIES", "[\"127.0.0.1\"]");
    assert_eq!(status(&cli.json(&production), "proxy"), "ok");
}

#[test]
fn it_says_whether_letters_leave() {
    let production = ["doctor", "--issuer", "https://id.invalid"];
    let cli = Cli::new();
    cli.run(&["client", "list"]).done(&[]);
    assert_eq!(status(&cli.json(&["doctor"]), "mail"), "ok");
    let report = cli.json(&production);
    assert_eq!(status(&report, "mail"), "warn");
    assert_eq!(status(&report, "outbox"), "ok");
    // Nobody listens on port 1.
    let cli = cli
        .with("DOORWARD__MAIL__SERVER", "127.0.0.1")
        .with("DOORWARD__MAIL__PORT", "1")
        .with("DOORWARD__MAIL__SECURITY", "none")
        .with("DOORWARD__MAIL__FROM", "no-reply@id.example");
    let ran = cli.run(&production);
    assert_eq!(ran.code, 1, "{ran:?}");
    for words in ["FAIL  mail", "127.0.0.1 on port 1", "refused"] {
        assert!(ran.out.contains(words), "no {words}: {ran:?}");
    }
}
