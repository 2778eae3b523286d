//! `/account/sessions…`: the browsers in which somebody is signed in, and signing others out.

use entity::session;
use serde::Serialize;
use uuid::Uuid;

use super::{
    done::Done,
    frame::{Place, Sheet},
    own,
};
use crate::{
    http::{
        kit::{
            page::{Page, Shown, Visit},
            page_error::see_other,
            page_form::PageForm,
        },
        pages::words,
    },
    paths,
    sessions::{self, SignedIn, browser},
};

pub struct Sessions;

pub struct Revoke;

pub struct RevokeOthers;

const SHEET: Sheet = Sheet {
    place: Place::Sessions,
    title: "Browsers and devices",
    template: "pages/account/sessions.html",
};

/// The context of `pages/account/sessions.html`.
#[derive(Debug, Serialize)]
struct SessionsPage {
    /// This one first, then the newest.
    sessions: Vec<OpenSession>,
}

/// A browser that is signed in.
#[derive(Debug, Serialize)]
struct OpenSession {
    id: String,
    browser: String,
    place: String,
    signed_in_at: String,
    last_seen: String,
    current: bool,
}

impl OpenSession {
    fn of(open: session::Model, current: Uuid) -> Self {
        Self {
            id: open.id.to_string(),
            browser: browser::name_of(open.user_agent.as_deref()),
            place: words::place(open.ip.as_deref()),
            signed_in_at: words::time(open.auth_time),
            last_seen: words::time(open.last_seen),
            current: open.id == current,
        }
    }
}

impl Page for Sessions {
    async fn show(&self, visit: Visit) -> Shown {
        let SignedIn { session, user } = own(&visit)?;
        let app = &visit.app;
        let open = session::of_user(&app.db.read, user.id, app.clock.now()).await?;
        let open = open
            .into_iter()
            .map(|open| OpenSession::of(open, session.id));
        let mut sessions: Vec<_> = open.collect();
        sessions.sort_by_key(|open| !open.current);
        SHEET.show(&visit, &[], &SessionsPage { sessions })
    }
}

impl Page for Revoke {
    /// Where a reload of the address leads.
    async fn show(&self, _: Visit) -> Shown {
        Ok(see_other(paths::ACCOUNT_SESSIONS))
    }

    async fn submit(&self, visit: Visit, form: PageForm) -> Shown {
        let own = own(&visit)?;
        // What is not a session of this person gets the answer of one that has ended meanwhile:
        // nobody learns whether it is somebody else's.
        if let Ok(id) = form.field("id").parse::<Uuid>() {
            sessions::revoke(&visit.app, own.user.id, id).await?;
        }
        Ok(Done::Session.told())
    }
}

impl Page for RevokeOthers {
    /// Where a reload of the address leads.
    async fn show(&self, _: Visit) -> Shown {
        Ok(see_other(paths::ACCOUNT_SESSIONS))
    }

    async fn submit(&self, visit: Visit, _: PageForm) -> Shown {
        sessions::revoke_others(&visit.app, own(&visit)?).await?;
        Ok(Done::Others.told())
    }
}
