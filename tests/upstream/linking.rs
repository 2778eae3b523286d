//! Linking (LK-4 … LK-6, LK-10, LK-14): whose account somebody comes to, and what they must do first.

use chrono::TimeDelta;
use doorward::{accounts::operate, crypto::secret::SecretKind, paths};
use entity::{
    upstream_arrival,
    value::{EventKind, LetterKind},
};
use sea_orm::EntityTrait;
use serde_json::json;

use super::world::{World, grace, is_in};
use crate::{
    pages::world::{GRACE, LIN, session, signed_in, signed_up, user},
    support::{
        browser::Browser,
        database::{Database, both},
        rp::Rp,
    },
};

both! {
    async fn lk_5_a_proof_is_for_one_account_one_subject_and_one_browser_once(db: Database) {
        let world = World::new(db).await;
        let house = &world.house;
        let ada = house.person().await;
        signed_up(house, GRACE).await;
        let rp = Rp::confidential(house).await;
        let mut browser = house.browser();
        browser.get_from_stranger(&rp.authorize_url(&[])).await;
        browser.follow().await;
        let asked = world.press(&mut browser, "google").await;
        let answer = world.back(&mut browser, "google", &asked, &json!({})).await;
        answer.sent_to(paths::UPSTREAM_FINISH);
        let finish = answer.header("Location").to_owned();
        browser.follow().await.shown(200, "You have an account already");
        assert_eq!(world.linked().await.len(), 0);

        // Another browser, and another account, are not good for it.
        let mut other = signed_in(house).await;
        other.get(&finish).await.shown(400, "This sign-in cannot go on");
        browser.click("Sign in to your account").await.shown(200, "Sign in");
        let typed = [("email", GRACE.email), ("password", GRACE.password)];
        browser.submit("#login-form", &typed).await.sent_to(paths::UPSTREAM_FINISH);
        browser.follow().await.shown(200, "You have an account already");
        // Even with a token for that form: that of this browser, this sign-in and this flow.
        let flow = finish.split_once("flow=").expect("a flow").1.to_owned();
        let csrf = token(&world, &browser, &flow).await;
        let forged = [("csrf", csrf.as_str()), ("flow", &flow), ("action", "link")];
        browser.post_form(paths::UPSTREAM_FINISH, &forged).await.shown(400, "cannot go on");
        assert_eq!(world.linked().await.len(), 0);

        // Whose it is says so, after a sign-in that is newer than the proof.
        browser.get(paths::LOGOUT).await;
        browser.submit("#logout-confirm", &[]).await;
        world.house.turn(TimeDelta::seconds(1));
        browser.get(&finish).await.shown(200, "You have an account already");
        browser.click("Sign in to your account").await;
        let typed = [("email", ada.email), ("password", ada.password)];
        browser.submit("#login-form", &typed).await.sent_to(paths::UPSTREAM_FINISH);
        browser.follow().await.shown(200, "Link your Google account?");
        assert_eq!(world.linked().await.len(), 0, "looking at it links nothing");
        let form = browser.last().page().form("#upstream-link").pairs();
        let form: Vec<(&str, &str)> =
            form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        browser.submit("#upstream-link", &[]).await.sent_to(paths::AUTHORIZE);
        browser.follow().await.shown(200, "Example");
        let [way] = &world.linked().await[..] else { panic!("one way in") };
        assert_eq!(way.user_id, user(house, ada.email).await.id);

        // It is used up, also once the link is gone again.
        browser.get(paths::ACCOUNT_LINKED).await.shown(200, "Google");
        browser.submit("#unlink-1", &[]).await.sent_to(paths::ACCOUNT_LINKED);
        assert_eq!(world.linked().await.len(), 0);
        browser.post_form(paths::UPSTREAM_FINISH, &form).await;
        browser.get(&finish).await.sent_to(paths::ACCOUNT_LINKED);
        assert_eq!(world.linked().await.len(), 0);
        let left = upstream_arrival::Entity::find().all(&house.app.db.read).await;
        assert_eq!(left.expect("arrivals").len(), 0);
    }

    async fn lk_10_whoever_is_disabled_is_not_let_in_by_a_provider(db: Database) {
        let world = World::new(db).await;
        let house = &world.house;
        let mut browser = house.browser();
        world.come(&mut browser, "google", &json!({})).await.sent_to(paths::ACCOUNT);
        let ada = user(house, "ada@example.com").await;
        operate::disable(&house.app, &ada).await.expect("a disabled user");
        assert!(!is_in(&mut browser).await);
        let rp = Rp::confidential(house).await;
        let mut browser = house.browser();
        browser.get_from_stranger(&rp.authorize_url(&[])).await;
        browser.follow().await;
        let asked = world.press(&mut browser, "google").await;
        world.back(&mut browser, "google", &asked, &json!({})).await.sent_to(paths::LOGIN);
        browser.follow().await.shown(200, "is disabled");
        assert!(!is_in(&mut browser).await);
        // A new subject with the address of somebody who is disabled gets no account either.
        let other = json!({ "sub": "2" });
        world.come(&mut browser, "google", &other).await.sent_to(paths::LOGIN);
        assert_eq!((world.users().await.len(), world.linked().await.len()), (1, 1));
    }
}

