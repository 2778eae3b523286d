//! The tokens of a provider: what it gave us, and how that lies in the `account` row. The access token
//! of somebody opens their things elsewhere, so all of them are sealed.

use std::fmt;

use entity::{account, value::Sealed};
use sea_orm::Set;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Provider;
use crate::{app::App, crypto::seal::Purpose};

/// What the token endpoint answered.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Tokens {
    pub access_token: String,
    pub refresh_token: Option<String>,
    pub id_token: Option<String>,
    /// In seconds since 1970.
    pub expires_at: Option<i64>,
    pub token_type: String,
    pub scope: Option<String>,
    pub session_state: Option<String>,
}

impl Tokens {
    /// The columns for the row `id`; none at all where tokens are not kept.
    pub fn columns(&self, app: &App, provider: Provider<'_>, id: Uuid) -> account::ActiveModel {
        if !provider.settings.keep_tokens {
            return account::ActiveModel::default();
        }
        let mut columns = account::ActiveModel {
            access_token: Set(Some(sealed(app, id, "access_token", &self.access_token))),
            expires_at: Set(self.expires_at),
            token_type: Set(Some(self.token_type.clone())),
            scope: Set(self.scope.clone()),
            session_state: Set(self.session_state.clone()),
            ..Default::default()
        };
        // Some are given only the first time: what is there stays.
        if let Some(token) = &self.refresh_token {
            columns.refresh_token = Set(Some(sealed(app, id, "refresh_token", token)));
        }
        if let Some(token) = &self.id_token {
            columns.id_token = Set(Some(sealed(app, id, "id_token", token)));
        }
        columns
    }
}

fn sealed(app: &App, id: Uuid, column: &str, token: &str) -> Sealed {
    app.sealer
        .seal(Purpose::ProviderToken, &place(id, column), token.as_bytes())
}

/// A token of the row, as the provider gave it. None if it was sealed by another root secret.
pub(super) fn opened(app: &App, id: Uuid, (column, token): (&str, &Sealed)) -> Option<String> {
    let opened = app
        .sealer
        .open(Purpose::ProviderToken, &place(id, column), token);
    String::from_utf8(opened.ok()?).ok()
}

fn place(id: Uuid, column: &str) -> String {
    format!("account|{column}|{id}")
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens(…)")
    }
}
