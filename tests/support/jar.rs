//! Jar: a browser's cookies for one host, with the rules that matter to a server (RFC 6265bis).

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

/// The cookies of one host.
#[derive(Clone, Debug, Default)]
pub struct Jar(BTreeMap<String, Cookie>);

#[derive(Clone, Debug)]
struct Cookie {
    value: String,
    path: String,
    expires: Option<DateTime<Utc>>,
    same_site: String,
}

impl Jar {
    /// Takes a `Set-Cookie` header in. One that a browser would throw away is a failed test.
    #[track_caller]
    pub fn take(&mut self, header: &str, now: DateTime<Utc>) {
        let mut parts = header.split(';').map(str::trim);
        let pair = parts.next().unwrap_or_default();
        let (name, value) = pair.split_once('=').expect("a cookie with a name");
        let attributes: BTreeMap<String, &str> = parts
            .map(|part| part.split_once('=').unwrap_or((part, "")))
            .map(|(name, value)| (name.to_ascii_lowercase(), value))
            .collect();
        let path = attributes.get("path").copied().unwrap_or("/");
        let secure = attributes.contains_key("secure");
        if name.starts_with("__Host-") {
            let fits = secure && path == "/" && !attributes.contains_key("domain");
            assert!(fits, "a browser throws this cookie away: {header}");
        }
        let same_site = attributes.get("samesite").copied().unwrap_or("Lax");
        assert!(
            same_site != "None" || secure,
            "a browser throws this cookie away: {header}"
        );
        let max_age = attributes
            .get("max-age")
            .map(|age| age.parse().expect("whole seconds"));
        let cookie = Cookie {
            value: value.to_owned(),
            path: path.to_owned(),
            expires: max_age.map(|age| now + TimeDelta::seconds(age)),
            same_site: same_site.to_ascii_lowercase(),
        };
        // Max-Age of nothing or less ends the cookie at once.
        if cookie.expires.is_some_and(|expires| expires <= now) {
            self.0.remove(name);
        } else {
            self.0.insert(name.to_owned(), cookie);
        }
    }

    /// The `Cookie` header for a request. A form that another site sends carries only what is
    /// marked `SameSite=None`.
    pub fn header(&self, path: &str, foreign_form: bool, now: DateTime<Utc>) -> Option<String> {
        let sent: Vec<String> = self
            .0
            .iter()
            .filter(|(_, cookie)| cookie.expires.is_none_or(|expires| expires > now))
            .filter(|(_, cookie)| reaches(&cookie.path, path))
            .filter(|(_, cookie)| !foreign_form || cookie.same_site == "none")
            .map(|(name, cookie)| format!("{name}={}", cookie.value))
            .collect();
        (!sent.is_empty()).then(|| sent.join("; "))
    }

    /// The value of a cookie.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|cookie| cookie.value.as_str())
    }
}

/// RFC 6265 §5.1.4.
fn reaches(cookie: &str, path: &str) -> bool {
    path.strip_prefix(cookie)
        .is_some_and(|rest| rest.is_empty() || cookie.ends_with('/') || rest.starts_with('/'))
}