/// A form token as a page of this browser, this sign-in and this flow would hold.
async fn token(world: &World, browser: &Browser<'_>, flow: &str) -> String {
    let app = &world.house.app;
    let visitor = browser.jar.value("doorward_visitor").expect("a visitor");
    let visitor = app
        .secrets
        .digest(SecretKind::Visitor, visitor)
        .expect("ours");
    let session = app
        .secrets
        .digest(SecretKind::Session, &session(browser))
        .expect("ours");
    app.secrets.form_tag(&[&visitor.0, &session.0, flow])
}

#[tokio::test]
async fn lk_4_a_way_in_is_added_only_by_who_has_just_proven_who_they_are() {
    let world = World::new(Database::sqlite().await).await;
    let house = &world.house;
    let ada = house.person().await;
    let mut browser = signed_in(house).await;
    house.turn(TimeDelta::minutes(11));
    browser
        .get(paths::ACCOUNT_LINKED)
        .await
        .shown(200, "Linked accounts");
    browser
        .submit("#provider-github", &[])
        .await
        .sent_to(paths::LOGIN);
    browser.follow().await.shown(200, "Confirm it is you");
    let typed = [("password", ada.password)];
    browser
        .submit("#login-form", &typed)
        .await
        .sent_to(paths::ACCOUNT);
    assert_eq!(browser.follow().await.url.path(), paths::ACCOUNT_LINKED);
    let asked = world.press(&mut browser, "github").await;
    // It need not still be so when they come back: that they meant it was proven when they left.
    let answer = world.back(&mut browser, "github", &asked, &json!({})).await;
    answer.sent_to(paths::ACCOUNT_LINKED);
    browser
        .follow()
        .await
        .shown(200, "The account is linked")
        .shown(200, "ada-l");
    // Somebody who is not signed in links nothing.
    let mut nobody = house.browser();
    nobody.get(paths::LOGIN).await;
    let csrf = crate::pages::world::csrf(&nobody, "#login-form");
    let form = [("csrf", csrf.as_str()), ("intent", "link")];
    nobody
        .post_form("/upstream/google", &form)
        .await
        .sent_to(paths::LOGIN);
    assert_eq!(world.linked().await.len(), 1);
}

#[tokio::test]
async fn lk_6_the_letter_says_which_account_where_and_what_to_do() {
    let world = World::new(Database::sqlite().await).await;
    let mut browser = signed_in(&world.house).await;
    let display = json!({ "email": "ada.l@work.example", "sub": "1" });
    world
        .link(&mut browser, "google", &display)
        .await
        .sent_to(paths::ACCOUNT_LINKED);
    let [(to, letter)] = &world.letters(LetterKind::ProviderLinked).await[..] else {
        panic!("one letter")
    };
    assert_eq!(to, "ada@example.com");
    for word in [
        "Google",
        "ada.l@work.example",
        "did not start this",
        "/account/linked",
    ] {
        assert!(
            letter.text.contains(word) && letter.html.contains(word),
            "{word}"
        );
    }
    // The address of the account is what it was.
    assert_eq!(
        user(&world.house, "ada@example.com").await.email,
        "ada@example.com"
    );
}

