//! JW-6: signatures that nearly fit, by the classes of Wycheproof's tables: numbers that are zero, too
//! large or of another length, padding that is only half looked at, keys that are weak or of another
//! curve. The vectors with RSA were made once for this file and hold no private key.

use std::collections::BTreeSet;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use doorward::crypto::jwks::{self, JwsAlg};
use serde_json::{Value, json};

use super::granted::sqlite;
use crate::support::{
    asserting::{Asserting, jwks as set},
    dpop::DpopKey,
};

/// The order of P-256 (FIPS 186-4 Appendix D.1.2.3).
const N: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
/// The prime of P-256.
const P: &str = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
/// The order of the base point of Ed25519 (RFC 8032 §5.1), the lowest byte first.
const L: &str = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

/// Points of Ed25519 with which a signature says nothing about the message: those of small order
/// (RFC 8032 §5.1.7 multiplies by the cofactor), in all their spellings, without the sign.
const SMALL_ORDER: [&str; 7] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

fn hex(text: &str) -> Vec<u8> {
    let byte = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal");
    (0..text.len()).step_by(2).map(byte).collect()
}

fn coded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// `one - other`, the highest byte first; `one` is not the smaller one.
fn minus(one: &[u8], other: &[u8]) -> Vec<u8> {
    let mut borrowed = 0;
    let mut left: Vec<u8> = Vec::new();
    for (a, b) in one.iter().zip(other).rev() {
        let digit = i16::from(*a) - i16::from(*b) - borrowed;
        borrowed = i16::from(digit < 0);
        left.push(u8::try_from(digit.rem_euclid(256)).expect("a byte"));
    }
    left.reverse();
    left
}

/// `one + other`, the lowest byte first, as far as it fits.
fn plus(one: &[u8], other: &[u8]) -> Vec<u8> {
    let mut carried = 0;
    let sums = one.iter().zip(other).map(|(a, b)| {
        let digit = u16::from(*a) + u16::from(*b) + carried;
        carried = digit >> 8;
        u8::try_from(digit & 0xff).expect("a byte")
    });
    sums.collect()
}

fn verifies(alg: &str, key: &Value, token: &str) -> bool {
    let alg = JwsAlg::parse(alg).expect("an algorithm");
    jwks::verify(&json!({ "keys": [key] }), token, None, &[alg]).is_ok()
}

#[test]
fn jw_6_of_signatures_that_nearly_fit_none_does() {
    let vectors: Value = serde_json::from_str(include_str!("jws_vectors.json")).expect("JSON");
    let vectors = vectors.as_array().expect("vectors");
    assert!(vectors.len() > 30);
    let mut proven = BTreeSet::new();
    for vector in vectors {
        let text = |name: &str| vector[name].as_str().expect("a text");
        let fits = verifies(text("alg"), &vector["jwk"], text("token"));
        assert_eq!(fits, vector["good"], "{}: {}", text("alg"), text("why"));
        if fits {
            proven.insert(text("alg"));
        }
    }
    let all = BTreeSet::from(["ES256", "PS256", "RS256"]);
    assert_eq!(
        proven, all,
        "each has one that fits, or the others show nothing"
    );
}

