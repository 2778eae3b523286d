//! Authorization requests from the first look to the answer. One dispatcher decides what happens
//! next; the steps (sign in, choose, consent) return to it and never call one another.

mod checks;
mod consent;
mod interaction;
mod request;
mod response;

use entity::{client, session::SignedIn, value::EventKind};
use sea_orm::DbErr;

pub use checks::Checks;
pub use consent::{Ask, ask};
pub use request::{Parameters, Request};
pub use response::{CONSTANTS_SEEN, ReturnTo, refuse};

use crate::{
    app::App,
    crypto::seal::Purpose,
    events::{self, About},
    oauth::{
        error::{ErrorCode, OauthError},
        params::Params,
    },
};
use interaction::{Consented, Step};

/// The two ways to stop (RFC 6749 §4.1.2.1): before the redirect URI is proven there is nowhere to
/// send an error, so it can only be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    Show(OauthError),
    Answer(ReturnTo, OauthError),
}

/// What the browser does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// To the sign-in page with this sealed flow.
    SignIn(String),
    /// To the consent page with this sealed flow.
    Consent(String),
    /// Back to the relying party, to this URL.
    Return(String),
    /// An error that cannot be sent anywhere.
    Show(OauthError),
}

/// Starts: checks a request and decides what is next. `visitor` binds the flow to this browser.
pub async fn start(
    app: &App,
    params: &Params,
    visitor: &str,
    signed_in: Option<&SignedIn>,
) -> anyhow::Result<Next> {
    match Checks::run(app, params, visitor).await? {
        Ok((client, request)) => proceed(app, &client, &request, signed_in).await,
        Err(Stop::Show(error)) => Ok(Next::Show(error)),
        Err(Stop::Answer(to, error)) => Ok(Next::Return(refuse(app, &to, &error))),
    }
}

/// Opens a sealed flow of this browser, and sees whether its client may still have an answer.
pub async fn open(
    app: &App,
    flow: &str,
    visitor: &str,
) -> anyhow::Result<Result<(client::Model, Request), OauthError>> {
    let stale = || OauthError::invalid_request("this sign-in has expired or began elsewhere");
    let Ok(request) = app.sealer.unwrap::<Request>(Purpose::Flow, flow) else {
        return Ok(Err(stale()));
    };
    if !request.belongs_to(visitor) || request.is_stale(app.clock.now()) {
        return Ok(Err(stale()));
    }
    // What was proven when the flow was sealed may have been taken back since.
    match client::enabled(&app.db.read, &request.client_id).await? {
        Some(client) if request.still_fits(&client) => Ok(Ok((client, request))),
        _ => Ok(Err(stale())),
    }
}

/// Resumes: decides what is next for a flow, after whatever the person did.
pub async fn proceed(
    app: &App,
    client: &client::Model,
    request: &Request,
    signed_in: Option<&SignedIn>,
) -> anyhow::Result<Next> {
    let consented = consent::consented(app, client, request, signed_in).await?;
    step(app, client, request, signed_in, consented).await
}

/// The person pressed the button that keeps the account they are signed in with.
pub fn keep_account(app: &App, request: Request, signed_in: &SignedIn) -> anyhow::Result<String> {
    Ok(app
        .sealer
        .wrap(Purpose::Flow, &request.with_account(signed_in.session.id))?)
}

/// The person allowed the client.
pub async fn approve(
    app: &App,
    client: &client::Model,
    request: &Request,
    signed_in: &SignedIn,
) -> anyhow::Result<Next> {
    // Everything but consent must stand by now; if it does not, the dispatcher says what is missing.
    step(app, client, request, Some(signed_in), Consented::Now).await
}

/// The person refused the client.
pub async fn deny(
    app: &App,
    client: &client::Model,
    request: &Request,
    signed_in: &SignedIn,
) -> Result<Next, DbErr> {
    let about = About::user(signed_in.user.id).and_client(client.id);
    events::record(
        &app.db.write,
        EventKind::ConsentDenied,
        about,
        app.clock.now(),
    )
    .await?;
    let error = OauthError::new(ErrorCode::AccessDenied, "the person refused");
    Ok(Next::Return(refuse(app, &request.return_to(), &error)))
}

async fn step(
    app: &App,
    client: &client::Model,
    request: &Request,
    signed_in: Option<&SignedIn>,
    consented: Consented,
) -> anyhow::Result<Next> {
    let flow = || app.sealer.wrap(Purpose::Flow, request);
    let now = app.clock.now();
    Ok(
        match interaction::next(request, signed_in, consented, now) {
            Step::SignIn => Next::SignIn(flow()?),
            Step::Consent => Next::Consent(flow()?),
            Step::Refuse(error) => Next::Return(refuse(app, &request.return_to(), &error)),
            Step::Answer(signed_in) => {
                match response::answer(app, client, request, signed_in).await? {
                    Some(url) => Next::Return(url),
                    // The session ended a moment ago: as if there had been none.
                    None => match interaction::next(request, None, consented, now) {
                        Step::Refuse(error) => {
                            Next::Return(refuse(app, &request.return_to(), &error))
                        }
                        _ => Next::SignIn(flow()?),
                    },
                }
            }
        },
    )
}
