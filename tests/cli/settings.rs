//! Settings: where they come from, which source wins, and what is said when one is wrong.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::Cli;

impl Cli {
    /// The settings in effect.
    fn settings(&self, flags: &[&str]) -> Value {
        let arguments = [&["config", "check"], flags].concat();
        self.json(&arguments)["settings"].take()
    }
}

#[test]
fn the_defaults_are_development_mode() {
    let cli = Cli::new();
    let answer = cli.json(&["config", "check"]);
    assert_eq!(answer["mode"], "development");
    let settings = &answer["settings"];
    assert_eq!(settings["data_dir"], "data");
    assert_eq!(settings["server"]["listen"], "127.0.0.1:8080");
    assert_eq!(settings["server"]["issuer"], "http://localhost:8080");
    assert_eq!(settings["database"]["url"], "sqlite://data/doorward.db");
    // Looking at the settings makes nothing.
    assert!(!cli.path("data").exists());
}

#[test]
fn flags_win_over_environment_over_file_over_defaults() {
    let cli = Cli::new();
    cli.write(
        "doorward.toml",
        "[server]\nissuer = \"https://file.example\"\n[tokens]\naccess_seconds = 60\nid_seconds = 70\n",
    );
    let issuer = |cli: &Cli, flags: &[&str]| cli.settings(flags)["server"]["issuer"].clone();
    assert_eq!(issuer(&cli, &[]), "https://file.example");
    let cli = cli
        .with("DOORWARD__SERVER__ISSUER", "https://environment.example")
        .with("DOORWARD__TOKENS__ACCESS_SECONDS", "90");
    assert_eq!(issuer(&cli, &[]), "https://environment.example");
    let flags = ["--issuer", "https://flag.example"];
    assert_eq!(issuer(&cli, &flags), "https://flag.example");
    let tokens = &cli.settings(&flags)["tokens"];
    assert_eq!(
        [
            &tokens["access_seconds"],
            &tokens["id_seconds"],
            &tokens["code_seconds"]
        ],
        [90, 70, 60]
    );
}

#[test]
fn the_file_is_named_by_flag_or_environment_or_lies_here() {
    let cli = Cli::new().with("DOORWARD_CONFIG", "second.toml");
    for name in ["doorward", "second", "third"] {
        let text = format!("[server]\nissuer = \"https://{name}.example\"\n");
        cli.write(&format!("{name}.toml"), &text);
    }
    assert_eq!(cli.json(&["config", "check"])["file"], "second.toml");
    let third = cli.json(&["config", "check", "--config", "third.toml"]);
    assert_eq!(
        third["settings"]["server"]["issuer"],
        "https://third.example"
    );
    cli.run(&["--config", "fourth.toml"])
        .refused(2, &["fourth.toml", "no such file"]);
}

#[test]
fn the_issuer_follows_the_port_until_it_is_set() {
    let cli = Cli::new();
    let settings = cli.settings(&["--listen", "127.0.0.1:9000"]);
    assert_eq!(settings["server"]["issuer"], "http://localhost:9000");
    // A listener that others reach makes it production, where nobody but the operator knows.
    cli.run(&["--listen", "0.0.0.0:9000"])
        .refused(2, &["server.issuer", "https://"]);
}

#[test]
fn an_unknown_setting_is_refused_with_what_was_meant() {
    for (text, words) in [
        ("[server]\nissue = \"x\"", ["server.issue", "server.issuer"]),
        (
            "[serever]\nissuer = \"x\"",
            ["serever", "did you mean server"],
        ),
        (
            "listen = \"127.0.0.1:1\"",
            ["listen", "did you mean server.listen"],
        ),
        (
            "[tokens]\nacces_seconds = 5",
            ["acces_seconds", "tokens.access_seconds"],
        ),
        (
            "[frobnicate]\nx = 5",
            ["frobnicate", "known here: data_dir, server"],
        ),
    ] {
        let cli = Cli::new();
        cli.write("doorward.toml", text);
        let ran = cli.run(&[]);
        ran.refused(2, &words).refused(2, &["doorward.toml"]);
    }
    for (name, words) in [
        ("DOORWARD__SERVER__LISTN", ["server.listn", "server.listen"]),
        ("DOORWARD__ISSUER", ["issuer", "did you mean server.issuer"]),
    ] {
        let ran = Cli::new().with(name, "x").run(&[]);
        ran.refused(2, &words).refused(2, &["environment"]);
    }
}

#[test]
fn a_value_of_the_wrong_kind_is_refused_and_not_shown() {
    for (text, words) in [
        (
            "[tokens]\naccess_seconds = \"s3cret\"",
            "tokens.access_seconds",
        ),
        ("[tokens]\naccess_seconds = -5", "whole number"),
        ("[tokens]\ncode_seconds = 61", "at most 60"),
        ("[server]\nlisten = \"s3cret\"", "127.0.0.1:8080"),
        ("[secrets]\nroot = s3cret", "line 2"),
        ("[secrets\nroot = \"s3cret\"", "line 1"),
        (
            "[database]\nurl = \"mysql://root:s3cret@db\"",
            "database.url",
        ),
        ("[database]\nurl = \"sqlite://:memory:\"", "name a file"),
        ("[secrets]\nroot = [\"s3cret\"]", "secrets.root"),
    ] {
        let cli = Cli::new().with("DOORWARD__SERVER__ISSUER", "https://id.example");
        cli.write("doorward.toml", text);
        let ran = cli.run(&[]);
        ran.refused(2, &[words]);
        assert!(!ran.err.contains("s3cret"), "{ran:?}");
    }
}

#[test]
fn production_refuses_an_issuer_that_is_no_https_origin() {
    for issuer in [
        "http://localhost:8080",
        "http://id.example",
        "https://id.example/",
        "https://id.example/tenant",
        "https://ID.example",
        "https://id.example?x=1",
        "https://ada:s3cret@id.example",
        "id.example",
    ] {
        let cli = Cli::new();
        cli.write(
            "doorward.toml",
            &format!("[server]\nissuer = \"{issuer}\"\n"),
        );
        cli.run(&[]).refused(2, &["server.issuer"]);
        assert!(!cli.path("data").exists(), "{issuer}");
    }
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "how long a person waits is measured by the machine's clock"
)]
fn ad_5_wrong_settings_are_refused_at_once() {
    let cli = Cli::new();
    cli.write("doorward.toml", "[server]\nissue = \"x\"\n");
    // The best of a few, because other tests run beside this one.
    let quickest = (0..5).map(|_| {
        let began = Instant::now();
        cli.run(&[]).refused(2, &[]);
        began.elapsed()
    });
    let quickest = quickest.min().unwrap_or_default();
    assert!(quickest < Duration::from_secs(1), "took {quickest:?}");
}
