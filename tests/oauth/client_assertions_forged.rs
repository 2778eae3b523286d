//! Forged client assertions: what the header says of itself is not believed (RFC 8725, RFC 7515).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use doorward::paths;
use serde_json::{Value, json};

use super::{
    forge::{Bait, Signer, spellings},
    granted::{Granted, sqlite},
};
use crate::support::{
    asserting::{Asserting, jwks},
    dpop::DpopKey,
    house::House,
};

/// One client for each kind of key.
async fn clients(house: &House) -> Vec<Asserting<'_>> {
    let keys = [
        DpopKey::new(),
        DpopKey::ed25519(),
        DpopKey::rsa("PS256"),
        DpopKey::rsa("RS256"),
    ];
    let mut all = Vec::new();
    for key in keys {
        all.push(Asserting::with(house, key, |_| ()).await);
    }
    all
}

/// The same claims under this header, signed by nobody.
fn unsigned(header: &Value, claims: &Value) -> String {
    Signer::Nobody.sign(&header.to_string(), &claims.to_string())
}

#[tokio::test]
async fn jw_1_an_assertion_that_nobody_signed_is_none() {
    let house = sqlite().await;
    for client in clients(&house).await {
        let claims = client.claims(&json!({}));
        let before = house.rows().await;
        for alg in ["none", "None", "nOnE", "NONE", "", client.key.alg] {
            for kid in [json!("one"), json!("")] {
                let token = unsigned(&json!({ "alg": alg, "kid": kid }), &claims);
                client.present(&token).await.client_401();
                client
                    .present(token.trim_end_matches('.'))
                    .await
                    .client_401();
                let zeros = URL_SAFE_NO_PAD.encode([0; 64]);
                client
                    .present(&format!("{token}{zeros}"))
                    .await
                    .client_401();
            }
        }
        let good = client.signed(&json!({}), &claims);
        let (message, signature) = good.rsplit_once('.').expect("a signature");
        for bad in [
            message.to_owned(),
            format!("{message}."),
            format!("{good}."),
            format!("{good}.{signature}"),
            format!(".{good}"),
            format!("{good}A"),
            format!("{good}="),
            format!(" {good}"),
            "..".to_owned(),
            ".".repeat(4000),
            "a".repeat(9000),
            format!("{good}{}", " ".repeat(9000)),
        ] {
            client.present(&bad).await.client_401();
        }
        // Signed by the client itself, and still not by the rules.
        for header in [
            json!({ "alg": null }),
            json!({ "alg": "none" }),
            json!({ "alg": 1 }),
        ] {
            client
                .present(&client.signed(&header, &claims))
                .await
                .client_401();
        }
        assert_eq!(house.rows().await, before);
        client.present(&good).await.tokens();
    }
}

#[tokio::test]
async fn jw_2_a_public_key_is_no_password() {
    let house = sqlite().await;
    for client in clients(&house).await {
        let claims = client.claims(&json!({}));
        let set = jwks(&[("one", &client.key)]);
        let jwk = &client.key.jwk;
        let mut secrets = match jwk["x"].as_str() {
            // No other form of these keys is in use.
            Some(x) if jwk["kty"] == "OKP" => vec![x.as_bytes().to_vec(), vec![]],
            _ => spellings(jwk),
        };
        secrets.push(set.to_string().into_bytes());
        let before = house.rows().await;
        for secret in &secrets {
            for alg in ["HS256", "HS384", "HS512", client.key.alg] {
                let header = json!({ "alg": alg, "kid": "one", "typ": "JWT" });
                let token = Signer::mac(alg, secret).sign(&header.to_string(), &claims.to_string());
                client.present(&token).await.client_401();
            }
        }
        // The key says which algorithm it is for, not the header.
        for alg in [
            "RS256", "RS384", "PS256", "PS512", "ES256", "ES384", "EdDSA", "HS256",
        ] {
            if alg != client.key.alg {
                client
                    .present(&client.signed(&json!({ "alg": alg }), &claims))
                    .await
                    .client_401();
            }
        }
        assert_eq!(house.rows().await, before);
        client.ask(&json!({})).await.tokens();
    }
}

#[tokio::test]
async fn jw_3_a_header_brings_no_key_and_no_rule() {
    let house = sqlite().await;
    let bait = Bait::new();
    let client = Asserting::new(&house).await;
    let thief = DpopKey::new();
    let claims = client.claims(&json!({}));
    let (url, long) = (bait.url(), "k".repeat(64 * 1024));
    let stolen = |header: &Value| {
        let mut header = header.clone();
        header["alg"] = json!("ES256");
        thief.sign(&header.to_string(), &claims.to_string())
    };
    let before = house.rows().await;
    for trick in [
        json!({ "jwk": thief.jwk }),
        json!({ "jku": url }),
        json!({ "x5u": url }),
        json!({ "x5c": ["AAAA"] }),
        json!({ "jwk": thief.jwk, "jku": url, "x5u": url }),
        json!({ "crit": ["exp"], "exp": 1 }),
        json!({ "crit": [] }),
        json!({ "crit": ["b64"], "b64": false }),
        json!({ "b64": false }),
        json!({ "zip": "DEF" }),
    ] {
        client.present(&stolen(&trick)).await.client_401();
        let mut named = trick.clone();
        named["kid"] = json!("one");
        client.present(&stolen(&named)).await.client_401();
        client
            .present(&client.signed(&trick, &claims))
            .await
            .client_401();
    }
    for kid in [
        json!("../../dev/null"),
        json!("' OR 1=1--"),
        json!(url),
        json!("\u{0}"),
        json!("\u{202e}\u{1f511}"),
        json!("ONE"),
        json!("one "),
        json!(long),
        json!(["one"]),
        json!({ "kid": "one" }),
        json!(1),
    ] {
        let header = json!({ "kid": kid });
        for token in [stolen(&header), client.signed(&header, &claims)] {
            let answer = client.present(&token).await;
            match answer.status {
                413 => answer.oauth_error(413, "invalid_request"),
                _ => answer.client_401(),
            };
        }
    }
    bait.untouched();
    assert_eq!(house.rows().await, before);
    // It may say no name where there is no choice.
    client
        .present(&client.signed(&json!({ "kid": null }), &claims))
        .await
        .tokens();
}

/// JW-4: what is signed for another place is nothing here, whoever signed it.
#[tokio::test]
async fn jw_4_only_an_assertion_is_one() {
    let house = sqlite().await;
    let client = Asserting::new(&house).await;
    for typ in [
        "dpop+jwt",
        "oauth-authz-req+jwt",
        "at+jwt",
        "logout+jwt",
        "application/at+jwt",
        "secevent+jwt",
        "JWS",
        "",
    ] {
        let claims = client.claims(&json!({}));
        client
            .present(&client.signed(&json!({ "typ": typ }), &claims))
            .await
            .client_401();
    }
    let mut granted = Granted::confidential(&house).await;
    let tokens = granted.tokens().await;
    let id_token = tokens.id_token.expect("an ID token");
    for token in [&id_token, &tokens.access_token] {
        client.present(token).await.client_401();
    }
    for typ in [
        json!(null),
        json!("JWT"),
        json!("jwt"),
        json!("client-authentication+jwt"),
    ] {
        let claims = client.claims(&json!({}));
        client
            .present(&client.signed(&json!({ "typ": typ }), &claims))
            .await
            .tokens();
    }
    let at = house
        .post(paths::TOKEN)
        .form(&[("client_assertion", id_token.as_str())]);
    at.await.client_401();
}
