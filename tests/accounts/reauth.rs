//! Proving again who one is, before what guards the account is changed (LK-4): for that person, in that
//! browser, and truly told afterwards (CN-8).

use chrono::TimeDelta;
use doorward::paths;
use serde_json::Value;

use super::guarding::{
    GRACE, GUARDED, add, browser_of, events, letters, opens, session, stale, typed,
};
use crate::{
    oauth::granted::Granted,
    pages::world::{contents, csrf},
    support::{browser::Browser, database::both, house::House},
};

/// The flow in the address of the page on the screen.
#[track_caller]
fn flow(browser: &Browser<'_>) -> String {
    let mut pairs = browser.last().url.query_pairs();
    let flow = pairs.find(|(name, _)| name == "flow");
    flow.expect("a flow").1.into_owned()
}

/// Opens a page for which it has been too long, as far as the form that asks again.
async fn asked(browser: &mut Browser<'_>, path: &str) {
    browser.get(path).await.sent_to(paths::LOGIN);
    browser.follow().await.shown(200, "Confirm it is you");
    assert!(flow(browser).starts_with("account."), "{}", flow(browser));
}

/// `auth_time`, `sid`, `amr` and `acr` of a token that is asked for without any page.
async fn told(granted: &mut Granted<'_>) -> [Value; 4] {
    let tokens = granted.tokens().await;
    let id_token = tokens.id_token.expect("an ID token");
    let claims = crate::oauth::jwt::claims(&id_token);
    ["auth_time", "sid", "amr", "acr"].map(|name| claims[name].clone())
}

