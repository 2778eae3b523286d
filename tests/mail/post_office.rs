//! Post office: an SMTP server on loopback that keeps what it takes, and is rude where it is told
//! to be.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::Notify,
};

/// What it does at one step of a conversation: `connect`, the name of a command, or `text`.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    pub at: &'static str,
    pub does: Does,
}

#[derive(Clone, Copy, Debug)]
pub enum Does {
    Says(&'static [u8]),
    /// Says nothing more, and stays on the line.
    Stalls,
    Closes,
    /// Never ends its line.
    Floods,
}

/// Takes every letter.
pub const POLITE: Manner = says("", b"");

pub const fn says(at: &'static str, answer: &'static [u8]) -> Manner {
    Manner {
        at,
        does: Does::Says(answer),
    }
}

pub const fn does(at: &'static str, does: Does) -> Manner {
    Manner { at, does }
}

pub struct PostOffice {
    pub port: u16,
    inside: Arc<Inside>,
}

#[derive(Default)]
struct Inside {
    /// For each connection; the last one for all that follow.
    manners: Mutex<VecDeque<Manner>>,
    heard: Mutex<Vec<String>>,
    taken: Mutex<Vec<String>>,
    stalled: Notify,
    flooded: AtomicUsize,
}

impl PostOffice {
    pub async fn polite() -> Self {
        Self::with(&[POLITE]).await
    }

    /// An office that has these manners, one after another.
    pub async fn with(manners: &[Manner]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let inside = Arc::new(Inside {
            manners: Mutex::new(manners.iter().copied().collect()),
            ..Inside::default()
        });
        let office = Arc::clone(&inside);
        // Ends with the test's runtime.
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let manner = office.next_manner();
                let office = Arc::clone(&office);
                tokio::spawn(async move { office.converse(stream, manner).await });
            }
        });
        Self { port, inside }
    }

    /// The letters that it has taken, as they came.
    pub fn taken(&self) -> Vec<String> {
        self.inside.taken.lock().expect("the letters").clone()
    }

    /// The commands that it has heard.
    pub fn heard(&self) -> Vec<String> {
        self.inside.heard.lock().expect("the commands").clone()
    }

    /// How often somebody came.
    pub fn visits(&self) -> usize {
        let heard = self.heard();
        heard.iter().filter(|line| *line == "connect").count()
    }

    /// How many bytes of a line without end somebody listened to.
    pub fn flooded(&self) -> usize {
        self.inside.flooded.load(Ordering::Relaxed)
    }

    /// Returns when somebody is left waiting.
    pub async fn somebody_waits(&self) {
        self.inside.stalled.notified().await;
    }
}

impl Inside {
    fn next_manner(&self) -> Manner {
        let mut manners = self.manners.lock().expect("the manners");
        match manners.len() {
            0 | 1 => *manners.front().expect("a manner"),
            _ => manners.pop_front().expect("a manner"),
        }
    }

    async fn converse(&self, stream: TcpStream, manner: Manner) {
        let (reader, mut writer) = stream.into_split();
        let mut reader = BufReader::new(reader);
        self.hear("connect");
        let mut goes_on = self
            .answer(&mut writer, manner, "connect", b"220 post.example ESMTP")
            .await;
        while goes_on {
            let Some(line) = line(&mut reader).await else {
                return;
            };
            self.hear(&line);
            let command = line.split([' ', ':']).next().unwrap_or_default();
            let polite: &[u8] = match command {
                "EHLO" => b"250-post.example\r\n250 AUTH PLAIN",
                "AUTH" => b"235 welcome",
                "DATA" => b"354 go on",
                "QUIT" => b"221 bye",
                _ => b"250 good",
            };
            goes_on = self.answer(&mut writer, manner, command, polite).await && command != "QUIT";
            if goes_on && command == "DATA" && manner.at != "DATA" {
                goes_on = self.text(&mut reader, &mut writer, manner).await;
            }
        }
    }

    async fn text(
        &self,
        reader: &mut BufReader<OwnedReadHalf>,
        writer: &mut OwnedWriteHalf,
        manner: Manner,
    ) -> bool {
        let mut text = String::new();
        loop {
            match line(reader).await.as_deref() {
                None => return false,
                Some(".") => break,
                // RFC 5321 §4.5.2: a dot in front is there for the transport only.
                Some(line) => text += line.strip_prefix('.').unwrap_or(line),
            }
            text.push('\n');
        }
        if manner.at != "text" {
            self.taken.lock().expect("the letters").push(text);
        }
        self.answer(writer, manner, "text", b"250 taken").await
    }

    /// Answers as politely as it may. Whether the conversation goes on.
    async fn answer(
        &self,
        writer: &mut OwnedWriteHalf,
        manner: Manner,
        at: &str,
        polite: &[u8],
    ) -> bool {
        let answer = match manner.does {
            _ if manner.at != at => polite,
            Does::Says(answer) => answer,
            Does::Closes => return false,
            Does::Floods => {
                while writer.write_all(&[b'2'; 4096]).await.is_ok() {
                    self.flooded.fetch_add(4096, Ordering::Relaxed);
                }
                return false;
            }
            Does::Stalls => {
                self.stalled.notify_one();
                std::future::pending().await
            }
        };
        let line = [answer, b"\r\n"].concat();
        writer.write_all(&line).await.is_ok()
    }

    fn hear(&self, line: &str) {
        self.heard
            .lock()
            .expect("the commands")
            .push(line.to_owned());
    }
}

async fn line(reader: &mut BufReader<OwnedReadHalf>) -> Option<String> {
    let mut line = String::new();
    match reader.read_line(&mut line).await {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(line.trim_end_matches(['\r', '\n']).to_owned()),
    }
}
