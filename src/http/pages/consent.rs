//! `/consent`: what a client wants to know, and two buttons.

use poem::http::StatusCode;
use serde::Serialize;

use super::{
    client::ShownClient,
    login::opened,
    scopes::{Wanted, wanted},
};
use crate::{
    authorization,
    http::kit::{
        follow::{follow, resume},
        page::{Page, Shown, Visit},
        page_error::PageError,
        page_form::PageForm,
    },
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
    /// Where the client will use it, and whether that is new.
    resources: Vec<String>,
    elsewhere: bool,
    remembered: bool,
}

#[derive(Debug, Serialize)]
struct Person {
    email: String,
    name: Option<String>,
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
            scopes: wanted(&ask.scope, ask.before.as_ref()),
            remembered: ask.before.is_some(),
            resources: ask.resources,
            elsewhere: ask.elsewhere,
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
        follow(&visit.app, next)
    }
}
