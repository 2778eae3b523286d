//! ID tokens (OpenID Connect Core §2).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use entity::value::SigningAlg;
use serde_json::{Map, json};

use super::{claims, grant::Grant, subject::subject};
use crate::{
    app::App,
    crypto::{jwt::Typ, sha256, sha512},
};

/// What an ID token vouches for besides the person: it was issued together with these.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Companions<'a> {
    pub access_token: Option<&'a str>,
    pub code: Option<&'a str>,
}

/// Signs one. Identity claims are at userinfo, unless the client reads nothing else or cannot ask
/// there because it gets no access token (§5.4).
pub(super) fn id_token(
    app: &App,
    grant: &Grant<'_>,
    with: Companions<'_>,
    now: DateTime<Utc>,
) -> anyhow::Result<String> {
    let sign_in = &grant.sign_in;
    let alg = grant.client.id_token_signed_response_alg;
    let mut claims = match grant.client.claims_in_id_token || grant.only_id_token {
        true => claims::bought_by(grant.scope, grant.user),
        false => Map::new(),
    };
    if let Some(asked) = grant.claims {
        claims.extend(claims::asked_for(
            &asked.id_token,
            grant.user,
            &grant.client.scope,
        ));
    }
    let mut say = |name: &str, value| claims.insert(name.to_owned(), value);
    say("iss", json!(app.config.server.issuer));
    say("sub", json!(subject(app, grant.client, grant.user)));
    say("aud", json!(grant.client.client_id));
    say("iat", json!(now.timestamp()));
    say("exp", json!((now + app.config.tokens.id()).timestamp()));
    say("auth_time", json!(sign_in.auth_time.timestamp()));
    say("acr", json!(sign_in.acr));
    // Whoever came from a provider: how they proved it there is not ours to say.
    if !sign_in.amr.0.is_empty() {
        say("amr", json!(sign_in.amr));
    }
    say("sid", json!(sign_in.session_id));
    if let Some(nonce) = grant.nonce {
        say("nonce", json!(nonce));
    }
    // §3.1.3.6, §3.3.2.11.
    if let Some(token) = with.access_token {
        say("at_hash", json!(left_half(alg, token)));
    }
    if let Some(code) = with.code {
        say("c_hash", json!(left_half(alg, code)));
    }
    app.keyring.sign(alg, Typ::IdToken, &claims, now)
}

/// The left half of the hash that goes with the signature: SHA-256, and SHA-512 for Ed25519, which
/// has it inside (RFC 8032 §5.1).
fn left_half(alg: SigningAlg, text: &str) -> String {
    let half = |hash: &[u8]| URL_SAFE_NO_PAD.encode(&hash[..hash.len() / 2]);
    match alg {
        SigningAlg::EdDSA => half(&sha512(text.as_bytes())),
        SigningAlg::RS256 | SigningAlg::PS256 | SigningAlg::ES256 => half(&sha256(text.as_bytes())),
    }
}
