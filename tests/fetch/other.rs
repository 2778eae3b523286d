//! Other: a server that is not ours, for calls to end at.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// A server on a port of its own that says the same to everybody, until it is told to say otherwise.
pub struct Other {
    pub port: u16,
    answer: Arc<Mutex<Vec<u8>>>,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Other {
    /// Answers each request with `answer` and hangs up.
    pub async fn saying(answer: impl Into<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        Self::at(listener, answer)
    }

    /// The same at an address that was known before what it would say.
    pub fn at(listener: TcpListener, answer: impl Into<Vec<u8>>) -> Self {
        let port = listener.local_addr().expect("an address").port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let answer = Arc::new(Mutex::new(answer.into()));
        let (says, log) = (Arc::clone(&answer), Arc::clone(&heard));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                // All that is sent here fits into one packet.
                let mut bytes = vec![0; 8192];
                let length = stream.read(&mut bytes).await.unwrap_or(0);
                let request = String::from_utf8_lossy(&bytes[..length]).into_owned();
                log.lock().expect("a log").push(request);
                // Whoever has heard enough hangs up first.
                let says = says.lock().expect("an answer").clone();
                let _ = stream.write_all(&says).await;
            }
        });
        Self {
            port,
            answer,
            heard,
        }
    }

    pub async fn saying_json(body: &str) -> Self {
        Self::saying(response("200 OK", "application/json", body)).await
    }

    /// Answers otherwise from now on.
    pub fn say(&self, answer: impl Into<Vec<u8>>) {
        *self.answer.lock().expect("an answer") = answer.into();
    }

    pub fn say_json(&self, body: &str) {
        self.say(response("200 OK", "application/json", body));
    }

    pub fn origin(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("a log").clone()
    }
}

/// An answer that ends where the connection does.
pub fn response(status: &str, kind: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nConnection: close\r\n\r\n{body}")
}
