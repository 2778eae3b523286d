//! Which pages may change something through the API with the cookies of whoever looks at them. Only
//! ours and those that are trusted: another site's page could otherwise act as the person, or sign them in as somebody else.

use poem::{
    Request,
    http::{HeaderMap, Method, header},
};
use url::Url;

use crate::{config::Config, http::kit::problem::Code, paths};

/// Refuses what a page of another site could have sent.
pub fn check(request: &Request, config: &Config) -> Result<(), Code> {
    // RFC 9110 §9.2.1: these change nothing.
    if [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method()) {
        return Ok(());
    }
    judge(request.headers(), request.original_uri().path(), config)
}

fn judge(headers: &HeaderMap, path: &str, config: &Config) -> Result<(), Code> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let site = text("sec-fetch-site");
    let signs_in = [paths::API_SIGN_UP_EMAIL, paths::API_SIGN_IN_EMAIL].contains(&path);
    let has_cookie = headers.contains_key(header::COOKIE);
    // Without a cookie there is nobody to act as; there is only signing in as the wrong person.
    if !has_cookie && !signs_in {
        return Ok(());
    }
    if !has_cookie && site == Some("cross-site") && text("sec-fetch-mode") == Some("navigate") {
        return Err(Code::CrossSiteNavigationLoginBlocked);
    }
    let referer = || {
        Url::parse(text("referer")?)
            .ok()
            .map(|url| url.origin().ascii_serialization())
    };
    match text("origin").map(str::to_owned).or_else(referer) {
        Some(origin) if config.trusts(&origin) => Ok(()),
        // A page of ours that hides where it is, as the browser itself says.
        Some(origin) if origin == "null" && site == Some("same-origin") => Ok(()),
        Some(origin) if origin != "null" => Err(Code::InvalidOrigin),
        // No browser sent it, so nobody was lured into sending it.
        None if !has_cookie && site.is_none() && text("sec-fetch-mode").is_none() => Ok(()),
        _ => Err(Code::MissingOrNullOrigin),
    }
}

#[cfg(test)]
mod tests {
    use poem::http::{HeaderName, HeaderValue};

    use super::*;

    const OWN: &str = "https://op.example";
    const COOKIE: (&str, &str) = ("cookie", "a=b");
    const OURS: (&str, &str) = ("origin", OWN);
    const FOREIGN: (&str, &str) = ("origin", "https://evil.example");
    const TRUSTED: (&str, &str) = ("origin", "https://app.example");
    const NULL: (&str, &str) = ("origin", "null");
    const SITE: (&str, &str) = ("sec-fetch-site", "cross-site");
    const SAME: (&str, &str) = ("sec-fetch-site", "same-origin");
    const NAVIGATE: (&str, &str) = ("sec-fetch-mode", "navigate");

    fn judged(path: &str, headers: &[(&'static str, &'static str)]) -> Result<(), Code> {
        let pairs = headers.iter().map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        });
        let mut config = Config::default();
        config.server.issuer = OWN.to_owned();
        config.api.trusted_origins = vec![TRUSTED.1.to_owned()].into();
        judge(&pairs.collect(), path, &config)
    }

    #[test]
    fn by_cookie_origin_and_what_is_asked() {
        let missing = Err(Code::MissingOrNullOrigin);
        let invalid = Err(Code::InvalidOrigin);
        let crossing = Err(Code::CrossSiteNavigationLoginBlocked);
        for (headers, signing_in, else_) in [
            (&[][..], Ok(()), Ok(())),
            (&[SITE], missing, Ok(())),
            (&[FOREIGN], invalid, Ok(())),
            (&[NULL], missing, Ok(())),
            (&[OURS], Ok(()), Ok(())),
            (&[FOREIGN, SITE, NAVIGATE], crossing, Ok(())),
            (&[SITE, NAVIGATE], crossing, Ok(())),
            (&[COOKIE], missing, missing),
            (&[COOKIE, NULL], missing, missing),
            (&[COOKIE, NULL, SITE], missing, missing),
            (&[COOKIE, NULL, SAME], Ok(()), Ok(())),
            (&[COOKIE, FOREIGN], invalid, invalid),
            (&[COOKIE, OURS], Ok(()), Ok(())),
            (&[TRUSTED, SITE], Ok(()), Ok(())),
            (&[COOKIE, TRUSTED, SITE], Ok(()), Ok(())),
            (
                &[COOKIE, ("referer", "https://app.example/a?b")],
                Ok(()),
                Ok(()),
            ),
            (
                &[COOKIE, ("origin", "http://app.example")],
                invalid,
                invalid,
            ),
            (
                &[COOKIE, ("referer", "https://op.example/a?b")],
                Ok(()),
                Ok(()),
            ),
            (
                &[
                    COOKIE,
                    ("referer", "https://evil.example/https://op.example"),
                ],
                invalid,
                invalid,
            ),
            (&[COOKIE, ("referer", "nonsense")], missing, missing),
            (
                &[COOKIE, FOREIGN, ("referer", "https://op.example/")],
                invalid,
                invalid,
            ),
            (
                &[COOKIE, ("origin", "https://op.example.evil.example")],
                invalid,
                invalid,
            ),
            (&[COOKIE, ("origin", "http://op.example")], invalid, invalid),
        ] {
            assert_eq!(
                judged(paths::API_SIGN_IN_EMAIL, headers),
                signing_in,
                "{headers:?}"
            );
            assert_eq!(
                judged(paths::API_SIGN_UP_EMAIL, headers),
                signing_in,
                "{headers:?}"
            );
            assert_eq!(judged("/api/auth/sign-out", headers), else_, "{headers:?}");
        }
    }
}
