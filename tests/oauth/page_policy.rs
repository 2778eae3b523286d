//! Page policy: the headers of every page (CJ-1, TL-2), and what the pages of a sign-in need beyond
//! them: to send a browser back to the relying party, and to be open in its pop-up window.

use doorward::paths;
use entity::value::ApplicationType;

use crate::support::{answer::Answer, browser::Browser, database::both, house::House, rp::Rp};

/// Every page that has an address of its own.
const PAGES: &[&str] = &[
    paths::HOME,
    paths::LOGIN,
    paths::REGISTER,
    paths::VERIFY_EMAIL,
    paths::CONSENT,
    paths::LOGOUT,
    paths::LOGOUT_CONFIRM,
    paths::LOGOUT_DONE,
    paths::ACCOUNT,
    paths::ACCOUNT_PROFILE,
    paths::ACCOUNT_PASSWORD,
    paths::ACCOUNT_SECURITY,
    paths::ACCOUNT_SESSIONS,
    paths::ACCOUNT_APPS,
    paths::ACCOUNT_ACTIVITY,
    paths::PLAYGROUND,
    paths::PLAYGROUND_CALLBACK,
    paths::DEV_MAIL,
    paths::API_DOCS,
    paths::AUTHORIZE,
    paths::END_SESSION,
    "/nowhere",
    "/dev/mail/nothing",
    "/login?flow=x",
    "/login?x=%FF",
];

/// The directives of a page's Content-Security-Policy.
#[track_caller]
fn directive(page: &Answer, name: &str) -> String {
    let policy = page.header("Content-Security-Policy");
    let mut all = policy.split(';').map(str::trim);
    let found = all.find(|one| one.split(' ').next() == Some(name));
    let found = found.unwrap_or_else(|| panic!("no {name} in {policy:?}: {}", page.told()));
    found[name.len()..].trim().to_owned()
}

#[track_caller]
fn guarded(page: &Answer) {
    assert_eq!(directive(page, "default-src"), "'none'");
    assert_eq!(directive(page, "base-uri"), "'none'");
    assert_eq!(directive(page, "frame-ancestors"), "'none'");
    assert!(directive(page, "form-action").starts_with("'self'"));
    let policy = page.header("Content-Security-Policy");
    for lax in ["unsafe", "*", "script-src"] {
        assert!(!policy.contains(lax), "{lax} in {policy}");
    }
    page.has("X-Frame-Options", |value| value == "DENY");
    page.has("X-Content-Type-Options", |value| value == "nosniff");
    page.has("Referrer-Policy", |value| {
        value == "same-origin" || value == "no-referrer"
    });
    page.has("Cross-Origin-Resource-Policy", |value| {
        value == "same-origin"
    });
    page.has("Cache-Control", |value| value.contains("no-store"));
    page.has("Server", str::is_empty);
    // A relying party's page that opened this one in a pop-up window waits for it to come back.
    page.has("Cross-Origin-Opener-Policy", |value| {
        value.is_empty() || value == "unsafe-none"
    });
    let body = page.body.to_ascii_lowercase();
    for inline in [
        "<script",
        "<style",
        " style=",
        " onload=",
        " onclick=",
        "http-equiv",
    ] {
        assert!(!body.contains(inline), "{inline} in {}", page.told());
    }
}

async fn visit(browser: &mut Browser<'_>, seen: &mut usize) {
    for path in PAGES {
        let answer = browser.get(path).await;
        assert!(answer.status < 500, "{}", answer.told());
        if answer.header("Content-Type").starts_with("text/html") {
            guarded(answer);
            *seen += 1;
        } else {
            assert_eq!(answer.status, 303, "{}", answer.told());
        }
    }
}

async fn sign_in(browser: &mut Browser<'_>, house: &House) {
    let person = house.person().await;
    let typed = [("email", person.email), ("password", person.password)];
    browser.submit("#login-form", &typed).await;
}

