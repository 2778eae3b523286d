//! Carries out what was decided about somebody who was identified: in one transaction, whose look-ups
//! hold for as long as it lasts. Where two come at once, the database lets one in and the other looks
//! again.

use entity::{
    account, session, user,
    value::{EventKind, Role, StandardClaims},
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use uuid::Uuid;

use super::{
    Came, Failure, Here, Identity, Provider, UpstreamError,
    arrival::{self, Arriving},
    failure::told,
    letter,
    link::{Holder, Known, May, Next, decide},
    profile, way,
};
use crate::{
    accounts::{
        AccountError, guard,
        register::{self, NewUser},
    },
    app::App,
    crypto::secret::Minted,
    events,
    sessions::{self, Proof, SignedIn},
};

/// How often one looks again who came at the same moment as another.
const LOOKS: usize = 4;

/// What one look came to.
enum Look {
    Done(Came),
    /// Somebody was faster.
    Again,
    /// One more account is about to be made, and was not counted yet.
    Count,
}

/// Lets somebody in, or says why not.
pub(super) async fn settle(
    app: &App,
    provider: Provider<'_>,
    arriving: Arriving,
    here: Here<'_>,
) -> Result<Came, UpstreamError> {
    let mut counted = false;
    for _ in 0..LOOKS {
        match look(app, provider, &arriving, (here, counted)).await? {
            Look::Done(Came::Failed { why, intent, flow }) => {
                let broken = why.because(format!("{why:?}"));
                told(app, provider, broken, here).await?;
                return Ok(Came::Failed { why, intent, flow });
            }
            Look::Done(came) => return Ok(came),
            Look::Again => {}
            Look::Count => {
                // Outside of the transaction: whoever is refused has been counted.
                guard::sign_up(app, here.browser).await?;
                counted = true;
            }
        }
    }
    Err(anyhow::anyhow!("the same person came too often at one moment").into())
}

async fn look(
    app: &App,
    provider: Provider<'_>,
    arriving: &Arriving,
    (here, counted): (Here<'_>, bool),
) -> Result<Look, UpstreamError> {
    let identity = &arriving.identity;
    let tx = app.db.begin().await?;
    // In this order: whoever signs up at this moment, with the same subject, has both rows or neither,
    // and must not be taken for somebody else who has the address.
    let holder = match &identity.email {
        Some(address) => user::by_email(&tx, &address.email).await?,
        None => None,
    };
    let found = account::by_subject(&tx, provider.name, &identity.subject).await?;
    let owner = match &found {
        Some(account) => user::find_held(&tx, account.user_id).await?,
        None => None,
    };
    let known = found.as_ref().zip(owner.as_ref());
    let known = known.map(|(account, owner)| Known {
        user_id: owner.id,
        same_issuer: way::is_of(account, &identity.issuer),
        disabled: owner.disabled_at.is_some() && !owner.is_leaving(app.clock.now()),
    });
    let holder = holder.map(|holder| Holder {
        user_id: holder.id,
        verified: holder.email_verified.is_some(),
        disabled: holder.disabled_at.is_some(),
    });
    let may = May {
        sign_in: provider.settings.sign_in,
        sign_up: provider.settings.sign_up && app.config.accounts.sign_up,
        link: provider.settings.link,
    };
    let proof = identity.email.as_ref().map(|address| address.proof);
    let refused = |why| {
        Ok(Look::Done(Came::Failed {
            why,
            intent: arriving.whose.intent(),
            flow: arriving.flow.clone(),
        }))
    };
    match (
        decide(arriving.whose, known, (proof, holder), may),
        found,
        owner,
    ) {
        (Next::SignIn(_), _, Some(owner)) if owner.is_leaving(app.clock.now()) => {
            Ok(Look::Done(Came::Leaving {
                user_id: owner.id,
                flow: arriving.flow.clone(),
            }))
        }
        // As at every other door.
        (Next::SignIn(_), _, Some(owner))
            if app.config.accounts.verified_email_only && owner.email_verified.is_none() =>
        {
            refused(Failure::NotProven)
        }
        (Next::SignIn(_), Some(account), Some(owner)) => {
            way::renew(app, &tx, (provider, &account), arriving).await?;
            enter(app, tx, (owner, false), arriving, here).await
        }
        (Next::Link(owner) | Next::Again(owner), found, _) => {
            let Some(owner) = still_here(app, &tx, owner, here).await? else {
                return refused(Failure::NotFresh);
            };
            match found {
                Some(account) => way::renew(app, &tx, (provider, &account), arriving).await?,
                None if !way::link(app, &tx, (provider, &owner), arriving).await? => {
                    return Ok(Look::Again);
                }
                None => {
                    profile::fill(app, &tx, &owner, identity).await?;
                    tell(app, &tx, (provider, &owner), identity, here).await?;
                }
            }
            let session = match here.signed_in {
                Some(own) => sessions::turn(app, &tx, own).await?,
                None => None,
            };
            tx.commit().await?;
            let flow = arriving.flow.clone();
            Ok(Look::Done(Came::Linked { session, flow }))
        }
        (Next::SignUp, ..) if !counted => Ok(Look::Count),
        (Next::SignUp, ..) => sign_up(app, tx, provider, arriving, here).await,
        (Next::AskOwner(owner), ..) => wait(app, tx, arriving, (here, Some(owner))).await,
        (Next::AskForAddress, ..) => wait(app, tx, arriving, (here, None)).await,
        (Next::Refuse(why), ..) => refused(why),
        // The account went at this moment.
        (Next::SignIn(_), ..) => Ok(Look::Again),
    }
}

/// Who links: held, enabled, and still in the session in which they said so.
async fn still_here(
    app: &App,
    tx: &DatabaseTransaction,
    owner: Uuid,
    here: Here<'_>,
) -> Result<Option<user::Model>, UpstreamError> {
    let own = here.signed_in.filter(|own| own.user.id == owner);
    let Some(own) = own else { return Ok(None) };
    let user = user::find_held(tx, owner).await?;
    let live = session::is_live(tx, own.session.id, app.clock.now()).await?;
    Ok(user.filter(|user| live && user.disabled_at.is_none()))
}

async fn enter(
    app: &App,
    tx: DatabaseTransaction,
    (user, new): (user::Model, bool),
    arriving: &Arriving,
    here: Here<'_>,
) -> Result<Look, UpstreamError> {
    let proven = (user, Proof::provider(app.clock.now()));
    let before: Option<&SignedIn> = here.signed_in;
    let (session, _): (Minted, _) = sessions::start(app, &tx, proven, before, here.browser).await?;
    tx.commit().await?;
    let flow = arriving.flow.clone();
    Ok(Look::Done(Came::In { session, flow, new }))
}

async fn sign_up(
    app: &App,
    tx: DatabaseTransaction,
    provider: Provider<'_>,
    arriving: &Arriving,
    here: Here<'_>,
) -> Result<Look, UpstreamError> {
    let identity = &arriving.identity;
    let Some(address) = &identity.email else {
        return Err(anyhow::anyhow!("a sign-up without an address").into());
    };
    let new = NewUser {
        email: address.email.clone(),
        name: None,
        password_hash: None,
        email_verified: Some(app.clock.now()),
        role: Role::User,
        claims: StandardClaims::default(),
        image: None,
    };
    let user = match register::add(app, &tx, new).await {
        Ok(user) => user,
        Err(AccountError::EmailTaken) => return Ok(Look::Again),
        Err(error) => return Err(error.into()),
    };
    if !way::link(app, &tx, (provider, &user), arriving).await? {
        return Ok(Look::Again);
    }
    profile::fill(app, &tx, &user, identity).await?;
    tell(app, &tx, (provider, &user), identity, here).await?;
    enter(app, tx, (user, true), arriving, here).await
}

/// Puts off somebody who must do something first.
async fn wait(
    app: &App,
    tx: DatabaseTransaction,
    arriving: &Arriving,
    (here, owner): (Here<'_>, Option<Uuid>),
) -> Result<Look, UpstreamError> {
    let secret = arrival::keep(app, &tx, arriving, (here, owner)).await?;
    tx.commit().await?;
    Ok(Look::Done(Came::Arrived { secret }))
}

/// Notes the new way in and tells the person of it, at the address that is proven.
async fn tell(
    app: &App,
    tx: &impl ConnectionTrait,
    (provider, user): (Provider<'_>, &user::Model),
    identity: &Identity,
    here: Here<'_>,
) -> Result<(), UpstreamError> {
    let about = here.browser.about(Some(user.id));
    let now = app.clock.now();
    events::record(tx, EventKind::ProviderLinked, about, now).await?;
    letter::linked(app, tx, (provider, user, &identity.display), here).await
}
