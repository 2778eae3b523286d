//! `/account`: who somebody is here, whether the address is theirs, and what there is of theirs.

use entity::{event, session, value::EventKind};
use serde::Serialize;

use super::{
    frame::{Place, Sheet},
    own,
};
use crate::{
    accounts::profile,
    http::{
        kit::{
            errand::Errand,
            page::{Page, Shown, Visit},
            page_error::see_other,
        },
        pages::words,
    },
    sessions::{SignedIn, browser},
};

pub struct Overview;

const SHEET: Sheet = Sheet {
    place: Place::Overview,
    title: "Your account",
    template: "pages/account/overview.html",
};

/// The context of `pages/account/overview.html`.
#[derive(Debug, Serialize)]
struct OverviewPage<'a> {
    email: &'a str,
    email_verified: bool,
    name: Option<&'a str>,
    picture: Option<&'a str>,
    since: String,
    now: Moment,
    /// The sign-in before this one, wherever it was.
    before: Option<Moment>,
    browsers: usize,
    apps: usize,
    has_password: bool,
}

/// A sign-in.
#[derive(Debug, Serialize)]
struct Moment {
    at: String,
    browser: String,
    place: String,
}

impl Page for Overview {
    async fn show(&self, visit: Visit) -> Shown {
        let SignedIn { session, user } = own(&visit)?;
        let app = &visit.app;
        if let Some(flow) = visit.query.get("flow")
            && let Some(errand) = Errand::open(app, flow, &visit.visitor)
            && let Some(page) = errand.account_page(user.id)
        {
            return Ok(see_other(page));
        }
        let open = session::of_user(&app.db.read, user.id, app.clock.now()).await?;
        let apps = profile::apps(app, user.id).await?;
        let kind = EventKind::SignedIn;
        let before = event::last_before(&app.db.read, user.id, kind, session.auth_time).await?;
        let context = OverviewPage {
            email: &user.email,
            email_verified: user.email_verified.is_some(),
            name: user.name.as_deref(),
            picture: user.image.as_deref(),
            since: words::time(user.created_at),
            now: Moment {
                at: words::time(session.auth_time),
                browser: browser::name_of(session.user_agent.as_deref()),
                place: words::place(session.ip.as_deref()),
            },
            before: before.map(|event| Moment {
                at: words::time(event.at),
                browser: browser::name_of(event.user_agent.as_deref()),
                place: words::place(event.ip.as_deref()),
            }),
            browsers: open.len(),
            apps: apps.len(),
            has_password: user.password_hash.is_some(),
        };
        SHEET.show(&visit, &[], &context)
    }
}
