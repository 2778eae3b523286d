//! A page's form: it cannot be read unless it comes from a page that this browser was given.

use poem::{
    Request, RequestBody,
    http::{HeaderMap, header},
};

use super::{
    body::{self, FormError},
    visitor::Visitor,
};
use crate::{app::App, oauth::params::Params};

/// The fields of a form that may be believed to be the visitor's.
#[derive(Debug)]
pub struct PageForm(Params);

/// Why a form is not read.
#[derive(Debug)]
pub enum PageFormError {
    /// It came from another site, or is not from a page of this browser and this sign-in.
    NotOurs,
    /// It is from a page of this browser that was open when the person signed in elsewhere, in
    /// another tab: not to be believed, but no reason to stop. With the flow of the page, or the
    /// secret of the letter that led to it.
    Overtaken {
        flow: Option<String>,
        token: Option<String>,
    },
    Unreadable(FormError),
}

impl PageForm {
    /// Reads the form of a POST.
    pub async fn read(
        app: &App,
        visitor: &Visitor,
        request: &Request,
        body: &mut RequestBody,
    ) -> Result<Self, PageFormError> {
        if !is_same_origin(request.headers(), &app.config.server.origin()) {
            return Err(PageFormError::NotOurs);
        }
        let params = body::form(request, body)
            .await
            .map_err(PageFormError::Unreadable)?;
        let token = params.get("csrf").unwrap_or_default();
        let flow = params.get("flow");
        if !visitor.owns(app, flow, token) {
            return Err(match visitor.owned_signed_out(app, flow, token) {
                true => PageFormError::Overtaken {
                    flow: flow.map(str::to_owned),
                    token: params.get("token").map(str::to_owned),
                },
                false => PageFormError::NotOurs,
            });
        }
        Ok(Self(params))
    }

    /// A field as typed; an absent one is empty, as a form field that was not filled in is.
    pub fn field(&self, name: &str) -> &str {
        self.0.raw(name).unwrap_or_default()
    }

    /// The same; none if the form has no such field.
    pub fn sent(&self, name: &str) -> Option<&str> {
        self.0.raw(name)
    }

    /// The sealed flow that the page was part of.
    pub fn flow(&self) -> Option<&str> {
        self.0.get("flow")
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter()
    }
}

/// Fetch Metadata where the browser sends it, `Origin` where it does not. A request with neither
/// comes from no browser of these years; the form's token must do, and a stranger has none.
fn is_same_origin(headers: &HeaderMap, own: &str) -> bool {
    let sent = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    match (sent("sec-fetch-site"), sent(header::ORIGIN.as_str())) {
        // `null` is what some browsers make of an origin that they were told to keep to themselves.
        (Some(site), origin) => {
            site == "same-origin" && origin.is_none_or(|origin| origin == own || origin == "null")
        }
        (None, Some(origin)) => origin == own,
        (None, None) => true,
    }
}
