//! The answer of a door of the API: JSON, and what becomes of the session cookie.

use std::{fmt, marker::PhantomData};

use poem::{IntoResponse, Response};
use poem_openapi::{
    ApiResponse,
    payload::Json,
    registry::{MetaResponses, MetaSchema, MetaSchemaRef, Registry},
    types::ToJSON,
};

use crate::{
    app::App,
    crypto::secret::Minted,
    http::kit::{cookies::Cookie, visitor::Visitor},
};

/// 200 with a `T`.
pub struct Answer<T> {
    response: Response,
    kind: PhantomData<fn() -> T>,
}

impl<T: ToJSON> Answer<T> {
    pub fn new(body: T) -> Self {
        Self {
            response: Json(body).into_response(),
            kind: PhantomData,
        }
    }

    /// Signs the browser in with the session that was just started: for as long as the session may
    /// last, or until the browser closes.
    pub fn welcoming(
        mut self,
        app: &App,
        visitor: &Visitor,
        (session, remember): (&Minted, bool),
    ) -> Self {
        visitor.welcome(app, &mut self.response, session, remember);
        self
    }

    /// Lets the browser be known again: a letter to it is on its way.
    pub fn awaiting_letter(mut self, app: &App, visitor: &Visitor) -> Self {
        visitor.await_letter(app, &mut self.response);
        self
    }

    /// Makes the browser forget its session.
    pub fn forgetting(mut self, app: &App) -> Self {
        Cookie::Session.clear(app, &mut self.response);
        self
    }
}

impl<T> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        self.response
    }
}

impl<T: ToJSON> ApiResponse for Answer<T> {
    fn meta() -> MetaResponses {
        let mut meta = Json::<T>::meta();
        for response in &mut meta.responses {
            response.description = "Done.";
            // There is always a body: what is not there is null.
            for media in response.content.iter_mut().filter(|_| !T::IS_REQUIRED) {
                media.schema = MetaSchemaRef::Inline(Box::new(MetaSchema {
                    nullable: true,
                    all_of: vec![media.schema.clone()],
                    ..MetaSchema::ANY
                }));
            }
        }
        meta
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<T> fmt::Debug for Answer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answer(…)")
    }
}
