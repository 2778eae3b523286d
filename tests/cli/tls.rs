//! TLS by settings: what is wrong with the files is said at once, in one line; `doctor` says for
//! whom the certificate is and for how long; SIGHUP reads it anew.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    process::Command,
    time::{Duration, Instant},
};

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use serde_json::Value;

use super::{Cli, serving::Running};

/// What is done to the files before a run.
type Damage<'a> = &'a dyn Fn(&Cli);

/// A key, and a certificate with it for `host` until the end of the year.
fn made(host: &str, until: i32) -> (String, String) {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new([host.to_owned()]).expect("a name");
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(until, 12, 31);
    let certificate = params.self_signed(&key).expect("a certificate");
    (certificate.pem(), key.serialize_pem())
}

impl Cli {
    /// In production mode with TLS, for `id.house.example`.
    fn with_tls() -> Self {
        let cli = Self::new()
            .with("DOORWARD__SERVER__ISSUER", "https://id.house.example")
            .with("DOORWARD__SERVER__TLS__CERTIFICATE", "server.pem")
            .with("DOORWARD__SERVER__TLS__KEY", "server.key");
        let (certificate, key) = made("id.house.example", 2999);
        cli.write("server.pem", &certificate);
        cli.write("server.key", &key);
        cli
    }
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "how long a person waits is measured by the machine's clock"
)]
fn files_that_cannot_be_used_are_refused_at_once_and_in_one_line() {
    let (other, other_key) = made("id.house.example", 2999);
    let breaks: [(Damage<'_>, &[&str]); 7] = [
        (
            &|cli| fs::remove_file(cli.path("server.pem")).expect("a file"),
            &["server.tls.certificate", "server.pem"],
        ),
        (
            &|cli| fs::remove_file(cli.path("server.key")).expect("a file"),
            &["server.tls.key", "server.key"],
        ),
        (
            &|cli| cli.write("server.pem", "no certificate"),
            &["server.tls.certificate", "no certificate in PEM"],
        ),
        (
            &|cli| cli.write("server.key", &other),
            &["server.tls.key", "no private key"],
        ),
        (
            &|cli| cli.write("server.key", &other_key),
            &["server.tls", "is not that of the certificate"],
        ),
        (
            &|cli| {
                let open = fs::Permissions::from_mode(0o644);
                fs::set_permissions(cli.path("server.key"), open).expect("its permissions");
            },
            &["server.tls.key", "chmod 600"],
        ),
        (
            &|cli| {
                fs::remove_file(cli.path("server.key")).expect("a file");
                fs::create_dir(cli.path("server.key")).expect("a folder");
            },
            &["server.tls.key", "directory"],
        ),
    ];
    let mut quickest = Duration::MAX;
    for (damage, words) in breaks {
        let cli = Cli::with_tls();
        damage(&cli);
        let began = Instant::now();
        cli.run(&["--listen", "127.0.0.1:0"]).refused(2, words);
        quickest = quickest.min(began.elapsed());
        cli.run(&["config", "check"]).refused(2, words);
        // Nothing was made before that was clear.
        assert!(!cli.path("data").exists());
        let ran = cli.run(&["doctor"]);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.out.contains("FAIL  certificate"), "{ran:?}");
    }
    // The best of them, because other tests run beside this one.
    assert!(quickest < Duration::from_secs(1), "took {quickest:?}");
}

