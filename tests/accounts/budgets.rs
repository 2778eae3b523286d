//! Budgets: what nobody gets more of by way of more accounts, more mailboxes or more names.

use chrono::TimeDelta;
use doorward::{accounts::operate, config::Config, paths};
use entity::{value::LetterKind, verification_token};
use sea_orm::EntityTrait;
use serde_json::json;

use super::{
    guesser::wait,
    proving::{found, newest, proven_first, sign_up, type_code, waiting},
    recovering::{NEW, ask, choose, link, opens_for, pressed, secret},
};
use crate::{
    pages::world::{GRACE, contents, csrf, signed_up},
    support::{
        answer::Answer,
        database::both,
        house::{House, Person},
    },
};

/// Somebody who knows the address of another.
const MALLORY: Person = Person {
    email: GRACE.email,
    password: "mallets on the pall mall",
    name: "Mallory",
};

const WEAK: &str = "password1";

/// As an operator runs it: in development mode everybody comes from one and the same address.
fn in_production(config: &mut Config) {
    config.development = false;
    config.server.issuer = "https://id.example.com".to_owned();
}

/// A sign-up at the API, from an address of IPv4.
async fn sign_up_from(house: &House, ip: &str, (email, password): (&str, &str)) -> Answer {
    let body = json!({ "name": "Grace", "email": email, "password": password });
    let call = house
        .post(paths::API_SIGN_UP_EMAIL)
        .header("X-Forwarded-For", ip);
    call.body("application/json", body.to_string()).await
}

