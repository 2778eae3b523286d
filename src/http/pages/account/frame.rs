//! The frame of every account page: where it stands in the navigation, what was done before it, and
//! what is wrong with its form.

use poem::http::StatusCode;
use serde::Serialize;

use super::{done, own};
use crate::{
    http::{
        kit::{
            headers::may_show_pictures,
            page::{Shown, Visit},
        },
        pages::forms::{FieldError, NOT_TAKEN},
    },
    paths,
};

/// The entries of the navigation, in its order.
const PLACES: [(Place, &str, &str); 7] = [
    (Place::Overview, paths::ACCOUNT, "Overview"),
    (Place::Profile, paths::ACCOUNT_PROFILE, "Profile"),
    (Place::Security, paths::ACCOUNT_SECURITY, "Security"),
    (Place::Linked, paths::ACCOUNT_LINKED, "Linked accounts"),
    (Place::Sessions, paths::ACCOUNT_SESSIONS, "Browsers"),
    (Place::Apps, paths::ACCOUNT_APPS, "Apps"),
    (Place::Activity, paths::ACCOUNT_ACTIVITY, "Activity"),
];

/// An entry of the navigation. A page that has none of its own belongs to one that has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Overview,
    Profile,
    Security,
    Linked,
    Sessions,
    Apps,
    Activity,
}

/// An account page: its place, its heading, and the template that extends `account_base.html`.
#[derive(Debug)]
pub(super) struct Sheet {
    pub place: Place,
    pub title: &'static str,
    pub template: &'static str,
}

/// What every account page shows besides its own.
#[derive(Serialize)]
struct Framed<'a, C> {
    frame: Frame,
    csrf: String,
    errors: &'a [FieldError],
    #[serde(flatten)]
    own: &'a C,
}

#[derive(Debug, Serialize)]
struct Frame {
    title: &'static str,
    links: Vec<Link>,
    /// What was done just before.
    notice: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct Link {
    href: &'static str,
    label: &'static str,
    /// The value of `aria-current`, if it is where the person is.
    current: Option<&'static str>,
}

impl Sheet {
    /// The page, for who is signed in: 200, or 422 with what is wrong with its form.
    pub fn show<C: Serialize>(&self, visit: &Visit, errors: &[FieldError], own_part: &C) -> Shown {
        own(visit)?;
        let status = match errors.is_empty() {
            true => StatusCode::OK,
            false => NOT_TAKEN,
        };
        let path = visit.request.path.as_str();
        let has_providers = !visit.app.config.providers.is_empty();
        let is_of_use = |(place, ..): &(Place, _, _)| *place != Place::Linked || has_providers;
        let link = |(place, href, label)| Link {
            href,
            label,
            current: (place == self.place).then_some(match href == path {
                true => "page",
                false => "true",
            }),
        };
        let framed = Framed {
            frame: Frame {
                title: self.title,
                links: PLACES.into_iter().filter(is_of_use).map(link).collect(),
                notice: visit
                    .query
                    .get("done")
                    .and_then(|word| done::sentence(word, path)),
            },
            csrf: visit.csrf(None),
            errors,
            own: own_part,
        };
        let mut response = visit.render(status, self.template, &framed)?;
        may_show_pictures(&mut response);
        Ok(response)
    }
}
