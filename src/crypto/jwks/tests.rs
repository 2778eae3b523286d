//! What of foreign signatures is believed, and what is not.

use entity::value::SigningAlg;
use serde_json::json;

use super::{
    super::jwt::{SigningPair, Typ},
    *,
};

const BOTH: [JwsAlg; 2] = [JwsAlg::RS256, JwsAlg::ES256];

fn pair(alg: SigningAlg) -> SigningPair {
    SigningPair::generate(alg).unwrap().0
}

fn set(pairs: &[&SigningPair]) -> Value {
    json!({ "keys": pairs.iter().map(|pair| &pair.public.jwk).collect::<Vec<_>>() })
}

/// The token with its header changed, and so with a signature that does not fit.
fn with_header(token: &str, change: impl Fn(&mut Map<String, Value>)) -> String {
    let mut own = header(token).unwrap();
    change(&mut own);
    let own = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&own).unwrap());
    format!("{own}.{}", token.split_once('.').unwrap().1)
}

fn why(jwks: &Value, token: &str, algs: &[JwsAlg]) -> NotVerified {
    verify(jwks, token, None, algs).unwrap_err()
}

#[test]
fn a_token_is_verified_with_the_key_that_it_names() {
    let (rsa, ec) = (pair(SigningAlg::RS256), pair(SigningAlg::ES256));
    let claims = json!({ "sub": "ada", "exp": 1 });
    for own in [&rsa, &ec] {
        let token = own.sign(Typ::AccessToken, &claims).unwrap();
        let read = verify(&set(&[&rsa, &ec]), &token, Some("at+jwt"), &BOTH).unwrap();
        assert_eq!(Value::Object(read.claims), claims);
        assert_eq!(read.header["kid"], own.public.kid);
        let other = verify(&set(&[&rsa, &ec]), &token, Some("JWT"), &BOTH);
        assert_eq!(other.unwrap_err(), NotVerified::Typ);
    }
    let token = ec.sign(Typ::IdToken, &claims).unwrap();
    assert_eq!(why(&set(&[&rsa]), &token, &BOTH), NotVerified::UnknownKey);
    assert_eq!(why(&json!({}), &token, &BOTH), NotVerified::UnknownKey);
    let rs256 = [JwsAlg::RS256];
    assert_eq!(why(&set(&[&ec]), &token, &rs256), NotVerified::Alg);
}

#[test]
fn without_a_key_id_a_few_keys_are_tried_and_not_many() {
    let own = pair(SigningAlg::ES256);
    let others: Vec<_> = (0..MOST_TRIED).map(|_| pair(SigningAlg::ES256)).collect();
    let others: Vec<_> = others.iter().collect();
    let token = own.sign(Typ::IdToken, &json!({})).unwrap();
    let mut few = set(&[&others[1..], &[&own]].concat());
    assert!(verify(&few, &token, None, &BOTH).is_ok());
    assert_eq!(why(&set(&others), &token, &BOTH), NotVerified::UnknownKey);
    // Nameless keys.
    for key in few["keys"].as_array_mut().unwrap() {
        key.as_object_mut().unwrap().remove("kid");
    }
    assert!(verify(&few, &token, None, &BOTH).is_ok());
    let nameless = with_header(&token, |header| drop(header.remove("kid")));
    // They are tried: the changed header does not fit.
    assert_eq!(why(&few, &nameless, &BOTH), NotVerified::Signature);
    let all = set(&[&others[..], &[&own]].concat());
    assert_eq!(why(&all, &nameless, &BOTH), NotVerified::Ambiguous);
}

#[test]
fn a_mac_needs_a_secret_that_is_as_long_as_its_hash() {
    let signed = |secret: &[u8], alg: Algorithm| {
        let key = jsonwebtoken::EncodingKey::from_secret(secret);
        jsonwebtoken::encode(&jsonwebtoken::Header::new(alg), &json!({ "a": 1 }), &key).unwrap()
    };
    let why = |secret: &[u8], token: &str| verify_mac(secret, token, None).unwrap_err();
    let secret = [7; 32];
    let token = signed(&secret, Algorithm::HS256);
    assert_eq!(verify_mac(&secret, &token, None).unwrap().claims["a"], 1);
    assert_eq!(why(&[8; 32], &token), NotVerified::Signature);
    for short in [&secret[..31], b"", b"secret"] {
        let token = signed(short, Algorithm::HS256);
        assert_eq!(why(short, &token), NotVerified::UnknownKey);
    }
    for alg in [Algorithm::HS384, Algorithm::HS512] {
        assert_eq!(why(&secret, &signed(&secret, alg)), NotVerified::Alg);
    }
    let none = with_header(&token, |header| header["alg"] = json!("none"));
    assert_eq!(why(&secret, &none), NotVerified::Alg);
}

