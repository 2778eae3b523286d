//! `GET /verify-email`: the link of a letter, opened by people, by scripts and by those who look into
//! mail.

use std::sync::Arc;

use doorward::{app::App, http, paths};
use entity::value::LetterKind;
use poem::{EndpointExt, http::Method};
use serde_json::{Value, json};

use super::front::{Front, SESSION};
use crate::{
    accounts::proving::{found, newest, proven_first},
    support::{browser::STRANGER, call::Doors, database::both, house::House},
};

const APP: &str = "https://app.example";
const EMAIL: &str = "grace@example.com";

async fn open(db: crate::support::database::Database) -> House {
    House::with(db, |config| {
        config.api.trusted_origins = vec![APP.to_owned()].into()
    })
    .await
}

/// Somebody signs up at a front end, which names the page to go on to. The path of the link.
async fn signed_up(front: &mut Front<'_>, house: &House, kind: LetterKind, onward: &str) -> String {
    let typed = json!({
        "name": "Grace", "email": EMAIL, "password": "nine swallows over a bridge", "callbackURL": onward,
    });
    front.post("/sign-up/email", typed).await.is(200);
    let letter = newest(house, kind).await;
    let link = letter.link(paths::API_VERIFY_EMAIL).to_owned();
    link.strip_prefix("http://localhost:8080")
        .expect("a link of ours")
        .to_owned()
}

async fn is_proven(house: &House) -> bool {
    found(house, EMAIL)
        .await
        .is_some_and(|user| user.email_verified.is_some())
}

fn without_callback(path: &str) -> &str {
    path.split("&callbackURL=").next().unwrap_or_default()
}

