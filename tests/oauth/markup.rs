//! XS-1: markup, templates, scripts and line breaks in whatever can be sent or named: JSON stays
//! JSON, pages show it as text, and no redirect leads where it says.

use doorward::{accounts::operate, paths};
use entity::{session, value::Role};
use poem::http::Method;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};

use super::granted::{Granted, change_client};
use crate::support::{
    answer::Answer, browser::Browser, call::Call, database::both, house::House, rp::Rp,
};

/// Breaks out of text, attributes, comments, scripts and templates, where it can.
const POLYGLOT: &str = "\"'><b id=xss onclick=alert(1)>{{1337*7}}</title><script>alert(1)</script>";

/// The same for other places: links, headers, JSON, logs.
const PAYLOADS: &[&str] = &[
    POLYGLOT,
    "javascript:alert(1)//",
    "\" onfocus=alert(1) autofocus x=\"",
    "\r\nSet-Cookie: xss=1\r\n\r\n<script>alert(1)</script>",
    "%0d%0aSet-Cookie:%20xss=1",
    "</script><svg onload=alert(1)>",
    "{% for x in range(9) %}xss{% endfor %}",
    "https://elsewhere.example/?<script>",
    "//elsewhere.example/%2e%2e",
    "\\u003cscript\\u003e\\",
    "\u{202e}\u{2028}\u{feff}<img src=x onerror=alert(1)>",
];

/// An answer in which nothing that was sent does anything.
#[track_caller]
fn harmless(answer: &Answer) {
    assert!(answer.status < 500, "{}", answer.told());
    answer.has("X-Content-Type-Options", |value| value == "nosniff");
    for cookie in answer.headers.get_all("Set-Cookie") {
        assert!(cookie.as_bytes().starts_with(b"doorward_"), "{cookie:?}");
    }
    assert!(answer.headers.get("xss").is_none());
    if let Some(to) = answer.location() {
        let registered = to.as_str().starts_with("https://app.example/cb");
        assert!(
            registered || to.origin() == answer.url.origin(),
            "{}",
            answer.told()
        );
    }
    let kind = answer.header("Content-Type");
    if kind.starts_with("text/html") {
        let body = &answer.body;
        for alive in [
            "<b id=xss",
            "<script",
            "<svg onload",
            "<img src=x",
            "\" onfocus=",
            "9359",
        ] {
            assert!(!body.contains(alive), "{alive} in {body}");
        }
        for place in ["href", "src", "action"] {
            for scheme in ["javascript:", "data:text", "&#x2f;&#x2f;"] {
                assert!(
                    !body.contains(&format!("{place}=\"{scheme}")),
                    "{scheme} in {body}"
                );
            }
        }
        assert!(answer.page().text_of("#xss").is_none(), "{body}");
        assert!(!body.contains("xssxss"), "a template ran: {body}");
        // Whole, to its end.
        assert!(body.contains("Your account is kept at") && body.trim_end().ends_with("</html>"));
    } else if !answer.body.is_empty() {
        let json = ["application/json", "application/problem+json"];
        assert!(
            json.iter().any(|json| kind.starts_with(json)),
            "{kind}: {}",
            answer.told()
        );
        answer.json();
    }
}

/// The parameters that an authorization or end-session request may have, and some that none has.
const PARAMETERS: &[&str] = &[
    "client_id",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "max_age",
    "login_hint",
    "id_token_hint",
    "request",
    "request_uri",
    "registration",
    "claims",
    "ui_locales",
    "display",
    "flow",
    "post_logout_redirect_uri",
    "error",
    "error_hint",
    POLYGLOT,
];

async fn sign_in(browser: &mut Browser<'_>, house: &House) {
    let person = house.person().await;
    let typed = [("email", person.email), ("password", person.password)];
    browser.submit("#login-form", &typed).await;
}

