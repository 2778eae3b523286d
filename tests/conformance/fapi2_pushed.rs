//! Fapi2 pushed requests: what is not taken, and how often one is good.

use chrono::TimeDelta;
use doorward::paths;

use super::{
    client::finish,
    fapi2::{Fapi, World, accepted, member, refused},
};

/// A request that is not even taken.
async fn not_taken(plan: Fapi, changes: &[(&str, Option<&str>)], allowed: &[&str]) {
    let world = World::begin(plan).await;
    let answer = world.push(&world.first, changes).await;
    let allowed: Vec<_> = allowed.iter().map(|code| (400, *code)).collect();
    refused(&answer, &allowed);
}

pub async fn ensure_request_object_without_redirect_uri_fails(plan: Fapi) {
    not_taken(plan, &[("redirect_uri", None)], &["invalid_request"]).await;
}

pub async fn ensure_redirect_uri_in_authorization_request(plan: Fapi) {
    not_taken(plan, &[("redirect_uri", None)], &["invalid_request"]).await;
}

pub async fn plain_fapi_tolerate_unregistered_redirect_uri(plan: Fapi) {
    let other = "https://suite.example/not/registered";
    not_taken(plan, &[("redirect_uri", Some(other))], &["invalid_request"]).await;
}

const NO_SUCH_TYPE: &[&str] = &[
    "unsupported_response_type",
    "invalid_request",
    "unauthorized_client",
];

pub async fn ensure_response_type_code_idtoken_fails(plan: Fapi) {
    not_taken(
        plan,
        &[("response_type", Some("code id_token"))],
        NO_SUCH_TYPE,
    )
    .await;
}

pub async fn ensure_response_type_token_fails(plan: Fapi) {
    not_taken(plan, &[("response_type", Some("token"))], NO_SUCH_TYPE).await;
}

pub async fn par_ensure_pkce_required(plan: Fapi) {
    let without = [("code_challenge", None), ("code_challenge_method", None)];
    not_taken(plan, &without, &["invalid_request"]).await;
}

pub async fn par_plain_pkce_rejected(plan: Fapi) {
    not_taken(
        plan,
        &[("code_challenge_method", Some("plain"))],
        &["invalid_request"],
    )
    .await;
}

pub async fn par_authorization_request_containing_request_uri_form_param(plan: Fapi) {
    let uri = "urn:ietf:params:oauth:request_uri:anything";
    not_taken(plan, &[("request_uri", Some(uri))], &["invalid_request"]).await;
}

pub async fn par_attempt_invalid_http_method(plan: Fapi) {
    let world = World::begin(plan).await;
    let form = world.first.request(&[]);
    let answer = world.suite.house.put(paths::PAR).form(&form).await;
    assert_eq!(answer.status, 405, "{}", answer.told());
}

pub async fn ensure_unsigned_authorization_request_without_using_par_fails(plan: Fapi) {
    let world = World::begin(plan).await;
    let mut url = world.suite.house.url(paths::AUTHORIZE);
    url.query_pairs_mut().extend_pairs(world.first.request(&[]));
    let mut browser = world.suite.browser();
    browser.get_from_stranger(url.as_str()).await;
    let told = world.response(&world.first, browser.last());
    assert_eq!(member(&told, "error").as_deref(), Some("invalid_request"));
}

pub async fn par_ensure_reused_request_uri_prior_to_auth_completion_succeeds(plan: Fapi) {
    let world = World::begin(plan).await;
    let uri = world.pushed(&world.first, &[]).await;
    let mut browser = world.suite.browser();
    browser
        .get_from_stranger(&world.url(&world.first, &uri, &[]))
        .await;
    browser.follow().await.shown(200, "Sign in");
    let told = world.answered(&world.first, &mut browser, &uri, &[]).await;
    assert!(member(&told, "code").is_some(), "{told:?}");
}

pub async fn par_attempt_reuse_request_uri(plan: Fapi) {
    let world = World::begin(plan).await;
    let uri = world.pushed(&world.first, &[]).await;
    let mut browser = world.suite.browser();
    world.answered(&world.first, &mut browser, &uri, &[]).await;
    browser
        .get_from_stranger(&world.url(&world.first, &uri, &[]))
        .await;
    finish(&mut browser).await;
    browser
        .last()
        .shown(400, "Authorization error")
        .shown(400, "invalid_request_uri");
}

pub async fn par_attempt_to_use_expired_request_uri(plan: Fapi) {
    let world = World::begin(plan).await;
    let uri = accepted(&world.push(&world.first, &[]).await);
    world.suite.house.turn(TimeDelta::seconds(91));
    let mut browser = world.suite.browser();
    let answer = browser
        .get_from_stranger(&world.url(&world.first, &uri, &[]))
        .await;
    answer.shown(400, "invalid_request_uri");
}

pub async fn par_attempt_to_use_request_uri_for_different_client(plan: Fapi) {
    let world = World::begin(plan).await;
    let uri = world.pushed(&world.first, &[]).await;
    let mut browser = world.suite.browser();
    let answer = browser
        .get_from_stranger(&world.url(&world.second, &uri, &[]))
        .await;
    answer.shown(400, "invalid_request_uri");
}
