//! `doorward client`.

use serde_json::json;

use super::{Cli, is_time};

const CALLBACK: &str = "https://app.example/callback";

#[test]
fn a_client_is_added_shown_listed_and_removed() {
    let cli = Cli::new();
    let added = cli.json(&["client", "add", "My App", "--redirect", CALLBACK]);
    let id = added["client_id"].as_str().expect("a client_id");
    let secret = added["client_secret"].as_str().expect("a client_secret");
    assert!(secret.starts_with("cs_"), "{secret}");
    let all = "openid profile email address phone offline_access";
    assert_eq!(added["scope"], all);
    assert_eq!(added["token_endpoint_auth_method"], "client_secret_basic");
    is_time(&added["created_at"]);

    let shown = cli.json(&["client", "show", id]);
    assert_eq!(shown["client_name"], "My App");
    assert_eq!(shown["redirect_uris"], json!([CALLBACK]));
    is_time(&shown["updated_at"]);
    let listed = cli.json(&["client", "list"]);
    assert_eq!(listed, json!({ "clients": [shown] }));
    assert!(!listed.to_string().contains(secret));
    for arguments in [&["client", "list"][..], &["client", "show", id]] {
        let ran = cli.run(arguments);
        ran.done(&[id, "My App", CALLBACK]);
        assert!(!ran.out.contains(secret));
    }

    cli.run(&["client", "remove", id]).done(&["My App", id]);
    assert_eq!(cli.json(&["client", "list"]), json!({ "clients": [] }));
}

#[test]
fn a_client_may_be_public_and_is_what_its_flags_say() {
    let cli = Cli::new();
    let added = cli.json(&[
        "client",
        "add",
        "Phone",
        "--public",
        "--native",
        "--trusted",
        "--claims-in-id-token",
        "--redirect",
        "com.example.phone:/callback",
        "http://127.0.0.1/callback",
        "--redirect",
        CALLBACK,
        "--post-logout-redirect",
        "https://app.example/bye",
        "--scope",
        "orders:read orders:write",
        "--audience",
        "https://api.example",
        "--profile",
        "oidc",
    ]);
    assert_eq!(added.get("client_secret"), None);
    assert_eq!(added["token_endpoint_auth_method"], "none");
    assert_eq!(added["application_type"], "native");
    assert_eq!(added["profile"], "oidc");
    assert_eq!(
        added["redirect_uris"],
        json!([
            "com.example.phone:/callback",
            "http://127.0.0.1/callback",
            CALLBACK
        ])
    );
    assert_eq!(
        added["post_logout_redirect_uris"],
        json!(["https://app.example/bye"])
    );
    let scope = added["scope"].as_str().expect("a scope");
    assert!(
        scope.ends_with(" offline_access orders:read orders:write"),
        "{scope}"
    );
    assert_eq!(added["audiences"], json!(["https://api.example"]));
    assert_eq!(
        [&added["trusted"], &added["claims_in_id_token"]],
        [true, true]
    );
}

#[test]
fn people_are_told_what_to_do_with_a_new_client() {
    let cli = Cli::new();
    cli.run(&["client", "add", "App", "--redirect", CALLBACK])
        .done(&[
            "client_id",
            "client_secret",
            "http://localhost:8080/.well-known/openid-configuration",
            "shown this once",
        ]);
    let public = cli.run(&["client", "add", "App", "--public", "--redirect", CALLBACK]);
    public.done(&["client_id", "PKCE"]);
    assert!(!public.out.contains("client_secret"));
}

#[test]
fn a_secret_is_rotated() {
    let cli = Cli::new();
    let added = cli.json(&["client", "add", "App", "--redirect", CALLBACK]);
    let id = added["client_id"].as_str().expect("a client_id");
    let rotated = cli.json(&["client", "rotate-secret", id]);
    assert_eq!(rotated["client_id"], id);
    assert_ne!(rotated["client_secret"], added["client_secret"]);
    is_time(&rotated["previous_secret_until"]);
    let public = cli.json(&["client", "add", "App", "--public", "--redirect", CALLBACK]);
    let id = public["client_id"].as_str().expect("a client_id");
    cli.run(&["client", "rotate-secret", id])
        .refused(1, &["public client"]);
}

#[test]
fn a_client_is_changed_where_it_is_named() {
    let cli = Cli::new();
    let more = [
        "--origin",
        "https://other.example",
        "--scope",
        "orders:read",
    ];
    let add = ["client", "add", "App", "--redirect", CALLBACK];
    let added = cli.json(&[&add[..], &more].concat());
    let id = added["client_id"].as_str().expect("a client_id");
    assert_eq!(
        added["origins"],
        json!(["https://app.example", "https://other.example"])
    );

    let moved = "https://new.example/callback";
    let update = [
        "client",
        "update",
        id,
        "--redirect",
        moved,
        "--trusted",
        "true",
    ];
    let mut changed = cli.json(&update);
    assert_eq!(
        changed["origins"],
        json!(["https://new.example", "https://other.example"])
    );
    assert_eq!(changed["redirect_uris"], json!([moved]));
    assert_eq!(changed["trusted"], true);
    assert_eq!(cli.json(&["client", "show", id]), changed);
    for same in [
        "client_name",
        "scope",
        "profile",
        "created_at",
        "disabled_at",
    ] {
        assert_eq!(changed[same], added[same], "{same}");
    }

    changed = cli.json(&[
        "client",
        "update",
        id,
        "--disabled",
        "true",
        "--origin",
        "--scope",
        "",
    ]);
    is_time(&changed["disabled_at"]);
    assert_eq!(changed["origins"], json!(["https://new.example"]));
    assert_eq!(
        changed["scope"],
        "openid profile email address phone offline_access"
    );
    changed = cli.json(&[
        "client",
        "update",
        id,
        "--disabled",
        "false",
        "--name",
        "Application",
    ]);
    assert_eq!(changed["disabled_at"], json!(null));
    assert_eq!(changed["client_name"], "Application");
    cli.run(&["client", "update", id, "--redirect", "http://app.example/"])
        .refused(2, &["must use https"]);
    cli.run(&["client", "update", "nobody", "--name", "App"])
        .refused(3, &["nobody"]);
}

#[test]
fn what_cannot_be_a_client_is_refused_and_not_kept() {
    let cli = Cli::new();
    for (arguments, words) in [
        (
            &["client", "add", "", "--redirect", CALLBACK][..],
            "name is empty",
        ),
        (
            &["client", "add", "App", "--redirect", "http://app.example/"],
            "must use https",
        ),
        (
            &["client", "add", "App", "--redirect", "/callback"],
            "not an absolute URI",
        ),
        (
            &[
                "client",
                "add",
                "App",
                "--logo-uri",
                "javascript:alert(1)",
                "--redirect",
                CALLBACK,
            ],
            "a page can link to",
        ),
        (
            &[
                "client",
                "add",
                "App",
                "--redirect",
                CALLBACK,
                "--scope",
                "a\"b",
            ],
            "--scope",
        ),
        (
            &[
                "client",
                "add",
                "App",
                "--redirect",
                CALLBACK,
                "--origin",
                "app.example",
            ],
            "not an origin",
        ),
        (&["client", "add", "App", "--public"], "--redirect"),
    ] {
        cli.run(arguments).refused(2, &[words]);
    }
    for verb in ["show", "rotate-secret", "remove"] {
        cli.run(&["client", verb, "nobody"])
            .refused(3, &["nobody", "client list"]);
    }
    cli.run(&["client", "list"]).done(&["doorward client add"]);
}
