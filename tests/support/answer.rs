//! Answer: what came back for one request, to be judged by the sentences of `expect`.

use poem::{Response, http::HeaderMap};
use serde_json::Value;
use url::Url;

use super::page::Page;

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What was asked for.
    pub url: Url,
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
    /// The authorization request that the browser had sent last.
    pub asked: Option<Asked>,
}

/// What the answer to an authorization request must go back to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub redirect_uri: String,
    pub state: Option<String>,
}

impl Answer {
    pub async fn read(url: Url, response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let body = body.into_vec().await.expect("a body that can be read");
        Self {
            url,
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
            asked: None,
        }
    }

    /// A header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().expect("a header in ASCII"))
    }

    /// Where the answer sends the browser, made absolute.
    pub fn location(&self) -> Option<Url> {
        let location = self.header("Location");
        (!location.is_empty()).then(|| self.url.join(location).expect("a URL in Location"))
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}; {}", self.told()))
    }

    pub fn page(&self) -> Page {
        Page::read(&self.body)
    }

    /// The answer in a few lines, for whoever reads why a test failed.
    pub fn told(&self) -> String {
        let body: String = match self.header("Content-Type").starts_with("text/html") {
            true => self.page().text,
            false => self.body.clone(),
        };
        let body: String = body.chars().take(600).collect();
        let location = self.header("Location");
        format!("{} answered {} {location}\n{body}", self.url, self.status)
    }
}
