//! Client assertions: `private_key_jwt` and `client_secret_jwt` (RFC 7523 §2.2, §3; OpenID Connect
//! Core §9).

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    client::Model,
    seen_token,
    value::{ClientAuthMethod, Demands},
};
use sea_orm::DbErr;
use secrecy::ExposeSecret;
use serde_json::{Map, Value};

use super::{AuthenticationError, secret};
use crate::{
    app::App,
    clients::keys::{self, KeysError},
    crypto::jwks::{self, JwsAlg, NotVerified, Verified},
    oauth::{algorithms, params::Params},
    paths,
};

/// RFC 7523 §2.2.
const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The longest assertion that is looked at, in bytes.
const LONGEST: usize = 8 * 1024;

/// How far clocks may be apart. FAPI 2.0 §5.3.2.1 asks for ten seconds and forbids sixty.
const SKEW: TimeDelta = TimeDelta::seconds(10);

/// Somebody says that they are this client, and has signed it.
pub(super) struct Claim<'a> {
    pub id: String,
    token: &'a str,
}

/// Why an assertion is not accepted. For the log.
#[derive(Debug, thiserror::Error)]
enum BadAssertion {
    #[error("the client has registered another way to prove who it is")]
    Method,
    #[error(transparent)]
    Keys(#[from] KeysError),
    #[error("the assertion is of another type")]
    Typ,
    #[error("iss and sub are not both the client_id")]
    Issuer,
    #[error("aud names somebody else, or more than us")]
    Audience,
    #[error("exp is missing")]
    NoEnd,
    #[error("exp is past")]
    Ended,
    #[error("exp is further ahead than tokens.client_assertion_seconds")]
    EndsLate,
    #[error("iat or nbf is ahead")]
    Early,
    #[error("jti is missing")]
    NoName,
    #[error("it was used before")]
    Used,
}

/// What is expected of the claims.
struct Expected<'a> {
    client_id: &'a str,
    /// The names that we have for it; the issuer is the first.
    audiences: &'a [String],
    only_issuer: bool,
    longest: TimeDelta,
    now: DateTime<Utc>,
}

/// The assertion of a request, if it has one. Whose it is says only itself (RFC 7521 §4.2), and
/// `client_id` must say the same.
pub(super) fn claimed<'a>(
    params: &'a Params,
    client_id: Option<&str>,
) -> Result<Option<Claim<'a>>, AuthenticationError> {
    let kind = params.raw("client_assertion_type");
    let token = params.raw("client_assertion");
    if kind.is_none() && token.is_none() {
        return Ok(None);
    }
    let refused = AuthenticationError::Refused;
    let token = match (kind, token) {
        (Some(TYPE), Some(token)) if token.len() <= LONGEST => token,
        _ => return Err(refused),
    };
    let claims = jwks::unverified(token).unwrap_or_default();
    match claims.get("sub").and_then(Value::as_str) {
        Some(id) if client_id.is_none_or(|named| named == id) => Ok(Some(Claim {
            id: id.to_owned(),
            token,
        })),
        _ => Err(refused),
    }
}

/// The client, if the assertion is its own, is meant for us, and is used for the first time.
pub(super) async fn prove(
    app: &App,
    claim: &Claim<'_>,
    client: Option<Model>,
    endpoint: &str,
) -> Result<Option<Model>, DbErr> {
    let Some(client) = client else {
        keys::in_vain(app, claim.token);
        return Ok(None);
    };
    match accept(app, claim, &client, endpoint).await? {
        Ok(()) => Ok(Some(client)),
        Err(reason) => {
            let client = &client.client_id;
            tracing::debug!(client, %reason, "a client assertion was refused");
            Ok(None)
        }
    }
}

async fn accept(
    app: &App,
    claim: &Claim<'_>,
    client: &Model,
    endpoint: &str,
) -> Result<Result<(), BadAssertion>, DbErr> {
    let demands = client.demands();
    let judged = match verified(app, claim.token, client, demands).await {
        Ok(verified) => {
            let expected = Expected {
                client_id: &client.client_id,
                audiences: &audiences(app, endpoint),
                only_issuer: demands.issuer_audience,
                longest: app.config.tokens.client_assertion(),
                now: app.clock.now(),
            };
            judge(&verified, &expected).map(|(jti, end)| {
                let parts = ["client_assertion", &client.client_id, jti];
                (app.secrets.one_time(&parts), end)
            })
        }
        Err(error) => Err(error),
    };
    // Last, so that nothing is remembered of what was refused (RFC 7523 §3, number 7).
    match judged {
        Ok((token, end)) => match seen_token::is_new(&app.db.write, token, end + SKEW).await? {
            true => Ok(Ok(())),
            false => Ok(Err(BadAssertion::Used)),
        },
        Err(error) => Ok(Err(error)),
    }
}

