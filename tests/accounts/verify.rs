//! Proving the address of an account by the code of its letter; and a link that is opened where nobody
//! is signed in.

use chrono::TimeDelta;
use doorward::paths;
use entity::{
    value::{Digest, LetterKind, TokenKind},
    verification_token::{self, Whose},
};
use sea_orm::Set;

use super::proving::{found, letters, newest, type_code};
use crate::{
    pages::world::{GRACE, LIN, contents, csrf, run, sign_in, signed_up},
    support::{browser::Browser, database::both, house::House},
};

/// Opens the page for the code.
async fn at_the_page(browser: &mut Browser<'_>) {
    let page = browser.get(paths::VERIFY_EMAIL).await;
    page.shown(200, "Type the code from the letter to");
}

both! {
    async fn the_code_proves_the_address_of_who_is_signed_in(db: Database) {
        let house = House::new(db).await;
        let mut browser = signed_up(&house, GRACE).await;
        at_the_page(&mut browser).await;
        assert!(browser.last().page().text.contains(GRACE.email));
        let letter = newest(&house, LetterKind::VerifyEmail).await;
        for wrong in [letter.wrong_code(), "", "12345", "abcdef", "1234567"] {
            type_code(&mut browser, "#verify-code-form", wrong).await;
            let page = browser.last().shown(422, "There is a problem").page();
            let beside = page.text_of("#code-error").unwrap_or_default().to_owned();
            assert!(beside.contains("The code is wrong."), "{wrong:?}: {}", page.text);
            assert!(found(&house, GRACE.email).await.expect("her").email_verified.is_none());
        }
        type_code(&mut browser, "#verify-code-form", letter.code()).await;
        browser.last().shown(200, "Address confirmed");
        assert!(found(&house, GRACE.email).await.expect("her").email_verified.is_some());
        // Both are used up, and the page has nothing more to ask.
        browser.get(letter.link(paths::VERIFY_EMAIL)).await.shown(410, "This link no longer works");
        browser.get(paths::VERIFY_EMAIL).await.shown(200, "Address confirmed");
        assert_eq!(house.rows().await["verification_token"], 0);
    }

    async fn pr_13_a_code_is_guessed_five_times_a_letter_and_twenty_a_day(db: Database) {
        let house = House::new(db).await;
        let mut browser = signed_up(&house, GRACE).await;
        at_the_page(&mut browser).await;
        for _ in 0..4 {
            let letter = newest(&house, LetterKind::VerifyEmail).await;
            for _ in 0..5 {
                type_code(&mut browser, "#verify-code-form", letter.wrong_code()).await;
                browser.last().shown(422, "The code is wrong.");
            }
            type_code(&mut browser, "#verify-code-form", letter.code()).await;
            browser.last().shown(422, "This code no longer works");
            house.turn(TimeDelta::minutes(61));
            browser.submit("#verify-send-form", &[]).await.sent_to(paths::VERIFY_EMAIL);
            browser.follow().await.shown(200, "A new letter is on its way");
        }
        let letter = newest(&house, LetterKind::VerifyEmail).await;
        type_code(&mut browser, "#verify-code-form", letter.code()).await;
        browser.last().shown(429, "Too many attempts");
        assert!(found(&house, GRACE.email).await.expect("her").email_verified.is_none());
        // A day later, or by the link at once.
        browser.get(letter.link(paths::VERIFY_EMAIL)).await;
        browser.submit("#verify-submit", &[]).await.shown(200, "Address confirmed");
    }

    async fn the_code_of_one_person_is_nothing_to_another(db: Database) {
        let house = House::new(db).await;
        signed_up(&house, GRACE).await;
        let hers = newest(&house, LetterKind::VerifyEmail).await;
        let mut lin = signed_up(&house, LIN).await;
        if newest(&house, LetterKind::VerifyEmail).await.code() == hers.code() {
            return; // Once in a million runs.
        }
        at_the_page(&mut lin).await;
        type_code(&mut lin, "#verify-code-form", hers.code()).await;
        lin.last().shown(422, "The code is wrong.");
        for person in [GRACE, LIN] {
            assert!(found(&house, person.email).await.expect("them").email_verified.is_none());
        }
    }

    async fn letters_are_few(db: Database) {
        let house = House::new(db).await;
        let mut browser = signed_up(&house, GRACE).await;
        // That of the sign-up counts too.
        for _ in 0..2 {
            house.turn(TimeDelta::minutes(2));
            at_the_page(&mut browser).await;
            browser.submit("#verify-send-form", &[]).await.sent_to(paths::VERIFY_EMAIL);
        }
        house.turn(TimeDelta::minutes(2));
        at_the_page(&mut browser).await;
        let answer = browser.submit("#verify-send-form", &[]).await;
        answer.shown(429, "Too many attempts");
        answer.has("Retry-After", |seconds| seconds.parse().is_ok_and(|left: u32| left > 60));
        // And at the other button for the same.
        at_the_page(&mut browser).await;
        let csrf = csrf(&browser, "#verify-send-form");
        browser.post_form(paths::ACCOUNT_VERIFY, &[("csrf", &csrf)]).await.is(429);
        assert_eq!(letters(&house, LetterKind::VerifyEmail).await.len(), 3);
    }

    async fn a_link_that_is_opened_where_nobody_is_signed_in_leads_there_and_back(db: Database) {
        let house = House::new(db).await;
        signed_up(&house, GRACE).await;
        let letter = newest(&house, LetterKind::VerifyEmail).await;
        let mut browser = house.browser();
        browser.get_from_stranger(letter.link(paths::VERIFY_EMAIL)).await;
        browser.submit("#verify-submit", &[]).await.shown(403, "Sign in first");
        browser.click("Sign in").await.shown(200, "Sign in");
        let typed = [("email", GRACE.email), ("password", GRACE.password)];
        browser.submit("#login-form", &typed).await.sent_to(paths::VERIFY_EMAIL);
        browser.follow().await.shown(200, "Press the button to confirm");
        browser.submit("#verify-submit", &[]).await.shown(200, "Address confirmed");
        assert!(found(&house, GRACE.email).await.expect("her").email_verified.is_some());
    }

    async fn who_is_signed_in_as_somebody_else_changes_over(db: Database) {
        let house = House::new(db).await;
        signed_up(&house, GRACE).await;
        let letter = newest(&house, LetterKind::VerifyEmail).await;
        let mut browser = signed_up(&house, LIN).await;
        browser.get_from_stranger(letter.link(paths::VERIFY_EMAIL)).await;
        browser.submit("#verify-submit", &[]).await.shown(403, "Sign in first");
        browser.click("Use another account").await.is(200);
        browser.submit("#logout-confirm", &[]).await;
        browser.follow().await.shown(200, "Press the button to confirm");
        browser.submit("#verify-submit", &[]).await.shown(403, "Sign in first");
        browser.click("Sign in").await;
        let typed = [("email", GRACE.email), ("password", GRACE.password)];
        browser.submit("#login-form", &typed).await.sent_to(paths::VERIFY_EMAIL);
        browser.follow().await;
        browser.submit("#verify-submit", &[]).await.shown(200, "Address confirmed");
        assert!(found(&house, LIN.email).await.expect("lin").email_verified.is_none());
    }

    async fn lk_13_the_newest_letter_wins_and_proves_the_address_it_was_sent_to(db: Database) {
        let house = House::new(db).await;
        let mut browser = signed_up(&house, GRACE).await;
        let first = newest(&house, LetterKind::VerifyEmail).await;
        house.turn(TimeDelta::minutes(2));
        at_the_page(&mut browser).await;
        browser.submit("#verify-send-form", &[]).await;
        browser.follow().await;
        let second = newest(&house, LetterKind::VerifyEmail).await;
        browser.get(first.link(paths::VERIFY_EMAIL)).await.is(410);
        // The address changes while the letter is on its way.
        run(&house, "UPDATE \"user\" SET email = 'eve@example.com'").await;
        browser.get(second.link(paths::VERIFY_EMAIL)).await;
        browser.submit("#verify-submit", &[]).await.shown(410, "This link no longer works");
        let user = found(&house, "eve@example.com").await.expect("her");
        assert_eq!(user.email_verified, None, "nobody has proven this one");
        let mut stranger = house.browser();
        stranger.get(&format!("{}?token=", paths::VERIFY_EMAIL)).await.is(410);
    }

    async fn lk_3_what_was_begun_before_the_proof_dies_with_it(db: Database) {
        let house = House::new(db).await;
        let mut browser = signed_up(&house, GRACE).await;
        let user = found(&house, GRACE.email).await.expect("her");
        let now = house.app.clock.now();
        let row = verification_token::ActiveModel {
            identifier: Set("eve@example.com".to_owned()),
            token: Set(Digest("a digest".to_owned())),
            expires: Set(now + TimeDelta::hours(1)),
            kind: Set(TokenKind::ChangeEmail),
            user_id: Set(Some(user.id)),
            tries: Set(0),
            created_at: Set(now),
            ..Default::default()
        };
        let whose = Whose::User(user.id);
        verification_token::replace(&house.app.db.write, (TokenKind::ChangeEmail, whose), row)
            .await
            .expect("a row");
        at_the_page(&mut browser).await;
        let letter = newest(&house, LetterKind::VerifyEmail).await;
        type_code(&mut browser, "#verify-code-form", letter.code()).await;
        browser.last().shown(200, "Address confirmed");
        assert_eq!(house.rows().await["verification_token"], 0);
    }

    async fn a_page_that_is_nobodys_leads_on(db: Database) {
        let house = House::new(db).await;
        let before = contents(&house).await;
        let mut browser = house.browser();
        for path in [paths::VERIFY_EMAIL, "/verify-email?flow=door.nothing", "/verify-email?flow=verify.nothing"] {
            let page = browser.get(path).await.shown(410, "This link no longer works").page();
            assert_eq!(page.link("Sign in"), paths::ACCOUNT);
        }
        assert_eq!(contents(&house).await, before);
    }

    async fn the_letter_says_what_for_until_when_and_who_asked(db: Database) {
        let house = House::new(db).await;
        let mut browser = signed_up(&house, GRACE).await;
        let letter = newest(&house, LetterKind::VerifyEmail).await;
        let expires = house.app.clock.now() + TimeDelta::hours(24);
        let day = expires.format("%-d %B %Y, ").to_string();
        let spaced: Vec<String> = letter.code().chars().map(String::from).collect();
        let html = letter.letter.html.replace("&#x2f;", "/");
        for text in [&letter.letter.text, &html] {
            for said in [GRACE.email, "Unknown browser on Linux", &day, " UTC", "127.0.0.1"] {
                assert!(text.contains(said), "{said}: {text}");
            }
            // A stranger may have typed it.
            assert!(!text.contains("Grace"), "{text}");
        }
        let link = letter.link(paths::VERIFY_EMAIL);
        assert!(html.contains(&format!(">{}</p>", spaced.join(" "))), "a screen reader says digits: {html}");
        assert_eq!(html.matches(link).count(), 2, "a button, and the plain address");
        assert_eq!(html.matches("href=").count(), 1, "{html}");
        assert!(!html.contains("<img") && !html.contains("url("), "{html}");
        // Signing out and in does not send another one where that is not needed.
        sign_in(&mut house.browser(), GRACE).await;
        browser.get(paths::VERIFY_EMAIL).await;
        assert_eq!(letters(&house, LetterKind::VerifyEmail).await.len(), 1);
    }
}
