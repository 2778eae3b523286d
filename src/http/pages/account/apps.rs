//! `/account/apps…`: the applications that somebody allowed, and taking their access away.

use serde::Serialize;

use super::{
    done::Done,
    frame::{Place, Sheet},
    own,
};
use crate::{
    accounts::profile::{self, AllowedApp},
    http::{
        kit::{
            page::{Page, Shown, Visit},
            page_error::see_other,
            page_form::PageForm,
        },
        pages::{
            client::ShownClient,
            scopes::{Wanted, wanted},
            words,
        },
    },
    paths,
};

pub struct Apps;

pub struct Revoke;

const SHEET: Sheet = Sheet {
    place: Place::Apps,
    title: "Connected apps",
    template: "pages/account/apps.html",
};

/// The context of `pages/account/apps.html`.
#[derive(Debug, Serialize)]
struct AppsPage {
    apps: Vec<App>,
}

/// An application that the person allowed.
#[derive(Debug, Serialize)]
struct App {
    client_id: String,
    client: ShownClient,
    scopes: Vec<Wanted>,
    /// The resources of others at which it may use them.
    resources: Vec<String>,
    since: String,
    /// When it was last given something, if it holds anything that we remember.
    last_used: Option<String>,
}

impl App {
    fn of(app: AllowedApp) -> Self {
        Self {
            client: ShownClient::alone(&app.client),
            client_id: app.client.client_id,
            scopes: wanted(&app.consent.scope, None),
            resources: app.consent.resources.0,
            since: words::time(app.consent.granted_at),
            last_used: app.last_used.map(words::time),
        }
    }
}

impl Page for Apps {
    async fn show(&self, visit: Visit) -> Shown {
        let user_id = own(&visit)?.user.id;
        let apps = profile::used_apps(&visit.app, user_id).await?;
        let apps = apps.into_iter().map(App::of).collect();
        SHEET.show(&visit, &[], &AppsPage { apps })
    }
}

impl Page for Revoke {
    /// Where a reload of the address leads.
    async fn show(&self, _: Visit) -> Shown {
        Ok(see_other(paths::ACCOUNT_APPS))
    }

    async fn submit(&self, visit: Visit, form: PageForm) -> Shown {
        let own = own(&visit)?;
        // Looked for among what this person allowed: any other client is as good as none.
        let apps = profile::apps(&visit.app, own.user.id).await?;
        let named = form.field("client_id");
        let known = apps.iter().find(|(_, client)| client.client_id == named);
        if let Some((_, client)) = known {
            profile::revoke_app(&visit.app, own, client.id).await?;
        }
        Ok(Done::App.told())
    }
}
