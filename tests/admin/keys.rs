//! `/api/admin/v1/keys`: seeing and turning the keys from afar.

use doorward::paths;
use entity::{
    event,
    value::{ADMIN, EventKind, Role},
};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::{at, operator, own_token, persons_token, role};
use crate::support::{answer::Answer, call::Call, database::both, house::House};

/// The keys of an answer that stand so.
fn standing(answer: &Answer, state: &str) -> Vec<Value> {
    let keys = answer.ok()["keys"].as_array().expect("keys").clone();
    keys.into_iter()
        .filter(|key| key["state"] == state)
        .collect()
}

fn rotate(house: &House, token: &str, body: &Value) -> Call {
    let call = house.post(&at("/keys/rotate")).bearer(token);
    call.body("application/json", body.to_string())
}

both! {
    async fn ad_3_a_client_and_an_administrator_see_the_keys_and_no_secret(db: Database) {
        let house = House::new(db).await;
        let rp = operator(&house).await;
        role(&house, Role::Admin).await;
        for token in [
            own_token(&rp, ADMIN).await,
            persons_token(&house, &rp, &format!("openid {ADMIN}")).await,
        ] {
            let answer = house.get(&at("/keys")).bearer(&token).await;
            let keys = standing(&answer, "current");
            assert_eq!(keys.len(), 4);
            let published = house.get(paths::JWKS).await.body;
            for key in &keys {
                assert!(published.contains(key["kid"].as_str().expect("a kid")));
                assert_eq!(key["publishedUntil"], Value::Null);
                let names: Vec<_> = key.as_object().expect("a key").keys().collect();
                let all = ["kid", "alg", "state", "createdAt", "signsFrom", "publishedUntil"];
                assert_eq!(names, all);
            }
            answer.has("Cache-Control", |rule| rule == "no-store");
        }
    }

    async fn the_next_key_is_published_once_and_who_did_it_is_recorded(db: Database) {
        let house = House::new(db).await;
        let rp = operator(&house).await;
        let token = own_token(&rp, ADMIN).await;
        let first = rotate(&house, &token, &json!({ "alg": "EdDSA" })).await;
        let next = standing(&first, "next");
        assert_eq!(next.len(), 1);
        assert_eq!(next[0]["alg"], "EdDSA");
        let kid = next[0]["kid"].as_str().expect("a kid");
        assert!(house.get(paths::JWKS).await.body.contains(kid));
        let again = rotate(&house, &token, &json!({ "alg": "EdDSA" })).await;
        assert_eq!(again.ok(), first.ok());
        let events = event::Entity::find().all(&house.app.db.read).await;
        let events = events.expect("the events").into_iter();
        let turned: Vec<_> = events.filter(|one| one.kind == EventKind::KeysTurned).collect();
        assert_eq!(turned.len(), 1);
        assert!(turned[0].client_id.is_some() && turned[0].ip.is_some());
    }

    async fn in_an_emergency_the_stolen_key_is_gone_at_once(db: Database) {
        let house = House::new(db).await;
        let rp = operator(&house).await;
        let token = own_token(&rp, ADMIN).await;
        let listed = house.get(&at("/keys")).bearer(&token).await;
        let keys = standing(&listed, "current");
        let stolen = keys.iter().find(|key| key["alg"] == "EdDSA").expect("a key");
        let body = json!({ "alg": "EdDSA", "now": true, "forget": [stolen["kid"]] });
        let after = rotate(&house, &token, &body).await;
        let keys = standing(&after, "current");
        assert_eq!(keys.len(), 4);
        assert!(keys.iter().all(|key| key["kid"] != stolen["kid"]));
        let published = house.get(paths::JWKS).await.body;
        assert!(!published.contains(stolen["kid"].as_str().expect("a kid")));
        // It is gone: nobody can ask for it again.
        rotate(&house, &token, &body).await.refused(400, "VALIDATION_ERROR");
    }

    async fn the_four_turn_together_where_none_is_named(db: Database) {
        let house = House::new(db).await;
        let token = own_token(&operator(&house).await, ADMIN).await;
        let answer = house.post(&at("/keys/rotate")).bearer(&token).await;
        assert_eq!(standing(&answer, "next").len(), 4);
    }

    async fn a_body_that_is_wrong_turns_nothing(db: Database) {
        let house = House::new(db).await;
        let token = own_token(&operator(&house).await, ADMIN).await;
        let before = house.get(paths::JWKS).await.body;
        for wrong in [
            json!({ "alg": "HS256" }),
            json!({ "alg": ["EdDSA"] }),
            json!({ "alg": "EdDSA", "now": "yes" }),
            json!({ "alg": "EdDSA", "now": true, "forget": "x" }),
            json!({ "alg": "EdDSA", "now": true, "forget": ["x"] }),
            json!({ "alg": "EdDSA", "forget": ["x"] }),
            json!([]),
        ] {
            rotate(&house, &token, &wrong).await.refused(400, "VALIDATION_ERROR");
        }
        let form = house.post(&at("/keys/rotate")).bearer(&token).form(&[("alg", "EdDSA")]);
        form.await.refused(415, "UNSUPPORTED_MEDIA_TYPE");
        assert_eq!(house.get(paths::JWKS).await.body, before);
    }
}
