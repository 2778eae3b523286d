//! Letter: one as it was received, taken apart by a reader of our own.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};

/// Headers, unfolded and by their names in lower case, and what follows them.
#[derive(Debug)]
pub struct Part {
    pub headers: BTreeMap<String, String>,
    body: String,
}

impl Part {
    #[track_caller]
    pub fn read(text: &str) -> Self {
        let (head, body) = text.split_once("\n\n").expect("a head and a body");
        let unfolded = head.replace("\n ", " ").replace("\n\t", " ");
        let headers = unfolded.lines().map(|line| {
            let (name, value) = line.split_once(':').expect("a header");
            (name.to_lowercase(), value.trim().to_owned())
        });
        let read = Self {
            headers: headers.collect(),
            body: body.to_owned(),
        };
        let times = unfolded.lines().count();
        assert_eq!(read.headers.len(), times, "a header twice: {head}");
        read
    }

    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.unwrap_or_else(|| panic!("no {name}: {:?}", self.headers))
    }

    /// The parts of a multipart letter (RFC 2046 §5.1).
    pub fn parts(&self) -> Vec<Self> {
        let (_, boundary) = self
            .header("content-type")
            .split_once("boundary=\"")
            .expect("a boundary");
        let boundary = format!("--{}", boundary.trim_end_matches('"'));
        let inner: Vec<&str> = self.body.split(&boundary).skip(1).collect();
        let (end, inner) = inner.split_last().expect("an end");
        assert_eq!(end.trim(), "--");
        inner
            .iter()
            .map(|part| Self::read(part.trim_start()))
            .collect()
    }

    /// The text of a part, whatever it travelled as (RFC 2045 §6).
    pub fn text(&self) -> String {
        match self.header("content-transfer-encoding") {
            "7bit" => self.body.clone(),
            "quoted-printable" => quoted_printable(&self.body),
            "base64" => {
                let packed: String = self.body.split_whitespace().collect();
                let bytes = STANDARD.decode(packed).expect("base64");
                String::from_utf8(bytes).expect("UTF-8")
            }
            other => panic!("{other}"),
        }
        .replace("\r\n", "\n")
        .trim_end()
        .to_owned()
    }
}

fn quoted_printable(body: &str) -> String {
    let joined = body.replace("=\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.as_bytes();
    while let [first, after @ ..] = rest {
        match (first, after) {
            (b'=', [high, low, after @ ..]) => {
                let pair = [*high, *low];
                let pair = std::str::from_utf8(&pair).expect("ASCII");
                bytes.push(u8::from_str_radix(pair, 16).expect("two hex digits"));
                rest = after;
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).expect("UTF-8")
}
