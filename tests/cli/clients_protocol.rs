//! `doorward client`: what a client does in the protocol, by flags, and through the same checks as a
//! registration.

use serde_json::{Value, json};

use super::Cli;

const CALLBACK: &str = "https://app.example/callback";

/// A public ES256 key.
const KEYS: &str = r#"{"keys":[{"kty":"EC","crv":"P-256",
    "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#;

fn add(cli: &Cli, more: &[&str]) -> Value {
    let add = ["client", "add", "App", "--redirect", CALLBACK];
    cli.json(&[&add[..], more].concat())
}

fn update(cli: &Cli, id: &Value, more: &[&str]) -> Value {
    let id = id.as_str().expect("a client_id");
    cli.json(&[&["client", "update", id][..], more].concat())
}

/// Fails unless the JSON has these members.
#[track_caller]
fn has(shown: &Value, members: &Value) {
    for (name, value) in members.as_object().expect("members") {
        assert_eq!(&shown[name], value, "{name}: {shown}");
    }
}

#[test]
fn a_client_may_prove_itself_with_a_key() {
    let cli = Cli::new();
    cli.write("keys.json", KEYS);
    let by_key = ["--auth-method", "private_key_jwt"];
    let added = add(&cli, &[&by_key[..], &["--jwks", "keys.json"]].concat());
    let keys: Value = serde_json::from_str(KEYS).expect("JSON");
    has(
        &added,
        &json!({ "token_endpoint_auth_method": "private_key_jwt", "jwks": keys }),
    );
    assert_eq!(added.get("client_secret"), None);
    let id = added["client_id"].as_str().expect("a client_id");
    cli.run(&["client", "show", id])
        .done(&["private_key_jwt", "jwks", "f83OJ3D2xF1"]);
    cli.run(&["client", "rotate-secret", id])
        .refused(1, &["with a key"]);

    // Keys by reference take the place of keys by value, and the other way round.
    let uri = "https://app.example/keys";
    let changed = update(&cli, &added["client_id"], &["--jwks-uri", uri]);
    has(&changed, &json!({ "jwks_uri": uri }));
    assert_eq!(changed.get("jwks"), None);
    let changed = update(&cli, &added["client_id"], &["--jwks", "keys.json"]);
    assert_eq!(changed.get("jwks_uri"), None);

    let people = [
        &["client", "add", "App", "--redirect", CALLBACK][..],
        &by_key,
        &["--jwks-uri", uri],
    ];
    let ran = cli.run(&people.concat());
    ran.done(&["client_id", "proves itself with the key"]);
    assert!(!ran.out.contains("client_secret"), "{}", ran.out);
}

#[test]
fn every_flag_is_what_is_shown() {
    let cli = Cli::new().with("DOORWARD__FEATURES__IMPLICIT_AND_HYBRID", "true");
    let added = add(
        &cli,
        &[
            "--profile",
            "oidc",
            "--response-type",
            "code",
            "code id_token",
            "--id-token-alg",
            "ES256",
            "--userinfo-alg",
            "PS256",
            "--access-token-alg",
            "EdDSA",
            "--subject-type",
            "pairwise",
            "--request-uri",
            "https://app.example/request#1",
            "--frontchannel-logout-uri",
            "https://app.example/front",
            "--backchannel-logout-uri",
            "https://app.example/back",
            "--dpop",
            "--require-par",
            "--contact",
            "ops@app.example",
            "--default-max-age",
            "600",
            "--initiate-login-uri",
            "https://app.example/begin",
        ],
    );
    let all = json!({
        "response_types": ["code", "code id_token"],
        "grant_types": ["authorization_code", "refresh_token", "client_credentials", "implicit"],
        "id_token_signed_response_alg": "ES256",
        "userinfo_signed_response_alg": "PS256",
        "access_token_signed_response_alg": "EdDSA",
        "subject_type": "pairwise",
        "request_uris": ["https://app.example/request#1"],
        "frontchannel_logout_uri": "https://app.example/front",
        "backchannel_logout_uri": "https://app.example/back",
        "dpop_bound_access_tokens": true,
        "require_pushed_authorization_requests": true,
        "contacts": ["ops@app.example"],
        "default_max_age": 600,
        "initiate_login_uri": "https://app.example/begin",
        "dynamic": false,
    });
    has(&added, &all);
    let id = added["client_id"].as_str().expect("a client_id");
    has(&cli.json(&["client", "show", id]), &all);
    // What is not named stays, and what is named empty is gone.
    has(
        &update(&cli, &added["client_id"], &["--name", "Other"]),
        &all,
    );
    let changed = update(
        &cli,
        &added["client_id"],
        &[
            "--dpop=false",
            "--frontchannel-logout-uri",
            "",
            "--response-type",
            "code",
        ],
    );
    has(
        &changed,
        &json!({
            "dpop_bound_access_tokens": false,
            "require_pushed_authorization_requests": true,
            "response_types": ["code"],
            "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
        }),
    );
    assert_eq!(changed.get("frontchannel_logout_uri"), None);
}

