//! `/account/verify-email`: one more letter to an address that is not proven yet.

use super::{done::Done, own};
use crate::{
    accounts::verify,
    http::kit::{
        page::{Page, Shown, Visit},
        page_error::see_other,
        page_form::PageForm,
    },
    paths,
};

pub struct SendAgain;

impl Page for SendAgain {
    /// Where a reload of the address leads.
    async fn show(&self, _: Visit) -> Shown {
        Ok(see_other(paths::ACCOUNT))
    }

    async fn submit(&self, visit: Visit, _: PageForm) -> Shown {
        verify::send_again(
            &visit.app,
            (&own(&visit)?.user, None),
            &visit.visitor.browser,
        )
        .await?;
        Ok(Done::Letter.told())
    }
}
