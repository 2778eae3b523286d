//! What is wrong with the settings of a provider, found before anybody comes.

use url::Url;

use super::{GOOGLE, Kind, Provider};
use crate::config::{ConfigError, Fetch};

/// Names that are taken: the way in by e-mail and password, and pages beside those of the providers.
const TAKEN: [&str; 2] = ["email", "finish"];

/// What we say ourselves in an authorization request.
const OURS: [&str; 13] = [
    "response_type",
    "response_mode",
    "client_id",
    "client_secret",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "request",
    "request_uri",
];

/// Our claims that may be taken from one of another name: what is text and proves nothing.
const CLAIMS: [&str; 13] = [
    "name",
    "picture",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
];

type Checked = Result<(), ConfigError>;

pub(super) fn check(name: &str, provider: &Provider, fetch: &Fetch) -> Checked {
    let refuse = |why: String| Err(ConfigError::new(format!("providers.{name}{why}")));
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if !(1..=32).contains(&name.len()) || !name.bytes().all(fits) {
        return refuse(
            ": the name of a provider is 1 to 32 lower-case letters, digits and hyphens".to_owned(),
        );
    }
    if TAKEN.contains(&name) {
        return refuse(": this name is taken; choose another".to_owned());
    }
    if provider.client_id.is_empty() {
        return refuse(".client_id is empty".to_owned());
    }
    let has_secret = provider.secret().is_some_and(|secret| !secret.is_empty());
    if !has_secret && (provider.kind != Kind::Oidc || provider.secret().is_some()) {
        return refuse(".client_secret is missing (its value is not shown)".to_owned());
    }
    let of_kind = [
        (
            "issuer",
            provider.issuer.is_some(),
            provider.kind != Kind::Github,
        ),
        (
            "base_url",
            provider.base_url.is_some(),
            provider.kind == Kind::Github,
        ),
        (
            "api_url",
            provider.api_url.is_some(),
            provider.kind == Kind::Github,
        ),
        (
            "prompt",
            provider.prompt.is_some(),
            provider.kind != Kind::Github,
        ),
        (
            "hosted_domain",
            provider.hosted_domain.is_some(),
            provider.kind == Kind::Google,
        ),
    ];
    if let Some((setting, ..)) = of_kind.iter().find(|(_, set, may)| *set && !may) {
        return refuse(format!(
            ".{setting} means nothing for a provider of this kind"
        ));
    }
    if provider.kind == Kind::Oidc && provider.issuer.is_none() {
        return refuse(".issuer is missing".to_owned());
    }
    for (setting, url) in [
        ("issuer", provider.issuer.as_deref().unwrap_or(GOOGLE)),
        ("base_url", provider.base_url()),
        ("api_url", provider.api_url()),
    ] {
        if !is_place(url, fetch) {
            return refuse(format!(
                ".{setting} must be an https URL without query, fragment and credentials (or one of an \
                 origin in fetch.private_origins)"
            ));
        }
    }
    if let Some(wrong) = provider
        .origins
        .iter()
        .find(|origin| !is_origin(origin, fetch))
    {
        return refuse(format!(
            ".origins: \"{wrong}\" is not an https origin such as https://login.example.com"
        ));
    }
    if let Some(ours) = provider
        .parameters
        .keys()
        .find(|name| OURS.contains(&name.as_str()))
    {
        return refuse(format!(".parameters.{ours} is not yours to set there"));
    }
    if let Some(other) = provider
        .claims
        .keys()
        .find(|name| !CLAIMS.contains(&name.as_str()))
    {
        let known = CLAIMS.join(", ");
        return refuse(format!(
            ".claims.{other} is none that can be set; these can: {known}"
        ));
    }
    let is_token = |text: &String| {
        !text.is_empty()
            && text
                .bytes()
                .all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\')
    };
    // RFC 6749 §3.3.
    if !provider.scopes.iter().all(is_token) {
        return refuse(
            ".scopes must be words without spaces, quotation marks and backslashes".to_owned(),
        );
    }
    Ok(())
}

/// Whether credentials may be sent there at all.
fn is_place(text: &str, fetch: &Fetch) -> bool {
    Url::parse(text).is_ok_and(|url| {
        let origin = url.origin().ascii_serialization();
        let known = fetch.private_origins.contains(&origin);
        (url.scheme() == "https" || (url.scheme() == "http" && known))
            && url.host_str().is_some()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
    })
}

fn is_origin(text: &str, fetch: &Fetch) -> bool {
    is_place(text, fetch)
        && Url::parse(text).is_ok_and(|url| url.origin().ascii_serialization() == text)
}
