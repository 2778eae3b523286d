//! What a client may do in the protocol: what it is answered with, what it presents, how it is
//! signed for it.

use entity::value::{ClientAuthMethod, GrantType, SigningAlg, SubjectType};

use crate::{
    app::App,
    clients::{
        sector,
        wanted::{NewClient, RegisterError, is_front_channel},
    },
    oauth::algorithms::{REQUEST_OBJECT, STRONG},
};

pub(super) fn response_types(app: &App, wanted: &NewClient) -> Result<(), RegisterError> {
    let front = wanted
        .response_types
        .iter()
        .any(|kind| is_front_channel(*kind));
    let may = wanted.profile.demands(false).front_channel_tokens
        && app.config.features.implicit_and_hybrid;
    match front && !may {
        true => Err(RegisterError::member(
            "response_types",
            "must be code: others are for the profile oidc, where features.implicit_and_hybrid is on",
        )),
        false => Ok(()),
    }
}

/// RFC 7591 §2.1: the grants are those that the response types lead to.
pub(super) fn grant_types(_: &App, wanted: &NewClient) -> Result<(), RegisterError> {
    let refuse = |why: &str| Err(RegisterError::member("grant_types", why));
    let grants = wanted.grants();
    let has = |grant| grants.contains(&grant);
    let kinds = &wanted.response_types;
    let with_code = kinds.iter().any(|kind| kind.has_code());
    if has(GrantType::AuthorizationCode) && !with_code {
        return refuse("must not hold authorization_code without a response type with code");
    }
    let front = kinds.iter().any(|kind| is_front_channel(*kind));
    if front && !has(GrantType::Implicit) {
        return refuse("must hold implicit, because response_types hold id_token or token");
    }
    // Libraries that always say it are let be where it can mean something.
    if has(GrantType::Implicit) && !wanted.profile.demands(false).front_channel_tokens {
        return refuse("must not hold implicit, except for the profile oidc");
    }
    if has(GrantType::ClientCredentials) && wanted.method() == ClientAuthMethod::None {
        return refuse("must not hold client_credentials for a client without credentials");
    }
    if has(GrantType::TokenExchange) && wanted.method() == ClientAuthMethod::None {
        return refuse("must not hold token-exchange for a client without credentials");
    }
    Ok(())
}

/// OpenID Connect Core §8.1: of redirect URIs on several hosts nobody can say which is the sector.
pub(super) fn subject_type(app: &App, wanted: &NewClient) -> Result<(), RegisterError> {
    if wanted.subject_type == SubjectType::Public {
        return Ok(());
    }
    let refuse = |why: &str| Err(RegisterError::member("subject_type", why));
    if !app.config.features.pairwise_subjects {
        return refuse("must be public: features.pairwise_subjects is off");
    }
    let by_uri = wanted.metadata.sector_identifier_uri.as_deref();
    // Whoever gets answers without a redirect need not be where its redirect URIs are.
    let grants = wanted.grants();
    let elsewhere = [GrantType::DeviceCode, GrantType::TokenExchange];
    if by_uri.is_none() && elsewhere.iter().any(|grant| grants.contains(grant)) {
        return refuse(
            "pairwise needs a sector_identifier_uri where there is a grant without a redirect",
        );
    }
    match sector::host(by_uri, &wanted.redirect_uris) {
        Some(_) => Ok(()),
        None => refuse(
            "pairwise needs redirect URIs on one host, or a sector_identifier_uri that lists them",
        ),
    }
}

pub(super) fn algorithms(app: &App, wanted: &NewClient) -> Result<(), RegisterError> {
    let refuse = |member: &str, why: &str| Err(RegisterError::member(member, why));
    let strong = wanted.profile.demands(false).strong_algorithms;
    let only_strong = "must be PS256, ES256 or EdDSA for the profile fapi2";
    if strong && wanted.id_token_alg == SigningAlg::RS256 {
        return refuse("id_token_signed_response_alg", only_strong);
    }
    if strong && wanted.access_token_alg == SigningAlg::RS256 {
        return refuse("access_token_signed_response_alg", only_strong);
    }
    let kept = &wanted.metadata;
    if let Some(alg) = &kept.userinfo_signed_response_alg {
        match SigningAlg::named(alg) {
            None => {
                let why = "must be RS256, ES256, PS256 or EdDSA";
                return refuse("userinfo_signed_response_alg", why);
            }
            Some(SigningAlg::RS256) if strong => {
                return refuse("userinfo_signed_response_alg", only_strong);
            }
            Some(_) => {}
        }
    }
    let Some(alg) = kept.request_object_signing_alg.as_deref() else {
        return Ok(());
    };
    let member = "request_object_signing_alg";
    let unsigned = wanted.profile.demands(false).unsigned_request_objects
        && app.config.features.unsigned_request_objects;
    let must_sign = kept.require_signed_request_object == Some(true);
    match alg {
        alg if !REQUEST_OBJECT.contains(&alg) => {
            refuse(member, "must be one of RS256, PS256, ES256 and EdDSA")
        }
        "none" if !unsigned => refuse(
            member,
            "may be none for the profile oidc only, where features.unsigned_request_objects is on",
        ),
        "none" if must_sign => refuse(member, "must not be none where a signature is required"),
        alg if strong && !STRONG.contains(&alg) => refuse(member, only_strong),
        _ if !app.config.features.request_objects && !app.config.features.request_uri => {
            refuse(member, "must not be there: features.request_objects is off")
        }
        _ => Ok(()),
    }
}

/// What a client asks to be held to must be something that this server does.
pub(super) fn switched_on(app: &App, wanted: &NewClient) -> Result<(), RegisterError> {
    let (on, kept) = (&app.config.features, &wanted.metadata);
    let is = |flag: Option<bool>| flag == Some(true);
    let objects = on.request_objects || on.request_uri;
    let certificates = app.config.server.takes_client_certificates();
    let asked = [
        (
            "dpop_bound_access_tokens",
            is(kept.dpop_bound_access_tokens),
            on.dpop,
        ),
        (
            "require_pushed_authorization_requests",
            is(kept.require_pushed_authorization_requests),
            on.pushed_requests,
        ),
        (
            "require_signed_request_object",
            is(kept.require_signed_request_object),
            objects,
        ),
        (
            "tls_client_certificate_bound_access_tokens",
            is(kept.tls_client_certificate_bound_access_tokens),
            certificates,
        ),
        (
            "frontchannel_logout_uri",
            kept.frontchannel_logout_uri.is_some(),
            on.frontchannel_logout,
        ),
        (
            "backchannel_logout_uri",
            kept.backchannel_logout_uri.is_some(),
            on.backchannel_logout,
        ),
    ];
    match asked.iter().find(|(_, asked, on)| *asked && !on) {
        Some((member, ..)) => Err(RegisterError::member(
            *member,
            "is about something that is switched off here",
        )),
        None => Ok(()),
    }
}
