//! Sessions on a browser that several people use, and what an address alone can do: SE-2, SE-4, SE-7 and
//! SE-8 of the catalogue.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use doorward::{paths, sessions};
use entity::{session, user};
use sea_orm::EntityTrait;

use super::world::{SESSION, contents, opens, planted, session as cookie, signed_up, verify_link};
use crate::support::{
    browser::Browser,
    database::both,
    device::{GRACE, browser_of},
    house::{House, Person},
    rp::Rp,
};

/// Signs somebody in for a client, as far as the code; whoever is asked for consent allows it.
async fn code_of(browser: &mut Browser<'_>, rp: &Rp<'_>, person: Person) -> String {
    browser.get_from_stranger(&rp.authorize_url(&[])).await;
    if browser.follow().await.url.path() == paths::LOGIN {
        let typed = [("email", person.email), ("password", person.password)];
        browser.submit("#login-form", &typed).await;
    }
    if browser.follow().await.url.path() == paths::CONSENT {
        browser.submit("#consent-approve", &[]).await;
    }
    browser.follow().await.code()
}

/// A claim of an ID token, unverified.
fn claim(token: &str, name: &str) -> serde_json::Value {
    crate::oauth::jwt::claims(token)[name].clone()
}

/// The one live session.
async fn only_session(house: &House) -> session::Model {
    let all = session::Entity::find()
        .all(&house.app.db.read)
        .await
        .expect("the sessions");
    assert_eq!(all.len(), 1);
    all.into_iter().next().expect("a session")
}

/// Signs out on the page for it.
async fn sign_out(browser: &mut Browser<'_>) {
    browser.get(paths::LOGOUT).await.is(200);
    browser.submit("#logout-confirm", &[]).await.is(303);
}

