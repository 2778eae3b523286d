//! Consent: what a person allowed, what is asked, what is remembered.

use entity::{client, consent, session::SignedIn, value::EventKind};
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use super::{Request, interaction::Consented};
use crate::{
    app::App,
    events::{self, About},
    oauth::redirect_uri,
};

/// What the consent page asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Everything that the request would be granted.
    pub scope: entity::value::Scope,
    /// What the person allowed this client before, if anything.
    pub before: Option<entity::value::Scope>,
}

impl Ask {
    /// Whether this client was allowed something before, but not this word.
    pub fn is_new(&self, word: &str) -> bool {
        let before = self.before.as_ref();
        before.is_some_and(|before| !before.contains(word))
    }
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
    let covered = known.is_some_and(|known| request.scope().is_within(&known.scope));
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
    Ok(Ask {
        scope: request.scope(),
        before: known.map(|known| known.scope),
    })
}

/// Remembers what was allowed, together with what had been allowed before. A trusted client's person
/// is not asked, but sees it on the account page and can undo it.
pub(super) async fn remember(
    app: &App,
    tx: &impl ConnectionTrait,
    client: &client::Model,
    request: &Request,
    user_id: Uuid,
) -> Result<(), DbErr> {
    let asked = request.scope();
    let known = consent::find(tx, user_id, client.id).await?;
    let scope = match known {
        Some(known) if asked.is_within(&known.scope) => return Ok(()),
        Some(known) => known.scope.union(&asked),
        None => asked,
    };
    let now = app.clock.now();
    consent::grant(tx, user_id, client.id, scope, now).await?;
    let about = About::user(user_id).and_client(client.id);
    events::record(tx, EventKind::ConsentGranted, about, now).await
}
