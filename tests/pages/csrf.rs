//! Whoever is not our own page changes nothing: CS-3 of the catalogue, over every page there is.

use doorward::paths;
use poem::http::Method;

use super::world::{
    GRACE, contents, cookies, csrf, head, opens, session, signed_in, signed_up, verify_link,
};
use crate::support::{browser::Browser, call::Call, database::both, house::House, rp::Rp};

/// Every page of `src/paths.rs`: all paths but those of programs and files. A new page is in here
/// without a word.
fn pages() -> Vec<&'static str> {
    let source = include_str!("../../src/paths.rs");
    let constants = source.lines().filter(|line| line.starts_with("pub const "));
    let all = constants.filter_map(|line| line.split('"').nth(1));
    let others = [
        "/oauth2/",
        "/api",
        "/static/",
        // A picture, of which there is no page.
        "/client-logo",
        "/livez",
        "/readyz",
        "/.well-known/o",
    ];
    let pages: Vec<_> = all
        .filter(|path| !others.iter().any(|other| path.starts_with(other)))
        .collect();
    assert!(pages.len() > 20, "the constants are read: {pages:?}");
    pages
}

/// Every field that any page reads, with values that would work.
fn form<'a>(csrf: Option<&'a str>, token: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut form = vec![
        ("name", "Mallory"),
        ("email", "mallory@example.com"),
        ("password", "seven ladders to the moon"),
        ("current_password", "a bridge of nine swallows"),
        ("new_password", "seven ladders to the moon"),
        ("decision", "approve"),
        ("token", token),
    ];
    form.extend(csrf.map(|csrf| ("csrf", csrf)));
    form
}

/// A POST as a browser with these cookies would send it, with headers of our choice.
fn post(house: &House, browser: &Browser<'_>, path: &str, headers: &[(&str, &str)]) -> Call {
    let mut call = house.post(path);
    if let Some(cookies) = cookies(house, browser) {
        call = call.header("Cookie", &cookies);
    }
    headers
        .iter()
        .fold(call, |call, (name, value)| call.header(name, value))
}

