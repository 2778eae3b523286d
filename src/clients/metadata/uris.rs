//! The addresses of a client: where people are sent, where we call, what pages link to.

use url::Url;

use super::MOST;
use crate::{
    app::App,
    clients::wanted::{NewClient, RegisterError},
    oauth::redirect_uri,
};

/// The longest address that is kept, in bytes.
const LONGEST: usize = 2048;

pub(super) fn redirect_uris(_: &App, wanted: &NewClient) -> Result<(), RegisterError> {
    let kind = wanted.application_type;
    for uri in &wanted.redirect_uris {
        redirect_uri::check(uri, kind).map_err(|error| RegisterError::Uri(uri.clone(), error))?;
    }
    for uri in &wanted.post_logout_redirect_uris {
        redirect_uri::check(uri, kind)
            .map_err(|error| RegisterError::LogoutUri(uri.clone(), error))?;
    }
    Ok(())
}

pub(super) fn origins(_: &App, wanted: &NewClient) -> Result<(), RegisterError> {
    let wrong = |origin: &&String| redirect_uri::origin(origin).as_ref() != Some(*origin);
    match wanted.origins.iter().find(wrong) {
        Some(origin) => Err(RegisterError::Origin(origin.clone())),
        None => Ok(()),
    }
}

pub(super) fn links(_: &App, wanted: &NewClient) -> Result<(), RegisterError> {
    wanted.links.check().map_err(RegisterError::Link)
}

/// OpenID Connect Front-Channel Logout §2, Back-Channel Logout §2.2.
pub(super) fn logout(app: &App, wanted: &NewClient) -> Result<(), RegisterError> {
    let kept = &wanted.metadata;
    if let Some(uri) = &kept.frontchannel_logout_uri {
        let member = "frontchannel_logout_uri";
        plain(member, uri, Scheme::HttpsOrLoopback)?;
        let origin = redirect_uri::origin(uri);
        let mut own = wanted.redirect_uris.iter();
        if !own.any(|own| redirect_uri::origin(own) == origin) {
            let why = "must have the scheme, host and port of a redirect URI";
            return Err(RegisterError::member(member, why));
        }
    }
    if let Some(uri) = &kept.backchannel_logout_uri {
        plain("backchannel_logout_uri", uri, Scheme::HttpsOrLoopback)?;
        called(app, "backchannel_logout_uri", uri)?;
    }
    Ok(())
}

pub(super) fn others(app: &App, wanted: &NewClient) -> Result<(), RegisterError> {
    let kept = &wanted.metadata;
    // OpenID Connect Core §4.
    if let Some(uri) = &kept.initiate_login_uri {
        plain("initiate_login_uri", uri, Scheme::Https)?;
    }
    for (member, uri) in [
        ("jwks_uri", &kept.jwks_uri),
        ("sector_identifier_uri", &kept.sector_identifier_uri),
    ] {
        if let Some(uri) = uri {
            plain(member, uri, Scheme::HttpsOrLoopback)?;
            called(app, member, uri)?;
        }
    }
    let requests = kept.request_uris.as_deref().unwrap_or_default();
    if requests.len() > MOST {
        let why = "must be at most 20 addresses";
        return Err(RegisterError::member("request_uris", why));
    }
    for uri in requests {
        // OpenID Connect Core §6.2: the fragment says which version it is, and is not sent.
        let (whole, version) = uri.split_once('#').unwrap_or((uri, ""));
        if uri.len() > LONGEST || !version.bytes().all(|b| b.is_ascii_graphic()) {
            let why = "must be absolute URLs in ASCII";
            return Err(RegisterError::member("request_uris", why));
        }
        plain("request_uris", whole, Scheme::HttpsOrLoopback)?;
        called(app, "request_uris", whole)?;
    }
    Ok(())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Https,
    /// Plain on this machine too, where a client is being written.
    HttpsOrLoopback,
}

/// An absolute address of the web, without a fragment and without somebody to sign in as.
fn plain(member: &str, uri: &str, scheme: Scheme) -> Result<(), RegisterError> {
    let refuse = |why: &str| Err(RegisterError::member(member, why));
    let url = match Url::parse(uri) {
        Ok(url) if uri.len() <= LONGEST && uri.bytes().all(|b| b.is_ascii_graphic()) => url,
        _ => return refuse("must be an absolute URL in ASCII"),
    };
    if uri.contains('#') || !url.username().is_empty() || url.password().is_some() {
        return refuse("must have neither a fragment nor credentials");
    }
    let loopback = url.scheme() == "http" && redirect_uri::is_loopback(&url);
    match url.scheme() {
        "https" => Ok(()),
        _ if loopback && scheme == Scheme::HttpsOrLoopback => Ok(()),
        _ => refuse("must use https"),
    }
}

/// An address that we call. Whatever is on a private address is called only if the operator says so.
fn called(app: &App, member: &str, uri: &str) -> Result<(), RegisterError> {
    match app.fetch.may_call(uri) {
        true => Ok(()),
        false => Err(RegisterError::member(
            member,
            "must be on a public address and use https, or on an origin that the operator allows",
        )),
    }
}
