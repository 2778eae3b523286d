//! `/account/…`: what a person sees of their own and changes; one file per page, all in one frame.

pub mod activity;
pub mod apps;
pub mod delete;
pub(super) mod done;
pub mod email;
pub mod export;
mod frame;
pub mod linked;
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
        None => {
            let errand = Errand::to_account(&visit.request.path);
            Err(PageError::SignIn(Box::new(sign_in(visit, errand)?)))
        }
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
    let to_sign_in = sign_in(visit, Some(errand))?;
    Err(PageError::SignIn(Box::new(to_sign_in)))
}

/// To the sign-in page, and to the linked accounts once they have signed in, or proven again who they
/// are.
pub(super) fn prove_for_linking(visit: &Visit) -> Result<Response, PageError> {
    let errand = match &visit.visitor.signed_in {
        Some(own) => Some(Errand::to_proof(paths::ACCOUNT_LINKED, own.user.id)),
        None => Errand::to_account(paths::ACCOUNT_LINKED),
    };
    sign_in(visit, errand)
}

fn sign_in(visit: &Visit, errand: Option<Errand>) -> Result<Response, PageError> {
    let mut response = match errand {
        Some(errand) => {
            let flow = errand.seal(&visit.app, &visit.visitor)?;
            see_other(&in_flow(paths::LOGIN, &flow))
        }
        None => see_other(paths::LOGIN),
    };
    visit.visitor.greet(&visit.app, &mut response);
    Ok(response)
}
