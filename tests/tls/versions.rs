//! Which TLS is spoken, and what is asked of whom.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{Arc, atomic::Ordering},
};

use doorward::paths;
use rustls::{
    CipherSuite, HandshakeKind, ProtocolVersion,
    crypto::aws_lc_rs::sign,
    pki_types::PrivateKeyDer,
    sign::CertifiedKey,
    version::{TLS12, TLS13},
};

use super::{
    handshake::{ANYTHING, Asked, Can, config, connect, shake},
    made::Made,
    served::{Served, client},
};
use crate::support::database::Database;

/// The first bytes that the server says to a client that offers nothing newer than `version`.
fn offered(to: SocketAddr, version: u8) -> Vec<u8> {
    let mut body = vec![3, version];
    body.extend([7; 32]);
    // No session, one cipher that every TLS 1.0 and 1.1 had, no compression.
    body.extend([0, 0, 4, 0xc0, 0x14, 0x00, 0x2f, 1, 0]);
    let mut hello = vec![22, 3, 1, 0, body.len() as u8 + 4, 1, 0, 0, body.len() as u8];
    hello.extend(body);
    let mut stream = TcpStream::connect(to).expect("a connection");
    stream.write_all(&hello).expect("a listener");
    let mut said = Vec::new();
    stream.read_to_end(&mut said).expect("an end");
    said
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_12_and_13_are_spoken_and_nothing_older() {
    let served = Served::new(Database::sqlite().await).await;
    let (address, own) = (served.address, served.own);
    tokio::task::spawn_blocking(move || {
        for (version, is) in [
            (&TLS12, ProtocolVersion::TLSv1_2),
            (&TLS13, ProtocolVersion::TLSv1_3),
        ] {
            let can = Can {
                version,
                ..ANYTHING
            };
            let shaken = shake(address, &own, &can).expect("a handshake");
            assert_eq!(shaken.version, Some(is));
        }
        for version in [0, 1, 2] {
            // An alert (21) that is fatal (2): `protocol_version` (70), or no cipher (40).
            let said = offered(address, version);
            assert!(
                said.len() == 7 && said[0] == 21 && said[5] == 2,
                "TLS of minor {version} was answered with {said:?}"
            );
        }
        // A client that speaks no TLS at all is not answered in HTTP.
        let mut plain = TcpStream::connect(address).expect("a connection");
        plain
            .write_all(b"GET /livez HTTP/1.1\r\n\r\n")
            .expect("a listener");
        let mut said = Vec::new();
        plain.read_to_end(&mut said).ok();
        assert!(!said.starts_with(b"HTTP"), "{said:?}");
    })
    .await
    .expect("a good end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_12_is_spoken_with_recommended_ciphers_only() {
    let served = Served::new(Database::sqlite().await).await;
    let (address, own) = (served.address, served.own);
    tokio::task::spawn_blocking(move || {
        let only = |suites| Can {
            version: &TLS12,
            suites,
            ..ANYTHING
        };
        let chacha =
            only(|suite| suite == CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256);
        shake(address, &own, &chacha).expect_err("no common cipher");
        let aes = only(|suite| suite == CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256);
        shake(address, &own, &aes).expect("a handshake");
    })
    .await
    .expect("a good end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_is_not_asked_for_a_certificate_and_a_client_may_have_none() {
    let served = Served::new(Database::sqlite().await).await;
    let (address, clients, own) = (served.address, served.clients, served.own);
    tokio::task::spawn_blocking(move || {
        for version in [&TLS12, &TLS13] {
            let can = Can {
                version,
                ..ANYTHING
            };
            for (port, is_asked) in [(address, false), (clients, true)] {
                let asked = Arc::new(Asked::default());
                let config = config(&own, &can, Arc::clone(&asked));
                connect(port, &config).expect("a handshake");
                let asked = asked.asked.load(Ordering::SeqCst);
                assert_eq!(asked, is_asked, "{version:?} on {port}");
            }
        }
    })
    .await
    .expect("a good end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http_is_agreed_on_in_the_handshake() {
    let served = Served::new(Database::sqlite().await).await;
    let Served {
        house,
        address,
        own,
        ..
    } = served;
    let own = tokio::task::spawn_blocking(move || {
        let http = |alpn| Can { alpn, ..ANYTHING };
        for (offer, agreed) in [
            (&["http/1.1"][..], "http/1.1"),
            (&["h2", "http/1.1"], "h2"),
            (&["http/1.1", "h2"], "h2"),
        ] {
            let shaken = shake(address, &own, &http(offer)).expect("a handshake");
            assert_eq!(
                shaken.protocol.as_deref(),
                Some(agreed.as_bytes()),
                "{offer:?}"
            );
        }
        shake(address, &own, &http(&["spdy/3"])).expect_err("no common protocol");
        own
    })
    .await
    .expect("a good end");
    let url = house.url(paths::DISCOVERY_OPENID);
    let answer = client(&own, None).get(url).send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    let hsts = answer.headers().get("strict-transport-security");
    assert!(hsts.is_some_and(|value| value.to_str().is_ok_and(|text| text.contains("max-age="))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_without_its_key_ends_the_handshake() {
    let served = Served::new(Database::sqlite().await).await;
    let (clients, own) = (served.clients, served.own);
    tokio::task::spawn_blocking(move || {
        let (victim, thief) = (Made::alone(|_| ()), Made::alone(|_| ()));
        let shows = |certificate: &Made, key: &Made| {
            let key = PrivateKeyDer::try_from(key.key.serialize_der()).expect("a key");
            let key = sign::any_supported_type(&key).expect("a key");
            let chain = vec![certificate.certificate.der().clone()];
            Arc::new(Asked {
                shows: Some(Arc::new(CertifiedKey::new(chain, key))),
                ..Asked::default()
            })
        };
        for version in [&TLS12, &TLS13] {
            let can = Can {
                version,
                ..ANYTHING
            };
            let honest = config(&own, &can, shows(&victim, &victim));
            connect(clients, &honest).expect("a handshake");
            let stolen = config(&own, &can, shows(&victim, &thief));
            connect(clients, &stolen).expect_err("a signature with another key");
        }
    })
    .await
    .expect("a good end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_resumes_and_a_client_proves_its_key_each_time() {
    let served = Served::new(Database::sqlite().await).await;
    let (address, clients, own) = (served.address, served.clients, served.own);
    tokio::task::spawn_blocking(move || {
        for version in [&TLS12, &TLS13] {
            let can = Can {
                version,
                ..ANYTHING
            };
            for (port, resumes) in [(address, true), (clients, false)] {
                let config = config(&own, &can, Arc::default());
                connect(port, &config).expect("a handshake");
                let again = connect(port, &config).expect("a handshake");
                let resumed = again.kind == Some(HandshakeKind::Resumed);
                assert_eq!(resumed, resumes, "{version:?} on {port}: {again:?}");
                // What comes before the handshake is done can be played again by anybody.
                assert!(!again.early, "{version:?} on {port}");
            }
        }
    })
    .await
    .expect("a good end");
}
