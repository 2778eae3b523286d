//! Secrets: read from files, hidden when shown, refused where others could see them.

use std::{fs, os::unix::fs::PermissionsExt};

use super::Cli;

/// 32 bytes in base64 that are secret to nobody.
const ROOT: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

#[test]
fn each_secret_can_be_a_file() {
    let cli = Cli::new()
        .with("DOORWARD__DATABASE__URL_FILE", "url")
        .with("DOORWARD__SECRETS__ROOT_FILE", "root");
    cli.write("url", "sqlite://elsewhere/house.db\n");
    cli.write("root", &format!("{ROOT}\n"));
    cli.run(&["client", "list"]).done(&[]);
    assert!(cli.path("elsewhere/house.db").exists());
    assert!(!cli.path("data/root.secret").exists());
    // The same root in its other form opens the same keys.
    let other = Cli::new()
        .with("DOORWARD__DATABASE__URL_FILE", "url")
        .with("DOORWARD__SECRETS__ROOT", ROOT);
    other.write(
        "url",
        &format!("sqlite://{}", cli.path("elsewhere/house.db").display()),
    );
    let keys = |cli: &Cli| cli.json(&["key", "list"]);
    assert_eq!(keys(&other), keys(&cli));
}

#[test]
fn a_secret_of_a_stronger_source_replaces_both_forms_of_a_weaker_one() {
    let cli = Cli::new();
    cli.write("url", "sqlite://from-file/house.db");
    cli.write(
        "doorward.toml",
        "[server]\nissuer = \"https://id.example\"\n[database]\nurl_file = \"url\"\n",
    );
    cli.run(&[
        "client",
        "list",
        "--database-url",
        "sqlite://from-flag/house.db",
    ])
    .done(&[]);
    assert!(cli.path("from-flag/house.db").exists());
    assert!(!cli.path("from-file").exists());
}

#[test]
fn both_forms_in_one_source_are_refused() {
    let cli = Cli::new();
    cli.write(
        "doorward.toml",
        "[server]\nissuer = \"https://id.example\"\n[secrets]\nroot = \"x\"\nroot_file = \"y\"\n",
    );
    cli.run(&[])
        .refused(2, &["secrets.root", "secrets.root_file"]);
}

#[test]
fn settings_are_shown_without_secrets() {
    let cli = Cli::new()
        .with(
            "DOORWARD__DATABASE__URL",
            "postgres://ada:s3cret@db.example/house",
        )
        .with("DOORWARD__SECRETS__ROOT", ROOT);
    for arguments in [&["config", "check"][..], &["config", "check", "--json"]] {
        let ran = cli.run(arguments);
        ran.done(&["(set)"]);
        assert!(
            !ran.out.contains("s3cret") && !ran.out.contains(ROOT),
            "{ran:?}"
        );
    }
}

#[test]
fn a_root_secret_that_others_may_read_is_refused() {
    let cli = Cli::new();
    cli.run(&["client", "list"]).done(&[]);
    let root = cli.path("data/root.secret");
    for mode in [0o644, 0o640, 0o604] {
        fs::set_permissions(&root, fs::Permissions::from_mode(mode)).expect("its permissions");
        for verb in [
            &["client", "list"][..],
            &["serve", "--listen", "127.0.0.1:0"],
        ] {
            cli.run(verb).refused(2, &["root.secret", "chmod 600"]);
        }
    }
}

#[test]
fn a_root_secret_that_is_none_is_refused() {
    for (root, word) in [
        ("changeme", "32 bytes in base64"),
        ("", "32 bytes in base64"),
        (
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            "no randomness",
        ),
    ] {
        let cli = Cli::new().with("DOORWARD__SECRETS__ROOT_FILE", "root");
        cli.write("root", root);
        cli.run(&["client", "list"]).refused(2, &[word]);
    }
    let missing = Cli::new().with("DOORWARD__SECRETS__ROOT_FILE", "root");
    missing
        .run(&["client", "list"])
        .refused(2, &["root", "No such file"]);
    assert!(!missing.path("root").exists());
}

#[test]
fn another_root_secret_than_before_is_noticed() {
    let cli = Cli::new();
    cli.run(&["client", "list"]).done(&[]);
    let cli = cli.with("DOORWARD__SECRETS__ROOT", ROOT);
    cli.run(&["client", "list"])
        .refused(1, &["another root secret"]);
}

#[test]
fn no_secret_is_taken_from_the_command_line() {
    let cli = Cli::new();
    for arguments in [
        &[
            "user",
            "add",
            "ada@example.com",
            "--password",
            "s3cret-word",
        ][..],
        &["user", "add", "ada@example.com", "--password=s3cret-word"],
        &[
            "user",
            "set-password",
            "ada@example.com",
            "--password",
            "s3cret-word",
        ],
        &["--database-url", "postgres://ada:s3cret@db.example/house"],
        &[
            "client",
            "list",
            "--database-url",
            "postgres://db.example/house?password=s3cret",
        ],
        &["client", "add", "App", "--client-secret", "s3cret-word"],
        &["--root", "s3cret-word"],
    ] {
        let ran = cli.run(arguments);
        ran.refused(2, &[]);
        assert!(!ran.err.contains("s3cret"), "{ran:?}");
    }
    assert!(!cli.path("data").exists());
}
