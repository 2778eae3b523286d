//! The row of a way in: whose provider it is of, and how it is added and given new tokens.

use entity::{account, upstream_arrival, user, value::AccountType};
use sea_orm::{DatabaseTransaction, Set};

use super::{Provider, UpstreamError, arrival::Arriving};
use crate::{app::App, config::Kind};

/// Whether a way in is by this issuer. One that was taken over from another service says none, and is
/// of whoever the provider of its name is now: that is what the operator said by taking it over.
pub(super) fn is_of(account: &account::Model, issuer: &str) -> bool {
    account.issuer.as_deref().is_none_or(|own| own == issuer)
}

/// Adds the way in. False if somebody has it meanwhile.
pub(super) async fn link(
    app: &App,
    tx: &DatabaseTransaction,
    (provider, user): (Provider<'_>, &user::Model),
    arriving: &Arriving,
) -> Result<bool, UpstreamError> {
    let identity = &arriving.identity;
    let id = app.new_id();
    let row = account::ActiveModel {
        id: Set(id),
        user_id: Set(user.id),
        provider: Set(provider.name.to_owned()),
        provider_account_id: Set(identity.subject.clone()),
        account_type: Set(match provider.settings.kind {
            Kind::Github => AccountType::Oauth,
            Kind::Google | Kind::Oidc => AccountType::Oidc,
        }),
        issuer: Set(Some(identity.issuer.clone())),
        display: Set(Some(identity.display.clone())),
        linked_at: Set(Some(app.clock.now())),
        ..arriving.tokens.columns(app, provider, id)
    };
    if !account::link(tx, row).await? {
        return Ok(false);
    }
    // Whatever this person was about to do elsewhere with the same way in is over.
    upstream_arrival::forget(tx, (provider.name, &identity.subject)).await?;
    Ok(true)
}

/// Gives a way in the tokens of now, and what the person is called there now.
pub(super) async fn renew(
    app: &App,
    tx: &DatabaseTransaction,
    (provider, account): (Provider<'_>, &account::Model),
    arriving: &Arriving,
) -> Result<(), UpstreamError> {
    let row = account::ActiveModel {
        display: Set(Some(arriving.identity.display.clone())),
        issuer: Set(Some(arriving.identity.issuer.clone())),
        ..arriving.tokens.columns(app, provider, account.id)
    };
    account::renew(tx, (account.user_id, account.id), row).await?;
    Ok(())
}
