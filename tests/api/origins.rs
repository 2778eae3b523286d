//! Whose pages may act through the API: ours, and programs that have no cookies to borrow.

use poem::http::Method;
use serde_json::json;

use super::front::Front;
use crate::support::{browser::STRANGER, database::both, house::House};

both! {
    async fn a_page_of_another_site_cannot_act_as_the_person(db: Database) {
        let house = House::new(db).await;
        let front = Front::signed_in(&house).await;
        let cookies = front.jar.header("/", false, house.app.clock.now()).expect("cookies");
        let before = house.rows().await;
        for path in ["/sign-out", "/revoke-sessions", "/change-password", "/update-user", "/sign-in/email"] {
            let call = || house.post(&format!("/api/auth{path}")).header("Cookie", &cookies)
                .body("application/json", r#"{"name":"Eve"}"#);
            call().header("Origin", STRANGER).await.refused(403, "INVALID_ORIGIN");
            call().header("Referer", &format!("{STRANGER}/http://localhost:8080")).await
                .refused(403, "INVALID_ORIGIN");
            call().await.refused(403, "MISSING_OR_NULL_ORIGIN");
            call().header("Origin", "null").header("Sec-Fetch-Site", "cross-site").await
                .refused(403, "MISSING_OR_NULL_ORIGIN");
            call().header("Origin", "http://localhost:8081").await.refused(403, "INVALID_ORIGIN");
        }
        assert_eq!(house.rows().await, before);
    }

    async fn nor_sign_anybody_in_as_somebody_else(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let before = house.rows().await;
        let typed = json!({ "email": person.email, "password": person.password }).to_string();
        let call = || house.post("/api/auth/sign-in/email").body("application/json", typed.as_str());
        call().header("Origin", STRANGER).await.refused(403, "INVALID_ORIGIN");
        call().header("Sec-Fetch-Site", "cross-site").await.refused(403, "MISSING_OR_NULL_ORIGIN");
        call().header("Sec-Fetch-Site", "cross-site").header("Sec-Fetch-Mode", "navigate").await
            .refused(403, "CROSS_SITE_NAVIGATION_LOGIN_BLOCKED");
        assert_eq!(house.rows().await, before);
        // The path in another spelling is another path.
        for path in ["/api/auth/sign%2Din/email", "/api/auth//sign-in/email", "/api/auth/sign-in/email/"] {
            house.post(path).header("Origin", STRANGER).body("application/json", typed.as_str()).await
                .refused(404, "NOT_FOUND");
        }
    }

    async fn a_program_without_cookies_may(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let typed = json!({ "email": person.email, "password": person.password }).to_string();
        house.post("/api/auth/sign-in/email").body("application/json", typed).await.ok();
        house.post("/api/auth/sign-out").header("Origin", STRANGER).await.ok();
    }

    async fn no_page_of_another_origin_may_read_an_answer(db: Database) {
        let house = House::new(db).await;
        let front = Front::signed_in(&house).await;
        for path in ["/get-session", "/list-sessions", "/ok", "/jwks", "/nowhere"] {
            let answer = front.call(Method::GET, path).header("Origin", STRANGER).await;
            assert!(answer.header("Access-Control-Allow-Origin").is_empty(), "{}", answer.told());
            let preflight = front.call(Method::OPTIONS, path).header("Origin", STRANGER)
                .header("Access-Control-Request-Method", "GET").await;
            assert!(preflight.header("Access-Control-Allow-Origin").is_empty(), "{}", preflight.told());
        }
    }
}
