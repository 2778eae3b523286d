//! How a client proves who it is, and whether it registered what it takes.

use std::net::IpAddr;

use entity::value::ClientAuthMethod::{
    ClientSecretJwt, None as Nothing, PrivateKeyJwt, SelfSignedTlsClientAuth, TlsClientAuth,
};

use crate::{
    app::App,
    clients::{
        keys,
        wanted::{NewClient, RegisterError},
    },
    crypto::certificate::is_subject,
    oauth::algorithms::{ASSERTION, STRONG},
};

/// The ways that this server and the profile of the client take.
pub(super) fn method(app: &App, wanted: &NewClient) -> Result<(), RegisterError> {
    let refuse = |why: &str| Err(RegisterError::member("token_endpoint_auth_method", why));
    let method = wanted.method();
    let by_certificate = matches!(method, TlsClientAuth | SelfSignedTlsClientAuth);
    if by_certificate && !app.config.server.takes_client_certificates() {
        return refuse("is one by certificate, and this server takes none (server.mtls)");
    }
    // RFC 8705 §2.1: without those who vouch for a subject it says nothing.
    if method == TlsClientAuth && app.authorities.is_none() {
        return refuse(
            "is one by a certificate that somebody vouches for, and this server believes nobody \
             (server.client_certificate_authorities)",
        );
    }
    let by_key = by_certificate || method == PrivateKeyJwt;
    let demands = wanted.profile.demands(method == Nothing);
    if demands.key_authentication && !by_key {
        return refuse(
            "must be private_key_jwt, tls_client_auth or self_signed_tls_client_auth for the profile fapi2",
        );
    }
    Ok(())
}

/// Keys by value or by reference, not both (RFC 7591 §2), and where they are needed.
pub(super) fn keys(_: &App, wanted: &NewClient) -> Result<(), RegisterError> {
    let kept = &wanted.metadata;
    if let Some(jwks) = &kept.jwks {
        keys::check(jwks)
            .map_err(|why| RegisterError::member("jwks", format!("cannot be registered: {why}")))?;
        if kept.jwks_uri.is_some() {
            let why = "must not be there together with jwks_uri";
            return Err(RegisterError::member("jwks", why));
        }
    }
    let has_none = kept.jwks.is_none() && kept.jwks_uri.is_none();
    let needs_some = matches!(wanted.method(), PrivateKeyJwt | SelfSignedTlsClientAuth);
    if needs_some && has_none {
        let why = "is a way by key, and needs jwks or jwks_uri";
        return Err(RegisterError::member("token_endpoint_auth_method", why));
    }
    let Some(alg) = &kept.token_endpoint_auth_signing_alg else {
        return Ok(());
    };
    let fits = match wanted.method() {
        ClientSecretJwt => alg == "HS256",
        PrivateKeyJwt if wanted.profile.demands(false).strong_algorithms => {
            STRONG.contains(&alg.as_str())
        }
        PrivateKeyJwt => alg != "HS256" && ASSERTION.contains(&alg.as_str()),
        _ => ASSERTION.contains(&alg.as_str()),
    };
    match fits {
        true => Ok(()),
        false => Err(RegisterError::member(
            "token_endpoint_auth_signing_alg",
            "is not one that goes with the way to authenticate",
        )),
    }
}

/// RFC 8705 §2.1.2: the certificate is named in exactly one way.
pub(super) fn certificate(_: &App, wanted: &NewClient) -> Result<(), RegisterError> {
    let kept = &wanted.metadata;
    let names = [
        &kept.tls_client_auth_subject_dn,
        &kept.tls_client_auth_san_dns,
        &kept.tls_client_auth_san_uri,
        &kept.tls_client_auth_san_ip,
        &kept.tls_client_auth_san_email,
    ];
    let named: Vec<&String> = names.into_iter().flatten().collect();
    let refuse = |why| Err(RegisterError::member("tls_client_auth_*", why));
    if named.len() > 1 {
        return refuse("must name the certificate in one way only");
    }
    if wanted.method() == TlsClientAuth && named.is_empty() {
        return refuse("must name the certificate of tls_client_auth");
    }
    let subject = kept.tls_client_auth_subject_dn.as_deref();
    if subject.is_some_and(|text| !is_subject(text)) {
        return refuse("subject_dn must be a distinguished name such as CN=client,O=Example");
    }
    let ip = kept.tls_client_auth_san_ip.as_deref();
    if ip.is_some_and(|text| text.parse::<IpAddr>().is_err()) {
        return refuse("san_ip must be an IP address");
    }
    match named
        .iter()
        .all(|name| !name.trim().is_empty() && name.len() <= 1024)
    {
        true => Ok(()),
        false => refuse("must not be empty, nor longer than 1024 bytes"),
    }
}
