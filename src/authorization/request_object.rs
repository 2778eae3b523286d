//! Request objects (OpenID Connect Core §6, RFC 9101): the parameters of a request in a JWT that
//! the client signed, or that a client of the profile for it did not need to sign.

use entity::{client, value::ResponseType};
use serde_json::{Map, Value};

use crate::{
    app::App,
    clients::keys,
    crypto::jwks::{self, JwsAlg},
    oauth::{
        error::{ErrorCode, OauthError},
        params::Params,
    },
};

/// What a request object says. Its signature is proven, if it needs one.
#[derive(Debug)]
pub(super) struct Object(Map<String, Value>);

/// The longest request object, in bytes.
const LONGEST: usize = 16 * 1024;
/// How far a client's clock may be ahead of ours, in seconds.
const SKEW: i64 = 60;
/// The content types of an object that is fetched (RFC 9101 §10.2, RFC 7519 §10.3.1); some servers
/// know nothing better, or say nothing at all.
const KINDS: [&str; 4] = [
    "application/oauth-authz-req+jwt",
    "application/jwt",
    "text/plain",
    "",
];
/// RFC 9101 §10.8: a JWT of a kind of its own is no request object. Most say only that it is a JWT.
const TYPES: [&str; 2] = ["jwt", "oauth-authz-req+jwt"];
/// What a JWT says of itself (RFC 7519 §4.1).
const OF_THE_JWT: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];
/// What no header of a request object holds: keys of the sender's choice, and what changes the
/// meaning of the rest (RFC 8725 §3.10).
const REFUSED: [&str; 8] = ["jku", "jwk", "x5u", "x5c", "crit", "b64", "zip", "enc"];

fn invalid(why: &str) -> OauthError {
    OauthError::new(
        ErrorCode::InvalidRequestObject,
        format!("the request object {why}"),
    )
}

/// Fetches a request object from where the client said beforehand that it may be (§6.2): nobody can
/// make this server call an address of their choice.
pub(super) async fn fetch(
    app: &App,
    client: &client::Model,
    request_uri: &str,
) -> Result<String, OauthError> {
    let wrong = |why: String| OauthError::new(ErrorCode::InvalidRequestUri, why);
    // §6.2.1: the fragment says which version of the object is meant, if it says anything.
    let bare = |uri: &str| uri.split('#').next().unwrap_or_default().to_owned();
    let url = bare(request_uri);
    let registered = client.metadata.request_uris.as_deref().unwrap_or_default();
    if !registered.iter().any(|own| bare(own) == url) {
        return Err(wrong("the request_uri is not registered".to_owned()));
    }
    let accept = KINDS.join(", ");
    let fetched = app
        .fetch
        .get_raw(&url, accept.trim_end_matches(", "), LONGEST);
    let raw = match fetched.await {
        Ok(raw) => raw,
        Err(error) => {
            // Why is for the log: it would tell strangers which names there are in our network.
            tracing::debug!(%error, "a request object could not be fetched");
            return Err(wrong("the request_uri could not be fetched".to_owned()));
        }
    };
    let kind = raw.content_type.split(';').next().unwrap_or_default();
    let text = String::from_utf8(raw.bytes).ok();
    match text.filter(|_| raw.status == 200 && KINDS.contains(&kind.trim())) {
        Some(text) => Ok(text.trim().to_owned()),
        None => Err(wrong(
            "there is no request object at the request_uri".to_owned(),
        )),
    }
}

/// Reads a request object, and proves that it is the client's.
pub(super) async fn read(
    app: &App,
    client: &client::Model,
    jws: &str,
) -> anyhow::Result<Result<Object, OauthError>> {
    if jws.len() > LONGEST {
        return Ok(Err(invalid("is too long")));
    }
    if may_be_unsigned(app, client)
        && let Some(claims) = unsigned(jws)
    {
        return Ok(Ok(Object(claims)));
    }
    let algs = algs(client);
    Ok(match keys::verify(app, client, jws, None, &algs).await {
        Ok(verified) if is_request(&verified.header) => Ok(Object(verified.claims)),
        Ok(_) => Err(invalid("is a JWT of another kind")),
        Err(error) => Err(invalid(&error.to_string())),
    })
}

/// The algorithms that the client may sign with: the one that it registered, and no other; or else
/// those of its profile. None of them is `none`, or has a shared secret.
fn algs(client: &client::Model) -> Vec<JwsAlg> {
    let usual = [JwsAlg::PS256, JwsAlg::ES256, JwsAlg::EdDSA, JwsAlg::RS256];
    let registered = client.metadata.request_object_signing_alg.as_deref();
    usual
        .into_iter()
        .filter(|alg| !client.demands().strong_algorithms || *alg != JwsAlg::RS256)
        .filter(|alg| registered.is_none_or(|own| own == alg.name()))
        .collect()
}

