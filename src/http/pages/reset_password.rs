//! `/reset-password`: where the link in a letter leads. Opening it changes nothing, because mail
//! scanners open links too; the form sets a new password, once.

use poem::http::StatusCode;
use serde::Serialize;

use super::{
    forms::{FieldError, NOT_TAKEN, sentence},
    notice::Notice,
    recover::still_open,
};
use crate::{
    accounts::recover::{self, Recovered},
    http::kit::{
        follow::in_flow,
        page::{Page, Shown, Visit},
        page_form::PageForm,
    },
    paths,
};

pub struct ResetPassword;

/// The context of `pages/reset_password.html`.
#[derive(Debug, Default, Serialize)]
struct ResetPage<'a> {
    csrf: String,
    state: State,
    /// For the form, so that it is in no address to which the form is sent.
    token: &'a str,
    /// Whose password it is; for password managers, and nobody reads it back.
    email: String,
    errors: Vec<FieldError>,
    logout_href: String,
}

#[derive(Clone, Copy, Debug, Default, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Ask,
    /// It is done, in a browser in which somebody else is signed in.
    Other,
    #[default]
    Dead,
}

impl Page for ResetPassword {
    async fn show(&self, visit: Visit) -> Shown {
        let token = visit.query.get("token").unwrap_or_default();
        ask(&visit, token, vec![]).await
    }

    async fn submit(&self, visit: Visit, form: PageForm) -> Shown {
        let token = form.field("token");
        let typed = (token, form.field("new_password"));
        match recover::reset(&visit.app, typed, &visit.visitor.browser).await {
            Ok(Some(recovered)) => done(&visit, recovered).await,
            Ok(None) => dead(&visit),
            Err(error) => ask(&visit, token, vec![sentence(error, "new-password")?]).await,
        }
    }
}

async fn ask(visit: &Visit, token: &str, errors: Vec<FieldError>) -> Shown {
    let Some(user) = recover::peek(&visit.app, token).await? else {
        return dead(visit);
    };
    let status = match errors.is_empty() {
        true => StatusCode::OK,
        false => NOT_TAKEN,
    };
    let context = ResetPage {
        state: State::Ask,
        token,
        email: user.email,
        errors,
        ..ResetPage::default()
    };
    page(visit, status, context)
}

fn dead(visit: &Visit) -> Shown {
    page(visit, StatusCode::GONE, ResetPage::default())
}

/// Nobody is signed in by a letter alone: the new password is the way, and it is shown to work. In
/// the browser that asked for the letter, what it was about to do goes on.
async fn done(visit: &Visit, recovered: Recovered) -> Shown {
    let flow = still_open(visit, recovered.flow.as_deref()).await?;
    let signed_in = visit.visitor.signed_in.as_ref();
    if signed_in.is_none_or(|own| own.user.id == recovered.user_id) {
        return Ok(Notice::PasswordChanged.told(flow.as_deref()));
    }
    let context = ResetPage {
        state: State::Other,
        logout_href: flow.map_or_else(
            || paths::LOGOUT.to_owned(),
            |flow| in_flow(paths::LOGOUT, &flow),
        ),
        ..ResetPage::default()
    };
    page(visit, StatusCode::OK, context)
}

fn page(visit: &Visit, status: StatusCode, context: ResetPage<'_>) -> Shown {
    let context = ResetPage {
        csrf: visit.csrf(None),
        ..context
    };
    visit.render(status, "pages/reset_password.html", &context)
}
