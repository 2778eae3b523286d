//! `/account/apps/revoke`: taking an application's access away.

use super::{done::Done, own};
use crate::{
    accounts::profile,
    http::kit::{
        page::{Page, Shown, Visit},
        page_error::see_other,
        page_form::PageForm,
    },
    paths,
};

pub struct Revoke;

impl Page for Revoke {
    /// Where a reload of the address leads.
    async fn show(&self, _: Visit) -> Shown {
        Ok(see_other(paths::ACCOUNT))
    }

    async fn submit(&self, visit: Visit, form: PageForm) -> Shown {
        let user_id = own(&visit)?.user.id;
        // Looked for among what this person allowed: any other client is as good as none.
        let apps = profile::apps(&visit.app, user_id).await?;
        let named = form.field("client_id");
        let known = apps.iter().find(|(_, client)| client.client_id == named);
        if let Some((_, client)) = known {
            profile::revoke_app(&visit.app, user_id, client.id).await?;
        }
        Ok(Done::App.told())
    }
}
