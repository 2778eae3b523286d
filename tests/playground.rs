//! Playground: the relying party in our own binary, walked through as a newcomer would, and lied to
//! as a stranger would.

mod lies;

use doorward::{http::pages::playground::CLIENT_ID, paths};

use crate::support::{
    answer::Answer,
    browser::Browser,
    database::{Database, both},
    house::House,
    rp::Rp,
};

/// A house that can be called, with the playground's client.
async fn house(db: Database) -> House {
    let house = House::listening(db).await;
    Rp::with(&house, |new| {
        new.client_id = Some(CLIENT_ID.to_owned());
        new.name = "Playground".to_owned();
        new.public = true;
        new.redirect_uris = vec![house.app.url(paths::PLAYGROUND_CALLBACK)];
        new.post_logout_redirect_uris = vec![house.app.url(paths::PLAYGROUND)];
    })
    .await;
    house
}

/// Fills the start form. The browser is left with the redirect to the authorization endpoint.
async fn start<'a>(house: &'a House, typed: &[(&str, &str)]) -> Browser<'a> {
    let mut browser = house.browser();
    browser
        .get(paths::PLAYGROUND)
        .await
        .shown(200, "Playground");
    browser
        .submit("#playground-start", typed)
        .await
        .sent_to(paths::AUTHORIZE);
    browser
}

/// Signs the house's person in, and decides.
async fn decide(house: &House, browser: &mut Browser<'_>, decision: &str) {
    let person = house.person().await;
    browser.follow().await.shown(200, "Sign in");
    let typed = [("email", person.email), ("password", person.password)];
    browser.submit("#login-form", &typed).await;
    browser.follow().await.shown(200, "Playground");
    browser.submit(decision, &[]).await;
    browser.follow().await;
}

/// The whole way to tokens.
async fn signed_in<'a>(house: &'a House, typed: &[(&str, &str)]) -> Browser<'a> {
    let mut browser = start(house, typed).await;
    decide(house, &mut browser, "#consent-approve").await;
    browser
}

/// Every step passed, and these are they.
#[track_caller]
fn passed(answer: &Answer, titles: &[&str]) {
    answer.shown(200, "Playground result");
    let text = answer.page().text;
    for (at, title) in titles.iter().enumerate() {
        let step = format!("{}. {title} passed", at + 1);
        assert!(text.contains(&step), "no \"{step}\" in {text}");
    }
    let one_more = format!("{}. ", titles.len() + 1);
    assert!(!text.contains(&one_more), "more steps: {text}");
    assert!(!text.contains("failed"), "{text}");
}

/// The last step is this one, and failed for this reason; nothing can be done but start again.
#[track_caller]
fn failed(answer: &Answer, step: &str, why: &str) {
    answer.shown(400, &format!("{step} failed"));
    let page = answer.page();
    assert!(page.text.contains(why), "no \"{why}\" in {}", page.text);
    assert_eq!(page.link("Start again"), paths::PLAYGROUND);
    let forms = [
        "playground-userinfo",
        "playground-refresh",
        "playground-logout",
    ];
    assert!(
        forms.iter().all(|id| !answer.body.contains(id)),
        "{}",
        page.text
    );
}

const CALLBACK: [&str; 8] = [
    "State",
    "Discovery",
    "Authorization request",
    "Authorization response",
    "Token request",
    "Key set",
    "ID token",
    "Access token",
];

both! {
    async fn a_newcomer_walks_through_all_of_it(db: Database) {
        let house = house(db).await;
        let mut browser = signed_in(&house, &[]).await;
        passed(browser.last(), &CALLBACK);
        let page = browser.last().page();
        for shown in ["at_hash fits", "typ is at+jwt", "nonce is the one", "curl -s", "secret", "Signing out"] {
            assert!(page.text.contains(shown), "no {shown} in {}", page.text);
        }

        let userinfo = browser.submit("#playground-userinfo", &[]).await;
        passed(userinfo, &["Userinfo"]);
        userinfo.shown(200, "sub is the person of the ID token");
        assert!(userinfo.page().text.contains(house.person().await.email));

        // Twice: the second time with the successor.
        for _ in 0..2 {
            let refreshed = browser.submit("#playground-refresh", &[]).await;
            passed(refreshed, &["Refresh request", "Key set", "ID token", "Access token"]);
        }

        browser.click("Sign out at the provider").await;
        let back = browser.follow().await;
        back.shown(200, "the state that the playground sent came back");
        assert_eq!(back.url.path(), paths::PLAYGROUND);
        browser.get(paths::ACCOUNT).await.sent_to(paths::LOGIN);
    }
}

#[tokio::test]
async fn nothing_is_offered_that_was_not_granted() {
    let house = house(Database::sqlite().await).await;
    let unticked = [("scope_offline_access", "")];
    let mut browser = signed_in(&house, &unticked).await;
    passed(browser.last(), &CALLBACK);
    assert!(!browser.last().body.contains("playground-refresh"));
    browser
        .submit("#playground-userinfo", &[])
        .await
        .shown(200, "Userinfo passed");
}

#[tokio::test]
async fn max_age_and_prompt_are_sent_and_judged() {
    let house = house(Database::sqlite().await).await;
    let typed = [("max_age", "600"), ("prompt", "login")];
    let mut browser = start(&house, &typed).await;
    let sent = browser.last().location().expect("a Location");
    for (name, value) in typed {
        assert!(
            sent.query_pairs()
                .any(|pair| pair == (name.into(), value.into())),
            "{sent}"
        );
    }
    decide(&house, &mut browser, "#consent-approve").await;
    passed(browser.last(), &CALLBACK);
    browser.last().shown(200, "auth_time is no longer ago");
    for (name, value) in [("max_age", "soon"), ("max_age", "-1"), ("prompt", "signup")] {
        let mut browser = house.browser();
        browser.get(paths::PLAYGROUND).await;
        browser
            .submit("#playground-start", &[(name, value)])
            .await
            .shown(400, "could not be read");
    }
}

#[tokio::test]
async fn a_refused_consent_is_a_step_that_failed() {
    let house = house(Database::sqlite().await).await;
    let mut browser = start(&house, &[]).await;
    decide(&house, &mut browser, "#consent-deny").await;
    failed(browser.last(), "Authorization response", "access_denied");
}

#[tokio::test]
async fn prompt_none_without_a_session_is_a_step_that_failed() {
    let house = house(Database::sqlite().await).await;
    let mut browser = start(&house, &[("prompt", "none")]).await;
    failed(
        browser.follow().await,
        "Authorization response",
        "login_required",
    );
}
