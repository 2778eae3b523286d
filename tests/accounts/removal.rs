//! Leaving: the account is shut at once, kept by whoever changes their mind in time, and removed with
//! everything that belongs to it when the time has come (SE-3, RT-4, LC-1, LC-2).

use chrono::{DateTime, TimeDelta, Utc};
use doorward::{accounts::operate, jobs, paths};
use entity::value::{EventKind, LetterKind};

use super::guarding::{
    GRACE, add, browser_of, events, leave, letter, letters, link, opens, scanned, session, typed,
};
use crate::{
    oauth::granted::{Granted, inactive},
    pages::world::{contents, signed_up, user, verify_link},
    support::{database::both, house::House},
};

fn in_words(at: DateTime<Utc>) -> String {
    at.format("%-d %B %Y, %H:%M UTC").to_string()
}

/// The link with which the account is kept.
async fn keep_link(house: &House, email: &str) -> String {
    let letter = letter(house, LetterKind::AccountLeaving, email).await;
    link(&letter, paths::KEEP_ACCOUNT)
}

async fn sweep(house: &House) {
    let swept = jobs::sweep(&house.app, house.app.clock.now()).await;
    swept.expect("a sweep");
}

both! {
    async fn se_3_who_leaves_is_gone_from_everywhere_at_once(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut granted = Granted::confidential(&house).await;
        let tokens = granted.tokens().await;
        let pending = granted.code().await;
        let elsewhere = browser_of(&house, person).await;
        let mut browser = browser_of(&house, person).await;
        let own = session(&browser);
        let leaves = in_words(house.app.clock.now() + house.app.config.accounts.removal());

        browser.get(paths::ACCOUNT_DELETE).await.shown(200, &leaves);
        browser.submit("#delete-form", &[("understand", "yes")]).await.sent_to(paths::KEEP_ACCOUNT);
        assert_eq!(browser.jar.value("doorward_session"), None);
        browser.follow().await.shown(200, &leaves);

        for dead in [&own, &session(&elsewhere), &session(&granted.browser)] {
            assert!(!opens(&house, dead).await);
        }
        // RT-4: neither what was given nor what was about to be.
        let refresh_token = tokens.refresh_token.expect("a refresh token");
        granted.rp.refresh(&refresh_token).await.oauth_error(400, "invalid_grant");
        granted.rp.exchange(&pending).await.oauth_error(400, "invalid_grant");
        inactive(&granted.introspected(&tokens.access_token).await);
        inactive(&granted.introspected(&refresh_token).await);
        house.get(paths::USERINFO).bearer(&tokens.access_token).await.bearer_error(401, "invalid_token");

        let row = user(&house, person.email).await;
        let grace = row.deletes_at.expect("a time") - row.disabled_at.expect("a time");
        assert_eq!(grace, house.app.config.accounts.removal());
        assert_eq!(letters(&house).await, [(LetterKind::AccountLeaving, person.email.to_owned())]);
        assert!(letter(&house, LetterKind::AccountLeaving, person.email).await.text.contains(&leaves));
        assert_eq!(events(&house, EventKind::RemovalAsked).await, 1);
    }

    async fn what_was_mailed_before_is_dead_afterwards(db: Database) {
        let house = House::new(db).await;
        let mut browser = signed_up(&house, GRACE).await;
        let verify = verify_link(&house).await;
        leave(&mut browser).await;
        browser.get(&verify).await.is(410);
        assert_eq!(house.rows().await["verification_token"], 1, "the way back");
    }

    async fn a_box_has_to_be_ticked(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut browser = browser_of(&house, person).await;
        browser.get(paths::ACCOUNT_DELETE).await;
        let before = contents(&house).await;
        let answer = browser.submit("#delete-form", &[]).await;
        let page = answer.shown(422, "There is a problem").page();
        assert!(page.text_of("#understand-error").is_some_and(|said| said.contains("Tick the box")));
        assert_eq!(page.link("Tick the box to say that you understand what happens."), "#understand");
        assert_eq!(contents(&house).await, before);
    }

    async fn a_link_is_shown_by_get_and_keeps_the_account_by_post(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut browser = browser_of(&house, person).await;
        leave(&mut browser).await;
        let link = keep_link(&house, person.email).await;
        let before = contents(&house).await;
        scanned(&house, &link).await;
        // In whatever browser the letter is read.
        let mut phone = house.browser();
        phone.get(&link).await.shown(200, person.email);
        assert_eq!(contents(&house).await, before);
        phone.submit("#keep-submit", &[]).await.sent_to(paths::LOGIN);
        phone.follow().await.shown(200, "Your account stays.");
        typed(&mut phone, person).await.sent_to(paths::ACCOUNT);

        let row = user(&house, person.email).await;
        assert_eq!((row.disabled_at, row.deletes_at), (None, None));
        assert_eq!(events(&house, EventKind::RemovalCalledOff).await, 1);
        house.browser().get(&link).await.shown(410, "This link no longer works");
        house.turn(TimeDelta::days(15));
        sweep(&house).await;
        user(&house, person.email).await;
    }

    async fn the_right_password_offers_to_keep_it_and_a_wrong_one_says_nothing(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut granted = Granted::confidential(&house).await;
        leave(&mut granted.browser).await;
        let mut browser = house.browser();
        browser.get_from_stranger(&granted.rp.authorize_url(&[])).await;
        browser.follow().await.shown(200, "Sign in");
        let mut said = Vec::new();
        for email in [person.email, "nobody@example.com"] {
            let typed = [("email", email), ("password", "a guess at the swallows")];
            let answer = browser.submit("#login-form", &typed).await;
            said.push(answer.shown(422, "is wrong").page().text.replace(email, "…"));
        }
        assert_eq!(said[0], said[1]);

        let mut rows = house.rows().await;
        typed(&mut browser, person).await.sent_to(paths::KEEP_ACCOUNT);
        assert_eq!(browser.jar.value("doorward_session"), None, "nobody is signed in");
        // What was wrong before is forgotten, as for any right password.
        rows.insert("failure_counter".to_owned(), house.rows().await["failure_counter"]);
        assert_eq!(house.rows().await, rows);
        let at = browser.follow().await.url.to_string();
        browser.last().shown(200, "Your account will be deleted");
        // For that browser, and nobody to whom it is sent (SE-7).
        house.browser().get(&at).await.shown(410, "This link no longer works");
        browser.submit("#keep-submit", &[]).await.sent_to(paths::LOGIN);
        browser.follow().await.shown(200, "Your account stays.");
        // And on with what they were doing.
        typed(&mut browser, person).await.sent_to(paths::AUTHORIZE);
        browser.follow().await.code();
        // Back: nothing is left to do.
        browser.get(&at).await.sent_to(paths::LOGIN);
        let link = keep_link(&house, person.email).await;
        browser.get(&link).await.shown(410, "This link no longer works");
        // A program has no page on which it could offer that.
        leave(&mut browser_of(&house, person).await).await;
        let body = serde_json::json!({ "email": person.email, "password": person.password });
        let call = house.post(paths::API_SIGN_IN_EMAIL).header("Origin", &house.app.config.server.origin());
        let problem = call.body("application/json", body.to_string()).await.problem(401);
        assert_eq!(problem["code"], "INVALID_EMAIL_OR_PASSWORD");
    }

    async fn who_leaves_may_stay_on_the_page_that_says_so(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut browser = browser_of(&house, person).await;
        leave(&mut browser).await;
        browser.submit("#keep-submit", &[]).await.sent_to(paths::LOGIN);
        assert_eq!(user(&house, person.email).await.deletes_at, None);
    }

    async fn lc_1_what_an_operator_shuts_stays_shut(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut browser = browser_of(&house, person).await;
        leave(&mut browser).await;
        let at = browser.last().url.to_string();
        let link = keep_link(&house, person.email).await;
        browser.get(&link).await.is(200);
        assert!(operate::disable(&house.app, &user(&house, person.email).await).await.expect("a change"));
        browser.submit("#keep-submit", &[]).await.shown(410, "This link no longer works");
        browser.get(&at).await.shown(200, "This account is gone");
        browser.get(paths::LOGIN).await;
        typed(&mut browser, person).await.shown(422, "is wrong");
        house.turn(TimeDelta::days(400));
        sweep(&house).await;
        let row = user(&house, person.email).await;
        assert!(row.disabled_at.is_some() && row.deletes_at.is_none(), "kept for whoever shut it");

        // And what an operator opens is open.
        assert!(operate::enable(&house.app, &row).await.expect("a change"));
        let mut browser = browser_of(&house, person).await;
        leave(&mut browser).await;
        assert!(operate::enable(&house.app, &user(&house, person.email).await).await.expect("a change"));
        let row = user(&house, person.email).await;
        assert_eq!((row.disabled_at, row.deletes_at), (None, None));
        browser_of(&house, person).await;
    }

    async fn lc_2_when_the_time_has_come_nothing_is_left_and_the_address_is_free(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        add(&house, GRACE).await;
        let granted = Granted::confidential(&house).await;
        let mut browser = browser_of(&house, person).await;
        let before = user(&house, person.email).await;
        leave(&mut browser).await;
        let link = keep_link(&house, person.email).await;
        let at = browser.last().url.to_string();
        house.turn(house.app.config.accounts.removal() - TimeDelta::seconds(1));
        sweep(&house).await;
        assert_eq!(user(&house, person.email).await.id, before.id);
        browser.get(&link).await.shown(200, "Keep my account");
        house.turn(TimeDelta::seconds(1));
        // Too late, also before the job has come by.
        browser.submit("#keep-submit", &[]).await.shown(410, "This link no longer works");
        browser.get(paths::LOGIN).await;
        typed(&mut browser, person).await.shown(422, "is wrong");
        sweep(&house).await;
        let rows = house.rows().await;
        for table in ["session", "consent", "token_family", "refresh_token", "verification_token"] {
            assert_eq!(rows[table], 0, "{table}");
        }
        assert_eq!((rows["user"], rows["account"], rows["known_device"]), (1, 1, 0), "Grace is");
        assert_eq!(events(&house, EventKind::UserRemoved).await, 1);
        browser.get(&link).await.is(410);
        browser.get(&at).await.is(410);

        let mut again = signed_up(&house, person).await;
        let after = user(&house, person.email).await;
        assert_ne!((after.id, &after.subject), (before.id, &before.subject));
        assert_eq!(after.email_verified, None);
        again.get_from_stranger(&granted.rp.authorize_url(&[])).await;
        assert_eq!(again.follow().await.url.path(), paths::CONSENT, "nothing was inherited");
    }

    async fn without_days_to_think_the_account_goes_at_once(db: Database) {
        let house = House::with(db, |config| config.accounts.removal_days = 0).await;
        let person = house.person().await;
        let mut browser = browser_of(&house, person).await;
        browser.get(paths::ACCOUNT_DELETE).await.shown(200, "There is no way back.");
        browser.submit("#delete-form", &[("understand", "yes")]).await.sent_to(paths::KEEP_ACCOUNT);
        browser.follow().await.shown(200, "This account is gone");
        let rows = house.rows().await;
        assert_eq!((rows["user"], rows["session"], rows["verification_token"]), (0, 0, 0));
        assert!(letters(&house).await.is_empty());
        for kind in [EventKind::RemovalAsked, EventKind::UserRemoved] {
            assert_eq!(events(&house, kind).await, 1, "{kind:?}");
        }
    }
}
