//! Hardness: settings and names that somebody could hide a line in (DO-8, CN-10), and what the verbs
//! show of secrets (AD-3) and of what went wrong (AD-5).

use serde_json::Value;

use super::Cli;

const CALLBACK: &str = "https://app.example/cb";

#[test]
fn do_8_no_setting_holds_a_second_line() {
    for (name, value) in [
        ("SERVER__ISSUER", "http://localhost:8080\r\nX-Evil: 1"),
        ("SERVER__CLIENT_CERTIFICATE_HEADER", "Client-Cert\r\nX-Evil"),
        ("SERVER__CLIENT_CERTIFICATE_HEADER", "Client Cert"),
        ("SERVER__CLIENT_CERTIFICATE_HEADER", "Client-Cert: x"),
        ("MAIL__FROM", "no-reply@example.com\r\nBcc: eve@example.com"),
        ("MAIL__FROM", "Shop\n <no-reply@example.com>"),
        ("MAIL__SERVER", "smtp.example.com\r\nX"),
        ("FETCH__PRIVATE_ORIGINS", "[\"http://10.0.0.1\\r\\nX: 1\"]"),
        ("TOKENS__AUDIENCE", "https://api.example\nx"),
    ] {
        let cli = Cli::new()
            .with("DOORWARD__SERVER__TRUSTED_PROXIES", "[\"10.0.0.1\"]")
            .with("DOORWARD__MAIL__SERVER", "localhost")
            .with("DOORWARD__MAIL__FROM", "no-reply@example.com")
            .with(&format!("DOORWARD__{name}"), value);
        let ran = cli.run(&["config", "check"]);
        assert_eq!(
            (ran.code, ran.out.as_str()),
            (2, ""),
            "{name} {value:?}: {ran:?}"
        );
        assert_eq!(ran.err.lines().count(), 1, "{name} {value:?}: {ran:?}");
        assert!(!cli.path("data").exists());
    }
    // Without the line, each of them is a setting that can be.
    let cli = Cli::new()
        .with("DOORWARD__SERVER__TRUSTED_PROXIES", "[\"10.0.0.1\"]")
        .with("DOORWARD__SERVER__CLIENT_CERTIFICATE_HEADER", "Client-Cert")
        .with("DOORWARD__MAIL__SERVER", "localhost")
        .with("DOORWARD__MAIL__FROM", "Shop <no-reply@example.com>")
        .with("DOORWARD__FETCH__PRIVATE_ORIGINS", "[\"http://10.0.0.1\"]")
        .with("DOORWARD__TOKENS__AUDIENCE", "https://api.example");
    cli.run(&["config", "check"]).done(&[]);
}

#[test]
fn cn_10_the_command_line_takes_no_name_that_hides_or_turns_around() {
    let cli = Cli::new();
    for name in [
        "Your\u{200b}Bank",
        "\u{202e}knaB ruoY",
        "\u{2066}Bank",
        "Bank\u{ad}",
        "\u{feff}Bank",
        "\u{3164}",
        "Bank\nYes",
        "Bank\u{e0041}",
    ] {
        let ran = cli.run(&["client", "add", name, "--redirect", CALLBACK]);
        ran.refused(2, &["name"]);
        assert!(!ran.err.contains(name), "{ran:?}");
    }
    assert_eq!(
        cli.json(&["client", "list"])["clients"]
            .as_array()
            .map(Vec::len),
        Some(0)
    );
    let added = cli.json(&["client", "add", "Your Bank", "--redirect", CALLBACK]);
    let id = added["client_id"].as_str().expect("an id");
    cli.run(&["client", "update", id, "--name", "Your\u{200b}Bank"])
        .refused(2, &["name"]);
    assert_eq!(
        cli.json(&["client", "show", id])["client_name"],
        "Your Bank"
    );
}

/// Every text in an answer, however deep, with the names that lead to it.
fn texts(value: &Value, place: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(all) => {
            for (name, value) in all {
                texts(value, &format!("{place}.{name}"), found);
            }
        }
        Value::Array(all) => all.iter().for_each(|value| texts(value, place, found)),
        Value::String(text) => found.push((place.to_owned(), text.clone())),
        _ => {}
    }
}

#[test]
fn ad_3_no_verb_shows_a_secret_a_second_time() {
    let cli = Cli::new()
        .with("DOORWARD__MAIL__SERVER", "localhost")
        .with("DOORWARD__MAIL__FROM", "no-reply@example.com")
        .with("DOORWARD__MAIL__USERNAME", "shop")
        .with("DOORWARD__MAIL__PASSWORD", "canary-of-the-post-office");
    let added = cli.json(&["client", "add", "App", "--redirect", CALLBACK]);
    let id = added["client_id"].as_str().expect("an id");
    let secret = added["client_secret"].as_str().expect("a secret");
    let made = cli.json(&["user", "add", "ada@example.com", "--generate-password"]);
    let password = made["password"].as_str().expect("a password");
    for verb in [
        &["client", "list"][..],
        &["client", "show", id],
        &["client", "update", id, "--name", "Other"],
        &["user", "list"],
        &["user", "show", "ada@example.com"],
        &["key", "list"],
        &["config", "check"],
        &["doctor"],
    ] {
        let ran = cli.run(&[verb, &["--json"]].concat());
        let plain = cli.run(verb);
        for said in [&ran.out, &ran.err, &plain.out, &plain.err] {
            for hidden in [
                secret,
                &secret[3..],
                password,
                "canary-of-the-post-office",
                "$argon2",
                "PRIVATE KEY",
            ] {
                assert!(!said.contains(hidden), "{verb:?}: {said}");
            }
        }
        let told: Value = serde_json::from_str(&ran.out).unwrap_or_default();
        let mut found = Vec::new();
        texts(&told, "", &mut found);
        for (place, text) in found {
            // A digest has 43 letters of base64url, as a secret has behind its prefix.
            let last = place.rsplit('.').next().unwrap_or_default();
            let odd = text.len() == 43 && !["kid", "jkt", "x5t"].contains(&last);
            assert!(!odd, "{verb:?} {place}: {text}");
        }
    }
}

#[test]
fn ad_5_what_went_wrong_is_told_without_what_was_secret() {
    let url = "postgres://admin:canary-of-the-database@127.0.0.1:1/door";
    let cli = Cli::new().with("DOORWARD__DATABASE__URL", url);
    for verb in [
        &["client", "list"][..],
        &["migrate", "status"],
        &["user", "list", "--json"],
        &["doctor"],
    ] {
        let ran = cli.run(verb);
        assert_ne!(ran.code, 0, "{ran:?}");
        assert!(
            !format!("{}{}", ran.out, ran.err).contains("canary"),
            "{ran:?}"
        );
    }
    // It listens to this machine alone until somebody says otherwise, and then only as itself.
    let settings = Cli::new().json(&["config", "check"])["settings"].take();
    assert_eq!(settings["server"]["listen"], "127.0.0.1:8080");
    assert_eq!(settings["server"]["trusted_proxies"], serde_json::json!([]));
    Cli::new()
        .run(&["--listen", "0.0.0.0:0"])
        .refused(2, &["server.issuer"]);
}
