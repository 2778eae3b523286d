//! `/account/sessions/…`: signing other browsers out.

use uuid::Uuid;

use super::{done::Done, own};
use crate::{
    http::kit::{
        page::{Page, Shown, Visit},
        page_error::see_other,
        page_form::PageForm,
    },
    paths, sessions,
};

pub struct Revoke;

pub struct RevokeOthers;

impl Page for Revoke {
    /// Where a reload of the address leads.
    async fn show(&self, _: Visit) -> Shown {
        Ok(see_other(paths::ACCOUNT))
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
        Ok(see_other(paths::ACCOUNT))
    }

    async fn submit(&self, visit: Visit, _: PageForm) -> Shown {
        sessions::revoke_others(&visit.app, own(&visit)?).await?;
        Ok(Done::Others.told())
    }
}
