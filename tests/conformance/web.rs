//! Web: the suite's own server, by https on loopback: what clients publish, and what is told them.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer},
};

/// What is at which path: a content type and a body.
type Pages = Arc<Mutex<BTreeMap<String, (String, Vec<u8>)>>>;

/// A server of clients.
pub struct Web {
    /// `https://localhost:PORT`.
    pub base: String,
    /// The certificate that must be believed, in PEM.
    pub authority: String,
    pages: Pages,
    told: tokio::sync::Mutex<UnboundedReceiver<Told>>,
}

/// A form that was sent to it.
#[derive(Clone, Debug)]
pub struct Told {
    pub path: String,
    pub body: String,
}

impl Web {
    /// Starts one, which ends with the test's runtime.
    pub async fn start() -> Self {
        let own = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]);
        let own = own.expect("a certificate");
        let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).expect("a key");
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("protocol versions")
            .with_no_client_auth()
            .with_single_cert(vec![own.cert.der().clone()], key)
            .expect("a usable certificate");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let pages = Pages::default();
        let (tell, told) = mpsc::unbounded_channel();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        tokio::spawn(serve(listener, acceptor, Arc::clone(&pages), tell));
        Self {
            base: format!("https://localhost:{port}"),
            authority: own.cert.pem(),
            pages,
            told: told.into(),
        }
    }

    /// Publishes something; answers its URL.
    pub fn put(&self, path: &str, content_type: &str, body: impl Into<Vec<u8>>) -> String {
        let page = (content_type.to_owned(), body.into());
        let mut pages = self.pages.lock().expect("the pages");
        pages.insert(path.to_owned(), page);
        format!("{}{path}", self.base)
    }

    /// The next form that is sent to it.
    pub async fn told(&self) -> Told {
        let mut told = self.told.lock().await;
        told.recv().await.expect("the server still listens")
    }
}

async fn serve(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    pages: Pages,
    tell: UnboundedSender<Told>,
) {
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, pages, tell) = (acceptor.clone(), Arc::clone(&pages), tell.clone());
        tokio::spawn(async move {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                return;
            };
            let mut request = Vec::new();
            let mut part = [0; 4096];
            while let Ok(read @ 1..) = stream.read(&mut part).await {
                request.extend_from_slice(&part[..read]);
                if let Some(answer) = answer(&request, &pages, &tell) {
                    let _ = stream.write_all(&answer).await;
                    let _ = stream.shutdown().await;
                    return;
                }
            }
        });
    }
}

/// The answer, once the request is whole.
fn answer(request: &[u8], pages: &Pages, tell: &UnboundedSender<Told>) -> Option<Vec<u8>> {
    let text = String::from_utf8_lossy(request);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let mut first = head.lines().next()?.split(' ');
    let (method, path) = (first.next()?, first.next()?);
    if method == "POST" {
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            let is_length = name.eq_ignore_ascii_case("content-length");
            is_length.then(|| value.trim().parse::<usize>().ok())?
        });
        if body.len() < length.unwrap_or_default() {
            return None;
        }
        let told = Told {
            path: path.to_owned(),
            body: body.to_owned(),
        };
        let _ = tell.send(told);
        let ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        return Some(ok.as_bytes().to_vec());
    }
    let pages = pages.lock().expect("the pages");
    let (status, kind, body) = match pages.get(path) {
        Some((kind, body)) => ("200 OK", kind.as_str(), body.as_slice()),
        None => ("404 Not Found", "text/plain", &b"nothing here"[..]),
    };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    Some([head.as_bytes(), body].concat())
}
