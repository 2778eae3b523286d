//! OpenID Connect: a provider that publishes where it answers, and signs what it says. Google is one
//! of them, with a few words of its own.

use serde_json::{Map, Value};

use super::{
    Failure, Provider,
    asked::{Asked, Back},
    discovery::{Metadata, discover},
    exchange::{self, Asking, Endpoints},
    failure::Broken,
    id_token::{self, Expected},
    identity::{self, Address, Identity, Proof},
    profile,
    tokens::Tokens,
};
use crate::{app::App, config::Kind, fetch::Outgoing};

/// How many seconds ago the person may have signed in at the provider who is to do so anew.
const NOW: &str = "0";

/// What it takes to know who somebody is.
const SCOPES: [&str; 3] = ["openid", "email", "profile"];

/// Where to send somebody.
pub(super) async fn begin(
    app: &App,
    provider: Provider<'_>,
    asked: &Asked<'_>,
) -> Result<String, Broken> {
    let metadata = discover(app, provider).await?;
    let mut parameters = vec![("nonce", asked.nonce)];
    let settings = provider.settings;
    let prompt = settings.prompt.as_deref();
    // Google's own list of prompts has no `login`; choosing the account is as far as it goes.
    let anew = match settings.kind {
        Kind::Google => "select_account",
        _ => "login",
    };
    parameters.extend(match asked.fresh {
        true => Some(("prompt", anew)),
        false => prompt.map(|prompt| ("prompt", prompt)),
    });
    if asked.fresh && settings.kind == Kind::Oidc {
        parameters.push(("max_age", NOW));
    }
    if let Some(domain) = &settings.hosted_domain {
        parameters.push(("hd", domain));
    }
    let asking = Asking {
        state: asked.state,
        verifier: asked.verifier,
        scopes: &SCOPES,
        parameters,
    };
    exchange::authorization_url(app, provider, &metadata.endpoints(), &asking)
}

/// Where it answers.
pub(super) async fn endpoints(app: &App, provider: Provider<'_>) -> Result<Endpoints, Broken> {
    Ok(discover(app, provider).await?.endpoints())
}

/// Who came back, by the ID token that the code is good for.
pub(super) async fn identify(
    app: &App,
    provider: Provider<'_>,
    back: Back<'_>,
) -> Result<(Identity, Tokens), Broken> {
    let metadata = discover(app, provider).await?;
    // RFC 9207 §2.4: it must be there if the provider says that it sends it, and never another's.
    match back.iss {
        Some(iss) if iss == metadata.issuer => {}
        None if !metadata.authorization_response_iss_parameter_supported => {}
        _ => return Err(Failure::NotBelieved.because("iss of the response is not the issuer")),
    }
    let began = back.began;
    let code = (back.code, back.verifier);
    let tokens = exchange::redeem(app, provider, &metadata.endpoints(), code).await?;
    let missing = || Failure::NotBelieved.because("there is no ID token");
    let token = tokens.id_token.as_deref().ok_or_else(missing)?;
    let mut issuers = vec![metadata.issuer.as_str()];
    if provider.settings.kind == Kind::Google {
        // Google documents two spellings for the `iss` of its ID tokens: with the scheme and without.
        issuers.extend(metadata.issuer.split_once("://").map(|(_, bare)| bare));
    }
    let expected = Expected {
        issuers: &issuers,
        client_id: &provider.settings.client_id,
        nonce: back.nonce,
        access_token: &tokens.access_token,
        began,
        // Google is not asked for it, because it does not know `max_age`.
        fresh: back.fresh && provider.settings.kind == Kind::Oidc,
        now: app.clock.now(),
    };
    let claims = id_token::verify(app, &metadata, token, &expected).await?;
    let told = match claims.contains_key("email") && claims.contains_key("name") {
        true => Map::new(),
        false => userinfo(app, &metadata, &tokens, &claims).await?,
    };
    let identity = identity(provider, metadata.issuer.clone(), &claims, &told)?;
    Ok((identity, tokens))
}

/// What the provider says elsewhere (§5.3), if it is about the same person. Where there is nothing to
/// be had, nothing is known.
async fn userinfo(
    app: &App,
    metadata: &Metadata,
    tokens: &Tokens,
    claims: &Map<String, Value>,
) -> Result<Map<String, Value>, Broken> {
    let Some(url) = &metadata.userinfo_endpoint else {
        return Ok(Map::new());
    };
    let outgoing = Outgoing {
        url,
        accept: "application/json",
        authorization: Some(&format!("Bearer {}", tokens.access_token)),
        form: None,
    };
    let Ok(raw) = app.fetch.call(outgoing).await else {
        return Ok(Map::new());
    };
    let said = serde_json::from_slice::<Map<String, Value>>(&raw.bytes);
    let Some(said) = said.ok().filter(|_| raw.status == 200) else {
        return Ok(Map::new());
    };
    // §5.3.2.
    match said.get("sub").is_some() && said.get("sub") == claims.get("sub") {
        true => Ok(said),
        false => Err(Failure::NotBelieved.because("userinfo is about somebody else")),
    }
}

/// Reads an ID token that is believed, and what was told beside it.
fn identity(
    provider: Provider<'_>,
    issuer: String,
    claims: &Map<String, Value>,
    told: &Map<String, Value>,
) -> Result<Identity, Broken> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let subject = text("sub").and_then(identity::subject);
    let subject = subject.ok_or_else(|| Failure::NotBelieved.because("sub is not usable"))?;
    let domain = text("hd").filter(|hd| !hd.is_empty());
    if let Some(wanted) = &provider.settings.hosted_domain
        && !domain.is_some_and(|hd| hd.eq_ignore_ascii_case(wanted))
    {
        return Err(Failure::WrongDomain.because("hd is another domain, or none"));
    }
    let email = address(provider, claims, domain, Proof::Signed)
        .or_else(|| address(provider, told, domain, Proof::Told));
    let mut all = told.clone();
    all.extend(claims.clone());
    let (name, picture, standard) = profile::read(provider, &all, &[]);
    let known = email.as_ref().map(|address| address.email.as_str());
    let display = identity::display(&[known, name.as_deref()], &subject);
    Ok(Identity {
        provider: provider.name.to_owned(),
        issuer,
        subject,
        email,
        display,
        name,
        picture,
        claims: standard,
    })
}

/// The address that is said there. It counts as proven only if the provider says so in so many words,
/// and is one that can know.
fn address(
    provider: Provider<'_>,
    said: &Map<String, Value>,
    domain: Option<&str>,
    proof: Proof,
) -> Option<Address> {
    let text = said.get("email")?.as_str()?;
    let vouched = said.get("email_verified") == Some(&Value::Bool(true));
    let mut address = identity::address(text, Proof::Nothing)?;
    // Of other addresses Google only knows that they once were somebody's who made the account.
    let knows = match provider.settings.kind {
        Kind::Google => address.email.ends_with("@gmail.com") || domain.is_some(),
        _ => true,
    };
    if vouched && knows && provider.settings.trust_email {
        address.proof = proof;
    }
    Some(address)
}
