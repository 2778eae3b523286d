//! `POST /delete-user` and `GET /delete-user/callback`.

use chrono::TimeDelta;
use entity::value::LetterKind;
use serde_json::{Value, json};

use super::front::{Front, SESSION};
use crate::{
    accounts::proving::{found, newest},
    support::{database::both, house::House},
};

const PATH: &str = "/delete-user";

both! {
    async fn shuts_the_account_and_leaves_a_way_back(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut front = Front::signed_in(&house).await;
        let mut other = Front::signed_in(&house).await;
        house.turn(TimeDelta::hours(1));
        let answer = front.post(PATH, json!({ "password": person.password, "callbackURL": "/bye" })).await;
        assert_eq!(answer.ok(), json!({ "success": true, "message": "User deleted" }));
        assert_eq!(front.jar.value(SESSION), None);
        assert_eq!(other.session().await, Value::Null);
        let typed = json!({ "email": person.email, "password": person.password });
        front.post("/sign-in/email", typed).await.refused(401, "INVALID_EMAIL_OR_PASSWORD");
        let row = found(&house, person.email).await.expect("a row until the days are over");
        assert!(row.disabled_at.is_some() && row.deletes_at.is_some());
        newest(&house, LetterKind::AccountLeaving).await;
    }

    async fn needs_no_password_right_after_signing_in(db: Database) {
        let house = House::new(db).await;
        let mut front = Front::signed_in(&house).await;
        house.turn(TimeDelta::minutes(11));
        let problem = front.post(PATH, json!({})).await.refused(400, "SESSION_EXPIRED");
        assert_eq!(problem["message"], "Session expired. Re-authenticate to perform this action.");
        assert!(front.session().await.is_object());
        let mut again = Front::signed_in(&house).await;
        assert_eq!(again.post(PATH, json!({})).await.ok()["success"], true);
        assert_eq!(front.session().await, Value::Null);
    }

    async fn removes_at_once_where_nobody_waits(db: Database) {
        let house = House::with(db, |config| config.accounts.removal_days = 0).await;
        let mut front = Front::signed_in(&house).await;
        front.post(PATH, json!({})).await.is(200);
        assert_eq!(house.rows().await["user"], 0);
    }

    async fn what_is_not_fit_changes_nothing(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut front = Front::signed_in(&house).await;
        let user = found(&house, person.email).await;
        for (body, status, code) in [
            (json!({ "password": "wrong" }), 400, "INVALID_PASSWORD"),
            (json!({ "password": 1 }), 400, "VALIDATION_ERROR"),
            (json!({ "token": "nothing" }), 404, "INVALID_TOKEN"),
            (json!({ "password": person.password, "token": "nothing" }), 404, "INVALID_TOKEN"),
            (json!({ "callbackURL": "https://evil.example" }), 403, "INVALID_CALLBACK_URL"),
        ] {
            front.post(PATH, body).await.refused(status, code);
        }
        assert_eq!(found(&house, person.email).await, user);
        Front::new(&house).post(PATH, json!({ "password": person.password })).await.refused(401, "UNAUTHORIZED");
    }

    async fn no_letter_asks_so_no_link_works(db: Database) {
        let house = House::new(db).await;
        let mut front = Front::signed_in(&house).await;
        let path = format!("{PATH}/callback?token=x&callbackURL=/bye");
        front.get(&path).await.refused(404, "INVALID_TOKEN");
        front.get(&format!("{PATH}/callback?token=x&callbackURL=//evil.example")).await
            .refused(403, "INVALID_CALLBACK_URL");
        let problem = Front::new(&house).get(&path).await.refused(404, "FAILED_TO_GET_USER_INFO");
        assert_eq!(problem["message"], "Failed to get user info");
        assert!(front.session().await.is_object());
    }
}
