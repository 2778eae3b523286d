//! The client of a flow, as pages show it.

use entity::client;
use serde::Serialize;

use crate::{authorization::Request, oauth::redirect_uri::shown_host};

/// The context that pages of a flow show of the client.
#[derive(Debug, Serialize)]
pub struct ShownClient {
    name: String,
    logo_uri: Option<String>,
    client_uri: Option<String>,
    policy_uri: Option<String>,
    tos_uri: Option<String>,
    /// Where the answer goes: the one thing about a client that it cannot make up.
    redirect_host: String,
}

impl ShownClient {
    pub fn of(client: &client::Model, request: &Request) -> Self {
        Self {
            name: client.client_name.clone(),
            logo_uri: client.logo_uri.clone(),
            client_uri: client.client_uri.clone(),
            policy_uri: client.policy_uri.clone(),
            tos_uri: client.tos_uri.clone(),
            redirect_host: shown_host(&request.redirect_uri),
        }
    }
}
