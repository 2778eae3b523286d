//! Requests to the endpoints that clients call which are not well formed, whatever they ask for.

use doorward::paths;
use poem::http::Method;

use super::granted::{Granted, sqlite};
use crate::support::{call::Call, database::both, house::House};

const FORM: &str = "application/x-www-form-urlencoded";
/// One more than is read, with what is before it.
const TOO_LONG: usize = 64 * 1024 + 1;

both! {
    async fn no_parameter_twice(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::public(&house).await;
        let code = granted.code().await;
        let before = house.rows().await;
        let rp = &granted.rp;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", &rp.redirect_uri),
            ("code_verifier", &rp.code_verifier),
            ("client_id", &rp.client_id),
        ];
        // RFC 6749 §3.2; also if both are the same, and if we do not know what it is.
        for (name, value) in form.iter().copied().chain([("other", "x")]) {
            for second in [value, "another", ""] {
                let twice = [&form[..], &[("other", "x"), (name, second)]].concat();
                let answer = house.post(paths::TOKEN).form(&twice).await;
                answer.oauth_error(400, "invalid_request");
            }
        }
        assert_eq!(house.rows().await, before);
        // What is in the query is not part of the request.
        let query = format!("{}?code=another&grant_type=refresh_token", paths::TOKEN);
        house.post(&query).form(&form).await.tokens();
    }
}

#[tokio::test]
async fn a_body_is_a_form_or_is_not_read() {
    let house = sqlite().await;
    let mut granted = Granted::public(&house).await;
    let code = granted.code().await;
    let before = house.rows().await;
    let rp = &granted.rp;
    let body = format!(
        "grant_type=authorization_code&code={code}&redirect_uri={}&code_verifier={}&client_id={}",
        "https%3A%2F%2Fapp.example%2Fcb", rp.code_verifier, rp.client_id
    );
    let post = || house.post(paths::TOKEN);
    let json = format!("{{\"grant_type\":\"authorization_code\",\"code\":\"{code}\"}}");
    for call in [
        post(),
        post().body("application/json", json.as_str()),
        post().body("application/json", body.as_str()),
        post().body("text/plain", body.as_str()),
        post().body("", body.as_str()),
        post().body("multipart/form-data; boundary=x", body.as_str()),
        post().body("application/x-www-form-urlencoded2", body.as_str()),
        post()
            .header("Content-Type", "text/plain")
            .body(FORM, body.as_str()),
        post().body(FORM, ""),
        post().body(FORM, format!("{body}&x=%00")),
        post().body(FORM, format!("{body}&x=%FF")),
        post().body(FORM, [body.as_bytes(), b"&x=\xc3"].concat()),
        post().body(FORM, format!("{body}{}", "&x=1".repeat(101))),
        post().body(FORM, [0, 1, 2, 255]),
    ] {
        let answer = call.await;
        // A form without anything in it names no client.
        match answer.status {
            401 => drop(answer.client_401()),
            _ => drop(answer.oauth_error(400, "invalid_request")),
        }
    }
    assert_eq!(house.rows().await, before);
    let call = post().body(
        "Application/X-WWW-Form-URLencoded; charset=UTF-8",
        body.as_str(),
    );
    call.await.tokens();
}

#[tokio::test]
async fn a_body_that_is_too_long_is_not_read() {
    let house = sqlite().await;
    let granted = Granted::public(&house).await;
    let before = house.rows().await;
    for path in [
        paths::TOKEN,
        paths::REVOKE,
        paths::INTROSPECT,
        paths::PAR,
        paths::USERINFO,
    ] {
        let long = format!(
            "client_id={}&token={}",
            granted.rp.client_id,
            "a".repeat(TOO_LONG)
        );
        let answer = house.post(path).body(FORM, long.as_str()).await;
        answer.oauth_error(413, "invalid_request");
        // Nor is one whose length is not said beforehand, or said wrong.
        let post = || house.post(path).header("Content-Length", "10");
        post()
            .body(FORM, long.as_str())
            .await
            .oauth_error(413, "invalid_request");
    }
    assert_eq!(house.rows().await, before);
    // What just fits is read.
    let start = format!("client_id={}&token=", granted.rp.client_id);
    let fits = format!("{start}{}", "a".repeat(TOO_LONG - 1 - start.len()));
    house.post(paths::REVOKE).body(FORM, fits).await.is(200);
}

