//! Replacing a registration (RFC 7592 §2.2): everything that the client said of itself, nothing of what
//! the operator decided, and judged as a new client is.

use doorward::{
    clients::update::{self, Changes},
    paths,
};
use entity::value::{GrantType, Scope};
use serde_json::{Value, json};

use super::registering::{CALLBACK, Registered, registering, usual};
use crate::support::{asserting::jwks, database::both, dpop::DpopKey, house::House};

/// A row without the time of its last change.
async fn settings(client: &Registered<'_>) -> String {
    let mut row = client.row().await;
    row.updated_at = row.created_at;
    format!("{row:?}")
}

/// A client that registered all that it could, some of it other than the default.
async fn rich(house: &House) -> Registered<'_> {
    let mut key = jwks(&[("one", &DpopKey::new())]);
    key["keys"][0]["alg"] = json!("ES256");
    Registered::new(
        house,
        &json!({
            "redirect_uris": [CALLBACK, "https://app.example/cb?x=1"],
            "post_logout_redirect_uris": ["https://app.example/bye"],
            "response_types": ["code", "code id_token"],
            "grant_types": ["authorization_code", "implicit", "refresh_token"],
            "contacts": ["ops@app.example"],
            "logo_uri": "https://app.example/logo.png",
            "client_uri": "https://app.example/",
            "policy_uri": "https://app.example/policy",
            "tos_uri": "https://app.example/terms",
            "jwks": key,
            "subject_type": "pairwise",
            "id_token_signed_response_alg": "ES256",
            "userinfo_signed_response_alg": "PS256",
            "request_object_signing_alg": "PS256",
            "token_endpoint_auth_method": "client_secret_post",
            "default_max_age": 300,
            "require_auth_time": true,
            "default_acr_values": ["1"],
            "initiate_login_uri": "https://app.example/begin",
            "request_uris": ["https://app.example/request#x"],
            "frontchannel_logout_uri": "https://app.example/out",
            "frontchannel_logout_session_required": true,
            "backchannel_logout_uri": "https://app.example/out",
            "dpop_bound_access_tokens": true,
            "require_pushed_authorization_requests": true,
            "require_signed_request_object": true,
            "software_id": "app",
            "software_version": "1",
            "scope": "openid offline_access",
        }),
    )
    .await
}

