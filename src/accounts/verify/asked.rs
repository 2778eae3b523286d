//! Asking for the letter again without being signed in.

use entity::{
    outbox, user,
    verification_token::{self, Whose},
};
use uuid::Uuid;

use super::{KIND, LIFE};
use crate::{
    accounts::{
        AccountError, email, guard,
        mailed::{self, Mailing, words},
    },
    app::App,
    mail::letters::Message,
    sessions::Browser,
};

/// Writes the letter to the owner of an address, if there is one who has not proven it. Who asks
/// learns nothing, neither from the answer nor from how long it takes: for an address without such an
/// account the same is written in the same transaction and taken back before it ends.
pub async fn ask(
    app: &App,
    (typed, callback): (&str, Option<&str>),
    browser: &Browser,
) -> Result<(), AccountError> {
    let address = email::canonical(typed)?;
    guard::letter(app, (KIND, &address), browser).await?;
    let tx = app.db.begin().await?;
    let found = user::by_email_held(&tx, &address).await?;
    let reader = found.filter(|user| user.disabled_at.is_none() && user.email_verified.is_none());
    let nobody = Whose::Newcomer {
        identifier: &address,
        visitor: "",
    };
    let whose = reader.as_ref().map_or(nobody, |user| Whose::User(user.id));
    // What somebody began at the door goes on with the new letter, whoever asked for it.
    let begun = verification_token::pending(&tx, KIND, whose, app.clock.now()).await?;
    let (visitor, flow, payload) = begun.map_or((None, None, None), |row| {
        (row.visitor, row.flow, row.payload)
    });
    let begun_in = Browser {
        device: visitor.or_else(|| browser.device.clone()),
        ..browser.clone()
    };
    let mailing = Mailing {
        kind: KIND,
        whose,
        to: &address,
        life: LIFE,
        with_code: true,
        flow: flow.as_deref(),
        payload,
    };
    let mailed = mailed::mint(app, &tx, mailing, &begun_in).await?;
    let message = Message::VerifyEmail {
        link: mailed.proving_link(app, callback),
        code: mailed.code.clone().unwrap_or_default(),
        expires: words(mailed.expires),
    };
    let envelope = mailed::envelope(app, &address, browser);
    let letter = mailed::post(app, &tx, (&envelope, &message), mailed.expires).await?;
    // One way for both, so that neither has a statement more than the other.
    verification_token::forget_nobodys(&tx, KIND, &address).await?;
    outbox::take_back(&tx, reader.map_or(letter, |_| Uuid::nil())).await?;
    tx.commit().await?;
    Ok(())
}
