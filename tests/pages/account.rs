//! `/account`: what a person sees first, the frame of all account pages, the way back to them from
//! signing in, and one more letter.

use chrono::TimeDelta;
use doorward::paths;

use super::world::{GRACE, contents, csrf, signed_in, signed_up, verify_link};
use crate::support::{database::both, house::House};

/// The pages of the navigation.
const PAGES: &[&str] = &[
    paths::ACCOUNT,
    paths::ACCOUNT_PROFILE,
    paths::ACCOUNT_SECURITY,
    paths::ACCOUNT_SESSIONS,
    paths::ACCOUNT_APPS,
    paths::ACCOUNT_ACTIVITY,
];

both! {
    async fn it_is_for_who_is_signed_in(db: Database) {
        let house = House::new(db).await;
        house.browser().get(paths::ACCOUNT).await.sent_to(paths::LOGIN);
        let page = signed_in(&house).await.last().page();
        for said in ["Your account", "Ada Lovelace", "ada@example.com", "confirmed", "UTC"] {
            assert!(page.text.contains(said), "{said}: {}", page.text);
        }
        assert!(!page.text.contains("not confirmed"), "{}", page.text);
    }

    async fn it_says_who_and_where_and_how_much(db: Database) {
        let house = House::new(db).await;
        signed_in(&house).await;
        house.turn(TimeDelta::hours(1));
        let page = signed_in(&house).await.last().page();
        assert!(page.text.contains("The time before"), "{}", page.text);
        assert!(page.text.contains("2 browsers are signed in."), "{}", page.text);
        assert!(page.text.contains("No app uses your account."), "{}", page.text);
        for (entry, path) in [
            ("Overview", paths::ACCOUNT),
            ("Profile", paths::ACCOUNT_PROFILE),
            ("Security", paths::ACCOUNT_SECURITY),
            ("Browsers", paths::ACCOUNT_SESSIONS),
            ("Apps", paths::ACCOUNT_APPS),
            ("Activity", paths::ACCOUNT_ACTIVITY),
        ] {
            assert_eq!(page.link(entry), path);
        }
    }

    async fn each_page_marks_where_one_is(db: Database) {
        let house = House::new(db).await;
        let mut browser = signed_in(&house).await;
        for path in PAGES {
            let answer = browser.get(path).await;
            answer.shown(200, "Overview Profile Security Browsers Apps Activity");
            assert_eq!(answer.body.matches("aria-current").count(), 1, "{path}");
            let marked = format!("<a href=\"{path}\" aria-current=\"page\">");
            // The template engine writes a slash as a character reference.
            assert!(answer.body.replace("&#x2f;", "/").contains(&marked), "{path}: {}", answer.body);
        }
    }

    async fn who_must_sign_in_comes_back_to_the_page_that_they_asked_for(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        for path in PAGES {
            let mut browser = house.browser();
            let url = format!("{path}?before=x&done=profile");
            browser.get(&url).await.sent_to(paths::LOGIN);
            browser.follow().await.shown(200, "Sign in");
            let typed = [("email", person.email), ("password", "not this one")];
            browser.submit("#login-form", &typed).await.shown(422, "is wrong");
            let typed = [("email", person.email), ("password", person.password)];
            browser.submit("#login-form", &typed).await.sent_to(paths::ACCOUNT);
            let page = browser.follow().await;
            page.is(200);
            assert_eq!((page.url.path(), page.url.query()), (*path, None));
        }
        // By way of making an account, too.
        let mut browser = house.browser();
        browser.get(paths::ACCOUNT_SESSIONS).await;
        browser.follow().await;
        browser.click("Create an account").await.shown(200, "Create");
        let typed = [("email", GRACE.email), ("password", GRACE.password)];
        browser.submit("#register-form", &typed).await;
        assert_eq!(browser.follow().await.url.path(), paths::ACCOUNT_SESSIONS);
    }

    async fn or_1_the_way_back_is_sealed_for_one_browser_and_one_hour(db: Database) {
        let house = House::new(db).await;
        let mut elsewhere = house.browser();
        elsewhere.get(paths::ACCOUNT_SECURITY).await;
        let theirs = elsewhere.last().location().expect("a Location");
        let theirs = theirs.query().expect("a flow").to_owned();
        let mut browser = signed_in(&house).await;
        for flow in [theirs.as_str(), "flow=account.x", "flow=account.", "flow=account.//evil.example"] {
            let url = format!("{}?{flow}", paths::ACCOUNT);
            browser.get(&url).await.shown(200, "Your account");
        }
        // Their own is good in their browser, for a while.
        let person = house.person().await;
        elsewhere.follow().await;
        house.turn(TimeDelta::minutes(61));
        let typed = [("email", person.email), ("password", person.password)];
        elsewhere.submit("#login-form", &typed).await.sent_to(paths::ACCOUNT);
        assert_eq!(elsewhere.follow().await.url.path(), paths::ACCOUNT);
    }

    async fn a_notice_is_one_of_ours_or_none(db: Database) {
        let house = House::new(db).await;
        let mut browser = signed_in(&house).await;
        for path in PAGES {
            let plain = browser.get(path).await.page().text;
            // The last is a word of ours, but not of this page.
            let other = if *path == paths::ACCOUNT_APPS { "profile" } else { "app" };
            for forged in ["", "nothing", "Profile", "<b>555-0100</b>", "password%00", other] {
                let url = format!("{path}?done={forged}&notice=555-0100&error=555-0100");
                let answer = browser.get(&url).await;
                assert!(!answer.body.contains("555-0100"), "{}", answer.told());
                assert!(answer.status == 400 || answer.page().text == plain, "{}", answer.told());
            }
        }
    }

    async fn one_more_letter_is_sent_while_the_address_is_not_confirmed(db: Database) {
        let house = House::new(db).await;
        let mut browser = signed_up(&house, GRACE).await;
        let first = verify_link(&house).await;
        // Just after one was sent, no more are: nobody's mailbox can be filled from here.
        browser.submit("#verify-form", &[]).await.sent_to(paths::ACCOUNT);
        browser.follow().await;
        assert_eq!(verify_link(&house).await, first);
        house.turn(TimeDelta::minutes(2));
        browser.submit("#verify-form", &[]).await.sent_to(paths::ACCOUNT);
        browser.follow().await.shown(200, "a new letter is on its way");
        let second = verify_link(&house).await;
        assert_ne!(first, second);
        // The newest link wins.
        browser.get(&first).await.shown(410, "This link no longer works");
        browser.get(&second).await.shown(200, "Confirm your e-mail address");
        assert_eq!(house.rows().await["verification_token"], 1);

        browser.submit("#verify-submit", &[]).await.shown(200, "Address confirmed");
        let page = browser.get(paths::ACCOUNT).await.page();
        assert!(!page.text.contains("not confirmed"), "{}", page.text);

        // Asked for once more, from a page that was open before: there is nothing to prove.
        let before = contents(&house).await;
        let csrf = csrf(&browser, "#logout-form");
        let form = [("csrf", csrf.as_str())];
        browser.post_form(paths::ACCOUNT_VERIFY, &form).await.sent_to(paths::ACCOUNT);
        assert_eq!(contents(&house).await, before);
    }
}
