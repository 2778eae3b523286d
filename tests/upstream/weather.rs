//! RP-7: a provider in bad weather. Somebody who comes back gets the sign-in page and a sentence, and
//! nobody else notices.

use std::time::Duration;

use chrono::TimeDelta;
use doorward::paths;
use entity::value::EventKind;
use serde_json::json;
use tokio::time::timeout;

use super::{
    documents::{answer, key, said},
    world::{World, is_in},
};
use crate::{pages::world::sign_in, support::database::Database};

/// Impatient, so that the test need not wait long.
async fn world() -> World {
    World::with(Database::sqlite().await, |config| {
        config.fetch.timeout_milliseconds = 2_000;
    })
    .await
}

/// What a server can do wrong.
fn storms() -> Vec<(&'static str, Vec<u8>)> {
    let redirect = |to: &str| {
        format!(
            "HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
        .into_bytes()
    };
    let bomb = [
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n\x1f\x8b\x08".as_slice(),
        &[0; 4096],
    ]
    .concat();
    let long = format!("{{\"access_token\":\"{}\"}}", "x".repeat(10 << 20));
    vec![
        (
            "500",
            answer("500 Internal Server Error", "text/html", "<h1>Oops</h1>"),
        ),
        (
            "503 in JSON",
            said("503 Service Unavailable", &json!({ "error": "x" })),
        ),
        (
            "HTML",
            answer(
                "200 OK",
                "text/html; charset=utf-8",
                "<html>Sign in to the Wi-Fi</html>",
            ),
        ),
        ("nothing", answer("200 OK", "application/json", "")),
        (
            "half of it",
            answer("200 OK", "application/json", "{\"access_token\":\"a"),
        ),
        ("ten megabytes", answer("200 OK", "application/json", &long)),
        ("a gzip bomb", bomb),
        (
            "a redirect inside",
            redirect("http://169.254.169.254/latest/meta-data/"),
        ),
        ("a redirect to itself", redirect("/token")),
        ("no HTTP", b"SSH-2.0-OpenSSH_9.6\r\n".to_vec()),
        ("a hang-up", Vec::new()),
    ]
}

#[tokio::test]
async fn rp_7_whatever_a_token_endpoint_does_nobody_is_let_in_and_a_page_says_so() {
    let world = world().await;
    for (name, token) in [
        ("google", "/token"),
        ("corp", "/token"),
        ("github", "/login/oauth/access_token"),
        ("github", "/api/v3/user"),
        ("github", "/api/v3/user/emails"),
    ] {
        for (what, storm) in storms() {
            let mut browser = world.house.browser();
            let asked = world.start(&mut browser, name).await;
            world.provider(name).say(token, storm);
            let answer = world.back(&mut browser, name, &asked, &json!({})).await;
            let to = answer.location().map(|to| to.path().to_owned());
            assert_eq!(
                to.as_deref(),
                Some(paths::LOGIN),
                "{name} {token} {what}: {}",
                answer.told()
            );
            let page = browser.follow().await.shown(200, "Sign in").page();
            assert!(page.text_of("#problem").is_some(), "{}", page.text);
            world.nobody_came(0).await;
            world.provider(name).recover(token);
        }
    }
    let failed = 5 * storms().len();
    assert_eq!(world.events(EventKind::ProviderFailed).await, failed);
    let mut browser = world.house.browser();
    world
        .come(&mut browser, "github", &json!({}))
        .await
        .sent_to(paths::ACCOUNT);
}

#[tokio::test]
async fn rp_7_a_provider_that_is_down_is_noticed_by_nobody_who_signs_in_with_a_password() {
    let world = world().await;
    for name in ["google", "corp"] {
        world
            .provider(name)
            .fall_silent("/.well-known/openid-configuration");
    }
    let mut browser = world.house.browser();
    sign_in(&mut browser, world.house.person().await).await;
    assert!(is_in(&mut browser).await);
    assert!(
        world
            .google
            .heard("/.well-known/openid-configuration")
            .is_empty()
    );

    let mut other = world.house.browser();
    for _ in 0..5 {
        other.get(paths::LOGIN).await;
        other
            .submit("#provider-google", &[])
            .await
            .sent_to(paths::LOGIN);
        other
            .follow()
            .await
            .shown(200, "Google does not answer as it should just now");
    }
    // No storm: whoever did not answer is left alone for a while.
    assert_eq!(
        world
            .google
            .heard("/.well-known/openid-configuration")
            .len(),
        1
    );
    world.google.recover("/.well-known/openid-configuration");
    world.house.turn(TimeDelta::seconds(11));
    world
        .come(&mut other, "google", &grace_like())
        .await
        .sent_to(paths::ACCOUNT);
}

fn grace_like() -> serde_json::Value {
    super::world::grace()
}

#[tokio::test]
async fn rp_7_nobody_waits_longer_than_six_seconds() {
    let world = World::with(Database::sqlite().await, |config| {
        config.fetch.timeout_milliseconds = 60_000;
    })
    .await;
    let mut browser = world.house.browser();
    let asked = world.start(&mut browser, "corp").await;
    world.corp.fall_silent("/token");
    let claims = json!({});
    let back = world.back(&mut browser, "corp", &asked, &claims);
    let answer = timeout(Duration::from_secs(6), back).await;
    answer.expect("an answer in time").sent_to(paths::LOGIN);
    world.nobody_came(0).await;
}

#[tokio::test]
async fn rp_7_keys_that_are_not_known_are_asked_for_once_a_minute() {
    let world = world().await;
    let certs = || world.corp.heard("/oauth2/v3/certs").len();
    let unknown = json!({ "kid": "two" });
    for expected in [2, 2, 2] {
        let mut browser = world.house.browser();
        let asked = world.start(&mut browser, "corp").await;
        let code = world
            .corp
            .approve_signed(&world.house, &asked, &json!({}), &unknown);
        browser
            .get_from_stranger(&asked.back(&code))
            .await
            .sent_to(paths::LOGIN);
        assert_eq!(certs(), expected);
    }
    // The provider has turned its keys.
    world.corp.publish(json!({ "keys": [key("two")] }));
    world.house.turn(TimeDelta::seconds(61));
    let mut browser = world.house.browser();
    let asked = world.start(&mut browser, "corp").await;
    let code = world
        .corp
        .approve_signed(&world.house, &asked, &json!({}), &unknown);
    browser
        .get_from_stranger(&asked.back(&code))
        .await
        .sent_to(paths::ACCOUNT);
    assert_eq!(certs(), 3);
}

#[tokio::test]
async fn rp_7_a_provider_whose_certificate_is_none_is_not_talked_to() {
    let world = World::with(Database::sqlite().await, |config| {
        let mut corp = config.providers.get("corp").expect("corp").1.clone();
        let secure = corp.issuer().replace("http://", "https://");
        config.fetch.private_origins.push(secure.clone());
        corp.issuer = Some(secure);
        config.providers.insert("corp", corp);
    })
    .await;
    let mut browser = world.house.browser();
    browser.get(paths::LOGIN).await;
    browser
        .submit("#provider-corp", &[])
        .await
        .sent_to(paths::LOGIN);
    world.nobody_came(0).await;
}

/// SS-1: a provider on an address that nobody named is not called at all.
#[tokio::test]
async fn ss_1_an_issuer_in_our_own_network_is_called_only_if_the_operator_says_so() {
    let world = World::with(Database::sqlite().await, |config| {
        config.fetch.private_origins.clear();
    })
    .await;
    for name in ["google", "corp"] {
        let mut browser = world.house.browser();
        browser.get(paths::LOGIN).await;
        browser
            .submit(&format!("#provider-{name}"), &[])
            .await
            .sent_to(paths::LOGIN);
        browser.follow().await.shown(200, "does not answer");
        assert!(
            world
                .provider(name)
                .heard("/.well-known/openid-configuration")
                .is_empty()
        );
    }
}
