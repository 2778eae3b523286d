//! Discovery: the two metadata documents and the keys (OpenID Connect Discovery 1.0 §3, §4,
//! RFC 8414 §3, RFC 7517 §5): what they are, and how long they may be kept.

use std::collections::BTreeSet;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use doorward::paths;
use serde_json::Value;

use super::granted::{names, sqlite};
use crate::support::{database::Database, house::House};

/// Every document that is for everybody.
const DOCUMENTS: [&str; 3] = [paths::DISCOVERY_OPENID, paths::DISCOVERY_OAUTH, paths::JWKS];

#[tokio::test]
async fn both_documents_describe_the_same_issuer() {
    let house = sqlite().await;
    let openid = house.get(paths::DISCOVERY_OPENID).await;
    let oauth = house.get(paths::DISCOVERY_OAUTH).await;
    assert_eq!(openid.body, oauth.body);
    let document = openid.ok();
    assert_eq!(document["issuer"], "http://localhost:8080");
    for (name, value) in document.as_object().expect("an object") {
        let (url, list, flag) = (value.as_str(), value.as_array(), value.as_bool());
        assert!(
            url.is_some() || list.is_some() || flag.is_some(),
            "{name}: {value}"
        );
        if name.ends_with("_endpoint") || name.ends_with("_uri") {
            let path = url.and_then(|url| url.strip_prefix("http://localhost:8080/"));
            assert!(path.is_some_and(|path| !path.is_empty()), "{name}: {value}");
        }
        if let Some(list) = list {
            let words: BTreeSet<_> = list.iter().filter_map(Value::as_str).collect();
            assert_eq!(words.len(), list.len(), "{name}: words, each once: {value}");
            // RFC 8414 §3.2: what is empty is left out.
            assert!(!list.is_empty(), "{name}");
        }
    }
}

/// What relying parties and the certification suite look for, and nothing that they do not know.
#[tokio::test]
async fn every_member_is_one_of_the_registry() {
    let house = sqlite().await;
    let document = house.get(paths::DISCOVERY_OPENID).await.ok();
    let known = [
        "acr_values_supported",
        "authorization_endpoint",
        "authorization_response_iss_parameter_supported",
        "backchannel_logout_session_supported",
        "backchannel_logout_supported",
        "claim_types_supported",
        "claims_parameter_supported",
        "claims_supported",
        "code_challenge_methods_supported",
        "device_authorization_endpoint",
        "display_values_supported",
        "dpop_signing_alg_values_supported",
        "end_session_endpoint",
        "frontchannel_logout_session_supported",
        "frontchannel_logout_supported",
        "grant_types_supported",
        "id_token_signing_alg_values_supported",
        "introspection_endpoint",
        "introspection_endpoint_auth_methods_supported",
        "introspection_endpoint_auth_signing_alg_values_supported",
        "issuer",
        "jwks_uri",
        "prompt_values_supported",
        "pushed_authorization_request_endpoint",
        "request_object_signing_alg_values_supported",
        "request_parameter_supported",
        "request_uri_parameter_supported",
        "require_pushed_authorization_requests",
        "response_modes_supported",
        "response_types_supported",
        "revocation_endpoint",
        "revocation_endpoint_auth_methods_supported",
        "revocation_endpoint_auth_signing_alg_values_supported",
        "scopes_supported",
        "subject_types_supported",
        "token_endpoint",
        "token_endpoint_auth_methods_supported",
        "token_endpoint_auth_signing_alg_values_supported",
        "ui_locales_supported",
        "userinfo_endpoint",
        "userinfo_signing_alg_values_supported",
    ];
    assert_eq!(names(&document), known);
}

#[tokio::test]
async fn every_endpoint_in_it_answers() {
    let house = sqlite().await;
    let document = house.get(paths::DISCOVERY_OPENID).await.ok();
    for (name, value) in document.as_object().expect("an object") {
        if !(name.ends_with("_endpoint") || name == "jwks_uri") {
            continue;
        }
        let url = value.as_str().expect("a URL");
        let (get, post) = (house.get(url).await, house.post(url).await);
        for (method, answer) in [("GET", &get), ("POST", &post)] {
            assert!(
                answer.status != 404 && answer.status < 500,
                "{method} {}",
                answer.told()
            );
        }
        assert!(get.status != 405 || post.status != 405, "{name}");
    }
}

