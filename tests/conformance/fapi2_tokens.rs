//! Fapi2 tokens: client assertions, codes and refresh tokens.

use chrono::TimeDelta;
use doorward::paths;
use serde_json::{Value, json};

use super::fapi2::{Fapi, World, accepted, owned, refused};
use crate::support::{
    answer::Answer,
    dpop::{DpopKey, Options},
};

/// What a client whose assertion is no good may be told.
const NOT_WHO_IT_SAYS: &[(u16, &str)] = &[
    (400, "invalid_client"),
    (401, "invalid_client"),
    (400, "invalid_request"),
];

/// Redeems a good code with an assertion of these claims.
async fn asserted(plan: Fapi, changes: &Value) -> Answer {
    let world = World::begin(plan).await;
    let code = world.code(&world.first, &[]).await;
    let form = world.redemption(&world.first, &code);
    let mut changes = changes.clone();
    if changes["exp"] == "past" {
        changes["exp"] = json!(world.now() - 300);
    }
    let assertion = world.assertion(&world.first, &changes);
    let proof = world.proof(&world.first.dpop, paths::TOKEN);
    world
        .called_with(&assertion, paths::TOKEN, &form)
        .header("DPoP", &proof)
        .await
}

pub async fn ensure_client_assertion_in_token_endpoint(plan: Fapi) {
    let world = World::begin(plan).await;
    let code = world.code(&world.first, &[]).await;
    let mut form = world.redemption(&world.first, &code);
    form.extend(owned(&[("client_id", world.first.id.as_str())]));
    let proof = world.proof(&world.first.dpop, paths::TOKEN);
    let call = world
        .suite
        .house
        .post(paths::TOKEN)
        .form(&form)
        .header("DPoP", &proof);
    refused(&call.await, NOT_WHO_IT_SAYS);
}

pub async fn ensure_client_assertion_with_exp_is_5_minutes_in_past_fails(plan: Fapi) {
    refused(
        &asserted(plan, &json!({ "exp": "past" })).await,
        NOT_WHO_IT_SAYS,
    );
}

pub async fn ensure_client_assertion_with_wrong_aud_fails(plan: Fapi) {
    let elsewhere = json!({ "aud": "https://elsewhere.example" });
    refused(&asserted(plan, &elsewhere).await, NOT_WHO_IT_SAYS);
}

pub async fn ensure_client_assertion_with_no_sub_fails(plan: Fapi) {
    refused(
        &asserted(plan, &json!({ "sub": null })).await,
        NOT_WHO_IT_SAYS,
    );
}

