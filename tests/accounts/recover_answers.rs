//! PR-8, PR-2, PR-7: whether an address has an account, nobody learns at `/recover`; and what a
//! request says of its host decides nothing.

use std::time::Duration;

use doorward::{accounts::operate, mail, paths};
use entity::outbox;
use poem::{
    Endpoint, Request,
    http::{HeaderMap, Method},
};

use super::recovering::{letters, link, newest_link, somebody};
use crate::{
    pages::world::{GRACE, cookies, csrf, head, production},
    support::{
        browser::Browser,
        database::{Database, both},
        house::{House, Person},
        stopwatch::{take_one_time, timed},
    },
};

const UNKNOWN: &str = "eve@example.com";
/// Whoever asks; each address as long as the others.
const ALL: [&str; 5] = [
    "ada@example.com",
    UNKNOWN,
    "bob@example.com",
    "zoe@example.com",
    "lin@example.com",
];

/// A house with somebody who may, somebody who is disabled, somebody without a password and somebody
/// whose address is not proven.
async fn furnished(db: Database) -> House {
    // Time is measured below: the mailboxes must not be full.
    let house = House::with(db, |config| config.limits.letters = 1_000_000).await;
    house.person().await;
    let named = |email| Person { email, ..GRACE };
    let disabled = somebody(&house, named(ALL[2]), true, true).await;
    somebody(&house, named(ALL[3]), false, true).await;
    somebody(&house, named(ALL[4]), true, false).await;
    operate::disable(&house.app, &disabled)
        .await
        .expect("a change");
    house
}

/// What a browser gets, without the address that was typed and the id of the request.
async fn answered(house: &House, email: &str) -> (u16, HeaderMap, String) {
    let mut browser = house.browser();
    browser.get(paths::RECOVER).await;
    let answer = browser.submit("#recover-form", &[("email", email)]).await;
    let mut headers = answer.headers.clone();
    headers.remove("x-request-id");
    (
        answer.status,
        headers,
        answer.body.replace(email, "ADDRESS"),
    )
}

/// A POST of the form on the screen, with headers of our choice.
async fn post(house: &House, browser: &Browser<'_>, headers: &[(&str, &str)]) -> u16 {
    let csrf = csrf(browser, "#recover-form");
    let call = house.post(paths::RECOVER);
    let call = headers
        .iter()
        .fold(call, |call, (name, value)| call.header(name, value));
    let cookies = cookies(house, browser).expect("cookies");
    let form = [("csrf", csrf.as_str()), ("email", "ada@example.com")];
    call.header("Cookie", &cookies).form(&form).await.status
}

/// Names that no link of ours may ever have in it.
const EVIL: [(&str, &str); 9] = [
    ("X-Forwarded-Host", "evil.example"),
    ("X-Forwarded-Proto", "gopher"),
    ("X-Forwarded-Port", "1234"),
    ("X-Forwarded-Server", "evil.example"),
    ("X-Host", "evil.example"),
    ("X-Original-Host", "evil.example"),
    ("X-Rewrite-Url", "https://evil.example/"),
    ("X-Original-Url", "//evil.example/"),
    ("Forwarded", "for=192.0.2.1;host=evil.example;proto=gopher"),
];

