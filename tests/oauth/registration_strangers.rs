//! What strangers get who may register clients: no room for ever, no name that is ours or hidden, no
//! trust that was given to others, no look into our network, and never a 5xx.

use doorward::{
    clients::update::{self, Changes},
    paths,
};
use entity::value::EventKind;
use poem::http::Method;
use serde_json::json;

use super::{
    granted::{Granted, events},
    registering::{
        CALLBACK, METADATA, Registered, managed, refused, register, registering, registering_with,
        unvouched, usual,
    },
};
use crate::{fetch::other::Other, support::database::both};

const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";

async fn change(client: &Registered<'_>, changes: Changes) {
    let changed = update::update(&client.house.app, client.row().await, changes).await;
    changed.expect("a change");
}

both! {
    async fn dr_1_a_client_that_only_proves_who_it_is_is_not_used(db: Database) {
        let house = registering_with(db, |config| {
            config.registration.open = true;
            config.registration.unused_clients = 1;
        })
        .await;
        let client = Registered::from(&house, &unvouched(&house, &usual(&json!({}))).await);
        let secret = client.told["client_secret"].as_str().expect("a secret");
        for path in [paths::INTROSPECT, paths::REVOKE] {
            let form = [("token", "x")];
            house.post(path).basic(&client.id(), secret).form(&form).await.is(200);
        }
        assert_eq!(client.row().await.used_at, None);
        let more = unvouched(&house, &usual(&json!({}))).await;
        more.oauth_error(429, "temporarily_unavailable");
        // A person makes it one that is used.
        Granted::to(&house, client.rp()).await;
        assert!(client.row().await.used_at.is_some());
        unvouched(&house, &usual(&json!({}))).await.is(201);
    }

    async fn dr_1_a_service_that_somebody_vouched_for_is_used_when_it_comes(db: Database) {
        let house = registering(db).await;
        let client = Registered::new(&house, &json!({ "grant_types": ["client_credentials"] })).await;
        assert_eq!(client.row().await.used_at, None);
        let secret = client.told["client_secret"].as_str().expect("a secret");
        let form = [("grant_type", "client_credentials")];
        house.post(paths::TOKEN).basic(&client.id(), secret).form(&form).await.tokens();
        assert!(client.row().await.used_at.is_some());
    }

    async fn a_replacement_that_changes_nothing_leaves_no_trace(db: Database) {
        let house = registering(db).await;
        let client = Registered::new(&house, &json!({})).await;
        let (row, read) = (client.row().await, client.read().await.ok());
        for _ in 0..3 {
            client.replace(&read).await.ok();
        }
        assert_eq!(client.row().await, row);
        assert_eq!(events(&house, EventKind::ClientChanged).await, 1);
        let members = usual(&json!({ "client_id": client.id(), "client_name": "Other" }));
        client.replace(&members).await.ok();
        assert_eq!(events(&house, EventKind::ClientChanged).await, 2);
    }

    async fn dr_2_trust_does_not_go_where_a_client_sends_it(db: Database) {
        let house = registering(db).await;
        let client = Registered::new(&house, &json!({})).await;
        change(&client, Changes { trusted: Some(true), ..Changes::default() }).await;
        let mut members = client.read().await.ok();
        members["client_name"] = json!("Other");
        client.replace(&members).await.ok();
        assert!(client.row().await.trusted);
        members["redirect_uris"] = json!([CALLBACK, "https://evil.example/cb"]);
        client.replace(&members).await.ok();
        assert!(!client.row().await.trusted);
        // It does not come back either.
        members["redirect_uris"] = json!([CALLBACK]);
        client.replace(&members).await.ok();
        assert!(!client.row().await.trusted);
    }

    async fn dr_2_the_operator_ends_what_a_registration_token_can_do(db: Database) {
        let house = registering(db).await;
        let client = Registered::new(&house, &json!({})).await;
        client.read().await.ok();
        change(&client, Changes { forget_registration_token: true, ..Changes::default() }).await;
        client.read().await.bearer_error(401, "invalid_token");
        client.replace(&usual(&json!({ "client_id": client.id() }))).await.bearer_error(401, "invalid_token");
        client.remove().await.bearer_error(401, "invalid_token");
        // All else stays.
        Granted::to(&house, client.rp()).await;
    }

    async fn nul_is_nobodys_name_and_in_no_member(db: Database) {
        let house = registering(db).await;
        let client = Registered::new(&house, &json!({})).await;
        house.get(&format!("{}/%00", paths::CLIENT_LOGO)).await.is(404);
        for method in [Method::GET, Method::DELETE] {
            let call = managed(&house, method, "%00").bearer(&client.token());
            call.await.bearer_error(401, "invalid_token");
        }
        // {"alg":"ES256"}.{"sub":"\u0000"}
        let assertion = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJcdTAwMDAifQ.x";
        let form = [
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion),
            ("token", "x"),
        ];
        for path in [paths::TOKEN, paths::INTROSPECT, paths::REVOKE] {
            house.post(path).form(&form).await.client_401();
        }
        let all = [
            json!({ "logo_uri": "https://a.example/\0" }),
            json!({ "client_uri": "https://a.example/?\0" }),
            json!({ "policy_uri": "https://a.example/#\0" }),
            json!({ "tos_uri": "https://a.example/\0" }),
            json!({ "request_uris": ["https://a.example/x#\0"] }),
            json!({ "tls_client_auth_san_uri": "https://a.example/\0" }),
            json!({ "tls_client_auth_san_dns": "\0" }),
            json!({ "jwks": { "keys": [], "\0": 1 } }),
            json!({ "jwks": { "keys": [{ "kty": "EC", "kid": "\0" }] } }),
            json!({ "contacts": ["a\0b"] }),
            json!({ "software_id": "\0" }),
            json!({ "client_name": "a\0" }),
            json!({ "unknown\0": 1 }),
        ];
        refused(&house, METADATA, &all).await;
        for mut members in all {
            members["client_id"] = json!(client.id());
            client.replace(&usual(&members)).await.oauth_error(400, METADATA);
        }
    }

    async fn dr_4_nobody_who_registers_itself_is_called_as_we_are_or_like_nothing(db: Database) {
        let house = registering(db).await;
        let names = [
            "Doorward", "DOORWARD login", "My doorWard", "\u{3164}", "\u{115f}\u{1160}", "My\u{61c}App",
            "\u{2800}", "A\u{180e}B", "A\u{ad}B", "A\u{2028}B", "A\u{e0041}B", "\u{ffa0}", "A\u{2060}B",
        ];
        refused(&house, METADATA, &names.map(|name| json!({ "client_name": name }))).await;
        // Where it is only where the answers go, it is not a name either.
        let uri = json!(["https://doorward.example/cb"]);
        let unnamed = json!({ "client_name": null, "redirect_uris": uri });
        let client = Registered::new(&house, &unnamed).await;
        assert_eq!(client.told["client_name"], "Unnamed application");
        // The operator calls a client as they like, and it may say so again.
        let name = Some("Doorward status".to_owned());
        change(&client, Changes { name, ..Changes::default() }).await;
        let mut read = client.read().await.ok();
        client.replace(&read).await.ok();
        read["client_name"] = json!("Doorward");
        client.replace(&read).await.oauth_error(400, METADATA);
    }

    async fn pairwise_needs_a_proven_sector_where_answers_go_elsewhere(db: Database) {
        let listed = json!([CALLBACK]).to_string();
        let other = Other::saying_json(&listed).await;
        let origin = other.origin();
        let house = registering_with(db, |config| config.fetch.private_origins = vec![origin]).await;
        let members = json!({
            "subject_type": "pairwise",
            "grant_types": ["authorization_code", DEVICE],
        });
        refused(&house, METADATA, std::slice::from_ref(&members)).await;
        let mut proven = members;
        proven["sector_identifier_uri"] = json!(format!("{}/sector", other.origin()));
        Registered::new(&house, &proven).await;
        // Nor is it added later.
        let client = Registered::new(&house, &json!({ "subject_type": "pairwise" })).await;
        let mut members = client.read().await.ok();
        members["grant_types"] = json!(["authorization_code", DEVICE]);
        client.replace(&members).await.oauth_error(400, METADATA);
    }

    async fn ss_1_strangers_are_told_nothing_of_why_an_address_could_not_be_read(db: Database) {
        let other = Other::saying_json("{").await;
        let origin = other.origin();
        let house = registering_with(db, |config| {
            config.fetch.private_origins = vec![origin, "http://127.0.0.1:1".to_owned()];
            config.fetch.timeout_milliseconds = 2_000;
        })
        .await;
        let mut sentences = Vec::new();
        for uri in [
            other.origin(),
            "http://127.0.0.1:1/".to_owned(),
            "https://localhost./".to_owned(),
            "https://nobody.invalid/".to_owned(),
        ] {
            let members = usual(&json!({ "sector_identifier_uri": uri }));
            let answer = register(&house, &members).await;
            answer.oauth_error(400, METADATA);
            sentences.push(answer.json()["error_description"].clone());
        }
        sentences.dedup();
        assert_eq!(sentences.len(), 1, "{sentences:?}");
    }
}
