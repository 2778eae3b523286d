//! Fapi2 proofs: which are taken, which are not, and what they bind.

use doorward::paths;
use serde_json::{Value, json};

use super::fapi2::{Fapi, World, accepted, member, refused};
use crate::support::{
    answer::Answer,
    dpop::{DpopKey, Options},
};

pub async fn access_token_type_header_case_sensitivity(plan: Fapi) {
    let world = World::begin(plan).await;
    let tokens = world.tokens(&world.first, &[]).await;
    let token = tokens["access_token"].as_str().expect("a token");
    for scheme in ["DPoP", "dPoP", "dpop"] {
        world
            .resource(scheme, token, &world.first.dpop, Options::default())
            .await
            .ok();
    }
}

/// Every place that takes a proof takes one with these claims.
async fn proven(plan: Fapi, claims: impl Fn(i64) -> Value) {
    let world = World::begin(plan).await;
    let party = &world.first;
    let options = || Options {
        iat: Some(world.now()),
        claims: claims(world.now()),
        ..Options::default()
    };
    let proof = party
        .dpop
        .proof("POST", &world.endpoint(paths::PAR), options());
    let call = world
        .called(party, paths::PAR, &party.request(&[]))
        .header("DPoP", &proof);
    let uri = accepted(&call.await);
    let mut browser = world.suite.browser();
    let told = world.answered(party, &mut browser, &uri, &[]).await;
    let code = member(&told, "code").expect("a code");
    let proof = party
        .dpop
        .proof("POST", &world.endpoint(paths::TOKEN), options());
    let form = world.redemption(party, &code);
    let tokens = world
        .called(party, paths::TOKEN, &form)
        .header("DPoP", &proof)
        .await
        .ok();
    let token = tokens["access_token"].as_str().expect("a token");
    world
        .resource("DPoP", token, &party.dpop, options())
        .await
        .ok();
}

pub async fn check_dpop_proof_nbf_exp(plan: Fapi) {
    proven(plan, |now| json!({ "nbf": now, "exp": now + 60 })).await;
}

pub async fn ensure_dpopproof_with_iat_10seconds_before_succeeds(plan: Fapi) {
    proven(plan, |now| json!({ "iat": now - 10 })).await;
}

pub async fn ensure_dpopproof_with_iat_10seconds_after_succeeds(plan: Fapi) {
    proven(plan, |now| json!({ "iat": now + 10 })).await;
}

pub async fn ensure_dpopproof_at_par_endpoint_binding_success(plan: Fapi) {
    proven(plan, |_| json!({})).await;
}

pub async fn ensure_dpop_auth_code_binding_success(plan: Fapi) {
    let world = World::begin(plan).await;
    // This client sends dpop_jkt with each of its requests.
    world.tokens(&world.second, &[]).await;
}

pub async fn ensure_mismatched_dpop_jkt_fails(plan: Fapi) {
    let world = World::begin(plan).await;
    let party = &world.first;
    let other = DpopKey::new().jkt();
    let form = party.request(&[("dpop_jkt", Some(&other))]);
    let proof = world.proof(&party.dpop, paths::PAR);
    let answer = world
        .called(party, paths::PAR, &form)
        .header("DPoP", &proof)
        .await;
    refused(
        &answer,
        &[(400, "invalid_request"), (400, "invalid_dpop_proof")],
    );
}

const ANOTHER_KEY: &[(u16, &str)] = &[
    (400, "invalid_grant"),
    (400, "invalid_request"),
    (400, "invalid_dpop_proof"),
];

pub async fn ensure_token_endpoint_fails_with_mismatched_dpop_proof_jkt(plan: Fapi) {
    let world = World::begin(plan).await;
    let party = &world.first;
    let proof = world.proof(&party.dpop, paths::PAR);
    let call = world
        .called(party, paths::PAR, &party.request(&[]))
        .header("DPoP", &proof);
    let uri = accepted(&call.await);
    let mut browser = world.suite.browser();
    let told = world.answered(party, &mut browser, &uri, &[]).await;
    let code = member(&told, "code").expect("a code");
    let form = world.redemption(party, &code);
    refused(
        &world.redeem(party, &DpopKey::new(), &form).await,
        ANOTHER_KEY,
    );
}

