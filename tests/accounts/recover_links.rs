//! PR: the mistakes that others have made with links for a new password, none of them here.

use chrono::TimeDelta;
use doorward::{accounts::operate, paths};
use entity::{user, verification_token};
use sea_orm::EntityTrait;

use super::recovering::{DEAD, NEW, ask, choose, link, opens_for, pressed, secret, somebody};
use crate::{
    pages::world::{
        GRACE, LIN, contents, cookies, csrf, head, sign_in, signed_in, signed_up, user, verify_link,
    },
    support::{call::at_once, database::both, house::House},
};

both! {
    async fn pr_1_no_step_is_skipped(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut browser = house.browser();
        browser.get(paths::RECOVER).await;
        let token = csrf(&browser, "#recover-form");
        let before = contents(&house).await;
        // Before a letter was asked for: the form of the last step, and each with fields of the other.
        for form in [
            &[("csrf", token.as_str()), ("new_password", NEW)][..],
            &[("csrf", &token), ("email", person.email), ("new_password", NEW)],
            &[("csrf", &token), ("token", ""), ("new_password", NEW)],
            &[("csrf", &token), ("token", "verified"), ("email", person.email), ("new_password", NEW)],
        ] {
            browser.post_form(paths::RESET_PASSWORD, form).await.shown(410, DEAD);
            assert_eq!(contents(&house).await, before);
        }
        let form = [("csrf", token.as_str()), ("token", "verified"), ("new_password", NEW)];
        browser.post_form(paths::RECOVER, &form).await.shown(422, "There is a problem");
        assert_eq!(contents(&house).await, before);
        // After it was asked for, in the browser that asked, which has not read the letter.
        ask(&mut browser, person.email).await;
        let before = contents(&house).await;
        browser.get(paths::RECOVER).await;
        let token = csrf(&browser, "#recover-form");
        let visitor = browser.jar.value("doorward_visitor").expect("a cookie").to_owned();
        for secret in ["", "rp_", visitor.as_str()] {
            pressed(&mut browser, &token, secret, &[("email", person.email)]).await;
            browser.last().shown(410, DEAD);
        }
        assert_eq!(contents(&house).await, before);
        assert!(opens_for(&house, person.email, person.password).await);
    }

    async fn pr_3_of_64_who_press_at_once_one_sets_the_password(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut browser = house.browser();
        ask(&mut browser, person.email).await;
        let older = link(&house).await;
        ask(&mut browser, person.email).await;
        let link = link(&house).await;
        browser.get(&link).await;
        let cookies = cookies(&house, &browser).expect("cookies");
        let csrf = csrf(&browser, "#reset-form");
        let passwords: Vec<_> = (0..64).map(|n| format!("{n} herons by the mill of {n}")).collect();
        let press = |password: &String| {
            let form = [("csrf", csrf.as_str()), ("token", secret(&link)), ("new_password", password)];
            house.post(paths::RESET_PASSWORD).header("Cookie", &cookies).form(&form)
        };
        let answers = at_once(passwords.iter().map(press).collect()).await;
        let won: Vec<_> = answers.iter().zip(&passwords).filter(|(answer, _)| answer.status == 303).collect();
        let [(_, password)] = won[..] else { panic!("{} have won", won.len()) };
        for answer in answers.iter().filter(|answer| answer.status != 303) {
            // Too late, or too many to hash at once; never half done.
            assert!([410, 429, 503].contains(&answer.status), "{}", answer.told());
        }
        assert!(answers.iter().any(|answer| answer.status == 410));
        assert!(opens_for(&house, person.email, password).await);
        assert!(!opens_for(&house, person.email, person.password).await);
        for dead in [link.as_str(), &older] {
            browser.get(dead).await.shown(410, DEAD);
        }
    }

    async fn pr_3_the_newest_link_wins_in_whichever_browser(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let (mut one, mut two) = (house.browser(), house.browser());
        ask(&mut one, person.email).await;
        let older = link(&house).await;
        one.get(&older).await.shown(200, "Choose a new password");
        ask(&mut two, person.email).await;
        let newer = link(&house).await;
        assert_ne!(older, newer);
        // The page of the older link is still open.
        one.submit("#reset-form", &[("new_password", NEW)]).await.shown(410, DEAD);
        choose(&mut two, &newer, NEW).await;
        assert!(opens_for(&house, person.email, NEW).await);
        // In a browser that had it open too it is spent.
        for link in [&older, &newer] {
            one.get(link).await.shown(410, DEAD);
            head(&house, &one, link).await.is(410);
        }
    }

    async fn pr_3_a_reset_ends_every_other_letter(db: Database) {
        let house = House::new(db).await;
        let mut browser = signed_up(&house, GRACE).await;
        let verify = verify_link(&house).await;
        let mut phone = house.browser();
        ask(&mut phone, GRACE.email).await;
        choose(&mut phone, &link(&house).await, NEW).await;
        let left = verification_token::Entity::find().all(&house.app.db.read).await.expect("rows");
        assert!(left.is_empty(), "{left:?}");
        browser.get(&verify).await.is(410);
    }

    async fn pr_4_only_the_link_says_whose_password_it_is(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let grace = somebody(&house, GRACE, true, true).await;
        somebody(&house, LIN, true, true).await;
        // Signed in as a third person, with everything that could name the second.
        let mut browser = house.browser();
        sign_in(&mut browser, LIN).await;
        ask(&mut browser, person.email).await;
        let link = link(&house).await;
        let url = format!("{link}&email={}&user_id={}&sub={}", GRACE.email, grace.id, grace.subject);
        let page = browser.get(&url).await.shown(200, "Choose a new password").page();
        let sent = page.form("#reset-form").pairs();
        assert!(sent.contains(&("username".to_owned(), person.email.to_owned())), "{sent:?}");
        let csrf = csrf(&browser, "#reset-form");
        let id = grace.id.to_string();
        let more = [
            ("email", GRACE.email), ("username", GRACE.email), ("identifier", GRACE.email),
            ("user_id", &id), ("sub", &id), ("id", &id),
        ];
        pressed(&mut browser, &csrf, secret(&link), &more).await;
        browser.last().is(200);
        assert!(opens_for(&house, person.email, NEW).await);
        for other in [GRACE, LIN] {
            assert!(opens_for(&house, other.email, other.password).await);
            assert!(!opens_for(&house, other.email, NEW).await);
        }
    }

    async fn pr_5_a_link_dies_with_what_it_was_written_for(db: Database) {
        let house = House::with(db, |config| config.limits.letters = 100).await;
        let person = house.person().await;
        let mut browser = house.browser();
        for change in 0..6 {
            let user = user(&house, person.email).await;
            ask(&mut browser, person.email).await;
            let link = link(&house).await;
            browser.get(&link).await.shown(200, "Choose a new password");
            let now = house.app.clock.now();
            match change {
                0 => house.turn(TimeDelta::minutes(60)),
                1 => operate::set_password(&house.app, &user, person.password).await.expect("a change"),
                2 => {
                    let (db, to) = (&house.app.db.write, (person.email, "ada@new.example"));
                    user::change_email(db, user.id, to, now).await.expect("a change");
                }
                3 => {
                    let mut own = signed_in(&house).await;
                    own.get(paths::ACCOUNT_SECURITY).await;
                    let typed = [("current_password", person.password), ("new_password", NEW)];
                    own.submit("#password-form", &typed).await.is(303);
                }
                4 => assert!(operate::disable(&house.app, &user).await.expect("a change")),
                _ => assert!(operate::remove(&house.app, &user).await.expect("a change")),
            }
            let before = contents(&house).await;
            browser.submit("#reset-form", &[("new_password", "twelve owls in the old barn")]).await.shown(410, DEAD);
            browser.get(&link).await.shown(410, DEAD);
            assert_eq!(contents(&house).await, before, "{change}");
            match change {
                2 => {
                    let (db, to) = (&house.app.db.write, ("ada@new.example", person.email));
                    user::change_email(db, user.id, to, now).await.expect("a change");
                }
                4 => {
                    // Nor does it come back to life with the account.
                    operate::enable(&house.app, &user).await.expect("a change");
                    browser.get(&link).await.shown(410, DEAD);
                }
                _ => {}
            }
        }
    }

    async fn a_page_that_was_open_while_somebody_signed_in_is_shown_once_more(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut browser = house.browser();
        ask(&mut browser, person.email).await;
        let link = link(&house).await;
        browser.get(&link).await;
        let token = csrf(&browser, "#reset-form");
        // In another tab.
        sign_in(&mut browser, person).await;
        let before = contents(&house).await;
        pressed(&mut browser, &token, secret(&link), &[]).await;
        browser.last().sent_to(paths::RESET_PASSWORD);
        browser.follow().await.shown(200, "Choose a new password");
        assert_eq!(contents(&house).await, before);
        browser.submit("#reset-form", &[("new_password", NEW)]).await.sent_to(paths::LOGIN);
        browser.follow().await.shown(200, "Your password is changed.");
    }
}
