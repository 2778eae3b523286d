//! The vectors of the specifications; everything that only a signer can make is tried at the doors.

use serde_json::json;

use super::*;

/// RFC 9449 §4.1, figure 1.
const PROOF: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Im\
    w4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3V\
    OSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHR\
    tIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2\
    -GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";

fn why(proof: &str) -> NotSigned {
    read::<Value>(proof, &["ES256"]).unwrap_err()
}

#[test]
fn the_proof_of_rfc_9449() {
    let signed = read::<Value>(PROOF, &["ES256"]).unwrap();
    assert_eq!(signed.jkt, "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
    assert_eq!(signed.claims["jti"], "-BwC3ESc6acc2lTc");
    let other = read::<Value>(PROOF, &["PS256", "EdDSA"]);
    assert_eq!(other.unwrap_err(), NotSigned::Alg);
}

#[test]
fn a_proof_is_whole_or_none() {
    let parts: Vec<&str> = PROOF.split('.').collect();
    let [header, claims, signature] = parts[..] else {
        panic!("a compact JWS");
    };
    for bad in [
        String::new(),
        "a".to_owned(),
        "..".to_owned(),
        format!("{header}.{claims}"),
        format!("{PROOF}.{signature}"),
        format!("{PROOF}="),
        format!(" {PROOF}"),
        format!(".{claims}.{signature}"),
    ] {
        assert_eq!(why(&bad), NotSigned::Malformed, "{bad}");
    }
    for bad in [
        format!("{header}.{claims}."),
        format!("{header}..{signature}"),
        format!("{header}.{claims}.{}", "A".repeat(signature.len())),
        format!("{header}.e30.{signature}"),
    ] {
        assert_eq!(why(&bad), NotSigned::Signature, "{bad}");
    }
    assert_eq!(why(&"a".repeat(LONGEST + 1)), NotSigned::TooLong);
    assert_eq!(
        read::<Vec<u8>>(PROOF, &["ES256"]).unwrap_err(),
        NotSigned::Claims
    );
}

/// RFC 7638 §3.1 and RFC 8037 A.3.
#[test]
fn a_key_has_one_name() {
    let rsa = json!({
        "kty": "RSA",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tS\
            oc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YG\
            jQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-\
            bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
        "e": "AQAB",
        "alg": "RS256",
        "kid": "2011-04-29",
    });
    let okp = json!({
        "kty": "OKP",
        "crv": "Ed25519",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    });
    let named = |alg: &str, jwk: &Value| Some(Key::read(alg, jwk.as_object()?)?.jkt);
    let name = named("PS256", &rsa);
    assert_eq!(
        name.as_deref(),
        Some("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")
    );
    let name = named("EdDSA", &okp);
    assert_eq!(
        name.as_deref(),
        Some("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
    );

    let with = |jwk: &Value, member: &str, text: String| {
        let mut jwk = jwk.clone();
        jwk[member] = text.into();
        jwk
    };
    let n = URL_SAFE_NO_PAD.decode(rsa["n"].as_str().unwrap()).unwrap();
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let spelled = encode(&[&[0], &n[..]].concat());
    for (alg, jwk) in [
        // Another alphabet, a padding, a zero in front: other names for the same key.
        ("PS256", with(&rsa, "n", spelled)),
        ("PS256", with(&rsa, "e", "AAEAAQ".to_owned())),
        ("PS256", with(&rsa, "e", String::new())),
        (
            "EdDSA",
            with(&okp, "x", format!("{}=", okp["x"].as_str().unwrap())),
        ),
        // 2040 and 2047 bits.
        ("PS256", with(&rsa, "n", encode(&n[1..]))),
        (
            "PS256",
            with(&rsa, "n", encode(&[&[0x7f], &n[1..]].concat())),
        ),
        ("EdDSA", with(&okp, "x", encode(&[1; 31]))),
        ("EdDSA", with(&okp, "crv", "X25519".to_owned())),
        ("EdDSA", rsa.clone()),
        ("ES256", okp.clone()),
        ("PS256", okp.clone()),
        ("PS256", json!({ "kty": "oct" })),
        ("PS256", json!({})),
    ] {
        assert_eq!(named(alg, &jwk), None, "{alg} {jwk}");
    }
}
