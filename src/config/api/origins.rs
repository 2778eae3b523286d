//! The origins of front ends: written out, with wildcards in the host, or the scheme of an app.

use serde::{Deserialize, Deserializer, Serialize};
use url::Url;

use crate::config::ConfigError;

/// A list of them. In the environment one may stand alone, or several with commas between them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Origins(Vec<String>);

/// Schemes by which no app is opened: a browser runs or reads what comes after them.
const NO_APPS: [&str; 11] = [
    "about",
    "blob",
    "data",
    "file",
    "filesystem",
    "ftp",
    "intent",
    "javascript",
    "vbscript",
    "view-source",
    "ws",
];

/// Nobody's origin is longer.
const LONGEST: usize = 300;

impl Origins {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether pages of an origin are trusted; as a browser writes it.
    pub fn trust(&self, origin: &str) -> bool {
        let web = ["http://", "https://"];
        let fits = |written: &String| {
            web.iter().any(|scheme| written.starts_with(scheme))
                && like(written.as_bytes(), origin.as_bytes())
        };
        origin.len() <= LONGEST && self.0.iter().any(fits)
    }

    /// Whether an address is one that opens an app that is trusted.
    pub fn open_app(&self, url: &Url) -> bool {
        let fits = |written: &String| {
            let Some((scheme, host)) = written.split_once("://") else {
                return false;
            };
            let same_host = host.is_empty() || url.host_str() == Some(host);
            url.scheme() == scheme && !["http", "https"].contains(&scheme) && same_host
        };
        self.0.iter().any(fits)
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        match self
            .0
            .iter()
            .find_map(|written| Some((written, wrong(written)?)))
        {
            Some((written, why)) => Err(ConfigError::new(format!(
                "api.trusted_origins: {written:?} {why}"
            ))),
            None => Ok(()),
        }
    }
}

/// What is wrong with one.
fn wrong(written: &str) -> Option<&'static str> {
    let Some((scheme, rest)) = written.split_once("://") else {
        return Some("must begin with https://, or with the scheme of an app such as myapp://");
    };
    if !["http", "https"].contains(&scheme) {
        let name = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"+.-".contains(&b);
        let named = scheme.starts_with(|first: char| first.is_ascii_lowercase());
        let host = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-".contains(&b);
        let fits = named && scheme.bytes().all(name) && rest.bytes().all(host);
        return (!fits || NO_APPS.contains(&scheme)).then_some("is not the scheme of an app");
    }
    let (host, port) = rest.rsplit_once(':').unwrap_or((rest, "1"));
    let plain = match port {
        "*" => format!("{scheme}://{host}"),
        _ => written.to_owned(),
    };
    // With letters for the wildcards it must read as an origin, and as nothing else.
    let plain = plain.replace(['*', '?'], "x");
    let reads = |url: Url| url.origin().ascii_serialization() == plain;
    if !Url::parse(&plain).is_ok_and(reads) {
        return Some(
            "must be an origin: scheme, host in lower case, and a port only if it is not the default",
        );
    }
    let wild = |label: &str| label.contains(['*', '?']);
    let top: Vec<&str> = host.rsplit('.').take(2).collect();
    let whole = top.len() < 2 && wild(host);
    (whole || top.into_iter().any(wild))
        .then_some("trusts too many: the last two parts of the host must be written out")
}

/// Whether a text is like a pattern, in which `*` is any characters of a host or a port, at least one
/// of them, and `?` is one of them that is no full stop.
fn like(pattern: &[u8], text: &[u8]) -> bool {
    let label = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    match (pattern, text) {
        ([], rest) => rest.is_empty(),
        ([b'*', b'*', ..], _) => like(&pattern[1..], text),
        ([b'*', after @ ..], _) => (1..=text.len())
            .take_while(|end| label(text[end - 1]) || text[end - 1] == b'.')
            .any(|end| like(after, &text[end..])),
        ([b'?', after @ ..], [one, rest @ ..]) => label(*one) && like(after, rest),
        ([own, after @ ..], [one, rest @ ..]) => own == one && like(after, rest),
        (_, []) => false,
    }
}

impl From<Vec<String>> for Origins {
    fn from(written: Vec<String>) -> Self {
        // A slash at the end is how people write an origin.
        let plain = |one: String| match one.strip_suffix('/') {
            Some(origin) if one.starts_with("http") && !origin.ends_with('/') => origin.to_owned(),
            _ => one,
        };
        Self(written.into_iter().map(plain).collect())
    }
}

impl<'de> Deserialize<'de> for Origins {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Text(String),
            List(Vec<String>),
        }
        Ok(match Written::deserialize(deserializer)? {
            Written::List(all) => all.into(),
            Written::Text(text) => {
                let all = text.split(',').map(|one| one.trim().to_owned());
                all.filter(|one| !one.is_empty()).collect::<Vec<_>>().into()
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origins(all: &[&str]) -> Origins {
        let all: Vec<String> = all.iter().map(|&one| one.to_owned()).collect();
        all.into()
    }

    #[test]
    fn cr_1_an_origin_is_trusted_as_it_is_written() {
        let own = origins(&[
            "https://app.example.com/",
            "https://*.example.org",
            "https://shop-??.example.net",
            "http://localhost:*",
            "myapp://",
        ]);
        assert!(own.check().is_ok());
        for good in [
            "https://app.example.com",
            "https://a.example.org",
            "https://a.b.example.org",
            "https://shop-42.example.net",
            "http://localhost:3000",
        ] {
            assert!(own.trust(good), "{good}");
        }
        let long = format!("https://{}.example.org", "a".repeat(400));
        for bad in [
            "http://app.example.com",
            "https://app.example.com:8443",
            "https://app.example.com.evil.example",
            "https://evil.example/app.example.com",
            "https://xapp.example.com",
            "https://example.org",
            "https://.example.org",
            "https://evil.example#.example.org",
            "https://evil.example/.example.org",
            "https://a@evil.example",
            "https://a.example.org:444",
            "https://shop-1.example.net",
            "https://shop-1..example.net",
            "http://localhost",
            "http://localhost:3000.evil.example:",
            "null",
            "",
            "myapp://",
            &long,
        ] {
            assert!(!own.trust(bad), "{bad}");
        }
    }

    #[test]
    fn an_app_is_opened_by_its_scheme() {
        let own = origins(&["myapp://", "other://open", "https://app.example.com"]);
        assert!(own.check().is_ok());
        let opens = |url: &str| own.open_app(&Url::parse(url).expect("a URL"));
        assert!(opens("myapp://anything/at?all") && opens("myapp:///") && opens("other://open/a"));
        for bad in [
            "other://close/a",
            "https://app.example.com/",
            "javascript:alert(1)",
        ] {
            assert!(!opens(bad), "{bad}");
        }
    }

    #[test]
    fn what_trusts_too_many_or_is_no_origin_is_no_setting() {
        for bad in [
            "",
            "*",
            "app.example.com",
            "*.example.com",
            "https://",
            "https://*",
            "https://*.com",
            "https://app.*.com",
            "https://*:3000",
            "https://Example.com",
            "https://example.com/app",
            "https://example.com:443",
            "https://example.com?",
            "https://a@example.com",
            "javascript://",
            "data://",
            "my app://",
            "myapp://a/b",
        ] {
            assert!(origins(&[bad]).check().is_err(), "{bad}");
        }
    }
}
