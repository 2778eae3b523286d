//! `/login`: e-mail and password, or going on with the account that is signed in.

use poem::http::{StatusCode, header};
use serde::Serialize;

use super::{
    client::ShownClient,
    door,
    forms::{FieldError, NOT_TAKEN, sentence},
    notice,
    providers::{self, Button, For},
};
use crate::{
    accounts::{AccountError, email, login},
    app::App,
    authorization::{self, Request},
    http::kit::{
        callback,
        errand::{self, Errand},
        follow::{in_flow, resume},
        page::{Page, Shown, Visit},
        page_error::{PageError, see_other},
        page_form::PageForm,
    },
    limits::TooOften,
    paths,
    sessions::{SignedIn, is_fresh},
};

pub struct Login;

/// The context of `pages/login.html`.
#[derive(Debug, Serialize)]
struct LoginPage {
    client: Option<ShownClient>,
    csrf: String,
    flow: Option<String>,
    errors: Vec<FieldError>,
    /// How long to wait, if too many passwords were wrong.
    held_up: Option<String>,
    values: Values,
    /// None where people do not make accounts by themselves.
    register_href: Option<String>,
    recover_href: String,
    /// What was done on the page before.
    notice: Option<&'static str>,
    /// The person is known and must prove it again.
    reauth: bool,
    continue_as: Option<Known>,
    /// What went wrong with a provider.
    problem: Option<String>,
    providers: Vec<Button>,
}

#[derive(Debug, Default, Serialize)]
struct Values {
    email: String,
}

#[derive(Debug, Serialize)]
struct Known {
    email: String,
    name: Option<String>,
}

/// A flow that the page is part of.
type Flow = (entity::client::Model, Request);

impl Page for Login {
    async fn show(&self, visit: Visit) -> Shown {
        let flow = visit.query.get("flow").map(str::to_owned);
        let opened = opened(&visit, flow.as_deref()).await?;
        if let Some(signed_in) = &visit.visitor.signed_in {
            let now = visit.app.clock.now();
            let proof = Errand::proof_of(&visit.app, flow.as_deref(), &visit.visitor);
            match opened.as_ref().zip(flow.as_deref()) {
                None if proof.is_some_and(|of| of != signed_in.user.id) => {
                    return Ok(see_other(paths::ACCOUNT));
                }
                None if proof.is_some() && !is_fresh(&visit.app, signed_in) => {}
                None => {
                    return Ok(flow
                        .as_deref()
                        .map_or_else(|| see_other(paths::ACCOUNT), resume));
                }
                // Signed in meanwhile, in another tab or before going back: nothing to do here.
                Some(((_, request), flow))
                    if !request.wants_fresh(signed_in, now) && !request.wants_choice(signed_in) =>
                {
                    return Ok(resume(flow));
                }
                Some(_) => {}
            }
        }
        page(visit, flow, opened, Refused::default())
    }

    async fn submit(&self, visit: Visit, form: PageForm) -> Shown {
        let flow = form.flow().map(str::to_owned);
        let opened = opened(&visit, flow.as_deref()).await?;
        if let ("continue", Some((_, request)), Some(signed_in)) =
            (form.field("action"), &opened, &visit.visitor.signed_in)
        {
            let flow = authorization::keep_account(&visit.app, request.clone(), signed_in)?;
            return Ok(resume(&flow));
        }
        let proof = Errand::proof_of(&visit.app, flow.as_deref(), &visit.visitor);
        if let (Some(of), Some(own)) = (proof, &visit.visitor.signed_in) {
            if of != own.user.id {
                return Ok(see_other(paths::ACCOUNT));
            }
            // The page cannot be used to sign in as somebody else.
            let typed = email::canonical(form.field("email")).unwrap_or_default();
            if typed != own.user.email {
                let errors = vec![FieldError {
                    field: "email",
                    message: "Only the person who is signed in can go on here.",
                }];
                let refused = Refused {
                    status: NOT_TAKEN,
                    errors,
                    ..Refused::default()
                };
                return page(visit, flow, opened, refused);
            }
        }
        let typed = (form.field("email"), form.field("password"));
        let before = visit.visitor.signed_in.as_ref();
        match login::sign_in(&visit.app, typed, before, &visit.visitor.browser).await {
            Ok((session, now)) => {
                let mut response = match &flow {
                    // What one person was about to do is not for another who signs in instead.
                    Some(_) if proof.is_some_and(|of| of != now.user.id) => {
                        see_other(paths::ACCOUNT)
                    }
                    Some(flow) => resume(flow),
                    None => see_other(paths::ACCOUNT),
                };
                visit
                    .visitor
                    .welcome(&visit.app, &mut response, &session, true);
                Ok(response)
            }
            Err(AccountError::NotProven(user_id)) => {
                door::stop_at_the_door(&visit, user_id, flow.as_deref()).await
            }
            // The password was right, so nobody else learns of it.
            Err(AccountError::Leaving(user_id)) => {
                let keep = Errand::Keep { user_id, flow };
                let keep = keep.seal(&visit.app, &visit.visitor)?;
                Ok(see_other(&in_flow(paths::KEEP_ACCOUNT, &keep)))
            }
            Err(error) => {
                let email = form.field("email").to_owned();
                page(visit, flow, opened, Refused::of(error, email)?)
            }
        }
    }
}

