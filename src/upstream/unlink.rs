//! The ways in of an account: which there are, and taking one away. Never the last: nobody is to lock
//! themselves out.

use entity::{
    account, upstream_arrival, user,
    value::{AccountType, EventKind},
};
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use super::{Here, UpstreamError, find, letter};
use crate::{
    app::App,
    events,
    sessions::{self, SignedIn},
};

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unlinked {
    Done,
    /// There is no such way in of theirs.
    Nothing,
    /// Nobody could sign in any more.
    TheLast,
    /// Who they are was proven too long ago.
    NotFresh,
}

/// The linked ways in of somebody, oldest first.
pub async fn linked(app: &App, user_id: Uuid) -> Result<Vec<account::Model>, DbErr> {
    let mut all = account::of_user(&app.db.read, user_id).await?;
    all.retain(|way| way.account_type != AccountType::Credentials);
    Ok(all)
}

/// Takes one away. The user is held meanwhile: of two who take away the last two, one gets through.
pub async fn unlink(
    app: &App,
    own: &SignedIn,
    id: Uuid,
    here: Here<'_>,
) -> Result<Unlinked, UpstreamError> {
    if !sessions::is_fresh(app, own) {
        return Ok(Unlinked::NotFresh);
    }
    let tx = app.db.begin().await?;
    let Some(user) = user::find_held(&tx, own.user.id).await? else {
        return Ok(Unlinked::Nothing);
    };
    let ways = account::of_user(&tx, user.id).await?;
    let Some(way) = ways.iter().find(|way| way.id == id) else {
        return Ok(Unlinked::Nothing);
    };
    let others = ways.iter().filter(|other| other.id != id);
    if !others.into_iter().any(|other| opens(app, &user, other)) {
        return Ok(Unlinked::TheLast);
    }
    // A password is changed and never taken away.
    if way.account_type == AccountType::Credentials {
        return Ok(Unlinked::Nothing);
    }
    if !account::unlink(&tx, user.id, id).await? {
        return Ok(Unlinked::Nothing);
    }
    // What was begun with it before is not good for linking it again.
    upstream_arrival::forget(&tx, (&way.provider, &way.provider_account_id)).await?;
    told(app, &tx, (&user, way), here).await?;
    tx.commit().await?;
    Ok(Unlinked::Done)
}

/// Whether somebody can sign in that way, as things are set.
fn opens(app: &App, user: &user::Model, way: &account::Model) -> bool {
    match way.account_type {
        AccountType::Credentials => user.password_hash.is_some(),
        AccountType::Oauth | AccountType::Oidc => {
            find(app, &way.provider).is_some_and(|provider| provider.settings.sign_in)
        }
    }
}

async fn told(
    app: &App,
    tx: &impl ConnectionTrait,
    (user, way): (&user::Model, &account::Model),
    here: Here<'_>,
) -> Result<(), UpstreamError> {
    let about = here.browser.about(Some(user.id));
    events::record(tx, EventKind::ProviderUnlinked, about, app.clock.now()).await?;
    match find(app, &way.provider) {
        Some(provider) => {
            let display = way.display.as_deref().unwrap_or(&way.provider_account_id);
            letter::unlinked(app, tx, (provider, user, display), here).await
        }
        // A provider that is not set any more has no name to be told.
        None => Ok(()),
    }
}