#[tokio::test]
async fn jw_6_a_signature_on_p_256_is_two_numbers_of_32_bytes_within_the_order() {
    let house = sqlite().await;
    let client = Asserting::with(&house, DpopKey::new(), |_| ()).await;
    let assertion = client.assertion(&json!({}));
    let (message, signature) = assertion.rsplit_once('.').expect("a signature");
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    let (r, s) = signature.split_at(32);
    let (n, p) = (hex(N), hex(P));
    let zero = vec![0; 32];
    let one = [&[0; 31][..], &[1]].concat();
    let most = vec![0xff; 32];
    let numbers = [&zero, &one, &n, &p, &most];
    let mut bad: Vec<Vec<u8>> = Vec::new();
    for first in numbers {
        for second in numbers {
            bad.push([&first[..], second].concat());
        }
        bad.push([&first[..], s].concat());
        bad.push([r, first].concat());
    }
    let mut der = vec![0x30, 0x46, 0x02, 0x21, 0];
    der.extend(r);
    der.extend([0x02, 0x21, 0]);
    der.extend(s);
    bad.extend([
        [s, r].concat(),
        der,
        [&[0], r, &[0], s].concat(),
        [&[0; 16][..], r, &[0; 16], s].concat(),
        [r, s, &[0]].concat(),
        [&[0], r, s].concat(),
        [r, &s[..31]].concat(),
        [&r[1..], s].concat(),
        r.to_vec(),
        vec![],
    ]);
    let before = house.rows().await;
    for signature in &bad {
        let forged = format!("{message}.{}", coded(signature));
        client.present(&forged).await.client_401();
    }
    assert_eq!(house.rows().await, before);
    client.present(&assertion).await.tokens();
    // The other half of the curve fits too, and is the same assertion: it was used.
    let twin = [r, &minus(&n, s)].concat();
    let twin = format!("{message}.{}", coded(&twin));
    assert_ne!(twin, assertion);
    client.present(&twin).await.client_401();
}

#[tokio::test]
async fn jw_6_a_signature_with_ed25519_has_one_form() {
    let house = sqlite().await;
    let client = Asserting::with(&house, DpopKey::ed25519(), |_| ()).await;
    let assertion = client.assertion(&json!({}));
    let (message, signature) = assertion.rsplit_once('.').expect("a signature");
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    let (r, s) = signature.split_at(32);
    let before = house.rows().await;
    let mut bad = vec![
        // RFC 8032 §5.1.7: S is within the order, or a signature would have twins.
        [r, &plus(s, &hex(L))].concat(),
        [r, &hex(L)].concat(),
        [r, &[0; 32]].concat(),
        [&[0; 32], s].concat(),
        [s, r].concat(),
        [r, s, &[0]].concat(),
        [r, &s[..31]].concat(),
        vec![0; 64],
        vec![0xff; 64],
    ];
    bad.extend(SMALL_ORDER.map(|point| [&hex(point)[..], &[0; 32]].concat()));
    for signature in &bad {
        let forged = format!("{message}.{}", coded(signature));
        client.present(&forged).await.client_401();
    }
    assert_eq!(house.rows().await, before);
    client.present(&assertion).await.tokens();
}

/// With such a key, whoever knows no private one could sign for its client.
#[test]
fn jw_6_keys_that_prove_nothing_are_not_registered() {
    let ed25519 = |bytes: &[u8]| json!({ "kty": "OKP", "crv": "Ed25519", "x": coded(bytes) });
    let check = |key: &Value| jwks::check(&json!({ "keys": [key] }));
    for point in SMALL_ORDER {
        let mut bytes = hex(point);
        for sign in [0, 0x80] {
            bytes[31] = (bytes[31] & 0x7f) | sign;
            assert!(check(&ed25519(&bytes)).is_err(), "{point} {sign}");
        }
    }
    let good = DpopKey::new().jwk;
    let point = |x: &[u8], y: &[u8]| {
        let mut key = good.clone();
        (key["x"], key["y"]) = (json!(coded(x)), json!(coded(y)));
        key
    };
    let part = |name: &str| {
        let text = good[name].as_str().expect("a coordinate");
        URL_SAFE_NO_PAD.decode(text).expect("base64url")
    };
    let (x, y, p) = (part("x"), part("y"), hex(P));
    for key in [
        // The point at infinity, as some write it.
        point(&[0; 32], &[0; 32]),
        point(&p, &y),
        point(&x, &p),
        point(&[0xff; 32], &y),
        point(&y, &x),
        point(&[&[0], &x[..]].concat(), &y),
        point(&x[1..], &y),
        point(&x, &[]),
    ] {
        assert!(check(&key).is_err(), "{key}");
    }
    // Its mirror is a point, and another key.
    assert!(check(&point(&x, &minus(&p, &y))).is_ok());
    assert!(
        jwks::check(&set(&[
            ("one", &DpopKey::new()),
            ("two", &DpopKey::ed25519())
        ]))
        .is_ok()
    );
}
