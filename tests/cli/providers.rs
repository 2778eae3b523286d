//! `[providers.NAME]`: what is wrong with one is said before anybody comes, and secrets are not shown.

use doorward::config::Kind;

use super::Cli;
use crate::upstream::standin::StandIn;

/// A file with a provider in it.
fn file(name: &str, lines: &str) -> String {
    format!("[server]\nissuer = \"https://id.example\"\n[providers.{name}]\n{lines}\n")
}

const GOOGLE: &str = "kind = \"google\"\nclient_id = \"a\"\nclient_secret = \"s3cret\"";

#[test]
fn providers_are_read_from_file_and_environment() {
    let cli = Cli::new().with("DOORWARD__PROVIDERS__GOOGLE__DISPLAY_NAME", "Our Google");
    cli.write("secret", "s3cret\n");
    let corp = "[providers.corp-2]\nkind = \"oidc\"\nissuer = \"https://login.example.com/realms/a\"\n\
        client_id = \"b\"\nclient_secret_file = \"secret\"\nscopes = [\"groups\"]\n\
        claims = { nickname = \"alias\" }\nparameters = { access_type = \"offline\" }\n\
        [providers.hub]\nkind = \"github\"\nclient_id = \"c\"\nclient_secret = \"s3cret\"\n\
        base_url = \"https://github.example.com\"\napi_url = \"https://github.example.com/api/v3\"\n";
    cli.write(
        "doorward.toml",
        &format!("{}{corp}", file("google", GOOGLE)),
    );
    let shown = cli.json(&["config", "check"])["settings"]["providers"].take();
    assert_eq!(shown["google"]["display_name"], "Our Google");
    assert_eq!(shown["google"]["client_secret"], "(set)");
    assert_eq!(shown["corp-2"]["claims"]["nickname"], "alias");
    assert_eq!(shown["corp-2"]["client_secret"], "(set)");
    assert_eq!(shown["hub"]["sign_up"], true);
    assert!(!shown.to_string().contains("s3cret"));
}

#[test]
fn a_provider_that_cannot_work_is_refused() {
    let oidc = "kind = \"oidc\"\nclient_id = \"a\"\n";
    let github = "kind = \"github\"\nclient_id = \"a\"\nclient_secret = \"s3cret\"\n";
    for (name, lines, words) in [
        ("email", GOOGLE.to_owned(), "this name is taken"),
        ("finish", GOOGLE.to_owned(), "this name is taken"),
        ("Google", GOOGLE.to_owned(), "lower-case"),
        ("a_b", GOOGLE.to_owned(), "lower-case"),
        (
            "google",
            "kind = \"google\"\nclient_id = \"a\"".to_owned(),
            "client_secret is missing",
        ),
        (
            "google",
            format!("{GOOGLE}\nclient_secret_file = \"x\""),
            "are both set",
        ),
        (
            "google",
            format!("{GOOGLE}\nbase_url = \"https://x.example\""),
            "means nothing",
        ),
        (
            "google",
            format!("{GOOGLE}\nclient_idd = \"a\""),
            "did you mean providers.google.client_id",
        ),
        (
            "google",
            "kind = \"gogle\"\nclient_id = \"a\"".to_owned(),
            "must be one of: google, github, oidc",
        ),
        ("google", "client_id = \"a\"".to_owned(), "kind"),
        (
            "google",
            format!("{GOOGLE}\nparameters = {{ state = \"x\" }}"),
            "not yours to set",
        ),
        (
            "google",
            format!("{GOOGLE}\nclaims = {{ email_verified = \"x\" }}"),
            "none that can be set",
        ),
        ("google", format!("{GOOGLE}\nscopes = [\"a b\"]"), "scopes"),
        (
            "hub",
            format!("{github}hosted_domain = \"x.example\""),
            "means nothing",
        ),
        (
            "hub",
            format!("{github}base_url = \"http://x.example\""),
            "base_url must be an https URL",
        ),
        ("corp", oidc.to_owned(), "issuer is missing"),
        (
            "corp",
            format!("{oidc}issuer = \"http://x.example\""),
            "issuer must be an https URL",
        ),
        (
            "corp",
            format!("{oidc}issuer = \"https://a:b@x.example\""),
            "issuer must be an https URL",
        ),
        (
            "corp",
            format!("{oidc}issuer = \"https://x.example?a\""),
            "issuer must be an https URL",
        ),
        (
            "corp",
            format!("{oidc}issuer = \"https://x.example\"\norigins = [\"https://y.example/\"]"),
            "origins",
        ),
    ] {
        let cli = Cli::new();
        cli.write("doorward.toml", &file(name, &lines));
        let ran = cli.run(&["config", "check"]);
        ran.refused(2, &[words, name]);
        assert!(!ran.err.contains("s3cret"), "{ran:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_asks_each_provider_and_says_what_to_register_there() {
    let (corp, hub) = (
        StandIn::new(Kind::Oidc).await,
        StandIn::new(Kind::Github).await,
    );
    hub.say(
        "/api/v3/meta",
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}",
    );
    let cli = Cli::new();
    cli.write(
        "doorward.toml",
        &format!(
            "[server]\nissuer = \"https://id.example\"\n[fetch]\nprivate_origins = [\"{0}\", \"{1}\"]\n\
             [providers.corp]\nkind = \"oidc\"\nissuer = \"{0}\"\nclient_id = \"a\"\nclient_secret = \"s3cret\"\n\
             [providers.hub]\nkind = \"github\"\nbase_url = \"{1}\"\napi_url = \"{1}/api/v3\"\nclient_id = \"b\"\n\
             client_secret = \"s3cret\"\n",
            corp.origin, hub.origin
        ),
    );
    let said = || -> Vec<(String, String)> {
        let ran = cli.run(&["doctor", "--json"]);
        assert!(!ran.out.contains("s3cret"), "{ran:?}");
        let report: serde_json::Value = serde_json::from_str(&ran.out).expect("an object");
        let all = report["checks"].as_array().expect("checks").iter();
        all.filter(|one| one["check"] == "provider")
            .map(|one| {
                let text = |name: &str| one[name].as_str().expect("a text").to_owned();
                (text("status"), text("text"))
            })
            .collect()
    };
    let all = tokio::task::block_in_place(said);
    for ((status, text), name) in all.iter().zip(["corp", "hub"]) {
        assert_eq!(status, "ok", "{text}");
        let redirect = format!("https://id.example/upstream/{name}/callback");
        assert!(
            text.contains(&redirect) && text.contains("secret are set"),
            "{text}"
        );
    }
    assert_eq!(all.len(), 2);
    corp.announce(&serde_json::json!({ "issuer": "https://other.example" }));
    hub.say(
        "/api/v3/meta",
        "HTTP/1.1 502 No\r\ncontent-type: text/html\r\ncontent-length: 0\r\n\r\n",
    );
    let all = tokio::task::block_in_place(said);
    for ((status, text), words) in all.iter().zip(["is not that of the issuer", "its API"]) {
        assert_eq!(status, "fail", "{text}");
        assert!(text.contains(words) && text.contains("/callback"), "{text}");
    }
}
