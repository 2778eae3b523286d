//! Another address: proven first, told to the one before, and the end of whatever the account had begun
//! (SE-1, SE-5, CN-8).

use chrono::TimeDelta;
use doorward::{jobs, paths};
use entity::value::{EventKind, LetterKind};

use super::guarding::{
    NEW, add, ask, browser_of, events, letter, letters, opens, scanned, sent, session, session_of,
    typed,
};
use crate::{
    pages::world::{contents, csrf as csrf_of, user},
    support::{
        browser::Browser,
        database::both,
        expect::Tokens,
        house::{House, Person},
        rp::Rp,
    },
};

async fn tokens(rp: &Rp<'_>, browser: &mut Browser<'_>) -> Tokens {
    let code = rp.sign_in(browser).await;
    rp.exchange(&code).await.tokens()
}

both! {
    async fn se_5_another_address_ends_every_other_session_and_every_refresh_token(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let rp = Rp::confidential(&house).await;
        let mut browser = browser_of(&house, person).await;
        let elsewhere = browser_of(&house, person).await;
        let kept = tokens(&rp, &mut browser).await;
        let pending = rp.sign_in(&mut browser).await;

        ask(&mut browser, NEW).await;
        // Until it is proven, nothing has changed.
        let before = user(&house, person.email).await;
        let old = session(&browser);
        house.turn(TimeDelta::minutes(2));
        let (_, code) = sent(&house, NEW).await;
        browser.submit("#code-form", &[("code", &code)]).await.sent_to(paths::ACCOUNT_SECURITY);
        browser.follow().await.shown(200, "Your e-mail address is changed.");

        let after = user(&house, NEW).await;
        assert_eq!((after.id, &after.subject), (before.id, &before.subject));
        assert!(after.email_verified > before.email_verified, "proven now");
        // SE-1: a new value here, and none elsewhere.
        assert_ne!(session(&browser), old);
        for dead in [&old, &session(&elsewhere)] {
            assert!(!opens(&house, dead).await);
        }
        rp.refresh(kept.refresh_token.as_deref().expect("a refresh token")).await.oauth_error(400, "invalid_grant");
        rp.exchange(&pending).await.oauth_error(400, "invalid_grant");
        assert_eq!(
            letters(&house).await,
            [(LetterKind::ChangeEmail, NEW.to_owned()), (LetterKind::EmailChanged, person.email.to_owned())]
        );
        let told = letter(&house, LetterKind::EmailChanged, person.email).await;
        assert!(told.text.contains(NEW), "{}", told.text);
        for kind in [EventKind::EmailChangeAsked, EventKind::EmailChanged] {
            assert_eq!(events(&house, kind).await, 1, "{kind:?}");
        }

        // From now on it is the new one, for us and for relying parties; the old one is nobody's.
        let mut other = house.browser();
        other.get(paths::LOGIN).await;
        typed(&mut other, person).await.shown(422, "is wrong");
        typed(&mut other, Person { email: NEW, ..person }).await.sent_to(paths::ACCOUNT);
        let tokens = tokens(&rp, &mut other).await;
        let about = house.get(paths::USERINFO).bearer(&tokens.access_token).await.ok();
        assert_eq!((&about["email"], &about["email_verified"]), (&NEW.into(), &true.into()));
        add(&house, person).await;
    }

    async fn cn_8_another_address_moves_no_auth_time(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut browser = browser_of(&house, person).await;
        ask(&mut browser, NEW).await;
        let before = session_of(&house, &browser).await;
        house.turn(TimeDelta::minutes(3));
        let (_, code) = sent(&house, NEW).await;
        browser.submit("#code-form", &[("code", &code)]).await.sent_to(paths::ACCOUNT_SECURITY);
        let after = session_of(&house, &browser).await;
        assert_eq!((after.id, after.auth_time, after.amr), (before.id, before.auth_time, before.amr));
    }

    async fn a_link_is_shown_by_get_and_used_by_post_where_its_owner_is_signed_in(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut browser = browser_of(&house, person).await;
        ask(&mut browser, NEW).await;
        let (link, _) = sent(&house, NEW).await;
        let before = contents(&house).await;
        scanned(&house, &link).await;
        browser.get(&link).await.shown(200, NEW);
        browser.get(&link).await.shown(200, "Change address");
        assert_eq!(contents(&house).await, before);

        // On the device with the mail nobody is signed in: they sign in and come back.
        let mut phone = house.browser();
        phone.get(&link).await.shown(200, "Sign in first");
        phone.click("Sign in").await.shown(200, "Sign in");
        typed(&mut phone, person).await.sent_to(paths::CONFIRM_EMAIL);
        phone.follow().await.shown(200, "Change address");
        phone.submit("#confirm-submit", &[]).await.sent_to(paths::ACCOUNT_SECURITY);
        phone.follow().await.shown(200, "Your e-mail address is changed.");
        assert_eq!(user(&house, NEW).await.email, NEW);
        assert!(!opens(&house, &session(&browser)).await, "ended elsewhere");
        phone.get(&link).await.shown(410, "This link no longer works");
    }

    async fn a_letter_works_for_an_hour(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut browser = browser_of(&house, person).await;
        ask(&mut browser, NEW).await;
        let (link, _) = sent(&house, NEW).await;
        house.turn(TimeDelta::minutes(59));
        browser.get(&link).await.shown(200, "Change address");
        house.turn(TimeDelta::minutes(1));
        browser.submit("#confirm-submit", &[]).await.shown(410, "This link no longer works");
        browser.click("Go to your address").await;
        browser.follow().await.shown(200, "Confirm it is you");
        jobs::sweep(&house.app, house.app.clock.now()).await.expect("a sweep");
        assert_eq!(house.rows().await["verification_token"], 0);
    }

    async fn what_is_wrong_is_said_beside_the_field_and_nothing_is_sent(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut browser = browser_of(&house, person).await;
        browser.get(paths::ACCOUNT_EMAIL).await;
        let before = contents(&house).await;
        for (email, said) in [
            ("", "Enter an e-mail address"),
            ("not an address", "Enter an e-mail address"),
            (" Ada@EXAMPLE.com ", "This is your address already."),
        ] {
            let answer = browser.submit("#email-form", &[("email", email)]).await;
            let page = answer.shown(422, "There is a problem").page();
            assert!(page.text_of("#email-error").is_some_and(|own| own.contains(said)), "{}", page.text);
            let kept = page.form("#email-form").pairs();
            assert!(kept.contains(&("email".to_owned(), email.to_owned())), "{kept:?}");
            assert!(answer.body.contains("<title>Error: "));
        }
        // A code that nobody was sent.
        let csrf = csrf_of(&browser, "#email-form");
        let form = [("csrf", csrf.as_str()), ("code", "123456")];
        browser.post_form(paths::ACCOUNT_EMAIL, &form).await.shown(422, "This code no longer works");
        assert_eq!(contents(&house).await, before);
    }
}
