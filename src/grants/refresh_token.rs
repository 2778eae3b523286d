//! `refresh_token` (RFC 6749 §6): the next access token of a grant that still stands.

use chrono::TimeDelta;
use entity::{
    client, refresh_token as table, token_family,
    value::{Digest, EventKind, OFFLINE_ACCESS, Scope},
};
use poem_openapi::Object;

use super::{GrantError, person};
use crate::{
    app::App,
    crypto::secret::{Minted, SecretKind},
    events::{self, About},
    oauth::error::{ErrorCode, OauthError},
    tokens::{
        grant::{Grant, SignIn},
        issue::{self, TokenAnswer},
        resource,
        sender::Sender,
    },
};

/// A refresh token, and perhaps less scope than it has.
#[derive(Debug, Object)]
pub struct RefreshToken {
    /// The last refresh token that was answered.
    pub refresh_token: String,
    /// Less than what was granted, for this access token only.
    pub scope: Option<String>,
    /// What the access token is for, of what was granted (RFC 8707 §2.2); may be repeated.
    pub resource: Option<Vec<String>>,
}

/// For how long the same spent token gets the same successor: an answer that was lost on its way
/// is asked for again within seconds.
const WINDOW: TimeDelta = TimeDelta::seconds(10);

fn refused() -> GrantError {
    OauthError::invalid_grant("the refresh token is wrong, expired, used or revoked").into()
}

pub(super) async fn answer(
    app: &App,
    client: &client::Model,
    sender: &Sender,
    request: RefreshToken,
) -> Result<TokenAnswer, GrantError> {
    let presented = request.refresh_token.as_str();
    let digest = app
        .secrets
        .digest(SecretKind::RefreshToken, presented)
        .ok_or_else(refused)?;
    let (_, family) = table::find(&app.db.read, &digest)
        .await?
        .ok_or_else(refused)?;
    if family.client_id != client.id || !sender.holds(family.confirmation.as_ref()) {
        return Err(refused());
    }
    let user = person(&app.db.read, family.user_id).await?;
    let scope = narrowed(client, &family, request.scope.as_deref())?;
    let named = request.resource.iter().flatten();
    let granted = &family.resources.0;
    let resources = resource::of_answer(app, &app.db.read, granted, named).await??;
    let next = match client.demands().refresh_rotation {
        true => Some(rotate(app, &family, (presented, &digest), sender).await?),
        false => {
            extend(app, &family, &digest).await?;
            None
        }
    };
    let grant = Grant {
        client,
        user: &user,
        sign_in: SignIn::from(&family),
        scope: &scope,
        nonce: None,
        claims: family.claims.as_ref(),
        resources: &resources,
        confirmation: sender.confirmation.as_ref(),
        only_id_token: false,
    };
    Ok(issue::for_person(
        app,
        grant,
        family.id,
        next.map(|minted| minted.expose().to_owned()),
    )?)
}

/// RFC 6749 §6: not more than was granted; and not more than the client may have by now.
fn narrowed(
    client: &client::Model,
    family: &token_family::Model,
    asked: Option<&str>,
) -> Result<Scope, GrantError> {
    let too_much = || OauthError::new(ErrorCode::InvalidScope, "scope exceeds what was granted");
    let standing = family.scope.intersection(&client.scope);
    // OpenID Connect Core §11: without it there is no access while the person is away.
    if !standing.contains(OFFLINE_ACCESS) {
        return Err(refused());
    }
    let Some(asked) = asked.filter(|asked| !asked.is_empty()) else {
        return Ok(standing);
    };
    let asked: Scope = asked.parse().map_err(|_| too_much())?;
    if asked.is_within(&standing) {
        Ok(asked)
    } else {
        Err(too_much().into())
    }
}

/// Spends the token and adds its successor; or, if it was spent within the window, gives that same
/// successor; or, if it was spent before, ends the family, because somebody else has a copy.
async fn rotate(
    app: &App,
    family: &token_family::Model,
    (presented, digest): (&str, &Digest),
    sender: &Sender,
) -> Result<Minted, GrantError> {
    let now = app.clock.now();
    let successor = app.secrets.successor(presented);
    let tx = app.db.begin().await?;
    // A revoked family must not be moved on; asking inside the transaction sees the last word.
    let live = token_family::live(&tx, family.id, now).await?;
    if !live.is_some_and(|family| sender.holds(family.confirmation.as_ref())) {
        return Err(refused());
    }
    if table::spend(&tx, digest, now).await? {
        // RFC 9449 §5: what a public client is given for a proof needs that key from now on. Somebody
        // else may have bound it to theirs since it was looked up.
        if let Some(key) = sender
            .confirmation
            .as_ref()
            .filter(|_| family.confirmation.is_none())
            && !token_family::bind(&tx, family.id, key).await?
        {
            return Err(refused());
        }
        let expires = family
            .expires_at
            .min(now + app.config.tokens.refresh_idle());
        let next = successor.digest.clone();
        table::add(&tx, app.new_id(), family.id, next, (now, expires)).await?;
        tx.commit().await?;
        return Ok(successor);
    }
    let Some((row, _)) = table::find(&tx, digest).await? else {
        return Err(refused());
    };
    // Once the successor was used, its answer had arrived: then nobody honest asks for it again.
    let unused = table::find(&tx, &successor.digest)
        .await?
        .is_some_and(|(next, _)| next.spent_at.is_none());
    match row.spent_at {
        // Who waited for the other to finish began before it spent the token.
        Some(spent) if unused && (now - spent).abs() <= WINDOW => Ok(successor),
        Some(_) => {
            // RFC 9700 §4.14.2. Told once, by whoever ends it, however many come at once.
            if token_family::revoke(&tx, family.id, now).await? {
                let about = About::user(family.user_id).and_client(family.client_id);
                events::record(&tx, EventKind::RefreshTokenReplayed, about, now).await?;
            }
            tx.commit().await?;
            Err(refused())
        }
        None => Err(refused()),
    }
}

/// A confidential client proves itself each time, so its token is not turned; only its idle end
/// moves on.
async fn extend(
    app: &App,
    family: &token_family::Model,
    digest: &Digest,
) -> Result<(), GrantError> {
    let now = app.clock.now();
    let tx = app.db.begin().await?;
    let live = token_family::live(&tx, family.id, now).await?.is_some();
    let expires = family
        .expires_at
        .min(now + app.config.tokens.refresh_idle());
    if !live || !table::extend(&tx, digest, expires, now).await? {
        return Err(refused());
    }
    tx.commit().await?;
    Ok(())
}
