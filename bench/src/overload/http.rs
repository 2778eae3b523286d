//! Requests and answers on kept connections, as many as are needed at once.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Nobody waits for longer.
const PATIENCE: Duration = Duration::from_secs(15);

/// A server, and the connections to it that nobody uses just now.
pub struct Wire {
    port: u16,
    free: Mutex<Vec<TcpStream>>,
}

/// An answer.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

pub fn get(path: &str, host: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n").into_bytes()
}

pub fn post(path: &str, host: &str, headers: &str, form: &str) -> Vec<u8> {
    let length = form.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\n{headers}\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{form}"
    )
    .into_bytes()
}

impl Wire {
    pub fn to(port: u16) -> Self {
        Self {
            port,
            free: Mutex::default(),
        }
    }

    /// Asks, on a connection that is free or on a new one.
    pub async fn ask(&self, request: &[u8]) -> anyhow::Result<Answer> {
        let kept = self
            .free
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        if let Some(stream) = kept
            && let Ok(answer) = self.on(stream, request).await
        {
            return Ok(answer);
        }
        // None was kept, or the server had closed it.
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
        stream.set_nodelay(true)?;
        self.on(stream, request).await
    }

    async fn on(&self, mut stream: TcpStream, request: &[u8]) -> anyhow::Result<Answer> {
        let answer = timeout(PATIENCE, exchange(&mut stream, request)).await??;
        self.free
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(stream);
        Ok(answer)
    }
}

impl Answer {
    /// The value of a header, by its name in small letters and a colon.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .head
            .lines()
            .find(|line| line.to_ascii_lowercase().starts_with(name));
        found.map(|line| line[name.len()..].trim())
    }
}

async fn exchange(stream: &mut TcpStream, request: &[u8]) -> anyhow::Result<Answer> {
    stream.write_all(request).await?;
    let mut body = Vec::with_capacity(8 * 1024);
    let end = loop {
        anyhow::ensure!(
            stream.read_buf(&mut body).await? > 0,
            "the connection was closed"
        );
        if let Some(at) = body.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
    };
    let head = String::from_utf8(body[..end].to_vec())?;
    let status = head.get(9..12).map(str::parse).transpose()?.unwrap_or(0);
    let mut answer = Answer {
        status,
        head,
        body: Vec::new(),
    };
    let length = answer
        .header("content-length:")
        .map_or(Ok(0), str::parse::<usize>)?;
    while body.len() < end + length {
        anyhow::ensure!(
            stream.read_buf(&mut body).await? > 0,
            "the answer was cut off"
        );
    }
    body.drain(..end);
    answer.body = body;
    Ok(answer)
}
