//! Export: everybody as rows that can be imported again, with the hash of the password and the tokens of
//! providers in the clear. What a person takes along of their own is another thing: see
//! [`crate::accounts::export`].

use std::collections::HashMap;

use entity::{
    account, user,
    value::{AccountType, Role, StandardClaims},
};
use sea_orm::DbErr;
use serde::Serialize;
use uuid::Uuid;

use super::{time, way_in::opened};
use crate::app::App;

/// How many are read at a time.
const PAGE: u64 = 500;

/// Goes through everybody, in the order of their ids.
#[derive(Debug)]
pub struct Export<'a> {
    app: &'a App,
    last: Option<Uuid>,
}

/// A person; docs/users-import.md says what each field is.
#[derive(Serialize)]
pub struct Line {
    id: Uuid,
    sub: String,
    email: String,
    email_verified: Option<String>,
    name: Option<String>,
    image: Option<String>,
    claims: StandardClaims,
    role: Role,
    password_hash: Option<String>,
    disabled_at: Option<String>,
    deletes_at: Option<String>,
    created_at: String,
    updated_at: String,
    accounts: Vec<Account>,
}

#[derive(Serialize)]
struct Account {
    id: Uuid,
    provider: String,
    provider_account_id: String,
    #[serde(rename = "type")]
    kind: AccountType,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    display: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    linked_at: Option<String>,
}

impl<'a> Export<'a> {
    pub fn new(app: &'a App) -> Self {
        Self { app, last: None }
    }

    /// The next ones; none at the end.
    pub async fn page(&mut self) -> Result<Vec<Line>, DbErr> {
        let db = &self.app.db.read;
        let users = user::page(db, self.last, PAGE).await?;
        self.last = users.last().map(|user| user.id).or(self.last);
        let ids = users.iter().map(|user| user.id).collect();
        let mut accounts: HashMap<Uuid, Vec<Account>> = HashMap::new();
        for row in account::moving::of_users(db, ids).await? {
            let own = accounts.entry(row.user_id).or_default();
            own.push(Account::of(self.app, row));
        }
        let line = |user: user::Model| {
            let own = accounts.remove(&user.id).unwrap_or_default();
            Line::of(user, own)
        };
        Ok(users.into_iter().map(line).collect())
    }
}

impl Line {
    fn of(user: user::Model, accounts: Vec<Account>) -> Self {
        Self {
            id: user.id,
            sub: user.subject,
            email: user.email,
            email_verified: user.email_verified.map(time),
            name: user.name,
            image: user.image,
            claims: user.profile,
            role: user.role,
            password_hash: user.password_hash,
            disabled_at: user.disabled_at.map(time),
            deletes_at: user.deletes_at.map(time),
            created_at: time(user.created_at),
            updated_at: time(user.updated_at),
            accounts,
        }
    }
}

impl Account {
    fn of(app: &App, row: account::Model) -> Self {
        let token = |column, sealed: &Option<_>| opened(app, row.id, column, sealed.as_ref());
        Self {
            id: row.id,
            refresh_token: token("refresh_token", &row.refresh_token),
            access_token: token("access_token", &row.access_token),
            id_token: token("id_token", &row.id_token),
            provider: row.provider,
            provider_account_id: row.provider_account_id,
            kind: row.account_type,
            expires_at: row.expires_at,
            token_type: row.token_type,
            scope: row.scope,
            session_state: row.session_state,
            issuer: row.issuer,
            display: row.display,
            linked_at: row.linked_at.map(time),
        }
    }
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Line({})", self.sub)
    }
}