#[tokio::test]
async fn only_post_is_taken() {
    let house = sqlite().await;
    let send = |method: Method, path: &str| Call::new(house.doors.clone(), method, house.url(path));
    for path in [paths::TOKEN, paths::REVOKE, paths::INTROSPECT, paths::PAR] {
        for method in [
            Method::GET,
            Method::HEAD,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ] {
            let answer = send(method.clone(), path).await;
            answer
                .is(405)
                .has("Allow", |allowed| allowed.contains("POST"));
            answer.has("Allow", |allowed| !allowed.contains(method.as_str()));
            answer.has("Cache-Control", |rule| rule == "no-store");
        }
        send(Method::GET, path)
            .await
            .oauth_error(405, "invalid_request");
    }
    for method in [Method::PUT, Method::DELETE] {
        let answer = send(method.clone(), paths::USERINFO).await;
        answer.oauth_error(405, "invalid_request");
        answer.has("Allow", |allowed| {
            allowed.contains("GET") && allowed.contains("POST")
        });
    }
    for path in [
        "/oauth2/",
        "/oauth2",
        "/oauth2/token/",
        "/oauth2/nothing",
        "/oauth2/Token",
    ] {
        house
            .post(path)
            .form(&[("a", "b")])
            .await
            .oauth_error(404, "invalid_request");
    }
}

#[tokio::test]
async fn a_grant_type_is_one_that_we_know() {
    let house = sqlite().await;
    let granted = Granted::confidential(&house).await;
    let before = house.rows().await;
    for unknown in [
        "password",
        "implicit",
        "Authorization_Code",
        "authorization_code ",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "é",
        "AuthorizationCode",
    ] {
        let answer = granted.rp.token(&[("grant_type", unknown)]).await;
        answer.oauth_error(400, "unsupported_grant_type");
    }
    for form in [vec![], vec![("grant_type", "")]] {
        let answer = granted.rp.token(&form).await;
        answer.oauth_error(400, "invalid_request");
    }
    for missing in [
        vec![],
        vec![("code", "ac_x")],
        vec![("redirect_uri", "https://app.example/cb")],
    ] {
        let form = [&[("grant_type", "authorization_code")][..], &missing].concat();
        let answer = granted.rp.token(&form).await;
        answer.oauth_error(400, "invalid_request");
    }
    assert_eq!(house.rows().await, before);
}

/// What is in a request does not come back in the error (RFC 6749 §5.2), whatever it is.
#[tokio::test]
async fn an_error_repeats_nothing() {
    let house = sqlite().await;
    let granted = Granted::confidential(&house).await;
    let canary = "canary<script>\"\\";
    for name in [
        "grant_type",
        "scope",
        "code",
        "redirect_uri",
        "code_verifier",
        "refresh_token",
    ] {
        for grant in ["authorization_code", "refresh_token", "client_credentials"] {
            let mut form = vec![("grant_type", grant), ("code", "x"), ("redirect_uri", "x")];
            form.push(("refresh_token", "x"));
            form.push(("scope", "x"));
            form.retain(|(own, _)| *own != name);
            form.push((name, canary));
            let answer = granted.rp.token(&form).await;
            assert!(matches!(answer.status, 400..=401), "{}", answer.told());
            assert!(!answer.body.contains("canary"), "{}", answer.told());
            assert!(!format!("{:?}", answer.headers).contains("canary"));
        }
    }
}
