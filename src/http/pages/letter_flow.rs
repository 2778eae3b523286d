//! How somebody who is let in by a letter goes on: in the flow in which they began, or at their
//! account where that has died while the letter was on its way.

use entity::client;
use poem::Response;

use super::{client::ShownClient, login::opened};
use crate::{
    authorization::Request,
    crypto::secret::Minted,
    http::kit::{
        callback::Onward,
        follow::resume,
        page::Visit,
        page_error::{PageError, see_other},
    },
    paths,
};

/// The flow that waits beside a letter.
#[derive(Debug, Default)]
pub struct LetterFlow {
    flow: Option<String>,
    opened: Option<(client::Model, Request)>,
}

impl LetterFlow {
    /// The flow, if it still leads anywhere.
    pub async fn of(visit: &Visit, flow: Option<String>) -> Result<Self, PageError> {
        match opened(visit, flow.as_deref()).await {
            Ok(opened) => Ok(Self { flow, opened }),
            Err(PageError::StaleFlow) => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    pub fn name(&self) -> Option<&str> {
        self.flow.as_deref()
    }

    /// The client that waits at its end.
    pub fn client(&self) -> Option<ShownClient> {
        let opened = self.opened.as_ref();
        opened.map(|(client, request)| ShownClient::of(client, request))
    }

    /// Lets the form of the page lead back to that client.
    pub fn lets_return(&self, visit: Visit) -> Visit {
        match &self.opened {
            Some((_, request)) => visit.may_return_to(&request.redirect_uri),
            None => visit,
        }
    }

    /// Signs the browser in and leads on; to where a front end wants it, if there is one.
    pub fn welcome(&self, visit: &Visit, session: &Minted, onward: Option<&Onward>) -> Response {
        let mut response = match (onward, &self.flow) {
            (Some(to), _) => see_other(&to.url),
            (None, Some(flow)) => resume(flow),
            (None, None) => see_other(paths::ACCOUNT),
        };
        visit
            .visitor
            .welcome(&visit.app, &mut response, session, true);
        response
    }
}
