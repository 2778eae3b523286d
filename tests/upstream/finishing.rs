//! Somebody who comes without an address that is proven: they prove one by a letter (LK-13), and then
//! the same rules hold as for everybody.

use doorward::{accounts::operate, paths};
use entity::value::LetterKind;
use serde_json::json;

use super::world::{World, is_in};
use crate::{
    pages::world::{GRACE, signed_up, user},
    support::{
        browser::Browser,
        database::{Database, both},
        rp::Rp,
    },
};

/// The code in the newest letter to an address.
async fn code(world: &World, to: &str) -> String {
    let letters = world.letters(LetterKind::ProviderCode).await;
    let (_, letter) = letters.iter().find(|(own, _)| own == to).expect("a letter");
    let mut words = letter.text.split_whitespace();
    let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|b| b.is_ascii_digit());
    words.find(is_code).expect("a code").to_owned()
}

/// A browser that came from GitHub without an address.
async fn nameless<'a>(world: &'a World) -> Browser<'a> {
    world.github.emails(json!([]));
    let mut browser = world.house.browser();
    world
        .come(&mut browser, "github", &json!({}))
        .await
        .sent_to(paths::UPSTREAM_FINISH);
    browser.follow().await.shown(200, "Which address is yours?");
    browser
}

both! {
    async fn lk_13_the_address_that_becomes_proven_is_the_one_of_the_newest_letter(db: Database) {
        let world = World::new(db).await;
        let mut browser = nameless(&world).await;
        for bad in ["", "ada", "ada@"] {
            browser.submit("#upstream-address", &[("email", bad)]).await
                .shown(422, "Enter an e-mail address");
        }
        let typed = [("email", "ada@example.com")];
        browser.submit("#upstream-address", &typed).await.sent_to(paths::UPSTREAM_FINISH);
        browser.follow().await.shown(200, "ada@example.com");
        let first = code(&world, "ada@example.com").await;
        let typed = [("email", "lin@example.com")];
        browser.submit("#upstream-again", &typed).await.sent_to(paths::UPSTREAM_FINISH);
        browser.follow().await.shown(200, "lin@example.com");
        for wrong in ["", "12345", first.as_str()] {
            browser.submit("#upstream-code", &[("code", wrong)]).await.shown(422, "This code is wrong");
        }
        assert_eq!(world.users().await.len(), 0);
        let second = code(&world, "lin@example.com").await;
        browser.submit("#upstream-code", &[("code", &second)]).await.sent_to(paths::ACCOUNT);
        assert!(is_in(&mut browser).await);
        let [lin] = &world.users().await[..] else { panic!("one user") };
        assert!(lin.email == "lin@example.com" && lin.email_verified.is_some());
        assert_eq!(world.linked().await.len(), 1);
    }
}

#[tokio::test]
async fn a_code_is_tried_five_times() {
    let world = World::new(Database::sqlite().await).await;
    let mut browser = nameless(&world).await;
    browser
        .submit("#upstream-address", &[("email", "ada@example.com")])
        .await;
    browser.follow().await;
    let right = code(&world, "ada@example.com").await;
    let wrong = if right == "000000" {
        "000001"
    } else {
        "000000"
    };
    for _ in 0..5 {
        browser
            .submit("#upstream-code", &[("code", wrong)])
            .await
            .shown(422, "This code is wrong");
    }
    let answer = browser.submit("#upstream-code", &[("code", &right)]).await;
    answer.shown(422, "tried too often");
    assert_eq!(world.users().await.len(), 0);
}