both! {
    async fn rt_11_what_is_read_and_sent_back_changes_nothing(db: Database) {
        let house = registering(db).await;
        for client in [rich(&house).await, Registered::new(&house, &json!({})).await] {
            // What the operator gave it since is nothing that it registered, and stays too.
            let changes = Changes {
                scope: Some("openid email orders:read".parse::<Scope>().expect("a scope")),
                audiences: Some(vec!["https://api.example".to_owned()]),
                origins: Some(vec!["https://spa.example".to_owned()]),
                claims_in_id_token: Some(true),
                trusted: Some(true),
                grant_types: Some([
                    client.row().await.grant_types.0,
                    vec![GrantType::ClientCredentials],
                ].concat()),
                ..Changes::default()
            };
            update::update(&house.app, client.row().await, changes).await.expect("a change");
            let before = settings(&client).await;
            let origins = house.rows().await["client_origin"];
            let read = client.read().await.ok();
            let replaced = client.replace(&read).await.ok();
            assert_eq!(replaced, read);
            assert_eq!(settings(&client).await, before);
            assert_eq!(house.rows().await["client_origin"], origins);
            // With the secret that it was given beside it, too.
            let mut with_secret = read.clone();
            with_secret["client_secret"] = client.told["client_secret"].clone();
            client.replace(&with_secret).await.ok();
            assert_eq!(settings(&client).await, before);
        }
    }

    async fn replacing_is_of_everything(db: Database) {
        let house = registering(db).await;
        let client = rich(&house).await;
        let members = json!({
            "client_id": client.id(),
            "redirect_uris": ["https://new.example/cb"],
            "client_name": "New",
        });
        let told = client.replace(&members).await.ok();
        let fresh = Registered::new(&house, &json!({
            "redirect_uris": ["https://new.example/cb"], "client_name": "New",
        }))
        .await;
        for (member, value) in told.as_object().expect("members") {
            if !["client_id", "client_id_issued_at", "registration_access_token",
                "registration_client_uri"].contains(&member.as_str()) {
                assert_eq!(&fresh.told[member], value, "{member}");
            }
        }
        assert_eq!(told.get("jwks"), None);
        // The secret is still that of before.
        let secret = client.told["client_secret"].as_str().expect("a secret");
        let form = [("token", "x")];
        house.post(paths::REVOKE).basic(&client.id(), secret).form(&form).await.is(200);
    }

    async fn dr_2_nobody_chooses_an_id_or_a_secret(db: Database) {
        let house = registering(db).await;
        let client = Registered::new(&house, &json!({})).await;
        let other = Registered::new(&house, &json!({})).await;
        let before = settings(&client).await;
        for (name, value) in [
            ("client_id", json!(null)),
            ("client_id", json!(other.id())),
            ("client_id", json!("mine")),
            ("client_id", json!(1)),
            ("client_secret", other.told["client_secret"].clone()),
            ("client_secret", json!("mine")),
            ("client_secret", json!("")),
            ("client_secret", json!(1)),
        ] {
            let mut members = usual(&json!({}));
            members["client_id"] = json!(client.id());
            members[name] = value.clone();
            let answer = client.replace(&members).await;
            answer.oauth_error(400, "invalid_client_metadata");
            assert_eq!(settings(&client).await, before, "{name} {value}");
        }
    }

    async fn dr_1_a_change_is_judged_as_strictly_as_a_new_client(db: Database) {
        let house = registering(db).await;
        let client = Registered::new(&house, &json!({})).await;
        let before = settings(&client).await;
        for (changes, code) in [
            (json!({ "redirect_uris": ["https://app.example/cb#x"] }), "invalid_redirect_uri"),
            (json!({ "redirect_uris": null }), "invalid_redirect_uri"),
            (json!({ "client_name": "Ba\u{202e}nk" }), "invalid_client_metadata"),
            (json!({ "grant_types": ["authorization_code", "client_credentials"] }), "invalid_client_metadata"),
            (json!({ "scope": "admin" }), "invalid_client_metadata"),
            (json!({ "jwks_uri": "http://app.example/" }), "invalid_client_metadata"),
            (json!({ "id_token_signed_response_alg": "none" }), "invalid_client_metadata"),
        ] {
            let mut members = usual(&changes);
            members["client_id"] = json!(client.id());
            client.replace(&members).await.oauth_error(400, code);
            assert_eq!(settings(&client).await, before, "{changes}");
        }
        let mut members = usual(&json!({ "trusted": true, "profile": "oidc", "audiences": ["a"] }));
        members["client_id"] = json!(client.id());
        client.replace(&members).await.ok();
        assert_eq!(settings(&client).await, before);
    }

    async fn another_way_to_authenticate_is_another_secret_or_none(db: Database) {
        let house = registering(db).await;
        let client = Registered::new(&house, &json!({})).await;
        let first = client.told["client_secret"].clone();
        let change = async |method: &str, secret: &Value| {
            let mut members = usual(&json!({ "token_endpoint_auth_method": method }));
            members["client_id"] = json!(client.id());
            if !secret.is_null() {
                members["client_secret"] = secret.clone();
            }
            client.replace(&members).await.ok()
        };
        // The same secret does for the other way of sending it.
        let told = change("client_secret_post", &Value::Null).await;
        assert_eq!(told.get("client_secret"), None);
        // A MAC takes the secret itself: told again it goes on, else there is a new one.
        let told = change("client_secret_jwt", &first).await;
        assert_eq!(told.get("client_secret"), None);
        assert!(client.row().await.sealed_secret.is_some());
        change("client_secret_basic", &Value::Null).await;
        assert!(client.row().await.sealed_secret.is_none());
        let told = change("client_secret_jwt", &Value::Null).await;
        assert!(told["client_secret"].is_string() && told["client_secret"] != first, "{told}");
        assert_eq!(told["client_secret_expires_at"], 0);
        // Without a secret there is none to use again.
        let told = change("none", &Value::Null).await;
        assert_eq!(told.get("client_secret"), None);
        let row = client.row().await;
        assert!(row.client_secret.is_none() && row.sealed_secret.is_none());
        let told = change("client_secret_basic", &Value::Null).await;
        assert!(told["client_secret"].is_string());
    }
}
