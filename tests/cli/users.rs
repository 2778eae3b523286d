//! `doorward user`.

use entity::{Db, user};
use serde_json::{Value, json};

use super::{Cli, is_time};

const ADA: &str = "ada@example.com";
const PASSWORD: &str = "a bridge of nine swallows";

#[test]
fn a_user_is_added_shown_listed_and_removed() {
    let cli = Cli::new();
    let added = cli.json(&[
        "user",
        "add",
        "Ada@Example.com",
        "--name",
        "Ada",
        "--email-verified",
    ]);
    let sub = added["sub"].as_str().expect("a sub");
    assert_eq!(
        [&added["email"], &added["name"], &added["role"]],
        [ADA, "Ada", "user"]
    );
    assert_eq!(added["has_password"], false);
    assert_eq!(added.get("password"), None);
    for time in ["email_verified", "created_at", "updated_at"] {
        is_time(&added[time]);
    }
    for key in [ADA, "ADA@example.com", sub] {
        assert_eq!(cli.json(&["user", "show", key]), added);
    }
    cli.run(&["user", "show", ADA])
        .done(&[sub, ADA, "Ada", "user"]);
    assert_eq!(cli.json(&["user", "list"]), json!({ "users": [added] }));
    cli.run(&["user", "list"]).done(&[sub, ADA, "no password"]);
    cli.run(&["user", "remove", ADA]).done(&[ADA, sub]);
    cli.run(&["user", "list"]).done(&["doorward user add"]);
}

#[test]
fn jw_10_a_user_may_have_every_standard_claim_and_no_other() {
    let cli = Cli::new();
    cli.write(
        "claims.json",
        r#"{"locale": "en", "address": {"country": "France"}}"#,
    );
    cli.run(&["user", "add", ADA, "--claims", "claims.json"])
        .done(&[ADA]);
    cli.write("wrong.json", r#"{"shoe_size": 38}"#);
    let refused = ["user", "add", "bob@example.com", "--claims", "wrong.json"];
    cli.run(&refused)
        .refused(2, &["--claims wrong.json", "shoe_size"]);
    let users = cli.json(&["user", "list"])["users"].take();
    assert_eq!(users.as_array().map(Vec::len), Some(1));
}

#[test]
fn a_password_comes_from_stdin_a_file_or_us() {
    let cli = Cli::new();
    cli.write("password", &format!("{PASSWORD}\n"));
    cli.told(&["user", "add", ADA, "--password-stdin"], PASSWORD)
        .done(&["/login"]);
    cli.run(&[
        "user",
        "add",
        "bob@example.com",
        "--password-file",
        "password",
    ])
    .done(&[]);
    let made = cli.json(&["user", "add", "cyd@example.com", "--generate-password"]);
    let password = made["password"].as_str().expect("a password");
    assert_eq!(password.len(), 16, "{password}");
    let users = cli.json(&["user", "list"])["users"].take();
    let users = users.as_array().expect("users");
    assert!(
        users.iter().all(|user| user["has_password"] == true),
        "{users:?}"
    );

    let set = cli.json(&["user", "set-password", ADA, "--generate-password"]);
    assert_ne!(set["password"], made["password"]);
    let told = cli.told(
        &["user", "set-password", ADA, "--password-stdin", "--json"],
        PASSWORD,
    );
    let told: Value = serde_json::from_str(&told.out).expect("an object");
    assert_eq!(told["password"], Value::Null);
    cli.run(&["user", "set-password", ADA])
        .refused(2, &["--password-stdin"]);
    cli.run(&["user", "set-password", ADA, "--password-file", "nowhere"])
        .refused(2, &["nowhere"]);
    cli.told(
        &["user", "set-password", ADA, "--password-stdin"],
        "password1",
    )
    .refused(2, &["easy to guess"]);
    cli.run(&[
        "user",
        "set-password",
        ADA,
        "--password-stdin",
        "--generate-password",
    ])
    .refused(2, &["cannot be used with"]);
}

#[test]
fn a_user_is_disabled_and_enabled() {
    let cli = Cli::new();
    cli.run(&["user", "add", ADA]).done(&["user set-password"]);
    is_time(&cli.json(&["user", "disable", ADA])["disabled_at"]);
    cli.run(&["user", "disable", ADA])
        .done(&["was disabled before"]);
    cli.run(&["user", "list"]).done(&["disabled"]);
    assert_eq!(
        cli.json(&["user", "enable", ADA])["disabled_at"],
        Value::Null
    );
}

#[tokio::test]
async fn a_user_who_is_leaving_is_shown_and_kept_by_the_operator() {
    let cli = Cli::new();
    let sub = cli.json(&["user", "add", ADA])["sub"].take();
    assert_eq!(cli.json(&["user", "show", ADA])["deletes_at"], Value::Null);
    let leave = async || {
        let url = format!("sqlite://{}", cli.path("data/doorward.db").display());
        let db = Db::connect(&url, 1).await.expect("the database");
        let id = sub
            .as_str()
            .and_then(|sub| sub.parse().ok())
            .expect("an id");
        let at = "2199-01-01T00:00:00Z".parse().expect("a time");
        let now = "2026-01-01T00:00:00Z".parse().expect("a time");
        assert!(
            user::leaving::leave(&db.write, id, at, now)
                .await
                .expect("a change")
        );
        db.read.close().await.expect("a closed connection");
        db.write.close().await.expect("a closed connection");
    };
    leave().await;
    let shown = cli.json(&["user", "show", ADA]);
    assert_eq!(shown["deletes_at"], "2199-01-01T00:00:00.000Z");
    is_time(&shown["disabled_at"]);
    cli.run(&["user", "show", ADA])
        .done(&["deletes_at", "2199-01-01T00:00:00.000Z"]);
    cli.run(&["user", "list"]).done(&["leaving"]);
    let enabled = cli.json(&["user", "enable", ADA]);
    assert_eq!(
        [&enabled["disabled_at"], &enabled["deletes_at"]],
        [&Value::Null; 2]
    );
    // Who is shut by an operator is not removed by their own word, and does not come back by it.
    leave().await;
    cli.run(&["user", "disable", ADA]).done(&["is disabled"]);
    let disabled = cli.json(&["user", "show", ADA]);
    is_time(&disabled["disabled_at"]);
    assert_eq!(disabled["deletes_at"], Value::Null);
}

#[test]
fn what_cannot_be_a_user_is_refused() {
    let cli = Cli::new();
    cli.run(&["user", "add", ADA]).done(&[]);
    cli.run(&["user", "add", ADA])
        .refused(1, &["belongs to an account"]);
    cli.run(&["user", "add", "ada"]).refused(2, &["address"]);
    for verb in ["show", "disable", "enable", "remove"] {
        cli.run(&["user", verb, "bob@example.com"])
            .refused(3, &["bob@example.com", "user list"]);
    }
}
