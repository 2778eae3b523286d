//! Receiver: the servers of relying parties, which hear that sessions have ended, and say to it
//! whatever they like.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use doorward::jobs;
use entity::value::ClientMetadata;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
    time::timeout,
};
use url::form_urlencoded;

use super::{granted::Granted, jwt::Jwt};
use crate::support::{database::Database, house::House, rp::Rp};

/// Listens on a port of its own. A path of digits is what it answers, whatever was said before.
pub struct Receiver {
    port: u16,
    says: Arc<Mutex<u16>>,
    heard: Arc<Mutex<Vec<Heard>>>,
    rung: Arc<Notify>,
}

/// One request.
#[derive(Clone, Debug)]
pub struct Heard {
    /// Request line and headers, in lower case.
    pub head: String,
    pub body: String,
}

impl Receiver {
    pub async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let receiver = Self {
            port,
            says: Arc::new(Mutex::new(200)),
            heard: Arc::default(),
            rung: Arc::default(),
        };
        let (says, heard) = (Arc::clone(&receiver.says), Arc::clone(&receiver.heard));
        let rung = Arc::clone(&receiver.rung);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (says, heard) = (Arc::clone(&says), Arc::clone(&heard));
                let rung = Arc::clone(&rung);
                tokio::spawn(async move {
                    let _ = answer(stream, &says, &heard).await;
                    rung.notify_one();
                });
            }
        });
        receiver
    }

    /// A house that may call it.
    pub async fn house(&self, db: Database) -> House {
        House::with(db, |config| {
            config.fetch.private_origins = vec![self.origin()];
        })
        .await
    }

    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A client that wants to be told at `path`.
    pub async fn rp<'a>(&self, house: &'a House, path: &str) -> Rp<'a> {
        let metadata = self.metadata(path);
        Rp::with(house, |new| new.metadata = metadata).await
    }

    pub fn metadata(&self, path: &str) -> ClientMetadata {
        ClientMetadata {
            backchannel_logout_uri: Some(format!("{}{path}", self.origin())),
            backchannel_logout_session_required: Some(true),
            ..ClientMetadata::default()
        }
    }

    /// What it answers from now on. 0 hangs up without a word.
    pub fn says(&self, status: u16) {
        *self.says.lock().expect("a word") = status;
    }

    /// What it was told since it was last asked.
    pub fn heard(&self) -> Vec<Heard> {
        std::mem::take(&mut self.heard.lock().expect("a log"))
    }

    /// Waits until it is told something. Fails after `most`.
    pub async fn hears(&self, most: Duration) {
        let told = timeout(most, self.rung.notified()).await;
        told.expect("to be told in time");
    }

    /// The one token that it was told since it was last asked.
    #[track_caller]
    pub fn token(&self) -> String {
        let heard = self.heard();
        let [one] = &heard[..] else {
            panic!("{heard:?}")
        };
        one.token()
    }
}

impl Heard {
    /// The token in the form, in which there is nothing else.
    #[track_caller]
    pub fn token(&self) -> String {
        let pairs: Vec<_> = form_urlencoded::parse(self.body.as_bytes()).collect();
        let [(name, token)] = &pairs[..] else {
            panic!("{pairs:?}")
        };
        assert_eq!(name, "logout_token");
        token.to_string()
    }
}

/// Tells everybody whose turn it is. Answers how many have taken it.
pub async fn deliver(house: &House) -> usize {
    let taken = jobs::logout::deliver(&house.app).await;
    taken.expect("a database that answers")
}

/// A logout token, read as its client must (OpenID Connect Back-Channel Logout §2.6).
pub async fn read(house: &House, token: &str, client_id: &str) -> Value {
    let read = Jwt::verified(house, token, client_id, ("logout+jwt", "RS256")).await;
    read.claims
}

/// The `sub` and `sid` of a client's ID token, as they must come back.
pub async fn known_by(granted: &mut Granted<'_>) -> (Value, Value) {
    let token = granted.tokens().await.id_token.expect("an ID token");
    let claims = super::jwt::claims(&token);
    (claims["sub"].clone(), claims["sid"].clone())
}

async fn answer(
    mut stream: TcpStream,
    says: &Mutex<u16>,
    heard: &Mutex<Vec<Heard>>,
) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    let (head, body) = loop {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let head = head.to_ascii_lowercase();
        let length = head.split("content-length: ").nth(1);
        let length = length.and_then(|rest| rest.lines().next()?.parse::<usize>().ok());
        if body.len() >= length.unwrap_or(0) {
            break (head, body.to_owned());
        }
    };
    let path = head.split(' ').nth(1).unwrap_or_default();
    let named = path.trim_start_matches('/').parse().ok();
    let status = named.unwrap_or(*says.lock().expect("a word"));
    heard.lock().expect("a log").push(Heard { head, body });
    if status == 0 {
        return Ok(());
    }
    let answer = format!(
        "HTTP/1.1 {status} Said\r\nLocation: /elsewhere\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(answer.as_bytes()).await
}