both! {
    async fn pr_13_a_mailbox_has_one_budget_however_often_an_account_is_made_for_it(db: Database) {
        let house = House::new(db).await;
        for _ in 0..4 {
            let mut browser = signed_up(&house, GRACE).await;
            browser.get(paths::VERIFY_EMAIL).await;
            let letter = newest(&house, LetterKind::VerifyEmail).await;
            for _ in 0..5 {
                type_code(&mut browser, "#verify-code-form", letter.wrong_code()).await;
                browser.last().shown(422, "The code is wrong.");
            }
            let user = found(&house, GRACE.email).await.expect("an account");
            assert!(operate::remove(&house.app, &user).await.expect("an end"));
            house.turn(TimeDelta::minutes(61));
        }
        let mut browser = signed_up(&house, GRACE).await;
        browser.get(paths::VERIFY_EMAIL).await;
        let letter = newest(&house, LetterKind::VerifyEmail).await;
        type_code(&mut browser, "#verify-code-form", letter.code()).await;
        browser.last().shown(429, "Too many attempts");
        assert!(found(&house, GRACE.email).await.expect("her").email_verified.is_none());
        // The link is no guess.
        browser.get(letter.link(paths::VERIFY_EMAIL)).await;
        browser.submit("#verify-submit", &[]).await.shown(200, "Address confirmed");
    }

    async fn pr_13_whoever_guesses_at_many_mailboxes_has_to_stop(db: Database) {
        let house = House::with(db, |config| {
            in_production(config);
            config.accounts.verified_email_only = true;
        }).await;
        for number in 0..4 {
            let email: &'static str = format!("grace{number}@example.com").leak();
            let mut browser = waiting(&house, Person { email, ..GRACE }).await;
            let letter = newest(&house, LetterKind::SignUp).await;
            for _ in 0..5 {
                type_code(&mut browser, "#confirm-form", letter.wrong_code()).await;
                browser.last().shown(422, "The code is wrong.");
            }
        }
        let mut browser = waiting(&house, GRACE).await;
        let page = browser.last().url.to_string();
        let letter = newest(&house, LetterKind::SignUp).await;
        type_code(&mut browser, "#confirm-form", letter.code()).await;
        wait(browser.last());
        assert!(found(&house, GRACE.email).await.is_none());
        house.turn(TimeDelta::minutes(61));
        browser.get(&page).await.shown(200, "Check your mail");
        type_code(&mut browser, "#confirm-form", letter.code()).await;
        browser.last().sent_to(paths::ACCOUNT);
    }

    async fn do_6_first_letters_are_few_whether_the_address_is_taken_or_free(db: Database) {
        let house = House::new(db).await;
        for taken in [true, false] {
            house.forget_counts().await;
            for time in 0..3 {
                let mut browser = house.browser();
                sign_up(&mut browser, GRACE).await;
                if taken && time > 0 {
                    browser.last().shown(422, "An account with this address exists");
                } else {
                    browser.last().sent_to(paths::ACCOUNT);
                }
                if !taken || time == 2 {
                    let user = found(&house, GRACE.email).await.expect("an account");
                    assert!(operate::remove(&house.app, &user).await.expect("an end"));
                }
            }
            let mut browser = house.browser();
            sign_up(&mut browser, GRACE).await;
            assert!(wait(browser.last()) > 60);
            assert!(found(&house, GRACE.email).await.is_none());
        }
    }

    async fn do_6_strangers_do_not_keep_an_address_from_signing_up(db: Database) {
        let house = House::with(db, |config| {
            config.accounts.verified_email_only = true;
            config.server.trusted_proxies = vec!["127.0.0.1".parse().expect("a network")];
        }).await;
        let grace = (GRACE.email, GRACE.password);
        for ip in ["192.0.2.1", "192.0.2.2", "192.0.2.3"] {
            for _ in 0..3 {
                sign_up_from(&house, ip, grace).await.ok();
            }
            wait(&sign_up_from(&house, ip, grace).await);
        }
        sign_up_from(&house, "192.0.2.4", grace).await.ok();
        // Enough for one mailbox, wherever they come from.
        wait(&sign_up_from(&house, "192.0.2.5", grace).await);
        sign_up_from(&house, "192.0.2.5", ("grace2@example.com", GRACE.password)).await.ok();
    }

    async fn do_2_passwords_of_newcomers_are_estimated_sixty_times_an_hour(db: Database) {
        let house = House::with(db, in_production).await;
        for _ in 0..60 {
            let answer = sign_up_from(&house, "192.0.2.1", (GRACE.email, WEAK)).await;
            assert_eq!(answer.status, 400, "{}", answer.told());
        }
        wait(&sign_up_from(&house, "192.0.2.1", (GRACE.email, WEAK)).await);
        // What is too short costs nothing, and is said as ever.
        let answer = sign_up_from(&house, "192.0.2.1", (GRACE.email, "short")).await;
        assert_eq!(answer.status, 400, "{}", answer.told());
    }

    async fn do_2_where_nobody_can_sign_up_any_more_nothing_is_estimated(db: Database) {
        let house = House::with(db, |config| {
            in_production(config);
            config.limits.sign_ups = 1;
        }).await;
        sign_up_from(&house, "192.0.2.1", (GRACE.email, GRACE.password)).await.ok();
        let before = contents(&house).await;
        wait(&sign_up_from(&house, "192.0.2.1", ("grace2@example.com", WEAK)).await);
        assert_eq!(contents(&house).await, before, "nor is anything written");
    }

    async fn do_2_a_link_for_a_new_password_is_no_way_to_have_any_number_estimated(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut browser = house.browser();
        ask(&mut browser, person.email).await;
        let first = link(&house).await;
        browser.get(&first).await;
        let token = csrf(&browser, "#reset-form");
        let weak = [("csrf", token.as_str()), ("token", secret(&first)), ("new_password", WEAK)];
        for _ in 0..60 {
            browser.post_form(paths::RESET_PASSWORD, &weak).await.is(422);
        }
        wait(browser.post_form(paths::RESET_PASSWORD, &weak).await);
        house.turn(TimeDelta::minutes(30));
        wait(browser.post_form(paths::RESET_PASSWORD, &weak).await);
        ask(&mut browser, person.email).await;
        let second = link(&house).await;
        house.turn(TimeDelta::minutes(31));
        browser.get(&second).await;
        let token = csrf(&browser, "#reset-form");
        pressed(&mut browser, &token, secret(&second), &[]).await;
        browser.last().sent_to(paths::LOGIN);
    }

    async fn bf_9_wrong_secrets_of_invented_clients_count_together_and_write_no_more(db: Database) {
        let house = House::new(db).await;
        let form = [("grant_type", "client_credentials")];
        let with = |id: &str| house.post(paths::TOKEN).basic(id, "not the secret").form(&form);
        for number in 0..20 {
            with(&format!("nobody{number}")).await.client_401();
        }
        let before = contents(&house).await;
        assert_eq!(before["limit_counter"].len(), 1);
        for number in 20..25 {
            with(&format!("nobody{number}")).await.oauth_error(429, "invalid_client");
        }
        assert_eq!(contents(&house).await, before);
    }

    async fn pr_8_strangers_do_not_keep_anybody_from_a_link_that_works(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut stranger = house.browser();
        for _ in 0..3 {
            ask(&mut stranger, person.email).await;
        }
        house.turn(TimeDelta::minutes(59));
        let mut browser = house.browser();
        let before = contents(&house).await["outbox"].clone();
        ask(&mut browser, person.email).await;
        assert_eq!(contents(&house).await["outbox"], before, "no more letters");
        choose(&mut browser, &link(&house).await, NEW).await;
        assert!(opens_for(&house, person.email, NEW).await);
    }

    async fn lk_1_the_code_of_another_sign_up_makes_nobody(db: Database) {
        let house = proven_first(db).await;
        let mut browser = waiting(&house, GRACE).await;
        let hers = browser.last().url.to_string();
        let form = browser.last().page().form("#confirm-form").pairs();
        // At the same browser, while she looks for her letter.
        sign_up(&mut browser, MALLORY).await;
        let code = newest(&house, LetterKind::SignUp).await.code().to_owned();
        let mut form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        form.retain(|(name, _)| *name != "code");
        form.push(("code", &code));
        browser.post_form(paths::CONFIRM_SIGN_UP, &form).await.shown(410, "This sign-up has ended");
        browser.get(&hers).await.shown(410, "This sign-up has ended");
        assert!(found(&house, GRACE.email).await.is_none());
    }

    async fn do_6_what_only_looks_like_an_errand_is_not_kept(db: Database) {
        let house = proven_first(db).await;
        let mut browser = house.browser();
        let flow = format!("device.{}", "A".repeat(2000));
        browser.get(&format!("{}?flow={flow}", paths::REGISTER)).await.is(200);
        let typed = [("email", GRACE.email), ("password", GRACE.password)];
        browser.submit("#register-form", &typed).await.sent_to(paths::CONFIRM_SIGN_UP);
        let rows = verification_token::Entity::find().all(&house.app.db.read).await.expect("rows");
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].flow, None);
    }
}
