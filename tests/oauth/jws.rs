//! JWS: forged tokens, at every input that takes one (RFC 8725, RFC 7515). Which database is below
//! makes no difference to any of it.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use doorward::paths;
use serde_json::json;

use super::{
    forge::{Bait, Signer, spellings},
    granted::sqlite,
    jws_inputs::Inputs,
};

#[tokio::test]
async fn jw_1_a_token_that_nobody_signed_is_none() {
    let house = sqlite().await;
    let mut inputs = Inputs::new(&house).await;
    let (rsa, ecdsa) = inputs.control().await;
    for (typ, claims) in [
        ("JWT", inputs.id_claims()),
        ("at+jwt", inputs.access_claims()),
    ] {
        for alg in ["none", "None", "nOnE", "NONE", "", "null"] {
            for kid in [json!(null), json!(rsa.kid()), json!(ecdsa.kid()), json!("")] {
                let header = json!({ "alg": alg, "kid": kid });
                let unsigned = Signer::Nobody.token(typ, &header, &claims);
                inputs.refuse(&unsigned).await;
                inputs.refuse(unsigned.trim_end_matches('.')).await;
            }
        }
        for signer in [&rsa, &ecdsa] {
            let good = signer.token(typ, &json!({}), &claims);
            let (message, signature) = good.rsplit_once('.').expect("a signature");
            inputs.refuse(message).await;
            inputs.refuse(&format!("{message}.")).await;
            let none = Signer::Nobody.token(typ, &json!({ "kid": signer.kid() }), &claims);
            inputs.refuse(&format!("{none}{signature}")).await;
            let zeros = URL_SAFE_NO_PAD.encode([0; 64]);
            inputs.refuse(&format!("{message}.{zeros}")).await;
            let other = signer.token(typ, &json!({ "alg": null }), &claims);
            inputs.refuse(&other).await;
        }
    }
    inputs.unharmed().await;
}

#[tokio::test]
async fn jw_2_a_public_key_is_no_password() {
    let house = sqlite().await;
    let mut inputs = Inputs::new(&house).await;
    let (rsa, ecdsa) = inputs.control().await;
    let document = house.get(paths::JWKS).await;
    let keys = document.ok()["keys"].as_array().expect("keys").clone();
    assert_eq!(keys.len(), 4);
    for key in &keys {
        let mut secrets = spellings(key);
        secrets.push(document.body.clone().into_bytes());
        assert!(secrets.len() > 10);
        for secret in &secrets {
            for alg in ["HS256", "HS384", "HS512"] {
                let mac = Signer::mac(alg, secret);
                let header = json!({ "alg": alg, "kid": key["kid"] });
                inputs
                    .refuse_as_hint(&mac.token("JWT", &header, &inputs.id_claims()))
                    .await;
                let access = mac.token("at+jwt", &header, &inputs.access_claims());
                inputs.refuse_as_access_token(&access).await;
            }
        }
    }
    // The key decides which algorithm it is, not the header.
    for (signer, other) in [(&rsa, &ecdsa), (&ecdsa, &rsa)] {
        for header in [json!({ "kid": other.kid() }), json!({ "alg": other.alg() })] {
            inputs
                .refuse(&signer.token("JWT", &header, &inputs.id_claims()))
                .await;
        }
    }
    for alg in [
        "RS384", "RS512", "PS256", "ES384", "EdDSA", "HS256", "rs256", "RSA",
    ] {
        let header = json!({ "alg": alg });
        inputs
            .refuse(&rsa.token("JWT", &header, &inputs.id_claims()))
            .await;
        inputs
            .refuse(&ecdsa.token("at+jwt", &header, &inputs.access_claims()))
            .await;
    }
    inputs.unharmed().await;
}

/// Else the test above would try what is nobody's key.
#[tokio::test]
async fn jw_2_the_spellings_are_those_of_the_keys() {
    let house = sqlite().await;
    let inputs = Inputs::new(&house).await;
    let id_token = inputs.tokens.id_token.as_deref().expect("an ID token");
    for token in [id_token, &inputs.tokens.access_token] {
        let (message, signature) = token.rsplit_once('.').expect("a signature");
        let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
        let keys = house.get(paths::JWKS).await.ok();
        let keys = keys["keys"].as_array().expect("keys");
        let verify = |spelling: &[u8]| {
            let (message, signature) = (message.as_bytes(), &signature);
            let rsa = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, spelling);
            let ecdsa = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, spelling);
            rsa.verify(message, signature).is_ok() || ecdsa.verify(message, signature).is_ok()
        };
        let all = keys.iter().flat_map(spellings);
        // As a SubjectPublicKeyInfo and bare.
        assert_eq!(all.filter(|spelling| verify(spelling)).count(), 2);
    }
}

#[tokio::test]
async fn jw_3_a_header_brings_no_key_and_no_rule() {
    let house = sqlite().await;
    let bait = Bait::new();
    let mut inputs = Inputs::new(&house).await;
    let (rsa, ecdsa) = inputs.control().await;
    let theirs = Signer::theirs();
    let url = bait.url();
    let long = "k".repeat(64 * 1024);
    let tricks = [
        json!({ "jwk": theirs.jwk() }),
        json!({ "jku": url }),
        json!({ "x5u": url }),
        json!({ "x5c": [URL_SAFE_NO_PAD.encode("certificate")] }),
        json!({ "jwk": theirs.jwk(), "jku": url, "x5u": url }),
        json!({ "crit": ["exp"], "exp": 1 }),
        json!({ "crit": [] }),
        json!({ "crit": ["b64"], "b64": false }),
        json!({ "b64": false }),
        json!({ "b64": true }),
        json!({ "zip": "DEF" }),
        json!({ "enc": "A256GCM" }),
        json!({ "cty": "JWT", "zip": "DEF" }),
        json!({ "http://example.com/unknown": true, "crit": ["http://example.com/unknown"] }),
    ];
    let names = [
        json!("../../dev/null"),
        json!("/dev/null"),
        json!("' OR 1=1--"),
        json!("\" OR \"\"=\""),
        json!(url),
        json!("\u{0}"),
        json!("\u{202e}\u{1f511}"),
        json!("%00"),
        json!(long),
        json!(""),
        json!(null),
        json!(1),
        json!(true),
        json!([rsa.kid()]),
        json!({ "kid": rsa.kid() }),
        json!(rsa.kid().to_lowercase()),
        json!(format!("{} ", rsa.kid())),
    ];
    for (typ, claims) in [
        ("JWT", inputs.id_claims()),
        ("at+jwt", inputs.access_claims()),
    ] {
        for trick in &tricks {
            // Signed by them, under their name and under ours; and signed by us.
            inputs.refuse(&theirs.token(typ, trick, &claims)).await;
            let mut ours = trick.clone();
            ours["kid"] = json!(ecdsa.kid());
            inputs.refuse(&theirs.token(typ, &ours, &claims)).await;
            inputs.refuse(&rsa.token(typ, trick, &claims)).await;
            inputs.refuse(&ecdsa.token(typ, trick, &claims)).await;
        }
        for kid in &names {
            let header = json!({ "kid": kid, "jwk": null });
            inputs.refuse(&rsa.token(typ, &header, &claims)).await;
            inputs.refuse(&theirs.token(typ, &header, &claims)).await;
        }
    }
    bait.untouched();
    inputs.unharmed().await;
}
