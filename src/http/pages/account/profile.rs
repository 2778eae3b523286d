//! `/account/profile`: the name.

use super::{Said, done::Done, own, page};
use crate::{
    accounts::profile,
    http::{
        kit::{
            page::{Page, Shown, Visit},
            page_error::see_other,
            page_form::PageForm,
        },
        pages::forms::sentence,
    },
    paths,
};

pub struct Profile;

impl Page for Profile {
    /// Where a reload of the address leads after a form was not taken.
    async fn show(&self, _: Visit) -> Shown {
        Ok(see_other(paths::ACCOUNT))
    }

    async fn submit(&self, visit: Visit, form: PageForm) -> Shown {
        let typed = form.field("name");
        match profile::rename(&visit.app, own(&visit)?, typed).await {
            Ok(()) => Ok(Done::Profile.told()),
            Err(error) => {
                let said = Said {
                    errors: vec![sentence(error, "")?],
                    name: Some(typed.to_owned()),
                    ..Said::default()
                };
                page(&visit, said).await
            }
        }
    }
}
