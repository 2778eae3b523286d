//! Lies: what a stranger, an old page or a server that is away may tell the playground.

use chrono::TimeDelta;
use doorward::paths;
use poem::http::Method;
use url::Url;

use super::{failed, house, signed_in, start};
use crate::support::{browser::Browser, call::Call, database::Database, house::House};

const COOKIE: &str = "doorward_playground";

/// What a stranger may have put into the address of the callback.
#[tokio::test]
async fn an_answer_to_another_question_is_not_taken() {
    let house = house(Database::sqlite().await).await;
    let issuer = &house.app.config.server.issuer;
    let state = state_of(&start(&house, &[]).await);
    let mut other = house.browser();
    other
        .get_from_stranger(&callback(&house, &[("state", &state), ("code", "c")]))
        .await;
    failed(
        other.last(),
        "State",
        "no sign-in of the playground is under way",
    );

    for (answer, step, why) in [
        (
            vec![("state", "x"), ("code", "c"), ("iss", issuer)],
            "State",
            "not the one that this browser",
        ),
        (
            vec![("code", "c"), ("iss", issuer)],
            "State",
            "not the one that this browser",
        ),
        (
            vec![("state", "STATE"), ("state", "x"), ("code", "c")],
            "State",
            "not the one that this browser",
        ),
        (
            vec![("state", "STATE"), ("code", "c")],
            "Authorization response",
            "iss is not the issuer",
        ),
        (
            vec![
                ("state", "STATE"),
                ("code", "c"),
                ("iss", "https://evil.example"),
            ],
            "Authorization response",
            "iss is not the issuer",
        ),
        (
            vec![("state", "STATE"), ("error", "<b>"), ("iss", issuer)],
            "Authorization response",
            "answered <b>",
        ),
        (
            vec![("state", "STATE"), ("iss", issuer)],
            "Authorization response",
            "neither a code nor an error",
        ),
        (
            vec![("state", "STATE"), ("code", "ac_'; id; '"), ("iss", issuer)],
            "Token request",
            "400 invalid_grant",
        ),
    ] {
        let mut browser = start(&house, &[]).await;
        let state = state_of(&browser);
        let answer: Vec<_> = answer
            .into_iter()
            .map(|(name, value)| {
                (
                    name,
                    if value == "STATE" {
                        state.as_str()
                    } else {
                        value
                    },
                )
            })
            .collect();
        let url = callback(&house, &answer);
        failed(browser.get_from_stranger(&url).await, step, why);
        assert_eq!(browser.jar.value(COOKIE), None, "{url}");
        failed(
            browser.get(&url).await,
            "State",
            "no sign-in of the playground is under way",
        );
    }
}

/// The state of the authorization request that the browser is sent to.
fn state_of(browser: &Browser<'_>) -> String {
    let to = browser.last().location().expect("a Location");
    parameter(&to, "state")
}

fn parameter(url: &Url, name: &str) -> String {
    let mut pairs = url.query_pairs();
    let (_, value) = pairs.find(|(own, _)| own == name).expect("a parameter");
    value.into_owned()
}

fn callback(house: &House, answer: &[(&str, &str)]) -> String {
    let mut url: Url = house.url(paths::PLAYGROUND_CALLBACK);
    url.query_pairs_mut().extend_pairs(answer);
    url.into()
}

#[tokio::test]
async fn a_sign_in_that_took_too_long_is_begun_again() {
    let house = house(Database::sqlite().await).await;
    let mut browser = start(&house, &[("prompt", "none")]).await;
    let cookie = browser.jar.value(COOKIE).expect("a cookie").to_owned();
    house.turn(TimeDelta::minutes(11));
    // A browser that does not forget in time.
    browser
        .jar
        .take(&format!("{COOKIE}={cookie}"), house.app.clock.now());
    failed(browser.follow().await, "State", "more than ten minutes ago");
}

#[tokio::test]
async fn tokens_that_have_ended_are_steps_that_failed() {
    let house = house(Database::sqlite().await).await;
    let mut browser = signed_in(&house, &[]).await;
    house.turn(TimeDelta::minutes(6));
    let result = browser.last().clone();
    let userinfo = browser.submit("#playground-userinfo", &[]).await;
    userinfo
        .shown(400, "Userinfo failed")
        .shown(400, "401 invalid_token");
    browser
        .submit("#playground-refresh", &[])
        .await
        .shown(200, "Refresh request passed");
    house.turn(TimeDelta::minutes(6));
    // The page before that one still has the token that is spent.
    let form = result.page().form("#playground-refresh").pairs();
    let form: Vec<_> = form
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let refreshed = browser.post_form(paths::PLAYGROUND_REFRESH, &form).await;
    refreshed
        .shown(400, "Refresh request failed")
        .shown(400, "400 invalid_grant");
}

#[tokio::test]
async fn what_we_did_not_seal_is_not_opened() {
    let house = house(Database::sqlite().await).await;
    let mut browser = signed_in(&house, &[]).await;
    let form = browser.last().page().form("#playground-refresh").pairs();
    let own = |name: &str| {
        form.iter()
            .find(|(own, _)| own == name)
            .expect("a field")
            .1
            .clone()
    };
    let (csrf, sealed) = (own("csrf"), own("state"));
    let logout = browser
        .last()
        .page()
        .link("Sign out at the provider")
        .to_owned();
    let leaving = parameter(&Url::parse(&logout).expect("a URL"), "state");
    for path in [paths::PLAYGROUND_REFRESH, paths::PLAYGROUND_USERINFO] {
        // The last one is ours, but made for something else.
        for state in ["", "x", &sealed[1..], &leaving] {
            let form = [("csrf", csrf.as_str()), ("state", state)];
            failed(
                browser.post_form(path, &form).await,
                "Tokens",
                "cannot be read",
            );
        }
    }
    for state in ["x", &sealed] {
        let url = format!("{}?state={state}", paths::PLAYGROUND);
        browser
            .get(&url)
            .await
            .shown(200, "not one that the playground gave this browser");
    }
    let mut other = house.browser();
    let url = format!("{}?state={leaving}", paths::PLAYGROUND);
    other
        .get(&url)
        .await
        .shown(200, "not one that the playground gave this browser");
}

#[tokio::test]
async fn an_issuer_that_cannot_be_called_is_a_step_that_failed() {
    // Nobody listens on port 1.
    let unreachable = "http://localhost:1".to_owned();
    let house = House::with(Database::sqlite().await, |config| {
        config.server.issuer = unreachable
    })
    .await;
    let mut browser = house.browser();
    browser.get(paths::PLAYGROUND).await;
    let started = browser.submit("#playground-start", &[]).await;
    failed(started, "Discovery", "the server could not be reached");
}

#[tokio::test]
async fn in_production_there_is_no_playground() {
    let house = House::with(Database::sqlite().await, |config| {
        config.development = false
    })
    .await;
    for path in [
        paths::PLAYGROUND,
        paths::PLAYGROUND_START,
        paths::PLAYGROUND_CALLBACK,
        paths::PLAYGROUND_USERINFO,
        paths::PLAYGROUND_REFRESH,
    ] {
        for method in [Method::GET, Method::POST] {
            let call = Call::new(house.doors.clone(), method, house.url(path));
            call.await.shown(404, "There is no such page");
        }
    }
}