both! {
    async fn cs_3_a_form_that_is_not_ours_changes_nothing(db: Database) {
        let house = House::new(db).await;
        signed_up(&house, GRACE).await;
        let link = verify_link(&house).await;
        let token = link.split_once("token=").expect("a token").1;
        let browser = signed_in(&house).await;
        let own = csrf(&browser, "#logout-form");
        let mut elsewhere = house.browser();
        elsewhere.get(paths::LOGIN).await;
        let foreign = csrf(&elsewhere, "#login-form");
        let origin = house.app.config.server.origin();
        let same: &[(&str, &str)] = &[("Sec-Fetch-Site", "same-origin"), ("Origin", &origin)];
        let strange: &[&[(&str, &str)]] = &[
            &[("Sec-Fetch-Site", "cross-site"), ("Origin", "https://elsewhere.example")],
            &[("Sec-Fetch-Site", "cross-site"), ("Origin", &origin)],
            &[("Sec-Fetch-Site", "same-site"), ("Origin", "https://other.example")],
            &[("Sec-Fetch-Site", "none")],
            &[("Sec-Fetch-Site", "same-origin, cross-site")],
            &[("Origin", "null")],
            &[("Origin", "https://elsewhere.example")],
            &[("Origin", "http://localhost:8081")],
            &[("Origin", "")],
        ];
        let before = contents(&house).await;
        for path in pages() {
            // From our own page, but without the token that only this browser was given.
            for csrf in [None, Some(""), Some("nonsense"), Some(foreign.as_str())] {
                let answer = post(&house, &browser, path, same).form(&form(csrf, token)).await;
                answer.shown(403, "This form has expired");
            }
            // With the token, but from somebody else's page.
            for headers in strange {
                let answer = post(&house, &browser, path, headers).form(&form(Some(&own), token)).await;
                answer.shown(403, "This form has expired");
                assert!(answer.header("Set-Cookie").is_empty(), "{}", answer.told());
            }
            // With the token, but from a browser that it was not given to.
            let answer = post(&house, &elsewhere, path, same).form(&form(Some(&own), token)).await;
            answer.shown(403, "This form has expired");
            let bare = house.post(path).form(&form(Some(&own), token)).await;
            bare.shown(403, "This form has expired");
            assert_eq!(contents(&house).await, before, "{path}");
        }
        assert!(opens(&house, &session(&browser)).await);
        // The same form does work where it comes from.
        let call = post(&house, &browser, paths::ACCOUNT_PROFILE, same);
        call.form(&form(Some(&own), token)).await.sent_to(paths::ACCOUNT_PROFILE);
        assert_ne!(contents(&house).await, before);
    }

    async fn cs_3_a_token_is_for_one_flow(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let person = house.person().await;
        let mut browser = house.browser();
        browser.get_from_stranger(&rp.authorize_url(&[])).await;
        let url = browser.follow().await.url.clone();
        let flow = url.query_pairs().next().expect("a flow").1.into_owned();
        let of_flow = csrf(&browser, "#login-form");
        browser.get(paths::LOGIN).await;
        let alone = csrf(&browser, "#login-form");
        let before = contents(&house).await;
        for (csrf, flow) in [(&of_flow, None), (&alone, Some(flow.as_str()))] {
            let mut form = vec![("csrf", csrf.as_str()), ("email", person.email), ("password", person.password)];
            form.extend(flow.map(|flow| ("flow", flow)));
            browser.post_form(paths::LOGIN, &form).await.shown(403, "This form has expired");
        }
        assert_eq!(contents(&house).await, before);
    }

    async fn cs_3_get_and_head_change_nothing(db: Database) {
        let house = House::new(db).await;
        signed_up(&house, GRACE).await;
        let link = verify_link(&house).await;
        let token = link.split_once("token=").expect("a token").1;
        let rp = Rp::confidential(&house).await;
        let mut browser = signed_in(&house).await;
        let own = csrf(&browser, "#logout-form");
        browser.get_from_stranger(&rp.authorize_url(&[])).await;
        let consent = browser.last().location().expect("a Location");
        let mut stranger = house.browser();
        let before = contents(&house).await;

        // As if a form had been sent with GET: everything that it holds in the address.
        let mut query = house.url("/");
        query.query_pairs_mut().extend_pairs(form(Some(&own), token));
        let query = query.query().expect("a query");
        for path in pages() {
            for url in [path.to_owned(), format!("{path}?{query}"), format!("{path}?{}", consent.query().expect("a flow"))] {
                for answer in [
                    browser.get_from_stranger(&url).await.status,
                    stranger.get(&url).await.status,
                    head(&house, &browser, &url).await.status,
                ] {
                    assert!(answer < 500, "{url} answered {answer}");
                }
                assert_eq!(contents(&house).await, before, "{url}");
            }
        }
        assert!(opens(&house, &session(&browser)).await);
    }

    async fn other_methods_are_refused(db: Database) {
        let house = House::new(db).await;
        let browser = signed_in(&house).await;
        let cookies = cookies(&house, &browser).expect("cookies");
        let own = csrf(&browser, "#logout-form");
        let before = contents(&house).await;
        for path in pages() {
            for method in [Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS, Method::TRACE] {
                let call = Call::new(house.doors.clone(), method, house.url(path));
                let answer = call.header("Cookie", &cookies).form(&form(Some(&own), "")).await;
                answer.shown(405, "This page cannot do that");
                answer.has("Allow", |allow| allow.contains("GET"));
            }
        }
        assert_eq!(contents(&house).await, before);
    }

    async fn a_form_that_cannot_be_read_is_refused(db: Database) {
        let house = House::new(db).await;
        let browser = signed_in(&house).await;
        let own = csrf(&browser, "#logout-form");
        let origin = house.app.config.server.origin();
        let same: &[(&str, &str)] = &[("Sec-Fetch-Site", "same-origin"), ("Origin", &origin)];
        let good = format!("csrf={own}&name=Mallory");
        let endless = format!("{good}&more={}", "x".repeat(64 * 1024));
        let many = format!("{good}{}", "&a=1".repeat(100));
        let before = contents(&house).await;
        for (status, kind, body) in [
            (400, "application/json", r#"{"name":"Mallory"}"#),
            (400, "text/plain", good.as_str()),
            (400, "multipart/form-data; boundary=x", good.as_str()),
            (400, "application/x-www-form-urlencoded", "csrf=%ff&name=Mallory"),
            (400, "application/x-www-form-urlencoded", "name=%00"),
            (400, "application/x-www-form-urlencoded", many.as_str()),
            (413, "application/x-www-form-urlencoded", endless.as_str()),
        ] {
            let call = post(&house, &browser, paths::ACCOUNT_PROFILE, same).body(kind, body);
            call.await.shown(status, "The form could not be read");
        }
        assert_eq!(contents(&house).await, before);
    }
}
