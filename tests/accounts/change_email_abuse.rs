//! Another address, asked for or proven by whoever should not: in somebody else's session, many times at
//! once, by guessing, or to learn who has an account (LK-3, LK-13, EN-3).

use doorward::{paths, sessions};
use entity::value::{EventKind, LetterKind};

use super::guarding::{
    GRACE, NEW, add, ask, browser_of, events, form_call, letter, letters, sent, session_of, typed,
};
use crate::{
    pages::world::{contents, csrf as csrf_of, signed_up, user, verify_link},
    support::{call::at_once, database::both, house::House},
};

/// How many come at once.
const MANY: usize = 64;

/// Another code than the right one.
fn another(code: &str, by: u32) -> String {
    let right: u32 = code.parse().expect("a number");
    format!("{:06}", (right + by) % 1_000_000)
}

both! {
    async fn lk_3_a_link_is_nothing_in_the_session_of_somebody_else(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        add(&house, GRACE).await;
        let mut ada = browser_of(&house, person).await;
        ask(&mut ada, NEW).await;
        let (link, _) = sent(&house, NEW).await;
        let token = link.split_once("token=").expect("a token").1;
        let mut grace = browser_of(&house, GRACE).await;
        grace.follow().await;
        let csrf = csrf_of(&grace, "#logout-form");
        let before = contents(&house).await;
        grace.get(&link).await.shown(200, "Sign in first");
        grace.post_form(paths::CONFIRM_EMAIL, &[("csrf", &csrf), ("token", token)]).await.shown(403, "Nothing was changed.");
        let mut nobody = house.browser();
        nobody.get(paths::LOGIN).await;
        let csrf = csrf_of(&nobody, "#login-form");
        nobody.post_form(paths::CONFIRM_EMAIL, &[("csrf", &csrf), ("token", token)]).await.shown(403, "Nothing was changed.");
        assert_eq!(contents(&house).await, before);
        // She may leave, and its owner may come.
        grace.get(&link).await;
        grace.click("Use another account").await.shown(200, "Sign out?");
        grace.submit("#logout-confirm", &[]).await;
        grace.follow().await.shown(200, "Sign in first");
        grace.click("Sign in").await.shown(200, "Sign in");
        typed(&mut grace, person).await;
        grace.follow().await.shown(200, "Change address");
        // LK-13: and nothing that is no link is one.
        for none in ["", "ce_", "nonsense", &token.replace("ce_", "ve_")] {
            grace.get(&format!("{}?token={none}", paths::CONFIRM_EMAIL)).await.shown(410, "no longer works");
        }
    }

    async fn lk_3_what_was_mailed_before_is_dead_afterwards(db: Database) {
        let house = House::new(db).await;
        let mut browser = signed_up(&house, GRACE).await;
        let verify = verify_link(&house).await;
        ask(&mut browser, NEW).await;
        let (link, _) = sent(&house, NEW).await;
        browser.get(&link).await.is(200);
        browser.submit("#confirm-submit", &[]).await.sent_to(paths::ACCOUNT_SECURITY);
        browser.get(&verify).await.is(410);
        assert_eq!(house.rows().await["verification_token"], 0);
        assert!(user(&house, NEW).await.email_verified.is_some());
    }

    async fn lk_3_a_link_that_waits_dies_with_whatever_its_owner_proves(db: Database) {
        let house = House::new(db).await;
        let mut browser = signed_up(&house, GRACE).await;
        let verify = verify_link(&house).await;
        ask(&mut browser, NEW).await;
        let (first, _) = sent(&house, NEW).await;
        // The address that the account has is proven.
        browser.get(&verify).await.is(200);
        browser.submit("#verify-submit", &[]).await;
        browser.get(&first).await.shown(410, "This link no longer works");
        // There is a new password.
        ask(&mut browser, NEW).await;
        let (second, _) = sent(&house, NEW).await;
        browser.get(paths::ACCOUNT_SECURITY).await;
        let typed = [("current_password", GRACE.password), ("new_password", "seven ladders to the moon")];
        browser.submit("#password-form", &typed).await.sent_to(paths::ACCOUNT_SECURITY);
        browser.get(&second).await.shown(410, "This link no longer works");
        assert_eq!(user(&house, GRACE.email).await.email, GRACE.email);
    }

    async fn en_3_a_taken_address_gets_the_same_page_and_another_letter(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        add(&house, GRACE).await;
        let mut said = Vec::new();
        // The first only opens the counters that all of them share.
        for email in ["first@example.com", GRACE.email, "free5@example.com"] {
            let mut browser = browser_of(&house, person).await;
            let before = house.rows().await;
            ask(&mut browser, email).await;
            let mut page = browser.last().page().text.replace(email, "…");
            let wrong = browser.submit("#code-form", &[("code", "000000")]).await;
            page.push_str(&wrong.shown(422, "There is a problem").page().text.replace(email, "…"));
            let mut rows = house.rows().await;
            for (table, count) in &mut rows {
                *count -= before[table];
            }
            // The next letter replaces the token of this one.
            rows.remove("verification_token");
            said.push((page, rows));
        }
        assert_eq!(said[1], said[2]);
        assert_eq!(
            letters(&house).await,
            [
                (LetterKind::ChangeEmail, "first@example.com".to_owned()),
                (LetterKind::AddressTaken, GRACE.email.to_owned()),
                (LetterKind::ChangeEmail, "free5@example.com".to_owned()),
            ]
        );
        let told = letter(&house, LetterKind::AddressTaken, GRACE.email).await;
        assert!(!told.text.contains("token=") && !told.text.contains(person.email), "{}", told.text);
    }

    async fn en_3_letters_have_a_limit_that_is_the_same_for_a_taken_address(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        add(&house, GRACE).await;
        for email in [GRACE.email, NEW] {
            let mut browser = browser_of(&house, person).await;
            for _ in 0..house.app.config.limits.letters {
                ask(&mut browser, email).await;
            }
            browser.get(paths::ACCOUNT_EMAIL).await;
            let before = contents(&house).await["outbox"].len();
            let answer = browser.submit("#email-form", &[("email", email)]).await;
            answer.shown(429, "Too many attempts").has("Retry-After", |seconds| {
                seconds.parse::<u32>().is_ok_and(|seconds| (1..=3600).contains(&seconds))
            });
            assert_eq!(contents(&house).await["outbox"].len(), before);
            // Another mailbox is another matter.
            ask(&mut browser, &format!("other.{email}")).await;
        }
    }

    async fn lk_13_only_the_address_of_the_newest_letter_is_proven(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut browser = browser_of(&house, person).await;
        ask(&mut browser, "first@example.com").await;
        let (first, first_code) = sent(&house, "first@example.com").await;
        ask(&mut browser, NEW).await;
        let (second, _) = sent(&house, NEW).await;
        browser.get(&first).await.shown(410, "This link no longer works");
        browser.get(paths::ACCOUNT_EMAIL).await;
        browser.submit("#code-form", &[("code", &first_code)]).await.is(422);
        browser.get(&second).await.is(200);
        browser.submit("#confirm-submit", &[]).await.sent_to(paths::ACCOUNT_SECURITY);
        assert_eq!(user(&house, NEW).await.email, NEW);
    }

    async fn lk_13_of_sixty_four_changes_at_once_one_address_is_proven(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut browser = browser_of(&house, person).await;
        browser.get(paths::ACCOUNT_EMAIL).await;
        let csrf = csrf_of(&browser, "#email-form");
        let cookies = browser.jar.header("/", false, house.app.clock.now()).expect("cookies");
        let origin = house.app.config.server.origin();
        let post = |path: &str, form: &[(&str, &str)]| {
            house.post(path).header("Origin", &origin).header("Cookie", &cookies).form(form)
        };
        let address = |at: usize| format!("ada.{at}@example.com");
        let asks = (0..MANY).map(|at| post(paths::ACCOUNT_EMAIL, &[("csrf", &csrf), ("email", &address(at))]));
        for answer in at_once(asks.collect()).await {
            answer.sent_to(paths::ACCOUNT_EMAIL);
        }
        assert_eq!(house.rows().await["verification_token"], 1, "the newest");
        let mut links = Vec::new();
        for at in 0..MANY {
            let (link, _) = sent(&house, &address(at)).await;
            links.push(link.split_once("token=").expect("a token").1.to_owned());
        }
        let confirms = links.iter().map(|link| post(paths::CONFIRM_EMAIL, &[("csrf", &csrf), ("token", link)]));
        let answers = at_once(confirms.collect()).await;
        let won: Vec<_> = (0..MANY).filter(|at| answers[*at].status == 303).collect();
        assert_eq!(won.len(), 1, "{won:?}");
        assert_eq!(user(&house, &address(won[0])).await.email, address(won[0]));
        assert_eq!(events(&house, EventKind::EmailChanged).await, 1);
    }

    async fn lk_13_sixty_four_at_once_use_one_link(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut browser = browser_of(&house, person).await;
        ask(&mut browser, NEW).await;
        let (link, _) = sent(&house, NEW).await;
        browser.get(&link).await.is(200);
        let calls = (0..MANY).map(|_| form_call(&house, &browser, "#confirm-submit")).collect();
        let answers = at_once(calls).await;
        let won = answers.iter().filter(|answer| answer.status == 303 && answer.header("Set-Cookie").contains("doorward_session=ss_"));
        assert_eq!(won.count(), 1);
        assert!(answers.iter().all(|answer| answer.status < 500));
        assert_eq!(events(&house, EventKind::EmailChanged).await, 1);
        let told = letters(&house).await.into_iter().filter(|(kind, _)| *kind == LetterKind::EmailChanged);
        assert_eq!(told.count(), 1);
    }

    async fn an_address_that_two_prove_is_the_first_ones(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        add(&house, GRACE).await;
        let mut ada = browser_of(&house, person).await;
        let mut grace = browser_of(&house, GRACE).await;
        ask(&mut ada, NEW).await;
        let (adas, _) = sent(&house, NEW).await;
        ask(&mut grace, NEW).await;
        let (graces, _) = sent(&house, NEW).await;
        ada.get(&adas).await;
        grace.get(&graces).await;
        let calls = vec![form_call(&house, &ada, "#confirm-submit"), form_call(&house, &grace, "#confirm-submit")];
        let mut answers: Vec<u16> = at_once(calls).await.iter().map(|answer| answer.status).collect();
        answers.sort_unstable();
        assert_eq!(answers, [303, 409]);
        user(&house, NEW).await;
        let kept = [person.email, GRACE.email];
        let mut left = 0;
        for email in kept {
            let found = entity::user::by_email(&house.app.db.read, email).await;
            left += usize::from(found.expect("a look-up").is_some());
        }
        assert_eq!(left, 1, "who came second has what they had");
    }

    async fn a_code_may_be_tried_five_times_for_each_letter(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut browser = browser_of(&house, person).await;
        ask(&mut browser, NEW).await;
        let (link, right) = sent(&house, NEW).await;
        // What cannot be one costs nothing.
        for none in ["", "12345", "abcdef"] {
            browser.submit("#code-form", &[("code", none)]).await.shown(422, "The code is wrong.");
        }
        for by in 1..=5 {
            let wrong = another(&right, by);
            browser.submit("#code-form", &[("code", &wrong)]).await.shown(422, "The code is wrong.");
        }
        browser.submit("#code-form", &[("code", &right)]).await.shown(422, "This code no longer works");
        assert_eq!(user(&house, person.email).await.email, person.email);
        // The link, which nobody guesses, still does; and so does the next code.
        browser.get(&link).await.shown(200, "Change address");
        ask(&mut browser, NEW).await;
        let (_, code) = sent(&house, NEW).await;
        let spaced = format!(" {} {} ", &code[..3], &code[3..]);
        browser.submit("#code-form", &[("code", &spaced)]).await.sent_to(paths::ACCOUNT_SECURITY);
    }

    async fn a_session_that_has_ended_meanwhile_changes_nothing(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut browser = browser_of(&house, person).await;
        ask(&mut browser, NEW).await;
        let (link, _) = sent(&house, NEW).await;
        browser.get(&link).await.is(200);
        let elsewhere = browser_of(&house, person).await;
        let own = session_of(&house, &elsewhere).await;
        let signed_in = sessions::SignedIn { user: user(&house, person.email).await, session: own };
        sessions::revoke_others(&house.app, &signed_in).await.expect("an end");
        browser.submit("#confirm-submit", &[]).await.is(403);
        assert_eq!(user(&house, person.email).await.email, person.email);
    }
}
