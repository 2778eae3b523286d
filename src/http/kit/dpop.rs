//! The `DPoP` header of a request, and the `DPoP-Nonce` of an answer (RFC 9449 §4.1, §8.1).

use entity::client;
use poem::{
    Endpoint, Request, Response, Result,
    http::{HeaderName, HeaderValue},
};

use super::{certificate, oauth_error::OauthFailure};
use crate::{
    app::App,
    oauth::{dpop::BadProof, error::OauthError},
    tokens::{
        dpop::{self, ProofError},
        sender::Sender,
    },
};

const DPOP: HeaderName = HeaderName::from_static("dpop");
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// The key of the proof at an endpoint that gives something out; none if no proof was sent. `path`
/// is that of the endpoint.
pub async fn proof(
    app: &App,
    request: &Request,
    path: &str,
) -> Result<Option<String>, OauthFailure> {
    if !request.headers().contains_key(DPOP) {
        return Ok(None);
    }
    // Who asks for a bound token must not get one that is for everybody.
    if !app.config.features.dpop {
        return Err(OauthError::invalid_request("DPoP is not spoken here").into());
    }
    match accept(app, request, path, None).await {
        Ok(jkt) => Ok(Some(jkt)),
        Err(error) => Err(error.told()?.into()),
    }
}

/// The sender of a token request: from its proof, or from its certificate.
pub async fn sender(
    app: &App,
    request: &Request,
    path: &str,
    client: &client::Model,
) -> Result<Sender, OauthFailure> {
    let jkt = proof(app, request, path).await?;
    let x5t = certificate::of(request).map(|certificate| certificate.thumbprint());
    Ok(Sender::new(client, jkt, x5t)?)
}

/// The key of the one proof of a request, for `access_token` where that is shown.
pub(super) async fn accept(
    app: &App,
    request: &Request,
    path: &str,
    access_token: Option<&str>,
) -> Result<String, ProofError> {
    // §4.3: not more than one.
    let mut all = request.headers().get_all(DPOP).iter();
    let (Some(one), None) = (all.next(), all.next()) else {
        return Err(BadProof::NotOne.into());
    };
    let one = one.to_str().map_err(|_| BadProof::NotOne)?;
    dpop::accept(app, one, (request.method().as_str(), path), access_token).await
}

/// Tells whoever sends proofs which nonce the next one should have, in every answer.
#[derive(Debug)]
pub struct Nonced<E> {
    pub app: App,
    pub inner: E,
}

impl<E: Endpoint<Output = Response>> Endpoint for Nonced<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let proven = request.headers().contains_key(DPOP);
        let mut response = self.inner.call(request).await?;
        let nonce = dpop::nonce(&self.app).filter(|_| proven);
        let nonce = nonce.and_then(|nonce| HeaderValue::try_from(nonce).ok());
        if let Some(nonce) = nonce {
            response.headers_mut().insert(DPOP_NONCE, nonce);
        }
        Ok(response)
    }
}
