//! Where a client may ask to be sent on to afterwards: a path here, or a page of a trusted origin.

use serde_json::{Map, Value};
use url::Url;

use crate::{
    http::kit::problem::{Code, Problem},
    oauth::params::Params,
};

/// The fields that name such a place, in whichever request they come.
const FIELDS: [(&str, Code); 4] = [
    ("callbackURL", Code::InvalidCallbackUrl),
    ("redirectTo", Code::InvalidRedirectUrl),
    ("errorCallbackURL", Code::InvalidErrorCallbackUrl),
    ("newUserCallbackURL", Code::InvalidNewUserCallbackUrl),
];

/// Checks every such field of a request before anything is done, also where it would not be used:
/// a page that passes it on to another one must find it checked.
pub fn check(own: &str, query: &Params, body: &Map<String, Value>) -> Result<(), Problem> {
    for (name, code) in FIELDS {
        let in_body = match body.get(name) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.as_str()),
            Some(_) => {
                let detail = format!("Invalid {name}: expected a string");
                return Err(Problem::new(Code::ValidationError, detail));
            }
        };
        if in_body
            .into_iter()
            .chain(query.raw(name))
            .any(|url| !is_trusted(own, url))
        {
            return Err(code.into());
        }
    }
    Ok(())
}

/// `own` is our origin, the only one that is trusted.
fn is_trusted(own: &str, url: &str) -> bool {
    // Browsers read a backslash as a slash and drop tabs and line breaks.
    if url.chars().any(|c| c == '\\' || c.is_control()) {
        return false;
    }
    let Ok(base) = Url::parse(own) else {
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
            base.join(url)
        }
        false => Url::parse(url),
    };
    place.is_ok_and(|place| {
        let without_credentials = place.username().is_empty() && place.password().is_none();
        without_credentials && place.origin() == base.origin()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "http://localhost:8080";

    #[test]
    fn a_path_or_a_page_of_ours() {
        for good in [
            "/ok?x=1",
            "/",
            "/a#frag",
            "/a?redirect=https://evil.example",
            "/a?b=%2f%5c",
            "http://localhost:8080/a",
            "http://localhost:8080",
        ] {
            assert!(is_trusted(OWN, good), "{good}");
        }
        for bad in [
            "",
            "a",
            "?a",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/%2fevil.example",
            "/%5Cevil.example",
            "/\tevil",
            "/a\r\nSet-Cookie: a=b",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://localhost:8080/a",
            "http://localhost/a",
            "http://localhost:8080@evil.example/",
            "http://user@localhost:8080/",
            "http://sub.localhost:8080/",
            "http://localhost:8080.evil.example/",
            "myapp://a",
        ] {
            assert!(!is_trusted(OWN, bad), "{bad}");
        }
    }

    #[test]
    fn every_field_is_checked_in_body_and_query() {
        for (name, code) in FIELDS {
            let body = |value: Value| Map::from_iter([(name.to_owned(), value)]);
            let (none, bad) = (Params::default(), "https://evil.example");
            let refused =
                |query: &Params, body| check(OWN, query, &body).map_err(|problem| problem.code);
            assert_eq!(refused(&none, body("/a".into())), Ok(()));
            assert_eq!(refused(&none, body(Value::Null)), Ok(()));
            assert_eq!(refused(&none, body(bad.into())), Err(code));
            assert_eq!(refused(&none, body(1.into())), Err(Code::ValidationError));
            assert_eq!(
                refused(&Params::from_iter([(name, bad)]), Map::new()),
                Err(code)
            );
        }
    }
}
