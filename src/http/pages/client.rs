//! The client of a flow, as pages show it.

use entity::client;
use serde::Serialize;
use url::Url;

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
            logo_uri: on_the_web(&client.logo_uri),
            client_uri: on_the_web(&client.client_uri),
            policy_uri: on_the_web(&client.policy_uri),
            tos_uri: on_the_web(&client.tos_uri),
            redirect_host: shown_host(&request.redirect_uri),
        }
    }
}

/// A link that a page of ours may have: to a page or picture, never to a script.
fn on_the_web(uri: &Option<String>) -> Option<String> {
    let uri = uri.as_ref()?;
    Url::parse(uri)
        .is_ok_and(|url| matches!(url.scheme(), "https" | "http"))
        .then(|| uri.clone())
}