#[tokio::test]
async fn the_issuer_comes_from_the_settings_and_from_nothing_that_is_sent() {
    let house = House::with(Database::sqlite().await, |config| {
        config.server.issuer = "https://login.example".to_owned();
        config.development = false;
    })
    .await;
    let plain = house.get(paths::DISCOVERY_OPENID).await;
    assert_eq!(plain.ok()["issuer"], "https://login.example");
    for (name, value) in [
        ("Host", "evil.example"),
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Proto", "http"),
        ("Forwarded", "host=evil.example;proto=http"),
        ("X-Original-URL", "/evil"),
    ] {
        let asked = house.get(paths::DISCOVERY_OPENID).header(name, value).await;
        assert_eq!(asked.body, plain.body, "{name}");
    }
}

#[tokio::test]
async fn a_document_is_kept_for_five_minutes_and_then_asked_for_by_its_tag() {
    let house = sqlite().await;
    for path in DOCUMENTS {
        let first = house.get(path).await;
        first.ok();
        first.has("Cache-Control", |rule| rule == "public, max-age=300");
        let tag = first.header("ETag").to_owned();
        assert!(
            tag.starts_with('"') && tag.ends_with('"') && tag.len() > 12,
            "{tag}"
        );
        let weak = format!("W/{tag}");
        let list = format!("\"other\", {tag}");
        for known in [tag.as_str(), &weak, &list, "*"] {
            let again = house.get(path).header("If-None-Match", known).await;
            again.is(304).has("ETag", |own| own == tag);
            again.has("Cache-Control", |rule| rule == "public, max-age=300");
            assert!(again.body.is_empty(), "{}", again.body);
        }
        for other in ["\"other\"", "", tag.trim_matches('"'), "\""] {
            let again = house.get(path).header("If-None-Match", other).await;
            assert_eq!(again.is(200).body, first.body, "{other}");
        }
        // The same bytes each time, or no tag would ever fit.
        assert_eq!(house.get(path).await.body, first.body);
    }
}

#[tokio::test]
async fn the_keys_are_public_and_each_has_a_name() {
    let house = sqlite().await;
    let keys = house.get(paths::JWKS).await.ok();
    let keys = keys["keys"].as_array().expect("keys");
    let kids: BTreeSet<_> = keys
        .iter()
        .map(|key| key["kid"].as_str().expect("a kid"))
        .collect();
    assert_eq!(kids.len(), keys.len());
    let length = |key: &Value, name: &str| {
        let text = key[name].as_str().expect("base64url");
        URL_SAFE_NO_PAD.decode(text).expect("base64url").len()
    };
    let mut algs = Vec::new();
    for key in keys {
        assert_eq!(key["use"], "sig");
        match key["kty"].as_str() {
            Some("RSA") => {
                assert_eq!(names(key), ["alg", "e", "kid", "kty", "n", "use"]);
                assert!(length(key, "n") >= 256, "2048 bits at least");
            }
            Some("OKP") => {
                assert_eq!(names(key), ["alg", "crv", "kid", "kty", "use", "x"]);
                assert_eq!((&key["crv"], length(key, "x")), (&"Ed25519".into(), 32));
            }
            _ => {
                assert_eq!(names(key), ["alg", "crv", "kid", "kty", "use", "x", "y"]);
                assert_eq!((&key["kty"], &key["crv"]), (&"EC".into(), &"P-256".into()));
                assert_eq!((length(key, "x"), length(key, "y")), (32, 32));
            }
        }
        algs.push(key["alg"].as_str().expect("an algorithm"));
    }
    algs.sort_unstable();
    assert_eq!(algs, ["ES256", "EdDSA", "PS256", "RS256"]);
}