both! {
    async fn pr_8_one_answer_for_everybody(db: Database) {
        let house = furnished(db).await;
        let first = answered(&house, ALL[0]).await;
        assert_eq!(first.0, 200);
        assert!(first.2.contains("If an account exists for"), "{}", first.2);
        for email in ALL {
            assert_eq!(answered(&house, email).await, first, "{email}");
        }
        // Nor by a question of another kind.
        let browser = house.browser();
        for email in ALL {
            let url = format!("{}?email={email}", paths::RECOVER);
            head(&house, &browser, &url).await.is(200);
            house.get(&url).await.shown(200, "Forgot your password?");
        }
    }

    async fn pr_8_only_who_may_use_it_gets_a_letter(db: Database) {
        let house = furnished(db).await;
        for email in ALL {
            let before = house.rows().await;
            answered(&house, email).await;
            let reads = email != UNKNOWN && email != ALL[2];
            let mut expected = before.clone();
            for (table, more) in [("event", 1), ("limit_counter", 1), ("outbox", i64::from(reads)), ("verification_token", i64::from(reads))] {
                *expected.get_mut(table).expect("a table") += more;
            }
            assert_eq!(house.rows().await, expected, "{email}");
            assert_eq!(letters(&house, email).await.len(), usize::from(reads), "{email}");
        }
    }

    async fn pr_2_a_link_begins_with_our_own_name_whatever_a_request_says(db: Database) {
        let house = production(db).await;
        house.person().await;
        let mut browser = house.browser();
        browser.get(paths::RECOVER).await;
        assert_eq!(post(&house, &browser, &EVIL).await, 200);
        let begin = "https://id.example.com/reset-password?token=rp_";
        let first = link(&house).await;
        assert!(first.starts_with(begin), "{first}");
        for (name, value) in EVIL {
            house.app.clock.turn(chrono::TimeDelta::hours(2));
            browser.get(paths::RECOVER).await;
            let before = link(&house).await;
            assert_eq!(post(&house, &browser, &[(name, value)]).await, 200);
            let now = link(&house).await;
            assert!(now != before && now.starts_with(begin), "{name}: {now}");
        }
    }

    async fn pr_2_a_host_that_is_not_ours_gets_into_no_letter(db: Database) {
        let house = production(db).await;
        house.person().await;
        for (host, target) in [
            ("evil.example", "/recover"),
            ("id.example.com:1234", "/recover"),
            ("id.example.com.evil.example", "/recover"),
            ("id.example.com@evil.example", "/recover"),
            ("id.example.com", "https://evil.example/recover"),
            ("evil.example", "https://id.example.com/recover"),
        ] {
            house.app.clock.turn(chrono::TimeDelta::hours(2));
            let mut browser = house.browser();
            browser.get(paths::RECOVER).await;
            let csrf = csrf(&browser, "#recover-form");
            let form = format!("csrf={csrf}&email=ada%40example.com");
            let request = Request::builder()
                .method(Method::POST)
                .uri_str(target)
                .header("Host", host)
                .header("Cookie", cookies(&house, &browser).expect("cookies"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header("Content-Length", form.len())
                .body(form);
            let status = house.doors.get_response(request).await.status().as_u16();
            assert!([200, 400, 421].contains(&status), "{host} {target}: {status}");
            let letters = outbox::newest(&house.app.db.read, 100).await.expect("the letters");
            for row in letters {
                let letter = mail::open(&house.app.sealer, &row).expect("a letter of ours");
                for part in [letter.text, letter.html] {
                    assert!(!part.contains("evil.example") && !part.contains("1234"), "{part}");
                }
            }
            if let Some(link) = newest_link(&house).await {
                assert!(link.starts_with("https://id.example.com/reset-password?token=rp_"), "{link}");
            }
        }
    }

    async fn pr_7_a_letter_goes_to_the_address_that_is_kept_and_to_no_other(db: Database) {
        let house = furnished(db).await;
        for (typed, to) in [
            (" ADA@Example.COM ", "ada@example.com"),
            ("ada@example.com.", ""),
            ("ada+x@example.com", ""),
            ("\u{ff41}da@example.com", ""),
            ("ada\u{ff20}example.com", ""),
            ("ada@example.com,eve@example.com", ""),
            ("zoe@example.com", "zoe@example.com"),
        ] {
            let before = outbox::newest(&house.app.db.read, 100).await.expect("the letters").len();
            answered(&house, typed).await;
            let letters = outbox::newest(&house.app.db.read, 100).await.expect("the letters");
            let new: Vec<_> = letters[..letters.len() - before].iter().map(|row| row.recipient.as_str()).collect();
            let expected: Vec<_> = Some(to).filter(|to| !to.is_empty()).into_iter().collect();
            assert_eq!(new, expected, "{typed}");
        }
    }
}

/// The catalogue's three milliseconds, or a third where the machine has much else to do.
async fn pr_8_one_time(db: Database) {
    let house = furnished(db).await;
    for email in ALL {
        answered(&house, email).await;
    }
    take_one_time(ALL, (25, Duration::from_millis(3)), async |email| {
        let mut browser = house.browser();
        browser.get(paths::RECOVER).await;
        timed(browser.submit("#recover-form", &[("email", email)])).await
    })
    .await;
}

both! {
    async fn pr_8_one_time_for_everybody(db: Database) {
        pr_8_one_time(db).await;
    }
}
