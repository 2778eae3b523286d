//! `prompt=create` (Initiating User Registration via OpenID Connect 1.0): the person is led to the
//! page on which an account is made, and whoever comes back has just proven who they are.

use doorward::paths;

use super::{
    granted::{Granted, sqlite},
    jwt::claims,
    metadata::listed,
};
use crate::support::{browser::Browser, database::both, house::House, rp::Rp};

const CREATE: (&str, Option<&str>) = ("prompt", Some("create"));

/// Fills in the page on the screen for somebody new.
async fn sign_up(browser: &mut Browser<'_>) {
    let typed = [
        ("email", "grace@example.com"),
        ("password", "nanoseconds on a wire"),
        ("name", "Grace Hopper"),
    ];
    browser.submit("#register-form", &typed).await.is(303);
    browser.follow().await;
}

/// Whom a code is about.
async fn subject(rp: &Rp<'_>, code: &str) -> String {
    let token = rp
        .exchange(code)
        .await
        .tokens()
        .id_token
        .expect("an ID token");
    claims(&token)["sub"]
        .as_str()
        .expect("a subject")
        .to_owned()
}

both! {
    async fn a_new_person_signs_up_and_returns(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let mut browser = house.browser();
        browser.get_from_stranger(&rp.authorize_url(&[CREATE])).await.sent_to(paths::REGISTER);
        browser.follow().await.shown(200, "Create your account").shown(200, "to continue to Example");
        sign_up(&mut browser).await;
        browser.last().shown(200, "Example wants to use your account");
        let code = browser.submit("#consent-approve", &[]).await.code();
        let tokens = rp.exchange(&code).await.tokens();
        let userinfo = house.get(paths::USERINFO).bearer(&tokens.access_token).await.ok();
        assert_eq!(userinfo["email"], "grace@example.com");
    }

    async fn an_open_session_does_not_do(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let code = granted.code().await;
        let ada = subject(&granted.rp, &code).await;
        let (rp, browser) = (&granted.rp, &mut granted.browser);
        browser.get_from_stranger(&rp.authorize_url(&[CREATE])).await.sent_to(paths::REGISTER);
        browser.follow().await.shown(200, "Create your account");
        // Nor does it if the person goes back to the dispatcher by hand.
        let flow = browser.last().url.query().expect("a flow").to_owned();
        browser.get(&format!("{}?{flow}", paths::AUTHORIZE)).await.sent_to(paths::REGISTER);
        browser.follow().await;
        sign_up(browser).await;
        browser.last().shown(200, "grace@example.com");
        let code = browser.submit("#consent-approve", &[]).await.code();
        assert_ne!(subject(rp, &code).await, ada);
    }

    async fn a_person_who_has_an_account_signs_in_from_there_and_goes_in_no_circle(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let rp = Rp::confidential(&house).await;
        for signed_in in [false, true] {
            let mut browser = house.browser();
            if signed_in {
                rp.sign_in(&mut browser).await;
            }
            browser.get_from_stranger(&rp.authorize_url(&[CREATE])).await;
            browser.follow().await.shown(200, "Create your account");
            browser.click("Sign in").await;
            // Somebody else may sign in too: the address is not fixed.
            browser.follow().await.shown(200, "Sign in");
            assert!(!browser.last().page().text.contains("Confirm it is you"));
            browser.click("Create an account").await.shown(200, "Create your account");
            browser.click("Sign in").await;
            browser.follow().await;
            let typed = [("email", person.email), ("password", person.password)];
            browser.submit("#login-form", &typed).await;
            if browser.follow().await.url.path() == paths::CONSENT {
                browser.submit("#consent-approve", &[]).await;
            }
            browser.follow().await.code();
            // The next request begins anew.
            browser.get_from_stranger(&rp.authorize_url(&[CREATE])).await.sent_to(paths::REGISTER);
        }
    }

    async fn with_other_prompts_each_is_asked(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let (rp, browser) = (&granted.rp, &mut granted.browser);
        for prompt in ["create login", "select_account create", "consent create"] {
            let url = rp.authorize_url(&[("prompt", Some(prompt))]);
            browser.get_from_stranger(&url).await.sent_to(paths::REGISTER);
        }
        browser.follow().await;
        sign_up(browser).await;
        browser.last().shown(200, "Example wants to use your account");
        browser.submit("#consent-approve", &[]).await.code();
    }
}

#[tokio::test]
async fn create_goes_with_a_page_only() {
    let house = sqlite().await;
    assert!(
        listed(&house, "prompt_values_supported")
            .await
            .contains(&"create".to_owned())
    );
    let mut granted = Granted::confidential(&house).await;
    for prompt in [
        "create none",
        "none create",
        "none login create",
        "Create",
        "create ",
    ] {
        let url = granted.rp.authorize_url(&[("prompt", Some(prompt))]);
        let answer = granted.browser.get_from_stranger(&url).await;
        match prompt {
            // Blanks around words are nobody's mistake worth an error.
            "create " => answer.sent_to(paths::REGISTER),
            _ => answer.answered("invalid_request"),
        };
    }
}
