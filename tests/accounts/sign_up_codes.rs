//! The secrets of a letter to somebody who signs up: how often they may be tried, and by how many.

use chrono::TimeDelta;
use doorward::paths;
use entity::value::LetterKind;

use super::proving::{found, letters, newest, proven_first, type_code, waiting};
use crate::{
    pages::world::{GRACE, cookies, csrf},
    support::{call::at_once, database::both},
};

both! {
    async fn pr_13_five_wrong_codes_end_a_letter_and_twenty_a_day(db: Database) {
        let house = proven_first(db).await;
        let mut browser = waiting(&house, GRACE).await;
        let mut tried = 0;
        for _ in 0..4 {
            let letter = newest(&house, LetterKind::SignUp).await;
            for _ in 0..5 {
                type_code(&mut browser, "#confirm-form", letter.wrong_code()).await;
                browser.last().shown(422, "The code is wrong.");
                tried += 1;
            }
            // The right one comes too late.
            type_code(&mut browser, "#confirm-form", letter.code()).await;
            browser.last().shown(422, "This code no longer works");
            house.turn(TimeDelta::minutes(61));
            browser.submit("#confirm-send-form", &[]).await.sent_to(paths::CONFIRM_SIGN_UP);
            browser.follow().await.shown(200, "A new letter is on its way");
        }
        assert_eq!(tried, 20);
        let letter = newest(&house, LetterKind::SignUp).await;
        type_code(&mut browser, "#confirm-form", letter.code()).await;
        let answer = browser.last();
        answer.shown(429, "Too many attempts");
        answer.has("Retry-After", |seconds| seconds.parse().is_ok_and(|seconds: u32| seconds > 3600));
        assert!(found(&house, GRACE.email).await.is_none());
        // The link is no guess, and works.
        browser.get(letter.link(paths::CONFIRM_SIGN_UP)).await;
        browser.submit("#confirm-link-form", &[]).await.sent_to(paths::ACCOUNT);
        assert!(found(&house, GRACE.email).await.is_some());
    }

    async fn the_newest_letter_wins_and_letters_are_few(db: Database) {
        let house = proven_first(db).await;
        let mut browser = waiting(&house, GRACE).await;
        let first = newest(&house, LetterKind::SignUp).await;
        // One that was just sent is on its way.
        browser.submit("#confirm-send-form", &[]).await.sent_to(paths::CONFIRM_SIGN_UP);
        browser.follow().await.shown(200, "A new letter is on its way");
        assert_eq!(letters(&house, LetterKind::SignUp).await.len(), 1);
        for _ in 0..2 {
            house.turn(TimeDelta::minutes(2));
            browser.submit("#confirm-send-form", &[]).await.sent_to(paths::CONFIRM_SIGN_UP);
            browser.follow().await;
        }
        assert_eq!(letters(&house, LetterKind::SignUp).await.len(), 3);
        house.turn(TimeDelta::minutes(2));
        let answer = browser.submit("#confirm-send-form", &[]).await;
        answer.shown(429, "Too many attempts");
        answer.has("Retry-After", |seconds| seconds.parse().is_ok_and(|seconds: u32| seconds > 60));
        assert_eq!(letters(&house, LetterKind::SignUp).await.len(), 3);

        let last = newest(&house, LetterKind::SignUp).await;
        browser.get(first.link(paths::CONFIRM_SIGN_UP)).await.shown(410, "This sign-up has ended");
        browser.get(last.link(paths::CONFIRM_SIGN_UP)).await.shown(200, "Confirm your e-mail address");
        browser.submit("#confirm-link-form", &[]).await.sent_to(paths::ACCOUNT);
    }

    async fn of_64_confirms_at_once_one_makes_the_user(db: Database) {
        let house = proven_first(db).await;
        let mut browser = waiting(&house, GRACE).await;
        let letter = newest(&house, LetterKind::SignUp).await;
        browser.get(letter.link(paths::CONFIRM_SIGN_UP)).await;
        let cookies = cookies(&house, &browser).expect("cookies");
        let csrf = csrf(&browser, "#confirm-link-form");
        let token = letter.link(paths::CONFIRM_SIGN_UP).split_once("token=").expect("a token").1;
        let form = [("csrf", csrf.as_str()), ("token", token)];
        let press = || house.post(paths::CONFIRM_SIGN_UP).header("Cookie", &cookies).form(&form);
        let answers = at_once((0..64).map(|_| press()).collect()).await;
        let made = answers.iter().filter(|answer| answer.status == 303).count();
        let dead = answers.iter().filter(|answer| answer.status == 410).count();
        assert_eq!((made, dead), (1, 63));
        let rows = house.rows().await;
        assert_eq!((rows["user"], rows["account"], rows["session"]), (1, 1, 1));
    }

    async fn of_64_codes_at_once_five_are_compared(db: Database) {
        let house = proven_first(db).await;
        let browser = waiting(&house, GRACE).await;
        let letter = newest(&house, LetterKind::SignUp).await;
        let cookies = cookies(&house, &browser).expect("cookies");
        let mut form = browser.last().page().form("#confirm-form").pairs();
        form.retain(|(name, _)| name != "code");
        form.push(("code".to_owned(), letter.wrong_code().to_owned()));
        let press = || house.post(paths::CONFIRM_SIGN_UP).header("Cookie", &cookies).form(&form);
        let answers = at_once((0..64).map(|_| press()).collect()).await;
        let compared = answers.iter().filter(|answer| answer.page().text.contains("The code is wrong.")).count();
        assert_eq!(compared, 5);
        assert!(answers.iter().all(|answer| answer.status == 422));
    }
}
