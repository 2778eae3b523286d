//! The way to a provider and back: what is remembered of somebody who was sent there, and who may come
//! back with it. One row, one browser, one provider, once, within ten minutes.

use std::time::Duration;

use chrono::TimeDelta;
use entity::{upstream_flow, value::Intent};
use sea_orm::{DbErr, Set};
use uuid::Uuid;

use super::{
    Came, Failure, Here, Identity, Provider, UpstreamError,
    arrival::Arriving,
    asked::{Asked, Back},
    exchange::quoted,
    failure::{Broken, told},
    github,
    link::Whose,
    oidc, settle,
    tokens::Tokens,
};
use crate::{
    app::App,
    config::Kind,
    crypto::{
        seal::Purpose,
        secret::{SecretKind, random_id},
    },
    limits::{self, Limited, TooOften},
    sessions,
};

/// How long somebody may take there.
const LIFE: TimeDelta = TimeDelta::minutes(10);

/// How long a provider may take for everything that it is asked about somebody who comes back.
const PATIENCE: Duration = Duration::from_secs(5);

/// What somebody is about to do.
#[derive(Debug)]
pub struct Begin<'a> {
    pub intent: Intent,
    /// The sealed flow of this browser, to go on with afterwards.
    pub flow: Option<&'a str>,
}

/// The parameters with which somebody comes back. There are no others (RFC 6749 §4.1.2).
#[derive(Clone, Copy, Debug)]
pub struct Returned<'a> {
    pub code: Option<&'a str>,
    pub state: Option<&'a str>,
    pub iss: Option<&'a str>,
    pub error: Option<&'a str>,
}

/// Where to send this browser, which from now on may come back; or why not.
pub async fn begin(
    app: &App,
    provider: Provider<'_>,
    begin: Begin<'_>,
    here: Here<'_>,
) -> Result<Result<String, Failure>, UpstreamError> {
    let now = app.clock.now();
    count(app, here).await?.map_err(UpstreamError::TooOften)?;
    let settings = provider.settings;
    let owner = match begin.intent {
        Intent::SignIn if !settings.sign_in => return Ok(Err(Failure::NoSignIn)),
        Intent::SignIn => None,
        Intent::Link if !settings.link => return Ok(Err(Failure::NoLink)),
        Intent::Link => match here.signed_in {
            Some(own) if sessions::is_fresh(app, own) => Some(own),
            _ => return Ok(Err(Failure::NotFresh)),
        },
    };
    let state = app.secrets.mint(SecretKind::UpstreamState);
    let (nonce, verifier) = (random_id::<32>(), random_id::<32>());
    // Whoever is signed in and comes here to sign in must prove again who they are.
    let fresh = begin.intent == Intent::SignIn && here.signed_in.is_some();
    let asked = Asked {
        state: state.expose(),
        nonce: &nonce,
        verifier: &verifier,
        fresh,
    };
    let url = match settings.kind {
        Kind::Google | Kind::Oidc => oidc::begin(app, provider, &asked).await,
        Kind::Github => github::begin(app, provider, &asked),
    };
    let url = match url {
        Ok(url) => url,
        Err(broken) => return Ok(Err(told(app, provider, broken, here).await?)),
    };
    let id = app.new_id();
    let row = upstream_flow::ActiveModel {
        id: Set(id),
        state: Set(state.digest.clone()),
        provider: Set(provider.name.to_owned()),
        visitor: Set(here.visitor.to_owned()),
        intent: Set(begin.intent),
        user_id: Set(owner.map(|own| own.user.id)),
        session_id: Set(owner.map(|own| own.session.id)),
        nonce: Set(nonce.clone()),
        verifier: Set(app
            .sealer
            .seal(Purpose::UpstreamFlow, &place(id), verifier.as_bytes())),
        fresh: Set(fresh),
        flow: Set(begin.flow.map(str::to_owned)),
        created_at: Set(now),
        expires_at: Set(now + LIFE),
    };
    upstream_flow::add(&app.db.write, row).await?;
    Ok(Ok(url))
}

