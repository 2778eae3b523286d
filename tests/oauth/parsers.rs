//! DO: what nobody sends by mistake. Parameters without an end, addresses that are none, headers that
//! cannot be read, and callers who leave in the middle: each gets an answer or none, nothing breaks, and
//! nothing is half done.

use doorward::{oauth::redirect_uri, paths};
use entity::value::ApplicationType;
use poem::http::Method;

use super::granted::{Granted, rows_but_events, sqlite};
use crate::support::{answer::Answer, call::Call, database::both, house::House};

/// Everything that takes parameters.
const PLACES: [&str; 10] = [
    paths::AUTHORIZE,
    paths::TOKEN,
    paths::USERINFO,
    paths::INTROSPECT,
    paths::REVOKE,
    paths::PAR,
    paths::DEVICE_AUTHORIZATION,
    paths::END_SESSION,
    paths::LOGIN,
    "/api/auth/sign-in/email",
];

both! {
    async fn do_3_parameters_without_an_end_are_refused_and_kept_nowhere(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let before = rows_but_events(&house).await;
        let words = |word: &str, count: usize| vec![word; count].join(" ");
        let deep = format!("{}{}", "{\"id_token\":".repeat(1_500), "}".repeat(1_500));
        let values = [
            words("openid", 10_000),
            words("a", 30_000),
            (0..9_000).map(|at| format!("s{at}")).collect::<Vec<_>>().join(" "),
            deep,
            "[".repeat(20_000),
            "9".repeat(50_000),
            "x".repeat(60_000),
        ];
        let names = [
            "scope", "ui_locales", "claims_locales", "acr_values", "claims", "nonce", "state", "prompt",
            "max_age", "display", "login_hint", "id_token_hint", "resource", "request", "request_uri",
            "code_challenge", "dpop_jkt", "response_type", "response_mode", "nonsense",
        ];
        for value in &values {
            for name in names {
                let url = granted.rp.authorize_url(&[(name, None)]);
                let (_, query) = url.split_once('?').expect("a query");
                let form = format!("{query}&{name}={}", urlencoded(value));
                for path in [paths::AUTHORIZE, paths::PAR] {
                    let call = house.post(path);
                    let call = match &granted.rp.client_secret {
                        Some(secret) if path == paths::PAR => call.basic(&granted.rp.client_id, secret),
                        _ => call,
                    };
                    let answer = call.body("application/x-www-form-urlencoded", form.as_str()).await;
                    assert!([303, 400, 413].contains(&answer.status) || (answer.status == 201 && path == paths::PAR),
                        "{name}: {}", answer.told());
                    assert!(answer.header("Location").len() < 100_000);
                }
            }
        }
        let mut after = rows_but_events(&house).await;
        // What was pushed is bounded, and goes.
        after.insert("pushed_request".to_owned(), before["pushed_request"]);
        after.insert("limit_counter".to_owned(), before["limit_counter"]);
        assert_eq!(after, before);
        granted.tokens().await;
    }
}

fn urlencoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[tokio::test]
async fn do_3_languages_are_not_collected() {
    let house = sqlite().await;
    let granted = Granted::confidential(&house).await;
    let before = house.rows().await;
    for at in 0..500 {
        let locales = format!("x-{at} en-{at}");
        let url = granted.rp.authorize_url(&[("ui_locales", Some(&locales))]);
        let answer = house.get(&url).header("Accept-Language", &locales).await;
        answer.sent_to(paths::LOGIN);
    }
    assert_eq!(house.rows().await, before);
}

