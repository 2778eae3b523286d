//! The certificate of the client that a request comes from (RFC 8705): shown to us in the handshake
//! of its connection, or told by a proxy of ours.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use percent_encoding::percent_decode_str;
use poem::{Addr, Endpoint, Request, Response, Result, web::LocalAddr};

use super::client_ip::is_from_proxy;
use crate::{app::App, crypto::certificate::Certificate};

/// The kind of local address on which a certificate was shown.
const SHOWN: &str = "mtls";
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// The local end of a connection on which the peer has shown these certificates, its own first.
///
/// poem tells a door nothing of a connection but its two addresses. The certificates go along in
/// the local one, which nobody else has a use for: so they are there exactly as long as the
/// connection is, for each of its requests, and for no other's. A table of connections by the
/// peer's address would have to be kept right when an address is used again. No request can write
/// here.
pub fn shown_on_connection(chain: &[impl AsRef<[u8]>]) -> LocalAddr {
    let chain: Vec<_> = chain.iter().map(|der| STANDARD.encode(der)).collect();
    LocalAddr(Addr::custom(SHOWN, chain.join(" ")))
}

/// Finds out, once per request, which certificate it comes with.
#[derive(Debug)]
pub struct Certified<E> {
    pub app: App,
    pub inner: E,
}

#[derive(Clone, Debug)]
struct Shown(Arc<Certificate>);

/// The certificate of the client; none if it showed none.
pub fn of(request: &Request) -> Option<Arc<Certificate>> {
    request
        .extensions()
        .get::<Shown>()
        .map(|shown| Arc::clone(&shown.0))
}

impl<E: Endpoint<Output = Response>> Endpoint for Certified<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let certificate = match on_connection(&request) {
            Some(certificate) => Some(certificate),
            None => told_by_proxy(&self.app, &request),
        };
        if let Some(certificate) = certificate {
            request
                .extensions_mut()
                .insert(Shown(Arc::new(certificate)));
        }
        self.inner.call(request).await
    }
}

fn on_connection(request: &Request) -> Option<Certificate> {
    let Addr::Custom(SHOWN, chain) = &request.local_addr().0 else {
        return None;
    };
    let mut chain = chain.split(' ').map(|der| STANDARD.decode(der).ok());
    let own = chain.next()??;
    Certificate::new(own, chain.collect::<Option<_>>()?).ok()
}

/// From a peer that is no proxy of ours the header is what anybody could have written into it.
fn told_by_proxy(app: &App, request: &Request) -> Option<Certificate> {
    let name = app.config.server.client_certificate_header.as_deref()?;
    if !is_from_proxy(app, request) {
        return None;
    }
    let mut told = request.headers().get_all(name).iter();
    let certificate = match (told.next(), told.next()) {
        // A proxy says so too when nothing was shown.
        (None, _) => return None,
        (Some(one), None) if one.is_empty() => return None,
        (Some(one), None) => one.to_str().ok().and_then(read),
        // It has let through what its client wrote, or another proxy did.
        (Some(_), Some(_)) => None,
    };
    if certificate.is_none() {
        tracing::warn!("a proxy told a client certificate that cannot be read");
    }
    certificate
}

/// A header's value: PEM, escaped as in a URL (nginx: `$ssl_client_escaped_cert`) or on one line, or
/// DER in base64, between colons (RFC 9440 §2.1) or bare.
fn read(value: &str) -> Option<Certificate> {
    let text = percent_decode_str(value).decode_utf8().ok()?;
    let text = text.trim();
    let base64 = match text.strip_prefix(BEGIN) {
        Some(pem) => pem.trim_end().strip_suffix(END)?,
        None => match text.strip_prefix(':') {
            Some(item) => item.strip_suffix(':')?,
            None => text,
        },
    };
    let base64: String = base64.split_ascii_whitespace().collect();
    let der = STANDARD.decode(base64).ok()?;
    Certificate::new(der, Vec::new()).ok()
}

#[cfg(test)]
mod tests {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

    use super::*;

    #[test]
    fn every_spelling_of_one_certificate() {
        let made = rcgen::generate_simple_self_signed(["client.example".to_owned()]).unwrap();
        let (der, pem) = (made.cert.der(), made.cert.pem());
        let base64 = STANDARD.encode(der);
        let escaped = utf8_percent_encode(&pem, NON_ALPHANUMERIC).to_string();
        for good in [
            escaped.as_str(),
            &pem.trim().replace('\n', " "),
            &format!(":{base64}:"),
            &base64,
        ] {
            let certificate = read(good).unwrap_or_else(|| panic!("{good}"));
            assert_eq!(certificate.der(), der.as_ref());
        }
        for bad in [
            "",
            ":",
            "::",
            "-",
            "(null)",
            BEGIN,
            &format!("{BEGIN}{END}"),
            &format!(":{base64}"),
            &format!("{escaped}{escaped}"),
            &format!(":{base64}:, :{base64}:"),
            &base64[4..],
            &STANDARD.encode([der.as_ref(), b"more"].concat()),
        ] {
            assert!(read(bad).is_none(), "{bad}");
        }
    }
}
