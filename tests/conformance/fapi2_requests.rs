//! Fapi2 requests: the whole way, and what a browser may add to what was pushed.

use doorward::paths;
use serde_json::{Value, json};

use super::{
    fapi2::{Fapi, World, member},
    suite::{EMAIL, PASSWORD},
};
use crate::oauth::jwt;

pub async fn discovery_end_point_verification(plan: Fapi) {
    let world = World::begin(plan).await;
    let path = match plan.openid {
        true => paths::DISCOVERY_OPENID,
        false => paths::DISCOVERY_OAUTH,
    };
    let metadata = world.suite.house.get(path).await.ok();
    let holds = |name: &str, word: &str| {
        let list = metadata[name].as_array().expect("a list");
        assert!(list.iter().any(|own| own == word), "{name} lacks {word}");
    };
    holds("response_types_supported", "code");
    holds("grant_types_supported", "authorization_code");
    holds("code_challenge_methods_supported", "S256");
    holds("token_endpoint_auth_methods_supported", "private_key_jwt");
    for alg in ["PS256", "ES256", "EdDSA"] {
        for list in ["dpop", "id_token", "userinfo", "token_endpoint_auth"] {
            let name = match list {
                "dpop" => "dpop_signing_alg_values_supported".to_owned(),
                other => format!("{other}_signing_alg_values_supported"),
            };
            holds(&name, alg);
        }
    }
    assert_eq!(
        metadata["authorization_response_iss_parameter_supported"],
        true
    );
    let endpoint = metadata["pushed_authorization_request_endpoint"].as_str();
    assert!(endpoint.is_some_and(|url| url.starts_with("https://")));
}

pub async fn happy_flow(plan: Fapi) {
    let world = World::begin(plan).await;
    for (party, other) in [(&world.first, &world.second), (&world.second, &world.first)] {
        let tokens = world.tokens(party, &[]).await;
        let token = tokens["access_token"].as_str().expect("a token");
        assert!(token.len() >= 128 / 6);
        if plan.openid {
            let claims = jwt::claims(tokens["id_token"].as_str().expect("an ID token"));
            assert_eq!(claims["nonce"], party.nonce.as_str());
            super::seen::says_nothing_unasked(&claims);
            let call = world.resource("DPoP", token, &party.dpop, Default::default());
            assert_eq!(call.await.ok()["sub"], claims["sub"]);
        }
        let answer = world
            .resource("DPoP", token, &other.dpop, Default::default())
            .await;
        assert!(
            (400..500).contains(&answer.status),
            "another key: {}",
            answer.told()
        );
        let url = format!("{}?access_token={token}", paths::USERINFO);
        let answer = world.suite.house.get(&url).await;
        assert!(
            [400, 401].contains(&answer.status),
            "in the query: {}",
            answer.told()
        );
    }
}

pub async fn user_rejects_authentication(plan: Fapi) {
    let world = World::begin(plan).await;
    let uri = world.pushed(&world.first, &[]).await;
    let mut browser = world.suite.browser();
    browser
        .get_from_stranger(&world.url(&world.first, &uri, &[]))
        .await;
    browser.follow().await;
    browser
        .submit("#login-form", &[("email", EMAIL), ("password", PASSWORD)])
        .await;
    browser.follow().await;
    browser.submit("#consent-deny", &[]).await;
    browser.follow().await;
    let told = world.response(&world.first, browser.last());
    assert_eq!(member(&told, "error").as_deref(), Some("access_denied"));
    assert_eq!(
        member(&told, "state").as_deref(),
        Some(world.first.state.as_str())
    );
}

pub async fn ensure_authorization_request_without_state_success(plan: Fapi) {
    let world = World::begin(plan).await;
    let uri = world.pushed(&world.first, &[("state", None)]).await;
    let mut browser = world.suite.browser();
    let told = world.answered(&world.first, &mut browser, &uri, &[]).await;
    assert!(
        member(&told, "code").is_some() && member(&told, "state").is_none(),
        "{told:?}"
    );
}

