//! `/account/…`: what a person sees of their own and changes; one file per page, all in one frame.

pub mod activity;
pub mod apps;
pub mod delete;
mod done;
pub mod email;
pub mod export;
mod frame;
pub mod overview;
pub mod password;
pub mod profile;
pub mod security;
pub mod sessions;
pub mod verify_email;

use poem::Response;

use crate::{
    http::kit::{
        errand::Errand,
        follow::in_flow,
        page::Visit,
        page_error::{PageError, see_other},
    },
    paths,
    sessions::{SignedIn, is_fresh},
};

/// Who is signed in. Somebody has to be; once they are, they come back to this page.
fn own(visit: &Visit) -> Result<&SignedIn, PageError> {
    match &visit.visitor.signed_in {
        Some(signed_in) => Ok(signed_in),
        None => Err(PageError::SignIn(Box::new(sign_in(visit)?))),
    }
}

/// The same, if they have proven lately who they are: for what guards the account. If not, they do so
/// first and come back to this page.
fn proven(visit: &Visit) -> Result<&SignedIn, PageError> {
    let own = own(visit)?;
    if is_fresh(&visit.app, own) {
        return Ok(own);
    }
    let errand = Errand::to_proof(&visit.request.path, own.user.id);
    let flow = errand.seal(&visit.app, &visit.visitor)?;
    let mut response = see_other(&in_flow(paths::LOGIN, &flow));
    visit.visitor.greet(&visit.app, &mut response);
    Err(PageError::SignIn(Box::new(response)))
}

fn sign_in(visit: &Visit) -> Result<Response, PageError> {
    let mut response = match Errand::to_account(&visit.request.path) {
        Some(errand) => {
            let flow = errand.seal(&visit.app, &visit.visitor)?;
            see_other(&in_flow(paths::LOGIN, &flow))
        }
        None => see_other(paths::LOGIN),
    };
    visit.visitor.greet(&visit.app, &mut response);
    Ok(response)
}