both! {
    async fn lk_4_what_guards_the_account_needs_a_proof_that_is_fresh(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let fresh = house.app.config.sessions.fresh();
        for (path, title) in GUARDED {
            let mut browser = browser_of(&house, person).await;
            house.turn(fresh - TimeDelta::seconds(1));
            browser.get(path).await.shown(200, title);
            house.turn(TimeDelta::seconds(1));
            asked(&mut browser, path).await;
            // Their address stands there and cannot be typed over.
            let page = browser.last().page();
            let shown = page.form("#login-form").pairs();
            assert!(shown.contains(&("email".to_owned(), person.email.to_owned())), "{shown:?}");
            let wrong = [("password", "a guess at the swallows")];
            browser.submit("#login-form", &wrong).await.shown(422, "is wrong");
            assert!(opens(&house, &session(&browser)).await, "still signed in");
            browser.get(path).await.sent_to(paths::LOGIN);
            browser.follow().await;
            let right = [("password", person.password)];
            browser.submit("#login-form", &right).await.sent_to(paths::ACCOUNT);
            browser.follow().await.shown(200, title);
            assert_eq!(browser.last().url.path(), path);
            // It holds for the others too.
            for (path, title) in GUARDED {
                browser.get(path).await.shown(200, title);
            }
        }
    }

    async fn lk_4_a_form_that_was_open_for_too_long_changes_nothing(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        for (path, form, typed) in [
            (paths::ACCOUNT_EMAIL, "#email-form", Some(("email", "new@example.com"))),
            (paths::ACCOUNT_EXPORT, "#export-form", None),
            (paths::ACCOUNT_DELETE, "#delete-form", Some(("understand", "yes"))),
        ] {
            let mut browser = browser_of(&house, person).await;
            browser.get(path).await.is(200);
            stale(&house);
            let mut before = contents(&house).await;
            browser.submit(form, typed.as_slice()).await.sent_to(paths::LOGIN);
            let mut after = contents(&house).await;
            // That somebody was here is noted.
            assert!(before.remove("session").is_some() && after.remove("session").is_some());
            assert_eq!(after, before, "{path}");
            browser.follow().await.shown(200, "Confirm it is you");
            browser.submit("#login-form", &[("password", person.password)]).await;
            assert_eq!(browser.follow().await.url.path(), path);
            browser.last().is(200);
        }
        assert!(letters(&house).await.is_empty());
    }

    async fn cn_8_the_proof_moves_auth_time_and_nothing_else_does(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut granted = Granted::confidential(&house).await;
        let before = told(&mut granted).await;
        let cookie = session(&granted.browser);
        stale(&house);
        // Looking, turning away and guessing prove nothing.
        asked(&mut granted.browser, paths::ACCOUNT_DELETE).await;
        granted.browser.submit("#login-form", &[("password", "a guess at the swallows")]).await.is(422);
        granted.browser.get(paths::ACCOUNT).await.is(200);
        assert_eq!(told(&mut granted).await, before);
        assert_eq!(session(&granted.browser), cookie);

        asked(&mut granted.browser, paths::ACCOUNT_DELETE).await;
        let now = house.app.clock.now().timestamp();
        granted.browser.submit("#login-form", &[("password", person.password)]).await;
        granted.browser.follow().await.is(200);
        let after = told(&mut granted).await;
        assert_eq!(after[0], now);
        assert_eq!(after[1..], before[1..], "the same session, proven in the same way");
        assert_ne!(after[0], before[0]);
        // SE-1: a new value at every elevation.
        assert_ne!(session(&granted.browser), cookie);
        assert!(!opens(&house, &cookie).await);
    }

    async fn cn_8_nobody_else_goes_on_with_what_somebody_began(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        add(&house, GRACE).await;
        let mut browser = browser_of(&house, person).await;
        stale(&house);
        asked(&mut browser, paths::ACCOUNT_DELETE).await;
        let flow = flow(&browser);
        let at = browser.last().url.to_string();

        // The fixed address is typed over by hand: no sign-in, and no end of one.
        let own = session(&browser);
        let token = csrf(&browser, "#login-form");
        let before = contents(&house).await;
        let form = [("csrf", token.as_str()), ("flow", &flow), ("email", GRACE.email), ("password", GRACE.password)];
        let answer = browser.post_form(paths::LOGIN, &form).await;
        answer.shown(422, "Only the person who is signed in can go on here.");
        assert_eq!(contents(&house).await, before);
        assert_eq!(session(&browser), own);

        // She signs in in their place: to her own account, not to what they were about to do.
        browser.get("/logout").await;
        browser.submit("#logout-confirm", &[]).await;
        browser.get(&at).await.shown(200, "Sign in");
        let to = typed(&mut browser, GRACE).await.location().expect("a Location");
        assert_eq!((to.path(), to.query()), (paths::ACCOUNT, None));
        browser.get(&at).await.sent_to(paths::ACCOUNT);
        assert_eq!(browser.last().location().expect("a Location").query(), None);
    }

    async fn back_reload_and_an_old_errand_lead_on(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut browser = browser_of(&house, person).await;
        stale(&house);
        asked(&mut browser, paths::ACCOUNT_EXPORT).await;
        let at = browser.last().url.to_string();
        browser.get(&at).await.shown(200, "Confirm it is you");
        browser.submit("#login-form", &[("password", person.password)]).await;
        browser.follow().await.shown(200, "Take a copy of your data");
        // Back, to the page with the password: there is nothing left to do there.
        browser.get(&at).await;
        browser.follow().await.shown(200, "Take a copy of your data");

        // In a browser to which it was not given, it is a sign-in like any other (SE-7).
        let mut other = house.browser();
        other.get(&at).await.shown(200, "Sign in");
        typed(&mut other, person).await.sent_to(paths::ACCOUNT);
        other.follow().await.shown(200, "Your account");

        // Too old, likewise.
        stale(&house);
        house.turn(TimeDelta::hours(1));
        browser.get(&at).await;
        browser.follow().await.shown(200, "Your account");
        browser.get(paths::ACCOUNT_EXPORT).await.sent_to(paths::LOGIN);
        browser.follow().await.shown(200, "Confirm it is you");
    }

    async fn somebody_who_is_not_signed_in_comes_back_to_the_page(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        for (path, title) in GUARDED {
            let mut browser = house.browser();
            browser.get(path).await.sent_to(paths::LOGIN);
            browser.follow().await.shown(200, "Sign in");
            typed(&mut browser, person).await;
            browser.follow().await.shown(200, title);
        }
        assert_eq!(events(&house, entity::value::EventKind::DataExported).await, 0);
    }
}
