//! OR-1: nothing in an address or a form decides where we send a browser. Only a sealed flow does,
//! and what is in it was proven before.

use doorward::paths;

use super::world::{GRACE, cookies, csrf, run, signed_in, signed_up, verify_link};
use crate::support::{answer::Answer, database::both, house::House};

/// Addresses that have led away from other servers, whatever these had checked.
const AWAY: [&str; 64] = [
    "https://evil.example",
    "http://evil.example/",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "/\t/evil.example",
    "\t//evil.example",
    "/\n/evil.example",
    "/\r/evil.example",
    "/\u{b}/evil.example",
    " //evil.example",
    "\u{a0}//evil.example",
    "/%09/evil.example",
    "/%0a/evil.example",
    "/%0d%0aLocation:%20https://evil.example",
    "/\r\nLocation: https://evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "https:\\\\evil.example",
    "https://localhost:8080@evil.example",
    "https://localhost:8080%40evil.example",
    "https://localhost:8080.evil.example",
    "https://evil.example\\@localhost:8080",
    "https://evil.example#@localhost:8080",
    "https://evil.example?localhost:8080",
    "http://localhost:8080/oauth2/logout",
    "http://localhost:8081/",
    "http://[::ffff:203.0.113.9]/",
    "/.//evil.example",
    "/..//evil.example",
    "/x/..//evil.example",
    "/./\\evil.example",
    "/account//evil.example",
    "/account/..//evil.example",
    "/account@evil.example",
    "@evil.example",
    ".evil.example",
    ":80@evil.example",
    "evil.example",
    "%2f%2fevil.example",
    "/%2fevil.example",
    "/%5cevil.example",
    "%5c%5cevil.example",
    "%252f%252fevil.example",
    "\u{2044}\u{2044}evil.example",
    "\u{ff0f}\u{ff0f}evil.example",
    "/\u{ff0f}evil.example",
    "//evil\u{3002}example",
    "//\u{212f}vil.example",
    "//evil.example%00.localhost:8080",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "\u{1}javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "blob:https://evil.example/1",
    "intent://evil.example#Intent;end",
];

/// Names under which servers have taken such an address.
const NAMES: [&str; 20] = [
    "back",
    "callbackUrl",
    "callbackURL",
    "continue",
    "dest",
    "done",
    "from",
    "goto",
    "next",
    "post_logout_redirect_uri",
    "r",
    "redirect",
    "redirect_to",
    "redirect_uri",
    "return",
    "return_to",
    "returnUrl",
    "target_link_uri",
    "ui",
    "url",
];

/// The payload under every name.
fn pairs(payload: &str) -> Vec<(&'static str, &str)> {
    NAMES.into_iter().map(|name| (name, payload)).collect()
}

fn with_query(house: &House, path: &str, payload: &str) -> String {
    let mut url = house.url(path);
    url.query_pairs_mut().extend_pairs(pairs(payload));
    url.into()
}

/// Fails unless the answer sends the browser exactly to `path`, or nowhere where that is none.
#[track_caller]
fn leads(answer: &Answer, path: Option<&str>) {
    let location = answer.headers.get("Location").map(|value| value.as_bytes());
    assert_eq!(location, path.map(str::as_bytes), "{}", answer.told());
    for header in ["Refresh", "Content-Location", "Link"] {
        assert!(answer.header(header).is_empty(), "{}", answer.told());
    }
    assert!(!answer.body.contains("evil"), "{}", answer.body);
    assert!(
        !answer.body.to_lowercase().contains("http-equiv"),
        "{}",
        answer.body
    );
}

both! {
    async fn or_1_sign_in_leads_where_we_say(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        for payload in AWAY {
            let mut browser = house.browser();
            let url = with_query(&house, paths::LOGIN, payload);
            leads(browser.get(&url).await, None);
            let csrf = csrf(&browser, "#login-form");
            let mut form = vec![("csrf", csrf.as_str()), ("email", person.email), ("password", person.password)];
            form.extend(pairs(payload));
            leads(browser.post_form(&url, &form).await, Some(paths::ACCOUNT));
            // Signed in by now.
            leads(browser.get(&url).await, Some(paths::ACCOUNT));
        }
    }

    async fn or_1_sign_out_leads_where_we_say(db: Database) {
        let house = House::new(db).await;
        for payload in AWAY {
            let mut browser = signed_in(&house).await;
            let url = with_query(&house, paths::LOGOUT, payload);
            leads(browser.get(&url).await, None);
            let csrf = csrf(&browser, "#logout-confirm");
            // A relying party's request: what is not registered is shown as an error, without a word of it.
            let mut end = house.url(paths::END_SESSION);
            end.query_pairs_mut().append_pair("post_logout_redirect_uri", payload);
            let shown = browser.get_from_stranger(end.as_str()).await;
            leads(shown.shown(400, "Logout error"), None);

            let mut form = vec![("csrf", csrf.as_str())];
            form.extend(pairs(payload));
            let confirm = with_query(&house, paths::LOGOUT_CONFIRM, payload);
            leads(browser.post_form(&confirm, &form).await, Some(paths::LOGOUT_DONE));
            let done = with_query(&house, paths::LOGOUT_DONE, payload);
            leads(browser.get(&done).await, None);
            leads(browser.get(&url).await, Some(paths::LOGOUT_DONE));
        }
    }

    async fn or_1_a_mailed_link_leads_where_we_say(db: Database) {
        let house = House::with(db, |config| config.limits.letters = 1000).await;
        for payload in AWAY {
            let mut browser = signed_up(&house, GRACE).await;
            let link = verify_link(&house).await;
            let token = link.split_once("token=").expect("a token").1;
            let url = with_query(&house, paths::VERIFY_EMAIL, payload);
            leads(browser.get(&format!("{url}&token={token}")).await, None);
            let csrf = csrf(&browser, "#verify-submit");
            let mut form = vec![("csrf", csrf.as_str()), ("token", token)];
            form.extend(pairs(payload));
            let done = browser.post_form(&url, &form).await;
            leads(done.shown(200, "Address confirmed"), None);
            assert_eq!(done.page().link("Go to your account"), paths::ACCOUNT);
            run(&house, r#"DELETE FROM "user""#).await;
        }
    }

    async fn or_1_a_flow_is_sealed_or_nothing(db: Database) {
        let house = House::new(db).await;
        for payload in AWAY {
            let mut browser = house.browser();
            for path in [paths::LOGIN, paths::REGISTER, paths::CONSENT, paths::AUTHORIZE] {
                let mut url = house.url(path);
                url.query_pairs_mut().append_pair("flow", payload);
                let answer = browser.get(url.as_str()).await;
                leads(answer.shown(400, "This sign-in cannot go on"), None);
            }
        }
    }

    async fn or_1_or_2_no_header_decides_either(db: Database) {
        let house = House::new(db).await;
        let browser = signed_in(&house).await;
        let cookies = cookies(&house, &browser).expect("cookies");
        let csrf = csrf(&browser, "#logout-form");
        for header in [
            "Referer", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix", "Forwarded",
            "X-Original-URL", "X-Rewrite-URL", "X-Host", "Host",
        ] {
            let call = house.get(paths::LOGIN).header("Cookie", &cookies);
            let answer = call.header(header, "https://evil.example/").await;
            leads(&answer, Some(paths::ACCOUNT));
        }
        let call = house.post(paths::LOGOUT).header("Cookie", &cookies);
        let call = call.header("Referer", "https://evil.example/");
        leads(&call.form(&[("csrf", csrf.as_str())]).await, Some(paths::LOGOUT_DONE));
    }
}
