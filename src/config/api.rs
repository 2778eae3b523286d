//! `[api]`: which front ends may use the JSON API, and what they get from it.

mod origins;

use serde::{Deserialize, Serialize};

use super::ConfigError;
pub use origins::Origins;

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Api {
    /// Whose pages and apps may use it besides our own.
    pub trusted_origins: Origins,
    /// Whether the secret of a session is told to scripts, and taken from them as a bearer token.
    pub bearer: bool,
    /// Whether whoever asks for their session gets a token for the back end with it.
    pub session_jwt: bool,
    /// The client for which such tokens are made; none that is registered by default.
    pub client_id: Option<String>,
    /// What the cookie that says whether somebody is signed in begins with; empty for no such cookie.
    pub cookie_prefix: String,
    /// The domain whose hosts all get that cookie; only ours by default.
    pub cookie_domain: Option<String>,
}

impl Default for Api {
    fn default() -> Self {
        Self {
            trusted_origins: Origins::default(),
            bearer: false,
            session_jwt: false,
            client_id: None,
            cookie_prefix: "better-auth".to_owned(),
            cookie_domain: None,
        }
    }
}

impl Api {
    /// `host` is that of the issuer.
    pub(super) fn check(&self, host: &str) -> Result<(), ConfigError> {
        self.trusted_origins.check()?;
        let word = |b: u8| b.is_ascii_alphanumeric() || b"-_".contains(&b);
        if !self.cookie_prefix.bytes().all(word) {
            return Err(ConfigError::new(
                "api.cookie_prefix must be letters, digits, - and _",
            ));
        }
        // RFC 6265 §5.3: a browser takes a cookie only for a domain that the host is in.
        let within = |domain: &str| {
            let rest = host.strip_suffix(domain);
            domain.contains('.') && rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        if self
            .cookie_domain
            .as_deref()
            .is_some_and(|own| !within(own))
        {
            return Err(ConfigError::new(
                "api.cookie_domain must be the host of server.issuer or a domain that it is in, \
                 such as example.com",
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(change: impl FnOnce(&mut Api)) -> Result<(), ConfigError> {
        let mut api = Api::default();
        change(&mut api);
        api.check("auth.example.com")
    }

    #[test]
    fn the_mark_is_a_cookie_that_browsers_take() {
        assert!(with(|_| ()).is_ok());
        for good in ["example.com", "auth.example.com"] {
            assert!(
                with(|api| api.cookie_domain = Some(good.to_owned())).is_ok(),
                "{good}"
            );
        }
        for bad in [
            "",
            "com",
            ".example.com",
            "xample.com",
            "app.example.com",
            "example.com; Path=/",
        ] {
            assert!(
                with(|api| api.cookie_domain = Some(bad.to_owned())).is_err(),
                "{bad}"
            );
        }
        assert!(with(|api| api.cookie_prefix = String::new()).is_ok());
        for bad in ["a b", "a;b", "a=b", "\u{e4}"] {
            assert!(
                with(|api| api.cookie_prefix = bad.to_owned()).is_err(),
                "{bad}"
            );
        }
        assert!(with(|api| api.trusted_origins = vec!["*".to_owned()].into()).is_err());
    }
}
