//! The members of a registration: each is kept and told again, or refused by name; none is silently
//! something else (RFC 7591 §2, OpenID Connect Dynamic Client Registration §2).

use entity::value::Profile;
use serde_json::{Value, json};

use super::registering::{
    METADATA, Registered, kept, refused, registering, registering_with, taking_certificates,
};
use crate::support::{asserting::jwks, database::both, dpop::DpopKey, folder::Folder};

both! {
    async fn every_member_is_kept_and_told_again(db: Database) {
        let folder = Folder::new();
        let house = taking_certificates(db, &folder).await;
        let keys = jwks(&[("", &DpopKey::new())]);
        kept(&house, &[
            json!({
                "contacts": ["ops@app.example"],
                "logo_uri": "https://app.example/logo.png",
                "client_uri": "https://app.example/",
                "policy_uri": "https://app.example/policy",
                "tos_uri": "https://app.example/terms",
                "post_logout_redirect_uris": ["https://app.example/bye"],
                "default_max_age": 300,
                "require_auth_time": true,
                "default_acr_values": ["1", "2"],
                "initiate_login_uri": "https://app.example/begin",
                "request_uris": ["https://app.example/request#not-a-hash", "https://cdn.example/r"],
                "frontchannel_logout_uri": "https://app.example/out",
                "frontchannel_logout_session_required": true,
                "backchannel_logout_uri": "https://back.example/out",
                "backchannel_logout_session_required": true,
                "software_id": "app",
                "software_version": "1.2",
            }),
            json!({ "jwks": keys, "token_endpoint_auth_method": "private_key_jwt",
                "token_endpoint_auth_signing_alg": "ES256" }),
            json!({ "jwks_uri": "https://app.example/keys",
                "token_endpoint_auth_method": "private_key_jwt" }),
            json!({ "token_endpoint_auth_method": "client_secret_jwt",
                "token_endpoint_auth_signing_alg": "HS256" }),
            json!({ "token_endpoint_auth_method": "client_secret_post" }),
            json!({ "token_endpoint_auth_method": "none" }),
            json!({ "token_endpoint_auth_method": "tls_client_auth",
                "tls_client_auth_subject_dn": "CN=app" }),
            json!({ "token_endpoint_auth_method": "self_signed_tls_client_auth", "jwks": keys,
                "tls_client_certificate_bound_access_tokens": true }),
            json!({ "id_token_signed_response_alg": "ES256",
                "userinfo_signed_response_alg": "RS256",
                "request_object_signing_alg": "PS256" }),
            json!({ "id_token_signed_response_alg": "EdDSA", "request_object_signing_alg": "none" }),
            json!({ "dpop_bound_access_tokens": true,
                "require_pushed_authorization_requests": true,
                "require_signed_request_object": true }),
            json!({ "application_type": "native",
                "redirect_uris": ["com.example.app:/cb", "http://127.0.0.1/cb"] }),
            json!({ "subject_type": "pairwise",
                "redirect_uris": ["https://app.example/a", "https://app.example/b?x=1"] }),
            json!({ "frontchannel_logout_uri": "http://localhost:3000/out",
                "redirect_uris": ["http://localhost:3000/cb"] }),
        ])
        .await;
    }

    async fn response_types_and_grants_that_agree_are_kept(db: Database) {
        let house = registering(db).await;
        kept(&house, &[
            json!({ "response_types": ["code"], "grant_types": ["authorization_code", "refresh_token"] }),
            json!({ "response_types": ["id_token"], "grant_types": ["implicit"] }),
            json!({ "response_types": ["code id_token token"],
                "grant_types": ["authorization_code", "implicit"] }),
            json!({ "response_types": ["code", "id_token", "id_token token", "code id_token",
                    "code token", "code id_token token"],
                "grant_types": ["authorization_code", "implicit", "refresh_token"] }),
            json!({ "grant_types": ["authorization_code",
                "urn:ietf:params:oauth:grant-type:device_code"] }),
        ])
        .await;
        // What goes with the one is filled in where the other is absent.
        let implied = Registered::new(&house, &json!({ "response_types": ["token id_token"] })).await;
        assert_eq!(implied.told["response_types"], json!(["id_token token"]));
        assert_eq!(implied.told["grant_types"], json!(["implicit"]));
        let hybrid = Registered::new(&house, &json!({ "response_types": ["token code"] })).await;
        assert_eq!(hybrid.told["grant_types"], json!(["authorization_code", "implicit"]));
        let device = "urn:ietf:params:oauth:grant-type:device_code";
        let members = json!({ "grant_types": [device], "redirect_uris": null });
        let device = Registered::new(&house, &members).await;
        assert_eq!(device.told["response_types"], json!([]));
        refused(&house, METADATA, &[
            json!({ "response_types": ["code"], "grant_types": ["implicit"] }),
            json!({ "response_types": ["id_token"], "grant_types": ["authorization_code"] }),
            json!({ "response_types": ["id_token"],
                "grant_types": ["authorization_code", "implicit"] }),
            json!({ "response_types": ["code id_token"], "grant_types": ["authorization_code"] }),
            json!({ "response_types": ["token"] }),
            json!({ "response_types": ["none"] }),
            json!({ "response_types": ["code code"] }),
            json!({ "response_types": "code" }),
            json!({ "grant_types": ["password"] }),
            json!({ "grant_types": ["urn:ietf:params:oauth:grant-type:jwt-bearer"] }),
            json!({ "grant_types": ["authorization_code"], "response_types": [] }),
        ])
        .await;
    }

    async fn only_the_profile_oidc_has_tokens_in_the_browser(db: Database) {
        let house = registering_with(db, |config| {
            config.registration.profile = Profile::Oauth21;
        })
        .await;
        refused(&house, METADATA, &[
            json!({ "response_types": ["id_token"] }),
            json!({ "response_types": ["code", "code id_token"] }),
            json!({ "grant_types": ["authorization_code", "implicit"] }),
            json!({ "request_object_signing_alg": "none" }),
        ])
        .await;
        kept(&house, &[json!({ "request_object_signing_alg": "RS256" })]).await;
    }

    async fn the_profile_fapi2_takes_keys_and_strong_signatures_only(db: Database) {
        let house = registering_with(db, |config| {
            config.registration.profile = Profile::Fapi2;
        })
        .await;
        let keys = jwks(&[("one", &DpopKey::new())]);
        let by_key = |more: Value| {
            let mut members = json!({
                "token_endpoint_auth_method": "private_key_jwt",
                "jwks": keys,
            });
            for (name, value) in more.as_object().expect("members") {
                members[name] = value.clone();
            }
            members
        };
        refused(&house, METADATA, &[
            json!({}),
            json!({ "token_endpoint_auth_method": "client_secret_jwt" }),
            json!({ "token_endpoint_auth_method": "none" }),
            by_key(json!({ "id_token_signed_response_alg": "RS256" })),
            by_key(json!({ "userinfo_signed_response_alg": "RS256" })),
            by_key(json!({ "request_object_signing_alg": "RS256" })),
            by_key(json!({ "token_endpoint_auth_signing_alg": "RS256" })),
        ])
        .await;
        let client = Registered::new(&house, &by_key(json!({}))).await;
        assert_eq!(client.told["id_token_signed_response_alg"], "ES256");
        assert_eq!(client.told["require_pushed_authorization_requests"], true);
        assert_eq!(client.told.get("client_secret"), None);
        assert_eq!(client.told.get("client_secret_expires_at"), None);
    }

    async fn what_we_do_not_do_is_refused_and_not_forgotten(db: Database) {
        let house = registering_with(db, |config| {
            let on = &mut config.features;
            on.pairwise_subjects = false;
            on.dpop = false;
            on.pushed_requests = false;
            on.backchannel_logout = false;
            on.frontchannel_logout = false;
            on.request_objects = false;
            on.implicit_and_hybrid = false;
            on.device_flow = false;
        })
        .await;
        refused(&house, METADATA, &[
            json!({ "id_token_signed_response_alg": "none" }),
            json!({ "id_token_signed_response_alg": "HS256" }),
            json!({ "userinfo_signed_response_alg": "none" }),
            json!({ "userinfo_signed_response_alg": "HS256" }),
            json!({ "request_object_signing_alg": "HS256" }),
            json!({ "id_token_encrypted_response_alg": "RSA-OAEP" }),
            json!({ "id_token_encrypted_response_enc": "A128GCM" }),
            json!({ "userinfo_encrypted_response_alg": "RSA-OAEP" }),
            json!({ "request_object_encryption_alg": "RSA-OAEP" }),
            json!({ "authorization_signed_response_alg": "RS256" }),
            json!({ "subject_type": "pairwise" }),
            json!({ "dpop_bound_access_tokens": true }),
            json!({ "require_pushed_authorization_requests": true }),
            json!({ "require_signed_request_object": true }),
            json!({ "request_object_signing_alg": "RS256" }),
            json!({ "backchannel_logout_uri": "https://app.example/out" }),
            json!({ "frontchannel_logout_uri": "https://app.example/out" }),
            json!({ "response_types": ["id_token"] }),
            json!({ "grant_types": ["authorization_code",
                "urn:ietf:params:oauth:grant-type:device_code"] }),
        ])
        .await;
        // RFC 7591 §2: what is not understood is left out; a statement that nobody signed for us too.
        let told = Registered::new(&house, &json!({ "software_statement": "e30.e30." })).await.told;
        assert_eq!(told.get("software_statement"), None);
    }
}
