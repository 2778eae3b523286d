//! The authorization response (RFC 6749 §4.1.2), a success or an error, always with `iss`
//! (RFC 9207).

use chrono::TimeDelta;
use entity::{authorization_code, client, session::SignedIn, value::EventKind};
use sea_orm::{DbErr, Set};
use url::form_urlencoded::Serializer;

use super::{Request, consent};
use crate::{
    app::App,
    crypto::secret::SecretKind,
    events::{self, About},
    oauth::error::OauthError,
};

/// For how long a challenge or nonce that is sent again is noticed.
pub const CONSTANTS_SEEN: TimeDelta = TimeDelta::hours(24);

/// A redirect URI that is proven to be the client's, with the state that goes back. Nothing else
/// in this program can send a browser to a URI of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnTo {
    redirect_uri: String,
    state: Option<String>,
}

impl ReturnTo {
    /// Only for what was found among the client's registered URIs.
    pub(super) fn proven(redirect_uri: String, state: Option<String>) -> Self {
        Self {
            redirect_uri,
            state,
        }
    }

    fn with(&self, app: &App, answer: &[(&str, &str)]) -> String {
        let mut query = Serializer::new(String::new());
        query.extend_pairs(answer);
        if let Some(state) = &self.state {
            query.append_pair("state", state);
        }
        query.append_pair("iss", &app.config.server.issuer);
        // RFC 6749 §3.1.2: a query that was registered is kept.
        let joint = match self.redirect_uri.contains('?') {
            true if self.redirect_uri.ends_with(['?', '&']) => "",
            true => "&",
            false => "?",
        };
        // Our own, empty fragment keeps a browser from carrying over the one it came with.
        format!("{}{joint}{}#", self.redirect_uri, query.finish())
    }
}

/// The URL that tells the client of an error.
pub fn refuse(app: &App, to: &ReturnTo, error: &OauthError) -> String {
    to.with(
        app,
        &[
            ("error", error.code.name()),
            ("error_description", error.description()),
        ],
    )
}

/// Mints a code with every binding, and answers the URL that carries it; none if the session ended
/// a moment ago.
pub(super) async fn answer(
    app: &App,
    client: &client::Model,
    request: &Request,
    signed_in: &SignedIn,
) -> anyhow::Result<Option<String>> {
    let now = app.clock.now();
    let minted = app.secrets.mint(SecretKind::AuthorizationCode);
    notice_constants(app, client, request, signed_in).await?;
    let session = &signed_in.session;
    let row = authorization_code::ActiveModel {
        id: Set(app.new_id()),
        code: Set(minted.digest.clone()),
        client_id: Set(client.id),
        user_id: Set(signed_in.user.id),
        session_id: Set(Some(session.id)),
        family_id: Set(app.new_id()),
        redirect_uri: Set(request.redirect_uri.clone()),
        code_challenge: Set(request.code_challenge.clone()),
        nonce: Set(request.nonce.clone()),
        scope: Set(request.scope()),
        auth_time: Set(session.auth_time),
        amr: Set(session.amr.clone()),
        acr: Set(session.acr.clone()),
        created_at: Set(now),
        expires_at: Set(now + app.config.tokens.code()),
        consumed_at: Set(None),
    };
    let tx = app.db.begin().await?;
    if !authorization_code::add(&tx, row).await? {
        return Ok(None);
    }
    // In the same transaction: no code without a consent that the person can take back.
    consent::remember(app, &tx, client, request, signed_in.user.id).await?;
    tx.commit().await?;
    let answer = [("code", minted.expose())];
    Ok(Some(request.return_to().with(app, &answer)))
}

/// RFC 9700 §2.1.1: a client that sends the same challenge or nonce again has thrown away what they
/// protect it from. It is answered, and its operator can see it.
async fn notice_constants(
    app: &App,
    client: &client::Model,
    request: &Request,
    signed_in: &SignedIn,
) -> Result<(), DbErr> {
    let now = app.clock.now();
    let sent = (request.code_challenge.as_deref(), request.nonce.as_deref());
    let since = now - CONSTANTS_SEEN;
    if authorization_code::is_constant(&app.db.read, client.id, sent, since).await? {
        let about = About::user(signed_in.user.id).and_client(client.id);
        events::record(&app.db.write, EventKind::ConstantSeen, about, now).await?;
    }
    Ok(())
}
