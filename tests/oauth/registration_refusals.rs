//! What cannot be registered, each with the error of RFC 7591 §3.2.2 and without a trace.

use serde_json::{Value, json};

use super::registering::{
    CALLBACK, METADATA, REDIRECT, Registered, refused, register, registering, taking_certificates,
};
use crate::support::{asserting::jwks, database::both, dpop::DpopKey, folder::Folder};

both! {
    async fn redirect_uris_that_cannot_be_are_refused_by_their_own_error(db: Database) {
        let house = registering(db).await;
        let uris = [
            "https://app.example/cb#fragment",
            "https://app.example/cb#",
            "http://app.example/cb",
            "https://*.example/cb",
            "https://app.example/cb/../x",
            "javascript:alert(1)",
            "com.example.app:/cb",
            "/cb",
            "",
        ];
        let mut all: Vec<Value> = uris
            .iter()
            .map(|uri| json!({ "redirect_uris": [CALLBACK, uri] }))
            .collect();
        all.extend([
            json!({ "redirect_uris": null }),
            json!({ "redirect_uris": [] }),
            json!({ "redirect_uris": CALLBACK }),
            json!({ "redirect_uris": [1] }),
        ]);
        refused(&house, REDIRECT, &all).await;
    }

    async fn or_4_ru_7_addresses_that_cannot_be_are_refused(db: Database) {
        let house = registering(db).await;
        let mut all = Vec::new();
        for member in ["logo_uri", "client_uri", "policy_uri", "tos_uri"] {
            for uri in ["javascript:alert(1)", "data:text/html,x", "/x", "https://a:b@app.example/"] {
                all.push(json!({ member: uri }));
            }
        }
        for member in ["jwks_uri", "sector_identifier_uri", "backchannel_logout_uri", "frontchannel_logout_uri"] {
            for uri in [
                "http://app.example/x",
                "https://app.example/x#y",
                "https://u@app.example/x",
                "ftp://app.example/x",
                "app.example",
                "",
            ] {
                all.push(json!({ member: uri }));
            }
        }
        all.extend([
            json!({ "post_logout_redirect_uris": ["http://app.example/bye"] }),
            json!({ "post_logout_redirect_uris": ["https://app.example/bye#x"] }),
            // oidcc-3rd_party-init-login-nohttps
            json!({ "initiate_login_uri": "http://app.example/begin" }),
            json!({ "initiate_login_uri": "http://localhost/begin" }),
            json!({ "request_uris": ["http://app.example/request"] }),
            json!({ "request_uris": "https://app.example/request" }),
            // OpenID Connect Front-Channel Logout §2.
            json!({ "frontchannel_logout_uri": "https://other.example/out" }),
            json!({ "frontchannel_logout_uri": "https://app.example:8443/out" }),
        ]);
        refused(&house, METADATA, &all).await;
    }

    async fn keys_that_cannot_be_are_refused(db: Database) {
        let house = registering(db).await;
        let key = DpopKey::new();
        let public = jwks(&[("", &key)]);
        let mut private = public.clone();
        private["keys"][0]["d"] = json!("AAAA");
        let shared = json!({ "keys": [{ "kty": "oct", "k": "c2VjcmV0" }] });
        refused(&house, METADATA, &[
            json!({ "jwks": public, "jwks_uri": "https://app.example/keys" }),
            json!({ "jwks": private }),
            json!({ "jwks": shared }),
            json!({ "jwks": { "keys": [] } }),
            json!({ "jwks": [] }),
            json!({ "jwks": "x" }),
            json!({ "token_endpoint_auth_method": "private_key_jwt" }),
            json!({ "token_endpoint_auth_method": "private_key_jwt", "jwks": public,
                "token_endpoint_auth_signing_alg": "HS256" }),
            json!({ "token_endpoint_auth_method": "client_secret_jwt",
                "token_endpoint_auth_signing_alg": "RS256" }),
            json!({ "token_endpoint_auth_signing_alg": "none" }),
        ])
        .await;
    }

    async fn certificates_are_named_in_one_way_and_only_where_they_are_taken(db: Database) {
        let house = registering(db).await;
        let keys = jwks(&[("", &DpopKey::new())]);
        let tls = "token_endpoint_auth_method";
        refused(&house, METADATA, &[
            json!({ tls: "tls_client_auth", "tls_client_auth_subject_dn": "CN=app" }),
            json!({ tls: "self_signed_tls_client_auth", "jwks": keys }),
            json!({ "tls_client_certificate_bound_access_tokens": true }),
        ])
        .await;
    }

    async fn a_certificate_is_named_exactly_once(db: Database) {
        let folder = Folder::new();
        let house = taking_certificates(db, &folder).await;
        let tls = "token_endpoint_auth_method";
        refused(&house, METADATA, &[
            json!({ tls: "tls_client_auth" }),
            json!({ tls: "tls_client_auth", "tls_client_auth_subject_dn": "" }),
            json!({ tls: "tls_client_auth", "tls_client_auth_subject_dn": "CN=app",
                "tls_client_auth_san_dns": "app.example" }),
            json!({ tls: "self_signed_tls_client_auth" }),
        ])
        .await;
    }

    async fn members_of_another_type_are_refused(db: Database) {
        let house = registering(db).await;
        refused(&house, METADATA, &[
            json!({ "client_name": 1 }),
            json!({ "client_name": ["App"] }),
            json!({ "application_type": "desktop" }),
            json!({ "subject_type": "ephemeral" }),
            json!({ "token_endpoint_auth_method": "client_secret" }),
            json!({ "contacts": "ops@app.example" }),
            json!({ "default_max_age": -1 }),
            json!({ "default_max_age": "300" }),
            json!({ "require_auth_time": "true" }),
            json!({ "scope": ["openid"] }),
            json!({ "scope": "open\"id" }),
            json!({ "scope": "admin" }),
            json!({ "dpop_bound_access_tokens": 1 }),
            json!({ "default_acr_values": [1] }),
        ])
        .await;
        // RFC 7592 §2.2: null is as if it were absent.
        let members = json!({
            "redirect_uris": [CALLBACK], "client_name": null, "contacts": null, "jwks": null,
            "grant_types": null, "id_token_encrypted_response_alg": null,
        });
        let client = Registered::from(&house, &register(&house, &members).await);
        assert_eq!(client.told["client_name"], "app.example");
        assert_eq!(client.told.get("contacts"), None);
    }

    async fn dr_4_names_that_hide_something_are_refused(db: Database) {
        let house = registering(db).await;
        let long = "a".repeat(101);
        let names = [
            "",
            "   ",
            "bank\u{202e}elpmaxe",
            "Ba\u{200b}nk",
            "\u{2066}Bank",
            "Bank\u{0}",
            "Bank\nSigned in",
            "\u{feff}Bank",
            &long,
        ];
        let all: Vec<Value> = names.iter().map(|name| json!({ "client_name": name })).collect();
        refused(&house, METADATA, &all).await;
    }
}
