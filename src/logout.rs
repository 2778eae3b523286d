//! Logging out at a relying party's request (OpenID Connect RP-Initiated Logout 1.0), and by
//! oneself. Whatever else is wrong, nobody is sent to an address that is not the client's. On the
//! way the other clients of the session are told.

pub mod backchannel;
pub mod frontchannel;

use entity::{client, session::SignedIn};
use sea_orm::DbErr;
use serde::Deserialize;
use url::form_urlencoded::Serializer;
use uuid::Uuid;

use crate::{
    app::App,
    crypto::jwt::Typ,
    oauth::{error::OauthError, params::Params, redirect_uri},
    paths, sessions,
    tokens::subject::subject,
};

/// Who is to be signed out.
#[derive(Clone, Copy, Debug)]
pub struct Leaving<'a> {
    pub signed_in: Option<&'a SignedIn>,
    /// The digest of the browser's visitor cookie.
    pub browser: &'a str,
}

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
    /// The person is signed out: to the page that tells clients, whose address is sealed.
    Notify(String),
    /// The person is signed out: to this address of the client or of ours.
    Go(String),
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
pub async fn requested(app: &App, params: &Params, leaving: Leaving<'_>) -> anyhow::Result<Next> {
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
    if let Some(signed_in) = leaving.signed_in
        && !hint.is_about(app, signed_in).await?
    {
        return Ok(Next::Confirm);
    }
    let to = onward.map(|onward| onward.url());
    confirmed(app, leaving, to).await
}

/// Signs out whoever proved that they want to, and goes on to `to`, an address of ours or one that
/// is proven to be a client's; to our own last page if there is none.
pub async fn confirmed(
    app: &App,
    leaving: Leaving<'_>,
    to: Option<String>,
) -> anyhow::Result<Next> {
    let to = to.unwrap_or_else(|| paths::LOGOUT_DONE.to_owned());
    let ended = match leaving.signed_in {
        Some(signed_in) => sessions::sign_out(app, signed_in).await?,
        None => None,
    };
    let telling = match ended {
        Some(ended) => frontchannel::seal(app, &ended, leaving.browser, &to)?,
        None => None,
    };
    Ok(telling.map_or(Next::Go(to), Next::Notify))
}

impl Onward {
    fn url(&self) -> String {
        match &self.state {
            Some(state) => with_query(&self.post_logout_redirect_uri, &[("state", state)]),
            None => self.post_logout_redirect_uri.clone(),
        }
    }
}

/// A registered URI with more in its query; what was registered stays as it is, byte for byte.
fn with_query(uri: &str, pairs: &[(&str, &str)]) -> String {
    let joint = if uri.contains('?') { '&' } else { '?' };
    let query = Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("{uri}{joint}{query}")
}

impl Hint {
    /// Whether the hint is about this session: its `sid` and its `sub`, which is the name by which
    /// the client of the hint knows the person (OpenID Connect Core §8).
    async fn is_about(&self, app: &App, signed_in: &SignedIn) -> Result<bool, DbErr> {
        if self.sid.is_some_and(|sid| sid != signed_in.session.id) {
            return Ok(false);
        }
        let client = client::by_client_id(&app.db.read, &self.aud).await?;
        Ok(client.is_some_and(|client| self.sub == subject(app, &client, &signed_in.user)))
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
