//! The admin API: what operators and their programs may do from afar. No door here is answered
//! before the guard has let the caller in.

pub mod guard;

mod keys;

use poem_openapi::{OpenApi, Tags};

use crate::app::App;

/// The part of the document that is about administration.
#[derive(Debug, Tags)]
pub enum Tag {
    /// For operators and their programs, with an access token of scope `doorward:admin`: of a client
    /// that acts for itself, or of a person who is an administrator. A cookie opens nothing here.
    Administration,
}

/// All doors of the admin API.
pub fn doors(app: &App) -> impl OpenApi + use<> {
    keys::Keys { app: app.clone() }
}
