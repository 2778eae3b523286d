//! The pages that people see: one file per page, each with a template of its name.

mod client;
mod consent;
mod forms;
mod login;
mod style;

use poem::{Endpoint, EndpointExt, Response, Route};

use super::kit::page::{Page, PageEndpoint};
use crate::{app::App, paths};

/// All pages at their paths.
pub fn routes(app: &App) -> impl Endpoint<Output = Response> + use<> {
    Route::new()
        .at(paths::LOGIN, page(app, login::Login))
        .at(paths::CONSENT, page(app, consent::Consent))
        .at(paths::STYLE, style::Style)
        .map_to_response()
}

fn page<P: Page>(app: &App, page: P) -> PageEndpoint<P> {
    PageEndpoint {
        app: app.clone(),
        page,
    }
}