#[test]
fn a_key_is_used_only_for_what_it_is_made_for() {
    let own = pair(SigningAlg::ES256);
    let token = own.sign(Typ::IdToken, &json!({})).unwrap();
    for (name, value) in [
        ("use", json!("enc")),
        ("key_ops", json!(["sign"])),
        ("alg", json!("ES384")),
        ("crv", json!("P-384")),
        ("kty", json!("oct")),
    ] {
        let mut jwks = set(&[&own]);
        jwks["keys"][0][name] = value;
        assert_eq!(why(&jwks, &token, &BOTH), NotVerified::UnknownKey, "{name}");
    }
}

#[test]
fn a_token_cannot_choose_how_it_is_verified() {
    let own = pair(SigningAlg::ES256);
    let jwks = set(&[&own]);
    let token = own.sign(Typ::IdToken, &json!({})).unwrap();
    for alg in ["none", "None", "HS256", "es256", "ES512", ""] {
        let token = with_header(&token, |header| header["alg"] = json!(alg));
        assert_eq!(why(&jwks, &token, &JwsAlg::ALL), NotVerified::Alg, "{alg}");
    }
    for name in REFUSED {
        let token = with_header(&token, |header| {
            header.insert(name.to_owned(), json!([]));
        });
        assert_eq!(why(&jwks, &token, &BOTH), NotVerified::OwnKey, "{name}");
    }
    let (rest, _) = token.rsplit_once('.').unwrap();
    for forged in [format!("{rest}."), format!("{rest}.AAAA")] {
        assert_eq!(why(&jwks, &forged, &BOTH), NotVerified::Signature);
    }
    for no_token in [
        "",
        "a.b",
        rest,
        &format!("{token}.{token}"),
        &"a".repeat(LONGEST),
    ] {
        assert_eq!(why(&jwks, no_token, &BOTH), NotVerified::Malformed);
    }
}

/// JW-12: what somebody registers are public keys, and none that anybody could guess.
#[test]
fn jw_12_a_key_set_holds_good_public_keys_only() {
    let (rsa, ec, ed) = (
        pair(SigningAlg::RS256),
        pair(SigningAlg::ES256),
        pair(SigningAlg::EdDSA),
    );
    let good = set(&[&rsa, &ec, &ed]);
    assert_eq!(check(&good), Ok(()));
    let changed = |at: usize, name: &str, value: Value| {
        let mut jwks = good.clone();
        jwks["keys"][at][name] = value;
        check(&jwks)
    };
    for at in 0..3 {
        for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"] {
            let told = changed(at, name, json!("AQAB"));
            assert_eq!(told, Err(BadKeySet::Private), "{name}");
        }
        for (name, value) in [("kty", json!(1)), ("kid", json!(1)), ("use", json!([]))] {
            assert_eq!(changed(at, name, value), Err(BadKeySet::Key), "{name}");
        }
    }
    let oct = json!({ "keys": [{ "kty": "oct", "kid": "a" }] });
    assert_eq!(check(&oct), Err(BadKeySet::Private));
    for bytes in [128, 255, 1025] {
        let n = URL_SAFE_NO_PAD.encode(vec![0xff; bytes]);
        assert_eq!(
            changed(0, "n", json!(n)),
            Err(BadKeySet::RsaSize),
            "{bytes}"
        );
    }
    let zeros = URL_SAFE_NO_PAD.encode([&[0; 128][..], &[0xff; 128]].concat());
    assert_eq!(changed(0, "n", json!(zeros)), Err(BadKeySet::RsaSize));
    for (at, name, value) in [
        (0, "e", "AQ"),
        (0, "e", "Ag"),
        (0, "e", "AAAB"),
        (0, "e", ""),
        (0, "e", "///"),
        (1, "x", ec.public.jwk["y"].as_str().unwrap()),
        (1, "x", "AAAA"),
        (1, "y", ""),
        (2, "x", "AAAA"),
    ] {
        let told = changed(at, name, json!(value));
        assert_eq!(told, Err(BadKeySet::Key), "{at} {name} {value}");
    }
    for none in [json!({}), json!([]), json!(null), json!({ "keys": {} })] {
        assert_eq!(check(&none), Err(BadKeySet::Malformed));
    }
    assert_eq!(check(&json!({ "keys": [] })), Err(BadKeySet::Empty));
    let many = json!({ "keys": vec![ec.public.jwk.clone(); 51] });
    assert_eq!(check(&many), Err(BadKeySet::TooMany));
    // What nothing here verifies with is left to whoever it is for.
    for other in [
        json!({ "kty": "AKP", "alg": "ML-DSA-44", "pub": "AA" }),
        json!({ "kty": "OKP", "crv": "X25519", "x": "AA" }),
    ] {
        assert_eq!(check(&json!({ "keys": [other] })), Ok(()));
    }
}

#[test]
fn a_private_key_that_is_published_verifies_nothing() {
    let own = pair(SigningAlg::ES256);
    let token = own.sign(Typ::IdToken, &json!({})).unwrap();
    let mut jwks = set(&[&own]);
    jwks["keys"][0]["d"] = json!("AAAA");
    assert_eq!(why(&jwks, &token, &BOTH), NotVerified::UnknownKey);
}
