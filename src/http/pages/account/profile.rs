//! `/account/profile`: what somebody says about themselves, grouped by the scope that lets an
//! application learn it.

use entity::{client, consent};
use serde::Serialize;

use super::{
    done::Done,
    frame::{Place, Sheet},
    own,
};
use crate::{
    accounts::profile::{self, Said, Unfit},
    http::{
        kit::{
            page::{Page, Shown, Visit},
            page_form::PageForm,
        },
        pages::forms::FieldError,
    },
};

mod fields;

use fields::{FIELDS, Field, Group};

pub struct Profile;

const SHEET: Sheet = Sheet {
    place: Place::Profile,
    title: "Profile",
    template: "pages/account/profile.html",
};

/// The context of `pages/account/profile.html`.
#[derive(Debug, Serialize)]
struct ProfilePage {
    groups: Vec<ShownGroup>,
}

#[derive(Debug, Serialize)]
struct ShownGroup {
    id: &'static str,
    title: &'static str,
    /// The applications that may learn it.
    apps: Vec<String>,
    fields: Vec<ShownField>,
}

#[derive(Debug, Serialize)]
struct ShownField {
    #[serde(flatten)]
    field: Field,
    value: String,
}

impl Page for Profile {
    async fn show(&self, visit: Visit) -> Shown {
        let said = Said::by(&own(&visit)?.user);
        page(&visit, &[], |claim| said.claim(claim)).await
    }

    async fn submit(&self, visit: Visit, form: PageForm) -> Shown {
        let signed_in = own(&visit)?;
        // A field that is not in the form stays as it is: not everybody sends all of them.
        let typed: Vec<_> = FIELDS
            .iter()
            .filter_map(|field| Some((field.claim, form.sent(field.claim)?)))
            .collect();
        let Err(unfit) = profile::state(&visit.app, signed_in, &typed).await? else {
            return Ok(Done::Profile.told());
        };
        let said = Said::by(&signed_in.user);
        let errors: Vec<_> = unfit.into_iter().filter_map(beside).collect();
        page(&visit, &errors, |claim| {
            let sent = form.sent(claim).map(str::to_owned);
            sent.or_else(|| said.claim(claim))
        })
        .await
    }
}

async fn page(
    visit: &Visit,
    errors: &[FieldError],
    value: impl Fn(&str) -> Option<String>,
) -> Shown {
    let allowed = profile::apps(&visit.app, own(visit)?.user.id).await?;
    let groups = Group::ALL.map(|group| ShownGroup {
        id: group.scope(),
        title: group.title(),
        apps: those_with(group.scope(), &allowed),
        fields: FIELDS
            .iter()
            .filter(|field| field.group == group)
            .map(|field| ShownField {
                field: *field,
                value: value(field.claim).unwrap_or_default(),
            })
            .collect(),
    });
    let groups = groups.into();
    SHEET.show(visit, errors, &ProfilePage { groups })
}

/// The names of the applications to which a scope was granted.
fn those_with(scope: &str, allowed: &[(consent::Model, client::Model)]) -> Vec<String> {
    let with = allowed.iter().filter(|(own, _)| own.scope.contains(scope));
    with.map(|(_, client)| client.client_name.clone()).collect()
}

/// The sentence for what is wrong with a claim, beside its field.
fn beside((claim, unfit): (&str, Unfit)) -> Option<FieldError> {
    let field = FIELDS.iter().find(|field| field.claim == claim)?;
    let message = match unfit {
        Unfit::Text => field.no_text,
        Unfit::Url => field.no_url,
        Unfit::Birthdate => {
            "Enter a date like 1990-12-31, a year like 1990, or 0000-12-31 to leave the year out."
        }
        Unfit::Zone => "Enter a time zone by its name, like Europe/Paris.",
        Unfit::Locale => "Enter a language by its tag, like en, pt-BR or zh-Hant.",
        Unfit::Phone => "Enter a number with its country, like +44 20 7946 0123.",
    };
    Some(FieldError {
        field: field.id,
        message,
    })
}
