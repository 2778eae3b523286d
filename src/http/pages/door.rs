//! The way of somebody whose password is right and whose address has to be proven before they are let in.

use uuid::Uuid;

use crate::{
    accounts::{
        recover::Onward,
        verify::{self, AtTheDoor},
    },
    http::kit::{
        errand::{self, Errand},
        follow::in_flow,
        page::{Shown, Visit},
        page_error::see_other,
    },
    paths,
};

/// Leads somebody whose password was right to the page where they prove their address.
pub async fn stop_at_the_door(visit: &Visit, user_id: Uuid, flow: Option<&str>) -> Shown {
    // The link of a letter before is dead by now, and nothing to go on with.
    let flow = flow.filter(|flow| errand::page_of(flow) != Some(paths::VERIFY_EMAIL));
    let flow = errand::kept(flow, &visit.app, &visit.visitor);
    let onward = Onward {
        flow,
        callback: None,
    };
    let browser = &visit.visitor.browser;
    let AtTheDoor { user_id, at } =
        verify::stop_at_the_door(&visit.app, user_id, onward, browser).await?;
    let errand = Errand::AtTheDoor { user_id, at }.seal(&visit.app, &visit.visitor)?;
    let mut response = see_other(&in_flow(paths::VERIFY_EMAIL, &errand));
    visit.visitor.await_letter(&visit.app, &mut response);
    Ok(response)
}