#[test]
fn settings_that_do_not_go_together_are_refused() {
    let tls = "[server.tls]\ncertificate = \"a\"\nkey = \"b\"\n";
    for (server, rest, words) in [
        (
            "",
            "[server.tls]\ncertificate = \"a\"\n",
            "server.tls.key is not",
        ),
        (
            "",
            "[server.tls]\nkey = \"a\"\n",
            "server.tls.certificate is not",
        ),
        (
            "",
            "[server.tls]\ncert = \"a\"\n",
            "did you mean server.tls.certificate",
        ),
        (
            "",
            "[server.mtls]\nlisten = \"127.0.0.1:1\"\nurl = \"https://mtls.example\"\n",
            "needs server.tls",
        ),
        (
            "",
            &format!("{tls}[server.mtls]\nlisten = \"127.0.0.1:1\"\n"),
            "needs server.mtls.url",
        ),
        (
            "",
            &format!(
                "{tls}[server.mtls]\nlisten = \"127.0.0.1:1\"\nurl = \"http://mtls.example\"\n"
            ),
            "https origin",
        ),
        (
            "",
            &format!(
                "{tls}[server.mtls]\nlisten = \"127.0.0.1:1\"\nurl = \"https://mtls.example/\"\n"
            ),
            "https origin",
        ),
        (
            "",
            &format!(
                "{tls}[server.mtls]\nlisten = \"127.0.0.1:1\"\nurl = \"https://id.house.example\"\n"
            ),
            "another origin",
        ),
        (
            "",
            "[server.mtls]\nurl = \"https://mtls.example\"\n",
            "server.client_certificate_header",
        ),
        (
            "client_certificate_header = \"Client-Cert\"\n",
            "",
            "needs server.trusted_proxies",
        ),
        (
            "client_certificate_header = \"Client Cert\"\ntrusted_proxies = [\"10.0.0.1\"]\n",
            "",
            "name of a header",
        ),
        (
            "client_certificate_authorities = \"a\"\n",
            "",
            "needs server.mtls.listen",
        ),
        ("trusted_proxies = [\"proxy.example\"]\n", "", "10.0.0.0/8"),
        (
            "trusted_proxies = [\"10.0.0.0/33\"]\n",
            "",
            "server.trusted_proxies",
        ),
    ] {
        let cli = Cli::new();
        let text = format!("[server]\nissuer = \"https://id.house.example\"\n{server}{rest}");
        cli.write("doorward.toml", &text);
        cli.run(&[]).refused(2, &[words]);
    }
    let cli = Cli::new();
    cli.write("doorward.toml", tls);
    cli.run(&["--issuer", "http://localhost:8080"])
        .refused(2, &["https://"]);
}

#[test]
fn authorities_that_cannot_be_read_are_refused() {
    let cli = Cli::with_tls()
        .with("DOORWARD__SERVER__MTLS__LISTEN", "127.0.0.1:0")
        .with(
            "DOORWARD__SERVER__MTLS__URL",
            "https://mtls.id.house.example",
        )
        .with("DOORWARD__SERVER__CLIENT_CERTIFICATE_AUTHORITIES", "ca.pem");
    cli.run(&["config", "check"]).refused(2, &["ca.pem"]);
    cli.write("ca.pem", "nobody");
    let words = ["client_certificate_authorities", "no certificate in PEM"];
    cli.run(&["config", "check"]).refused(2, &words);
    let ran = cli.run(&["--listen", "127.0.0.1:0"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains(words[1]), "{ran:?}");
}

#[test]
fn the_doctor_says_for_whom_the_certificate_is_and_for_how_long() {
    let judged = |host: &str, until: i32| {
        let cli = Cli::with_tls();
        let (certificate, key) = made(host, until);
        cli.write("server.pem", &certificate);
        cli.write("server.key", &key);
        let ran = cli.run(&["doctor", "--json"]);
        let report: Value = serde_json::from_str(&ran.out).expect("an object");
        let checks = report["checks"].as_array().expect("checks").clone();
        let found = checks.iter().find(|found| found["check"] == "certificate");
        let found = found.expect("a finding");
        format!("{} {}", found["status"], found["text"])
    };
    let good = judged("id.house.example", 2999);
    assert!(
        good.contains("ok") && good.contains("until 2999-12-31"),
        "{good}"
    );
    let good = judged("*.house.example", 2999);
    assert!(good.contains("ok"), "{good}");
    let old = judged("id.house.example", 2021);
    assert!(
        old.contains("fail") && old.contains("expired on 2021-12-31"),
        "{old}"
    );
    let other = judged("other.example", 2999);
    assert!(
        other.contains("fail") && other.contains("not for id.house.example"),
        "{other}"
    );
    let cli = Cli::new();
    let report = cli.json(&["doctor", "--listen", "127.0.0.1:1"]);
    let checks = report["checks"].as_array().expect("checks");
    assert!(checks.iter().all(|found| found["check"] != "certificate"));
}

#[test]
fn a_hangup_reads_the_certificate_anew_and_ends_nothing() {
    let cli = Cli::with_tls();
    let mut server = Running::start(&cli, &[]);
    let (certificate, key) = made("id.house.example", 2998);
    cli.write("server.pem", &certificate);
    cli.write("server.key", &key);
    let pid = server.id();
    let sent = Command::new("kill").args(["-s", "HUP", &pid]).status();
    assert!(sent.expect("a signal").success());
    server.has_logged("the certificate was read anew");
    server.stop("TERM");
}
