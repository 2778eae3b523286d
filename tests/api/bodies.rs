//! Bodies that are no JSON, too much, or too odd: at every endpoint that takes one.

use chrono::TimeDelta;
use doorward::http::document::document;
use poem::http::Method;
use serde_json::{Value, json};

use super::front::Front;
use crate::support::{answer::Answer, browser::STRANGER, call::Call, database::both, house::House};

/// The paths below `/api/auth` that take a body.
fn posts() -> Vec<&'static str> {
    let paths = document()["paths"].as_object().expect("paths").iter();
    let posts = paths.filter(|(_, item)| item.get("post").is_some());
    let posts: Vec<&str> = posts
        .filter_map(|(path, _)| path.strip_prefix("/api/auth"))
        .collect();
    assert!(posts.len() >= 8, "{posts:?}");
    posts
}

/// Where somebody signs in or up, and every request has to say which page it came from.
fn takes_forms(answer: &Answer) -> bool {
    let path = answer.url.path();
    path.ends_with("/sign-in/email") || path.ends_with("/sign-up/email")
}

/// Sends the same to each of them, signed in.
async fn everywhere(house: &House, with: impl Fn(Call) -> Call) -> Vec<Answer> {
    let front = Front::signed_in(house).await;
    // Not so lately that they could leave by an empty body.
    house.turn(TimeDelta::minutes(11));
    let mut answers = Vec::new();
    for path in posts() {
        answers.push(with(front.call(Method::POST, path)).await);
    }
    answers
}

