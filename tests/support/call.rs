//! Call: one request to a house, as a program sends it. A browser builds on it.

use std::{
    future::{Future, IntoFuture},
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use poem::{
    Addr, Body, Endpoint, Request, Response,
    endpoint::BoxEndpoint,
    http::{self, HeaderName, HeaderValue, Method, uri::Scheme},
    web::{LocalAddr, RemoteAddr},
};
use tokio::sync::Barrier;
use url::{Url, form_urlencoded};

use super::answer::Answer;

/// The doors of a house.
pub type Doors = Arc<BoxEndpoint<'static, Response>>;

/// A request that is sent when it is awaited.
pub struct Call {
    doors: Doors,
    method: Method,
    url: Url,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Call {
    pub fn new(doors: Doors, method: Method, url: Url) -> Self {
        Self {
            doors,
            method,
            url,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// To another house: one on the same database, say.
    pub fn through(mut self, doors: Doors) -> Self {
        self.doors = doors;
        self
    }

    /// One more header; the same name twice is two headers.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn bearer(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    /// `client_secret_basic` (RFC 6749 §2.3.1): both are form-encoded first.
    pub fn basic(self, id: &str, secret: &str) -> Self {
        let form =
            |text: &str| -> String { form_urlencoded::byte_serialize(text.as_bytes()).collect() };
        let credentials = STANDARD.encode(format!("{}:{}", form(id), form(secret)));
        self.header("Authorization", &format!("Basic {credentials}"))
    }

    /// A body of any kind.
    pub fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        let length = self.body.len().to_string();
        self.header("Content-Type", content_type)
            .header("Content-Length", &length)
    }

    pub fn form<K: AsRef<str>, V: AsRef<str>>(self, pairs: &[(K, V)]) -> Self {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(pairs);
        self.body("application/x-www-form-urlencoded", form.finish())
    }
}

impl IntoFuture for Call {
    type Output = Answer;
    type IntoFuture = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let mut request = http::Request::builder()
                .method(self.method)
                .uri(&self.url[url::Position::BeforePath..url::Position::AfterQuery])
                .body(())
                .expect("a request");
            let host = self.url[url::Position::BeforeHost..url::Position::AfterPort].to_owned();
            let headers = [("Host".to_owned(), host)].into_iter().chain(self.headers);
            for (name, value) in headers {
                request.headers_mut().append(
                    HeaderName::try_from(name).expect("the name of a header"),
                    HeaderValue::try_from(value).expect("the value of a header"),
                );
            }
            let peer = Addr::SocketAddr(SocketAddr::from(([127, 0, 0, 1], 50_000)));
            let (parts, ()) = request.into_parts();
            let parts = (parts, LocalAddr::default(), RemoteAddr(peer), Scheme::HTTP).into();
            let request = Request::from_parts(parts, Body::from(self.body));
            Answer::read(self.url, self.doors.get_response(request).await).await
        })
    }
}

/// Sends all of them at the same moment, each from a task of its own. Answers in their order.
pub async fn at_once(calls: Vec<Call>) -> Vec<Answer> {
    let start = Arc::new(Barrier::new(calls.len()));
    let tasks: Vec<_> = calls
        .into_iter()
        .map(|call| {
            let start = Arc::clone(&start);
            tokio::spawn(async move {
                start.wait().await;
                call.await
            })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.expect("an answer"));
    }
    answers
}
