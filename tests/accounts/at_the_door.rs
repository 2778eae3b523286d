//! At the door: people with an unproven address, where one has to be proven before anybody is let in.

use chrono::TimeDelta;
use doorward::{accounts::operate, paths};
use entity::value::LetterKind;

use super::proving::{add, found, letters, newest, proven_first, type_code};
use crate::{
    pages::world::{GRACE, SESSION, contents, sign_in},
    support::{browser::Browser, database::both, house::House, rp::Rp},
};

/// A browser in which Grace typed her password and waits for the letter.
async fn stopped(house: &House) -> Browser<'_> {
    let mut browser = house.browser();
    browser.get(paths::LOGIN).await;
    stop(&mut browser).await;
    browser
}

async fn stop(browser: &mut Browser<'_>) {
    let typed = [("email", GRACE.email), ("password", GRACE.password)];
    browser
        .submit("#login-form", &typed)
        .await
        .sent_to(paths::VERIFY_EMAIL);
    assert_eq!(browser.jar.value(SESSION), None, "not signed in");
    browser
        .follow()
        .await
        .shown(200, "Before you are signed in");
}

both! {
    async fn the_right_password_of_an_unproven_address_is_let_in_by_the_code(db: Database) {
        let house = proven_first(db).await;
        add(&house, GRACE, false).await;
        let mut browser = stopped(&house).await;
        let typed_at = house.app.clock.now();
        let letter = newest(&house, LetterKind::VerifyEmail).await;
        type_code(&mut browser, "#verify-code-form", letter.wrong_code()).await;
        browser.last().shown(422, "The code is wrong.");
        assert!(found(&house, GRACE.email).await.expect("her").email_verified.is_none());
        house.turn(TimeDelta::minutes(10));
        type_code(&mut browser, "#verify-code-form", letter.code()).await;
        browser.last().sent_to(paths::ACCOUNT);
        browser.follow().await.shown(200, GRACE.name);
        let user = found(&house, GRACE.email).await.expect("her");
        assert!(user.email_verified.is_some());
        let sessions = entity::session::of_user(&house.app.db.read, user.id, house.app.clock.now()).await;
        assert!(sessions.expect("sessions")[0].auth_time <= typed_at);
        // From now on without a letter.
        sign_in(&mut house.browser(), GRACE).await;
        assert_eq!(letters(&house, LetterKind::VerifyEmail).await.len(), 1);
    }

    async fn a_wrong_password_gets_no_letter_and_no_other_answer(db: Database) {
        let house = proven_first(db).await;
        add(&house, GRACE, false).await;
        let mut browser = house.browser();
        browser.get(paths::LOGIN).await;
        let typed = [("email", GRACE.email), ("password", "not the password")];
        browser.submit("#login-form", &typed).await.shown(422, "The e-mail address or the password is wrong.");
        assert!(letters(&house, LetterKind::VerifyEmail).await.is_empty());
    }

    async fn the_link_lets_in_where_the_password_was_typed_and_nowhere_else(db: Database) {
        let house = proven_first(db).await;
        add(&house, GRACE, false).await;
        let mut browser = stopped(&house).await;
        let letter = newest(&house, LetterKind::VerifyEmail).await;
        let link = letter.link(paths::VERIFY_EMAIL);
        let before = contents(&house).await;
        let mut other = house.browser();
        other.get_from_stranger(link).await.shown(200, "Confirm your e-mail address");
        other.submit("#verify-submit", &[]).await.shown(403, "Sign in first");
        assert_eq!(contents(&house).await, before);
        browser.get_from_stranger(link).await;
        browser.submit("#verify-submit", &[]).await.sent_to(paths::ACCOUNT);
        browser.follow().await.shown(200, GRACE.name);
    }

    async fn the_way_to_a_relying_party_goes_on(db: Database) {
        let house = proven_first(db).await;
        add(&house, GRACE, false).await;
        let rp = Rp::confidential(&house).await;
        let mut browser = house.browser();
        browser.get_from_stranger(&rp.authorize_url(&[])).await;
        browser.follow().await;
        stop(&mut browser).await;
        let letter = newest(&house, LetterKind::VerifyEmail).await;
        type_code(&mut browser, "#verify-code-form", letter.code()).await;
        browser.last().sent_to(paths::AUTHORIZE);
        browser.follow().await.shown(200, "Example wants to use your account");
        browser.submit("#consent-approve", &[]).await;
        browser.last().code();
    }

    async fn letters_are_few_and_the_one_before_will_do(db: Database) {
        let house = proven_first(db).await;
        add(&house, GRACE, false).await;
        for _ in 0..6 {
            stopped(&house).await;
        }
        assert_eq!(letters(&house, LetterKind::VerifyEmail).await.len(), 3);
        let mut browser = stopped(&house).await;
        let letter = newest(&house, LetterKind::VerifyEmail).await;
        // Also its link, although the password was typed here after it was written.
        browser.get(letter.link(paths::VERIFY_EMAIL)).await;
        browser.submit("#verify-submit", &[]).await.sent_to(paths::ACCOUNT);
    }

    async fn who_was_stopped_before_the_account_was_disabled_is_not_let_in_after(db: Database) {
        let house = proven_first(db).await;
        let user = add(&house, GRACE, false).await;
        let mut browser = stopped(&house).await;
        let letter = newest(&house, LetterKind::VerifyEmail).await;
        house.turn(TimeDelta::seconds(1));
        assert!(operate::disable(&house.app, &user).await.expect("a change"));
        type_code(&mut browser, "#verify-code-form", letter.code()).await;
        browser.last().shown(410, "This link no longer works");
        browser.get(letter.link(paths::VERIFY_EMAIL)).await;
        assert_eq!(browser.jar.value(SESSION), None);
    }

    async fn lk_3_a_password_that_is_no_more_lets_nobody_in(db: Database) {
        let house = proven_first(db).await;
        let user = add(&house, GRACE, false).await;
        let mut browser = stopped(&house).await;
        let letter = newest(&house, LetterKind::VerifyEmail).await;
        house.turn(TimeDelta::seconds(1));
        let known = user.password_hash.as_deref();
        let (db, now) = (&house.app.db.write, house.app.clock.now());
        let replaced = entity::user::replace_password(db, user.id, known, "$none$", now).await;
        assert!(replaced.expect("a change"));
        type_code(&mut browser, "#verify-code-form", letter.code()).await;
        browser.last().shown(410, "This link no longer works");
        assert_eq!(browser.jar.value(SESSION), None);
        assert!(found(&house, GRACE.email).await.expect("her").email_verified.is_none());
    }

    async fn the_page_is_of_one_browser(db: Database) {
        let house = proven_first(db).await;
        add(&house, GRACE, false).await;
        let browser = stopped(&house).await;
        let url = browser.last().url.clone();
        let mut other = house.browser();
        other.get(paths::LOGIN).await;
        let path = format!("{}?{}", url.path(), url.query().expect("a flow"));
        other.get(&path).await.shown(410, "This link no longer works");
    }
}