#[tokio::test]
async fn lk_14_a_provider_for_linking_only_signs_nobody_in() {
    let world = World::with(Database::sqlite().await, |config| {
        let mut corp = config.providers.get("corp").expect("corp").1.clone();
        corp.sign_in = false;
        config.providers.insert("corp", corp);
    })
    .await;
    let house = &world.house;
    let mut browser = house.browser();
    let page = browser.get(paths::LOGIN).await;
    assert!(!page.body.contains("provider-corp") && page.body.contains("provider-google"));
    let csrf = crate::pages::world::csrf(&browser, "#login-form");
    let answer = browser
        .post_form("/upstream/corp", &[("csrf", &csrf)])
        .await;
    answer.sent_to(paths::LOGIN);
    browser
        .follow()
        .await
        .shown(200, "cannot be used to sign in");
    let mut ada = signed_in(house).await;
    world
        .link(&mut ada, "corp", &json!({}))
        .await
        .sent_to(paths::ACCOUNT_LINKED);
    assert_eq!(world.linked().await.len(), 1);
    // Known by now, and still not let in.
    browser.get(paths::LOGIN).await;
    let csrf = crate::pages::world::csrf(&browser, "#login-form");
    browser
        .post_form("/upstream/corp", &[("csrf", &csrf)])
        .await
        .sent_to(paths::LOGIN);
    assert!(!is_in(&mut browser).await);
}

#[tokio::test]
async fn a_subject_that_is_somebody_elses_is_not_taken_from_them() {
    let world = World::new(Database::sqlite().await).await;
    let house = &world.house;
    let mut ada = signed_in(house).await;
    world
        .link(&mut ada, "google", &json!({}))
        .await
        .sent_to(paths::ACCOUNT_LINKED);
    // Once more is no mistake, and no second row.
    world
        .link(&mut ada, "google", &json!({}))
        .await
        .sent_to(paths::ACCOUNT_LINKED);
    let mut lin = signed_up(house, LIN).await;
    world
        .link(&mut lin, "google", &json!({}))
        .await
        .sent_to(paths::ACCOUNT_LINKED);
    lin.follow()
        .await
        .shown(200, "is linked to another account here");
    let [way] = &world.linked().await[..] else {
        panic!("one way in")
    };
    assert_eq!(way.user_id, user(house, "ada@example.com").await.id);
    assert_eq!(world.events(EventKind::ProviderLinked).await, 1);
    // A second one of the same provider is one more way in.
    world
        .link(&mut lin, "google", &grace())
        .await
        .sent_to(paths::ACCOUNT_LINKED);
    assert_eq!(world.linked().await.len(), 2);
}

#[tokio::test]
async fn what_a_person_has_said_of_themselves_is_not_overwritten() {
    let world = World::new(Database::sqlite().await).await;
    let house = &world.house;
    let mut browser = signed_in(house).await;
    let claims =
        json!({ "name": "Somebody Else", "website": "https://ada.example/", "gender": "female" });
    world
        .link(&mut browser, "corp", &claims)
        .await
        .sent_to(paths::ACCOUNT_LINKED);
    let ada = user(house, "ada@example.com").await;
    assert_eq!(ada.name.as_deref(), Some("Ada Lovelace"));
    assert_eq!(ada.profile.website.as_deref(), Some("https://ada.example/"));
    assert!(ada.image.is_some());
    // Signing in again with other words changes nothing.
    let claims = json!({ "website": "https://evil.example/" });
    let mut other = house.browser();
    world
        .come(&mut other, "corp", &claims)
        .await
        .sent_to(paths::ACCOUNT);
    let ada = user(house, "ada@example.com").await;
    assert_eq!(ada.profile.website.as_deref(), Some("https://ada.example/"));
}
