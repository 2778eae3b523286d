//! What tokens are made of: who granted what to whom, and how they had signed in.

use chrono::{DateTime, Utc};
use entity::{
    client, session, token_family, user,
    value::{Amr, ClaimsRequest, Confirmation, Scope},
};
use uuid::Uuid;

/// How and when a person signed in.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// The `sid` of the tokens.
    pub session_id: Uuid,
    pub auth_time: DateTime<Utc>,
    pub amr: Amr,
    pub acr: String,
}

/// What a person granted to a client.
#[derive(Clone, Debug)]
pub struct Grant<'a> {
    pub client: &'a client::Model,
    pub user: &'a user::Model,
    pub sign_in: SignIn,
    /// The scope of this answer: what was granted, or less.
    pub scope: &'a Scope,
    pub nonce: Option<&'a str>,
    /// Single claims that were asked for.
    pub claims: Option<&'a ClaimsRequest>,
    /// The resources of this answer; none in particular if empty (RFC 8707 §2).
    pub resources: &'a [String],
    /// The key of whoever may use the access token; nobody in particular if none.
    pub confirmation: Option<&'a Confirmation>,
    /// The client gets an ID token and no access token with which to ask for claims.
    pub only_id_token: bool,
}

impl From<&token_family::Model> for SignIn {
    fn from(family: &token_family::Model) -> Self {
        Self {
            session_id: family.session_id,
            auth_time: family.auth_time,
            amr: family.amr.clone(),
            acr: family.acr.clone(),
        }
    }
}

impl From<&session::Model> for SignIn {
    fn from(session: &session::Model) -> Self {
        Self {
            session_id: session.id,
            auth_time: session.auth_time,
            amr: session.amr.clone(),
            acr: session.acr.clone(),
        }
    }
}
