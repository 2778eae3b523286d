//! GitHub: OAuth 2.0 and an API that says whose the token is. A person is a number there: names are
//! given up and taken by others.

use serde_json::{Map, Value};

use super::{
    Failure, Provider,
    asked::{Asked, Back},
    exchange::{self, Asking, Endpoints},
    failure::Broken,
    identity::{self, Address, Identity, Proof},
    profile,
    tokens::Tokens,
};
use crate::{app::App, fetch::Outgoing};

/// What it takes to know who somebody is.
const SCOPES: [&str; 2] = ["read:user", "user:email"];

/// The version of the API that is meant.
const ACCEPT: &str = "application/vnd.github+json";

/// Addresses that GitHub makes up for those who hide theirs: no mail arrives there.
const NO_REPLY: &str = "@users.noreply.github.com";

/// By which of its names a claim of ours goes there.
const CLAIMS: [(&str, &str); 4] = [
    ("picture", "avatar_url"),
    ("preferred_username", "login"),
    ("profile", "html_url"),
    ("website", "blog"),
];

/// Where it answers.
pub(super) fn endpoints(provider: Provider<'_>) -> Endpoints {
    let base = provider.settings.base_url();
    let base = base.strip_suffix('/').unwrap_or(base);
    Endpoints {
        authorization: format!("{base}/login/oauth/authorize"),
        token: format!("{base}/login/oauth/access_token"),
        // The only way that its documentation names.
        secret_in_form: true,
    }
}

/// Where to send somebody.
pub(super) fn begin(
    app: &App,
    provider: Provider<'_>,
    asked: &Asked<'_>,
) -> Result<String, Broken> {
    let asking = Asking {
        state: asked.state,
        verifier: asked.verifier,
        scopes: &SCOPES,
        parameters: vec![],
    };
    exchange::authorization_url(app, provider, &endpoints(provider), &asking)
}

/// Who came back, by the word of its API.
pub(super) async fn identify(
    app: &App,
    provider: Provider<'_>,
    back: Back<'_>,
) -> Result<(Identity, Tokens), Broken> {
    if back.iss.is_some_and(|iss| !own_issuer(provider, iss)) {
        return Err(Failure::NotBelieved.because("iss of the response is another's"));
    }
    let code = (back.code, back.verifier);
    let tokens = exchange::redeem(app, provider, &endpoints(provider), code).await?;
    let user = ask(app, provider, &tokens, "/user").await?;
    let emails = ask(app, provider, &tokens, "/user/emails").await?;
    let user = user
        .as_object()
        .ok_or_else(|| Failure::NotBelieved.because("/user is no object"))?;
    Ok((identity(provider, user, &emails)?, tokens))
}

/// It may send RFC 9207's parameter one day, with where people sign in.
fn own_issuer(provider: Provider<'_>, iss: &str) -> bool {
    let base = provider.settings.base_url();
    iss.strip_prefix(base)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

async fn ask(
    app: &App,
    provider: Provider<'_>,
    tokens: &Tokens,
    path: &str,
) -> Result<Value, Broken> {
    let base = provider.settings.api_url();
    let base = base.strip_suffix('/').unwrap_or(base);
    let outgoing = Outgoing {
        url: &format!("{base}{path}"),
        accept: ACCEPT,
        authorization: Some(&format!("Bearer {}", tokens.access_token)),
        form: None,
    };
    let raw = app.fetch.call(outgoing).await;
    let raw = raw.map_err(|error| Failure::Unavailable.because(format!("{path}: {error}")))?;
    if raw.status != 200 {
        return Err(Failure::Unavailable.because(format!("{path} answers {}", raw.status)));
    }
    serde_json::from_slice(&raw.bytes)
        .map_err(|_| Failure::NotBelieved.because(format!("{path} is not JSON")))
}

fn identity(
    provider: Provider<'_>,
    user: &Map<String, Value>,
    emails: &Value,
) -> Result<Identity, Broken> {
    let id = user.get("id").and_then(Value::as_u64);
    let subject = id.ok_or_else(|| Failure::NotBelieved.because("/user has no number"))?;
    let subject = subject.to_string();
    let login = user.get("login").and_then(Value::as_str);
    let (name, picture, claims) = profile::read(provider, user, &CLAIMS);
    let name = name.or_else(|| login.map(str::to_owned));
    Ok(Identity {
        provider: provider.name.to_owned(),
        issuer: provider.settings.issuer().to_owned(),
        display: identity::display(&[login, name.as_deref()], &subject),
        subject,
        email: address(provider, emails),
        name,
        picture,
        claims,
    })
}

/// The one address that is the person's first and that GitHub has proven. What stands in `/user` is
/// whatever they like to show.
fn address(provider: Provider<'_>, emails: &Value) -> Option<Address> {
    let is = |entry: &Value, name: &str| entry.get(name) == Some(&Value::Bool(true));
    let first = emails
        .as_array()?
        .iter()
        .find(|entry| is(entry, "primary"))?;
    let text = first.get("email")?.as_str()?;
    let proven = is(first, "verified") && provider.settings.trust_email;
    let proof = match proven {
        true => Proof::Signed,
        false => Proof::Nothing,
    };
    let address = identity::address(text, proof)?;
    (!address.email.ends_with(NO_REPLY)).then_some(address)
}
