//! Trial of the sentences: each is true of what it means and of nothing that comes close.

use std::panic::{AssertUnwindSafe, catch_unwind};

use poem::{Response, http::StatusCode};
use serde_json::json;
use url::Url;

use super::super::answer::{Answer, Asked};

/// An answer of a house to `https://op.example/oauth2/x`.
async fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut response =
        Response::builder().status(StatusCode::from_u16(status).expect("a status code"));
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    let url = Url::parse("https://op.example/oauth2/x").expect("a URL");
    let mut answer = Answer::read(url, response.body(body.to_owned())).await;
    answer.asked = Some(Asked {
        redirect_uri: "https://app.example/cb?own=1".to_owned(),
        state: Some("a b".to_owned()),
    });
    answer
}

fn fails<T>(act: impl FnOnce() -> T) -> bool {
    catch_unwind(AssertUnwindSafe(act)).is_err()
}

const JSON: (&str, &str) = ("Content-Type", "application/json");
const NO_STORE: (&str, &str) = ("Cache-Control", "no-store");
const HTML: (&str, &str) = ("Content-Type", "text/html; charset=utf-8");

#[tokio::test]
async fn shown_means_a_page_that_sends_nowhere() {
    let page = "<h1 id=oauth-error>Authorization\n error</h1>";
    answer(400, &[HTML], page)
        .await
        .shown(400, "Authorization error");
    for wrong in [
        answer(200, &[HTML], page).await,
        answer(400, &[("Content-Type", "text/plain")], page).await,
        answer(400, &[HTML], "<h1>Error</h1>").await,
        answer(400, &[HTML, ("Location", "https://app.example/cb")], page).await,
    ] {
        assert!(fails(|| wrong.shown(400, "Authorization error")));
    }
    answer(303, &[("Location", "/login?flow=1")], "")
        .await
        .sent_to("/login");
    for to in [
        "/",
        "https://elsewhere.example/login",
        "//elsewhere.example/login",
    ] {
        let wrong = answer(303, &[("Location", to)], "").await;
        assert!(fails(|| wrong.sent_to("/login")), "{to}");
    }
}

#[tokio::test]
async fn oauth_error_means_json_that_is_kept_nowhere_and_holds_no_token() {
    let body = r#"{"error":"invalid_grant","error_description":"it is spent"}"#;
    answer(400, &[JSON, NO_STORE], body)
        .await
        .oauth_error(400, "invalid_grant");
    for wrong in [
        answer(401, &[JSON, NO_STORE], body).await,
        answer(400, &[JSON], body).await,
        answer(400, &[HTML, NO_STORE], body).await,
        answer(400, &[JSON, NO_STORE], r#"{"error":"invalid_request"}"#).await,
        answer(
            400,
            &[JSON, NO_STORE],
            r#"{"error":"invalid_grant","access_token":"a"}"#,
        )
        .await,
        answer(
            400,
            &[JSON, NO_STORE],
            r#"{"error":"invalid_grant","error_description":"\""}"#,
        )
        .await,
    ] {
        assert!(fails(|| wrong.oauth_error(400, "invalid_grant")));
    }
    let body = r#"{"error":"invalid_client"}"#;
    let challenge = ("WWW-Authenticate", "Basic realm=\"x\"");
    answer(401, &[JSON, NO_STORE, challenge], body)
        .await
        .client_401();
    let wrong = answer(401, &[JSON, NO_STORE], body).await;
    assert!(fails(|| wrong.client_401()));
}

#[tokio::test]
async fn a_resource_says_its_error_in_the_challenge() {
    let named = "Bearer error=\"invalid_token\"";
    let right = answer(401, &[("WWW-Authenticate", named)], "").await;
    right.bearer_error(401, "invalid_token");
    assert!(fails(|| right.bearer_error(401, "")));
    assert!(fails(|| right.bearer_error(401, "invalid_request")));
    answer(401, &[("WWW-Authenticate", "Bearer")], "")
        .await
        .bearer_error(401, "");
}

#[tokio::test]
async fn json_answers_say_what_they_are() {
    let problem = ("Content-Type", "application/problem+json");
    let body = json!({ "status": 404, "title": "Not found" });
    let right = answer(404, &[problem], &body.to_string()).await;
    assert_eq!(right.problem(404)["title"], "Not found");
    let wrong = answer(404, &[JSON], &body.to_string()).await;
    assert!(fails(|| wrong.problem(404)));
    assert_eq!(answer(200, &[JSON], "{\"a\":1}").await.ok()["a"], 1);

    let body = json!({ "access_token": "a", "token_type": "Bearer", "expires_in": 300 });
    let tokens = answer(200, &[JSON, NO_STORE], &body.to_string())
        .await
        .tokens();
    assert_eq!(tokens.access_token, "a");
    assert!(
        tokens
            .refresh_token
            .or(tokens.id_token)
            .or(tokens.scope)
            .is_none()
    );
    let wrong = answer(200, &[JSON], &body.to_string()).await;
    assert!(fails(|| wrong.tokens()));
}

#[tokio::test]
async fn an_authorization_response_goes_back_to_where_it_was_asked_for() {
    let back =
        |query: &str| format!("https://app.example/cb?own=1&{query}&iss=https%3A%2F%2Fop.example#");
    let to = async |query: &str| answer(303, &[("Location", &back(query))], "").await;
    assert_eq!(to("code=c&state=a+b").await.code(), "c");
    to("error=login_required&state=a+b")
        .await
        .answered("login_required");
    for query in [
        "code=c&state=a",
        "code=c",
        "code=c&code=d&state=a+b",
        "code=c&state=a+b&error=login_required",
        "error=login_required&state=a+b",
        "code=c&state=a+b&more=1",
        "code=c&state=a+b#junk",
    ] {
        let wrong = to(query).await;
        assert!(fails(|| wrong.code()), "{query}");
    }
    for query in ["error=consent_required&state=a+b", "code=c&state=a+b"] {
        let wrong = to(query).await;
        assert!(fails(|| wrong.answered("login_required")), "{query}");
    }
    for location in [
        "https://app.example/cb?code=c&state=a+b&iss=https%3A%2F%2Fop.example",
        "https://app.example/cc?own=1&code=c&state=a+b&iss=https%3A%2F%2Fop.example",
        "https://app.example/cb?own=1&code=c&state=a+b",
        "https://app.example/cb?own=1&code=c&state=a+b&iss=https%3A%2F%2Felsewhere.example",
    ] {
        let wrong = answer(303, &[("Location", location)], "").await;
        assert!(fails(|| wrong.code()), "{location}");
    }
}
