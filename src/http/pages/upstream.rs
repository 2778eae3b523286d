//! `/upstream/{provider}`: the way to a provider, by a form and never by a link, and back. Wherever it
//! ends, the request of the application that somebody came from goes on.

pub mod finish;
pub mod onward;

use entity::value::Intent;
use poem::Response;

use super::{
    account::{done::Done, prove_for_linking},
    login::opened,
};
use crate::{
    http::kit::{
        callback,
        errand::Errand,
        follow::{in_flow, resume},
        page::{Page, Shown, Visit},
        page_error::{PageError, see_other},
        page_form::PageForm,
    },
    paths,
    upstream::{self, Begin, Came, Failure, Here, Provider, Returned},
};

/// `/upstream/{provider}`.
pub struct Start;

/// `/upstream/{provider}/callback`.
pub struct Callback;

impl Page for Start {
    /// Nothing begins here: a page of somebody else could have sent the browser.
    async fn show(&self, visit: Visit) -> Shown {
        provider(&visit)?;
        Ok(see_other(paths::LOGIN))
    }

    async fn submit(&self, visit: Visit, form: PageForm) -> Shown {
        let provider = provider(&visit)?;
        let flow = form.flow();
        let intent = match form.field("intent") {
            "link" => Intent::Link,
            _ => Intent::SignIn,
        };
        if intent == Intent::SignIn {
            // A flow that leads nowhere must not be taken along.
            opened(&visit, flow).await?;
        }
        let begin = Begin { intent, flow };
        let mut response = match upstream::begin(&visit.app, provider, begin, here(&visit)).await? {
            Ok(url) => see_other(&url),
            Err(Failure::NotFresh) => return prove_for_linking(&visit),
            Err(why) => failed(&visit, provider, why, (intent, flow)),
        };
        visit.visitor.greet(&visit.app, &mut response);
        Ok(response)
    }
}

impl Page for Callback {
    async fn show(&self, visit: Visit) -> Shown {
        let provider = provider(&visit)?;
        let query = &visit.query;
        let returned = Returned {
            code: query.get("code"),
            state: query.get("state"),
            iss: query.get("iss"),
            error: query.get("error"),
        };
        let came = upstream::come_back(&visit.app, provider, returned, here(&visit)).await?;
        arrived(&visit, provider, came)
    }
}

/// Where somebody goes who came back.
fn arrived(visit: &Visit, provider: Provider<'_>, came: Came) -> Shown {
    let app = &visit.app;
    match came {
        Came::Unknown => Err(PageError::StaleFlow),
        Came::In { session, flow, new } => {
            let front_end = callback::front_end(visit, flow.as_deref());
            let mut response = match (&front_end, &flow) {
                (Some(front_end), _) if new => onward::as_new(front_end),
                (_, Some(flow)) => resume(flow),
                (_, None) => see_other(paths::ACCOUNT),
            };
            let way = provider.name;
            visit
                .visitor
                .welcome_by(way, app, &mut response, (&session, true));
            Ok(response)
        }
        Came::Leaving { user_id, flow } => {
            let keep = Errand::Keep { user_id, flow }.seal(app, &visit.visitor)?;
            Ok(see_other(&in_flow(paths::KEEP_ACCOUNT, &keep)))
        }
        Came::Linked { session, flow } => {
            let mut response = flow.map_or_else(|| Done::Linked.told(), |flow| resume(&flow));
            if let Some(session) = &session {
                visit.visitor.welcome_again(app, &mut response, session);
            }
            Ok(response)
        }
        Came::Arrived { secret } => {
            let secret = secret.expose().to_owned();
            let errand = Errand::Arrival { secret }.seal(app, &visit.visitor)?;
            Ok(see_other(&in_flow(paths::UPSTREAM_FINISH, &errand)))
        }
        Came::Failed { why, intent, flow } => {
            Ok(failed(visit, provider, why, (intent, flow.as_deref())))
        }
    }
}

/// Back to where somebody began, which says what happened.
fn failed(
    visit: &Visit,
    provider: Provider<'_>,
    why: Failure,
    (intent, flow): (Intent, Option<&str>),
) -> Response {
    let front_end = callback::front_end(visit, flow);
    if let Some(told) = front_end.and_then(|front_end| onward::as_failed(&front_end, why)) {
        return told;
    }
    let said = format!("problem={}&provider={}", why.word(), provider.name);
    let page = match (intent, flow) {
        (Intent::Link, _) => format!("{}?{said}", paths::ACCOUNT_LINKED),
        (Intent::SignIn, Some(flow)) => format!("{}&{said}", in_flow(paths::LOGIN, flow)),
        (Intent::SignIn, None) => format!("{}?{said}", paths::LOGIN),
    };
    see_other(&page)
}

/// The provider whose path it is.
fn provider(visit: &Visit) -> Result<Provider<'_>, PageError> {
    let path = visit.request.path.strip_prefix(paths::UPSTREAM);
    let name = path.and_then(|path| path.split('/').nth(1));
    upstream::find(&visit.app, name.unwrap_or_default()).ok_or(PageError::NotFound)
}

fn here(visit: &Visit) -> Here<'_> {
    Here {
        visitor: &visit.visitor.digest,
        signed_in: visit.visitor.signed_in.as_ref(),
        browser: &visit.visitor.browser,
    }
}