both! {
    async fn xs_1_in_what_a_browser_visits(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        for name in PARAMETERS {
            for payload in PAYLOADS {
                let url = granted.rp.authorize_url(&[(name, Some(payload))]);
                let mut stranger = house.browser();
                harmless(stranger.get_from_stranger(&url).await);
                harmless(stranger.follow().await);
                harmless(granted.browser.get_from_stranger(&url).await);
                let twice = format!("{url}&{name}=x").replace(POLYGLOT, "x");
                harmless(granted.browser.get_from_stranger(&twice).await);
                for path in [
                    paths::END_SESSION,
                    paths::LOGIN,
                    paths::REGISTER,
                    paths::CONSENT,
                    paths::VERIFY_EMAIL,
                    paths::ACCOUNT,
                    paths::ACCOUNT_PROFILE,
                    paths::ACCOUNT_ACTIVITY,
                    paths::LOGOUT_CONFIRM,
                    paths::PLAYGROUND_CALLBACK,
                ] {
                    let mut url = house.url(path);
                    url.query_pairs_mut().append_pair(name, payload);
                    harmless(granted.browser.get(url.as_str()).await);
                }
            }
        }
        assert!(granted.browser.jar.value("doorward_session").is_some());
    }

    async fn xs_1_in_what_is_answered_in_json(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        for payload in PAYLOADS {
            for grant in ["authorization_code", "refresh_token", "client_credentials", payload] {
                for name in [
                    "grant_type", "code", "redirect_uri", "code_verifier", "refresh_token", "scope",
                    "client_id", "client_secret", "client_assertion", "resource", POLYGLOT,
                ] {
                    let form = [("grant_type", grant), (name, payload)];
                    harmless(&rp.token(&form).await);
                    harmless(&house.post(paths::TOKEN).form(&form).await);
                }
            }
            for path in [paths::INTROSPECT, paths::REVOKE, paths::USERINFO] {
                let form = [("token", *payload), ("access_token", payload), (POLYGLOT, payload)];
                harmless(&rp.post(path, &form).await);
                harmless(&house.post(path).form(&form).await);
                harmless(&house.post(path).basic(payload, payload).form(&form).await);
            }
            let body = serde_json::json!({ "email": payload, "password": payload, "name": payload });
            for path in ["/api/auth/sign-in/email", "/api/auth/sign-up/email", "/api/auth/xss"] {
                let call = house.post(path).body("application/json", body.to_string());
                harmless(&call.await);
                harmless(&house.post(path).body("application/json", *payload).await);
                harmless(&house.post(path).body("text/html", *payload).await);
            }
        }
    }

    async fn xs_1_in_headers_and_paths(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let authorize = rp.authorize_url(&[]);
        for payload in PAYLOADS.iter().filter(|payload| !payload.contains(['\r', '\u{202e}'])) {
            for name in [
                "User-Agent", "Accept-Language", "Accept", "Referer", "Origin", "Cookie", "Host",
                "Authorization", "Content-Type", "X-Forwarded-For", "X-Forwarded-Host", "Forwarded",
                "X-Request-Id", "X-Original-URL", "Sec-Fetch-Site", "If-None-Match",
            ] {
                for url in [
                    &authorize, paths::LOGIN, paths::TOKEN, paths::USERINFO, paths::INTROSPECT,
                    paths::END_SESSION, paths::DISCOVERY_OPENID, "/nowhere", "/api/auth/get-session",
                ] {
                    for method in [Method::GET, Method::POST] {
                        let call = Call::new(house.doors.clone(), method, house.url(url));
                        let answer = call.header(name, payload).await;
                        harmless(&answer);
                        answer.has("X-Request-Id", |id| !id.is_empty() && id != *payload);
                    }
                }
            }
        }
        for payload in PAYLOADS {
            for below in ["/", "/oauth2/", "/.well-known/", "/api/", "/api/auth/", "/dev/mail/"] {
                let mut url = house.url(below);
                url.set_path(&format!("{below}{payload}"));
                harmless(&house.get(url.as_str()).await);
                harmless(&house.post(url.as_str()).form(&[("a", "b")]).await);
            }
        }
    }

    async fn xs_1_in_the_names_of_clients_and_their_scopes_and_links(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::with(&house, |new| {
            new.name = POLYGLOT.to_owned();
            new.scope = "openid email <b/id=xss> <script>alert(1)</script>".parse().expect("a scope");
        })
        .await;
        for link in ["javascript:alert(1)", POLYGLOT, "data:text/html,<script>", "https://a.example/"] {
            change_client(&house, &rp, |client| {
                for uri in [
                    &mut client.logo_uri,
                    &mut client.client_uri,
                    &mut client.policy_uri,
                    &mut client.tos_uri,
                ] {
                    *uri = Some(link.to_owned());
                }
            })
            .await;
            let mut browser = house.browser();
            let scope = "openid <b/id=xss> <script>alert(1)</script>";
            browser.get(&rp.authorize_url(&[("scope", Some(scope)), ("prompt", Some("consent"))])).await;
            let page = browser.follow().await;
            harmless(page);
            assert!(page.page().text.contains(POLYGLOT), "the name, as text: {}", page.told());
            sign_in(&mut browser, &house).await;
            let page = browser.follow().await;
            harmless(page);
            for told in [POLYGLOT, "<b/id=xss>", "<script>alert(1)</script>"] {
                page.shown(200, told);
            }
            browser.submit("#consent-approve", &[]).await;
            harmless(browser.last());
            for path in [paths::ACCOUNT_APPS, paths::ACCOUNT_ACTIVITY] {
                let page = browser.get(path).await;
                harmless(page);
                page.shown(200, POLYGLOT);
            }
        }
    }

    async fn xs_1_ad_2_in_what_people_type_and_what_their_browsers_say(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let name: String = POLYGLOT.chars().filter(|c| !c.is_control()).collect();
        let wanted = operate::Wanted {
            email: "mallory@example.com",
            name: &name,
            password: Some("seven green umbrellas"),
            email_verified: false,
            role: Role::User,
            claims: None,
            image: None,
        };
        operate::add(&house.app, wanted).await.expect("a new user");
        let mut browser = house.browser();
        browser.get(&rp.authorize_url(&[])).await;
        browser.follow().await;
        let login = browser.last().url.to_string();
        for payload in PAYLOADS {
            browser.get(&login).await;
            let typed = [("email", *payload), ("password", payload)];
            harmless(browser.submit("#login-form", &typed).await);
            browser.get(paths::REGISTER).await;
            let typed = [("email", *payload), ("password", "x"), ("name", payload)];
            harmless(browser.submit("#register-form", &typed).await);
        }
        browser.get(&login).await;
        let typed = [("email", wanted.email), ("password", "seven green umbrellas")];
        browser.submit("#login-form", &typed).await;
        let consent = browser.follow().await;
        harmless(consent);
        consent.shown(200, &name);
        let row = session::Entity::find().one(&house.app.db.read).await;
        let mut row = row.expect("a look-up").expect("a session").into_active_model();
        row.user_agent = Set(Some(POLYGLOT.to_owned()));
        row.ip = Set(Some(POLYGLOT.to_owned()));
        row.update(&house.app.db.write).await.expect("a change");
        for path in [paths::ACCOUNT, paths::ACCOUNT_SESSIONS, paths::ACCOUNT_SECURITY] {
            let account = browser.get(path).await;
            harmless(account);
            account.shown(200, &name);
        }
    }
}
