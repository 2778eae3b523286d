//! Consent: what a person allowed, what is asked, what is remembered.

use entity::{client, consent, session::SignedIn, value::EventKind};
use sea_orm::{ConnectionTrait, DbErr};

use super::{Request, interaction::Consented};
use crate::{
    app::App,
    events::{self, About},
    oauth::redirect_uri,
    tokens::resource,
};

/// What the consent page asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Everything that the request would be granted.
    pub scope: entity::value::Scope,
    /// What the person allowed this client before, if anything.
    pub before: Option<entity::value::Scope>,
    /// The resources of others at which the client will use it.
    pub resources: Vec<String>,
    /// Whether some of these were not allowed before.
    pub elsewhere: bool,
}

/// What is known when the person has not just been asked.
pub(super) async fn consented(
    app: &App,
    client: &client::Model,
    request: &Request,
    signed_in: Option<&SignedIn>,
) -> Result<Consented, DbErr> {
    let Some(signed_in) = signed_in else {
        return Ok(Consented::Not);
    };
    if client.trusted {
        return Ok(Consented::Before);
    }
    // RFC 8252 §8.6: anybody on the person's device can pose as a public client that receives
    // its answer on loopback or by a scheme, so such an answer is never silent.
    if client.is_public() && redirect_uri::is_unassured(&request.redirect_uri) {
        return Ok(Consented::Not);
    }
    let known = consent::find(&app.db.read, signed_in.user.id, client.id).await?;
    let others = resource::of_others(app, &request.resources);
    let covered = known.is_some_and(|known| known.covers(&request.asks_for(), &others));
    Ok(if covered {
        Consented::Before
    } else {
        Consented::Not
    })
}

/// What to put on the consent page.
pub async fn ask(
    app: &App,
    client: &client::Model,
    request: &Request,
    signed_in: &SignedIn,
) -> Result<Ask, DbErr> {
    let known = consent::find(&app.db.read, signed_in.user.id, client.id).await?;
    let resources = resource::of_others(app, &request.resources);
    Ok(Ask {
        scope: request.asks_for(),
        elsewhere: known
            .as_ref()
            .is_some_and(|known| !known.covers(&known.scope, &resources)),
        before: known.map(|known| known.scope),
        resources,
    })
}

/// Remembers what was allowed, together with what had been allowed before. A trusted client's person
/// is not asked, but sees it on the account page and can undo it.
pub(super) async fn remember(
    app: &App,
    tx: &impl ConnectionTrait,
    client: &client::Model,
    request: &Request,
    signed_in: &SignedIn,
) -> Result<(), DbErr> {
    let user_id = signed_in.user.id;
    let now = app.clock.now();
    let others = resource::of_others(app, &request.resources);
    let asked = (&request.asks_for(), others.as_slice());
    if !consent::widen(tx, (user_id, client.id), asked, now).await? {
        return Ok(());
    }
    let about = About::by(signed_in).and_client(client.id);
    events::record(tx, EventKind::ConsentGranted, about, now).await
}
