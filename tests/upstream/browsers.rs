//! The browser's part (CS-2, CS-5): nothing begins from another site, nothing ends in another browser,
//! and forms go to the providers and to nobody else.

use chrono::TimeDelta;
use doorward::paths;
use serde_json::json;

use super::world::{World, grace};
use crate::{
    pages::world::{GRACE, signed_in, signed_up},
    support::{database::Database, rp::Rp},
};

#[tokio::test]
async fn cs_2_nothing_begins_from_another_site_or_ends_in_another_browser() {
    let world = World::new(Database::sqlite().await).await;
    let house = &world.house;
    let mut victim = signed_in(house).await;
    let before = house.rows().await;
    victim
        .get_from_stranger("/upstream/google")
        .await
        .sent_to(paths::LOGIN);
    victim
        .get_from_stranger("/upstream/google?intent=link")
        .await
        .sent_to(paths::LOGIN);
    let link = [("intent", "link")];
    victim
        .post_from_stranger("/upstream/google", &link)
        .await
        .shown(403, "expired");
    assert_eq!(house.rows().await, before);
    // What somebody else began with their own account leads nowhere in this browser.
    let mut mallory = house.browser();
    let asked = world.start(&mut mallory, "google").await;
    let theirs = json!({ "sub": "mallory", "email": "mallory@evil.example" });
    let code = world.google.approve(house, &asked, &theirs);
    victim
        .get_from_stranger(&asked.back(&code))
        .await
        .shown(400, "cannot go on");
    let mut fresh = house.browser();
    fresh
        .get_from_stranger(&asked.back(&code))
        .await
        .shown(400, "cannot go on");
    assert_eq!(world.linked().await.len(), 0);
    victim
        .get(paths::ACCOUNT)
        .await
        .shown(200, "ada@example.com");
}

#[tokio::test]
async fn cs_5_linking_is_bound_to_the_session_in_which_it_began() {
    let world = World::new(Database::sqlite().await).await;
    let house = &world.house;
    let mut browser = signed_in(house).await;
    browser.get(paths::ACCOUNT_LINKED).await;
    let asked = world.press(&mut browser, "google").await;
    let code = world.google.approve(house, &asked, &grace());
    browser.get(paths::LOGOUT).await;
    browser.submit("#logout-confirm", &[]).await;
    house.turn(TimeDelta::seconds(1));
    // Whoever is next at this browser is not linked to what somebody before them began.
    signed_up(house, GRACE).await;
    browser.get(paths::LOGIN).await;
    let typed = [("email", GRACE.email), ("password", GRACE.password)];
    browser
        .submit("#login-form", &typed)
        .await
        .sent_to(paths::ACCOUNT);
    let answer = browser.get_from_stranger(&asked.back(&code)).await;
    assert!(
        answer.status == 400
            || answer
                .location()
                .is_some_and(|to| to.path() == paths::ACCOUNT_LINKED)
    );
    assert_eq!(world.linked().await.len(), 0);
    assert!(world.google.heard("/token").is_empty());
}

#[tokio::test]
async fn the_pages_let_forms_go_to_the_providers_and_to_nobody_else() {
    let world = World::new(Database::sqlite().await).await;
    let rp = Rp::confidential(&world.house).await;
    let mut browser = world.house.browser();
    browser.get_from_stranger(&rp.authorize_url(&[])).await;
    let page = browser.follow().await;
    let policy = page.header("Content-Security-Policy");
    let action = policy
        .split(';')
        .find(|part| part.trim().starts_with("form-action"))
        .expect("a rule");
    let mut sources: Vec<&str> = action.split_whitespace().skip(1).collect();
    sources.sort_unstable();
    let mut expected = vec!["'self'", "https://app.example"];
    let own = [
        &world.google.origin,
        &world.github.origin,
        &world.corp.origin,
    ];
    expected.extend(own.map(String::as_str));
    expected.sort_unstable();
    assert_eq!(sources, expected);
    // The way somebody came last is marked.
    assert!(!page.page().text.contains("Last used"));
    world
        .come(&mut browser, "github", &json!({}))
        .await
        .sent_to(paths::ACCOUNT);
    browser.get(paths::LOGOUT).await;
    browser.submit("#logout-confirm", &[]).await;
    browser
        .get(paths::LOGIN)
        .await
        .shown(200, "Continue with GitHub Last used");
    browser
        .get(paths::REGISTER)
        .await
        .shown(200, "Continue with Google");
}
