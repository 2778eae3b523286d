//! `/consent`: what a client wants to know, and two buttons.

use poem::http::StatusCode;
use serde::Serialize;

use super::{client::ShownClient, login::opened};
use crate::{
    authorization::{self, Ask},
    http::kit::{
        follow::{follow, resume},
        page::{Page, Shown, Visit},
        page_error::PageError,
        page_form::PageForm,
    },
    tokens::claims::{CLAIMS, SCOPES},
};

pub struct Consent;

/// The context of `pages/consent.html`.
#[derive(Debug, Serialize)]
struct ConsentPage {
    client: ShownClient,
    csrf: String,
    flow: String,
    user: Person,
    scopes: Vec<Wanted>,
    remembered: bool,
}

#[derive(Debug, Serialize)]
struct Person {
    email: String,
    name: Option<String>,
}

/// One scope, in words.
#[derive(Debug, Serialize)]
struct Wanted {
    name: String,
    title: String,
    details: Vec<&'static str>,
    /// The person allowed this client something before, but not this.
    new: bool,
}

impl Page for Consent {
    async fn show(&self, visit: Visit) -> Shown {
        let flow = visit
            .query
            .get("flow")
            .ok_or(PageError::StaleFlow)?
            .to_owned();
        let (client, request) = opened(&visit, Some(&flow))
            .await?
            .ok_or(PageError::StaleFlow)?;
        let Some(signed_in) = visit.visitor.signed_in.clone() else {
            return Ok(resume(&flow));
        };
        let ask = authorization::ask(&visit.app, &client, &request, &signed_in).await?;
        let context = ConsentPage {
            client: ShownClient::of(&client, &request),
            csrf: visit.csrf(Some(&flow)),
            user: Person {
                email: signed_in.user.email,
                name: signed_in.user.name,
            },
            scopes: ask.scope.words().map(|word| wanted(word, &ask)).collect(),
            remembered: ask.before.is_some(),
            flow,
        };
        let visit = visit.may_return_to(&request.redirect_uri);
        visit.render(StatusCode::OK, "pages/consent.html", &context)
    }

    async fn submit(&self, visit: Visit, form: PageForm) -> Shown {
        let flow = form.flow().ok_or(PageError::StaleFlow)?;
        let (client, request) = opened(&visit, Some(flow))
            .await?
            .ok_or(PageError::StaleFlow)?;
        let Some(signed_in) = &visit.visitor.signed_in else {
            return Ok(resume(flow));
        };
        let next = match form.field("decision") {
            "approve" => authorization::approve(&visit.app, &client, &request, signed_in).await?,
            "deny" => authorization::deny(&visit.app, &client, &request, signed_in).await?,
            _ => {
                let why = "neither Allow nor Deny was chosen".to_owned();
                return Err(PageError::Unreadable(StatusCode::BAD_REQUEST, why));
            }
        };
        follow(next)
    }
}

fn wanted(scope: &str, ask: &Ask) -> Wanted {
    let claims = CLAIMS.iter().filter(|claim| claim.scope == scope);
    Wanted {
        name: scope.to_owned(),
        title: title(scope),
        details: claims.map(|claim| claim.label).collect(),
        new: ask.is_new(scope),
    }
}

/// A scope in words: ours from the table of scopes, a client's own by its name.
pub(super) fn title(scope: &str) -> String {
    let known = SCOPES.iter().find(|known| known.name == scope);
    known.map_or_else(|| scope.to_owned(), |known| known.title.to_owned())
}
