//! Trust: whose certificates are believed where others are called.

use std::{fs, sync::Arc};

use doorward::{
    config::Config,
    fetch::{AuthoritiesError, Fetch, FetchError},
};
use rcgen::{CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::json;
use tokio::{io::AsyncWriteExt, net::TcpListener};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::aws_lc_rs::default_provider, pki_types::PrivateKeyDer},
};

use super::other::response;
use crate::support::folder::Folder;

/// A server on `https://localhost` with a certificate of an authority that no machine knows.
struct Private {
    origin: String,
    authority: String,
}

impl Private {
    async fn new() -> Self {
        let key = || KeyPair::generate().expect("a key");
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, key()).expect("an authority");
        let (own, names) = (key(), ["localhost".to_owned()]);
        let params = CertificateParams::new(names).expect("a name");
        let certificate = params.signed_by(&own, &authority).expect("a certificate");
        let own = PrivateKeyDer::try_from(own.serialize_der()).expect("a key");
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("protocol versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], own)
            .expect("a usable certificate");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // Whoever does not believe us hangs up.
                if let Ok(mut stream) = acceptor.accept(stream).await {
                    let answer = response("200 OK", "application/json", "[1]");
                    let _ = stream.write_all(answer.as_bytes()).await;
                    let _ = stream.shutdown().await;
                }
            }
        });
        Self {
            origin: format!("https://localhost:{port}"),
            authority: authority.pem(),
        }
    }
}

/// A fetch that may call there and believes these authorities.
fn believing(origin: &str, authorities: Option<&str>) -> Result<Fetch, AuthoritiesError> {
    let folder = Folder::new();
    let mut config = Config::default();
    config.fetch.private_origins = vec![origin.to_owned()];
    if let Some(text) = authorities {
        let file = folder.path().join("ca.pem");
        fs::write(&file, text).expect("a file for a test");
        config.fetch.ca_file = Some(file);
    }
    Fetch::new(&config)
}

#[tokio::test]
async fn an_authority_of_the_operator_is_believed_and_nobody_elses() {
    let (own, other) = (Private::new().await, Private::new().await);
    let both = format!("{}{}", other.authority, own.authority);
    for (authorities, is_believed) in [
        (None, false),
        (Some(&other.authority), false),
        (Some(&own.authority), true),
        (Some(&both), true),
    ] {
        let fetch = believing(&own.origin, authorities.map(String::as_str)).expect("settings");
        let answer = fetch.get_json(&own.origin, None).await;
        match is_believed {
            true => assert_eq!(answer.expect("an answer").json, json!([1])),
            false => assert!(
                matches!(answer, Err(FetchError::Unreachable(_))),
                "{answer:?}"
            ),
        }
    }
}

#[test]
fn a_file_without_certificates_is_a_mistake() {
    for text in [
        "",
        "no certificate",
        "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n",
    ] {
        let refused = believing("https://a.example", Some(text)).expect_err(text);
        assert!(
            matches!(refused, AuthoritiesError::NoCertificates),
            "{text}"
        );
    }
    let mut config = Config::default();
    config.fetch.ca_file = Some("/nowhere/ca.pem".into());
    let refused = Fetch::new(&config).expect_err("there is no such file");
    assert!(refused.to_string().contains("fetch.ca_file"), "{refused}");
}
