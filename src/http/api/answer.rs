//! The answer of a door of the API: JSON, and what becomes of the session cookie.

use std::{fmt, marker::PhantomData};

use poem::{
    IntoResponse, Response,
    http::{HeaderName, HeaderValue, StatusCode, header},
};
use poem_openapi::{
    ApiResponse,
    payload::Json,
    registry::{MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
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
        self.telling(app, session)
    }

    /// The same for a browser that is signed in already, for as long as it was said then.
    pub fn welcoming_again(mut self, app: &App, visitor: &Visitor, session: &Minted) -> Self {
        visitor.welcome_again(app, &mut self.response, session);
        self.telling(app, session)
    }

    /// Tells scripts the secret of the session, where the operator lets them have it.
    fn telling(self, app: &App, session: &Minted) -> Self {
        match app.config.api.bearer {
            true => self.with("set-auth-token", session.expose()),
            false => self,
        }
    }

    /// With one more header; without it if it cannot be sent.
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            let name = HeaderName::from_static(name);
            self.response.headers_mut().insert(name, value);
        }
        self
    }

    /// The same as a redirect to `place`, without a body.
    pub fn leading_to(self, place: &str) -> Self {
        let mut answer = self.with("location", place);
        answer.response.set_status(StatusCode::FOUND);
        answer.response.headers_mut().remove(header::CONTENT_TYPE);
        drop(answer.response.take_body());
        answer
    }

    /// Gives the browser a name, by which it is known when it comes back.
    pub fn greeting(mut self, app: &App, visitor: &Visitor) -> Self {
        visitor.greet(app, &mut self.response);
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

/// 200 with a `T`, or 302 to where the client asked to be sent on to.
#[derive(Debug)]
pub struct Onward<T>(pub Answer<T>);

impl<T> IntoResponse for Onward<T> {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

impl<T: ToJSON> ApiResponse for Onward<T> {
    fn meta() -> MetaResponses {
        let mut meta = Answer::<T>::meta();
        meta.responses.push(MetaResponse {
            description: "To the page of `callbackURL`, or to one of this server that asks first.",
            status: Some(StatusCode::FOUND.as_u16()),
            status_range: None,
            content: vec![],
            headers: vec![],
        });
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
