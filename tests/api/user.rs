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

    async fn changes_the_picture(db: Database) {
        let house = House::new(db).await;
        let mut front = Front::signed_in(&house).await;
        let name = front.session().await["user"]["name"].clone();
        for (sent, kept) in [
            (json!("https://example.com/a.png"), json!("https://example.com/a.png")),
            (Value::Null, Value::Null),
            (json!("http://example.com/b.png"), json!("http://example.com/b.png")),
            (json!(""), Value::Null),
        ] {
            assert_eq!(front.post(PATH, json!({ "image": sent })).await.ok(), json!({ "status": true }));
            let user = front.session().await["user"].clone();
            assert_eq!((&user["image"], &user["name"]), (&kept, &name));
        }
        let both = json!({ "name": "Ada King", "image": "https://example.com/a.png" });
        front.post(PATH, both).await.is(200);
        let user = front.session().await["user"].clone();
        assert_eq!((&user["name"], &user["image"]), (&json!("Ada King"), &json!("https://example.com/a.png")));
    }

    async fn what_is_not_fit_changes_nothing(db: Database) {
        let house = House::new(db).await;
        let mut front = Front::signed_in(&house).await;
        let before = (house.rows().await, front.session().await["user"].clone());
        for (body, code) in [
            (json!({}), "NO_FIELDS_TO_UPDATE"),
            (json!({ "name": null }), "NO_FIELDS_TO_UPDATE"),
            (json!({ "other": "a", "role": "admin", "emailVerified": true }), "NO_FIELDS_TO_UPDATE"),
            (json!({ "image": "javascript:alert(1)" }), "VALIDATION_ERROR"),
            (json!({ "image": "https://eve@example.com/a.png" }), "VALIDATION_ERROR"),
            (json!({ "name": "Eve", "image": "a.png" }), "VALIDATION_ERROR"),
            (json!({ "image": 1 }), "VALIDATION_ERROR"),
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
