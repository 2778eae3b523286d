//! Registration (RFC 7591, OpenID Connect Dynamic Client Registration 1.0): who may register a client,
//! what it is told, and what it can do then.

use chrono::TimeDelta;
use doorward::{jobs, paths};
use entity::{client, value::Profile};
use serde_json::json;

use super::{
    granted::{Granted, names},
    registering::{
        CALLBACK, Registered, TOKEN, register, registering, registering_with, unvouched, usual,
    },
};
use crate::support::{
    database::{Database, both},
    house::House,
};

/// The rows of clients, without the one of the playground.
async fn clients(house: &House) -> usize {
    let all = client::all(&house.app.db.read).await.expect("the clients");
    all.iter().filter(|client| client.dynamic).count()
}

both! {
    async fn a_client_registers_and_signs_somebody_in(db: Database) {
        let house = registering(db).await;
        let client = Registered::new(&house, &json!({})).await;
        let told = &client.told;
        assert!(told["client_secret"].as_str().is_some_and(|secret| secret.starts_with("cs_")));
        assert_eq!(told["client_secret_expires_at"], 0);
        let issued = told["client_id_issued_at"].as_i64().expect("a time");
        assert!((house.app.clock.now().timestamp() - issued).abs() < 60);
        let home = house.url(&format!("{}/{}", paths::CLIENT_REGISTRATION, client.id()));
        assert_eq!(told["registration_client_uri"], home.as_str());
        // RFC 7591 §3.2.1: all that is registered, defaults included.
        for (member, value) in [
            ("redirect_uris", json!([CALLBACK])),
            ("client_name", json!("My App")),
            ("response_types", json!(["code"])),
            ("grant_types", json!(["authorization_code"])),
            ("application_type", json!("web")),
            ("subject_type", json!("public")),
            ("token_endpoint_auth_method", json!("client_secret_basic")),
            ("id_token_signed_response_alg", json!("RS256")),
            ("scope", json!("openid profile email address phone offline_access")),
            ("require_auth_time", json!(false)),
            ("dpop_bound_access_tokens", json!(false)),
        ] {
            assert_eq!(told[member], value, "{member}: {told}");
        }
        let row = client.row().await;
        assert!(row.dynamic && !row.trusted && row.profile == Profile::Oidc);
        let mut granted = Granted::to(&house, client.rp()).await;
        let tokens = granted.tokens().await;
        assert!(tokens.id_token.is_some());
        // It did not register the grant, so it has nothing to refresh with.
        assert_eq!(tokens.refresh_token, None);
    }

    async fn a_token_of_a_client_is_kept_as_a_digest_and_no_secret_is_kept_at_all(db: Database) {
        let house = registering(db).await;
        let client = Registered::new(&house, &json!({})).await;
        let row = format!("{:?}", client.row().await);
        for secret in ["client_secret", "registration_access_token"] {
            let secret = client.told[secret].as_str().expect("a secret");
            assert!(!row.contains(secret), "{row}");
        }
        assert!(client.token().starts_with("ra_"), "{}", client.token());
    }

    async fn ad_4_registration_that_is_off_is_not_there(db: Database) {
        let house = House::new(db).await;
        let before = house.rows().await;
        register(&house, &usual(&json!({}))).await.oauth_error(404, "invalid_request");
        let metadata = house.get(paths::DISCOVERY_OPENID).await.ok();
        assert_eq!(metadata.get("registration_endpoint"), None);
        assert_eq!(house.rows().await, before);
    }

    async fn dr_1_only_who_has_the_token_registers_a_client(db: Database) {
        let house = registering(db).await;
        let before = house.rows().await;
        let body = usual(&json!({}));
        unvouched(&house, &body).await.bearer_error(401, "");
        for wrong in ["wrong", "initial.access~toke", "initial.access~tokenn", "INITIAL.ACCESS~TOKEN"] {
            unvouched(&house, &body).bearer(wrong).await.bearer_error(401, "invalid_token");
        }
        unvouched(&house, &body).basic("a", TOKEN).await.oauth_error(400, "invalid_request");
        assert_eq!(house.rows().await, before);
        let metadata = house.get(paths::DISCOVERY_OPENID).await.ok();
        let endpoint = house.url(paths::CLIENT_REGISTRATION);
        assert_eq!(metadata["registration_endpoint"], endpoint.as_str());
    }

    async fn open_registration_takes_everybody_but_a_wrong_token(db: Database) {
        let house = registering_with(db, |config| config.registration.open = true).await;
        let body = usual(&json!({}));
        unvouched(&house, &body).await.is(201);
        register(&house, &body).await.is(201);
        unvouched(&house, &body).bearer("wrong").await.bearer_error(401, "invalid_token");
    }

    async fn without_a_token_to_know_registration_is_closed(db: Database) {
        let house = registering_with(db, |config| {
            config.registration.initial_access_token = None;
        })
        .await;
        for token in ["", TOKEN] {
            let call = unvouched(&house, &usual(&json!({})));
            let call = if token.is_empty() { call } else { call.bearer(token) };
            call.await.is(401);
        }
    }

    async fn dr_1_what_is_the_operators_to_give_is_not_taken(db: Database) {
        let house = registering(db).await;
        let client = Registered::new(&house, &json!({
            "client_id": "mine",
            "client_secret": "cs_mine",
            "registration_access_token": "ra_mine",
            "trusted": true,
            "first_party": true,
            "skip_consent": true,
            "profile": "fapi2",
            "audiences": ["https://api.example"],
            "claims_in_id_token": true,
            "dynamic": false,
            "disabled_at": null,
            "client_credentials_scopes": ["admin"],
            "scope": "openid email admin orders:write",
            "client_name#de": "Meine App",
            "unknown": { "a": [1] },
        }))
        .await;
        assert_ne!(client.id(), "mine");
        assert_ne!(client.told["client_secret"], "cs_mine");
        assert_ne!(client.token(), "ra_mine");
        assert_eq!(client.told["scope"], "openid email");
        for unknown in ["trusted", "profile", "audiences", "client_name#de", "unknown"] {
            assert_eq!(client.told.get(unknown), None, "{unknown}");
        }
        let row = client.row().await;
        assert!(!row.trusted && row.dynamic && !row.claims_in_id_token);
        assert_eq!(row.audiences.0, [""; 0]);
        assert_eq!(row.profile, Profile::Oidc);
        assert_eq!(row.scope.to_string(), "openid email");
    }

    async fn dr_1_grants_that_nobody_allows_are_the_operators_to_give(db: Database) {
        let house = registering_with(db, |config| config.registration.open = true).await;
        let exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
        for grant in ["client_credentials", exchange] {
            let body = usual(&json!({ "grant_types": ["authorization_code", grant] }));
            unvouched(&house, &body).await.oauth_error(400, "invalid_client_metadata");
        }
        let service = json!({
            "client_name": "Service",
            "grant_types": ["client_credentials"],
        });
        unvouched(&house, &service).await.oauth_error(400, "invalid_client_metadata");
        // With the operator's token it may stand for itself, and without anybody's scope.
        let client = Registered::from(&house, &register(&house, &service).await);
        assert_eq!(client.told["response_types"], json!([]));
        let secret = client.told["client_secret"].as_str().expect("a secret");
        let form = [("grant_type", "client_credentials")];
        let call = house.post(paths::TOKEN).basic(&client.id(), secret).form(&form);
        call.await.tokens();
    }

    async fn cn_2_a_client_that_registered_itself_is_always_asked_about(db: Database) {
        let house = registering(db).await;
        let mut granted = Granted::confidential(&house).await;
        // The person is signed in, so only consent stands between this client and them.
        let client = Registered::new(&house, &json!({ "trusted": true })).await;
        let rp = client.rp();
        granted.browser.get_from_stranger(&rp.authorize_url(&[])).await;
        let page = granted.browser.follow().await.clone();
        page.shown(200, "My App wants to use your account");
        page.shown(200, "This app registered itself");
        assert!(!page.page().text.contains("You have allowed this app before"));
        let silent = rp.authorize_url(&[("prompt", Some("none"))]);
        granted.browser.get_from_stranger(&silent).await.answered("consent_required");
    }

    async fn dr_1_no_more_clients_wait_for_their_first_use_than_may(db: Database) {
        let house = registering_with(db, |config| {
            config.registration.unused_clients = 2;
            config.registration.unused_days = 3;
        })
        .await;
        let first = Registered::new(&house, &json!({})).await;
        Registered::new(&house, &json!({})).await;
        let refused = register(&house, &usual(&json!({}))).await;
        refused.oauth_error(429, "temporarily_unavailable");
        refused.has("Retry-After", |after| after.parse::<u32>().is_ok());
        assert_eq!(clients(&house).await, 2);
        // One that is used makes room; so does one that is forgotten, and only such a one is.
        Granted::to(&house, first.rp()).await;
        Registered::new(&house, &json!({})).await;
        house.turn(TimeDelta::days(3) + TimeDelta::seconds(1));
        let added = register(&house, &usual(&json!({}))).await;
        added.oauth_error(429, "temporarily_unavailable");
        jobs::sweep(&house.app, house.app.clock.now()).await.expect("a sweep");
        assert_eq!(clients(&house).await, 1);
        assert!(first.row().await.used_at.is_some());
        Registered::new(&house, &json!({})).await;
    }

    async fn what_is_no_json_object_is_refused_in_the_words_of_the_protocol(db: Database) {
        let house = registering(db).await;
        let before = house.rows().await;
        for (kind, body) in [
            ("application/json", ""),
            ("application/json", "{"),
            ("application/json", "[]"),
            ("application/json", "null"),
            ("application/json", "\"x\""),
            ("text/plain", "{}"),
            ("application/x-www-form-urlencoded", "redirect_uris=https://app.example/cb"),
        ] {
            let call = house.post(paths::CLIENT_REGISTRATION).bearer(TOKEN).body(kind, body);
            call.await.oauth_error(400, "invalid_client_metadata");
        }
        let long = json!({ "client_name": "a".repeat(200_000) });
        register(&house, &long).await.oauth_error(413, "invalid_request");
        let got = house.get(paths::CLIENT_REGISTRATION).bearer(TOKEN).await;
        got.is(405).has("Allow", |allow| allow == "POST");
        assert_eq!(house.rows().await, before);
    }
}

#[tokio::test]
async fn nothing_is_told_that_was_not_registered() {
    let house = registering(Database::sqlite().await).await;
    let client = Registered::new(&house, &json!({})).await;
    let own = [
        "client_id",
        "client_id_issued_at",
        "client_secret",
        "client_secret_expires_at",
        "registration_access_token",
        "registration_client_uri",
    ];
    let mut metadata = names(&client.told);
    metadata.retain(|name| !own.contains(name));
    assert_eq!(
        metadata,
        [
            "application_type",
            "client_name",
            "dpop_bound_access_tokens",
            "grant_types",
            "id_token_signed_response_alg",
            "redirect_uris",
            "require_auth_time",
            "require_pushed_authorization_requests",
            "require_signed_request_object",
            "response_types",
            "scope",
            "subject_type",
            "tls_client_certificate_bound_access_tokens",
            "token_endpoint_auth_method",
        ]
    );
}
