//! Authorization requests from the first look to the answer. One dispatcher decides what happens
//! next; the steps (sign in, choose, consent) return to it and never call one another.

mod asked_claims;
mod checks;
mod consent;
mod interaction;
mod push;
mod pushed;
mod request;
mod request_object;
mod response;
mod return_to;
mod source;

use entity::{client, pushed_request, session::SignedIn, value::EventKind};
use sea_orm::DbErr;

pub use checks::Checks;
pub use consent::{Ask, ask};
pub use push::{PushError, push};
pub use pushed::Pushed;
pub use request::{LIFE, Parameters, Request};
pub use response::CONSTANTS_SEEN;
pub use return_to::{Answer, FormPost, ReturnTo, refuse};

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
use response::Outcome;

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
    /// To the page that makes an account, with this sealed flow.
    SignUp(String),
    /// To the consent page with this sealed flow.
    Consent(String),
    /// Back to the relying party.
    Return(Answer),
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
        // Also to a client that registered itself, and also if nobody is signed in, although that
        // makes this a way from here to anywhere (RFC 9700 §4.11.2): the tests of the OpenID
        // Foundation demand their answers of exactly such clients.
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
    let now = app.clock.now();
    let about = About::by(signed_in).and_client(client.id);
    let tx = app.db.begin().await?;
    if let Some(pushed) = request.pushed
        && !pushed_request::consume(&tx, pushed, now).await?
    {
        return Ok(Next::Show(spent()));
    }
    events::record(&tx, EventKind::ConsentDenied, about, now).await?;
    tx.commit().await?;
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
    let request = &request.clone().recognising(app, signed_in);
    Ok(
        match interaction::next(request, signed_in, consented, now) {
            Step::SignIn => Next::SignIn(flow()?),
            Step::SignUp => Next::SignUp(flow()?),
            Step::Consent => Next::Consent(flow()?),
            Step::Refuse(error) => Next::Return(refuse(app, &request.return_to(), &error)),
            Step::Answer(signed_in) => {
                match response::answer(app, client, request, signed_in).await? {
                    Outcome::Answered(answer) => Next::Return(answer),
                    Outcome::Spent => Next::Show(spent()),
                    // As if there had been no session.
                    Outcome::SessionEnded => match interaction::next(request, None, consented, now)
                    {
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

/// A pushed request is answered once (RFC 9126 §4). Shown, because whoever comes second may be
/// anybody.
fn spent() -> OauthError {
    OauthError::new(
        ErrorCode::InvalidRequestUri,
        "this request was answered before; go back to the application and begin again",
    )
}
