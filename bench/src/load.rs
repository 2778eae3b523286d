//! A load: a bounded number of kept connections, each asking again as soon as it is answered. Asks
//! only loopback, for a bounded time.

use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Connections at once.
pub const CONNECTIONS: usize = 16;

/// A request, as bytes to write.
#[derive(Clone, Debug)]
pub struct Request(Vec<u8>);

impl Request {
    pub fn get(path: &str) -> Self {
        Self(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").into_bytes())
    }

    pub fn form(path: &str, form: &str) -> Self {
        let length = form.len();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n"
        );
        Self(format!("{head}{form}").into_bytes())
    }
}

/// Answers per second over `span`. Every answer must be 200.
#[expect(
    clippy::disallowed_methods,
    reason = "measures how long something takes"
)]
pub async fn rate(port: u16, request: &Request, span: Duration) -> anyhow::Result<f64> {
    let began = Instant::now();
    let end = began + span;
    let workers: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let request = request.clone();
            tokio::spawn(async move {
                let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
                stream.set_nodelay(true)?;
                let mut buffer = Vec::with_capacity(16 * 1024);
                let mut answers = 0u64;
                while Instant::now() < end {
                    ask(&mut stream, &request.0, &mut buffer).await?;
                    answers += 1;
                }
                anyhow::Ok(answers)
            })
        })
        .collect();
    let mut answers = 0;
    for worker in workers {
        answers += worker.await??;
    }
    Ok(answers as f64 / began.elapsed().as_secs_f64())
}

/// One request and its whole answer; `buffer` holds the body afterwards.
pub async fn ask(
    stream: &mut TcpStream,
    request: &[u8],
    buffer: &mut Vec<u8>,
) -> anyhow::Result<()> {
    stream.write_all(request).await?;
    buffer.clear();
    let (head, length) = loop {
        if stream.read_buf(buffer).await? == 0 {
            anyhow::bail!("the connection was closed");
        }
        let Some(at) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let head = std::str::from_utf8(&buffer[..at])?.to_ascii_lowercase();
        anyhow::ensure!(head.starts_with("http/1.1 200"), "not 200: {head}");
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map_or(Ok(0), str::parse::<usize>)?;
        break (at + 4, length);
    };
    while buffer.len() < head + length {
        if stream.read_buf(buffer).await? == 0 {
            anyhow::bail!("the answer was cut off");
        }
    }
    buffer.drain(..head);
    Ok(())
}