both! {
    async fn se_2_who_comes_after_somebody_is_not_taken_for_them(db: Database) {
        let house = House::new(db).await;
        let (ada, rp) = (house.person().await, Rp::confidential(&house).await);
        browser_of(&house, GRACE).await;
        let mut browser = house.browser();
        let first = code_of(&mut browser, &rp, ada).await;
        let first = rp.exchange(&first).await.tokens();
        // Ada closes the window, which forgets the session and keeps who the browser is.
        let visitor = browser.jar.value("doorward_visitor").expect("a visitor").to_owned();
        let old = cookie(&browser);
        let mut browser = house.browser();
        browser.jar.take(&format!("doorward_visitor={visitor}; Path=/"), house.app.clock.now());
        house.turn(TimeDelta::seconds(2));
        let second = code_of(&mut browser, &rp, GRACE).await;
        let second = rp.exchange(&second).await.tokens();
        let id = |tokens: &crate::support::expect::Tokens| tokens.id_token.clone().expect("an ID token");
        for name in ["sub", "sid", "auth_time"] {
            assert_ne!(claim(&id(&first), name), claim(&id(&second), name), "{name}");
        }
        assert_ne!(cookie(&browser), old);
        // What Ada allowed is still about Ada.
        let refresh = first.refresh_token.clone().expect("a refresh token");
        let fresh = rp.refresh(&refresh).await.tokens();
        assert_eq!(claim(&id(&fresh), "sub"), claim(&id(&first), "sub"));
        let userinfo = house.get(paths::USERINFO).bearer(&fresh.access_token).await.ok();
        assert_eq!(userinfo["email"], ada.email);
        // And signing Grace out signs nobody else out.
        sign_out(&mut browser).await;
        assert!(opens(&house, &old).await);
    }

    async fn se_4_a_cookie_that_is_over_shows_nothing_and_moves_nothing(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut browser = browser_of(&house, person).await;
        let superseded = cookie(&browser);
        let rp = Rp::confidential(&house).await;
        let again = rp.authorize_url(&[("prompt", Some("login"))]);
        browser.get_from_stranger(&again).await;
        browser.follow().await.shown(200, "Confirm it is you");
        browser.submit("#login-form", &[("password", person.password)]).await.is(303);
        assert_ne!(cookie(&browser), superseded);

        house.turn(TimeDelta::minutes(30));
        let before = contents(&house).await;
        let idle = house.app.config.sessions.idle();
        let quiet = async |value: &str| {
            for path in [paths::ACCOUNT, paths::LOGOUT, paths::LOGIN, paths::HOME, "/api/auth/get-session"] {
                let answer = planted(&house, value).get(path).await.clone();
                assert!(!answer.body.contains(person.email), "{}", answer.told());
                assert!(!answer.body.contains(person.name), "{}", answer.told());
            }
            let silent = rp.authorize_url(&[("prompt", Some("none"))]);
            planted(&house, value).get_from_stranger(&silent).await.answered("login_required");
        };
        quiet(&superseded).await;
        assert_eq!(contents(&house).await, before, "nothing has moved");
        assert!(opens(&house, &cookie(&browser)).await, "the new one is good");

        // One that nobody used for too long.
        let last_seen = only_session(&house).await.last_seen;
        house.turn(idle + TimeDelta::minutes(1));
        let before = contents(&house).await;
        let expired = cookie(&browser);
        quiet(&expired).await;
        assert_eq!(contents(&house).await, before, "nothing has moved");
        assert_eq!(only_session(&house).await.last_seen, last_seen);
    }

    async fn se_7_an_address_opens_nothing_in_another_browser(db: Database) {
        let house = House::new(db).await;
        let ada = house.person().await;
        let rp = Rp::confidential(&house).await;
        let mut browser = house.browser();
        // Every address that one browser sees on its way through.
        let mut seen = BTreeSet::new();
        let mut note = |answer: &crate::support::answer::Answer| {
            seen.insert(answer.url.to_string());
            let own = answer.location().filter(|to| to.origin() == answer.url.origin());
            seen.extend(own.map(String::from));
        };
        let wrong = [("email", ada.email), ("password", "not the swallows")];
        let right = [("email", ada.email), ("password", ada.password)];
        note(browser.get_from_stranger(&rp.authorize_url(&[])).await);
        note(browser.follow().await);
        note(browser.submit("#login-form", &wrong).await);
        note(browser.submit("#login-form", &right).await);
        note(browser.follow().await);
        let consent = browser.last().url.to_string();
        note(browser.submit("#consent-approve", &[]).await);
        for path in [paths::ACCOUNT, paths::LOGOUT, paths::DEVICE, paths::HOME] {
            note(browser.get(path).await);
        }
        let again = rp.authorize_url(&[("prompt", Some("login"))]);
        note(browser.get_from_stranger(&again).await);
        note(browser.follow().await);
        assert!(seen.iter().any(|url| url.contains("flow=")) && seen.len() > 8, "{seen:?}");
        assert!(seen.contains(&consent));

        let mut own = signed_up(&house, GRACE).await;
        let link = verify_link(&house).await;
        seen.insert(link);
        sign_out(&mut own).await;
        let rows = house.rows().await;
        for url in &seen {
            let mut other = house.browser();
            other.get(url).await;
            let last = other.follow().await;
            assert!(last.status < 500, "{}", last.told());
            for told in [ada.email, ada.name, GRACE.name] {
                assert!(!last.body.contains(told), "{url}: {}", last.told());
            }
            assert!(!last.header("Location").contains("code="), "{}", last.told());
            assert_eq!(other.jar.value(SESSION), None, "{url}");
        }
        assert_eq!(house.rows().await, rows);
        let found = user::by_email(&house.app.db.read, GRACE.email).await.expect("a look-up");
        assert_eq!(found.expect("a user").email_verified, None, "a link that was opened proves nothing");
    }

    async fn se_8_after_signing_out_going_back_shows_nothing(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut browser = browser_of(&house, person).await;
        let mut tab = house.browser();
        tab.jar = browser.jar.clone();
        for path in [paths::ACCOUNT, paths::LOGOUT, paths::DEVICE] {
            let page = browser.get(path).await;
            // Neither a cache nor the memory of a browser keeps it.
            page.has("Cache-Control", |rule| rule == "no-store");
        }
        let old = cookie(&browser);
        sign_out(&mut browser).await;
        assert_eq!(browser.jar.value(SESSION), None);
        // Back, reload, and the other tab, which still has the cookie.
        for browser in [&mut browser, &mut tab] {
            browser.get(paths::ACCOUNT).await.sent_to(paths::LOGIN);
            let silent = Rp::confidential(&house).await.authorize_url(&[("prompt", Some("none"))]);
            browser.get_from_stranger(&silent).await.answered("login_required");
        }
        let found = sessions::find(&house.app, &old).await.expect("a look-up");
        assert!(found.is_none());
    }
}
