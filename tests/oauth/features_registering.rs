//! No client registers for what is switched off: it would wait for something that never comes.

use doorward::config::Config;
use serde_json::{Value, json};

use super::registering::{register, registering_with, usual};
use crate::support::{database::Database, house::House};

/// Registers a client that needs what is switched off.
async fn refused(house: &House, member: &str, changes: Value) {
    let answer = register(house, &usual(&changes)).await;
    answer.oauth_error(400, "invalid_client_metadata");
    assert!(answer.body.contains(member), "{member}: {}", answer.told());
}

#[tokio::test]
async fn nobody_registers_for_what_is_switched_off() {
    let key = "https://app.example/out";
    let rows = [
        (
            "response_types",
            json!({ "response_types": ["id_token"], "grant_types": ["implicit"] }),
        ),
        ("subject_type", json!({ "subject_type": "pairwise" })),
        (
            "dpop_bound_access_tokens",
            json!({ "dpop_bound_access_tokens": true }),
        ),
        (
            "require_pushed_authorization_requests",
            json!({ "require_pushed_authorization_requests": true }),
        ),
        (
            "request_object_signing_alg",
            json!({ "request_object_signing_alg": "none" }),
        ),
        (
            "frontchannel_logout_uri",
            json!({ "frontchannel_logout_uri": key }),
        ),
        (
            "backchannel_logout_uri",
            json!({ "backchannel_logout_uri": key }),
        ),
        (
            "grant_types",
            json!({ "grant_types":
                ["authorization_code", "urn:ietf:params:oauth:grant-type:device_code"] }),
        ),
    ];
    let off = registering_with(Database::sqlite().await, |config: &mut Config| {
        let on = &mut config.features;
        on.implicit_and_hybrid = false;
        on.pairwise_subjects = false;
        on.dpop = false;
        on.pushed_requests = false;
        on.request_objects = false;
        on.frontchannel_logout = false;
        on.backchannel_logout = false;
        on.device_flow = false;
    })
    .await;
    let on = registering_with(Database::sqlite().await, |_| ()).await;
    for (member, changes) in rows {
        register(&on, &usual(&changes)).await.is(201);
        refused(&off, member, changes).await;
    }
}
