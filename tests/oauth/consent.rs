//! Consent: remembered for what was allowed, asked again for more, and `prompt=none`, which never
//! shows a page (OpenID Connect Core §3.1.2.6).

use chrono::TimeDelta;
use doorward::paths;
use entity::value::ApplicationType;

use super::granted::{Granted, change_client, client_row, rows_but_events};
use crate::support::{answer::Answer, browser::Browser, database::both, house::House, rp::Rp};

const NONE: (&str, Option<&str>) = ("prompt", Some("none"));

/// An answer without any page and without any sign of who is signed in.
#[track_caller]
fn refused_silently(answer: &Answer, error: &str) {
    answer.answered(error);
    answer.has("Set-Cookie", str::is_empty);
    assert!(answer.body.is_empty(), "{}", answer.told());
}

async fn sign_in(browser: &mut Browser<'_>, house: &House) {
    let person = house.person().await;
    let typed = [("email", person.email), ("password", person.password)];
    browser.submit("#login-form", &typed).await;
    browser.follow().await;
}

both! {
    async fn what_was_allowed_is_remembered_and_more_is_asked_for(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let mut browser = house.browser();
        let email = rp.authorize_url(&[("scope", Some("openid email"))]);
        browser.get_from_stranger(&email).await;
        browser.follow().await;
        sign_in(&mut browser, &house).await;
        browser.last().shown(200, "See your e-mail address");
        browser.submit("#consent-approve", &[]).await.code();
        browser.get_from_stranger(&email).await.code();
        let less = rp.authorize_url(&[("scope", Some("openid"))]);
        browser.get_from_stranger(&less).await.code();

        let more = rp.authorize_url(&[("scope", Some("openid email phone"))]);
        browser.get_from_stranger(&more).await.sent_to(paths::CONSENT);
        browser.follow().await.shown(200, "See your phone number");
        browser.submit("#consent-deny", &[]).await.answered("access_denied");
        browser.get_from_stranger(&email).await.code();
        browser.get_from_stranger(&more).await;
        browser.follow().await;
        browser.submit("#consent-approve", &[]).await.code();
        for url in [&more, &email] {
            browser.get_from_stranger(url).await.code();
        }
        assert_eq!(house.rows().await["consent"], 1);

        // Kept for the person, not for the browser.
        let mut other = house.browser();
        other.get_from_stranger(&more).await;
        other.follow().await;
        sign_in(&mut other, &house).await;
        other.last().code();
        // And for that client alone.
        let second = Rp::confidential(&house).await;
        browser.get_from_stranger(&second.authorize_url(&[])).await.sent_to(paths::CONSENT);
    }

    async fn what_is_new_is_marked_for_who_allowed_the_client_before(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let mut browser = house.browser();
        browser.get_from_stranger(&rp.authorize_url(&[("scope", Some("openid email"))])).await;
        browser.follow().await;
        sign_in(&mut browser, &house).await;
        let first = browser.last().page().text;
        assert!(first.contains("See your e-mail address"), "{first}");
        assert!(!first.contains(" new ") && !first.contains("allowed this app before"), "{first}");
        browser.submit("#consent-approve", &[]).await.code();

        let wider = rp.authorize_url(&[("scope", Some("openid email phone"))]);
        browser.get_from_stranger(&wider).await;
        let asked = browser.follow().await.page().text;
        for told in ["Now it asks for more.", "See your phone number new "] {
            assert!(asked.contains(told), "no {told} in {asked}");
        }
        assert_eq!(asked.matches(" new ").count(), 1, "{asked}");
        browser.submit("#consent-approve", &[]).await.code();

        // Asked again for what was allowed: nothing of it is new.
        let scope = ("scope", Some("openid email phone"));
        let again = rp.authorize_url(&[scope, ("prompt", Some("consent"))]);
        browser.get_from_stranger(&again).await;
        let asked = browser.follow().await.page().text;
        assert!(asked.contains("It asks again before it goes on."), "{asked}");
        assert!(!asked.contains(" new "), "{asked}");
    }

    async fn a_client_that_the_operator_vouches_for_is_not_asked_about(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::with(&house, |new| new.trusted = true).await;
        let mut browser = house.browser();
        browser.get_from_stranger(&rp.authorize_url(&[])).await;
        browser.follow().await;
        sign_in(&mut browser, &house).await;
        rp.exchange(&browser.last().code()).await.tokens();
        // Unless the client itself wants it.
        let asked = rp.authorize_url(&[("prompt", Some("consent"))]);
        browser.get_from_stranger(&asked).await.sent_to(paths::CONSENT);
    }

    async fn cn_1_an_answer_that_anybody_could_receive_is_never_silent(db: Database) {
        let house = House::new(db).await;
        for uri in ["http://127.0.0.1/cb", "com.example.app:/cb"] {
            let rp = Rp::with(&house, |new| {
                new.public = true;
                new.application_type = ApplicationType::Native;
                new.redirect_uris = vec![uri.to_owned()];
            })
            .await;
            let mut browser = house.browser();
            rp.sign_in(&mut browser).await;
            browser.get_from_stranger(&rp.authorize_url(&[])).await.sent_to(paths::CONSENT);
            browser.get_from_stranger(&rp.authorize_url(&[NONE])).await;
            refused_silently(browser.last(), "consent_required");
        }
    }

    async fn cn_7_prompt_none_without_a_session_is_login_required(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let before = house.rows().await;
        let mut browser = house.browser();
        let unreserved = format!("{}-._~", "a1".repeat(62));
        let url = rp.authorize_url(&[NONE, ("state", Some(&unreserved))]);
        refused_silently(browser.get_from_stranger(&url).await, "login_required");
        assert_eq!(house.rows().await, before);

        // A session that has ended is none, and a hint at a person does not say whether they are.
        let mut granted = Granted::confidential(&house).await;
        let hint = granted.tokens().await.id_token.expect("an ID token");
        let hinted = granted.rp.authorize_url(&[NONE, ("id_token_hint", Some(&hint))]);
        let bare = granted.rp.authorize_url(&[NONE]);
        let strange = house.browser().get_from_stranger(&bare).await.clone();
        let known = house.browser().get_from_stranger(&hinted).await.clone();
        for answer in [&strange, &known] {
            refused_silently(answer, "login_required");
        }
        assert_eq!(strange.location(), known.location());
        house.turn(TimeDelta::days(31));
        refused_silently(granted.browser.get_from_stranger(&bare).await, "login_required");
    }

    async fn cn_7_prompt_none_without_consent_is_consent_required(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        granted.code().await;
        let more = granted.rp.authorize_url(&[NONE, ("scope", Some("openid phone"))]);
        let other = Rp::confidential(&house).await.authorize_url(&[NONE]);
        let before = rows_but_events(&house).await;
        for url in [more, other] {
            refused_silently(granted.browser.get_from_stranger(&url).await, "consent_required");
        }
        assert_eq!(rows_but_events(&house).await, before);
    }

    async fn cn_7_prompt_none_goes_with_nothing_else(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        for prompt in ["none login", "login none", "none consent", "none select_account"] {
            let url = granted.rp.authorize_url(&[("prompt", Some(prompt))]);
            refused_silently(granted.browser.get_from_stranger(&url).await, "invalid_request");
        }
        // A sign-in that is older than max_age would have to be done again.
        house.turn(TimeDelta::seconds(5));
        let url = granted.rp.authorize_url(&[NONE, ("max_age", Some("2"))]);
        refused_silently(granted.browser.get_from_stranger(&url).await, "login_required");
        let url = granted.rp.authorize_url(&[NONE, ("max_age", Some("100"))]);
        granted.browser.get_from_stranger(&url).await.code();
    }

    async fn cn_9_consent_is_for_a_person_and_a_client_and_ends_with_either(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let row = client_row(&house, &granted.rp).await;
        let removed = doorward::clients::register::remove(&house.app, &row).await;
        assert!(removed.expect("a removal"));
        assert_eq!(house.rows().await["consent"], 0);
        // A client that takes the name of one that was removed inherits nothing.
        let again = Rp::with(&house, |new| new.client_id = Some(row.client_id.clone())).await;
        let asked = again.authorize_url(&[]);
        granted.browser.get_from_stranger(&asked).await.sent_to(paths::CONSENT);
    }

    async fn a_scope_that_was_taken_from_the_client_is_not_granted_any_more(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        granted.code().await;
        change_client(&house, &granted.rp, |client| {
            client.scope = "openid".parse().expect("a scope");
        })
        .await;
        let url = granted.rp.authorize_url(&[NONE]);
        granted.browser.get_from_stranger(&url).await.answered("invalid_scope");
    }
}