both! {
    async fn cj_1_every_page_is_guarded(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let mut browser = house.browser();
        let mut seen = 0;
        visit(&mut browser, &mut seen).await;
        browser.get_from_stranger(&rp.authorize_url(&[])).await;
        guarded(browser.follow().await);
        let form = browser.last().page().form("#login-form").pairs();
        let typed = [("email", "ada@example.com"), ("password", "wrong")];
        guarded(browser.submit("#login-form", &typed).await);
        guarded(browser.post_form(paths::LOGIN, &[("csrf", "x")]).await);
        guarded(browser.post_from_stranger(paths::LOGIN, &[("csrf", &form[0].1)]).await);
        guarded(browser.post_form(paths::LOGIN, &[("csrf", &"x".repeat(70_000))]).await);
        browser.get_from_stranger(&rp.authorize_url(&[])).await;
        browser.follow().await;
        sign_in(&mut browser, &house).await;
        guarded(browser.follow().await);
        browser.submit("#consent-approve", &[]).await.code();
        visit(&mut browser, &mut seen).await;
        assert!(seen > 25, "{seen} pages");
    }

    async fn the_pages_of_a_sign_in_may_send_the_browser_back_and_nowhere_else(db: Database) {
        let house = House::new(db).await;
        for (uri, kind, source) in [
            ("https://app.example/cb", ApplicationType::Web, "https://app.example"),
            ("https://app.example:8443/cb?x=1", ApplicationType::Web, "https://app.example:8443"),
            ("http://localhost:8000/docs/cb", ApplicationType::Web, "http://localhost:8000"),
            ("http://127.0.0.1/cb", ApplicationType::Native, "http://127.0.0.1"),
            // The grammar of CSP has no IPv6 address: only the scheme can be said.
            ("http://[::1]:9/cb", ApplicationType::Native, "http:"),
            ("com.example.app:/cb", ApplicationType::Native, "com.example.app:"),
        ] {
            let rp = Rp::with(&house, |new| {
                new.application_type = kind;
                new.redirect_uris = vec![uri.to_owned()];
            })
            .await;
            let allowed = format!("'self' {source}");
            let mut browser = house.browser();
            browser.get_from_stranger(&rp.authorize_url(&[])).await;
            assert_eq!(directive(browser.follow().await, "form-action"), allowed);
            let typed = [("email", "ada@example.com"), ("password", "wrong")];
            let again = browser.submit("#login-form", &typed).await;
            assert_eq!(directive(again, "form-action"), allowed, "after an error, too");
            sign_in(&mut browser, &house).await;
            assert_eq!(directive(browser.follow().await, "form-action"), allowed);
            let page = browser.get("/login?flow=x").await;
            assert_eq!(directive(page, "form-action"), "'self'");
        }
        let ported = Rp::with(&house, |new| {
            new.application_type = ApplicationType::Native;
            new.redirect_uris = vec!["http://127.0.0.1/cb".to_owned()];
        })
        .await;
        let url = ported.authorize_url(&[("redirect_uri", Some("http://127.0.0.1:51004/cb"))]);
        let mut browser = house.browser();
        browser.get_from_stranger(&url).await;
        let page = browser.follow().await;
        assert_eq!(directive(page, "form-action"), "'self' http://127.0.0.1:51004");
        browser.get(paths::LOGOUT_DONE).await;
        assert_eq!(directive(browser.last(), "form-action"), "'self'");
    }

    async fn behind_https_browsers_are_told_to_stay_there(db: Database) {
        let house = House::with(db, |config| {
            config.server.issuer = "https://login.example".to_owned();
            config.development = false;
        })
        .await;
        let rp = Rp::confidential(&house).await;
        let mut browser = house.browser();
        browser.get_from_stranger(&rp.authorize_url(&[])).await;
        let answer = browser.last().clone();
        for answer in [&answer, browser.follow().await] {
            answer.has("Strict-Transport-Security", |value| {
                value.contains("max-age=63072000") && value.contains("includeSubDomains")
            });
        }
        for cookie in answer.headers.get_all("Set-Cookie") {
            let cookie = cookie.to_str().expect("a cookie in ASCII");
            for part in ["__Host-", "; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/"] {
                assert!(cookie.contains(part), "{part} in {cookie}");
            }
        }
        sign_in(&mut browser, &house).await;
        browser.follow().await;
        rp.exchange(&browser.submit("#consent-approve", &[]).await.code()).await.tokens();
        assert!(browser.jar.value("__Host-doorward_session").is_some());
    }
}
