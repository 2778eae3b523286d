//! JWS shapes: tokens that are well signed and in the wrong place, or written as no token is, at
//! every input that takes one (RFC 8725 §2.4, §3.11).

use std::time::Duration;

use doorward::paths;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{granted::sqlite, jws_inputs::Inputs};

/// Types of tokens that others make, and ways to leave ours out.
const OTHER_TYPES: &[&str] = &[
    "",
    "JOSE",
    "JWE",
    "logout+jwt",
    "dpop+jwt",
    "oauth-authz-req+jwt",
    "client-authentication+jwt",
    "secevent+jwt",
    "application/secevent+jwt",
    "token-introspection+jwt",
    "id_token",
    "jwt at+jwt",
    "at+jwt, JWT",
    "application/application/JWT",
];

#[tokio::test]
async fn jw_4_a_token_of_one_kind_is_nothing_in_another_ones_place() {
    let house = sqlite().await;
    let mut inputs = Inputs::new(&house).await;
    let (rsa, ecdsa) = inputs.control().await;
    let id_token = inputs.tokens.id_token.clone().expect("an ID token");
    let access_token = inputs.tokens.access_token.clone();
    inputs.refuse_as_access_token(&id_token).await;
    inputs.refuse_as_hint(&access_token).await;
    let cookie = |name: &str| inputs.granted.browser.jar.value(name).map(str::to_owned);
    let secrets = [
        cookie("doorward_session").expect("a session"),
        cookie("doorward_visitor").expect("a visitor"),
        inputs.granted.rp.client_secret.clone().expect("a secret"),
        inputs.granted.rp.code_verifier.clone(),
    ];
    for secret in &secrets {
        inputs.refuse(secret).await;
    }
    let refresh_token = inputs
        .tokens
        .refresh_token
        .clone()
        .expect("a refresh token");
    inputs.refuse_as_hint(&refresh_token).await;
    let userinfo = house.get(paths::USERINFO).bearer(&refresh_token).await;
    userinfo.bearer_error(401, "invalid_token");

    // By type, however well signed and whatever it says.
    let (id, access) = (inputs.id_claims(), inputs.access_claims());
    for signer in [&rsa, &ecdsa] {
        for typ in OTHER_TYPES {
            for claims in [&id, &access] {
                inputs.refuse(&signer.token(typ, &json!({}), claims)).await;
            }
        }
        for typ in [json!(null), json!(1), json!(["JWT"])] {
            let header = json!({ "typ": typ });
            inputs.refuse(&signer.token("", &header, &id)).await;
            inputs.refuse(&signer.token("", &header, &access)).await;
        }
        inputs
            .refuse_as_access_token(&signer.token("JWT", &json!({}), &access))
            .await;
        inputs
            .refuse_as_hint(&signer.token("at+jwt", &json!({}), &id))
            .await;
    }
    inputs.unharmed().await;
}

#[tokio::test]
async fn jw_4_jw_8_jw_13_a_token_says_whose_it_is_and_for_whom() {
    let house = sqlite().await;
    let mut inputs = Inputs::new(&house).await;
    let (rsa, _) = inputs.control().await;
    let changed = |mut claims: Value, name: &str, value: &Value| {
        match value {
            Value::Null => drop(claims.as_object_mut().map(|claims| claims.remove(name))),
            value => claims[name] = value.clone(),
        }
        claims
    };
    let elsewhere = [
        "https://elsewhere.example",
        "http://localhost:8080/",
        "HTTP://localhost:8080",
        "",
    ];
    for issuer in elsewhere
        .map(Value::from)
        .into_iter()
        .chain([json!(null), json!(1)])
    {
        let id = changed(inputs.id_claims(), "iss", &issuer);
        inputs
            .refuse_as_hint(&rsa.token("JWT", &json!({}), &id))
            .await;
        let access = changed(inputs.access_claims(), "iss", &issuer);
        inputs
            .refuse_at_resources(&rsa.token("at+jwt", &json!({}), &access))
            .await;
    }
    let past = house.app.clock.now().timestamp() - 1;
    for (name, value) in [
        ("exp", json!(past)),
        ("exp", json!(null)),
        ("exp", json!("tomorrow")),
        ("jti", json!(null)),
        ("jti", json!("AAAAAAAAAAAAAAAAAAAAAA.x")),
        ("sub", json!("somebody")),
        ("sub", json!(null)),
        ("client_id", json!("nobody")),
        ("client_id", json!(null)),
    ] {
        let access = changed(inputs.access_claims(), name, &value);
        inputs
            .refuse_at_resources(&rsa.token("at+jwt", &json!({}), &access))
            .await;
    }
    // AU-1: not for us.
    for audience in [
        json!("https://api.example"),
        json!([]),
        json!(["x", "http://localhost:8080/"]),
    ] {
        let access = changed(inputs.access_claims(), "aud", &audience);
        let access = rsa.token("at+jwt", &json!({}), &access);
        house
            .get(paths::USERINFO)
            .bearer(&access)
            .await
            .bearer_error(401, "invalid_token");
    }
    inputs.unharmed().await;
}

