//! IJ-6: a field that is a text is a text. What another kind of value would be read as by a language
//! that turns one into the other, nobody finds out here.

use doorward::http::document::document;
use poem::http::Method;
use serde_json::{Value, json};

use super::front::Front;
use crate::support::{database::both, house::House};

/// Every field of every body of the API that the document says is a text, by its path.
fn texts() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (path, item) in document()["paths"].as_object().expect("paths") {
        let Some(rest) = path.strip_prefix("/api/auth") else {
            continue;
        };
        let body = &item["post"]["requestBody"]["content"]["application/json"]["schema"];
        let Some(to) = body["$ref"].as_str() else {
            continue;
        };
        let schema = document()
            .pointer(to.trim_start_matches('#'))
            .expect("a schema");
        for (name, of) in schema["properties"].as_object().into_iter().flatten() {
            if of["type"] == "string" {
                found.push((rest.to_owned(), name.clone()));
            }
        }
    }
    assert!(found.len() > 10, "{found:?}");
    found
}

both! {
    async fn ij_6_a_text_is_a_text(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let front = Front::signed_in(&house).await;
        let good = json!({
            "email": "new@example.com", "password": "seven ladders to the moon", "name": "New",
            "currentPassword": person.password, "newPassword": "seven ladders to the moon", "token": "x",
        });
        let before = house.rows().await;
        for (path, field) in texts() {
            for odd in [json!(0), json!(1), json!(true), json!(false), json!(["x"]), json!([]), json!({}), json!({ "$gt": "" })] {
                let mut body = good.clone();
                body[&field] = odd.clone();
                let answer = front.call(Method::POST, &path).body("application/json", body.to_string()).await;
                let problem = answer.problem(400);
                assert_eq!(problem["code"], "VALIDATION_ERROR", "{path} {field} {odd}");
                let told = problem["message"].as_str().expect("a sentence");
                let said = field.replace("redirectTo", "redirectURL");
                assert!(told.contains(&said), "{told}");
            }
        }
        assert_eq!(house.rows().await, before);
        let null: Value = json!({ "email": null, "password": null });
        let answer = front.call(Method::POST, "/sign-in/email").body("application/json", null.to_string()).await;
        assert_eq!(answer.problem(400)["code"], "VALIDATION_ERROR");
    }
}
