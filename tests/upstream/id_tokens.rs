//! ID tokens (RP-2, JW-8, JW-9): whatever is missing or wrong with one, nobody is let in.

use doorward::paths;
use serde_json::{Value, json};

use super::{
    standin::{CLIENT_ID, KEY},
    world::World,
};
use crate::support::database::Database;

/// Refused, with nothing left behind.
async fn refused(world: &World, name: &str, claims: Value, header: Value) {
    let mut browser = world.house.browser();
    let asked = world.start(&mut browser, name).await;
    let provider = world.provider(name);
    let code = provider.approve_signed(&world.house, &asked, &claims, &header);
    let answer = browser.get_from_stranger(&asked.back(&code)).await;
    let told = format!("{claims} {header}: {}", answer.told());
    assert_eq!(
        answer.location().map(|to| to.path().to_owned()).as_deref(),
        Some(paths::LOGIN),
        "{told}"
    );
    let page = browser.follow().await;
    page.shown(200, "sent an answer that we cannot accept");
    world.nobody_came(0).await;
}

#[tokio::test]
async fn rp_2_a_nonce_is_there_and_is_the_one_that_was_sent() {
    let world = World::new(Database::sqlite().await).await;
    for name in ["google", "corp"] {
        for nonce in [
            json!(null),
            json!(""),
            json!("another"),
            json!(1),
            json!({ "null": true }),
        ] {
            refused(&world, name, json!({ "nonce": nonce }), json!({})).await;
        }
    }
}

#[tokio::test]
async fn jw_8_each_claim_is_there_and_fits() {
    let world = World::new(Database::sqlite().await).await;
    let now = world.house.app.clock.now().timestamp();
    let other = world.google.origin.clone();
    let upper = world.corp.origin.replace("localhost", "LOCALHOST");
    let slash = format!("{}/", world.corp.origin);
    for (claim, values) in [
        (
            "iss",
            vec![
                json!(null),
                json!(""),
                json!(other),
                json!(upper),
                json!(slash),
                json!(1),
            ],
        ),
        (
            "aud",
            vec![
                json!(null),
                json!("other"),
                json!([]),
                json!(["other"]),
                json!(1),
                json!({ "null": true }),
            ],
        ),
        (
            "exp",
            vec![
                json!(null),
                json!(now - 120),
                json!("9999999999"),
                json!({ "null": true }),
            ],
        ),
        (
            "iat",
            vec![
                json!(null),
                json!(now + 600),
                json!(now - 600),
                json!("soon"),
            ],
        ),
        ("nbf", vec![json!(now + 600), json!("soon")]),
        (
            "azp",
            vec![json!("other"), json!(1), json!({ "null": true })],
        ),
        (
            "sub",
            vec![
                json!(null),
                json!(""),
                json!(1),
                json!("x".repeat(256)),
                json!("a\nb"),
            ],
        ),
    ] {
        for value in values {
            refused(&world, "corp", json!({ claim: value }), json!({})).await;
        }
    }
    let foreign = json!({ "aud": [CLIENT_ID, "other"], "azp": null });
    refused(&world, "corp", foreign, json!({})).await;
    // Others may have it, too, if it says that it was made for us.
    let mut browser = world.house.browser();
    let shared = json!({ "aud": [CLIENT_ID, "other"] });
    world
        .come(&mut browser, "corp", &shared)
        .await
        .sent_to(paths::ACCOUNT);
}

#[tokio::test]
async fn jw_9_an_algorithm_that_is_not_known_is_refused_and_a_hash_is_compared() {
    let world = World::new(Database::sqlite().await).await;
    for header in [
        json!({ "alg": "none" }),
        json!({ "alg": "HS256" }),
        json!({ "alg": "RS384" }),
        json!({ "alg": "ES256" }),
        json!({ "alg": "XX999" }),
        json!({ "alg": null }),
        json!({ "kid": "unknown" }),
        json!({ "typ": "at+jwt" }),
        json!({ "typ": "logout+jwt" }),
        json!({ "jku": "https://evil.example/" }),
        json!({ "jwk": KEY.jwk.clone() }),
        json!({ "crit": ["x"] }),
    ] {
        refused(&world, "corp", json!({}), header).await;
    }
    for hash in [json!("AAAA"), json!(""), json!(1), json!({ "null": true })] {
        refused(&world, "corp", json!({ "at_hash": hash }), json!({})).await;
    }
    let mut browser = world.house.browser();
    let without = json!({ "at_hash": null });
    world
        .come(&mut browser, "corp", &without)
        .await
        .sent_to(paths::ACCOUNT);
}

#[tokio::test]
async fn a_token_response_without_an_id_token_lets_nobody_in() {
    let world = World::new(Database::sqlite().await).await;
    for tokens in [
        json!({ "access_token": "a", "token_type": "Bearer" }),
        json!({ "access_token": "a", "token_type": "Bearer", "id_token": null }),
        json!({ "access_token": "a", "token_type": "Bearer", "id_token": "x.y.z" }),
        json!({ "access_token": "a", "token_type": "Bearer", "id_token": 1 }),
        json!({ "token_type": "Bearer" }),
        json!({ "error": "invalid_grant", "access_token": "a", "token_type": "Bearer" }),
        json!([]),
    ] {
        let mut browser = world.house.browser();
        let asked = world.start(&mut browser, "corp").await;
        let code = world.corp.approve_tokens(&asked, tokens);
        browser
            .get_from_stranger(&asked.back(&code))
            .await
            .sent_to(paths::LOGIN);
        browser.follow().await.shown(200, "cannot accept");
        world.nobody_came(0).await;
    }
}

/// LK-16: Google's two spellings of its issuer, and no third.
#[tokio::test]
async fn lk_16_google_spells_its_issuer_in_two_ways() {
    let world = World::new(Database::sqlite().await).await;
    let bare = world.google.origin.replace("http://", "");
    for iss in [
        world.google.origin.replace("http://", "https://"),
        format!("{bare}/"),
        format!("www.{bare}"),
        world.corp.origin.clone(),
    ] {
        refused(&world, "google", json!({ "iss": iss }), json!({})).await;
    }
    // Nobody but Google may leave the scheme out.
    let corp = world.corp.origin.replace("http://", "");
    refused(&world, "corp", json!({ "iss": corp }), json!({})).await;
    let mut browser = world.house.browser();
    world
        .come(&mut browser, "google", &json!({ "iss": bare }))
        .await
        .sent_to(paths::ACCOUNT);
    // Both are the same one.
    let mut other = world.house.browser();
    world
        .come(&mut other, "google", &json!({}))
        .await
        .sent_to(paths::ACCOUNT);
    assert_eq!(world.users().await.len(), 1);
}
