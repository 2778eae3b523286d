//! What the pages show of a client besides its name: a logo and links (RFC 7591 §2).

use url::Url;

use crate::oauth::redirect_uri;

/// Addresses to show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    pub logo_uri: Option<String>,
    pub client_uri: Option<String>,
    pub policy_uri: Option<String>,
    pub tos_uri: Option<String>,
}

impl Links {
    /// Only what a page may link to: nothing that runs, nothing that names somebody to sign in as. An
    /// error is the address that is not.
    pub(super) fn check(&self) -> Result<(), String> {
        let all = [
            &self.logo_uri,
            &self.client_uri,
            &self.policy_uri,
            &self.tos_uri,
        ];
        for uri in all.into_iter().flatten() {
            let fits = Url::parse(uri).is_ok_and(|url| {
                matches!(url.scheme(), "https" | "http")
                    && url.username().is_empty()
                    && url.password().is_none()
            });
            let plain = redirect_uri::csp_source(uri).is_some()
                && uri.len() <= 2048
                && !uri.contains(char::is_control);
            if !fits || !plain {
                return Err(uri.clone());
            }
        }
        Ok(())
    }

    /// With those that `changes` names in their place; an empty one takes away what was there.
    pub(super) fn with(self, changes: Self) -> Self {
        let either = |new: Option<String>, old: Option<String>| match new {
            Some(uri) if uri.is_empty() => None,
            Some(uri) => Some(uri),
            None => old,
        };
        Self {
            logo_uri: either(changes.logo_uri, self.logo_uri),
            client_uri: either(changes.client_uri, self.client_uri),
            policy_uri: either(changes.policy_uri, self.policy_uri),
            tos_uri: either(changes.tos_uri, self.tos_uri),
        }
    }
}
