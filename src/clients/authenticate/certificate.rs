//! Client certificates: `tls_client_auth` and `self_signed_tls_client_auth` (RFC 8705 §2). That the
//! client holds the key of the certificate was proven in the handshake.

use entity::{
    client::Model,
    value::{ClientAuthMethod, ClientMetadata},
};
use serde_json::Value;

use crate::{app::App, clients::keys, crypto::certificate::Certificate};

/// Whether a client proves who it is by nothing but its certificate.
pub(super) fn is_way_of(client: &Model) -> bool {
    use ClientAuthMethod::{SelfSignedTlsClientAuth, TlsClientAuth};
    matches!(
        client.token_endpoint_auth_method,
        TlsClientAuth | SelfSignedTlsClientAuth
    )
}

/// The client, if the certificate is one by which it registered to be known.
pub(super) async fn prove(
    app: &App,
    client: Model,
    certificate: Option<&Certificate>,
) -> Option<Model> {
    let certificate = certificate?;
    let known = match client.token_endpoint_auth_method {
        ClientAuthMethod::TlsClientAuth => is_vouched_for(app, &client, certificate),
        ClientAuthMethod::SelfSignedTlsClientAuth => is_registered(app, &client, certificate).await,
        _ => false,
    };
    known.then_some(client)
}

/// RFC 8705 §2.1: the one name that was registered, in a certificate that somebody vouches for whom
/// the operator named. Without that second part anybody could write the name.
fn is_vouched_for(app: &App, client: &Model, certificate: &Certificate) -> bool {
    let authorities = app.authorities.as_ref();
    is_named(&client.metadata, certificate)
        && authorities.is_some_and(|known| known.vouch_for(certificate, app.clock.now()))
}

/// §2.1.2: there is exactly one name.
fn is_named(registered: &ClientMetadata, certificate: &Certificate) -> bool {
    let fits = |name: &Option<String>, is: fn(&Certificate, &str) -> bool| {
        name.as_deref().map(|name| is(certificate, name))
    };
    let names = [
        fits(
            &registered.tls_client_auth_subject_dn,
            Certificate::has_subject,
        ),
        fits(&registered.tls_client_auth_san_dns, Certificate::has_dns),
        fits(&registered.tls_client_auth_san_uri, Certificate::has_uri),
        fits(&registered.tls_client_auth_san_ip, Certificate::has_ip),
        fits(
            &registered.tls_client_auth_san_email,
            Certificate::has_email,
        ),
    ];
    let mut names = names.into_iter().flatten();
    names.next() == Some(true) && names.next().is_none()
}

/// §2.2: the certificate of one of its keys. Nobody vouches for it, and when it ends is the client's
/// own business: what counts is that the key is registered.
async fn is_registered(app: &App, client: &Model, certificate: &Certificate) -> bool {
    let look = |jwks: &Value| {
        let keys = jwks["keys"].as_array().map(Vec::as_slice);
        let mut keys = keys.unwrap_or_default().iter();
        keys.any(|key| certificate.is_of(key)).then_some(())
    };
    match keys::find(app, client, look).await {
        Ok(found) => found.is_some(),
        Err(error) => {
            let client = &client.client_id;
            tracing::debug!(client, %error, "a client certificate could not be judged");
            false
        }
    }
}