#[tokio::test]
async fn whoever_asks_for_more_letters_gets_no_more_tries() {
    let world = World::with(Database::sqlite().await, |config| {
        config.limits.letters = 1000;
        config.limits.letters_by_address = 1000;
    })
    .await;
    let typed = [("email", "ada@example.com")];
    for _ in 0..5 {
        let mut browser = nameless(&world).await;
        browser.submit("#upstream-address", &typed).await;
        browser.follow().await;
        let right = code(&world, "ada@example.com").await;
        let wrong = format!(
            "{:06}",
            (right.parse::<u32>().expect("digits") + 1) % 1_000_000
        );
        for _ in 0..4 {
            let answer = browser.submit("#upstream-code", &[("code", &wrong)]).await;
            answer.shown(422, "This code is wrong");
        }
    }
    let mut browser = nameless(&world).await;
    browser.submit("#upstream-address", &typed).await;
    browser.follow().await;
    let right = code(&world, "ada@example.com").await;
    let answer = browser.submit("#upstream-code", &[("code", &right)]).await;
    answer.is(429);
    assert_eq!(world.users().await.len(), 0);
}

#[tokio::test]
async fn an_address_that_has_an_account_leads_there_and_not_in() {
    let world = World::new(Database::sqlite().await).await;
    let house = &world.house;
    let ada = house.person().await;
    signed_up(house, GRACE).await;
    // What is shown and sent is the same for an address that somebody has and one that nobody has.
    for email in ["nobody@example.com", ada.email] {
        let mut browser = nameless(&world).await;
        browser
            .submit("#upstream-address", &[("email", email)])
            .await
            .sent_to(paths::UPSTREAM_FINISH);
        browser
            .follow()
            .await
            .shown(200, "A letter with a code of six digits is on its way");
    }
    let mut browser = nameless(&world).await;
    browser
        .submit("#upstream-address", &[("email", ada.email)])
        .await;
    browser.follow().await;
    let right = code(&world, ada.email).await;
    browser
        .submit("#upstream-code", &[("code", &right)])
        .await
        .sent_to(paths::UPSTREAM_FINISH);
    browser
        .follow()
        .await
        .shown(200, "You have an account already");
    assert!(!is_in(&mut browser).await);
    assert_eq!(world.linked().await.len(), 0);
    // One that nobody has proven is not given away for it.
    let mut browser = nameless(&world).await;
    browser
        .submit("#upstream-address", &[("email", GRACE.email)])
        .await;
    browser.follow().await;
    let right = code(&world, GRACE.email).await;
    browser
        .submit("#upstream-code", &[("code", &right)])
        .await
        .sent_to(paths::LOGIN);
    assert!(user(house, GRACE.email).await.email_verified.is_none());
}

#[tokio::test]
async fn letters_to_one_mailbox_are_counted() {
    let world = World::new(Database::sqlite().await).await;
    let mut browser = nameless(&world).await;
    browser
        .submit("#upstream-address", &[("email", "ada@example.com")])
        .await;
    browser.follow().await;
    let again = [("email", "ada@example.com")];
    for _ in 0..2 {
        browser
            .submit("#upstream-again", &again)
            .await
            .sent_to(paths::UPSTREAM_FINISH);
        browser.follow().await;
    }
    browser
        .submit("#upstream-again", &again)
        .await
        .shown(429, "Too many attempts");
    assert_eq!(world.letters(LetterKind::ProviderCode).await.len(), 3);
}

#[tokio::test]
async fn where_nobody_signs_up_a_provider_makes_no_accounts() {
    let world = World::with(Database::sqlite().await, |config| {
        config.accounts.sign_up = false;
    })
    .await;
    let rp = Rp::confidential(&world.house).await;
    let mut browser = world.house.browser();
    browser.get_from_stranger(&rp.authorize_url(&[])).await;
    browser.follow().await;
    let asked = world.press(&mut browser, "google").await;
    world
        .back(&mut browser, "google", &asked, &json!({}))
        .await
        .sent_to(paths::LOGIN);
    browser
        .follow()
        .await
        .shown(200, "no new accounts are made with Google");
    world.nobody_came(0).await;
    // Who has one comes in, and may link.
    let person = world.house.person().await;
    let found = operate::find(&world.house.app, person.email)
        .await
        .expect("a look-up");
    assert!(found.is_some());
    world
        .come(&mut browser, "google", &json!({}))
        .await
        .sent_to(paths::UPSTREAM_FINISH);
}