both! {
    async fn a_person_presses_a_button_and_goes_on_to_the_front_end(db: Database) {
        let house = open(db).await;
        let mut front = Front::new(&house);
        let path = signed_up(&mut front, &house, LetterKind::VerifyEmail, "https://app.example/welcome?a=b").await;
        let mut browser = house.browser();
        browser.jar = front.jar.clone();
        let before = house.rows().await;
        browser.get(&path).await.is(302);
        let page = browser.follow().await;
        page.shown(200, "Confirm your e-mail address");
        page.has("Content-Security-Policy", |policy| policy.contains("form-action 'self' https://app.example;"));
        assert_eq!(house.rows().await, before);
        assert!(!is_proven(&house).await, "opening it is not enough");
        let led = browser.submit("#verify-submit", &[]).await;
        assert_eq!(led.is(303).header("Location"), "https://app.example/welcome?a=b");
        assert!(is_proven(&house).await);
        // Once more: the front end hears that it no longer works.
        let led = browser.get(&path).await;
        assert_eq!(led.is(302).header("Location"), "https://app.example/welcome?a=b&error=INVALID_TOKEN");
    }

    async fn pr_9_who_looks_into_mail_proves_nothing(db: Database) {
        let house = open(db).await;
        let mut front = Front::new(&house);
        let path = signed_up(&mut front, &house, LetterKind::VerifyEmail, "/in").await;
        let before = house.rows().await;
        for (name, value) in [
            ("Accept", "text/html,application/xhtml+xml"),
            ("Accept", "*/*"),
            ("Sec-Fetch-Mode", "navigate"),
            ("Sec-Fetch-Mode", "no-cors"),
            ("Sec-Fetch-Mode", "cors"),
            ("Origin", STRANGER),
        ] {
            house.get(&path).header(name, value).await.is(302);
        }
        let bare = house.get(without_callback(&path)).await;
        bare.refused(401, "UNAUTHORIZED");
        assert_eq!(house.rows().await, before);
        // Nor does a page of somebody else, with the cookies of the owner.
        let cookies = front.jar.header("/", false, house.app.clock.now()).expect("cookies");
        for call in [
            house.get(&path).header("Origin", STRANGER).header("Sec-Fetch-Mode", "cors"),
            house.get(&path).header("Sec-Fetch-Mode", "no-cors"),
            house.get(&path).header("Sec-Fetch-Mode", "navigate"),
            house.get(&path).header("Sec-Fetch-Mode", "cors").header("Sec-Purpose", "prefetch"),
        ] {
            let led = call.header("Cookie", &cookies).await;
            assert_eq!(led.is(302).location().expect("a place").path(), paths::VERIFY_EMAIL);
        }
        assert!(!is_proven(&house).await);
    }

    async fn a_script_of_the_front_end_proves_it_at_once(db: Database) {
        let house = open(db).await;
        let mut front = Front::elsewhere(&house, APP);
        let path = signed_up(&mut front, &house, LetterKind::VerifyEmail, "/in").await;
        let bare = without_callback(&path).strip_prefix("/api/auth").expect("a path").to_owned();
        assert_eq!(front.get(&bare).await.ok(), json!({ "status": true, "user": Value::Null }));
        assert!(is_proven(&house).await);
        let problem = front.get(&bare).await.refused(401, "INVALID_TOKEN");
        assert_eq!(problem["message"], "Invalid token");
    }

    async fn where_an_address_is_proven_first_it_makes_the_account_and_signs_in(db: Database) {
        let house = proven_first(db).await;
        let mut front = Front::new(&house);
        let path = signed_up(&mut front, &house, LetterKind::SignUp, "/in").await;
        let mut elsewhere = Front::new(&house);
        let path = path.strip_prefix("/api/auth").expect("a path").to_owned();
        let led = elsewhere.get(&path).await;
        assert_eq!(led.is(302).header("Location"), "/in?error=UNAUTHORIZED");
        assert_eq!(house.rows().await["user"], 0);
        let led = front.get(&path).await;
        assert_eq!(led.is(302).header("Location"), "/in");
        assert!(is_proven(&house).await);
        assert_eq!(front.session().await["user"]["email"], EMAIL);
    }

    async fn ad_4_no_link_makes_an_account_once_sign_up_is_closed(db: Database) {
        let house = proven_first(db).await;
        let mut front = Front::new(&house);
        let path = signed_up(&mut front, &house, LetterKind::SignUp, "/in").await;
        let app = &house.app;
        let mut config = app.config.clone();
        config.accounts.sign_up = false;
        let closed = App::open(config, app.db.clone(), app.clock.clone()).await.expect("another app");
        let closed: Doors = Arc::new(http::routes(closed).map_to_response().boxed());
        let cookies = front.jar.header("/", false, house.app.clock.now()).expect("cookies");
        let call = |path: &str| house.get(path).through(closed.clone()).header("Cookie", &cookies);
        let led = call(&path).await;
        assert_eq!(led.is(302).header("Location"), "/in?error=INVALID_TOKEN");
        assert_eq!(house.rows().await["user"], 0);
    }

    async fn there_too_a_person_presses_a_button(db: Database) {
        let house = proven_first(db).await;
        let mut front = Front::new(&house);
        let path = signed_up(&mut front, &house, LetterKind::SignUp, "/in?a=b").await;
        let mut browser = house.browser();
        browser.jar = front.jar.clone();
        browser.get(&path).await.is(302);
        browser.follow().await.shown(200, "Confirm your e-mail address");
        let led = browser.submit("#confirm-link-form", &[]).await;
        assert_eq!(led.is(303).header("Location"), "/in?a=b");
        assert!(browser.jar.value(SESSION).is_some());
    }

    async fn who_cannot_come_in_yet_is_sent_the_way_of_the_front_end(db: Database) {
        let house = proven_first(db).await;
        crate::accounts::proving::add(&house, crate::pages::world::GRACE, false).await;
        let mut front = Front::new(&house);
        let typed = json!({
            "email": EMAIL, "password": crate::pages::world::GRACE.password, "callbackURL": "/in",
        });
        front.post("/sign-in/email", typed).await.refused(403, "EMAIL_NOT_VERIFIED");
        let letter = newest(&house, LetterKind::VerifyEmail).await;
        assert!(letter.link(paths::API_VERIFY_EMAIL).ends_with("&callbackURL=%2Fin"));
    }

    async fn what_is_no_link_of_ours(db: Database) {
        let house = open(db).await;
        let mut front = Front::new(&house);
        let problem = front.get("/verify-email").await.refused(400, "VALIDATION_ERROR");
        assert_eq!(problem["message"], "[query.token] Invalid input: expected string, received undefined");
        for token in ["x", "", "sp_x", "vm_nothing"] {
            front.get(&format!("/verify-email?token={token}")).await.refused(401, "INVALID_TOKEN");
            let led = front.get(&format!("/verify-email?token={token}&callbackURL=/in%3Fa=b%23c")).await;
            assert_eq!(led.is(302).header("Location"), "/in?a=b&error=INVALID_TOKEN#c");
            let opened = front.call(Method::GET, &format!("/verify-email?token={token}"))
                .header("Sec-Fetch-Mode", "navigate").await;
            assert!(opened.status == 302 || opened.status == 401, "{}", opened.told());
        }
        for place in ["https://evil.example", "//evil.example", "http://app.example/", "javascript:alert(1)"] {
            front.get(&format!("/verify-email?token=x&callbackURL={place}")).await.refused(403, "INVALID_CALLBACK_URL");
        }
        // The pages that it leads to take no other places either.
        let path = signed_up(&mut front, &house, LetterKind::VerifyEmail, "/in").await;
        let mut browser = house.browser();
        browser.jar = front.jar.clone();
        let token = without_callback(&path).split("token=").nth(1).expect("a token").to_owned();
        let page = browser.get(&format!("/verify-email?token={token}&callbackURL=https://evil.example")).await;
        assert!(!page.shown(200, "Confirm").body.contains("evil.example"));
        let form = page.page().form("#verify-submit");
        let mut sent = form.pairs();
        sent.push(("callbackURL".to_owned(), "https://evil.example".to_owned()));
        let pairs: Vec<(&str, &str)> = sent.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        browser.post_form("/verify-email", &pairs).await.shown(200, "is confirmed");
    }
}
