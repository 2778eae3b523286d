//! `/register`: e-mail address, password and, for those who like, a name, all on one page.

use poem::http::StatusCode;
use serde::Serialize;

use super::{
    client::ShownClient,
    forms::{FieldError, NOT_TAKEN, sentence},
    login::opened,
    providers::{self, Button, For},
};
use crate::{
    accounts::{
        self, AccountError, email, password,
        register::{self, Typed},
    },
    http::kit::{
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

/// What was typed, without the password: that is never sent back.
#[derive(Debug, Default, Serialize)]
struct Values {
    email: String,
    name: String,
}

impl Page for Register {
    async fn show(&self, visit: Visit) -> Shown {
        let flow = visit.query.get("flow").map(str::to_owned);
        if flow.is_none() && visit.visitor.signed_in.is_some() {
            return Ok(see_other(paths::ACCOUNT));
        }
        page(visit, flow, Values::default(), vec![]).await
    }

    async fn submit(&self, visit: Visit, form: PageForm) -> Shown {
        let flow = form.flow().map(str::to_owned);
        // A flow that leads nowhere must not end in an account that nobody asked for.
        opened(&visit, flow.as_deref()).await?;
        let typed = Typed {
            email: form.field("email"),
            password: form.field("password"),
            name: form.field("name"),
        };
        let wrong = match wrong(typed) {
            none if none.is_empty() => {
                let before = visit.visitor.signed_in.as_ref();
                match register::register(&visit.app, typed, before, &visit.visitor.browser).await {
                    Ok((session, _)) => {
                        let mut response = match &flow {
                            Some(flow) => resume(flow),
                            None => see_other(paths::ACCOUNT),
                        };
                        visit
                            .visitor
                            .welcome(&visit.app, &mut response, &session, true);
                        return Ok(response);
                    }
                    Err(error) => vec![error],
                }
            }
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
        login_href: flow.as_deref().map_or_else(
            || paths::LOGIN.to_owned(),
            |flow| in_flow(paths::LOGIN, flow),
        ),
        providers: providers::buttons(&visit, For::SignUp),
        flow,
    };
    let visit = match &opened {
        Some((_, request)) => visit.may_return_to(&request.redirect_uri),
        None => visit,
    };
    let origins = providers::origins(&visit, For::SignUp);
    let visit = visit.may_go_to(&origins);
    visit.render(status, "pages/register.html", &context)
}
