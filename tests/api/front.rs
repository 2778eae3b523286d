//! Front: a front end of our own origin in a browser, which calls the API with cookies.

use poem::http::Method;
use serde_json::Value;

use super::contract;
use crate::support::{answer::Answer, call::Call, house::House, jar::Jar};

/// The name of the session cookie on `http://localhost`.
pub const SESSION: &str = "doorward_session";

/// A page of ours that calls the API.
pub struct Front<'a> {
    house: &'a House,
    pub jar: Jar,
    /// Where its pages are; ours if none is said.
    origin: Option<&'static str>,
}

impl<'a> Front<'a> {
    pub fn new(house: &'a House) -> Self {
        Self {
            house,
            jar: Jar::default(),
            origin: None,
        }
    }

    /// The same with pages of another origin, which is on the same site as ours.
    pub fn elsewhere(house: &'a House, origin: &'static str) -> Self {
        Self {
            origin: Some(origin),
            ..Self::new(house)
        }
    }

    /// A browser in which the house's person is signed in.
    pub async fn signed_in(house: &'a House) -> Self {
        let person = house.person().await;
        let mut front = Self::new(house);
        let typed = serde_json::json!({ "email": person.email, "password": person.password });
        front.post("/sign-in/email", typed).await.is(200);
        front
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        let call = self.call(Method::GET, path);
        self.send(call).await
    }

    pub async fn post(&mut self, path: &str, body: Value) -> Answer {
        let call = self
            .call(Method::POST, path)
            .body("application/json", body.to_string());
        self.send(call).await
    }

    /// A request with what a browser adds to it, for a test that changes it further.
    pub fn call(&self, method: Method, path: &str) -> Call {
        let house = self.house;
        let url = house.url(&format!("/api/auth{path}"));
        let cookies = self.jar.header(url.path(), false, house.app.clock.now());
        let mut call = Call::new(house.doors.clone(), method.clone(), url)
            .header("User-Agent", "Doorward/Test")
            .header("Accept", "*/*")
            .header("Sec-Fetch-Mode", "cors");
        call = match self.origin {
            Some(origin) => call
                .header("Sec-Fetch-Site", "same-site")
                .header("Origin", origin),
            None => call.header("Sec-Fetch-Site", "same-origin"),
        };
        if method == Method::POST && self.origin.is_none() {
            call = call.header("Origin", &house.app.config.server.origin());
        }
        if let Some(cookies) = cookies {
            call = call.header("Cookie", &cookies);
        }
        call
    }

    /// Sends it, and keeps the cookies that come back.
    pub async fn send(&mut self, call: Call) -> Answer {
        let answer = call.await;
        let now = self.house.app.clock.now();
        for cookie in answer.headers.get_all("Set-Cookie") {
            let cookie = cookie.to_str().expect("a cookie in ASCII");
            assert!(cookie.contains("; HttpOnly; SameSite=Lax"), "{cookie}");
            self.jar.take(cookie, now);
        }
        // The one secret that there is must not be where a script could read it.
        let told = self.house.app.config.api.bearer;
        if let Some(secret) = self.jar.value(SESSION).filter(|_| !told) {
            assert!(!answer.body.contains(secret), "{}", answer.told());
        }
        contract::kept_by(&answer);
        answer
    }

    /// Who the API says is signed in.
    pub async fn session(&mut self) -> Value {
        self.get("/get-session").await.ok()
    }
}
