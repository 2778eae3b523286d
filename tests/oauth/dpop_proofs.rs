//! What is a DPoP proof and what is none (RFC 9449 §4.2, §4.3), at the token endpoint.

use doorward::paths;
use serde_json::{Value, json};

use super::{
    bound::{Bound, remembered},
    granted::{names, sqlite},
};
use crate::support::dpop::{DpopKey, Options};

const OWN: [(&str, &str); 1] = [("grant_type", "client_credentials")];

/// A proof with other claims.
fn claims(claims: Value) -> Options<'static> {
    Options {
        claims,
        ..Options::default()
    }
}

/// A proof with another header.
fn header(header: Value) -> Options<'static> {
    Options {
        header,
        ..Options::default()
    }
}

#[tokio::test]
async fn dp_1_what_is_no_proof_gets_nothing() {
    let house = sqlite().await;
    let bound = Bound::confidential(&house).await;
    let now = bound.now().timestamp();
    let url = bound.url(paths::TOKEN);
    let (good, other) = (bound.proof(Options::default()), DpopKey::new());
    let (signed, signature) = good.rsplit_once('.').expect("a signature");
    let rsa = DpopKey::rsa("RS256");
    let c = |changes: Value| bound.proof(claims(changes));
    let h = |changes: Value| bound.proof(header(changes));
    let key = |changes: Value| {
        let mut jwk = bound.key.jwk.clone();
        for (name, value) in changes.as_object().expect("members") {
            jwk[name] = value.clone();
        }
        header(json!({ "jwk": jwk }))
    };
    let unsigned = h(json!({ "alg": "none" }));
    let unsigned = unsigned.rsplit_once('.').expect("a signature").0;
    let rows = [
        ("nothing", String::new()),
        ("garbage", "garbage".to_owned()),
        ("three parts of nothing", "..".to_owned()),
        ("no signature", signed.to_owned()),
        ("an empty signature", format!("{signed}.")),
        (
            "a signature of zeros",
            format!("{signed}.{}", "A".repeat(86)),
        ),
        ("half a signature", format!("{signed}.{}", &signature[..43])),
        ("two in one header", format!("{good}, {good}")),
        ("no typ", h(json!({ "typ": null }))),
        ("a typ of another kind", h(json!({ "typ": "JWT" }))),
        ("an access token's typ", h(json!({ "typ": "at+jwt" }))),
        ("a typ that is no text", h(json!({ "typ": 1 }))),
        ("no alg", h(json!({ "alg": null }))),
        ("alg none", format!("{unsigned}.")),
        ("alg None", h(json!({ "alg": "None" }))),
        ("a MAC", h(json!({ "alg": "HS256" }))),
        ("alg RS256", bound.proof_of(&rsa, Options::default())),
        ("alg ES384", h(json!({ "alg": "ES384" }))),
        ("alg es256", h(json!({ "alg": "es256" }))),
        ("another key's alg", h(json!({ "alg": "EdDSA" }))),
        ("no jwk", h(json!({ "jwk": null }))),
        ("a jwk that is no key", h(json!({ "jwk": {} }))),
        ("a jwk that is text", h(json!({ "jwk": "x" }))),
        ("another jwk", h(json!({ "jwk": other.jwk }))),
        ("a key by its name", h(json!({ "jwk": null, "kid": "x" }))),
        ("a private key", bound.proof(key(json!({ "d": "AAAA" })))),
        (
            "a private key that is null",
            bound.proof(key(json!({ "d": null }))),
        ),
        (
            "a part of an RSA key",
            bound.proof(key(json!({ "qi": "AAAA" }))),
        ),
        (
            "a secret",
            bound.proof(key(json!({ "kty": "oct", "k": "AAAA" }))),
        ),
        ("another curve", bound.proof(key(json!({ "crv": "P-384" })))),
        ("half a point", bound.proof(key(json!({ "y": null })))),
        (
            "no point of the curve",
            bound.proof(key(json!({ "y": "A".repeat(43) }))),
        ),
        ("an extension", h(json!({ "crit": ["exp"] }))),
        ("a payload that is not encoded", h(json!({ "b64": false }))),
        ("no jti", c(json!({ "jti": null }))),
        ("an empty jti", c(json!({ "jti": "" }))),
        ("a jti that is no text", c(json!({ "jti": 1 }))),
        ("a long jti", c(json!({ "jti": "j".repeat(4 * 1024 + 1) }))),
        ("a long proof", c(json!({ "more": "m".repeat(8 * 1024) }))),
        ("no htm", c(json!({ "htm": null }))),
        ("another htm", c(json!({ "htm": "GET" }))),
        ("htm in small letters", c(json!({ "htm": "post" }))),
        ("no htu", c(json!({ "htu": null }))),
        ("an htu that is a number", c(json!({ "htu": 1 }))),
        ("an htu that is a list", c(json!({ "htu": [url] }))),
        (
            "another endpoint",
            c(json!({ "htu": bound.url(paths::USERINFO) })),
        ),
        (
            "another host",
            c(json!({ "htu": "http://evil.example/oauth2/token" })),
        ),
        (
            "another scheme",
            c(json!({ "htu": url.replace("http:", "https:") })),
        ),
        ("a path alone", c(json!({ "htu": paths::TOKEN }))),
        (
            "the issuer",
            c(json!({ "htu": house.app.config.server.issuer })),
        ),
        ("a slash too many", c(json!({ "htu": format!("{url}/") }))),
        ("no iat", c(json!({ "iat": null }))),
        ("an iat that is text", c(json!({ "iat": now.to_string() }))),
        ("an hour ago", c(json!({ "iat": now - 3600 }))),
        ("in an hour", c(json!({ "iat": now + 3600 }))),
        ("more than a minute ago", c(json!({ "iat": now - 65 }))),
        ("in more than a minute", c(json!({ "iat": now + 65 }))),
        ("milliseconds", c(json!({ "iat": now * 1000 }))),
        ("ended", c(json!({ "exp": now - 3600 }))),
        ("not begun", c(json!({ "nbf": now + 3600 }))),
        ("exp as text", c(json!({ "exp": "never" }))),
        (
            "claims that are none",
            bound.key.sign(&head(&bound.key), "[]"),
        ),
        (
            "claims twice",
            bound.key.sign(&head(&bound.key), &twice(&url, now)),
        ),
    ];
    for (what, proof) in &rows {
        let answer = bound.token(&OWN).header("DPoP", proof).await;
        assert_eq!(answer.status, 400, "{what}: {}", answer.told());
        answer.oauth_error(400, "invalid_dpop_proof");
    }
    let twice = bound.token(&OWN).header("DPoP", &good);
    let twice = twice.header("dpop", &bound.proof(Options::default())).await;
    twice.oauth_error(400, "invalid_dpop_proof");
    assert!(remembered(&house).await.is_empty());
    bound.token(&OWN).header("DPoP", &good).await.bound_tokens();
}

