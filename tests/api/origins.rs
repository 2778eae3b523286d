//! Whose pages may act through the API: ours, and programs that have no cookies to borrow.

use poem::http::Method;
use serde_json::json;

use super::front::Front;
use crate::support::{browser::STRANGER, database::both, house::House};

const APP: &str = "https://app.example";

fn trusted() -> doorward::config::Origins {
    vec![APP.to_owned()].into()
}

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
            house.post(path).header("Origin", STRANGER).body("application/json", typed.as_str()).await.nothing();
        }
    }

    async fn a_program_without_cookies_may(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let typed = json!({ "email": person.email, "password": person.password }).to_string();
        house.post("/api/auth/sign-in/email").body("application/json", typed).await.ok();
        house.post("/api/auth/sign-out").header("Origin", STRANGER).await.ok();
    }

    async fn cr_1_no_page_of_another_origin_may_read_an_answer(db: Database) {
        let house = House::with(db, |config| config.api.trusted_origins = trusted()).await;
        let front = Front::signed_in(&house).await;
        for path in ["/get-session", "/list-sessions", "/ok", "/token", "/error", "/nowhere"] {
            let answer = front.call(Method::GET, path).header("Origin", STRANGER).await;
            assert!(answer.header("Access-Control-Allow-Origin").is_empty(), "{}", answer.told());
            let preflight = front.call(Method::OPTIONS, path).header("Origin", STRANGER)
                .header("Access-Control-Request-Method", "GET").await;
            preflight.nothing();
            assert!(preflight.header("Access-Control-Allow-Origin").is_empty(), "{}", preflight.told());
            // A twin of one that is trusted.
            for twin in ["http://app.example", "https://app.example:8443", "https://app.example.evil.example", "null"] {
                let answer = front.call(Method::GET, path).header("Origin", twin).await;
                assert!(answer.header("Access-Control-Allow-Origin").is_empty(), "{twin}: {}", answer.told());
                answer.has("Vary", |vary| vary == "Origin");
            }
        }
        // What is public is for everybody, and never with cookies.
        let keys = front.call(Method::GET, "/jwks").header("Origin", STRANGER).await;
        keys.has("Access-Control-Allow-Origin", |origin| origin == "*");
        keys.has("Access-Control-Allow-Credentials", str::is_empty);
    }

    async fn a_trusted_origin_may_act_and_read(db: Database) {
        let house = House::with(db, |config| config.api.trusted_origins = trusted()).await;
        let person = house.person().await;
        let mut front = Front::elsewhere(&house, APP);
        let preflight = front.call(Method::OPTIONS, "/sign-in/email")
            .header("Access-Control-Request-Method", "POST")
            .header("Access-Control-Request-Headers", "content-type").await;
        preflight.is(204).has("Access-Control-Allow-Methods", |all| all == "GET, POST, OPTIONS")
            .has("Access-Control-Allow-Headers", |all| all == "content-type, authorization");
        let typed = json!({ "email": person.email, "password": person.password, "callbackURL": "https://app.example/in" });
        let signed_in = front.post("/sign-in/email", typed).await;
        assert_eq!(signed_in.ok()["url"], "https://app.example/in");
        let session = front.get("/get-session").await;
        assert_eq!(session.ok()["user"]["email"], person.email);
        let wrong = front.post("/verify-password", json!({ "password": "no" })).await;
        wrong.refused(400, "INVALID_PASSWORD");
        let nowhere = front.get("/nowhere").await;
        nowhere.nothing();
        let outside = front.get("/jwks").await;
        for answer in [preflight, signed_in, session, wrong, nowhere, outside] {
            answer.has("Access-Control-Allow-Origin", |origin| origin == APP)
                .has("Access-Control-Allow-Credentials", |word| word == "true")
                .has("Vary", |vary| vary == "Origin");
            if answer.status != 204 {
                answer.has("Access-Control-Expose-Headers", |all| all.contains("x-retry-after"));
            }
        }
        // The pages that people see are not for other origins.
        let page = house.get("/account").header("Origin", APP).await;
        assert!(page.header("Access-Control-Allow-Origin").is_empty(), "{}", page.told());
        assert_eq!(front.post("/sign-out", json!({})).await.ok(), json!({ "success": true }));
    }
}