#[test]
fn grants_are_given_by_their_names() {
    let cli = Cli::new();
    let grants = ["--grant-type", "device", "refresh-token", "token-exchange"];
    let added = add(&cli, &grants);
    let urn = "urn:ietf:params:oauth:grant-type";
    assert_eq!(
        added["grant_types"],
        json!([
            format!("{urn}:device_code"),
            "refresh_token",
            format!("{urn}:token-exchange")
        ])
    );
}

#[test]
fn the_profile_fapi2_takes_a_key_and_no_secret() {
    let cli = Cli::new();
    cli.write("keys.json", KEYS);
    let fapi2 = [
        "client",
        "add",
        "App",
        "--redirect",
        CALLBACK,
        "--profile",
        "fapi2",
    ];
    cli.run(&fapi2).refused(2, &["private_key_jwt", "fapi2"]);
    let by_key = ["--auth-method", "private_key_jwt", "--jwks", "keys.json"];
    let added = cli.json(&[&fapi2[..], &by_key].concat());
    has(
        &added,
        &json!({ "profile": "fapi2", "id_token_signed_response_alg": "ES256" }),
    );
    let weak = [&fapi2[..], &by_key, &["--id-token-alg", "RS256"]].concat();
    cli.run(&weak)
        .refused(2, &["id_token_signed_response_alg", "PS256"]);
}

#[test]
fn another_way_to_authenticate_may_need_a_new_secret() {
    let cli = Cli::new();
    let added = add(&cli, &[]);
    let id = &added["client_id"];
    let same = update(&cli, id, &["--auth-method", "client_secret_post"]);
    assert_eq!(same.get("client_secret"), None);
    let by_mac = update(&cli, id, &["--auth-method", "client_secret_jwt"]);
    assert!(by_mac["client_secret"].is_string(), "{by_mac}");
    let id = id.as_str().expect("a client_id");
    let back = cli.run(&["client", "update", id, "--auth-method", "none"]);
    back.done(&["none"]);
    cli.run(&["client", "update", id, "--auth-method", "client_secret_jwt"])
        .done(&["new secret", "cs_"]);
}

#[test]
fn what_a_registration_would_refuse_is_refused_here_too() {
    let cli = Cli::new();
    cli.write("private.json", r#"{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}"#);
    cli.write("keys.json", KEYS);
    cli.write("broken.json", "{");
    for (flags, word) in [
        (&["--auth-method", "private_key_jwt"][..], "jwks"),
        (&["--jwks", "private.json"], "jwks"),
        (&["--jwks", "broken.json"], "not JSON"),
        (&["--jwks", "nowhere.json"], "nowhere.json"),
        (
            &["--jwks", "keys.json", "--jwks-uri", "https://app.example/"],
            "cannot be used with",
        ),
        (&["--jwks-uri", "http://app.example/"], "https"),
        (&["--jwks-uri", "https://127.0.0.1/"], "public address"),
        (
            &[
                "--auth-method",
                "tls_client_auth",
                "--tls-client-auth-subject-dn",
                "CN=a",
            ],
            "server.mtls",
        ),
        (&["--response-type", "id_token"], "oidc"),
        (&["--response-type", "magic"], "--response-type"),
        (&["--grant-type", "password"], "password"),
        (
            &[
                "--subject-type",
                "pairwise",
                "--redirect",
                "https://other.example/",
            ],
            "one host",
        ),
        (
            &["--frontchannel-logout-uri", "https://other.example/"],
            "redirect URI",
        ),
        (
            &["--public", "--auth-method", "private_key_jwt"],
            "cannot be used with",
        ),
        (&["--userinfo-alg", "HS256"], "HS256"),
    ] {
        let add = ["client", "add", "App", "--redirect", CALLBACK];
        cli.run(&[&add[..], flags].concat()).refused(2, &[word]);
    }
    assert_eq!(cli.json(&["client", "list"]), json!({ "clients": [] }));
}