#[tokio::test]
async fn do_4_headers_that_cannot_be_read_break_nothing() {
    let house = sqlite().await;
    let granted = Granted::confidential(&house).await;
    let before = rows_but_events(&house).await;
    let long = "A".repeat(60_000);
    let values = [
        "",
        " ",
        "Basic",
        "Basic ",
        "Basic :",
        "Basic ====",
        "Basic \u{fffd}",
        "Bearer",
        "Bearer \t",
        "DPoP",
        "Digest username=\"a\"",
        "Negotiate YII=",
        "Basic Og==",
        "Basic /w==",
        "Basic AAAA",
        "Bearer .",
        "Bearer ..",
        "Bearer a.b.c",
        "0",
        "null",
        "[]",
        "{}",
        "-1",
        "99999999999999999999",
        ";",
        ",,,",
        "=",
        "a=b; c",
        "\"",
        "bytes=0-",
        "*",
        "*/*;q=x",
        "gzip, deflate, br",
        "chunked",
        &long,
    ];
    let names = [
        "Authorization",
        "Cookie",
        "DPoP",
        "Origin",
        "Accept",
        "Content-Type",
        "Content-Length",
        "If-None-Match",
        "Range",
        "Accept-Encoding",
        "Accept-Language",
        "Sec-Fetch-Site",
        "X-Forwarded-For",
        "Forwarded",
        "Client-Cert",
        "Expect",
        "Content-Encoding",
    ];
    for name in names {
        for value in values {
            for path in PLACES {
                for method in [Method::GET, Method::POST] {
                    let call = Call::new(house.doors.clone(), method, house.url(path));
                    let answer = call.header(name, value).await;
                    assert!(
                        answer.status < 500,
                        "{name}: {value:.40}: {}",
                        answer.told()
                    );
                }
            }
        }
    }
    assert_eq!(rows_but_events(&house).await, before);
    drop(granted);
}

#[tokio::test]
async fn do_7_addresses_that_are_none_are_refused_and_harm_nobody() {
    let house = sqlite().await;
    let granted = Granted::confidential(&house).await;
    let long = format!("https://{}.example/cb", "a".repeat(60_000));
    let many = format!("https://app.example/{}", "a/".repeat(30_000));
    let before = rows_but_events(&house).await;
    for uri in [
        "http://[::1",
        "http://[",
        "http://]",
        "http://[::1]]/",
        "https://[::g]/",
        "https://[1:2:3:4:5:6:7:8:9]/",
        "https://[::1%25eth0]/cb",
        "https://[v1.x]/",
        "http://[::1]:99999/",
        "https://app.example:/cb",
        "https://app.example:x/cb",
        "https://",
        "https:",
        "://",
        ":",
        "//",
        "%",
        "https://%/",
        "https://%00/",
        "https://\u{fdd0}/",
        "https://xn--/",
        "https://xn--a-\u{e4}/",
        "https://a..b/",
        "https://-/",
        "https://1.2.3/",
        "https://0x/",
        "https://256.256.256.256/",
        "\u{0}https://app.example/cb",
        &long,
        &many,
    ] {
        let judged = redirect_uri::check(uri, ApplicationType::Web);
        let odd = uri.contains(['[', ']', '%', '\u{0}']);
        assert!(judged.is_err() || !odd, "{uri:.60}");
        let pairs = [
            ("client_id", granted.rp.client_id.as_str()),
            ("redirect_uri", uri),
            ("response_type", "code"),
        ];
        refused(&house, house.post(paths::AUTHORIZE).form(&pairs).await).await;
        let pairs = [
            ("client_id", granted.rp.client_id.as_str()),
            ("post_logout_redirect_uri", uri),
        ];
        refused(&house, house.post(paths::END_SESSION).form(&pairs).await).await;
    }
    assert_eq!(rows_but_events(&house).await, before);
}

/// Not taken, if need be after having been asked for again by GET: nobody is sent anywhere.
async fn refused(house: &House, answer: Answer) {
    let answer = match answer.status {
        303 => {
            let to = answer.location().expect("a Location");
            assert_eq!(to.origin(), answer.url.origin(), "{}", answer.told());
            house.get(to.as_str()).await
        }
        _ => answer,
    };
    assert!([400, 413].contains(&answer.status), "{}", answer.told());
    answer.has("Location", str::is_empty);
}
