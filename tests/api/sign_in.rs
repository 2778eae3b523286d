//! `POST /sign-in/email` and `POST /sign-out`.

use entity::value::LetterKind;
use serde_json::{Value, json};

use super::front::{Front, SESSION};
use crate::accounts::proving::{add, letters, proven_first};
use crate::pages::world::GRACE;
use crate::support::{database::both, house::House};

const PATH: &str = "/sign-in/email";

both! {
    async fn signs_the_browser_in(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut front = Front::new(&house);
        let typed = json!({ "email": " ADA@example.com ", "password": person.password });
        let answer = front.post(PATH, typed).await;
        answer.has("Set-Cookie", |cookie| cookie.contains("; Max-Age="));
        let signed_in = answer.ok();
        assert_eq!(signed_in["redirect"], false);
        assert!(signed_in.get("url").is_none());
        assert_eq!(signed_in["user"]["email"], person.email);
        assert_eq!(signed_in["user"]["emailVerified"], true);
        assert_eq!(front.session().await["session"]["token"], signed_in["token"]);

        // Once more: the same session, a new cookie, and the old one is worth nothing.
        let old = front.jar.clone();
        let typed = json!({ "email": person.email, "password": person.password });
        let again = front.post(PATH, typed).await.ok();
        assert_eq!(again["token"], signed_in["token"]);
        assert_ne!(front.jar.value(SESSION), old.value(SESSION));
        front.jar = old;
        assert_eq!(front.session().await, Value::Null);
    }

    async fn goes_on_to_where_the_client_asked_if_that_is_trusted(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut front = Front::new(&house);
        let typed = |url: &str| json!({ "email": person.email, "password": person.password, "callbackURL": url });
        for url in ["/account?a=b", "http://localhost:8080/account"] {
            let answer = front.post(PATH, typed(url)).await;
            let signed_in = answer.ok();
            assert_eq!((&signed_in["redirect"], &signed_in["url"]), (&json!(true), &json!(url)));
            answer.has("Location", |to| to == url);
        }
        let empty = front.post(PATH, typed("")).await;
        assert_eq!(empty.has("Location", str::is_empty).ok()["redirect"], false);
        for url in ["https://evil.example", "//evil.example", "javascript:alert(1)"] {
            front.post(PATH, typed(url)).await.refused(403, "INVALID_CALLBACK_URL");
        }
    }

    async fn may_be_forgotten_when_the_browser_closes(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut front = Front::new(&house);
        let typed = json!({ "email": person.email, "password": person.password, "rememberMe": false });
        let answer = front.post(PATH, typed).await;
        answer.has("Set-Cookie", |cookie| !cookie.contains("Max-Age"));
        assert_eq!(front.session().await["user"]["email"], person.email);
    }

    async fn who_has_to_prove_the_address_first_is_not_let_in(db: Database) {
        let house = proven_first(db).await;
        add(&house, GRACE, false).await;
        let mut front = Front::new(&house);
        let typed = |password: &str| json!({ "email": GRACE.email, "password": password });
        front.post(PATH, typed("not the password")).await.refused(401, "INVALID_EMAIL_OR_PASSWORD");
        assert!(letters(&house, LetterKind::VerifyEmail).await.is_empty());
        front.post(PATH, typed(GRACE.password)).await.refused(403, "EMAIL_NOT_VERIFIED");
        assert_eq!(letters(&house, LetterKind::VerifyEmail).await.len(), 1);
        assert_eq!(front.jar.value(SESSION), None);
        assert_eq!(front.session().await, Value::Null);
        assert_eq!(house.rows().await["session"], 0);
    }

    async fn tells_nobody_which_was_wrong(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let before = house.rows().await;
        let mut front = Front::new(&house);
        let mut told = Vec::new();
        for (email, password) in [
            (person.email, "not the password"),
            ("nobody@example.com", person.password),
            (person.email, ""),
            (person.email, &"x".repeat(2000)),
        ] {
            let answer = front.post(PATH, json!({ "email": email, "password": password })).await;
            let mut problem = answer.refused(401, "INVALID_EMAIL_OR_PASSWORD");
            answer.has("WWW-Authenticate", |challenge| !challenge.is_empty());
            problem["requestId"] = Value::Null;
            told.push(problem);
        }
        assert!(told.windows(2).all(|two| two[0] == two[1]), "{told:?}");
        let mut after = house.rows().await;
        // A failed sign-in is an event, for whoever looks after the server; and it is counted, for the
        // two addresses and for the network with what it has tried.
        for (table, more) in [("event", 4), ("failure_counter", 2), ("limit_counter", 4)] {
            assert_eq!(after.insert(table.to_owned(), before[table]), Some(before[table] + more), "{table}");
        }
        assert_eq!(after, before);
    }

    async fn what_is_not_fit_leaves_no_row(db: Database) {
        let house = House::new(db).await;
        let before = house.rows().await;
        let mut front = Front::new(&house);
        for (body, code) in [
            (json!({}), "VALIDATION_ERROR"),
            (json!({ "email": "ada@example.com" }), "VALIDATION_ERROR"),
            (json!({ "email": ["ada@example.com"], "password": "x" }), "VALIDATION_ERROR"),
            (json!({ "email": "ada", "password": "x" }), "INVALID_EMAIL"),
        ] {
            front.post(PATH, body).await.refused(400, code);
        }
        let problem = front.post(PATH, json!({ "password": 1 })).await.problem(400);
        assert_eq!(
            problem["message"],
            "[body.email] Invalid input: expected string, received undefined; \
             [body.password] Invalid input: expected string, received number"
        );
        assert_eq!(house.rows().await, before);
    }

    async fn signs_out_whoever_is_there(db: Database) {
        let house = House::new(db).await;
        let mut front = Front::signed_in(&house).await;
        let old = front.jar.clone();
        assert_eq!(front.post("/sign-out", json!({})).await.ok(), json!({ "success": true }));
        assert_eq!(front.jar.value(SESSION), None);
        assert_eq!(house.rows().await["session"], 0);
        // The cookie is worth nothing, wherever it was copied to.
        front.jar = old;
        assert_eq!(front.session().await, Value::Null);
        assert_eq!(front.post("/sign-out", json!({})).await.ok(), json!({ "success": true }));
        let stranger = house.post("/api/auth/sign-out").await;
        assert_eq!(stranger.ok(), json!({ "success": true }));
        front.post("/sign-out", json!({ "callbackURL": "//evil.example" })).await
            .refused(403, "INVALID_CALLBACK_URL");
    }
}