both! {
    async fn cs_6_only_json_is_read(db: Database) {
        let house = House::new(db).await;
        for kind in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/problem+json",
            "application/jsonp",
            "nonsense",
            "",
        ] {
            for answer in everywhere(&house, |call| call.body(kind, r#"{"email":"a@b.example"}"#)).await {
                if kind.ends_with("urlencoded") && takes_forms(&answer) {
                    // Read as the form that it says it is.
                    answer.refused(400, "VALIDATION_ERROR");
                    continue;
                }
                let problem = answer.refused(415, "UNSUPPORTED_MEDIA_TYPE");
                assert!(problem["message"].as_str().is_some_and(|text| text.contains(kind)));
            }
        }
        let twice = |call: Call| call.body("application/json", "{}").header("Content-Type", "text/plain");
        for answer in everywhere(&house, twice).await {
            answer.refused(415, "UNSUPPORTED_MEDIA_TYPE");
        }
        assert_eq!(house.rows().await["session"], 8);
    }

    async fn cs_1_a_form_signs_in_from_pages_of_ours_only(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let typed = [("email", person.email), ("password", person.password)];
        let before = house.rows().await;
        let path = "/api/auth/sign-in/email";
        house.post(path).form(&typed).header("Origin", STRANGER).await.refused(403, "INVALID_ORIGIN");
        house.post(path).form(&typed).header("Sec-Fetch-Site", "cross-site").header("Sec-Fetch-Mode", "navigate")
            .header("Origin", STRANGER).await.refused(403, "CROSS_SITE_NAVIGATION_LOGIN_BLOCKED");
        house.post(path).form(&typed).header("Origin", "null").await.refused(403, "MISSING_OR_NULL_ORIGIN");
        assert_eq!(house.rows().await, before);
        let mut front = Front::new(&house);
        let call = front.call(Method::POST, "/sign-in/email").form(&typed);
        assert_eq!(front.send(call).await.ok()["user"]["email"], person.email);
        let with = |more: (&'static str, &'static str)| [typed[0], typed[1], more];
        let call = front.call(Method::POST, "/sign-in/email").form(&with(("rememberMe", "true")));
        let problem = front.send(call).await.refused(400, "VALIDATION_ERROR");
        assert_eq!(problem["message"], "[body.rememberMe] Invalid input: expected boolean, received string");
        let call = front.call(Method::POST, "/sign-in/email").form(&with(("callbackURL", "https://evil.example")));
        front.send(call).await.refused(403, "INVALID_CALLBACK_URL");
    }

    async fn broken_json_is_told_and_not_quoted(db: Database) {
        let house = House::new(db).await;
        let deep = "[".repeat(10_000);
        for body in ["{", "{\"password\":\"hunter2", "\u{feff}{}", "{} {}", "nul", "{\"a\":\"\\ud800\"}", &deep] {
            for answer in everywhere(&house, |call| call.body("application/json", body)).await {
                let problem = answer.refused(400, "BAD_REQUEST");
                assert_eq!(problem["message"], "Invalid JSON in request body");
            }
        }
        for answer in everywhere(&house, |call| call.body("application/json", b"{\"a\":\"\xff\"}".to_vec())).await {
            answer.refused(400, "BAD_REQUEST");
        }
    }

    async fn a_body_must_be_an_object(db: Database) {
        let house = House::new(db).await;
        for (body, kind) in [("[]", "array"), ("null", "null"), ("1", "number"), ("\"a\"", "string")] {
            for answer in everywhere(&house, |call| call.body("application/json", body)).await {
                let problem = answer.refused(400, "VALIDATION_ERROR");
                let told = format!("[body] Invalid input: expected object, received {kind}");
                assert_eq!(problem["message"], told.as_str());
            }
        }
        let nothing = Front::new(&house).call(Method::POST, "/sign-in/email").await;
        let problem = nothing.refused(400, "VALIDATION_ERROR");
        assert_eq!(problem["message"], "[body] Invalid input: expected object, received undefined");
    }

    async fn too_much_is_not_read(db: Database) {
        let house = House::new(db).await;
        let body = |length: usize| {
            let mut body = json!({ "email": "a@b.example" }).to_string();
            body.push_str(&" ".repeat(length - body.len()));
            body
        };
        for answer in everywhere(&house, |call| call.body("application/json", body(65_537))).await {
            answer.refused(413, "PAYLOAD_TOO_LARGE");
        }
        for answer in everywhere(&house, |call| call.body("application/json", body(65_536))).await {
            assert_ne!(answer.status, 413, "{}", answer.told());
        }
        // A length that lies, in either direction.
        let lies = |call: Call| {
            call.header("Content-Length", "999999999999999999999")
                .header("Content-Type", "application/json")
        };
        for answer in everywhere(&house, lies).await {
            assert!(answer.status < 500, "{}", answer.told());
        }
    }

    async fn every_field_of_every_kind_gets_an_answer(db: Database) {
        let house = House::new(db).await;
        let front = Front::signed_in(&house).await;
        let odd = [
            Value::Null,
            json!(true),
            json!(-1.5e300),
            json!(18_446_744_073_709_551_615_u64),
            json!(""),
            json!("\u{0}\u{202e}\u{10ffff}"),
            json!("x".repeat(5000)),
            json!([[[]]]),
            json!({ "$ne": null }),
        ];
        let names = [
            "name", "email", "password", "image", "rememberMe", "callbackURL", "token", "currentPassword",
            "newPassword", "revokeOtherSessions", "__proto__", "constructor",
        ];
        for path in ["/sign-up/email", "/sign-in/email", "/change-password", "/update-user", "/revoke-session"] {
            for value in &odd {
                let all = names.iter().map(|name| ((*name).to_owned(), value.clone()));
                let body = Value::Object(all.collect()).to_string();
                let answer = front.call(Method::POST, path).body("application/json", body).await;
                assert!(answer.status < 500, "{path} {value}: {}", answer.told());
            }
        }
    }

    async fn or_1_or_5_places_to_go_on_to_are_checked_everywhere(db: Database) {
        let house = House::new(db).await;
        for (name, code) in [
            ("callbackURL", "INVALID_CALLBACK_URL"),
            ("redirectTo", "INVALID_REDIRECT_URL"),
            ("errorCallbackURL", "INVALID_ERROR_CALLBACK_URL"),
            ("newUserCallbackURL", "INVALID_NEW_USER_CALLBACK_URL"),
        ] {
            let body = json!({ name: "https://evil.example" }).to_string();
            for answer in everywhere(&house, |call| call.body("application/json", body.as_str())).await {
                answer.refused(403, code);
            }
            let front = Front::signed_in(&house).await;
            let path = format!("/sign-out?{name}=%2F%2Fevil.example");
            front.call(Method::POST, &path).await.refused(403, code);
            front.call(Method::POST, "/sign-out").body("application/json", json!({ name: 1 }).to_string()).await
                .refused(400, "VALIDATION_ERROR");
        }
    }
}
