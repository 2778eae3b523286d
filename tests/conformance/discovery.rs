//! Discovery: the metadata as the suite reads it, and the keys before and after a rotation.

use doorward::{
    events::About,
    keys::rotation::{self, Wanted},
    paths,
};
use entity::value::SigningAlg;
use serde_json::Value;

use super::{Variant, suite::Suite};

pub async fn oidcc_discovery_endpoint_verification(_: Variant) {
    let suite = Suite::begin().await;
    let answer = suite.house.get(paths::DISCOVERY_OPENID).await;
    let metadata = answer.ok();
    let issuer = metadata["issuer"].as_str().expect("an issuer");
    assert_eq!(
        answer.url.as_str(),
        format!("{issuer}/.well-known/openid-configuration")
    );
    assert!(issuer.starts_with("https://"));
    let list = |name: &str| -> Vec<String> {
        serde_json::from_value(metadata[name].clone()).unwrap_or_else(|_| panic!("{name}"))
    };
    for (name, value) in metadata.as_object().expect("an object") {
        assert!(KNOWN.contains(&name.as_str()), "nobody knows {name}");
        if name.ends_with("_endpoint") || name == "jwks_uri" {
            assert!(
                value
                    .as_str()
                    .is_some_and(|url| url.starts_with("https://")),
                "{name}"
            );
        }
        if name.ends_with("_supported") && value.is_boolean() == value.is_array() {
            panic!("{name} is neither a flag nor a list: {value}");
        }
    }
    for kind in ["code", "id_token", "id_token token"] {
        assert!(
            list("response_types_supported").contains(&kind.to_owned()),
            "{kind}"
        );
    }
    for grant in ["authorization_code", "implicit"] {
        assert!(
            list("grant_types_supported").contains(&grant.to_owned()),
            "{grant}"
        );
    }
    for place in ["id_token", "userinfo", "request_object"] {
        let algs = list(&format!("{place}_signing_alg_values_supported"));
        assert!(algs.contains(&"RS256".to_owned()), "{place}");
    }
    assert!(list("scopes_supported").contains(&"openid".to_owned()));
    assert_eq!(list("subject_types_supported"), ["public", "pairwise"]);
    assert!(!list("claims_supported").is_empty());
    assert!(metadata["registration_endpoint"].is_string());
    let keys = suite.house.get(paths::JWKS).await.ok();
    let keys = keys["keys"].as_array().expect("keys").clone();
    let mut kids: Vec<_> = keys
        .iter()
        .map(|key| key["kid"].as_str().expect("a kid"))
        .collect();
    kids.sort_unstable();
    kids.dedup();
    assert_eq!(kids.len(), keys.len(), "all kids differ");
    for key in &keys {
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert!(key.get(private).is_none(), "{private}");
        }
    }
}

/// The members that the suite knows, of those that we have.
const KNOWN: &[&str] = &[
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "jwks_uri",
    "introspection_endpoint",
    "revocation_endpoint",
    "end_session_endpoint",
    "registration_endpoint",
    "pushed_authorization_request_endpoint",
    "device_authorization_endpoint",
    "scopes_supported",
    "response_types_supported",
    "response_modes_supported",
    "grant_types_supported",
    "subject_types_supported",
    "id_token_signing_alg_values_supported",
    "userinfo_signing_alg_values_supported",
    "request_object_signing_alg_values_supported",
    "dpop_signing_alg_values_supported",
    "token_endpoint_auth_methods_supported",
    "token_endpoint_auth_signing_alg_values_supported",
    "introspection_endpoint_auth_methods_supported",
    "introspection_endpoint_auth_signing_alg_values_supported",
    "revocation_endpoint_auth_methods_supported",
    "revocation_endpoint_auth_signing_alg_values_supported",
    "code_challenge_methods_supported",
    "claim_types_supported",
    "claims_supported",
    "acr_values_supported",
    "display_values_supported",
    "prompt_values_supported",
    "ui_locales_supported",
    "authorization_response_iss_parameter_supported",
    "claims_parameter_supported",
    "request_parameter_supported",
    "request_uri_parameter_supported",
    "require_request_uri_registration",
    "require_pushed_authorization_requests",
    "frontchannel_logout_supported",
    "frontchannel_logout_session_supported",
    "backchannel_logout_supported",
    "backchannel_logout_session_supported",
    "tls_client_certificate_bound_access_tokens",
    "mtls_endpoint_aliases",
];

pub async fn oidcc_server_rotate_keys(_: Variant) {
    let suite = Suite::begin().await;
    let app = &suite.house.app;
    let kids = async || -> Vec<(String, String)> {
        let keys = suite.house.get(paths::JWKS).await.ok();
        let keys = keys["keys"].as_array().expect("keys").clone();
        let text = |key: &Value, name: &str| key[name].as_str().expect("a member").to_owned();
        keys.iter()
            .map(|key| (text(key, "kid"), text(key, "kty")))
            .collect()
    };
    let before = kids().await;
    let wanted = Wanted {
        algs: vec![SigningAlg::ES256],
        now: false,
        forget: Vec::new(),
    };
    let turned = rotation::rotate(app, &wanted, &About::default()).await;
    turned.expect("a rotation");
    let after = kids().await;
    assert!(
        before.iter().all(|known| after.contains(known)),
        "the old keys stay"
    );
    let new: Vec<_> = after.iter().filter(|key| !before.contains(key)).collect();
    assert!(new.iter().any(|(_, kty)| kty != "OKP"), "{new:?}");
}
