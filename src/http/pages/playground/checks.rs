//! Checks: what makes an ID token good for its relying party, and an access token for the resource
//! server that it is sent to.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::{
    CLIENT_ID, curl,
    steps::{Check, Outcome, Step},
};
use crate::crypto::{
    jwks::{self, JwsAlg, Verified},
    sha256,
};

/// What is known before the tokens are read.
pub struct Expected<'a> {
    pub issuer: &'a str,
    /// What the provider says it signs ID tokens with.
    pub id_token_algs: &'a [String],
    /// Whom access tokens are for.
    pub audience: &'a str,
    pub nonce: &'a str,
    pub max_age: Option<u32>,
    /// The person of the first ID token, when this is a later one (OpenID Connect Core §12.2).
    pub subject: Option<&'a str>,
    pub now: DateTime<Utc>,
}

type Claims = Map<String, Value>;

/// The algorithms that the playground knows: those with SHA-256, which `at_hash` goes with.
const KNOWN: [JwsAlg; 3] = [JwsAlg::RS256, JwsAlg::PS256, JwsAlg::ES256];

/// Seconds by which two clocks may differ.
const LEEWAY: i64 = 30;

/// Judges an ID token (OpenID Connect Core §3.1.3.7) and brings its subject.
pub fn id_token(
    keys: &Value,
    token: &str,
    access_token: &str,
    expected: &Expected<'_>,
) -> Outcome<String> {
    let offered = |alg: &JwsAlg| expected.id_token_algs.iter().any(|own| own == alg.name());
    let algs: Vec<_> = KNOWN.into_iter().filter(offered).collect();
    let text = "Says who signed in, how and when. Each check is one that a relying party must make (OpenID Connect Core section 3.1.3.7).";
    let read = jwks::verify(keys, token, None, &algs);
    let subject = read
        .as_ref()
        .ok()
        .map(|read| word(&read.claims, "sub").to_owned());
    let step = judged("ID token", text, token, read, |claims| {
        id_token_claims(claims, access_token, expected)
    });
    step.bringing(subject.unwrap_or_default())
}

/// Judges an access token as a resource server would that verifies it by itself (RFC 9068 §4).
pub fn access_token(
    keys: &Value,
    token: &str,
    subject: Option<&str>,
    expected: &Expected<'_>,
) -> Outcome<()> {
    let text = "A relying party passes it on unread; this is what the API behind it must check (RFC 9068 section 4).";
    let read = jwks::verify(keys, token, Some("at+jwt"), &KNOWN);
    let step = judged("Access token", text, token, read, |claims| {
        let mut checks = vec![Check::that(true, "typ is at+jwt, so it is no ID token", "")];
        checks.extend(access_token_claims(claims, subject, expected));
        checks
    });
    step.bringing(())
}

/// A step of the signature and, if that is good, of what it covers.
fn judged(
    title: &'static str,
    text: &str,
    token: &str,
    read: Result<Verified, jwks::NotVerified>,
    judge: impl Fn(&Claims) -> Vec<Check>,
) -> Step {
    let read = match read {
        Ok(read) => read,
        Err(why) => {
            let failed = Check::that(false, "", format!("the token {why}"));
            return Step::of(title, text, vec![failed])
                .curl(curl::claims(token))
                .secret();
        }
    };
    let (alg, kid) = (word(&read.header, "alg"), word(&read.header, "kid"));
    let signed = format!("the signature is good: {alg} with the key {kid} of the key set");
    let mut checks = vec![Check::that(true, signed, "")];
    checks.extend(judge(&read.claims));
    Step::of(title, text, checks)
        .curl(curl::claims(token))
        .data(&json!({ "header": read.header, "claims": read.claims }))
        .secret()
}

