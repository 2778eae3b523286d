//! The addresses of a registration that we call: the sector identifier when it is registered, the keys
//! when they are needed, and nothing on a private address (SS-1).

use doorward::paths;
use serde_json::{Value, json};

use super::registering::{CALLBACK, Registered, register, registering, registering_with, usual};
use crate::{
    fetch::other::{Other, response},
    support::{
        asserting::{jwks, present, usual as claims},
        database::{Database, both},
        dpop::DpopKey,
        house::House,
    },
};

/// A house that may call `other`.
async fn beside(other: &Other, db: Database) -> House {
    let origin = other.origin();
    registering_with(db, |config| {
        config.fetch.private_origins = vec![origin];
        config.fetch.timeout_milliseconds = 2_000;
    })
    .await
}

fn sector(other: &Other) -> Value {
    json!({
        "subject_type": "pairwise",
        "sector_identifier_uri": format!("{}/sector", other.origin()),
        "redirect_uris": [CALLBACK, "https://other.example/cb"],
    })
}

both! {
    async fn oidcc_registration_sector_uri(db: Database) {
        let listed = json!(["https://other.example/cb", CALLBACK, "https://more.example/"]);
        let other = Other::saying_json(&listed.to_string()).await;
        let house = beside(&other, db).await;
        let client = Registered::new(&house, &sector(&other)).await;
        assert_eq!(client.told["subject_type"], "pairwise");
        let heard = other.heard();
        assert!(heard.len() == 1 && heard[0].starts_with("GET /sector "), "{heard:?}");
        let mut browser = house.browser();
        client.rp().sign_in(&mut browser).await;
        // What was vouched for is not asked again until something of it changes.
        let mut members = client.read().await.ok();
        client.replace(&members).await.ok();
        assert_eq!(other.heard().len(), 1);
        members["redirect_uris"] = json!([CALLBACK, "https://stranger.example/cb"]);
        let refused = client.replace(&members).await;
        refused.oauth_error(400, "invalid_client_metadata");
        assert_eq!(other.heard().len(), 2);
    }

    async fn oidcc_registration_sector_bad(db: Database) {
        let other = Other::saying("").await;
        let house = beside(&other, db).await;
        let before = house.rows().await;
        let json = |body: &str| response("200 OK", "application/json", body);
        for answer in [
            json(&json!([CALLBACK]).to_string()),
            json("[]"),
            json("{}"),
            json("\"https://app.example/cb\""),
            json(&json!([CALLBACK, "https://other.example/CB"]).to_string()),
            json("["),
            response("404 No", "application/json", "[]"),
            response("200 OK", "text/html", &json!([CALLBACK, "https://other.example/cb"]).to_string()),
            "HTTP/1.1 302 Found\r\nLocation: /other\r\nConnection: close\r\n\r\n".to_owned(),
            String::new(),
        ] {
            other.say(answer.clone());
            let refused = register(&house, &usual(&sector(&other))).await;
            assert_eq!(refused.status, 400, "{answer}: {}", refused.told());
            refused.oauth_error(400, "invalid_client_metadata");
            assert_eq!(house.rows().await, before, "{answer}");
        }
    }

    async fn a_sector_vouches_for_public_subjects_too(db: Database) {
        let other = Other::saying_json("[]").await;
        let house = beside(&other, db).await;
        let mut members = sector(&other);
        members["subject_type"] = json!("public");
        let refused = register(&house, &usual(&members)).await;
        refused.oauth_error(400, "invalid_client_metadata");
    }

    async fn without_a_sector_pairwise_subjects_need_one_host(db: Database) {
        let house = registering(db).await;
        for uris in [
            json!([CALLBACK, "https://other.example/cb"]),
            json!([CALLBACK, "https://app.example.org/cb"]),
        ] {
            let members = json!({ "subject_type": "pairwise", "redirect_uris": uris });
            let refused = register(&house, &usual(&members)).await;
            refused.oauth_error(400, "invalid_client_metadata");
        }
        let own_scheme = json!({
            "subject_type": "pairwise",
            "application_type": "native",
            "redirect_uris": ["com.example.app:/cb"],
        });
        let refused = register(&house, &usual(&own_scheme)).await;
        refused.oauth_error(400, "invalid_client_metadata");
    }

    async fn oidcc_registration_jwks_uri(db: Database) {
        let key = DpopKey::new();
        let other = Other::saying_json(&jwks(&[("one", &key)]).to_string()).await;
        let house = beside(&other, db).await;
        let client = Registered::new(&house, &json!({
            "jwks_uri": format!("{}/keys", other.origin()),
            "token_endpoint_auth_method": "private_key_jwt",
            "grant_types": ["authorization_code", "client_credentials"],
        }))
        .await;
        assert_eq!(client.told.get("client_secret"), None);
        assert_eq!(other.heard().len(), 0);
        let header = json!({ "alg": key.alg, "kid": "one", "typ": "JWT" });
        let said = claims(&house, &client.id(), &json!({}));
        let assertion = key.sign(&header.to_string(), &said.to_string());
        let form = [("grant_type", "client_credentials")];
        present(&house, paths::TOKEN, &form, &assertion).await.tokens();
        assert_eq!(other.heard().len(), 1);
    }

    async fn ss_1_no_private_address_is_registered_or_called(db: Database) {
        let other = Other::saying_json(&json!([CALLBACK]).to_string()).await;
        let house = registering(db).await;
        let before = house.rows().await;
        let port = other.port;
        let hosts = [
            "localhost", "LOCALHOST", "localhost.", "127.0.0.1", "127.1", "2130706433",
            "0x7f.0.0.1", "0177.0.0.1", "0.0.0.0", "[::1]", "[::]", "[::ffff:127.0.0.1]",
            "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1]", "[fc00::1]", "10.0.0.1",
            "100.64.0.1", "172.16.0.1", "192.168.0.1", "169.254.169.254",
        ];
        let members = ["sector_identifier_uri", "jwks_uri", "backchannel_logout_uri"];
        for host in hosts {
            for scheme in ["http", "https"] {
                let url = format!("{scheme}://{host}:{port}/");
                for member in members {
                    // Names are looked up when they are called; the one that is called at once tells.
                    let by_name = scheme == "https" && host.to_lowercase().starts_with("localhost");
                    if by_name && member != "sector_identifier_uri" {
                        continue;
                    }
                    let refused = register(&house, &usual(&json!({ member: url }))).await;
                    assert_eq!(refused.status, 400, "{member} {url}: {}", refused.told());
                    refused.oauth_error(400, "invalid_client_metadata");
                }
            }
        }
        for url in ["file:///etc/passwd", "gopher://app.example/", "ftp://app.example/", "https://u:p@app.example/"] {
            for member in members {
                let refused = register(&house, &usual(&json!({ member: url }))).await;
                refused.oauth_error(400, "invalid_client_metadata");
            }
        }
        assert_eq!(house.rows().await, before);
        assert_eq!(other.heard(), [""; 0]);
    }
}