/// Takes in somebody who comes back. The row is used up first, whatever came along.
pub async fn come_back(
    app: &App,
    provider: Provider<'_>,
    returned: Returned<'_>,
    here: Here<'_>,
) -> Result<Came, UpstreamError> {
    let state = returned.state.unwrap_or_default();
    let state = app.secrets.digest(SecretKind::UpstreamState, state);
    let row = match state {
        Some(state) => {
            let whose = (provider.name, here.visitor);
            upstream_flow::take(&app.db.write, &state, whose, app.clock.now()).await?
        }
        None => None,
    };
    let Some(row) = row else {
        // Anybody can come by with anything, and each note of it is a row.
        if count(app, here).await?.is_ok() {
            let broken = Failure::NotBelieved.because("no such flow of this browser");
            told(app, provider, broken, here).await?;
        }
        return Ok(Came::Unknown);
    };
    let (intent, flow) = (row.intent, row.flow.clone());
    let whose = match whose(&row, here) {
        Ok(whose) => whose,
        Err(why) => return Ok(Came::Failed { why, intent, flow }),
    };
    let known = tokio::time::timeout(PATIENCE, identify(app, provider, returned, row)).await;
    let known = known.unwrap_or_else(|_| Err(Failure::Unavailable.because("it takes too long")));
    match known {
        Ok((identity, tokens)) => {
            let arriving = Arriving {
                identity,
                tokens,
                whose,
                flow,
            };
            settle::settle(app, provider, arriving, here).await
        }
        Err(broken) => {
            let why = told(app, provider, broken, here).await?;
            Ok(Came::Failed { why, intent, flow })
        }
    }
}

/// Counts a row that somebody makes from where they are; not in development mode, where everybody is
/// one and the same.
async fn count(app: &App, here: Here<'_>) -> Result<Result<(), TooOften>, DbErr> {
    if app.config.development {
        return Ok(Ok(()));
    }
    let by = (&app.secrets, &app.config.limits);
    let limited = (Limited::UpstreamByAddress, here.browser.ip.as_deref());
    limits::take_from(&app.db, by, limited, app.clock.now()).await
}

/// For whom somebody comes back. Whoever said that their account is to be linked must still be signed
/// in, in the same session.
fn whose(row: &upstream_flow::Model, here: Here<'_>) -> Result<Whose, Failure> {
    let session = (row.user_id, row.session_id);
    match (row.intent, here.signed_in) {
        (Intent::SignIn, _) => Ok(Whose::Anybodys),
        (Intent::Link, Some(own)) if session == (Some(own.user.id), Some(own.session.id)) => {
            Ok(Whose::Owners(own.user.id))
        }
        (Intent::Link, _) => Err(Failure::NotFresh),
    }
}

async fn identify(
    app: &App,
    provider: Provider<'_>,
    returned: Returned<'_>,
    row: upstream_flow::Model,
) -> Result<(Identity, Tokens), Broken> {
    if let Some(error) = returned.error {
        return Err(match error {
            "access_denied" | "consent_required" | "login_required" | "interaction_required" => {
                Failure::Cancelled.because(error)
            }
            "temporarily_unavailable" | "server_error" => Failure::Unavailable.because(error),
            other => Failure::NotBelieved.because(format!("error {}", quoted(other))),
        });
    }
    let code = returned.code.filter(|code| !code.is_empty());
    let code = code.ok_or_else(|| Failure::NotBelieved.because("there is no code"))?;
    let sealed = app
        .sealer
        .open(Purpose::UpstreamFlow, &place(row.id), &row.verifier);
    let verifier = sealed.ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let back = Back {
        code,
        iss: returned.iss,
        nonce: &row.nonce,
        verifier: verifier.ok_or_else(|| Failure::NotBelieved.because("the verifier is lost"))?,
        fresh: row.fresh,
        began: row.created_at,
    };
    match provider.settings.kind {
        Kind::Google | Kind::Oidc => oidc::identify(app, provider, back).await,
        Kind::Github => github::identify(app, provider, back).await,
    }
}

fn place(id: Uuid) -> String {
    format!("upstream_flow|verifier|{id}")
}