#[tokio::test]
async fn jw_5_what_is_long_or_deep_or_written_oddly_is_refused_at_once() {
    let house = sqlite().await;
    let mut inputs = Inputs::new(&house).await;
    let (rsa, ecdsa) = inputs.control().await;
    let (id, access) = (inputs.id_claims(), inputs.access_claims());
    let mut bad = vec![
        ".".repeat(1_000_000),
        ".".to_owned(),
        "..".to_owned(),
        "...".to_owned(),
        "a.b.c.d".to_owned(),
        "a.b.c.d.e.f".to_owned(),
        "e30.e30.".to_owned(),
        "x".repeat(100_000),
    ];
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    for (typ, claims) in [("JWT", &id), ("at+jwt", &access)] {
        for signer in [&rsa, &ecdsa] {
            let (alg, kid) = (signer.alg(), signer.kid());
            let header = json!({ "alg": alg, "kid": kid, "typ": typ }).to_string();
            let payload = claims.to_string();
            for depth in [2_000, 100_000] {
                bad.push(signer.sign(&header, &deep(depth)));
                bad.push(signer.sign(&deep(depth), &payload));
            }
            // The same member twice: whoever reads the first and whoever reads the last differ.
            for (name, second) in [("iss", "https://elsewhere.example"), ("sub", "somebody")] {
                let twice = payload.replacen('{', &format!("{{\"{name}\":\"{second}\","), 1);
                bad.push(signer.sign(&header, &twice));
            }
            for twice in ["\"alg\":\"none\"", "\"kid\":\"x\"", "\"typ\":\"x\""] {
                bad.push(signer.sign(&header.replacen('{', &format!("{{{twice},"), 1), &payload));
            }
            for odd in ["", "null", "[]", "1", "\"x\"", "{", "{}x"] {
                bad.push(signer.sign(&header, odd));
                bad.push(signer.sign(odd, &payload));
            }
            bad.push(signer.sign(&format!("{header}x"), &payload));
            bad.push(signer.sign(&header, &format!("{payload}x")));
            let good = signer.sign(&header, &payload);
            for end in ["=", "==", ".", ".x", "x", "A", "%", " ", "\n"] {
                bad.push(format!("{good}{end}"));
            }
            bad.extend([
                format!(" {good}"),
                format!(".{good}"),
                format!("Bearer {good}"),
            ]);
            bad.push(good.replacen('.', "=.", 1));
            bad.push(same_bytes(&good));
            bad.push(good[..good.len() - 1].to_owned());
        }
    }
    for token in &bad {
        // Milliseconds on a machine with nothing else to do; what blows up takes longer on any.
        let refused = timeout(Duration::from_secs(10), inputs.refuse(token)).await;
        refused.expect("a refusal without thinking long");
    }
    inputs.unharmed().await;
}

/// The token with another last letter that decodes to the same signature where the decoder is lax:
/// the last letter of 64 or 256 bytes holds bits that mean nothing.
fn same_bytes(token: &str) -> String {
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let last = token.chars().last().expect("a letter");
    let at = LETTERS.find(last).expect("base64url");
    assert_eq!(at % 4, 0, "{token}");
    format!("{}{}", &token[..token.len() - 1], &LETTERS[at + 1..at + 2])
}