pub async fn ensure_token_endpoint_fails_with_mismatched_dpop_jkt(plan: Fapi) {
    let world = World::begin(plan).await;
    let code = world.code(&world.second, &[]).await;
    let form = world.redemption(&world.second, &code);
    refused(
        &world.redeem(&world.second, &DpopKey::new(), &form).await,
        ANOTHER_KEY,
    );
}

pub async fn dpop_negative_tests(plan: Fapi) {
    let world = World::begin(plan).await;
    let party = &world.first;
    let tokens = world.tokens(party, &[]).await;
    let token = tokens["access_token"].as_str().expect("a token");
    let with = |header: Value, claims: Value| Options {
        header,
        claims,
        ..Options::default()
    };
    let now = world.now();
    let url = world.endpoint(paths::USERINFO);
    let mut private = party.dpop.jwk.clone();
    private["d"] = json!("AAAA");
    let bad = [
        with(json!({ "typ": null }), json!({})),
        with(json!({ "typ": "JWT" }), json!({})),
        with(json!({ "alg": null }), json!({})),
        with(json!({ "alg": "RS256" }), json!({})),
        with(json!({ "alg": "none" }), json!({})),
        with(json!({ "jwk": null }), json!({})),
        with(json!({ "jwk": private }), json!({})),
        with(json!({}), json!({ "jti": null })),
        with(json!({}), json!({ "htm": null })),
        with(json!({}), json!({ "htm": "POST" })),
        with(json!({}), json!({ "htu": null })),
        with(json!({}), json!({ "htu": format!("{url}/more") })),
        with(
            json!({}),
            json!({ "htu": "https://elsewhere.example/oauth2/userinfo" }),
        ),
        with(json!({}), json!({ "iat": null })),
        with(json!({}), json!({ "iat": now - 3600 })),
        with(json!({}), json!({ "iat": now + 3600 })),
        with(json!({}), json!({ "ath": null })),
        with(json!({}), json!({ "ath": "AAAA" })),
    ];
    let is_refused = |answer: &Answer, case: &str| {
        assert!(
            [400, 401].contains(&answer.status),
            "{case}: {}",
            answer.told()
        );
    };
    for options in bad {
        let case = format!("{options:?}");
        is_refused(
            &world.resource("DPoP", token, &party.dpop, options).await,
            &case,
        );
    }
    let other = DpopKey::new();
    is_refused(
        &world
            .resource("DPoP", token, &other, Options::default())
            .await,
        "another key",
    );
    let bearer = world
        .resource("Bearer", token, &party.dpop, Options::default())
        .await;
    is_refused(&bearer, "as a bearer token");
    let house = &world.suite.house;
    let naked = house
        .get(paths::USERINFO)
        .header("Authorization", &format!("DPoP {token}"));
    is_refused(&naked.await, "no proof");
    let garbage = house
        .get(paths::USERINFO)
        .header("Authorization", &format!("DPoP {token}"));
    is_refused(&garbage.header("DPoP", "garbage").await, "garbage");
    let again = world.resource("DPoP", token, &party.dpop, Options::default());
    let proof = party.dpop.proof(
        "GET",
        &url,
        Options {
            access_token: Some(token),
            iat: Some(now),
            ..Options::default()
        },
    );
    is_refused(&again.header("DPoP", &proof).await, "two proofs");
    let once = |jti| Options {
        jti: Some(jti),
        ..Options::default()
    };
    world
        .resource("DPoP", token, &party.dpop, once("the same"))
        .await
        .ok();
    is_refused(
        &world
            .resource("DPoP", token, &party.dpop, once("the same"))
            .await,
        "a replay",
    );

    let upper = url.replace("https://op.example", "HTTPS://OP.EXAMPLE:443");
    for htu in [format!("{url}?a=b"), format!("{url}#c"), upper] {
        let options = with(json!({}), json!({ "htu": htu, "extra": "claim" }));
        world
            .resource("DPoP", token, &party.dpop, options)
            .await
            .ok();
    }
}
