//! Signing up where an address is proven first: nobody is made until then, and only in the browser
//! that signed up.

use chrono::TimeDelta;
use doorward::paths;
use entity::value::{EventKind, LetterKind};

use super::proving::{add, found, newest, proven_first, sign_up, type_code, waiting};
use crate::{
    oauth::jwt::claims,
    pages::world::{GRACE, contents, csrf, head, opens, session, sign_in},
    support::{database::both, house::Person, rp::Rp},
};

/// Somebody who knows the address of another.
const MALLORY: Person = Person {
    email: GRACE.email,
    password: "mallets on the pall mall",
    name: "Mallory",
};

both! {
    async fn nobody_is_made_until_the_code_is_typed(db: Database) {
        let house = proven_first(db).await;
        let before = house.rows().await;
        let mut browser = waiting(&house, GRACE).await;
        let page = browser.last().page();
        assert!(page.text.contains(GRACE.email), "{}", page.text);
        assert!(!browser.last().body.contains(GRACE.password));
        let mut expected = before.clone();
        for table in ["verification_token", "outbox"] {
            *expected.get_mut(table).expect("a table") += 1;
        }
        let mut rows = house.rows().await;
        rows.insert("limit_counter".to_owned(), expected["limit_counter"]);
        assert_eq!(rows, expected, "a secret and a letter, nothing else");

        let letter = newest(&house, LetterKind::SignUp).await;
        assert_eq!(letter.to, GRACE.email);
        type_code(&mut browser, "#confirm-form", letter.wrong_code()).await;
        browser.last().shown(422, "The code is wrong.");
        assert!(found(&house, GRACE.email).await.is_none());

        let typed_at = house.app.clock.now();
        house.turn(TimeDelta::minutes(20));
        // As somebody types it who reads it in groups.
        let (front, back) = letter.code().split_at(3);
        type_code(&mut browser, "#confirm-form", &format!(" {front} {back} ")).await;
        browser.last().sent_to(paths::ACCOUNT);
        browser.follow().await.shown(200, GRACE.name);
        let user = found(&house, GRACE.email).await.expect("a user");
        assert!(user.email_verified.is_some());
        let sessions = entity::session::of_user(&house.app.db.read, user.id, house.app.clock.now()).await;
        let [session] = &sessions.expect("sessions")[..] else { panic!("one session") };
        assert!(session.auth_time <= typed_at, "the password was typed before the letter was read");
        assert_eq!(house.rows().await["verification_token"], 0);

        // From now on the password opens.
        let mut other = house.browser();
        sign_in(&mut other, GRACE).await;
    }

    async fn what_happened_is_told(db: Database) {
        let house = proven_first(db).await;
        let mut browser = waiting(&house, GRACE).await;
        let code = newest(&house, LetterKind::SignUp).await.code().to_owned();
        type_code(&mut browser, "#confirm-form", &code).await;
        browser.follow().await.shown(200, GRACE.email);
        for kind in [EventKind::UserRegistered, EventKind::EmailVerified, EventKind::SignedIn] {
            let kind = sea_orm::ActiveEnum::to_value(&kind);
            let rows = contents(&house).await["event"].clone();
            let told = rows.iter().filter(|row| row.contains(&kind)).count();
            assert_eq!(told, 1, "{kind}: {rows:?}");
        }
    }

    async fn lk_3_the_link_works_in_the_browser_that_signed_up_and_nowhere_else(db: Database) {
        let house = proven_first(db).await;
        let mut browser = waiting(&house, GRACE).await;
        let letter = newest(&house, LetterKind::SignUp).await;
        let link = letter.link(paths::CONFIRM_SIGN_UP);
        let before = contents(&house).await;
        // A scanner, and a person on another device.
        let mut other = house.browser();
        head(&house, &other, link).await.is(403);
        other.get_from_stranger(link).await.shown(403, "Go on where you began");
        let own = csrf_of_any_page(&mut other).await;
        let token = link.split_once("token=").expect("a token").1;
        let form = [("csrf", own.as_str()), ("token", token)];
        other.post_form(paths::CONFIRM_SIGN_UP, &form).await.shown(403, "Go on where you began");
        browser.get(link).await;
        browser.get_from_stranger(link).await.shown(200, "Confirm your e-mail address");
        assert_eq!(contents(&house).await, before, "nothing was consumed");

        browser.submit("#confirm-link-form", &[]).await.sent_to(paths::ACCOUNT);
        browser.follow().await.shown(200, GRACE.email);
        assert!(found(&house, GRACE.email).await.expect("a user").email_verified.is_some());
        // Once: from then on it leads nowhere, and who is signed in to their account.
        other.get(link).await.shown(410, "This sign-up has ended");
        browser.get(link).await.sent_to(paths::ACCOUNT);
    }

    async fn a_link_that_is_none_is_dead(db: Database) {
        let house = proven_first(db).await;
        waiting(&house, GRACE).await;
        let letter = newest(&house, LetterKind::SignUp).await;
        let token = letter.link(paths::CONFIRM_SIGN_UP).split_once("token=").expect("a token").1;
        let before = contents(&house).await;
        let mut browser = house.browser();
        for wrong in ["", "nothing", &token[..45], &format!("{token}A"), &format!("ve_{}", &token[3..])] {
            let url = format!("{}?token={wrong}", paths::CONFIRM_SIGN_UP);
            browser.get(&url).await.shown(410, "This sign-up has ended");
        }
        browser.get(paths::CONFIRM_SIGN_UP).await.shown(410, "Sign up again");
        browser.get(&format!("{}?flow=sign-up.nothing", paths::CONFIRM_SIGN_UP)).await.is(410);
        assert_eq!(contents(&house).await, before);
    }

    async fn the_way_to_a_relying_party_goes_on(db: Database) {
        let house = proven_first(db).await;
        let rp = Rp::confidential(&house).await;
        let mut browser = house.browser();
        browser.get_from_stranger(&rp.authorize_url(&[("prompt", Some("create"))])).await;
        browser.follow().await.shown(200, "to continue to Example");
        let typed = [("email", GRACE.email), ("password", GRACE.password)];
        browser.submit("#register-form", &typed).await.sent_to(paths::CONFIRM_SIGN_UP);
        let typed_at = house.app.clock.now().timestamp();
        browser.follow().await.shown(200, "Example");
        house.turn(TimeDelta::minutes(10));
        let code = newest(&house, LetterKind::SignUp).await.code().to_owned();
        type_code(&mut browser, "#confirm-form", &code).await;
        browser.last().sent_to(paths::AUTHORIZE);
        browser.follow().await.shown(200, "Example wants to use your account");
        browser.submit("#consent-approve", &[]).await;
        let code = browser.last().code();
        let tokens = rp.exchange(&code).await.tokens();
        let id_token = claims(&tokens.id_token.expect("an ID token"));
        let auth_time = id_token["auth_time"].as_i64().expect("a time");
        assert!((auth_time - typed_at).abs() <= 5, "{auth_time} is not {typed_at}");
        let userinfo = house.get(paths::USERINFO).bearer(&tokens.access_token).await.ok();
        assert_eq!(userinfo["email_verified"], true);
    }

    async fn a_flow_that_died_while_the_letter_was_on_its_way_ends_at_the_account(db: Database) {
        let house = proven_first(db).await;
        let rp = Rp::confidential(&house).await;
        let mut browser = house.browser();
        browser.get_from_stranger(&rp.authorize_url(&[("prompt", Some("create"))])).await;
        browser.follow().await;
        let typed = [("email", GRACE.email), ("password", GRACE.password)];
        browser.submit("#register-form", &typed).await.sent_to(paths::CONFIRM_SIGN_UP);
        browser.follow().await;
        house.turn(TimeDelta::hours(20));
        let code = newest(&house, LetterKind::SignUp).await.code().to_owned();
        type_code(&mut browser, "#confirm-form", &code).await;
        browser.last().sent_to(paths::ACCOUNT);
        browser.follow().await.shown(200, GRACE.email);
    }

    async fn a_letter_dies_with_its_time(db: Database) {
        let house = proven_first(db).await;
        let mut browser = waiting(&house, GRACE).await;
        let code = newest(&house, LetterKind::SignUp).await.code().to_owned();
        house.turn(TimeDelta::hours(24) + TimeDelta::minutes(1));
        type_code(&mut browser, "#confirm-form", &code).await;
        browser.last().shown(410, "This sign-up has ended");
        assert!(found(&house, GRACE.email).await.is_none());
    }

    async fn an_address_that_was_taken_meanwhile_leaves_a_way_on_and_nothing_half_made(db: Database) {
        let house = proven_first(db).await;
        let mut browser = waiting(&house, GRACE).await;
        add(&house, MALLORY, true).await;
        let code = newest(&house, LetterKind::SignUp).await.code().to_owned();
        let before = house.rows().await;
        type_code(&mut browser, "#confirm-form", &code).await;
        let page = browser.last().shown(409, "The address has an account by now").page();
        assert_eq!(page.link("Sign in"), paths::LOGIN);
        assert_eq!(page.link("Choose a new password"), paths::RECOVER);
        let mut after = house.rows().await;
        after.insert("limit_counter".to_owned(), before["limit_counter"]);
        assert_eq!(after, before);
    }

    async fn lk_1_who_signed_up_with_the_address_of_another_has_nothing_once_they_prove_it(db: Database) {
        let house = proven_first(db).await;
        let mut mallory = waiting(&house, MALLORY).await;
        let hers = newest(&house, LetterKind::SignUp).await;
        let mut grace = waiting(&house, GRACE).await;
        let code = newest(&house, LetterKind::SignUp).await.code().to_owned();
        // Each has a letter of their own; the code of one is nothing to the other.
        type_code(&mut mallory, "#confirm-form", &code).await;
        mallory.last().is(422);
        type_code(&mut grace, "#confirm-form", &code).await;
        grace.last().sent_to(paths::ACCOUNT);
        type_code(&mut mallory, "#confirm-form", hers.code()).await;
        mallory.last().shown(410, "This sign-up has ended");
        mallory.get(hers.link(paths::CONFIRM_SIGN_UP)).await.is(410);
        mallory.get(paths::LOGIN).await;
        let typed = [("email", MALLORY.email), ("password", MALLORY.password)];
        mallory.submit("#login-form", &typed).await.is(422);
        assert_eq!(house.rows().await["verification_token"], 0, "nothing is left pending");
    }

    async fn somebody_else_who_was_signed_in_here_is_signed_out(db: Database) {
        let house = proven_first(db).await;
        let ada = house.person().await;
        let rp = Rp::confidential(&house).await;
        let mut browser = house.browser();
        sign_in(&mut browser, ada).await;
        let first = session(&browser);
        browser.get_from_stranger(&rp.authorize_url(&[("prompt", Some("create"))])).await;
        browser.follow().await;
        let typed = [("email", GRACE.email), ("password", GRACE.password)];
        browser.submit("#register-form", &typed).await.sent_to(paths::CONFIRM_SIGN_UP);
        assert!(opens(&house, &first).await, "nothing has happened yet");
        browser.follow().await;
        let code = newest(&house, LetterKind::SignUp).await.code().to_owned();
        type_code(&mut browser, "#confirm-form", &code).await;
        browser.follow().await.shown(200, GRACE.email);
        assert!(!opens(&house, &first).await);
    }

    async fn what_is_wrong_with_the_form_is_said_as_ever(db: Database) {
        let house = proven_first(db).await;
        let mut browser = house.browser();
        let before = contents(&house).await;
        sign_up(&mut browser, Person { password: "short", ..GRACE }).await;
        browser.last().shown(422, "at least 8 characters");
        sign_up(&mut browser, Person { email: "grace", ..GRACE }).await;
        browser.last().shown(422, "Enter an e-mail address");
        assert_eq!(contents(&house).await, before);
    }
}

/// A token for forms without a flow, from whichever page has one.
async fn csrf_of_any_page(browser: &mut crate::support::browser::Browser<'_>) -> String {
    browser.get(paths::LOGIN).await;
    csrf(browser, "#login-form")
}
