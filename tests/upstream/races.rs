//! Many at one moment: where rows decide, one gets through.

use doorward::{
    accounts::operate::{self, Wanted},
    paths,
    sessions::{self, Browser as Where, Proof},
};
use entity::value::{EventKind, Role};
use sea_orm::TransactionTrait;
use serde_json::json;

use super::world::World;
use crate::{
    pages::world::cookies,
    support::{
        browser::Browser,
        call::{Call, at_once},
        database::both,
        house::House,
    },
};

const MANY: usize = 64;

/// The way back of a browser, as a request that can be sent together with others.
fn call(house: &House, browser: &Browser<'_>, path: &str) -> Call {
    let cookies = cookies(house, browser).expect("cookies");
    house.get(path).header("Cookie", &cookies)
}

/// A browser in which a new user is signed in, without the work that a password is.
async fn somebody<'a>(house: &'a House, number: usize) -> Browser<'a> {
    let app = &house.app;
    let email = format!("person{number}@example.com");
    let wanted = Wanted {
        email: &email,
        name: "",
        password: None,
        email_verified: true,
        role: Role::User,
        claims: None,
        image: None,
    };
    let user = operate::add(app, wanted).await.expect("a user");
    let tx = app.db.write.begin().await.expect("a transaction");
    let proven = (user, Proof::password(app.clock.now()));
    let started = sessions::start(app, &tx, proven, None, &Where::default()).await;
    let (session, _) = started.expect("a session");
    tx.commit().await.expect("a commit");
    crate::pages::world::planted(house, session.expose())
}

both! {
    async fn of_64_who_come_back_with_one_state_one_is_let_in(db: Database) {
        let world = World::new(db).await;
        let mut browser = world.house.browser();
        let asked = world.start(&mut browser, "google").await;
        let code = world.google.approve(&world.house, &asked, &json!({}));
        let back = asked.back(&code);
        let calls = (0..MANY).map(|_| call(&world.house, &browser, &back)).collect();
        let answers = at_once(calls).await;
        let of = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
        assert_eq!((of(303), of(400)), (1, MANY - 1));
        assert_eq!(world.google.heard("/token").len(), 1);
        assert_eq!((world.users().await.len(), world.linked().await.len()), (1, 1));
    }

    async fn of_64_accounts_that_link_one_subject_one_has_it(db: Database) {
        let world = World::new(db).await;
        let mut calls = Vec::new();
        for number in 0..MANY {
            let mut browser = somebody(&world.house, number).await;
            browser.get(paths::ACCOUNT_LINKED).await.shown(200, "Linked accounts");
            let asked = world.press(&mut browser, "google").await;
            let code = world.google.approve(&world.house, &asked, &json!({}));
            calls.push(call(&world.house, &browser, &asked.back(&code)));
        }
        let answers = at_once(calls).await;
        let linked = |answer: &&crate::support::answer::Answer| {
            answer.header("Location").ends_with("?done=linked")
        };
        let elsewhere = |answer: &&crate::support::answer::Answer| {
            answer.header("Location").contains("problem=linked-elsewhere")
        };
        assert_eq!(answers.iter().filter(linked).count(), 1);
        assert_eq!(answers.iter().filter(elsewhere).count(), MANY - 1);
        assert_eq!(world.linked().await.len(), 1);
        assert_eq!(world.events(EventKind::ProviderLinked).await, 1);
    }

    async fn of_64_browsers_in_which_somebody_comes_first_all_are_let_in_to_one_account(db: Database) {
        let world = World::new(db).await;
        let mut calls = Vec::new();
        for _ in 0..MANY {
            let mut browser = world.house.browser();
            let asked = world.start(&mut browser, "google").await;
            let code = world.google.approve(&world.house, &asked, &json!({}));
            calls.push(call(&world.house, &browser, &asked.back(&code)));
        }
        for answer in at_once(calls).await {
            answer.sent_to(paths::ACCOUNT);
        }
        assert_eq!((world.users().await.len(), world.linked().await.len()), (1, 1));
    }

    async fn of_two_last_ways_in_one_stays(db: Database) {
        let world = World::new(db).await;
        let mut browser = world.house.browser();
        world.come(&mut browser, "google", &json!({})).await.sent_to(paths::ACCOUNT);
        world.link(&mut browser, "github", &json!({})).await.sent_to(paths::ACCOUNT_LINKED);
        browser.follow().await;
        let cookies = cookies(&world.house, &browser).expect("cookies");
        let unlink = |number: usize| {
            let form = browser.last().page().form(&format!("#unlink-{number}")).pairs();
            world.house.post(paths::ACCOUNT_LINKED_UNLINK).header("Cookie", &cookies).form(&form)
        };
        let calls = (0..16).map(|number| unlink(1 + number % 2)).collect();
        let answers = at_once(calls).await;
        assert!(answers.iter().any(|answer| answer.status == 422));
        assert_eq!(world.linked().await.len(), 1);
        assert_eq!(world.events(EventKind::ProviderUnlinked).await, 1);
    }

    async fn of_64_who_use_one_proof_one_links(db: Database) {
        let world = World::new(db).await;
        let house = &world.house;
        let ada = house.person().await;
        let mut browser = house.browser();
        world.come(&mut browser, "google", &json!({})).await.sent_to(paths::UPSTREAM_FINISH);
        browser.follow().await;
        browser.click("Sign in to your account").await;
        let typed = [("email", ada.email), ("password", ada.password)];
        browser.submit("#login-form", &typed).await.sent_to(paths::UPSTREAM_FINISH);
        browser.follow().await.shown(200, "Link your Google account?");
        let form = browser.last().page().form("#upstream-link").pairs();
        let cookies = cookies(house, &browser).expect("cookies");
        let calls = (0..MANY)
            .map(|_| house.post(paths::UPSTREAM_FINISH).header("Cookie", &cookies).form(&form))
            .collect();
        let answers = at_once(calls).await;
        let done = answers.iter().filter(|answer| answer.header("Location").ends_with("?done=linked"));
        assert_eq!(done.count(), 1);
        assert_eq!((world.linked().await.len(), world.events(EventKind::ProviderLinked).await), (1, 1));
    }
}
