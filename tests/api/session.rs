//! `GET /get-session`.

use chrono::TimeDelta;
use doorward::http::document::document;
use serde_json::Value;

use super::front::{Front, SESSION};
use crate::support::{database::both, house::House};

both! {
    async fn tells_who_is_signed_in(db: Database) {
        let house = House::new(db).await;
        let mut front = Front::signed_in(&house).await;
        let answer = front.get("/get-session?disableCookieCache=true&disableRefresh=true").await;
        answer.has("Cache-Control", |rule| rule == "no-store").has("Pragma", |rule| rule == "no-cache");
        let own = answer.ok();
        assert_eq!(own["user"]["email"], house.person().await.email);
        let session = &own["session"];
        assert_eq!(session["userId"], own["user"]["id"]);
        // A handle, not the cookie.
        assert_eq!(session["token"], session["id"]);
        assert_eq!(session["userAgent"], "Doorward/Test");
        assert_eq!(session["ipAddress"], "127.0.0.1");
        assert!(session["expiresAt"].as_str() > session["createdAt"].as_str());
    }

    async fn is_proven_by_the_cookie_that_the_document_names(db: Database) {
        let house = House::with(db, |config| config.server.issuer = "https://op.example".to_owned()).await;
        let front = Front::signed_in(&house).await;
        let scheme = &document()["components"]["securitySchemes"]["session"];
        let name = scheme["name"].as_str().expect("a name");
        assert_eq!(name, format!("__Host-{SESSION}"));
        assert!(front.jar.value(name).is_some());
    }

    async fn is_null_for_strangers(db: Database) {
        let house = House::new(db).await;
        let answer = house.get("/api/auth/get-session").await;
        assert_eq!(answer.ok(), Value::Null);
        answer.has("Set-Cookie", str::is_empty);
    }

    async fn a_cookie_that_is_worth_nothing_is_taken_away(db: Database) {
        let house = House::new(db).await;
        let mut front = Front::signed_in(&house).await;
        let good = front.jar.value(SESSION).expect("a cookie").to_owned();
        let tampered = good.chars().rev().collect::<String>();
        for value in ["x", "", &good[1..], &tampered] {
            front.jar.take(&format!("{SESSION}={value}; Path=/"), house.app.clock.now());
            assert_eq!(front.session().await, Value::Null, "{value}");
            assert_eq!(front.jar.value(SESSION), None, "{value}");
        }
        front.jar.take(&format!("{SESSION}={good}; Path=/"), house.app.clock.now());
        assert!(front.session().await.is_object());
    }

    async fn ends_when_it_is_not_used(db: Database) {
        let house = House::new(db).await;
        let mut front = Front::signed_in(&house).await;
        let idle = house.app.config.sessions.idle();
        let first = front.session().await;
        house.turn(idle - TimeDelta::minutes(1));
        assert_eq!(front.session().await["session"]["id"], first["session"]["id"]);
        let moved = front.session().await;
        assert!(moved["session"]["expiresAt"].as_str() > first["session"]["expiresAt"].as_str());
        house.turn(idle + TimeDelta::seconds(1));
        assert_eq!(front.session().await, Value::Null);
        assert_eq!(front.jar.value(SESSION), None);
    }
}
