//! `GET /list-sessions`, `POST /revoke-session`, `/revoke-sessions` and `/revoke-other-sessions`.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::front::{Front, SESSION};
use crate::support::{database::both, house::House};

/// The tokens of the sessions that the browser's person has.
async fn tokens(front: &mut Front<'_>) -> Vec<Value> {
    let list = front.get("/list-sessions").await.ok();
    let list = list.as_array().expect("a list").iter();
    list.map(|session| session["token"].clone()).collect()
}

/// Somebody else, signed in.
async fn stranger(house: &House) -> Front<'_> {
    let mut stranger = Front::new(house);
    let typed = json!({ "name": "", "email": "mallory@example.com", "password": "other bridges, other birds" });
    stranger.post("/sign-up/email", typed).await.is(200);
    stranger
}

both! {
    async fn lists_the_browsers_of_this_person_and_no_other(db: Database) {
        let house = House::new(db).await;
        let mut front = Front::signed_in(&house).await;
        let mut other = Front::signed_in(&house).await;
        let mut stranger = stranger(&house).await;
        let own = front.session().await["session"].clone();
        let list = front.get("/list-sessions").await.ok();
        let list = list.as_array().expect("a list");
        assert_eq!(list.len(), 2);
        assert!(list.contains(&own), "{list:?} {own}");
        assert_eq!(tokens(&mut other).await, tokens(&mut front).await);
        assert_eq!(tokens(&mut stranger).await.len(), 1);
    }

    async fn ends_one_session_of_ones_own(db: Database) {
        let house = House::new(db).await;
        let mut front = Front::signed_in(&house).await;
        let mut other = Front::signed_in(&house).await;
        let token = other.session().await["session"]["token"].clone();
        let done = front.post("/revoke-session", json!({ "token": token })).await;
        done.has("Set-Cookie", str::is_empty);
        assert_eq!(done.ok(), json!({ "status": true }));
        assert_eq!(other.session().await, Value::Null);
        let token = front.session().await["session"]["token"].clone();
        assert_eq!(front.post("/revoke-session", json!({ "token": token })).await.ok(), json!({ "status": true }));
        assert_eq!(front.jar.value(SESSION), None);
        assert_eq!(house.rows().await["session"], 0);
    }

    async fn leaves_what_is_not_ones_own_alone_without_a_word(db: Database) {
        let house = House::new(db).await;
        let mut front = Front::signed_in(&house).await;
        let mut stranger = stranger(&house).await;
        let foreign = stranger.session().await["session"]["token"].clone();
        let secret = stranger.jar.value(SESSION).expect("a cookie").to_owned();
        let before = house.rows().await;
        for token in [foreign, json!(uuid::Uuid::nil()), json!("nothing"), json!(""), json!(secret), json!("ds_")] {
            let done = front.post("/revoke-session", json!({ "token": token })).await;
            assert_eq!(done.ok(), json!({ "status": true }));
        }
        assert_eq!(house.rows().await, before);
        assert!(stranger.session().await.is_object());
        front.post("/revoke-session", json!({})).await.refused(400, "VALIDATION_ERROR");
        front.post("/revoke-session", json!({ "token": 1 })).await.refused(400, "VALIDATION_ERROR");
    }

    async fn ends_one_by_its_secret_too(db: Database) {
        let house = House::new(db).await;
        let mut front = Front::signed_in(&house).await;
        let mut other = Front::signed_in(&house).await;
        let secret = other.jar.value(SESSION).expect("a cookie").to_owned();
        assert_eq!(front.post("/revoke-session", json!({ "token": secret })).await.ok(), json!({ "status": true }));
        assert_eq!(other.session().await, Value::Null);
        assert!(front.session().await.is_object());
    }

    async fn is_not_told_after_a_day(db: Database) {
        let house = House::with(db, |config| config.sessions.idle_seconds = 7 * 86_400).await;
        let mut front = Front::signed_in(&house).await;
        house.turn(TimeDelta::hours(24) - TimeDelta::minutes(5));
        front.get("/list-sessions").await.is(200);
        house.turn(TimeDelta::minutes(5));
        let problem = front.get("/list-sessions").await.refused(403, "SESSION_NOT_FRESH");
        assert_eq!(problem["message"], "Session is not fresh");
        // Whoever sees something odd can end it all the same.
        assert_eq!(front.post("/revoke-other-sessions", json!({})).await.ok(), json!({ "status": true }));
        let person = house.person().await;
        front.post("/sign-in/email", json!({ "email": person.email, "password": person.password })).await.is(200);
        front.get("/list-sessions").await.is(200);
    }

    async fn nothing_of_a_session_can_be_changed(db: Database) {
        let house = House::new(db).await;
        let mut front = Front::signed_in(&house).await;
        let before = (house.rows().await, front.session().await);
        for body in [json!({}), json!({ "userAgent": "Mine", "token": "mine", "expiresAt": "2100-01-01T00:00:00.000Z", "userId": "x" })] {
            let problem = front.post("/update-session", body).await.refused(400, "NO_FIELDS_TO_UPDATE");
            assert_eq!(problem["message"], "No fields to update");
        }
        assert_eq!((house.rows().await, front.session().await), before);
        Front::new(&house).post("/update-session", json!({})).await.refused(401, "UNAUTHORIZED");
    }

    async fn ends_all_others_or_all(db: Database) {
        let house = House::new(db).await;
        let mut front = Front::signed_in(&house).await;
        let mut stranger = stranger(&house).await;
        for _ in 0..2 {
            Front::signed_in(&house).await;
        }
        assert_eq!(tokens(&mut front).await.len(), 3);
        let done = front.post("/revoke-other-sessions", json!({})).await;
        assert_eq!(done.ok(), json!({ "status": true }));
        let own = front.session().await["session"]["token"].clone();
        assert_eq!(tokens(&mut front).await, [own]);
        assert_eq!(front.post("/revoke-sessions", json!({})).await.ok(), json!({ "status": true }));
        assert_eq!(front.jar.value(SESSION), None);
        assert_eq!(house.rows().await["session"], 1);
        assert!(stranger.session().await.is_object());
    }

    async fn is_for_people_who_are_signed_in(db: Database) {
        let house = House::new(db).await;
        let before = house.rows().await;
        let mut front = Front::new(&house);
        front.get("/list-sessions").await.refused(401, "UNAUTHORIZED");
        front.post("/revoke-session", json!({ "token": "x" })).await.refused(401, "UNAUTHORIZED");
        front.post("/revoke-sessions", json!({})).await.refused(401, "UNAUTHORIZED");
        front.post("/revoke-other-sessions", json!({})).await.refused(401, "UNAUTHORIZED");
        assert_eq!(house.rows().await, before);
    }
}
