//! Tests of the checks: tokens as they should be pass, and each single flaw is found.

use chrono::DateTime;

use super::*;

const NOW: i64 = 1_800_000_000;
const ISSUER: &str = "https://op.example";

fn expected<'a>(algs: &'a [String]) -> Expected<'a> {
    Expected {
        issuer: ISSUER,
        id_token_algs: algs,
        audience: "https://api.example",
        nonce: "n",
        max_age: Some(60),
        subject: None,
        now: DateTime::from_timestamp(NOW, 0).unwrap(),
    }
}

fn claims(value: Value) -> Claims {
    value.as_object().unwrap().clone()
}

/// With one claim changed, or taken away where it is null.
fn with(mut claims: Claims, name: &str, value: Value) -> Claims {
    match value {
        Value::Null => claims.remove(name),
        value => claims.insert(name.to_owned(), value),
    };
    claims
}

fn failed(checks: &[Check]) -> Vec<&str> {
    let bad = checks.iter().filter(|check| !check.ok);
    bad.map(|check| check.text.split(' ').next().unwrap())
        .collect()
}

fn good_id_token() -> Claims {
    claims(json!({
        "iss": ISSUER,
        "sub": "ada",
        "aud": CLIENT_ID,
        "exp": NOW + 300,
        "iat": NOW,
        "auth_time": NOW - 10,
        "nonce": "n",
        // The first half of SHA-256("abc") (FIPS 180-2 Appendix B.1).
        "at_hash": "ungWv48Bz-pBQUDeXa4iIw",
    }))
}

#[test]
fn every_flaw_of_an_id_token_is_found() {
    let judge = |claims: &Claims| id_token_claims(claims, "abc", &expected(&[]));
    assert_eq!(failed(&judge(&good_id_token())), [""; 0]);
    for (name, value) in [
        ("iss", json!("https://op.example/")),
        ("iss", Value::Null),
        ("aud", json!("other")),
        ("aud", json!([CLIENT_ID, "other"])),
        ("aud", json!([])),
        ("exp", json!(NOW - LEEWAY)),
        ("exp", json!("soon")),
        ("iat", json!(NOW + LEEWAY + 1)),
        ("nonce", json!("m")),
        ("at_hash", json!("ungWv48Bz-pBQUDeXa4iIA")),
        ("auth_time", json!(NOW - 60 - LEEWAY - 1)),
        ("auth_time", Value::Null),
        ("sub", json!("")),
        ("sub", Value::Null),
    ] {
        let flawed = with(good_id_token(), name, value);
        assert_eq!(failed(&judge(&flawed)), [name], "{flawed:?}");
    }
    // There is no nonce to look at, so the sentence begins otherwise.
    let flawed = judge(&with(good_id_token(), "nonce", Value::Null));
    assert_eq!(failed(&flawed), ["nonce"]);
}

#[test]
fn a_later_id_token_is_about_the_same_person_and_may_lack_the_nonce() {
    let later = Expected {
        subject: Some("ada"),
        max_age: None,
        ..expected(&[])
    };
    let judge = |claims: &Claims| id_token_claims(claims, "abc", &later);
    let bare = with(good_id_token(), "nonce", Value::Null);
    assert_eq!(failed(&judge(&bare)), [""; 0]);
    for (name, value) in [("sub", "eve"), ("nonce", "m")] {
        let flawed = with(bare.clone(), name, json!(value));
        assert_eq!(failed(&judge(&flawed)), [name]);
    }
}

#[test]
fn every_flaw_of_an_access_token_is_found() {
    let good = claims(json!({
        "iss": ISSUER,
        "sub": "ada",
        "aud": ["https://api.example", ISSUER],
        "client_id": CLIENT_ID,
        "exp": NOW + 300,
        "iat": NOW,
    }));
    let judge = |claims: &Claims| access_token_claims(claims, Some("ada"), &expected(&[]));
    assert_eq!(failed(&judge(&good)), [""; 0]);
    for (name, value) in [
        ("iss", json!("https://other.example")),
        ("aud", json!(ISSUER)),
        ("exp", json!(NOW - LEEWAY)),
        ("iat", Value::Null),
        ("client_id", json!("other")),
        ("sub", json!("eve")),
    ] {
        let flawed = with(good.clone(), name, value);
        assert_eq!(failed(&judge(&flawed)), [name], "{flawed:?}");
    }
}

#[test]
fn jw_9_an_algorithm_counts_only_if_the_provider_offers_it_and_the_playground_knows_it() {
    // Both stop at the algorithm: there is no key set to get further with.
    let token = |alg: &str| {
        let header = URL_SAFE_NO_PAD.encode(json!({ "alg": alg }).to_string());
        format!("{header}.e30.AAAA")
    };
    let why = |alg: &str, offered: &str| {
        let offered = [offered.to_owned()];
        let (step, subject) = id_token(&json!({}), &token(alg), "abc", &expected(&offered));
        assert!(subject.is_none());
        serde_json::to_string(&step).unwrap()
    };
    assert!(why("ES256", "RS256").contains("an algorithm that is not accepted"));
    assert!(why("HS256", "HS256").contains("an algorithm that is not accepted"));
    assert!(why("RS256", "RS256").contains("a key that is not in the key set"));
}
