//! `set-auth-token` and `Authorization: Bearer`: apps that keep the secret of a session themselves,
//! where the operator lets them.

use poem::http::Method;
use serde_json::{Value, json};

use super::front::{Front, SESSION};
use crate::support::{browser::STRANGER, database::both, house::House};

/// Signs in as an app does, without cookies. The secret.
async fn secret(house: &House) -> String {
    let person = house.person().await;
    let typed = json!({ "email": person.email, "password": person.password }).to_string();
    let answer = house
        .post("/api/auth/sign-in/email")
        .body("application/json", typed)
        .await;
    let secret = answer.header("set-auth-token").to_owned();
    assert_eq!(answer.ok()["token"], secret.as_str());
    secret
}

both! {
    async fn is_off_unless_the_operator_wants_it(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut front = Front::new(&house);
        let typed = json!({ "email": person.email, "password": person.password });
        let answer = front.post("/sign-in/email", typed).await;
        answer.has("set-auth-token", str::is_empty);
        let secret = front.jar.value(SESSION).expect("a cookie").to_owned();
        assert_ne!(answer.ok()["token"], secret.as_str());
        assert_eq!(house.get("/api/auth/get-session").bearer(&secret).await.ok(), Value::Null);
    }

    async fn signs_in_an_app_without_cookies(db: Database) {
        let house = House::with(db, |config| config.api.bearer = true).await;
        let secret = secret(&house).await;
        let own = house.get("/api/auth/get-session").bearer(&secret).await.ok();
        assert_eq!(own["user"]["email"], house.person().await.email);
        // The handle, as for everybody.
        assert_eq!(own["session"]["token"], own["session"]["id"]);
        let lower = house.get("/api/auth/get-session").header("Authorization", &format!("bearer {secret}")).await;
        assert_eq!(lower.ok()["session"]["id"], own["session"]["id"]);
        house.get("/api/auth/token").bearer(&secret).await.is(200);
        // No cookie, so nothing that a page of somebody else could borrow.
        let rename = json!({ "name": "Ada King" }).to_string();
        house.post("/api/auth/update-user").bearer(&secret).header("Origin", STRANGER)
            .body("application/json", rename).await.is(200);
        house.post("/api/auth/sign-out").bearer(&secret).body("application/json", "{}").await.is(200);
        assert_eq!(house.get("/api/auth/get-session").bearer(&secret).await.ok(), Value::Null);
    }

    async fn a_new_secret_is_told_and_the_one_before_is_worth_nothing(db: Database) {
        let house = House::with(db, |config| config.api.bearer = true).await;
        let person = house.person().await;
        let old = secret(&house).await;
        let typed = json!({
            "currentPassword": person.password, "newPassword": "eleven herons by the mill", "revokeOtherSessions": true,
        });
        let changed = house.post("/api/auth/change-password").bearer(&old)
            .body("application/json", typed.to_string()).await;
        let new = changed.header("set-auth-token");
        assert_eq!(changed.ok()["token"], new);
        assert_eq!(house.get("/api/auth/get-session").bearer(&old).await.ok(), Value::Null);
        assert!(house.get("/api/auth/get-session").bearer(new).await.ok().is_object());
    }

    async fn what_is_no_secret_is_not_looked_at(db: Database) {
        let house = House::with(db, |config| config.api.bearer = true).await;
        let front = Front::signed_in(&house).await;
        for odd in ["Bearer x", "Bearer", "Basic YTpi", "Bearer eyJhbGciOiJub25lIn0.e30.", ""] {
            let answer = front.call(Method::GET, "/get-session").header("Authorization", odd).await;
            assert!(answer.ok().is_object(), "{odd}");
        }
        // The pages know cookies only.
        let secret = secret(&house).await;
        assert_eq!(house.get("/account").bearer(&secret).await.status, 303);
    }
}