fn id_token_claims(claims: &Claims, access_token: &str, expected: &Expected<'_>) -> Vec<Check> {
    let mut checks = vec![issuer(claims, expected)];
    checks.push(Check::that(
        audiences(claims) == [CLIENT_ID],
        "aud is this client and nobody else",
        "aud is not this client, or not only this one",
    ));
    checks.extend(times(claims, expected));
    checks.push(nonce(claims, expected));
    // §3.1.3.6: the left half of the hash. Optional with a code, and judged if it is there.
    if let Some(hash) = claims.get("at_hash") {
        let half = URL_SAFE_NO_PAD.encode(&sha256(access_token.as_bytes())[..16]);
        checks.push(Check::that(
            *hash == half,
            "at_hash fits the access token that came with it",
            "at_hash is of another access token",
        ));
    }
    if let Some(max_age) = expected.max_age {
        let oldest = expected.now.timestamp() - i64::from(max_age) - LEEWAY;
        checks.push(Check::that(
            number(claims, "auth_time").is_some_and(|at| at >= oldest),
            "auth_time is no longer ago than max_age allows",
            "auth_time is missing, or longer ago than max_age allows",
        ));
    }
    let sub = word(claims, "sub");
    checks.push(match expected.subject {
        Some(before) => Check::that(
            sub == before,
            "sub is the same person as before",
            "sub is another person than before",
        ),
        None => Check::that(
            (1..=255).contains(&sub.len()),
            "sub names the person",
            "sub is missing or too long",
        ),
    });
    checks
}

fn access_token_claims(
    claims: &Claims,
    subject: Option<&str>,
    expected: &Expected<'_>,
) -> Vec<Check> {
    let audience = expected.audience;
    let mut checks = vec![issuer(claims, expected)];
    checks.push(Check::that(
        audiences(claims).contains(&audience),
        format!("aud names {audience}, the default audience of this server"),
        format!("aud does not name {audience}"),
    ));
    checks.extend(times(claims, expected));
    checks.push(Check::that(
        word(claims, "client_id") == CLIENT_ID,
        "client_id is this client",
        "client_id is another client",
    ));
    if let Some(subject) = subject {
        checks.push(Check::that(
            word(claims, "sub") == subject,
            "sub is the person of the ID token",
            "sub is another person than the one of the ID token",
        ));
    }
    checks
}

fn issuer(claims: &Claims, expected: &Expected<'_>) -> Check {
    Check::that(
        word(claims, "iss") == expected.issuer,
        "iss is the issuer, byte for byte",
        "iss is another issuer",
    )
}

fn times(claims: &Claims, expected: &Expected<'_>) -> [Check; 2] {
    let now = expected.now.timestamp();
    let left = number(claims, "exp").map(|exp| exp - now);
    [
        Check::that(
            left.is_some_and(|left| left > -LEEWAY),
            format!("exp is in {} seconds", left.unwrap_or_default()),
            "exp has passed, or is missing",
        ),
        Check::that(
            number(claims, "iat").is_some_and(|iat| iat <= now + LEEWAY),
            "iat is not in the future",
            "iat is in the future, or is missing",
        ),
    ]
}

/// The first ID token must carry the nonce; a later one need not, but no other (Core §12.2).
fn nonce(claims: &Claims, expected: &Expected<'_>) -> Check {
    let own = claims.get("nonce").map(|nonce| nonce == expected.nonce);
    Check::that(
        own.unwrap_or(expected.subject.is_some()),
        match own {
            Some(_) => "nonce is the one that this browser began with",
            None => "there is no nonce, which a later ID token need not have",
        },
        "nonce is not the one that this browser began with",
    )
}

/// `aud` is one name or several (RFC 7519 §4.1.3).
fn audiences(claims: &Claims) -> Vec<&str> {
    match claims.get("aud") {
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(one)) => vec![one],
        _ => vec![],
    }
}

fn word<'a>(claims: &'a Claims, name: &str) -> &'a str {
    claims.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn number(claims: &Claims, name: &str) -> Option<i64> {
    claims.get(name).and_then(Value::as_i64)
}

#[cfg(test)]
mod tests;