pub async fn ensure_signed_client_assertion_with_rs256_fails(plan: Fapi) {
    let world = World::begin(plan).await;
    let code = world.code(&world.first, &[]).await;
    let now = world.now();
    let claims = json!({
        "iss": world.first.id, "sub": world.first.id, "aud": world.issuer(), "jti": "j",
        "iat": now, "exp": now + 60,
    });
    let assertion = DpopKey::rsa("RS256").sign(r#"{"alg":"RS256"}"#, &claims.to_string());
    let form = world.redemption(&world.first, &code);
    let proof = world.proof(&world.first.dpop, paths::TOKEN);
    let call = world
        .called_with(&assertion, paths::TOKEN, &form)
        .header("DPoP", &proof);
    refused(&call.await, NOT_WHO_IT_SAYS);
}

/// Pushes a request with an assertion of these claims.
async fn pushed_as(plan: Fapi, changes: impl Fn(&World) -> Value) -> Answer {
    let world = World::begin(plan).await;
    let assertion = world.assertion(&world.first, &changes(&world));
    world
        .called_with(&assertion, paths::PAR, &world.first.request(&[]))
        .await
}

pub async fn par_ensure_jwt_client_assertions_nbf_8_seconds_in_the_future_is_accepted(plan: Fapi) {
    accepted(&pushed_as(plan, |world| json!({ "nbf": world.now() + 8 })).await);
}

pub async fn par_ensure_jwt_client_assertions_nbf_over_60_seconds_in_the_future_fails(plan: Fapi) {
    let ahead = |world: &World| json!({ "nbf": world.now() + 61, "exp": world.now() + 120 });
    refused(&pushed_as(plan, ahead).await, NOT_WHO_IT_SAYS);
}

pub async fn par_test_array_as_audience_fails(plan: Fapi) {
    let array = |world: &World| json!({ "aud": [world.issuer()] });
    refused(&pushed_as(plan, array).await, NOT_WHO_IT_SAYS);
}

pub async fn par_test_par_endpoint_url_as_audience_fails(plan: Fapi) {
    let endpoint = |world: &World| json!({ "aud": world.endpoint(paths::PAR) });
    refused(&pushed_as(plan, endpoint).await, NOT_WHO_IT_SAYS);
}

pub async fn par_test_token_endpoint_url_as_audience_fails(plan: Fapi) {
    let endpoint = |world: &World| json!({ "aud": world.endpoint(paths::TOKEN) });
    refused(&pushed_as(plan, endpoint).await, NOT_WHO_IT_SAYS);
}

pub async fn ensure_client_id_in_token_endpoint(plan: Fapi) {
    let world = World::begin(plan).await;
    let code = world.code(&world.first, &[]).await;
    let mut form = world.redemption(&world.first, &code);
    form.extend(owned(&[("client_id", world.second.id.as_str())]));
    let answer = world.redeem(&world.first, &world.first.dpop, &form).await;
    refused(
        &answer,
        &[
            (400, "invalid_client"),
            (401, "invalid_client"),
            (400, "invalid_grant"),
        ],
    );
}

pub async fn ensure_authorization_code_is_bound_to_client(plan: Fapi) {
    let world = World::begin(plan).await;
    let code = world.code(&world.first, &[]).await;
    let form = world.redemption(&world.first, &code);
    let answer = world.redeem(&world.second, &world.second.dpop, &form).await;
    refused(&answer, &[(400, "invalid_grant")]);
}

pub async fn ensure_holder_of_key_required(plan: Fapi) {
    let world = World::begin(plan).await;
    let code = world.code(&world.first, &[]).await;
    let form = world.redemption(&world.first, &code);
    let answer = world.called(&world.first, paths::TOKEN, &form).await;
    let allowed = ["invalid_request", "invalid_grant", "invalid_dpop_proof"];
    refused(&answer, &allowed.map(|code| (400, code)));
}

pub async fn attempt_reuse_authorization_code_after_one_second(plan: Fapi) {
    let world = World::begin(plan).await;
    let party = &world.first;
    let code = world.code(party, &[]).await;
    let form = world.redemption(party, &code);
    let tokens = world.redeem(party, &party.dpop, &form).await.ok();
    world.suite.house.turn(TimeDelta::seconds(1));
    refused(
        &world.redeem(party, &party.dpop, &form).await,
        &[(400, "invalid_grant")],
    );
    let token = tokens["access_token"].as_str().expect("a token");
    let answer = world
        .resource("DPoP", token, &party.dpop, Options::default())
        .await;
    assert_eq!(answer.status, 401, "{}", answer.told());
}

pub async fn ensure_token_endpoint_fails_with_expired_auth_code(plan: Fapi) {
    let world = World::begin(plan).await;
    let code = world.code(&world.first, &[]).await;
    world.suite.house.turn(TimeDelta::seconds(62));
    let form = world.redemption(&world.first, &code);
    let answer = world.redeem(&world.first, &world.first.dpop, &form).await;
    refused(&answer, &[(400, "invalid_grant")]);
}

/// Redeems a code with another verifier, or none.
async fn verified_by(plan: Fapi, verifier: Option<&str>) {
    let world = World::begin(plan).await;
    let code = world.code(&world.first, &[]).await;
    let mut form = world.redemption(&world.first, &code);
    form.retain(|(name, _)| name != "code_verifier");
    form.extend(verifier.map(|own| ("code_verifier".to_owned(), own.to_owned())));
    let answer = world.redeem(&world.first, &world.first.dpop, &form).await;
    refused(&answer, &[(400, "invalid_grant")]);
}

pub async fn ensure_pkce_code_verifier_required(plan: Fapi) {
    verified_by(plan, None).await;
}

pub async fn incorrect_pkce_code_verifier_rejected(plan: Fapi) {
    verified_by(plan, Some(&"x".repeat(43))).await;
}

pub async fn refresh_token(plan: Fapi) {
    let world = World::begin(plan).await;
    let party = &world.first;
    let scope = if plan.openid {
        "openid offline_access"
    } else {
        "profile offline_access"
    };
    let changes = [("scope", Some(scope)), ("prompt", Some("consent"))];
    let code = world.code(party, &changes).await;
    let tokens = world
        .redeem(party, &party.dpop, &world.redemption(party, &code))
        .await
        .ok();
    let refresh = tokens["refresh_token"].as_str().expect("a refresh token");
    let form = owned(&[("grant_type", "refresh_token"), ("refresh_token", refresh)]);
    // A new key, and the old token still works after more than 30 seconds.
    for _ in 0..2 {
        let key = DpopKey::new();
        let answer = world.redeem(party, &key, &form).await;
        answer.has("Cache-Control", |rule| rule.contains("no-store"));
        let next = answer.ok();
        let token = next["access_token"].as_str().expect("a token");
        world
            .resource("DPoP", token, &key, Options::default())
            .await
            .ok();
        world.suite.house.turn(TimeDelta::seconds(31));
    }
    let alone = world.suite.house.post(paths::TOKEN).form(&form);
    let alone = alone
        .header("DPoP", &world.proof(&party.dpop, paths::TOKEN))
        .await;
    let mut allowed = NOT_WHO_IT_SAYS.to_vec();
    allowed.push((400, "invalid_grant"));
    refused(&alone, &allowed);
    let without = world.called(party, paths::TOKEN, &form).await;
    assert_eq!(without.status, 400, "{}", without.told());
    let other = world.redeem(&world.second, &world.second.dpop, &form).await;
    refused(&other, &[(400, "invalid_grant")]);
}