/// Verified in the way that the client registered, whatever the header says (RFC 8725 §3.1).
async fn verified(
    app: &App,
    token: &str,
    client: &Model,
    demands: Demands,
) -> Result<Verified, BadAssertion> {
    let registered = client.metadata.token_endpoint_auth_signing_alg.as_deref();
    match client.token_endpoint_auth_method {
        ClientAuthMethod::PrivateKeyJwt => {
            let algs = algs(demands, registered);
            Ok(keys::verify(app, client, token, None, &algs).await?)
        }
        ClientAuthMethod::ClientSecretJwt
            if !demands.key_authentication && registered.is_none_or(|alg| alg == "HS256") =>
        {
            let mut result = Err(NotVerified::UnknownKey);
            for secret in secret::known(app, client) {
                result = jwks::verify_mac(secret.expose_secret().as_bytes(), token, None);
                if result.is_ok() {
                    break;
                }
            }
            Ok(result.map_err(KeysError::Token)?)
        }
        _ => {
            keys::in_vain(app, token);
            Err(BadAssertion::Method)
        }
    }
}

/// What the profile allows, and of that the one that the client registered. A MAC is no signature.
fn algs(demands: Demands, registered: Option<&str>) -> Vec<JwsAlg> {
    let allowed: &[&str] = match demands.strong_algorithms {
        true => &algorithms::STRONG,
        false => &algorithms::ASSERTION,
    };
    let own = |name: &&&str| registered.is_none_or(|registered| registered == **name);
    let own = allowed.iter().filter(own);
    own.filter_map(|name| JwsAlg::parse(name)).collect()
}

/// What an assertion may call us: by the issuer, by the token endpoint, or by the endpoint that is
/// called (RFC 7523 §3, number 3; RFC 9126 §2); each by the alias for certificates too (RFC 8705 §5).
fn audiences(app: &App, endpoint: &str) -> Vec<String> {
    let server = &app.config.server;
    let origins = [Some(&server.issuer), server.mtls.url.as_ref()];
    let mut all = vec![server.issuer.clone()];
    for origin in origins.into_iter().flatten() {
        all.extend([paths::TOKEN, endpoint].map(|path| format!("{origin}{path}")));
    }
    all
}

/// Judges the claims (RFC 7523 §3). Answers the `jti`, and when the assertion ends.
fn judge<'a>(
    verified: &'a Verified,
    expected: &Expected<'_>,
) -> Result<(&'a str, DateTime<Utc>), BadAssertion> {
    let has_typ = verified.header.contains_key("typ");
    if has_typ && !verified.is_typ("JWT") && !verified.is_typ("client-authentication+jwt") {
        return Err(BadAssertion::Typ);
    }
    let claims = &verified.claims;
    let is_client = |name: &str| {
        claims
            .get(name)
            .is_some_and(|own| own == expected.client_id)
    };
    if !is_client("iss") || !is_client("sub") {
        return Err(BadAssertion::Issuer);
    }
    if !is_for_us(claims.get("aud"), expected) {
        return Err(BadAssertion::Audience);
    }
    let (now, time) = (expected.now, |name: &str| time(claims, name));
    let end = time("exp")?.ok_or(BadAssertion::NoEnd)?;
    if end + SKEW <= now {
        return Err(BadAssertion::Ended);
    }
    // What lives long has to be remembered long.
    if end > now + expected.longest + SKEW {
        return Err(BadAssertion::EndsLate);
    }
    for name in ["iat", "nbf"] {
        if time(name)?.is_some_and(|from| from > now + SKEW) {
            return Err(BadAssertion::Early);
        }
    }
    match claims.get("jti").and_then(Value::as_str) {
        Some(jti) if !jti.is_empty() => Ok((jti, end)),
        _ => Err(BadAssertion::NoName),
    }
}

/// What somebody else could present as well is no proof: one foreign name is too many.
fn is_for_us(aud: Option<&Value>, expected: &Expected<'_>) -> bool {
    let is_ours = |name: &Value| expected.audiences.iter().any(|own| name == own);
    match aud {
        // FAPI 2.0 §5.3.2.1: the issuer, as one string.
        Some(Value::String(aud)) if expected.only_issuer => expected.audiences.first() == Some(aud),
        Some(Value::Array(all)) if !expected.only_issuer => {
            !all.is_empty() && all.iter().all(is_ours)
        }
        Some(one) if !expected.only_issuer => is_ours(one),
        _ => false,
    }
}

/// A NumericDate (RFC 7519 §2), which may have a fraction. One that is there and is no time is as
/// bad as one that does not fit.
fn time(claims: &Map<String, Value>, name: &str) -> Result<Option<DateTime<Utc>>, BadAssertion> {
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    let seconds = value.as_i64().or_else(|| {
        let seconds = value.as_f64()?.floor();
        // Beyond this no calendar goes.
        (seconds.abs() < 1e12).then_some(seconds as i64)
    });
    let time = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    match time {
        Some(time) if time.timestamp() < 1_000_000_000_000 => Ok(Some(time)),
        _ if name == "exp" => Err(BadAssertion::NoEnd),
        _ => Err(BadAssertion::Early),
    }
}
