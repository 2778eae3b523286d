//! `/account`: what a person sees of their own, with the forms that change it; one file per form.

pub mod apps;
mod done;
pub mod linked;
pub mod password;
pub mod profile;
pub mod sessions;
pub mod verify_email;

use entity::{client, consent, session, user};
use poem::http::StatusCode;
use serde::Serialize;

use super::{
    forms::{FieldError, NOT_TAKEN},
    scopes::title,
    words,
};
use crate::{
    accounts,
    http::kit::{
        errand::Errand,
        headers::may_show_pictures,
        page::{Page, Shown, Visit},
        page_error::{PageError, see_other},
    },
    sessions::{SignedIn, browser},
};

pub struct Account;

/// The context of `pages/account.html`.
#[derive(Debug, Serialize)]
struct AccountPage {
    csrf: String,
    user: Person,
    errors: Vec<FieldError>,
    values: Values,
    notice: Option<&'static str>,
    sessions: Vec<OpenSession>,
    apps: Vec<AllowedApp>,
    has_password: bool,
}

#[derive(Debug, Serialize)]
struct Person {
    email: String,
    email_verified: bool,
    name: Option<String>,
    picture: Option<String>,
    since: String,
}

#[derive(Debug, Serialize)]
struct Values {
    name: String,
}

/// A browser that is signed in.
#[derive(Debug, Serialize)]
struct OpenSession {
    id: String,
    browser: String,
    ip: String,
    signed_in_at: String,
    last_seen: String,
    current: bool,
}

/// An application that the person allowed.
#[derive(Debug, Serialize)]
struct AllowedApp {
    client_id: String,
    name: String,
    scopes: Vec<String>,
    /// The resources of others at which it may use them.
    resources: Vec<String>,
    since: String,
}

/// What the page says besides what the account is.
#[derive(Debug, Default)]
struct Said {
    notice: Option<&'static str>,
    errors: Vec<FieldError>,
    /// The name as it was typed, where it was not taken.
    name: Option<String>,
}

impl Page for Account {
    async fn show(&self, visit: Visit) -> Shown {
        if let Some(flow) = visit.query.get("flow")
            && visit.visitor.signed_in.is_some()
            && let Some(errand) = Errand::open(&visit.app, flow, &visit.visitor)
            && let Some(page) = errand.account_page()
        {
            return Ok(see_other(page));
        }
        let said = Said {
            notice: visit.query.get("done").and_then(done::sentence),
            ..Said::default()
        };
        page(&visit, said).await
    }
}

/// Who is signed in; somebody has to be.
fn own(visit: &Visit) -> Result<&SignedIn, PageError> {
    visit.visitor.signed_in.as_ref().ok_or(PageError::SignIn)
}

async fn page(visit: &Visit, said: Said) -> Shown {
    let SignedIn { session, user } = own(visit)?;
    let app = &visit.app;
    let open = session::of_user(&app.db.read, user.id, app.clock.now()).await?;
    let mut sessions: Vec<_> = open
        .into_iter()
        .map(|open| OpenSession::of(open, session))
        .collect();
    sessions.sort_by_key(|open| !open.current);
    let apps = accounts::profile::apps(app, user.id).await?;
    let status = match said.errors.is_empty() {
        true => StatusCode::OK,
        false => NOT_TAKEN,
    };
    let context = AccountPage {
        csrf: visit.csrf(None),
        user: Person::of(user),
        errors: said.errors,
        values: Values {
            name: said.name.or(user.name.clone()).unwrap_or_default(),
        },
        notice: said.notice,
        sessions,
        apps: apps.into_iter().map(AllowedApp::of).collect(),
        has_password: user.password_hash.is_some(),
    };
    let mut response = visit.render(status, "pages/account.html", &context)?;
    may_show_pictures(&mut response);
    Ok(response)
}

impl Person {
    fn of(user: &user::Model) -> Self {
        Self {
            email: user.email.clone(),
            email_verified: user.email_verified.is_some(),
            name: user.name.clone(),
            picture: user.image.clone(),
            since: words::time(user.created_at),
        }
    }
}

impl OpenSession {
    fn of(open: session::Model, current: &session::Model) -> Self {
        Self {
            id: open.id.to_string(),
            browser: browser::name_of(open.user_agent.as_deref()),
            ip: open.ip.unwrap_or_else(|| "unknown address".to_owned()),
            signed_in_at: words::time(open.auth_time),
            last_seen: words::time(open.last_seen),
            current: open.id == current.id,
        }
    }
}

impl AllowedApp {
    fn of((consent, client): (consent::Model, client::Model)) -> Self {
        Self {
            client_id: client.client_id,
            name: client.client_name,
            scopes: consent.scope.words().map(title).collect(),
            resources: consent.resources.0,
            since: words::time(consent.granted_at),
        }
    }
}
