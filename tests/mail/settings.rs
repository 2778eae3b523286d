//! `[mail]`: what is filled in, and what is refused before anything is served.

use doorward::{
    config::{Config, ConfigError, Sources},
    mail::delivery::Mailer,
};

use crate::support::folder::Folder;

/// The settings of a file with these lines under `[mail]`.
fn read(mail: &str) -> Result<Config, ConfigError> {
    let folder = Folder::new();
    let file = folder.path().join("doorward.toml");
    std::fs::write(folder.path().join("password"), "swallow\n").expect("a file");
    let mail = mail.replace("HERE", &folder.path().display().to_string());
    let issuer = "[server]\nissuer = \"https://id.example\"\n";
    std::fs::write(&file, format!("{issuer}[mail]\n{mail}\n")).expect("a file");
    Config::load(&Sources {
        file: Some(file),
        ..Sources::default()
    })
}

/// What every mail server needs.
const BOTH: &str = "server = \"smtp.example.com\"\nfrom = \"The Door <no-reply@id.example>\"\n";

#[test]
fn the_port_is_the_one_of_the_security() {
    for (more, port) in [
        ("", 587),
        ("security = \"starttls\"", 587),
        ("security = \"tls\"", 465),
        ("security = \"tls\"\nport = 2525", 2525),
    ] {
        let config = read(&format!("{BOTH}{more}")).expect("settings");
        assert_eq!(config.mail.port(), port, "{more}");
        let mailer = Mailer::new(&config.mail).expect("a mailer");
        let shown = format!("{mailer:?}", mailer = mailer.expect("a server"));
        assert_eq!(shown, format!("Mailer(smtp.example.com on port {port})"));
    }
    let local = "server = \"localhost\"\nfrom = \"a@b.example\"\nsecurity = \"none\"";
    assert_eq!(read(local).expect("settings").mail.port(), 25);
    let none = read("").expect("settings").mail;
    assert!(Mailer::new(&none).expect("settings").is_none());
}

#[test]
fn a_password_comes_from_a_file_and_is_not_shown() {
    let more = "username = \"ada\"\npassword_file = \"HERE/password\"";
    let config = read(&format!("{BOTH}{more}")).expect("settings");
    assert!(config.mail.password.is_some());
    let shown = serde_json::to_string(&config).expect("JSON");
    assert!(!shown.contains("swallow") && !format!("{config:?}").contains("swallow"));
}

#[test]
fn what_cannot_work_is_refused_with_the_setting_that_is_wrong() {
    for (mail, words) in [
        ("from = \"a@b.example\"", "mail.server is missing"),
        ("port = 25", "mail.server is missing"),
        ("server = \"smtp.example.com\"", "mail.from is missing"),
        ("server = \"smtp.example.com:587\"", "mail.server must be"),
        ("server = \"smtp://example.com\"", "mail.server must be"),
        ("security = \"ssl\"", "mail.security"),
        ("security = \"ssl\"", "starttls, tls, none"),
        ("timeout_milliseconds = 0", "mail.timeout_milliseconds"),
        ("sever = \"smtp.example.com\"", "mail.server"),
        (
            "password = \"x\"\npassword_file = \"HERE/password\"",
            "both set",
        ),
        (
            "username = \"u\"\npassword_file = \"HERE/no\"",
            "mail.password_file",
        ),
    ] {
        let refused = read(mail).expect_err(mail).to_string();
        assert!(refused.contains(words), "{mail}: {refused}");
        assert!(!refused.contains("ssl"), "{refused}");
    }
    for (more, words) in [
        ("username = \"ada\"", "mail.username and mail.password"),
        ("password = \"swallow\"", "mail.username and mail.password"),
        ("security = \"none\"", "mail.security"),
    ] {
        let refused = read(&format!("{BOTH}{more}")).expect_err(more).to_string();
        assert!(refused.contains(words), "{more}: {refused}");
    }
    for from in [
        "",
        "no-reply",
        "a@b@c",
        "A <a@b",
        "a@b.example, c@d.example",
        "A\\nBcc: x <a@b.example>",
        "\u{e4}@b.example",
    ] {
        let mail = format!("server = \"smtp.example.com\"\nfrom = \"{from}\"");
        let refused = read(&mail).expect_err(from).to_string();
        assert!(refused.contains("mail.from must be"), "{from}: {refused}");
    }
}

#[test]
fn what_is_found_out_later_names_its_setting_too() {
    let folder = Folder::new();
    std::fs::write(folder.path().join("text"), "no certificate").expect("a file");
    for (file, words) in [("no", "No such file"), ("text", "no certificates")] {
        let file = folder.path().join(file);
        let config = read(&format!("{BOTH}ca_file = \"{}\"", file.display()));
        let refused = Mailer::new(&config.expect("settings").mail);
        let refused = refused.expect_err(words).to_string();
        assert!(
            refused.contains("mail.ca_file") && refused.contains(words),
            "{refused}"
        );
    }
}
