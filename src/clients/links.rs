//! What the pages show of a client besides its name: a logo and links (RFC 7591 §2).

use entity::client::ActiveModel;
use sea_orm::Set;
use url::Url;

use crate::oauth::redirect_uri;

/// Addresses to show; one that is none is left as it is.
#[derive(Clone, Debug, Default)]
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
            let plain = redirect_uri::csp_source(uri).is_some() && uri.len() <= 2048;
            if !fits || !plain {
                return Err(uri.clone());
            }
        }
        Ok(())
    }

    pub(super) fn write(self, row: &mut ActiveModel) {
        let places = [
            (self.logo_uri, &mut row.logo_uri),
            (self.client_uri, &mut row.client_uri),
            (self.policy_uri, &mut row.policy_uri),
            (self.tos_uri, &mut row.tos_uri),
        ];
        for (uri, place) in places {
            if uri.is_some() {
                *place = Set(uri);
            }
        }
    }
}
