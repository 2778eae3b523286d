//! What people are told about their ways in, at the address that they have proven and no other.

use chrono::{DateTime, TimeDelta, Utc};
use entity::user;
use sea_orm::ConnectionTrait;

use super::{Here, Provider, UpstreamError};
use crate::{
    app::App,
    mail::{
        self, Template,
        letters::{ProviderCode, ProviderFacts, ProviderLinked, ProviderUnlinked},
    },
};

/// How long a letter about a way in may wait to be delivered.
const KEEPS: TimeDelta = TimeDelta::days(3);

/// Provider, whose account it is, and what they are called at the provider.
type Told<'a> = (Provider<'a>, &'a user::Model, &'a str);

/// One was added.
pub(super) async fn linked(
    app: &App,
    tx: &impl ConnectionTrait,
    told: Told<'_>,
    here: Here<'_>,
) -> Result<(), UpstreamError> {
    post(app, tx, told.1, &ProviderLinked(facts(app, told, here))).await
}

/// One was taken away.
pub(super) async fn unlinked(
    app: &App,
    tx: &impl ConnectionTrait,
    told: Told<'_>,
    here: Here<'_>,
) -> Result<(), UpstreamError> {
    post(app, tx, told.1, &ProviderUnlinked(facts(app, told, here))).await
}

/// The code by which an address is proven.
pub(super) async fn code(
    app: &App,
    tx: &impl ConnectionTrait,
    (provider, display, email): (Provider<'_>, &str, &str),
    (code, expires): (&str, DateTime<Utc>),
    here: Here<'_>,
) -> Result<(), UpstreamError> {
    let letter = ProviderCode {
        issuer: &app.config.server.issuer,
        email,
        provider: provider.display_name(),
        display,
        code,
        expires: words(expires),
        browser: here.browser.name(),
        place: here.browser.place(),
    };
    let post = (&app.templates, &app.sealer);
    mail::post(tx, post, email, &letter, (app.clock.now(), expires)).await?;
    Ok(())
}

fn facts<'a>(
    app: &'a App,
    (provider, user, display): Told<'a>,
    here: Here<'a>,
) -> ProviderFacts<'a> {
    ProviderFacts {
        issuer: &app.config.server.issuer,
        email: &user.email,
        provider: provider.display_name(),
        display,
        at: words(app.clock.now()),
        browser: here.browser.name(),
        place: here.browser.place(),
    }
}

async fn post(
    app: &App,
    tx: &impl ConnectionTrait,
    user: &user::Model,
    letter: &impl Template,
) -> Result<(), UpstreamError> {
    if user.email_verified.is_none() {
        return Ok(());
    }
    let now = app.clock.now();
    let post = (&app.templates, &app.sealer);
    mail::post(tx, post, &user.email, letter, (now, now + KEEPS)).await?;
    Ok(())
}

fn words(at: DateTime<Utc>) -> String {
    at.format("%-d %B %Y, %H:%M UTC").to_string()
}
