//! Signing up: where it is closed, how often, and as whom.

use chrono::TimeDelta;
use doorward::paths;
use entity::value::{LetterKind, Role};
use serde_json::json;

use super::proving::{found, letters, newest, sign_up};
use crate::{
    pages::world::{GRACE, contents, csrf, production},
    support::{
        database::{Database, both},
        house::{House, Person},
        rp::Rp,
    },
};

/// A house where the operator alone makes accounts.
async fn closed(db: Database) -> House {
    House::with(db, |config| config.accounts.sign_up = false).await
}

/// Addresses of which nobody can be sure whose they are.
const ODD: [&str; 11] = [
    "gra\u{17f}e@example.com",
    "gr\u{131}ce@example.com",
    "grace\u{200d}@example.com",
    "grace\u{202e}@example.com",
    "grace\u{ff20}example.com",
    "grace@evil.example@example.com",
    "\"grace\"@example.com",
    "grace(a)@example.com",
    "grace@[127.0.0.1]",
    "grace@example.com.",
    "grace@example.com\r\nBcc: eve@example.com",
];

both! {
    async fn ad_4_where_sign_up_is_closed_no_door_makes_an_account(db: Database) {
        let house = closed(db).await;
        let person = house.person().await;
        let rp = Rp::confidential(&house).await;
        let mut browser = house.browser();
        let page = browser.get(paths::LOGIN).await.shown(200, "Sign in").page();
        assert!(!page.text.contains("Create an account"), "{}", page.text);
        assert!(!browser.last().body.contains(paths::REGISTER));
        let own = csrf(&browser, "#login-form");
        let before = contents(&house).await;

        let page = browser.get(paths::REGISTER).await.shown(403, "Sign-up is closed").page();
        assert_eq!(page.link("Sign in"), paths::LOGIN);
        let form = [
            ("csrf", own.as_str()),
            ("email", GRACE.email),
            ("password", GRACE.password),
            ("name", GRACE.name),
        ];
        browser.post_form(paths::REGISTER, &form).await.shown(403, "Sign-up is closed");
        for path in [paths::CONFIRM_SIGN_UP, "/register/confirm?token=su_x", "/register/confirm?flow=sign-up.x"] {
            browser.get(path).await.shown(403, "Sign-up is closed");
        }
        let form = [("csrf", own.as_str()), ("token", "su_x"), ("code", "123456")];
        browser.post_form(paths::CONFIRM_SIGN_UP, &form).await.shown(403, "Sign-up is closed");
        let body = json!({ "name": "Grace", "email": GRACE.email, "password": GRACE.password });
        let answer = house.post(paths::API_SIGN_UP_EMAIL).body("application/json", body.to_string()).await;
        assert_eq!(answer.problem(400)["code"], "EMAIL_PASSWORD_SIGN_UP_DISABLED");
        assert_eq!(contents(&house).await, before);

        // Who comes from a relying party goes on with an account that they have.
        browser.get_from_stranger(&rp.authorize_url(&[])).await;
        let flow = browser.follow().await.url.query().expect("a flow").to_owned();
        let page = browser.get(&format!("{}?{flow}", paths::REGISTER)).await.shown(403, "Sign-up is closed").page();
        assert_eq!(page.link("Sign in"), format!("{}?{flow}", paths::LOGIN));
        browser.click("Sign in").await.shown(200, "to continue to Example");
        let typed = [("email", person.email), ("password", person.password)];
        browser.submit("#login-form", &typed).await.sent_to(paths::AUTHORIZE);
    }

    async fn ad_4_prompt_create_is_neither_announced_nor_known_there(db: Database) {
        let house = closed(db).await;
        let document = house.get(paths::DISCOVERY_OPENID).await.ok();
        assert_eq!(document["prompt_values_supported"], json!(["none", "login", "consent", "select_account"]));
        let rp = Rp::confidential(&house).await;
        let mut browser = house.browser();
        let url = rp.authorize_url(&[("prompt", Some("create"))]);
        browser.get_from_stranger(&url).await.answered("invalid_request");
    }

    async fn sign_ups_from_one_address_are_few(db: Database) {
        let house = production(db).await;
        for number in 0..10 {
            let email: &'static str = format!("grace{number}@example.com").leak();
            let mut browser = house.browser();
            sign_up(&mut browser, Person { email, ..GRACE }).await;
            browser.last().sent_to(paths::ACCOUNT);
        }
        let before = house.rows().await["user"];
        let mut browser = house.browser();
        // The same for an address that is free and for one that is not.
        for email in ["eve@example.com", "grace1@example.com"] {
            sign_up(&mut browser, Person { email, ..GRACE }).await;
            browser.last().shown(429, "Too many attempts");
            browser.last().has("Retry-After", |seconds| seconds.parse().is_ok_and(|left: u32| left > 60));
        }
        let body = json!({ "name": "Grace", "email": GRACE.email, "password": GRACE.password });
        let answer = house.post(paths::API_SIGN_UP_EMAIL).body("application/json", body.to_string()).await;
        assert_eq!(answer.problem(429)["code"], "TOO_MANY_REQUESTS");
        assert!(!answer.header("Retry-After").is_empty());
        assert_eq!(house.rows().await["user"], before);
        house.turn(TimeDelta::minutes(61));
        sign_up(&mut browser, GRACE).await;
        browser.last().sent_to(paths::ACCOUNT);
    }

    async fn ij_5_letters_go_to_the_address_that_is_kept_and_to_nobody_else(db: Database) {
        let house = House::new(db).await;
        let before = contents(&house).await;
        for email in ODD {
            let mut browser = house.browser();
            sign_up(&mut browser, Person { email, ..GRACE }).await;
            browser.last().shown(422, "Enter an e-mail address");
            assert_eq!(contents(&house).await, before, "{email:?}");
        }
        let typed = Person { email: " Grace@B\u{fc}cher.EXAMPLE ", ..GRACE };
        sign_up(&mut house.browser(), typed).await;
        let letter = newest(&house, LetterKind::VerifyEmail).await;
        assert_eq!(letter.to, "grace@xn--bcher-kva.example");
        // However it is spelled, it is one account.
        let mut browser = house.browser();
        sign_up(&mut browser, Person { email: "GRACE@bu\u{308}cher.example", ..GRACE }).await;
        browser.last().shown(422, "An account with this address exists");
        assert_eq!(letters(&house, LetterKind::VerifyEmail).await.len(), 1);
    }

    async fn lk_12_nobody_proves_an_address_or_gives_a_role_by_a_field_of_their_own(db: Database) {
        let house = House::new(db).await;
        let mut browser = house.browser();
        browser.get(paths::REGISTER).await;
        let own = csrf(&browser, "#register-form");
        let form = [
            ("csrf", own.as_str()),
            ("email", GRACE.email),
            ("password", GRACE.password),
            ("name", ""),
            ("email_verified", "true"),
            ("emailVerified", "2020-01-01T00:00:00Z"),
            ("role", "admin"),
            ("subject", "mine"),
            ("id", "00000000-0000-0000-0000-000000000000"),
        ];
        browser.post_form(paths::REGISTER, &form).await.sent_to(paths::ACCOUNT);
        let user = found(&house, GRACE.email).await.expect("a user");
        assert_eq!((user.email_verified, user.role), (None, Role::User));
        assert_eq!(user.subject, user.id.to_string());
    }
}