/// OpenID Connect Core §6.1: a client of its profile that registered nothing else.
fn may_be_unsigned(app: &App, client: &client::Model) -> bool {
    let metadata = &client.metadata;
    let registered = metadata.request_object_signing_alg.as_deref();
    app.config.features.unsigned_request_objects
        && client.demands().unsigned_request_objects
        && matches!(registered, None | Some("none"))
        && metadata.require_signed_request_object != Some(true)
}

/// The claims of a JWT of the algorithm `none` (RFC 7519 §6).
fn unsigned(jwt: &str) -> Option<Map<String, Value>> {
    let mut parts = jwt.split('.');
    let (header, claims) = (parts.next()?, parts.next()?);
    if parts.next() != Some("") || parts.next().is_some() {
        return None;
    }
    let header = jwks::object(header)?;
    let plain = REFUSED.iter().all(|name| !header.contains_key(*name));
    (plain && header.get("alg")? == "none" && is_request(&header))
        .then(|| jwks::object(claims))
        .flatten()
}

fn is_request(header: &Map<String, Value>) -> bool {
    let Some(typ) = header.get("typ") else {
        return true;
    };
    let lower = typ.as_str().unwrap_or_default().to_ascii_lowercase();
    TYPES.contains(&lower.strip_prefix("application/").unwrap_or(&lower))
}

impl Object {
    /// Whether the object is by this client, for us, of now, and not at odds with what stands
    /// beside it.
    pub(super) fn fits(
        &self,
        app: &App,
        client: &client::Model,
        outer: &Params,
    ) -> Result<(), OauthError> {
        let id = client.client_id.as_str();
        for name in ["iss", "client_id"] {
            if self.0.get(name).is_some_and(|own| own != id) {
                return Err(invalid("is by another client"));
            }
        }
        // RFC 9101 §10.8: it might be the client's assertion, stolen from another endpoint.
        if self.0.get("sub").is_some_and(|own| own == id) {
            return Err(invalid("is a JWT of another kind"));
        }
        if !self.is_for(&app.config.server.issuer) {
            return Err(invalid("is for another server"));
        }
        self.is_of(app.clock.now().timestamp())?;
        // OpenID Connect Core §6.1, RFC 9101 §4.
        if ["request", "request_uri"]
            .iter()
            .any(|name| self.0.contains_key(*name))
        {
            return Err(invalid("holds another one"));
        }
        // OpenID Connect Core §6.1: outside because OAuth wants it there, and the same.
        let inner = self.0.get("response_type").and_then(Value::as_str);
        let same = |one: &str, other: &str| {
            let kind = ResponseType::named(one);
            one == other || (kind.is_some() && kind == ResponseType::named(other))
        };
        match (outer.get("response_type"), inner) {
            (Some(outer), Some(inner)) if !same(outer, inner) => {
                Err(invalid("has another response_type than the request"))
            }
            _ => Ok(()),
        }
    }

    /// RFC 7519 §4.1.3; an object that names nobody is for whoever gets it.
    fn is_for(&self, issuer: &str) -> bool {
        match self.0.get("aud") {
            None => true,
            Some(Value::Array(all)) => all.iter().any(|one| one == issuer),
            Some(one) => one == issuer,
        }
    }

    /// RFC 7519 §4.1.4, §4.1.5.
    fn is_of(&self, now: i64) -> Result<(), OauthError> {
        let time = |name: &str| match self.0.get(name) {
            None => Ok(None),
            #[expect(clippy::cast_possible_truncation, reason = "no time is that far away")]
            Some(value) => match value.as_f64() {
                Some(time) => Ok(Some(time.floor() as i64)),
                None => Err(invalid(&format!("has an {name} that is no time"))),
            },
        };
        if time("exp")?.is_some_and(|end| end <= now) {
            return Err(invalid("has expired"));
        }
        if time("nbf")?.is_some_and(|start| start > now + SKEW) {
            return Err(invalid("is not valid yet"));
        }
        Ok(())
    }

    /// The parameters that the object holds. A value that is no text is the text that it would be in
    /// a query: the JSON of an object, the digits of a number.
    pub(super) fn into_params(self) -> Result<Params, OauthError> {
        let mut pairs = Vec::new();
        for (name, value) in self.0 {
            if OF_THE_JWT.contains(&name.as_str()) {
                continue;
            }
            match value {
                Value::Null => {}
                Value::Array(all) if Params::is_repeatable(&name) => {
                    pairs.extend(all.into_iter().map(|one| (name.clone(), text(one))));
                }
                one => pairs.push((name, text(one))),
            }
        }
        let params: Params = pairs.iter().cloned().collect();
        // As in a query (see `Params::parse`).
        if params.are_too_many() {
            return Err(invalid("holds too many parameters"));
        }
        if pairs
            .iter()
            .any(|(name, value)| format!("{name}{value}").contains('\0'))
        {
            return Err(invalid("holds a NUL character"));
        }
        Ok(params)
    }
}

fn text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}
