//! The tokens of a provider: what it gave us, and how that lies in the `account` row. The access token
//! of somebody opens their things elsewhere, so all of them are sealed.

use std::fmt;

use entity::account;
use sea_orm::Set;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Provider;
use crate::app::App;

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
            access_token: Set(Some(
                app.sealer
                    .seal_token((id, "access_token"), &self.access_token),
            )),
            expires_at: Set(self.expires_at),
            token_type: Set(Some(self.token_type.clone())),
            scope: Set(self.scope.clone()),
            session_state: Set(self.session_state.clone()),
            ..Default::default()
        };
        // Some are given only the first time: what is there stays.
        if let Some(token) = &self.refresh_token {
            columns.refresh_token = Set(Some(app.sealer.seal_token((id, "refresh_token"), token)));
        }
        if let Some(token) = &self.id_token {
            columns.id_token = Set(Some(app.sealer.seal_token((id, "id_token"), token)));
        }
        columns
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens(…)")
    }
}
