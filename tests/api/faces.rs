//! What is said where there is no door, and what the API says of the server.

use doorward::{http::document::document, paths};
use poem::http::Method;
use serde_json::json;

use super::front::Front;
use crate::support::{call::Call, database::both, house::House};

both! {
    async fn no_such_endpoint(db: Database) {
        let house = House::new(db).await;
        for path in [
            "/api",
            "/api/",
            "/api/nowhere",
            "/api/authority",
        ] {
            house.get(path).await.refused(404, "NOT_FOUND");
            house.post(path).body("application/json", "{}").await.refused(404, "NOT_FOUND");
        }
        for path in [
            "/api/auth",
            "/api/auth/",
            "/api/auth/nowhere",
            "/api/auth/ok/",
            "/api/auth//ok",
            "/api/auth/%6fk",
            "/api/auth/../auth/nowhere",
            "/api/auth/%00",
        ] {
            house.get(path).await.nothing();
            house.post(path).body("application/json", "{}").await.nothing();
        }
    }

    async fn another_method(db: Database) {
        let house = House::new(db).await;
        let front = Front::signed_in(&house).await;
        for (path, item) in document()["paths"].as_object().expect("paths") {
            // The admin API says nothing of itself to whoever has no token.
            if !path.starts_with("/api/") || path.starts_with(paths::API_ADMIN) {
                continue;
            }
            let in_contract = path.starts_with(paths::API_AUTH);
            let taken: Vec<String> =
                item.as_object().expect("operations").keys().map(|name| name.to_uppercase()).collect();
            for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS, Method::HEAD] {
                if taken.contains(&method.to_string()) {
                    continue;
                }
                let origin = house.app.config.server.origin();
                let call = Call::new(house.doors.clone(), method.clone(), house.url(path)).header("Origin", &origin);
                let answer = call.await;
                if path == paths::API_GET_SESSION && method == Method::POST {
                    answer.refused(405, "METHOD_NOT_ALLOWED_DEFER_SESSION_REQUIRED");
                    answer.has("Allow", |allow| allow == "GET");
                } else if in_contract {
                    answer.nothing();
                } else if method != Method::HEAD {
                    answer.refused(405, "METHOD_NOT_ALLOWED");
                    answer.has("Allow", |allow| allow == taken.join(", "));
                }
            }
        }
        // What a client sends that has nothing to change.
        front.call(Method::GET, "/update-user").await.nothing();
    }

    async fn the_server_is_well(db: Database) {
        let house = House::new(db).await;
        assert_eq!(Front::new(&house).get("/ok").await.ok(), json!({ "ok": true }));
        for path in [paths::LIVEZ, paths::READYZ] {
            let answer = house.get(path).await;
            answer.is(200).has("Content-Type", |kind| kind.starts_with("text/plain"));
            assert!(document()["paths"][path]["get"]["responses"]["200"].is_object());
        }
    }

    async fn the_keys_are_those_of_the_protocol(db: Database) {
        let house = House::new(db).await;
        let own = Front::new(&house).get("/jwks").await;
        assert_eq!(own.ok(), house.get(paths::JWKS).await.ok());
        own.has("Cache-Control", |rule| rule == "public, max-age=300");
        let tag = own.header("ETag").to_owned();
        house.get("/api/auth/jwks").header("If-None-Match", &tag).await.is(304);
    }

    async fn an_error_that_nobody_else_can_tell_is_told_by_a_page(db: Database) {
        let house = House::new(db).await;
        let told = house.get("/api/auth/error?error=state_mismatch").await;
        told.shown(200, "This could not be done").has("Cache-Control", |rule| rule == "no-store");
        assert!(told.page().text.contains("state_mismatch"), "{}", told.told());
        for odd in ["%3Cscript%3E", "call+0900+123", &"x".repeat(65), ""] {
            let told = house.get(&format!("/api/auth/error?error={odd}")).await;
            told.shown(200, "This could not be done");
            assert!(!told.body.contains("Code</dt>"), "{}", told.told());
        }
        house.get("/api/auth/error").await.shown(200, "This could not be done");
    }
}
