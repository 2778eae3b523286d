//! What people are told about their ways in, at the address that they have proven and no other.

use chrono::{DateTime, Utc};
use entity::user;
use sea_orm::ConnectionTrait;

use super::{Here, Provider, UpstreamError};
use crate::{
    accounts::mailed::{LETTER_KEEPS, envelope, post, words},
    app::App,
    mail::letters::Message,
};

/// Provider, whose account it is, and what they are called at the provider.
type Told<'a> = (Provider<'a>, &'a user::Model, &'a str);

/// One was added.
pub(super) async fn linked(
    app: &App,
    tx: &impl ConnectionTrait,
    (provider, user, display): Told<'_>,
    here: Here<'_>,
) -> Result<(), UpstreamError> {
    let linked = Message::ProviderLinked {
        provider: provider.display_name(),
        display,
        at: words(app.clock.now()),
    };
    tell(app, tx, (user, &linked), here).await
}

/// One was taken away.
pub(super) async fn unlinked(
    app: &App,
    tx: &impl ConnectionTrait,
    (provider, user, display): Told<'_>,
    here: Here<'_>,
) -> Result<(), UpstreamError> {
    let unlinked = Message::ProviderUnlinked {
        provider: provider.display_name(),
        display,
        at: words(app.clock.now()),
    };
    tell(app, tx, (user, &unlinked), here).await
}

/// The code by which an address is proven.
pub(super) async fn code(
    app: &App,
    tx: &impl ConnectionTrait,
    (provider, display, email): (Provider<'_>, &str, &str),
    (code, expires): (&str, DateTime<Utc>),
    here: Here<'_>,
) -> Result<(), UpstreamError> {
    let asks = Message::ProviderCode {
        provider: provider.display_name(),
        display,
        code,
        expires: words(expires),
    };
    let envelope = envelope(app, email, here.browser);
    post(app, tx, (&envelope, &asks), expires).await?;
    Ok(())
}

async fn tell(
    app: &App,
    tx: &impl ConnectionTrait,
    (user, message): (&user::Model, &Message<'_>),
    here: Here<'_>,
) -> Result<(), UpstreamError> {
    if user.email_verified.is_none() {
        return Ok(());
    }
    let envelope = envelope(app, &user.email, here.browser);
    let keeps = app.clock.now() + LETTER_KEEPS;
    post(app, tx, (&envelope, message), keeps).await?;
    Ok(())
}
