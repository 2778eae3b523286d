//! `POST /update-user` and `GET /list-accounts`.

use serde_json::{Value, json};

use super::front::Front;
use crate::support::{database::both, house::House};

const PATH: &str = "/update-user";

both! {
    async fn changes_the_name(db: Database) {
        let house = House::new(db).await;
        let mut front = Front::signed_in(&house).await;
        for (sent, kept) in [("Ada King", "Ada King"), ("  Ada \u{1f44b} ", "Ada \u{1f44b}"), ("", "")] {
            let done = front.post(PATH, json!({ "name": sent, "role": "admin" })).await;
            assert_eq!(done.ok(), json!({ "status": true }));
            assert_eq!(front.session().await["user"]["name"], kept);
        }
    }

    async fn what_is_not_fit_changes_nothing(db: Database) {
        let house = House::new(db).await;
        let mut front = Front::signed_in(&house).await;
        let before = (house.rows().await, front.session().await["user"].clone());
        for (body, code) in [
            (json!({}), "NO_FIELDS_TO_UPDATE"),
            (json!({ "name": null }), "NO_FIELDS_TO_UPDATE"),
            (json!({ "image": "https://example.com/a.png" }), "NO_FIELDS_TO_UPDATE"),
            (json!({ "name": "Eve", "email": "eve@example.com" }), "EMAIL_CAN_NOT_BE_UPDATED"),
            (json!({ "name": ["Eve"] }), "VALIDATION_ERROR"),
            (json!({ "name": "Eve\u{202e}" }), "VALIDATION_ERROR"),
            (json!({ "name": "x".repeat(201) }), "VALIDATION_ERROR"),
            (json!(["name"]), "VALIDATION_ERROR"),
        ] {
            front.post(PATH, body).await.refused(400, code);
        }
        assert_eq!((house.rows().await, front.session().await["user"].clone()), before);
        Front::new(&house).post(PATH, json!({ "name": "Eve" })).await.refused(401, "UNAUTHORIZED");
    }

    async fn lists_the_ways_in(db: Database) {
        let house = House::new(db).await;
        let mut front = Front::signed_in(&house).await;
        let user = front.session().await["user"].clone();
        let list = front.get("/list-accounts").await.ok();
        let [account] = list.as_array().expect("a list").as_slice() else {
            panic!("one way in: {list}");
        };
        assert_eq!(account["providerId"], "credential");
        assert_eq!((&account["accountId"], &account["userId"]), (&user["id"], &user["id"]));
        assert_eq!(account["scopes"], json!([]));
        let secret = ["password", "accessToken", "refreshToken", "idToken"];
        assert!(secret.iter().all(|name| account.get(name).is_none()), "{account}");
        let refused = Front::new(&house).get("/list-accounts").await.refused(401, "UNAUTHORIZED");
        assert_eq!(refused["message"], Value::from("Unauthorized"));
    }
}
