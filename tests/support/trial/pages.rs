//! Trial of the browser, in front of doors that show it what real ones may.

use chrono::TimeDelta;
use poem::{Endpoint, Request, Response, endpoint::make, http::Method};

use super::super::{browser::STRANGER, database::Database, house::House, page::Page};

const FORM: &str = r##"<!doctype html><title>A &amp; B</title><h1 id="top">Sign <em>in</em></h1>
<form id="login-form" method="post" action="/told?a=1&amp;b=2">
<input type=hidden name=csrf value="a&quot;b"><label>E-mail <input id=email name=email></label>
<input name=user readonly value="u"><input type=checkbox name=keep value=yes>
<input type=checkbox name=other value=yes checked><input name=off value=x disabled>
<textarea name=note><b></textarea><button id=go name=decision value=yes>Go</button>
<button id=stop name=decision value=no>Stop</button></form>
<form id="second" method="post" action=""><input type="submit" id="again" value="Again"></form>
<a href="/page">Read &lt;on&gt;</a>"##;

/// Doors with a page, a place that says what it was sent, and redirects.
fn doors() -> impl Endpoint {
    make(|mut request: Request| async move {
        let told = |name: &str| request.header(name).unwrap_or("-").to_owned();
        let told: Vec<String> = ["Cookie", "Origin", "Referer", "Sec-Fetch-Site", "Host"]
            .map(|name| format!("{name}: {}", told(name)))
            .to_vec();
        let path = request.uri().path().to_owned();
        let response = Response::builder().content_type("text/html; charset=utf-8");
        Ok::<_, poem::Error>(match (path.as_str(), request.method()) {
            ("/page", &Method::GET) => response
                .header(
                    "Set-Cookie",
                    "short=1; Max-Age=60; Path=/; HttpOnly; SameSite=Lax",
                )
                .header("Set-Cookie", "deep=2; Path=/deep")
                .header("Set-Cookie", "__Host-open=3; Path=/; Secure; SameSite=None")
                .body(FORM),
            ("/away", _) => response
                .status(poem::http::StatusCode::SEE_OTHER)
                .header("Location", "https://app.example/cb?code=1#")
                .body(""),
            ("/on", _) => response
                .status(poem::http::StatusCode::SEE_OTHER)
                .header("Location", "away")
                .body(""),
            ("/end", _) => response
                .header("Set-Cookie", "short=; Max-Age=0; Path=/")
                .body("ended"),
            _ => {
                let uri = request.uri().to_string();
                let body = request.take_body().into_string().await?;
                response.body(format!("{uri}\n{}\n{body}", told.join("\n")))
            }
        })
    })
}

async fn house() -> House {
    House::behind(Database::sqlite().await, |_| (), |_| doors()).await
}

#[test]
fn a_page_is_read_as_a_person_reads_it() {
    let page = Page::read(FORM);
    assert_eq!(page.text_of("#top"), Some("Sign in"));
    assert_eq!(page.text_of("#none"), None);
    assert_eq!(page.link("Read <on>"), "/page");
    let mut form = page.form("#login-form");
    form.fill("email", "a@b.example");
    form.fill("keep", "yes");
    form.fill("other", "");
    let pairs = form.pairs();
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    assert_eq!(
        pairs,
        [
            ("csrf", "a\"b"),
            ("email", "a@b.example"),
            ("user", "u"),
            ("keep", "yes"),
            ("note", "<b>"),
            ("decision", "yes"),
        ]
    );
    assert!(
        page.form("#stop")
            .pairs()
            .contains(&("decision".to_owned(), "no".to_owned()))
    );
    assert_eq!(page.form("#again").id, "second");
}

#[test]
fn what_is_not_on_the_page_cannot_be_used() {
    let fails = |act: fn(&Page)| {
        let page = Page::read(FORM);
        std::panic::catch_unwind(move || act(&page)).is_err()
    };
    assert!(fails(|page| drop(page.form("#register-form"))));
    assert!(fails(|page| page.form("#login-form").fill("password", "x")));
    assert!(fails(|page| page.form("#login-form").fill("csrf", "x")));
    assert!(fails(|page| page.form("#login-form").fill("user", "x")));
    assert!(fails(|page| _ = page.link("Read")));
}

#[tokio::test]
async fn a_form_is_sent_with_what_a_browser_sends() {
    let house = house().await;
    let mut browser = house.browser();
    browser.get("/page").await;
    let told = &browser.submit("#stop", &[("email", "a b&c")]).await.body;
    for line in [
        "/told?a=1&b=2\n",
        "Origin: http://localhost:8080\n",
        "Referer: http://localhost:8080/page\n",
        "Sec-Fetch-Site: same-origin\n",
        "Host: localhost:8080\n",
        "Cookie: __Host-open=3; short=1\n",
        "\ncsrf=a%22b&email=a+b%26c&user=u&other=yes&note=%3Cb%3E&decision=no",
    ] {
        assert!(told.contains(line), "{line} in {told}");
    }
}

#[tokio::test]
async fn a_strange_page_sends_less() {
    let house = house().await;
    let mut browser = house.browser();
    browser.get("/page").await;
    let told = browser
        .post_from_stranger("/told", &[("a", "b")])
        .await
        .body
        .clone();
    for line in [
        &format!("Origin: {STRANGER}\n"),
        "Sec-Fetch-Site: cross-site\n",
        "Cookie: __Host-open=3\n",
    ] {
        assert!(told.contains(line), "{line} in {told}");
    }
    let told = &browser.get_from_stranger("/told").await.body;
    for line in ["Origin: -\n", "Cookie: __Host-open=3; short=1\n"] {
        assert!(told.contains(line), "{line} in {told}");
    }
    let told = &browser.post_form("/deep/told", &[("a", "b")]).await.body;
    assert!(
        told.contains("Cookie: __Host-open=3; deep=2; short=1\n"),
        "{told}"
    );
}

#[tokio::test]
async fn cookies_end_with_their_time_or_when_they_are_told_to() {
    let house = house().await;
    let mut browser = house.browser();
    browser.get("/page").await;
    assert_eq!(browser.jar.value("short"), Some("1"));
    browser.get("/end").await;
    assert_eq!(browser.jar.value("short"), None);
    browser.get("/page").await;
    house.turn(TimeDelta::seconds(61));
    let told = &browser.get("/told").await.body;
    assert!(told.contains("Cookie: __Host-open=3\n"), "{told}");
}

#[tokio::test]
async fn redirects_are_followed_when_asked_and_not_out_of_the_house() {
    let house = house().await;
    let mut browser = house.browser();
    assert_eq!(browser.get("/on").await.status, 303);
    assert_eq!(browser.last().url.path(), "/on");
    let last = browser.follow().await;
    assert_eq!((last.url.path(), last.status), ("/away", 303));
    let away = last.location().expect("a Location");
    assert_eq!(away.as_str(), "https://app.example/cb?code=1#");
    browser.get("/page").await;
    assert_eq!(browser.click("Read <on>").await.url.path(), "/page");
}
