//! Where a front end may ask to be sent on to: a path here, or a page of a trusted origin.

use serde::Serialize;
use url::Url;

use super::{
    errand::{Errand, FrontEnd},
    page::Visit,
};
use crate::{app::App, config::Config, crypto::seal::Purpose, http::kit::page_form::PageForm};

/// The parameter in which one is handed to a page of ours, sealed: nothing else in an address or a form
/// decides where a page leads.
pub const ONWARD: &str = "onward";

/// Whether a place may be gone on to.
pub fn is_trusted(config: &Config, url: &str) -> bool {
    // Browsers read a backslash as a slash and drop tabs and line breaks.
    if url.chars().any(|c| c == '\\' || c.is_control()) {
        return false;
    }
    let Ok(own) = Url::parse(&config.server.origin()) else {
        return false;
    };
    let place = match url.starts_with('/') {
        true => {
            let path = url
                .split(['?', '#'])
                .next()
                .unwrap_or_default()
                .to_ascii_lowercase();
            // What is decoded once more on the way must not become another host.
            if path.starts_with("//") || path.contains("%2f") || path.contains("%5c") {
                return false;
            }
            own.join(url)
                .ok()
                .filter(|place| place.origin() == own.origin())
        }
        // Written out with both slashes: what stands for them differs from reader to reader.
        false => Url::parse(url).ok().filter(|_| url.contains("://")),
    };
    place.is_some_and(|place| {
        let without_credentials = place.username().is_empty() && place.password().is_none();
        let trusted = config.trusts(&place.origin().ascii_serialization())
            || config.api.trusted_origins.open_app(&place);
        without_credentials && trusted
    })
}

/// A place with a word about what happened in its query, and otherwise as it was written.
pub fn with_error(url: &str, code: &str) -> String {
    let (before, fragment) = match url.split_once('#') {
        Some((before, fragment)) => (before, format!("#{fragment}")),
        None => (url, String::new()),
    };
    let joint = if before.contains('?') { '&' } else { '?' };
    format!("{before}{joint}error={code}{fragment}")
}

/// A place, for a page of ours to lead on to.
pub fn seal(app: &App, url: &str) -> anyhow::Result<String> {
    Ok(app.sealer.wrap(Purpose::Callback, &url)?)
}

/// The place that a page of ours is to lead on to.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Onward {
    sealed: String,
    #[serde(skip)]
    pub url: String,
}

impl Onward {
    /// As the address of the page has it, or its form.
    pub fn of(visit: &Visit, form: Option<&PageForm>) -> Option<Self> {
        let sealed = match form {
            Some(form) => form.sent(ONWARD),
            None => visit.query.get(ONWARD),
        }?;
        let url: String = visit.app.sealer.unwrap(Purpose::Callback, sealed).ok()?;
        // It may have been trusted when it was sealed, and not any more.
        is_trusted(&visit.app.config, &url).then(|| Self {
            sealed: sealed.to_owned(),
            url,
        })
    }
}

/// The front end that the flow of this browser leads to.
pub fn front_end(visit: &Visit, flow: Option<&str>) -> Option<FrontEnd> {
    let front_end = match Errand::open(&visit.app, flow?, &visit.visitor)? {
        Errand::FrontEnd(front_end) => front_end,
        _ => return None,
    };
    // Each may have been trusted when it was sealed, and not any more.
    let trusted = |url: &String| is_trusted(&visit.app.config, url);
    let all = trusted(&front_end.callback)
        && front_end.new_user.as_ref().is_none_or(trusted)
        && front_end.error.as_ref().is_none_or(trusted);
    all.then_some(front_end)
}

/// Lets the answer to a form of this page lead to the front end of its flow.
pub fn lets_flow_on(visit: Visit, flow: Option<&str>) -> Visit {
    match front_end(&visit, flow) {
        Some(to) if !to.callback.starts_with('/') => visit.may_return_to(&to.callback),
        _ => visit,
    }
}

/// Lets the answer to a form of this page lead there.
pub fn lets_on(visit: Visit, onward: Option<&Onward>) -> Visit {
    match onward {
        Some(to) if !to.url.starts_with('/') => visit.may_return_to(&to.url),
        _ => visit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn or_1_or_5_a_path_or_a_page_that_is_trusted() {
        let mut config = Config::default();
        let trusted = ["https://app.example", "https://*.example.org", "myapp://"];
        config.api.trusted_origins = Vec::from(trusted.map(str::to_owned)).into();
        for good in [
            "/ok?x=1",
            "/",
            "/a#frag",
            "/a?redirect=https://evil.example",
            "/a?b=%2f%5c",
            "http://localhost:8080/a",
            "http://localhost:8080",
            "https://app.example/a?b#c",
            "https://a.example.org",
            "myapp://a",
        ] {
            assert!(is_trusted(&config, good), "{good}");
        }
        for bad in [
            "",
            "a",
            "?a",
            "//evil.example",
            "//app.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/%2fevil.example",
            "/%5Cevil.example",
            "/\tevil",
            "/a\r\nSet-Cookie: a=b",
            "javascript:alert(1)",
            "javascript://app.example/%0aalert(1)",
            "data:text/html,x",
            "https:app.example",
            "https:/app.example",
            "https://localhost:8080/a",
            "http://localhost/a",
            "http://localhost:8080@evil.example/",
            "http://user@localhost:8080/",
            "https://user@app.example/",
            "http://sub.localhost:8080/",
            "http://localhost:8080.evil.example/",
            "https://app.example.evil.example/",
            "http://app.example/",
            "https://app.example:8443/",
            "yourapp://a",
        ] {
            assert!(!is_trusted(&config, bad), "{bad}");
        }
    }

    #[test]
    fn what_happened_is_told_in_the_query() {
        for (url, told) in [
            ("/a", "/a?error=X"),
            ("/a?b=c", "/a?b=c&error=X"),
            ("/a#b?c", "/a?error=X#b?c"),
            ("https://app.example", "https://app.example?error=X"),
        ] {
            assert_eq!(with_error(url, "X"), told);
        }
    }
}
