//! `/register`: e-mail address, password and, for those who like, a name, all on one page.

pub mod confirm;

use poem::{Response, http::StatusCode};
use serde::Serialize;

use super::{
    client::ShownClient,
    forms::{FieldError, NOT_TAKEN, sentence},
    login::opened,
    providers::{self, Button, For},
};
use crate::{
    accounts::{
        self, AccountError, email, newcomer, password,
        register::{self, Typed},
    },
    http::kit::{
        callback,
        errand::{self, Errand},
        follow::{in_flow, resume},
        page::{Page, Shown, Visit},
        page_error::{PageError, see_other},
        page_form::PageForm,
    },
    paths,
};

pub struct Register;

/// The context of `pages/register.html`.
#[derive(Debug, Serialize)]
struct RegisterPage {
    client: Option<ShownClient>,
    csrf: String,
    flow: Option<String>,
    errors: Vec<FieldError>,
    values: Values,
    login_href: String,
    providers: Vec<Button>,
}

/// The context of `pages/register_closed.html`.
#[derive(Debug, Serialize)]
struct ClosedPage {
    login_href: String,
}

/// What was typed, without the password: that is never sent back.
#[derive(Debug, Default, Serialize)]
struct Values {
    email: String,
    name: String,
}

impl Page for Register {
    async fn show(&self, visit: Visit) -> Shown {
        let flow = visit.query.get("flow").map(str::to_owned);
        if !visit.app.config.accounts.sign_up {
            return closed(&visit, flow.as_deref());
        }
        if flow.is_none() && visit.visitor.signed_in.is_some() {
            return Ok(see_other(paths::ACCOUNT));
        }
        page(visit, flow, Values::default(), vec![]).await
    }

    async fn submit(&self, visit: Visit, form: PageForm) -> Shown {
        let flow = form.flow().map(str::to_owned);
        if !visit.app.config.accounts.sign_up {
            return closed(&visit, flow.as_deref());
        }
        // A flow that leads nowhere must not end in an account that nobody asked for.
        opened(&visit, flow.as_deref()).await?;
        let typed = Typed {
            email: form.field("email"),
            password: form.field("password"),
            name: form.field("name"),
            ..Typed::default()
        };
        let wrong = match wrong(typed) {
            none if none.is_empty() => match sign_up(&visit, typed, flow.as_deref()).await? {
                Ok(response) => return Ok(response),
                Err(error) => vec![error],
            },
            some => some,
        };
        let errors = wrong.into_iter().map(|error| sentence(error, "password"));
        let errors = errors.collect::<Result<_, PageError>>()?;
        let values = Values {
            email: typed.email.to_owned(),
            name: typed.name.to_owned(),
        };
        page(visit, flow, values, errors).await
    }
}

/// Signs up, and leads to what comes next: the way on, or the page that waits for the code of a letter.
/// That page is the same whoever has the address.
async fn sign_up(
    visit: &Visit,
    typed: Typed<'_>,
    flow: Option<&str>,
) -> Result<Result<Response, AccountError>, PageError> {
    let (app, browser) = (&visit.app, &visit.visitor.browser);
    if app.config.accounts.verified_email_only {
        let flow = errand::kept(flow, app, &visit.visitor);
        let (id, email) = match newcomer::begin(app, typed, flow, browser).await {
            Ok(begun) => (begun.id, begun.email),
            Err(error) => return Ok(Err(error)),
        };
        let errand = Errand::SignUp { id, email }.seal(app, &visit.visitor)?;
        let mut response = see_other(&in_flow(paths::CONFIRM_SIGN_UP, &errand));
        visit.visitor.await_letter(app, &mut response);
        return Ok(Ok(response));
    }
    let before = visit.visitor.signed_in.as_ref();
    let session = match register::register(app, typed, before, browser).await {
        Ok((session, _)) => session,
        Err(error) => return Ok(Err(error)),
    };
    let mut response = match flow {
        Some(flow) => resume(flow),
        None => see_other(paths::ACCOUNT),
    };
    visit.visitor.welcome(app, &mut response, &session, true);
    Ok(Ok(response))
}

/// What there is to see where the operator alone makes accounts.
fn closed(visit: &Visit, flow: Option<&str>) -> Shown {
    let context = ClosedPage {
        login_href: login_href(flow),
    };
    visit.render(
        StatusCode::FORBIDDEN,
        "pages/register_closed.html",
        &context,
    )
}

fn login_href(flow: Option<&str>) -> String {
    flow.map_or_else(
        || paths::LOGIN.to_owned(),
        |flow| in_flow(paths::LOGIN, flow),
    )
}

/// Everything that can be seen to be wrong with the form at once, so that it can be put right in one
/// go; the room that registers stops at the first, and judges the password's strength.
fn wrong(typed: Typed<'_>) -> Vec<AccountError> {
    let name = accounts::name(typed.name).err();
    let address = email::canonical(typed.email).err();
    let password = password::of_length(typed.password).err();
    [name, address, password].into_iter().flatten().collect()
}

async fn page(
    visit: Visit,
    flow: Option<String>,
    values: Values,
    errors: Vec<FieldError>,
) -> Shown {
    let opened = opened(&visit, flow.as_deref()).await?;
    let status = match errors.is_empty() {
        true => StatusCode::OK,
        false => NOT_TAKEN,
    };
    let context = RegisterPage {
        client: opened
            .as_ref()
            .map(|(client, request)| ShownClient::of(client, request)),
        csrf: visit.csrf(flow.as_deref()),
        errors,
        values,
        login_href: login_href(flow.as_deref()),
        providers: providers::buttons(&visit, For::SignUp),
        flow,
    };
    let visit = match &opened {
        Some((_, request)) => visit.may_return_to(&request.redirect_uri),
        None => visit,
    };
    let visit = callback::lets_flow_on(visit, context.flow.as_deref());
    let origins = providers::origins(&visit, For::SignUp);
    let visit = visit.may_go_to(&origins);
    visit.render(status, "pages/register.html", &context)
}
