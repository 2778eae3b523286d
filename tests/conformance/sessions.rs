//! Sessions: when a person is asked again, when nobody is asked, and what is ignored politely.

use chrono::TimeDelta;
use doorward::paths;
use serde_json::Value;

use super::{
    Variant,
    client::{Client, finish},
    seen::{Seen, id_token},
    suite::Suite,
};
use crate::support::browser::Browser;

/// The ID token that a request with these changes is answered with, in the end.
async fn signed_in(
    client: &Client<'_>,
    browser: &mut Browser<'_>,
    changes: &[(&str, Option<&str>)],
) -> (String, Value) {
    let seen = client.authorize(browser, changes).await;
    let token = match client.variant.has("id_token") {
        true => seen.get("id_token"),
        false => {
            let tokens = client.exchange(&seen.get("code")).await.tokens();
            tokens.id_token.expect("an ID token")
        }
    };
    let claims = id_token(client, &token, "RS256", Some(&client.nonce)).await;
    (token, claims)
}

/// A request with these parameters is answered like any other.
async fn is_taken(variant: Variant, name: &str, value: &str) {
    let suite = Suite::begin().await;
    let client = Client::register(&suite, variant).await;
    let mut browser = suite.browser();
    signed_in(&client, &mut browser, &[(name, Some(value))]).await;
    client.end().await;
}

pub async fn oidcc_display_page(variant: Variant) {
    is_taken(variant, "display", "page").await;
}

pub async fn oidcc_display_popup(variant: Variant) {
    is_taken(variant, "display", "popup").await;
}

pub async fn oidcc_ensure_request_with_unknown_parameter_succeeds(variant: Variant) {
    is_taken(variant, "extra", "foobar").await;
}

pub async fn oidcc_login_hint(variant: Variant) {
    is_taken(variant, "login_hint", "nobody.here@op.example").await;
}

pub async fn oidcc_ui_locales(variant: Variant) {
    is_taken(variant, "ui_locales", "se").await;
}

pub async fn oidcc_claims_locales(variant: Variant) {
    is_taken(variant, "claims_locales", "se").await;
}

pub async fn oidcc_ensure_request_with_acr_values_succeeds(variant: Variant) {
    let suite = Suite::begin().await;
    let client = Client::register(&suite, variant).await;
    let supported = suite.metadata().await["acr_values_supported"].clone();
    let supported: Vec<String> = serde_json::from_value(supported).expect("a list");
    let asked = supported.join(" ");
    let mut browser = suite.browser();
    let (_, claims) = signed_in(&client, &mut browser, &[("acr_values", Some(&asked))]).await;
    assert!(
        supported.iter().any(|acr| claims["acr"] == **acr),
        "{claims}"
    );
    client.end().await;
}

pub async fn oidcc_prompt_login(variant: Variant) {
    again(variant, ("prompt", "login")).await;
}

pub async fn oidcc_max_age_1(variant: Variant) {
    again(variant, ("max_age", "1")).await;
}

/// The second request shows the sign-in form again, and then goes on.
async fn again(variant: Variant, with: (&str, &str)) {
    let suite = Suite::begin().await;
    let client = Client::register(&suite, variant).await;
    let mut browser = suite.browser();
    let (_, first) = signed_in(&client, &mut browser, &[]).await;
    suite.house.turn(TimeDelta::seconds(2));
    let changes = [(with.0, Some(with.1))];
    browser
        .get_from_stranger(&client.url(&changes))
        .await
        .sent_to(paths::LOGIN);
    browser
        .follow()
        .await
        .shown(200, "Sign in")
        .page()
        .form("#login-form");
    suite.house.turn(TimeDelta::seconds(1));
    let (_, second) = signed_in(&client, &mut browser, &changes).await;
    let time = |claims: &Value| claims["auth_time"].as_i64().expect("auth_time");
    assert!(time(&second) > time(&first), "{first} {second}");
    client.end().await;
}

pub async fn oidcc_max_age_10000(variant: Variant) {
    let suite = Suite::begin().await;
    let client = Client::register(&suite, variant).await;
    let mut browser = suite.browser();
    let (_, first) = signed_in(&client, &mut browser, &[("max_age", Some("15000"))]).await;
    suite.house.turn(TimeDelta::seconds(5));
    let changes = [("max_age", Some("10000"))];
    silent(&client, &mut browser, &changes, &first).await;
    client.end().await;
}

pub async fn oidcc_prompt_none_logged_in(variant: Variant) {
    let suite = Suite::begin().await;
    let client = Client::register(&suite, variant).await;
    let mut browser = suite.browser();
    let (_, first) = signed_in(&client, &mut browser, &[]).await;
    suite.house.turn(TimeDelta::seconds(5));
    silent(&client, &mut browser, &[("prompt", Some("none"))], &first).await;
    client.end().await;
}

pub async fn oidcc_id_token_hint(variant: Variant) {
    let suite = Suite::begin().await;
    let client = Client::register(&suite, variant).await;
    let mut browser = suite.browser();
    let (token, first) = signed_in(&client, &mut browser, &[]).await;
    // Long enough for the hint to have expired.
    suite.house.turn(TimeDelta::minutes(10));
    let changes = [
        ("prompt", Some("none")),
        ("id_token_hint", Some(token.as_str())),
    ];
    silent(&client, &mut browser, &changes, &first).await;
    client.end().await;
}

/// The request is answered without a page, about the same person and the same sign-in.
async fn silent(
    client: &Client<'_>,
    browser: &mut Browser<'_>,
    changes: &[(&str, Option<&str>)],
    first: &Value,
) {
    // Nothing but the answer itself: `read` fails on any page of ours.
    let answer = browser
        .get_from_stranger(&client.url(changes))
        .await
        .clone();
    let seen = Seen::read(client, &answer, changes);
    let token = match client.variant.has("id_token") {
        true => seen.get("id_token"),
        false => {
            let tokens = client.exchange(&seen.get("code")).await.tokens();
            tokens.id_token.expect("an ID token")
        }
    };
    let second = id_token(client, &token, "RS256", Some(&client.nonce)).await;
    assert_eq!(first["sub"], second["sub"]);
    assert_eq!(first["auth_time"], second["auth_time"]);
}

pub async fn oidcc_prompt_none_not_logged_in(variant: Variant) {
    let suite = Suite::begin().await;
    let client = Client::register(&suite, variant).await;
    let mut browser = suite.browser();
    let state = "aZ9-._~".repeat(19)[..128].to_owned();
    let changes = [("prompt", Some("none")), ("state", Some(state.as_str()))];
    let answer = browser
        .get_from_stranger(&client.url(&changes))
        .await
        .clone();
    let seen = Seen::read(&client, &answer, &changes);
    seen.error(&[
        "login_required",
        "interaction_required",
        "account_selection_required",
        "consent_required",
    ]);
    client.end().await;
}

/// Signs in once, for modules that are about what comes after.
pub async fn session(client: &Client<'_>, browser: &mut Browser<'_>) -> (String, Value) {
    signed_in(client, browser, &[]).await
}

/// Whether a silent request finds nobody signed in.
pub async fn is_signed_out(client: &Client<'_>, browser: &mut Browser<'_>) {
    let changes = [("prompt", Some("none"))];
    browser.get_from_stranger(&client.url(&changes)).await;
    finish(browser).await;
    let seen = Seen::read(client, browser.last(), &changes);
    seen.error(&["login_required", "interaction_required", "consent_required"]);
}