fn head(key: &DpopKey) -> String {
    json!({ "typ": "dpop+jwt", "alg": key.alg, "jwk": key.jwk }).to_string()
}

/// Each reader would take another `htu`.
fn twice(url: &str, now: i64) -> String {
    format!(r#"{{"jti":"x","htm":"POST","htu":"{url}","iat":{now},"htu":"http://evil.example/"}}"#)
}

#[tokio::test]
async fn dp_1_what_is_only_unusual_is_a_proof() {
    let house = sqlite().await;
    let bound = Bound::confidential(&house).await;
    let now = bound.now().timestamp();
    let url = bound.url(paths::TOKEN);
    let proof = |changes: Value| bound.proof(claims(changes));
    let other = |changes: Value| bound.proof(header(changes));
    for (what, proof) in [
        ("a query", proof(json!({ "htu": format!("{url}?a=b") }))),
        ("a fragment", proof(json!({ "htu": format!("{url}#here") }))),
        (
            "scheme and host in capitals",
            proof(json!({ "htu": url.replace("http://localhost", "HTTP://LOCALHOST") })),
        ),
        ("ten seconds ago", proof(json!({ "iat": now - 10 }))),
        ("in ten seconds", proof(json!({ "iat": now + 10 }))),
        (
            "a fraction of a second",
            proof(json!({ "iat": 0.25 + f64::from(i32::try_from(now).expect("before 2038")) })),
        ),
        (
            "nbf and exp",
            proof(json!({ "nbf": now, "exp": now + 300 })),
        ),
        (
            "what nobody asked for",
            proof(json!({ "sub": "x", "aud": ["y"], "ath": "z", "nonce": "n" })),
        ),
        (
            "a jti of 4 KiB",
            proof(json!({ "jti": "j".repeat(4 * 1024) })),
        ),
        (
            "a typ by its whole name",
            other(json!({ "typ": "application/dpop+jwt" })),
        ),
        ("a name for the key", other(json!({ "kid": "mine" }))),
    ] {
        let answer = bound.token(&OWN).header("DPoP", &proof).await;
        assert_eq!(answer.status, 200, "{what}: {}", answer.told());
        answer.bound_tokens();
    }
    let proof = bound.proof(Options::default());
    bound
        .token(&OWN)
        .header("dPoP", &proof)
        .await
        .bound_tokens();
}

/// A refusal says what is wrong, and is neither kept nor verbose.
#[tokio::test]
async fn dp_1_a_refusal_says_what_is_wrong() {
    let house = sqlite().await;
    let bound = Bound::confidential(&house).await;
    let proof = bound.proof(claims(json!({ "htm": "GET" })));
    let answer = bound.token(&OWN).header("DPoP", &proof).await;
    let told = answer.oauth_error(400, "invalid_dpop_proof").json();
    assert_eq!(names(&told), ["error", "error_description"]);
    assert_eq!(
        told["error_description"],
        "the DPoP proof is for another method"
    );
    answer.has("DPoP-Nonce", str::is_empty);
}
