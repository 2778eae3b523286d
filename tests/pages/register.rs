//! `/register`: signing up, alone and on the way to a relying party.

use doorward::paths;

use super::world::{GRACE, contents, opens, session, signed_in, signed_up};
use crate::support::{database::both, house::House, rp::Rp};

/// What the form holds that a person can see.
fn kept(page: &crate::support::page::Page) -> Vec<(String, String)> {
    let mut pairs = page.form("#register-form").pairs();
    pairs.retain(|(name, _)| !["csrf", "flow"].contains(&name.as_str()));
    pairs
}

/// E-mail, password, name; the field that is wrong; what is said of it.
const WRONG: &[(&str, &str, &str, &str, &str)] = &[
    (
        "grace",
        GRACE.password,
        "Grace",
        "email",
        "Enter an e-mail address",
    ),
    (
        "",
        GRACE.password,
        "Grace",
        "email",
        "Enter an e-mail address",
    ),
    (
        "g\u{17f}@example.com",
        GRACE.password,
        "",
        "email",
        "Enter an e-mail address",
    ),
    (
        "ada@example.com",
        GRACE.password,
        "Grace",
        "email",
        "An account with this address exists",
    ),
    (
        "ADA@EXAMPLE.COM",
        GRACE.password,
        "",
        "email",
        "An account with this address exists",
    ),
    (
        GRACE.email,
        "short",
        "Grace",
        "password",
        "at least 8 characters",
    ),
    (
        GRACE.email,
        "",
        "Grace",
        "password",
        "at least 8 characters",
    ),
    (
        GRACE.email,
        "password",
        "Grace",
        "password",
        "easy to guess",
    ),
    (
        GRACE.email,
        "grace@example.com",
        "Grace",
        "password",
        "easy to guess",
    ),
    (
        GRACE.email,
        GRACE.password,
        "a\u{202e}b",
        "name",
        "without control characters",
    ),
];

both! {
    async fn a_person_signs_up_and_is_signed_in(db: Database) {
        let house = House::new(db).await;
        let before = house.rows().await;
        let browser = signed_up(&house, GRACE).await;
        let page = browser.last().page();
        for said in ["Grace Hopper", GRACE.email, "not confirmed", "this browser"] {
            assert!(page.text.contains(said), "{said}: {}", page.text);
        }
        let after = house.rows().await;
        for table in ["user", "account", "session", "outbox", "verification_token"] {
            assert_eq!(after[table], before[table] + 1, "{table}");
        }
    }

    async fn a_name_is_not_asked_for_twice_and_may_be_left_out(db: Database) {
        let house = House::new(db).await;
        let mut browser = house.browser();
        browser.get(paths::REGISTER).await;
        let typed = [("email", " Grace@Example.com "), ("password", GRACE.password)];
        browser.submit("#register-form", &typed).await.sent_to(paths::ACCOUNT);
        let page = browser.follow().await.page();
        assert!(page.text.contains("grace@example.com"), "{}", page.text);
    }

    async fn what_is_wrong_is_said_and_what_was_typed_is_kept(db: Database) {
        let house = House::new(db).await;
        house.person().await;
        let long = "a".repeat(201);
        let endless = "x9".repeat(513);
        let also: &[(&str, &str, &str, &str, &str)] = &[
            (GRACE.email, GRACE.password, &long, "name", "at most 200 characters"),
            (GRACE.email, &endless, "Grace", "password", "at most 1024 bytes"),
        ];
        for (email, password, name, field, said) in WRONG.iter().chain(also) {
            let before = contents(&house).await;
            let mut browser = house.browser();
            browser.get(paths::REGISTER).await;
            let typed = [("email", *email), ("password", *password), ("name", *name)];
            let answer = browser.submit("#register-form", &typed).await;
            let page = answer.shown(422, "There is a problem").page();
            assert!(answer.body.contains("<title>Error: "), "{}", answer.told());
            let beside = page.text_of(&format!("#{field}-error")).unwrap_or_default();
            assert!(beside.contains(said), "{typed:?}: {}", page.text);
            assert_eq!(page.link(beside), format!("#{field}"));
            let expected = [("name", *name), ("email", *email), ("password", "")];
            let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
            assert_eq!(kept(&page), expected);
            if !password.is_empty() && !email.contains(password) && *password != "password" {
                assert!(!answer.body.contains(password), "the password came back");
            }
            assert!(answer.header("Set-Cookie").is_empty(), "{}", answer.told());
            house.forget_counts().await;
            assert_eq!(contents(&house).await, before, "{typed:?}");
        }
    }

    async fn everything_that_is_wrong_is_said_at_once(db: Database) {
        let house = House::new(db).await;
        let mut browser = house.browser();
        browser.get(paths::REGISTER).await;
        let typed = [("email", "grace"), ("password", "short"), ("name", "a\u{7}")];
        let page = browser.submit("#register-form", &typed).await.shown(422, "There is a problem").page();
        for field in ["name", "email", "password"] {
            assert!(page.text_of(&format!("#{field}-error")).is_some(), "{field}: {}", page.text);
        }
    }

    async fn a_sign_up_on_the_way_to_a_relying_party_leads_on_to_it(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let mut browser = house.browser();
        browser.get_from_stranger(&rp.authorize_url(&[])).await;
        browser.follow().await.shown(200, "to continue to Example");
        browser.click("Create an account").await.shown(200, "to continue to Example");
        // There and back again: the flow goes along.
        browser.click("Sign in").await.shown(200, "to continue to Example");
        browser.click("Create an account").await.shown(200, "Create your account");

        // A mistake on the way does not lose it either.
        let typed = [("email", GRACE.email), ("password", "short")];
        browser.submit("#register-form", &typed).await.shown(422, "to continue to Example");
        let typed = [("email", GRACE.email), ("password", GRACE.password)];
        browser.submit("#register-form", &typed).await.sent_to(paths::AUTHORIZE);
        browser.follow().await.shown(200, "Example wants to use your account");
        browser.submit("#consent-approve", &[]).await;
        let code = browser.last().code();
        let tokens = rp.exchange(&code).await.tokens();
        let userinfo = house.get(paths::USERINFO).bearer(&tokens.access_token).await.ok();
        assert_eq!(userinfo["email"], GRACE.email);
        assert_eq!(userinfo["email_verified"], false);
    }

    async fn who_is_signed_in_has_an_account(db: Database) {
        let house = House::new(db).await;
        let mut browser = signed_in(&house).await;
        browser.get(paths::REGISTER).await.sent_to(paths::ACCOUNT);
    }

    async fn somebody_else_may_sign_up_in_a_flow_and_takes_the_browser_over(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let mut browser = signed_in(&house).await;
        let first = session(&browser);
        let url = rp.authorize_url(&[("prompt", Some("select_account"))]);
        browser.get_from_stranger(&url).await;
        browser.follow().await.shown(200, "Continue as Ada Lovelace");
        browser.click("Create an account").await;
        let typed = [("email", GRACE.email), ("password", GRACE.password)];
        browser.submit("#register-form", &typed).await.sent_to(paths::AUTHORIZE);
        browser.follow().await.shown(200, GRACE.email);
        assert!(!opens(&house, &first).await, "the first person is signed out");
    }

    async fn a_flow_that_is_not_one_ends_at_once(db: Database) {
        let house = House::new(db).await;
        let mut browser = house.browser();
        let stale = format!("{}?flow=nothing", paths::REGISTER);
        browser.get(&stale).await.shown(400, "This sign-in cannot go on");
    }
}