/// What the page says about a form that was not taken; by default there was none.
#[derive(Default)]
struct Refused {
    status: StatusCode,
    /// As typed.
    email: Option<String>,
    errors: Vec<FieldError>,
    held_up: Option<TooOften>,
}

impl Refused {
    fn of(error: AccountError, email: String) -> Result<Self, PageError> {
        let email = Some(email);
        Ok(match error {
            AccountError::TooOften(often) => Self {
                status: StatusCode::TOO_MANY_REQUESTS,
                email,
                errors: vec![],
                held_up: Some(often),
            },
            error => Self {
                status: NOT_TAKEN,
                email,
                errors: vec![sentence(error, "password")?],
                held_up: None,
            },
        })
    }
}

/// The flow of this browser that the page belongs to, if it belongs to one.
pub(super) async fn opened(visit: &Visit, flow: Option<&str>) -> Result<Option<Flow>, PageError> {
    // An errand has no client; its own page opens it.
    let Some(flow) = flow.filter(|flow| errand::page_of(flow).is_none()) else {
        return Ok(None);
    };
    let opened = authorization::open(&visit.app, flow, &visit.visitor.digest).await?;
    let (client, request) = opened.map_err(|_| PageError::StaleFlow)?;
    let signed_in = visit.visitor.signed_in.as_ref();
    Ok(Some((client, request.recognising(&visit.app, signed_in))))
}

fn page(visit: Visit, flow: Option<String>, opened: Option<Flow>, refused: Refused) -> Shown {
    let signed_in = visit.visitor.signed_in.as_ref();
    let request = opened.as_ref().map(|(_, request)| request);
    let proof = Errand::proof_of(&visit.app, flow.as_deref(), &visit.visitor);
    let proves = signed_in.is_some_and(|own| proof == Some(own.user.id));
    let reauth = proves || is_reauth(&visit.app, request, signed_in);
    let choice = request
        .zip(signed_in)
        .filter(|(request, own)| !reauth && request.wants_choice(own));
    let fixed = signed_in
        .filter(|_| reauth)
        .map(|own| own.user.email.clone());
    let hinted = request.and_then(|request| request.login_hint.clone());
    let context = LoginPage {
        client: opened
            .as_ref()
            .map(|(client, request)| ShownClient::of(client, request)),
        csrf: visit.csrf(flow.as_deref()),
        errors: refused.errors,
        held_up: refused.held_up.map(TooOften::in_words),
        values: Values {
            email: fixed.or(refused.email).or(hinted).unwrap_or_default(),
        },
        register_href: visit.app.config.accounts.sign_up.then(|| {
            flow.as_deref().map_or_else(
                || paths::REGISTER.to_owned(),
                |flow| in_flow(paths::REGISTER, flow),
            )
        }),
        recover_href: flow.as_deref().map_or_else(
            || paths::RECOVER.to_owned(),
            |flow| in_flow(paths::RECOVER, flow),
        ),
        notice: visit.query.get("done").and_then(notice::sentence),
        reauth,
        continue_as: choice.map(|(_, own)| Known {
            email: own.user.email.clone(),
            name: own.user.name.clone(),
        }),
        problem: providers::problem(&visit),
        providers: providers::buttons(&visit, For::SignIn),
        flow,
    };
    let visit = match &opened {
        Some((_, request)) => visit.may_return_to(&request.redirect_uri),
        None => visit,
    };
    let visit = callback::lets_flow_on(visit, context.flow.as_deref());
    let origins = providers::origins(&visit, For::SignIn);
    let visit = visit.may_go_to(&origins);
    let mut response = visit.render(refused.status, "pages/login.html", &context)?;
    if let Some(often) = refused.held_up {
        let headers = response.headers_mut();
        headers.insert(header::RETRY_AFTER, often.retry_after.into());
    }
    Ok(response)
}

/// Whether it is the person who is signed in that must prove it again; if the relying party expects
/// somebody else, anybody may sign in.
fn is_reauth(app: &App, request: Option<&Request>, signed_in: Option<&SignedIn>) -> bool {
    let (Some(request), Some(signed_in)) = (request, signed_in) else {
        return false;
    };
    request.wants_fresh(signed_in, app.clock.now())
        && !request.prompt.create
        && !request.expects_somebody_else(signed_in)
}
