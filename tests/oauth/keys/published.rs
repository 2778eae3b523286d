//! Published: the JWKS while keys are turned (RFC 7517 §5).

use std::collections::BTreeSet;

use chrono::TimeDelta;
use doorward::paths;
use entity::value::SigningAlg;
use serde_json::Value;

use super::rotate;
use crate::{
    oauth::granted::{names, sqlite},
    support::house::House,
};

/// What a public key may say of itself; `d` and the like are private (RFC 7518 §6).
const PUBLIC: [&str; 9] = ["alg", "crv", "e", "kid", "kty", "n", "use", "x", "y"];

async fn keys(house: &House) -> Vec<Value> {
    let answer = house.get(paths::JWKS).await;
    answer.has("Cache-Control", |rule| rule == "public, max-age=300");
    let document = answer.ok();
    assert_eq!(names(&document), ["keys"]);
    document["keys"].as_array().expect("keys").clone()
}

#[tokio::test]
async fn jw_12_only_public_members_each_key_once_and_a_tag_that_tells() {
    let house = sqlite().await;
    let mut tags = BTreeSet::new();
    let mut count = 4;
    for alg in [SigningAlg::ES256, SigningAlg::EdDSA] {
        // One that signed, one that signs, one that will.
        for now in [true, false] {
            rotate(&house.app, alg, now, &[]).await;
            count += 1;
            let answer = house.get(paths::JWKS).await;
            assert!(tags.insert(answer.header("ETag").to_owned()), "a tag again");
            let same = house.get(paths::JWKS);
            same.header("If-None-Match", answer.header("ETag"))
                .await
                .is(304);
        }
    }
    let keys = keys(&house).await;
    let kids: BTreeSet<_> = keys.iter().map(|key| key["kid"].to_string()).collect();
    assert_eq!((kids.len(), keys.len()), (count, count));
    for key in &keys {
        assert!(names(key).iter().all(|name| PUBLIC.contains(name)), "{key}");
        assert_eq!(key["use"], "sig");
        let kty = match key["alg"].as_str() {
            Some("RS256" | "PS256") => "RSA",
            Some("ES256") => "EC",
            Some("EdDSA") => "OKP",
            other => panic!("{other:?}"),
        };
        assert_eq!(key["kty"], kty);
    }
    // Nothing changes because time goes by.
    let before = house.get(paths::JWKS).await.body;
    house.turn(TimeDelta::hours(30));
    assert_eq!(house.get(paths::JWKS).await.body, before);
}
