//! `/recover` and `/reset-password`, as somebody meets them who has forgotten the password.

use chrono::TimeDelta;
use doorward::paths;
use entity::{
    account, event,
    value::{AccountType, EventKind, LetterKind},
};
use sea_orm::EntityTrait;

use super::recovering::{
    DEAD, NEW, ask, asked, choose, letters, link, newest_link, opens_for, secret, somebody,
};
use crate::{
    pages::world::{GRACE, contents, opens, session, sign_in, signed_in, signed_up, user},
    support::{
        database::both,
        house::{House, Person},
        rp::Rp,
    },
};

/// The kinds of the events, oldest first, from `first` on.
async fn events_since(house: &House, first: EventKind) -> Vec<EventKind> {
    let mut all = event::Entity::find()
        .all(&house.app.db.read)
        .await
        .expect("the log");
    all.sort_by_key(|event| event.id);
    let kinds = all.into_iter().map(|event| event.kind);
    kinds.skip_while(|kind| *kind != first).collect()
}

both! {
    async fn a_forgotten_password_gives_way_to_a_new_one(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut browser = house.browser();
        browser.get(paths::LOGIN).await;
        browser.click("Forgot your password?").await.shown(200, "Forgot your password?");
        asked(&mut browser, person.email).await;
        assert_eq!(browser.last().page().link("Back to sign in"), paths::LOGIN);

        let link = link(&house).await;
        let page = browser.get_from_stranger(&link).await.shown(200, "Choose a new password").page();
        let sent = page.form("#reset-form").pairs();
        // For password managers: whose password it is that they are asked to keep.
        assert!(sent.contains(&("username".to_owned(), person.email.to_owned())), "{sent:?}");
        browser.submit("#reset-form", &[("new_password", NEW)]).await.sent_to(paths::LOGIN);
        browser.follow().await.shown(200, "Your password is changed. Sign in with the new one.");

        assert!(!opens_for(&house, person.email, person.password).await);
        let typed = [("email", person.email), ("password", NEW)];
        browser.submit("#login-form", &typed).await.sent_to(paths::ACCOUNT);
        assert_eq!(letters(&house, person.email).await, [LetterKind::PasswordChanged, LetterKind::Recover]);
        assert_eq!(
            events_since(&house, EventKind::RecoveryAsked).await,
            [EventKind::RecoveryAsked, EventKind::PasswordReset, EventKind::SignInFailed, EventKind::SignedIn]
        );
    }

    async fn what_was_to_be_done_goes_on_in_the_browser_that_asked(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let rp = Rp::confidential(&house).await;
        let mut browser = house.browser();
        browser.get_from_stranger(&rp.authorize_url(&[])).await;
        browser.follow().await.shown(200, "Sign in");
        browser.click("Forgot your password?").await;
        asked(&mut browser, person.email).await;
        browser.click("Back to sign in").await.shown(200, "to continue to Example");
        choose(&mut browser, &link(&house).await, NEW).await;
        browser.follow().await.shown(200, "to continue to Example");
        browser.last().shown(200, "Your password is changed.");
        browser.submit("#login-form", &[("email", person.email), ("password", NEW)]).await;
        browser.follow().await;
        browser.submit("#consent-approve", &[]).await;
        let code = browser.follow().await.code();
        rp.exchange(&code).await.tokens();
    }

    async fn elsewhere_and_later_it_does_not_go_on_and_nothing_stops(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let rp = Rp::confidential(&house).await;
        let mut browser = house.browser();
        // The letter is read on another device.
        browser.get_from_stranger(&rp.authorize_url(&[])).await;
        browser.follow().await;
        browser.click("Forgot your password?").await;
        asked(&mut browser, person.email).await;
        let mut phone = house.browser();
        choose(&mut phone, &link(&house).await, NEW).await;
        let to = phone.last().location().expect("a Location");
        assert_eq!(to.query(), Some("done=password"));

        // The sign-in became too old before the letter was opened.
        browser.get_from_stranger(&rp.authorize_url(&[])).await;
        browser.follow().await;
        house.turn(TimeDelta::minutes(50));
        browser.click("Forgot your password?").await;
        asked(&mut browser, person.email).await;
        house.turn(TimeDelta::minutes(20));
        choose(&mut browser, &link(&house).await, "twelve owls in the old barn").await;
        let to = browser.last().location().expect("a Location");
        assert_eq!(to.query(), Some("done=password"));
        // And before it was asked for.
        let recover = format!("{}?flow=nonsense", paths::RECOVER);
        browser.get(&recover).await.shown(200, "Forgot your password?");
        asked(&mut browser, person.email).await;
    }

    async fn what_may_not_be_a_password_uses_nothing_up(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut browser = house.browser();
        ask(&mut browser, person.email).await;
        let link = link(&house).await;
        browser.get_from_stranger(&link).await;
        let before = contents(&house).await;
        for (password, said) in [
            ("", "Use at least 8 characters."),
            ("short", "Use at least 8 characters."),
            (&"x".repeat(1025), "Use at most 1024 bytes."),
            ("ada@example.com", "easy to guess"),
            ("Ada Lovelace 1", "easy to guess"),
        ] {
            let answer = browser.submit("#reset-form", &[("new_password", password)]).await;
            let page = answer.shown(422, "There is a problem").page();
            assert!(answer.body.contains("<title>Error: Choose a new password"), "{}", answer.body);
            let beside = page.text_of("#new-password-error").unwrap_or_default();
            assert!(beside.contains(said), "{beside}");
            assert!(password.is_empty() || !answer.body.contains(&format!("\"{password}\"")) || password == person.email);
            // That it was estimated counts; nothing else has changed.
            let mut now = contents(&house).await;
            now.insert("limit_counter".to_owned(), before["limit_counter"].clone());
            assert_eq!(now, before);
        }
        browser.submit("#reset-form", &[("new_password", NEW)]).await.sent_to(paths::LOGIN);
        assert!(opens_for(&house, person.email, NEW).await);
    }

    async fn what_is_no_address_is_said_beside_the_field(db: Database) {
        let house = House::new(db).await;
        let mut browser = house.browser();
        browser.get(paths::RECOVER).await;
        let before = contents(&house).await;
        for typed in ["", "ada", "ada@", "ada@@example.com", "ada@example.com\r\nbcc: eve@example.com"] {
            let answer = browser.submit("#recover-form", &[("email", typed)]).await;
            let page = answer.shown(422, "There is a problem").page();
            let beside = page.text_of("#email-error").unwrap_or_default();
            assert_eq!(beside, "Enter an e-mail address, like name@example.com.");
        }
        assert_eq!(contents(&house).await, before);
    }

    async fn se_5_a_reset_ends_every_session_and_every_token(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let rp = Rp::confidential(&house).await;
        let mut browser = signed_in(&house).await;
        let elsewhere = signed_in(&house).await;
        let code = rp.sign_in(&mut browser).await;
        let tokens = rp.exchange(&code).await.tokens();
        let unspent = rp.sign_in(&mut browser).await;
        let dead = [session(&browser), session(&elsewhere)];
        let mut phone = house.browser();
        ask(&mut phone, person.email).await;
        // In the browser in which the person is signed in, as often as not.
        choose(&mut browser, &link(&house).await, NEW).await;
        browser.follow().await.shown(200, "Sign in with the new one.");
        for cookie in dead {
            assert!(!opens(&house, &cookie).await);
        }
        rp.refresh(&tokens.refresh_token.expect("a refresh token")).await.oauth_error(400, "invalid_grant");
        rp.exchange(&unspent).await.oauth_error(400, "invalid_grant");
        house.get(paths::USERINFO).bearer(&tokens.access_token).await.bearer_error(401, "invalid_token");
        // What was allowed by somebody whose address was proven stays allowed.
        sign_in(&mut browser, Person { password: NEW, ..person }).await;
        browser.get_from_stranger(&rp.authorize_url(&[])).await;
        browser.follow().await.code();
    }

    async fn whoever_has_no_password_gets_one_by_a_letter(db: Database) {
        let house = House::new(db).await;
        let user = somebody(&house, GRACE, false, true).await;
        let mut browser = house.browser();
        ask(&mut browser, GRACE.email).await;
        choose(&mut browser, &link(&house).await, NEW).await;
        assert!(opens_for(&house, GRACE.email, NEW).await);
        let ways = account::of_user(&house.app.db.read, user.id).await.expect("the ways in");
        let ways: Vec<_> = ways.iter().map(|way| (way.account_type, way.provider_account_id.as_str())).collect();
        assert_eq!(ways, [(AccountType::Credentials, user.id.to_string().as_str())]);
        // Once more is no second one.
        ask(&mut browser, GRACE.email).await;
        choose(&mut browser, &link(&house).await, "twelve owls in the old barn").await;
        assert_eq!(account::of_user(&house.app.db.read, user.id).await.expect("the ways in").len(), 1);
    }

    async fn in_somebody_elses_browser_it_is_said_who_is_signed_in(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut browser = signed_up(&house, GRACE).await;
        let own = session(&browser);
        ask(&mut browser, person.email).await;
        browser.get_from_stranger(&link(&house).await).await;
        browser.submit("#reset-form", &[("new_password", NEW)]).await;
        let page = browser.last().shown(200, "Your password is changed").page();
        assert_eq!(page.link("Use another account"), paths::LOGOUT);
        assert!(opens(&house, &own).await, "the other account is nobody's business");
        assert!(opens_for(&house, person.email, NEW).await);
        assert!(opens_for(&house, GRACE.email, GRACE.password).await);
    }

    async fn a_mailbox_gets_three_letters_in_an_hour_and_nobody_is_told(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut browser = house.browser();
        let mut links = Vec::new();
        for _ in 0..5 {
            ask(&mut browser, person.email).await;
            links.push(secret(&link(&house).await).to_owned());
        }
        links.dedup();
        assert_eq!(links.len(), 3);
        // The third still works; another mailbox has its own count.
        ask(&mut browser, "nobody@example.com").await;
        browser.get(&link(&house).await).await.shown(200, "Choose a new password");
        house.turn(TimeDelta::hours(1) + TimeDelta::seconds(2));
        ask(&mut browser, person.email).await;
        assert_ne!(secret(&link(&house).await), links[2]);
    }

    async fn an_address_gets_twenty_letters_in_an_hour(db: Database) {
        let house = House::with(db, |config| {
            // Development mode knows no strangers.
            config.development = false;
            config.limits.letters = 100;
        }).await;
        let person = house.person().await;
        let mut browser = house.browser();
        for turn in 0..20 {
            ask(&mut browser, if turn % 2 == 0 { person.email } else { "nobody@example.com" }).await;
        }
        let before = contents(&house).await;
        for email in [person.email, "nobody@example.com"] {
            browser.get(paths::RECOVER).await;
            let answer = browser.submit("#recover-form", &[("email", email)]).await;
            answer.shown(429, "Too many attempts");
            let wait: u32 = answer.header("Retry-After").parse().expect("seconds");
            assert!((3_000..=3_601).contains(&wait), "{wait}");
        }
        assert_eq!(contents(&house).await, before, "nothing has changed");
    }

    async fn a_link_that_is_none_is_one_sentence_and_the_way_to_a_new_one(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut browser = house.browser();
        ask(&mut browser, person.email).await;
        let link = link(&house).await;
        let good = secret(&link);
        let before = contents(&house).await;
        for wrong in [
            "", "nothing", &good[..45], &format!("{good}A"), &good.to_uppercase(),
            &format!("ve_{}", &good[3..]), &format!("rp_{}", "A".repeat(43)), "%3Cscript%3E",
        ] {
            let url = format!("{}?token={wrong}", paths::RESET_PASSWORD);
            let page = browser.get(&url).await.shown(410, DEAD).page();
            assert_eq!(page.link("Ask for a new letter"), paths::RECOVER);
            assert!(wrong.len() < 8 || !browser.last().body.contains(wrong));
        }
        browser.get(paths::RESET_PASSWORD).await.shown(410, DEAD);
        browser.click("Ask for a new letter").await.shown(200, "Forgot your password?");
        assert_eq!(contents(&house).await, before);
        assert_eq!(newest_link(&house).await.as_deref(), Some(link.as_str()));
        assert!(user(&house, person.email).await.password_hash.is_some());
    }
}
