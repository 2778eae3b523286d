//! Guesser: somebody who tries passwords, on the page and at the API, from where they please.

use std::sync::Arc;

use doorward::{app::App, http, paths};
use entity::{event, value::EventKind};
use poem::{EndpointExt, http::Method};
use sea_orm::EntityTrait;
use serde_json::json;
use url::Url;

use crate::support::{
    answer::Answer, browser::Browser, call::Call, database::Database, house::House, page::Form,
};

pub const WRONG: &str = "not the password at all";

/// A browser on the sign-in page, whose form is sent again and again. It keeps no cookie that it gets
/// for that, so it stays who it is.
pub struct Guesser<'a> {
    house: &'a House,
    /// The visitor cookie, which it keeps for longer than a browser would.
    cookies: String,
    form: Form,
    headers: Vec<(String, String)>,
}

impl<'a> Guesser<'a> {
    pub async fn new(house: &'a House) -> Self {
        Self::at(house, house.browser()).await
    }

    /// In a browser that was used for something before.
    pub async fn at(house: &'a House, mut browser: Browser<'a>) -> Self {
        browser.get(paths::LOGIN).await;
        let cookies = browser.jar.header("/", false, house.app.clock.now());
        Self {
            house,
            cookies: cookies.expect("a visitor cookie"),
            form: browser.last().page().form("#login-form"),
            headers: Vec::new(),
        }
    }

    /// One more header with everything that is sent.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Behind the proxy of [`proxied`].
    pub fn from(self, ip: &str) -> Self {
        self.with("X-Forwarded-For", ip)
    }

    /// A try that is not sent yet.
    pub fn call(&self, email: &str, password: &str) -> Call {
        self.call_at(paths::LOGIN, email, password)
    }

    /// The same, to another path.
    pub fn call_at(&self, path: &str, email: &str, password: &str) -> Call {
        self.call_by(Method::POST, path, (email, password))
    }

    /// The same by another method.
    pub fn call_by(&self, method: Method, path: &str, (email, password): (&str, &str)) -> Call {
        let mut form = self.form.clone();
        form.fill("email", email);
        form.fill("password", password);
        let call = Call::new(self.house.doors.clone(), method, raw(self.house, path))
            .header("Sec-Fetch-Site", "same-origin")
            .header("Origin", &self.house.app.config.server.origin())
            .header("Cookie", &self.cookies)
            .form(&form.pairs());
        let headers = self.headers.iter();
        headers.fold(call, |call, (name, value)| call.header(name, value))
    }

    /// The status of a try.
    pub async fn tries(&self, email: &str, password: &str) -> u16 {
        self.call(email, password).await.status
    }

    /// So many wrong ones, each of which is looked at.
    pub async fn fails(&self, email: &str, times: usize) {
        for time in 1..=times {
            let answer = self.call(email, WRONG).await;
            assert_eq!(answer.status, 422, "{time}: {}", answer.told());
        }
    }
}

/// A try at the API, without any cookie.
pub fn api(house: &House, email: &str, password: &str) -> Call {
    api_at(house, paths::API_SIGN_IN_EMAIL, email, password)
}

/// The same, to another path.
pub fn api_at(house: &House, path: &str, email: &str, password: &str) -> Call {
    let typed = json!({ "email": email, "password": password });
    Call::new(house.doors.clone(), Method::POST, raw(house, path))
        .body("application/json", typed.to_string())
}

/// The address of a path as it is written, which joining would set right.
fn raw(house: &House, path: &str) -> Url {
    let (path, query) = path
        .split_once('?')
        .map_or((path, None), |(path, query)| (path, Some(query)));
    let mut url = house.url("/");
    url.set_path(path);
    url.set_query(query);
    url
}

/// How many passwords were looked at.
pub fn evaluated(house: &House) -> u64 {
    house.app.passwords.counts().evaluated
}

/// A house behind a proxy that it trusts, so that anybody can come from anywhere.
pub async fn proxied(db: Database) -> House {
    House::with(db, |config| {
        config.server.trusted_proxies = vec!["127.0.0.1".parse().expect("a network")];
    })
    .await
}

/// One more process on the same database.
pub async fn second(house: &House) -> App {
    let app = &house.app;
    let second = App::open(app.config.clone(), app.db.clone(), app.clock.clone()).await;
    second.expect("an app on the same database")
}

/// The house after a restart.
pub async fn restarted(mut house: House) -> House {
    let app = second(&house).await;
    house.doors = Arc::new(http::routes(app.clone()).map_to_response().boxed());
    house.app = app;
    house
}

/// The seconds of `Retry-After`, which every 429 has.
#[track_caller]
pub fn wait(answer: &Answer) -> i64 {
    answer.is(429);
    let seconds = answer.header("Retry-After").parse();
    seconds.unwrap_or_else(|_| panic!("no Retry-After: {}", answer.told()))
}

/// How many events of a kind are about somebody, and how many about nobody.
pub async fn told(house: &House, kind: EventKind) -> (usize, usize) {
    let all = event::Entity::find().all(&house.app.db.read).await;
    let mut all = all.expect("the events");
    all.retain(|event| event.kind == kind);
    let nobody = all.iter().filter(|event| event.user_id.is_none()).count();
    (all.len() - nobody, nobody)
}