/// The nonce of the ID token that a request with these changes gets.
async fn nonce(plan: Fapi, changes: &[(&str, Option<&str>)]) -> Value {
    let world = World::begin(plan).await;
    let tokens = world.tokens(&world.first, changes).await;
    jwt::claims(tokens["id_token"].as_str().expect("an ID token"))["nonce"].clone()
}

pub async fn ensure_authorization_request_without_nonce_success(plan: Fapi) {
    assert_eq!(nonce(plan, &[("nonce", None)]).await, Value::Null);
}

pub async fn ensure_authorization_request_with_64_char_nonce_success(plan: Fapi) {
    let own = "n".repeat(64);
    assert_eq!(nonce(plan, &[("nonce", Some(&own))]).await, json!(own));
}

pub async fn ensure_authorization_request_with_long_nonce(plan: Fapi) {
    let own = "n".repeat(384);
    assert_eq!(nonce(plan, &[("nonce", Some(&own))]).await, json!(own));
}

pub async fn ensure_other_scope_order_succeeds(plan: Fapi) {
    let world = World::begin(plan).await;
    world
        .tokens(&world.first, &[("scope", Some("email openid"))])
        .await;
}

pub async fn test_claims_parameter_identity_claims(plan: Fapi) {
    let world = World::begin(plan).await;
    let asked = json!({
        "id_token": { "email": null, "given_name": { "essential": true } },
        "userinfo": { "name": null, "phone_number": { "essential": true } },
    })
    .to_string();
    let tokens = world
        .tokens(&world.first, &[("claims", Some(&asked))])
        .await;
    let said = jwt::claims(tokens["id_token"].as_str().expect("an ID token"));
    assert!(
        said["email"].is_string() && said["given_name"].is_string(),
        "{said}"
    );
    let token = tokens["access_token"].as_str().expect("a token");
    let call = world.resource("DPoP", token, &world.first.dpop, Default::default());
    let told = call.await.ok();
    assert!(
        told["name"].is_string() && told["phone_number"].is_string(),
        "{told}"
    );
}

pub async fn ensure_different_nonce_inside_and_outside_request_object(plan: Fapi) {
    let world = World::begin(plan).await;
    let uri = world.pushed(&world.first, &[]).await;
    let mut browser = world.suite.browser();
    let told = world
        .answered(&world.first, &mut browser, &uri, &[("nonce", "other")])
        .await;
    let code = member(&told, "code").expect("a code");
    let form = world.redemption(&world.first, &code);
    let tokens = world
        .redeem(&world.first, &world.first.dpop, &form)
        .await
        .ok();
    let claims = jwt::claims(tokens["id_token"].as_str().expect("an ID token"));
    assert_eq!(claims["nonce"], world.first.nonce.as_str());
}

/// The state that comes back for what was pushed and what the browser added.
async fn state(plan: Fapi, pushed: Option<&str>, added: &[(&str, &str)]) -> Option<String> {
    let world = World::begin(plan).await;
    let uri = world.pushed(&world.first, &[("state", pushed)]).await;
    let mut browser = world.suite.browser();
    let told = world
        .answered(&world.first, &mut browser, &uri, added)
        .await;
    assert!(member(&told, "code").is_some(), "{told:?}");
    member(&told, "state")
}

pub async fn ensure_different_state_inside_and_outside_request_object(plan: Fapi) {
    let back = state(plan, Some("pushed"), &[("state", "added")]).await;
    assert_eq!(back.as_deref(), Some("pushed"));
}

pub async fn ensure_authorization_request_with_long_state(plan: Fapi) {
    let long = "s".repeat(1000);
    assert_eq!(state(plan, Some(&long), &[]).await, Some(long));
}

pub async fn state_only_outside_request_object_not_used(plan: Fapi) {
    assert_eq!(state(plan, None, &[("state", "added")]).await, None);
}

pub async fn par_without_duplicate_parameters(plan: Fapi) {
    assert_eq!(
        state(plan, Some("only here"), &[]).await.as_deref(),
        Some("only here")
    );
}
