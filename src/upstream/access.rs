//! Access to what a person has at a provider: its access token, for that person and nobody else, and a
//! new one by its refresh token (RFC 6749 §6) when it is about to end.

use chrono::{DateTime, Utc};
use entity::{account, value::AccountType};
use uuid::Uuid;

use super::{Here, Provider, UpstreamError, exchange, failure::told, find, github, oidc};
use crate::{
    app::App,
    config::Kind,
    limits::{self, Limited},
    sessions::SignedIn,
};

/// A token that ends within so many seconds is as good as ended on the way.
const SPARE: i64 = 5;

/// Which of the ways in of a person is meant.
#[derive(Clone, Copy, Debug)]
pub enum Which<'a> {
    /// The id of its row.
    Row(Uuid),
    /// The name of the provider, with its subject there if the person has several.
    At(&'a str, Option<&'a str>),
}

/// What the provider gave.
#[derive(Clone)]
pub struct Access {
    pub account: account::Model,
    pub access_token: String,
    pub refresh_token: Option<String>,
    pub id_token: Option<String>,
    pub expires_at: Option<DateTime<Utc>>,
}

/// Why there is none to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAccess {
    /// There is no such way in of theirs.
    NotTheirs,
    /// The provider is not set any more.
    NoProvider,
    /// Its tokens were not kept.
    NotKept,
    /// It has ended, or is to be renewed, and there is no refresh token.
    NoRefresh,
    /// The provider does not give a new one.
    Refused,
}

/// The way in that is meant, of this person.
pub async fn find_way(
    app: &App,
    own: &SignedIn,
    which: Which<'_>,
) -> Result<Option<account::Model>, UpstreamError> {
    let ways = account::of_user(&app.db.read, own.user.id).await?;
    Ok(ways.into_iter().find(|way| match which {
        Which::Row(id) => way.id == id,
        Which::At(provider, subject) => {
            way.provider == provider
                && subject.is_none_or(|subject| way.provider_account_id == subject)
        }
    }))
}

/// The access token of now: a new one if it is about to end, or if `anew`.
pub async fn access(
    app: &App,
    own: &SignedIn,
    (which, anew): (Which<'_>, bool),
    here: Here<'_>,
) -> Result<Result<Access, NoAccess>, UpstreamError> {
    let way = find_way(app, own, which).await?;
    let Some(way) = way.filter(|way| way.account_type != AccountType::Credentials) else {
        return Ok(Err(NoAccess::NotTheirs));
    };
    let Some(provider) = find(app, &way.provider) else {
        return Ok(Err(NoAccess::NoProvider));
    };
    // What one issuer gave is not shown to another, and what is not to be kept is not given out.
    if !super::way::is_of(&way, provider.settings.issuer()) || !provider.settings.keep_tokens {
        return Ok(Err(NoAccess::NotKept));
    }
    let ended = |way: &account::Model| {
        let at = way.expires_at;
        at.is_some_and(|at| at <= app.clock.now().timestamp() + SPARE)
    };
    if !anew && !ended(&way) {
        return Ok(read(app, way));
    }
    let Some(known) = way.refresh_token.clone() else {
        return Ok(Err(match way.access_token {
            Some(_) => NoAccess::NoRefresh,
            None => NoAccess::NotKept,
        }));
    };
    let by = (&app.secrets, &app.config.limits);
    let whom = way.id.to_string();
    let limited = (Limited::RenewalByAccount, whom.as_str());
    let taken = limits::take(&app.db, by, limited, app.clock.now()).await?;
    taken.map_err(UpstreamError::TooOften)?;
    let place = (way.user_id, way.id);
    let renewed = renew(app, provider, &way).await;
    let row = match renewed {
        Ok(row) => row,
        Err(broken) => {
            // Somebody else may have been faster with the same refresh token.
            let now = find_way(app, own, Which::Row(way.id)).await?;
            if let Some(now) = now
                && now.refresh_token.as_ref() != Some(&known)
                && !ended(&now)
            {
                return Ok(read(app, now));
            }
            told(app, provider, broken, here).await?;
            return Ok(Err(NoAccess::Refused));
        }
    };
    account::refresh(&app.db.write, place, &known, row).await?;
    // Whatever the row holds now is the newest there is.
    Ok(match find_way(app, own, Which::Row(way.id)).await? {
        Some(now) => read(app, now),
        None => Err(NoAccess::NotTheirs),
    })
}

/// The columns of new tokens.
async fn renew(
    app: &App,
    provider: Provider<'_>,
    way: &account::Model,
) -> Result<account::ActiveModel, super::failure::Broken> {
    let unreadable = || super::Failure::Unavailable.because("the refresh token cannot be opened");
    let token = way.refresh_token.as_ref();
    let token = token.and_then(|token| app.sealer.open_token((way.id, "refresh_token"), token));
    let token = token.ok_or_else(unreadable)?;
    let endpoints = match provider.settings.kind {
        Kind::Google | Kind::Oidc => oidc::endpoints(app, provider).await?,
        Kind::Github => github::endpoints(provider),
    };
    let mut tokens = exchange::refresh(app, provider, &endpoints, token).await?;
    // RFC 6749 §5.1: without a word about it, it is what it was.
    tokens.scope = tokens.scope.or_else(|| way.scope.clone());
    tokens.session_state = tokens.session_state.or_else(|| way.session_state.clone());
    Ok(tokens.columns(app, provider, way.id))
}

fn read(app: &App, way: account::Model) -> Result<Access, NoAccess> {
    let token =
        |column, sealed: &Option<_>| app.sealer.open_token((way.id, column), sealed.as_ref()?);
    Ok(Access {
        access_token: token("access_token", &way.access_token).ok_or(NoAccess::NotKept)?,
        refresh_token: token("refresh_token", &way.refresh_token),
        id_token: token("id_token", &way.id_token),
        expires_at: way
            .expires_at
            .and_then(|at| DateTime::from_timestamp(at, 0)),
        account: way,
    })
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Access({})", self.account.id)
    }
}
