//! A way in of somebody who moves: an account at a provider, with the tokens that belong to it.

use chrono::{DateTime, Utc};
use entity::{
    account,
    value::{AccountType, Sealed, is_showable},
};
use sea_orm::Set;
use serde_json::Value;
use uuid::Uuid;

use super::fields::{Fields, Wrong, time};
use crate::app::App;

#[derive(Debug)]
pub(super) struct WayIn {
    pub id: Option<Uuid>,
    pub provider: String,
    pub subject: String,
    pub kind: AccountType,
    /// Where it stands in the row.
    pub path: String,
    issuer: Option<String>,
    display: Option<String>,
    linked_at: Option<DateTime<Utc>>,
    tokens: Tokens,
}

/// Never shown.
struct Tokens {
    refresh_token: Option<String>,
    access_token: Option<String>,
    id_token: Option<String>,
    /// In seconds since 1970.
    expires_at: Option<i64>,
    token_type: Option<String>,
    scope: Option<String>,
    session_state: Option<String>,
}

/// The members of an element of `accounts`.
const KNOWN: [&str; 14] = [
    "id",
    "provider",
    "provider_account_id",
    "type",
    "refresh_token",
    "access_token",
    "id_token",
    "expires_at",
    "token_type",
    "scope",
    "session_state",
    "issuer",
    "display",
    "linked_at",
];

/// Reads an element of `accounts`.
pub(super) fn read(row: &Value, path: &str) -> Result<WayIn, Wrong> {
    let fields = Fields::of(row, format!("{path}."), &KNOWN)?;
    let provider = fields.needed("provider")?;
    let kind = match fields.text("type")? {
        Some("credentials") if provider == account::EMAIL => AccountType::Credentials,
        Some("oidc") => AccountType::Oidc,
        Some("oauth") | None => AccountType::Oauth,
        Some(_) => return Err(fields.wrong("type", "neither oauth, oidc nor credentials")),
    };
    if provider == account::EMAIL && kind != AccountType::Credentials {
        return Err(fields.wrong("provider", "email is the name of the way in by password"));
    }
    let named = |field, longest| {
        let text = fields.needed(field)?;
        match is_showable(text, longest) {
            true => Ok(text.to_owned()),
            false => Err(fields.wrong(
                field,
                format!("longer than {longest} characters, or some that cannot be shown"),
            )),
        }
    };
    let expires_at = match fields.value("expires_at") {
        None => None,
        Some(value) => match time(value) {
            Some(at) => Some(at.timestamp()),
            None => return Err(fields.wrong("expires_at", "no time")),
        },
    };
    let linked_at = match fields.value("linked_at") {
        None => None,
        Some(value) => match time(value) {
            Some(at) => Some(at),
            None => return Err(fields.wrong("linked_at", "no time")),
        },
    };
    let text = |field| Ok::<_, Wrong>(fields.text(field)?.map(str::to_owned));
    let shown = |field| match fields.text(field)? {
        Some(_) => named(field, 255).map(Some),
        None => Ok(None),
    };
    Ok(WayIn {
        id: fields.uuid("id")?,
        provider: named("provider", 100)?,
        subject: match kind {
            AccountType::Credentials => String::new(),
            _ => named("provider_account_id", 255)?,
        },
        kind,
        path: path.to_owned(),
        issuer: shown("issuer")?,
        display: shown("display")?,
        linked_at,
        tokens: Tokens {
            refresh_token: text("refresh_token")?,
            access_token: text("access_token")?,
            id_token: text("id_token")?,
            expires_at,
            token_type: text("token_type")?,
            scope: text("scope")?,
            session_state: text("session_state")?,
        },
    })
}

impl WayIn {
    /// The pair that is one person's at most.
    pub(super) fn pair(&self) -> (&str, &str) {
        (&self.provider, &self.subject)
    }

    /// The row for `user_id`.
    pub(super) fn row(&self, app: &App, user_id: Uuid) -> account::ActiveModel {
        let id = self.id.unwrap_or_else(|| app.new_id());
        let tokens = &self.tokens;
        let sealed = |column: &str, token: &Option<String>| {
            let token = token.as_ref()?;
            Some(app.sealer.seal_token((id, column), token))
        };
        account::ActiveModel {
            id: Set(id),
            user_id: Set(user_id),
            provider: Set(self.provider.clone()),
            provider_account_id: Set(self.subject.clone()),
            account_type: Set(self.kind),
            refresh_token: Set(sealed("refresh_token", &tokens.refresh_token)),
            access_token: Set(sealed("access_token", &tokens.access_token)),
            id_token: Set(sealed("id_token", &tokens.id_token)),
            expires_at: Set(tokens.expires_at),
            token_type: Set(tokens.token_type.clone()),
            scope: Set(tokens.scope.clone()),
            session_state: Set(tokens.session_state.clone()),
            issuer: Set(self.issuer.clone()),
            display: Set(self.display.clone()),
            linked_at: Set(self.linked_at),
        }
    }
}

/// A token of a row in the clear, if it is there and of this house.
pub(super) fn opened(app: &App, id: Uuid, column: &str, sealed: Option<&Sealed>) -> Option<String> {
    let text = app.sealer.open_token((id, column), sealed?);
    if text.is_none() {
        tracing::warn!(account = %id, column, "a token of a provider does not open; it is left out");
    }
    text
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens(…)")
    }
}
