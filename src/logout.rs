//! Logging out at a relying party's request (OpenID Connect RP-Initiated Logout 1.0), and by
//! oneself. Whatever else is wrong, nobody is sent to an address that is not the client's.

use entity::{client, session::SignedIn};
use sea_orm::DbErr;
use serde::Deserialize;
use url::form_urlencoded::Serializer;
use uuid::Uuid;

use crate::{
    app::App,
    crypto::jwt::Typ,
    oauth::{error::OauthError, params::Params, redirect_uri},
    sessions,
};

/// Where to go on afterwards: an address that is proven to be the client's, with its state.
struct Onward {
    post_logout_redirect_uri: String,
    state: Option<String>,
}

/// What the browser does next.
#[derive(Debug)]
pub enum Next {
    /// To the page that asks the person.
    Confirm,
    /// The person is signed out: to this URL of the client.
    Return(String),
    /// The person is signed out: to our own last page.
    Done,
    /// An error that is shown where it happened.
    Show(OauthError),
}

/// The claims of an ID token that came back as a hint. It may have expired (§4).
#[derive(Debug, Deserialize)]
struct Hint {
    iss: String,
    aud: String,
    sub: String,
    sid: Option<Uuid>,
}

/// Answers a request at the end-session endpoint (§2).
pub async fn requested(
    app: &App,
    params: &Params,
    signed_in: Option<&SignedIn>,
) -> Result<Next, DbErr> {
    if let Err(error) = params.refuse_repeated() {
        return Ok(Next::Show(error));
    }
    let hint = match params.get("id_token_hint") {
        None => None,
        Some(token) => match hint(app, token) {
            Some(hint) => Some(hint),
            None => {
                let error = OauthError::invalid_request("id_token_hint is not one of ours");
                return Ok(Next::Show(error));
            }
        },
    };
    let client_id = params.get("client_id");
    if let (Some(hint), Some(named)) = (&hint, client_id)
        && hint.aud != named
    {
        let error = OauthError::invalid_request("id_token_hint was issued to another client");
        return Ok(Next::Show(error));
    }
    let named = hint.as_ref().map(|hint| hint.aud.as_str()).or(client_id);
    let onward = match onward(app, params, named).await? {
        Ok(onward) => onward,
        Err(error) => return Ok(Next::Show(error)),
    };
    let Some(hint) = hint else {
        // Without a hint anybody may have sent the browser here: the person decides, and stays
        // here afterwards (§3, §6).
        return Ok(Next::Confirm);
    };
    match signed_in {
        Some(signed_in) if !hint.is_about(signed_in) => Ok(Next::Confirm),
        Some(signed_in) => {
            sessions::sign_out(app, signed_in).await?;
            Ok(onward.map_or(Next::Done, |onward| Next::Return(onward.url())))
        }
        None => Ok(onward.map_or(Next::Done, |onward| Next::Return(onward.url()))),
    }
}

/// The person pressed the button.
pub async fn confirmed(app: &App, signed_in: Option<&SignedIn>) -> Result<(), DbErr> {
    match signed_in {
        Some(signed_in) => sessions::sign_out(app, signed_in).await,
        None => Ok(()),
    }
}

impl Onward {
    fn url(&self) -> String {
        let Some(state) = &self.state else {
            return self.post_logout_redirect_uri.clone();
        };
        let joint = if self.post_logout_redirect_uri.contains('?') {
            '&'
        } else {
            '?'
        };
        let state = Serializer::new(String::new())
            .append_pair("state", state)
            .finish();
        format!("{}{joint}{state}", self.post_logout_redirect_uri)
    }
}

impl Hint {
    fn is_about(&self, signed_in: &SignedIn) -> bool {
        let same_session = self.sid.is_none_or(|sid| sid == signed_in.session.id);
        self.sub == signed_in.user.subject && same_session
    }
}

fn hint(app: &App, token: &str) -> Option<Hint> {
    let hint: Hint = app.keyring.verify(token, Typ::IdToken).ok()?;
    (hint.iss == app.config.server.issuer).then_some(hint)
}

/// The address to go on to, which must be one that the client registered, byte for byte (§3).
async fn onward(
    app: &App,
    params: &Params,
    client_id: Option<&str>,
) -> Result<Result<Option<Onward>, OauthError>, DbErr> {
    let Some(uri) = params.get("post_logout_redirect_uri") else {
        return Ok(Ok(None));
    };
    let client = match client_id {
        Some(id) => client::enabled(&app.db.read, id).await?,
        None => None,
    };
    let registered = client.filter(|client| {
        client.post_logout_redirect_uris.contains(uri)
            && redirect_uri::check(uri, client.application_type).is_ok()
    });
    Ok(match registered {
        Some(_) => Ok(Some(Onward {
            post_logout_redirect_uri: uri.to_owned(),
            state: params.get("state").map(str::to_owned),
        })),
        None => Err(OauthError::invalid_request(
            "post_logout_redirect_uri is not registered for the client that asks",
        )),
    })
}
