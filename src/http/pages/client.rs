//! The client of a flow, as pages show it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::client;
use serde::Serialize;
use url::Url;

use crate::{authorization::Request, crypto::sha256, oauth::redirect_uri::shown_host, paths};

/// The context that pages of a flow show of the client.
#[derive(Debug, Serialize)]
pub struct ShownClient {
    name: String,
    /// Our copy of its logo: a page of ours makes a browser ask nobody else for anything.
    logo_src: Option<String>,
    client_uri: Option<String>,
    policy_uri: Option<String>,
    tos_uri: Option<String>,
    /// It registered itself: nobody here knows whose it is.
    registered_itself: bool,
    /// Where the answer goes: the one thing about a client that it cannot make up.
    redirect_host: String,
}

impl ShownClient {
    pub fn of(client: &client::Model, request: &Request) -> Self {
        Self::answered_at(client, shown_host(&request.redirect_uri))
    }

    /// A client outside of a flow, or in one whose answer goes to a device: to no address.
    pub fn alone(client: &client::Model) -> Self {
        Self::answered_at(client, String::new())
    }

    fn answered_at(client: &client::Model, redirect_host: String) -> Self {
        Self {
            name: client.client_name.clone(),
            logo_src: client.logo_uri.as_deref().map(|uri| logo(client, uri)),
            client_uri: on_the_web(&client.client_uri),
            policy_uri: on_the_web(&client.policy_uri),
            tos_uri: on_the_web(&client.tos_uri),
            registered_itself: client.dynamic,
            redirect_host,
        }
    }
}

/// The address of our copy. It differs for another picture, so that browsers may keep each.
fn logo(client: &client::Model, uri: &str) -> String {
    let version = URL_SAFE_NO_PAD.encode(&sha256(uri.as_bytes())[..6]);
    format!("{}/{}?v={version}", paths::CLIENT_LOGO, client.client_id)
}

/// A link that a page of ours may have: to a page, never to a script.
fn on_the_web(uri: &Option<String>) -> Option<String> {
    let uri = uri.as_ref()?;
    Url::parse(uri)
        .is_ok_and(|url| matches!(url.scheme(), "https" | "http"))
        .then(|| uri.clone())
}
