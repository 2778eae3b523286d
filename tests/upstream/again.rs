//! Somebody who is signed in and must prove again who they are, and does so with a provider.

use chrono::TimeDelta;
use doorward::paths;
use serde_json::json;

use super::world::{World, grace, is_in};
use crate::{
    pages::world::run,
    support::{database::Database, rp::Rp},
};

#[tokio::test]
async fn whoever_has_no_password_proves_it_with_the_provider() {
    let world = World::new(Database::sqlite().await).await;
    let mut browser = world.house.browser();
    world
        .come(&mut browser, "corp", &json!({}))
        .await
        .sent_to(paths::ACCOUNT);
    world.house.turn(TimeDelta::minutes(11));
    browser.get(paths::ACCOUNT_LINKED).await;
    let pressed = browser.submit("#provider-github", &[]).await;
    pressed.sent_to(paths::LOGIN);
    browser.follow().await.shown(200, "Confirm it is you");
    let asked = world.press(&mut browser, "corp").await;
    assert_eq!(
        (asked.get("prompt").as_str(), asked.get("max_age").as_str()),
        ("login", "0")
    );
    // A sign-in there from before is none.
    let began = world.house.app.clock.now().timestamp();
    // Nor is one of which nobody says when it was.
    let mut asked = asked;
    for stale in [json!(began - 600), json!(null)] {
        let stale = json!({ "auth_time": stale });
        let answer = world.back(&mut browser, "corp", &asked, &stale).await;
        answer.sent_to(paths::LOGIN);
        browser.follow().await.shown(200, "cannot accept");
        asked = world.press(&mut browser, "corp").await;
    }
    let anew = json!({ "auth_time": began });
    let answer = world.back(&mut browser, "corp", &asked, &anew).await;
    answer.sent_to(paths::ACCOUNT);
    assert_eq!(browser.follow().await.url.path(), paths::ACCOUNT_LINKED);
    let asked = world.press(&mut browser, "github").await;
    let answer = world.back(&mut browser, "github", &asked, &json!({})).await;
    answer.sent_to(paths::ACCOUNT_LINKED);
    assert_eq!(world.linked().await.len(), 2);
}

#[tokio::test]
async fn an_application_that_wants_a_new_sign_in_gets_one() {
    let world = World::new(Database::sqlite().await).await;
    let rp = Rp::confidential(&world.house).await;
    let mut browser = world.house.browser();
    world
        .come(&mut browser, "google", &json!({}))
        .await
        .sent_to(paths::ACCOUNT);
    world.house.turn(TimeDelta::minutes(1));
    let url = rp.authorize_url(&[("prompt", Some("login"))]);
    browser.get_from_stranger(&url).await;
    browser.follow().await.shown(200, "Confirm it is you");
    let asked = world.press(&mut browser, "google").await;
    assert_eq!(asked.get("prompt"), "select_account");
    let answer = world.back(&mut browser, "google", &asked, &json!({})).await;
    answer.sent_to(paths::AUTHORIZE);
    browser.follow().await.shown(200, "Example");
}

#[tokio::test]
async fn an_address_that_must_be_proven_first_must_be_so_at_this_door_too() {
    let world = World::with(Database::sqlite().await, |config| {
        config.accounts.verified_email_only = true;
    })
    .await;
    let mut browser = world.house.browser();
    world
        .come(&mut browser, "corp", &grace())
        .await
        .sent_to(paths::ACCOUNT);
    // As somebody has it who had an account before the operator asked for that.
    run(&world.house, "UPDATE \"user\" SET email_verified = NULL").await;
    let mut other = world.house.browser();
    world
        .come(&mut other, "corp", &grace())
        .await
        .sent_to(paths::LOGIN);
    other.follow().await.shown(200, "is not confirmed yet");
    assert!(!is_in(&mut other).await);
}

#[tokio::test]
async fn ways_that_are_begun_are_counted_where_many_come() {
    let world = World::with(Database::sqlite().await, |config| {
        config.development = false;
        config.server.issuer = "https://id.example.com".to_owned();
    })
    .await;
    let mut browser = world.house.browser();
    for _ in 0..60 {
        world.start(&mut browser, "google").await;
    }
    browser.get(paths::LOGIN).await;
    let answer = browser.submit("#provider-google", &[]).await;
    answer.shown(429, "Too many attempts");
    // Strangers who come by with anything leave no more rows than that.
    let before = world.house.rows().await;
    browser
        .get_from_stranger("/upstream/google/callback?state=x")
        .await
        .shown(400, "cannot go on");
    assert_eq!(world.house.rows().await, before);
    world.house.turn(TimeDelta::minutes(2));
    world.start(&mut browser, "google").await;
    // A cookie that goes with https, and survives the way back from elsewhere.
    let asked = world.start(&mut browser, "google").await;
    let answer = world.back(&mut browser, "google", &asked, &json!({})).await;
    answer.sent_to(paths::ACCOUNT);
    assert!(is_in(&mut browser).await);
}
