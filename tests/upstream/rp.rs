//! We as a relying party (RP-1 … RP-6, RP-8): a way back that is not the one that this browser began
//! with this provider, and a provider that is not the one that the operator set.

use chrono::TimeDelta;
use doorward::paths;
use entity::value::EventKind;
use serde_json::json;
use url::form_urlencoded;

use super::world::{World, grace, is_in};
use crate::support::{
    database::{Database, both},
    rp::Rp,
};

/// What a way back says that leads nowhere.
const NOWHERE: &str = "This sign-in cannot go on";

both! {
    async fn rp_1_a_state_of_one_provider_is_none_of_another(db: Database) {
        let world = World::new(db).await;
        let mut browser = world.house.browser();
        let asked = world.start(&mut browser, "google").await;
        let code = world.google.approve(&world.house, &asked, &json!({}));
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("code", code.as_str()), ("state", &asked.get("state"))])
            .finish();
        for other in ["corp", "github"] {
            let url = format!("/upstream/{other}/callback?{query}");
            browser.get_from_stranger(&url).await.shown(400, NOWHERE);
        }
        assert!(world.corp.heard("/token").is_empty());
        assert!(world.github.heard("/login/oauth/access_token").is_empty());
        assert_eq!(world.users().await.len(), 0);
        // It still is one of its own.
        browser.get_from_stranger(&asked.back(&code)).await.sent_to(paths::ACCOUNT);
    }

    async fn rp_4_a_state_is_good_once_in_its_browser_for_ten_minutes(db: Database) {
        let world = World::new(db).await;
        let (mut one, mut other) = (world.house.browser(), world.house.browser());
        let asked = world.start(&mut one, "google").await;
        let code = world.google.approve(&world.house, &asked, &json!({}));
        other.get(paths::LOGIN).await;
        other.get_from_stranger(&asked.back(&code)).await.shown(400, NOWHERE);
        world.house.browser().get_from_stranger(&asked.back(&code)).await.shown(400, NOWHERE);
        one.get_from_stranger(&asked.back(&code)).await.sent_to(paths::ACCOUNT);
        one.get_from_stranger(&asked.back(&code)).await.shown(400, NOWHERE);
        assert!(is_in(&mut one).await, "a replay ends nothing");

        let late = world.start(&mut other, "google").await;
        let code = world.google.approve(&world.house, &late, &json!({}));
        world.house.turn(TimeDelta::minutes(10));
        other.get_from_stranger(&late.back(&code)).await.shown(400, NOWHERE);

        for bad in [
            vec![("code", "4/x")],
            vec![("code", "4/x"), ("state", "")],
            vec![("code", "4/x"), ("state", "us_short")],
            vec![("state", "us_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), ("error", "access_denied")],
        ] {
            other.get_from_stranger(&late.back_with(&bad)).await.shown(400, NOWHERE);
        }
        assert_eq!(world.google.heard("/token").len(), 1);
        // Each of them was noted.
        assert_eq!(world.events(EventKind::ProviderFailed).await, 8);
    }
}

#[tokio::test]
async fn rp_4_two_tabs_of_one_browser_both_work() {
    let world = World::new(Database::sqlite().await).await;
    let mut browser = world.house.browser();
    let first = world.start(&mut browser, "google").await;
    let second = world.start(&mut browser, "corp").await;
    assert_ne!(first.get("state"), second.get("state"));
    let answer = world.back(&mut browser, "google", &first, &json!({})).await;
    answer.sent_to(paths::ACCOUNT);
    let answer = world.back(&mut browser, "corp", &second, &grace()).await;
    answer.sent_to(paths::ACCOUNT);
    assert_eq!(world.users().await.len(), 2);
}

#[tokio::test]
async fn rp_3_nothing_that_a_browser_sends_is_taken_for_ours() {
    let world = World::new(Database::sqlite().await).await;
    let rp = Rp::confidential(&world.house).await;
    let mut browser = world.house.browser();
    browser.get_from_stranger(&rp.authorize_url(&[])).await;
    browser.follow().await.shown(200, "Sign in");
    // A flow that is none of ours is not taken along, sealed or not.
    for flow in ["made-up", "account.made-up.x", "https://elsewhere.example/"] {
        let mut other = world.house.browser();
        other.get(paths::LOGIN).await;
        let csrf = crate::pages::world::csrf(&other, "#login-form");
        let form = [("csrf", csrf.as_str()), ("flow", flow)];
        let answer = other.post_form("/upstream/google", &form).await;
        assert_eq!(answer.status, 403, "the token is for another flow");
    }
    // What comes back with the code is looked up, and not read.
    let asked = world.press(&mut browser, "google").await;
    let code = world.google.approve(&world.house, &asked, &json!({}));
    let mut state = asked.get("state");
    state.replace_range(3..4, if &state[3..4] == "A" { "B" } else { "A" });
    let forged = asked.back_with(&[("code", &code), ("state", &state)]);
    browser.get_from_stranger(&forged).await.shown(400, NOWHERE);
    assert!(world.google.heard("/token").is_empty());
}

#[tokio::test]
async fn rp_5_who_answers_is_who_was_asked() {
    let world = World::new(Database::sqlite().await).await;
    let mut browser = world.house.browser();
    let origin = world.corp.origin.as_str();
    // It does not say that it sends `iss`: then it need not, but may send no other.
    let slash = format!("{origin}/");
    for (iss, fits) in [
        (Some("https://honest.example"), false),
        (Some(slash.as_str()), false),
        (Some(""), true),
        (Some(origin), true),
        (None, true),
    ] {
        let asked = world.start(&mut browser, "corp").await;
        let code = world.corp.approve(&world.house, &asked, &json!({}));
        let state = asked.get("state");
        let mut pairs = vec![("code", code.as_str()), ("state", &state)];
        pairs.extend(iss.map(|iss| ("iss", iss)));
        let answer = browser.get_from_stranger(&asked.back_with(&pairs)).await;
        answer.sent_to(match fits {
            true => paths::ACCOUNT,
            false => paths::LOGIN,
        });
        browser = world.house.browser();
    }
    assert_eq!(world.corp.heard("/token").len(), 3);
}

#[tokio::test]
async fn rp_5_a_provider_that_says_that_it_names_itself_must() {
    let world = World::new(Database::sqlite().await).await;
    let announced = json!({ "authorization_response_iss_parameter_supported": true });
    world.corp.announce(&announced);
    let mut browser = world.house.browser();
    let asked = world.start(&mut browser, "corp").await;
    world
        .back(&mut browser, "corp", &asked, &json!({}))
        .await
        .sent_to(paths::LOGIN);
    browser
        .follow()
        .await
        .shown(200, "sent an answer that we cannot accept");
    assert!(
        world.corp.heard("/token").is_empty(),
        "the code went nowhere"
    );
    let asked = world.start(&mut browser, "corp").await;
    let code = world.corp.approve(&world.house, &asked, &json!({}));
    let pairs = [
        ("code", code.as_str()),
        ("state", &asked.get("state")),
        ("iss", &world.corp.origin),
    ];
    let answer = browser.get_from_stranger(&asked.back_with(&pairs)).await;
    answer.sent_to(paths::ACCOUNT);
}

#[tokio::test]
async fn rp_5_a_document_of_another_issuer_is_not_loaded_and_the_last_good_one_is_kept() {
    let world = World::new(Database::sqlite().await).await;
    let mut browser = world.house.browser();
    for issuer in [
        format!("{}/", world.corp.origin),
        world.corp.origin.replace("localhost", "LOCALHOST"),
        "https://honest.example".to_owned(),
    ] {
        let world = World::new(Database::sqlite().await).await;
        world.corp.announce(&json!({ "issuer": issuer }));
        let mut browser = world.house.browser();
        browser.get(paths::LOGIN).await;
        browser
            .submit("#provider-corp", &[])
            .await
            .sent_to(paths::LOGIN);
        browser
            .follow()
            .await
            .shown(200, "does not answer as it should");
        world.nobody_came(0).await;
    }
    world.start(&mut browser, "corp").await;
    world.house.turn(TimeDelta::minutes(6));
    world
        .corp
        .announce(&json!({ "issuer": "https://honest.example" }));
    world
        .come(&mut browser, "corp", &json!({}))
        .await
        .sent_to(paths::ACCOUNT);
    assert!(
        world.corp.heard("/.well-known/openid-configuration").len() > 1,
        "it asked again"
    );
}

#[tokio::test]
async fn rp_6_what_a_provider_says_of_an_error_is_shown_to_nobody() {
    let world = World::new(Database::sqlite().await).await;
    let rp = Rp::confidential(&world.house).await;
    let long = "<b>x</b>".repeat(640);
    for (error, sentence) in [
        ("access_denied", "You did not go on at corp"),
        ("temporarily_unavailable", "corp does not answer"),
        ("server_error", "corp does not answer"),
        ("invalid_scope", "cannot accept"),
        (
            "<script>alert(1)</script>\r\nSet-Cookie: a=b",
            "cannot accept",
        ),
        (&long, "cannot accept"),
    ] {
        let mut browser = world.house.browser();
        browser.get_from_stranger(&rp.authorize_url(&[])).await;
        browser.follow().await.shown(200, "Sign in");
        let asked = world.press(&mut browser, "corp").await;
        let told = asked.back_with(&[
            ("error", error),
            ("error_description", "<h1>EVIL</h1>\r\nX: y"),
            ("error_uri", "https://evil.example/"),
            ("state", &asked.get("state")),
        ]);
        let answer = browser.get_from_stranger(&told).await;
        answer.sent_to(paths::LOGIN);
        assert!(!answer.header("Location").contains("EVIL"));
        let page = browser.follow().await;
        page.shown(200, sentence);
        assert!(!page.body.contains("EVIL") && !page.body.contains("evil.example"));
        // The application's request goes on in another way.
        let person = world.house.person().await;
        let typed = [("email", person.email), ("password", person.password)];
        browser
            .submit("#login-form", &typed)
            .await
            .sent_to(paths::AUTHORIZE);
    }
    assert!(world.corp.heard("/token").is_empty());
    assert_eq!(world.events(EventKind::ProviderFailed).await, 6);
}

#[tokio::test]
async fn rp_8_credentials_go_to_the_issuer_and_to_what_the_operator_pinned() {
    for endpoint in [
        "token_endpoint",
        "authorization_endpoint",
        "jwks_uri",
        "userinfo_endpoint",
    ] {
        for pinned in [false, true] {
            let elsewhere = super::standin::StandIn::new(doorward::config::Kind::Oidc).await;
            let origin = elsewhere.origin.clone();
            let world = World::with(Database::sqlite().await, |config| {
                config.fetch.private_origins.push(origin.clone());
                if pinned {
                    let mut corp = config.providers.get("corp").expect("corp").1.clone();
                    corp.origins = vec![origin.clone()];
                    config.providers.insert("corp", corp);
                }
            })
            .await;
            world
                .corp
                .announce(&json!({ endpoint: format!("{origin}/x") }));
            let mut browser = world.house.browser();
            browser.get(paths::LOGIN).await;
            let answer = browser.submit("#provider-corp", &[]).await;
            let to = answer.is(303).location().expect("a way");
            assert_eq!(to.path() == paths::LOGIN, !pinned, "{}", answer.told());
            assert!(elsewhere.heard("/x").is_empty());
        }
    }
}
