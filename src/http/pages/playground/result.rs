//! The result page: the steps, and what can be done with the tokens.

use poem::http::StatusCode;
use serde::Serialize;

use super::{
    curl,
    memory::{self, Held, Leaving},
    steps::Steps,
};
use crate::http::kit::page::{Shown, Visit};

/// The context of `pages/playground_result.html`.
#[derive(Serialize)]
struct ResultPage<'a> {
    csrf: String,
    sealed: String,
    steps: &'a Steps,
    can_refresh: bool,
    can_userinfo: bool,
    logout_href: Option<String>,
    logout_curl: Option<String>,
}

/// Shows the steps, and buttons for what is held.
pub fn show(visit: &Visit, steps: &Steps, held: Option<&Held>) -> Shown {
    let app = &visit.app;
    let mut page = ResultPage {
        csrf: visit.csrf(None),
        sealed: String::new(),
        steps,
        can_refresh: false,
        can_userinfo: false,
        logout_href: None,
        logout_curl: None,
    };
    if let Some(held) = held {
        page.sealed = memory::seal(app, held)?;
        page.can_refresh = held.refresh_token.is_some();
        // Userinfo is for tokens of an OpenID sign-in only (OpenID Connect Core §5.3).
        page.can_userinfo = held.id_token.is_some();
        if let Some(id_token) = &held.id_token {
            let state = memory::seal(app, &Leaving::new(visit))?;
            let url = held.provider.logout_url(app, id_token, &state);
            page.logout_curl = Some(curl::redirect(&url));
            page.logout_href = Some(url);
        }
    }
    let status = match steps.all_passed() {
        true => StatusCode::OK,
        false => StatusCode::BAD_REQUEST,
    };
    visit.render(status, "pages/playground_result.html", &page)
}
