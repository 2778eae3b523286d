//! What people type that no person is called: statements of databases, letters that look like others,
//! passwords without an end. IJ-1, IJ-5, DO-1 and JW-11 of the catalogue.

use chrono::TimeDelta;
use doorward::{crypto::jwt::Typ, paths};
use entity::value::SigningAlg;
use poem::http::Method;
use serde_json::json;

use super::world::{GRACE, contents, cookies, csrf, head, signed_up, user, verify_link};
use crate::support::{call::Call, database::both, device::browser_of, house::House, rp::Rp};

/// What has been a statement in other servers.
const STATEMENTS: [&str; 22] = [
    "'",
    "\"",
    "`",
    "\\",
    "' OR '1'='1",
    "' OR 1=1 --",
    "\" OR \"\"=\"",
    "') OR ('a'='a",
    "1; DROP TABLE \"user\"; --",
    "'; DELETE FROM session; --",
    "' UNION SELECT email, password_hash FROM \"user\" --",
    "1 AND (SELECT count(*) FROM \"user\") > 0",
    "' AND 1=(SELECT 1 FROM pg_sleep(5)) --",
    "' AND randomblob(500000000) --",
    "%' OR email LIKE '%",
    "%",
    "_",
    "$1",
    "?1",
    ":email",
    "{\"$ne\": null}",
    "x'00'",
];

both! {
    async fn ij_1_no_word_that_is_sent_is_a_statement(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let rp = Rp::confidential(&house).await;
        let secret = rp.client_secret.clone().expect("a secret");
        let browser = browser_of(&house, person).await;
        // So that the client has been used before.
        rp.post(paths::INTROSPECT, &[("token", "x")]).await.is(200);
        let cookies = cookies(&house, &browser).expect("cookies");
        let before = contents(&house).await;
        for words in STATEMENTS {
            let field = |name: &'static str| [(name, words), ("csrf", words), ("flow", words), ("grant_type", words)];
            let mut calls: Vec<Call> = Vec::new();
            // Names and secrets by which something is looked up.
            for (path, name) in [
                (paths::TOKEN, "code"), (paths::TOKEN, "refresh_token"), (paths::TOKEN, "device_code"),
                (paths::INTROSPECT, "token"), (paths::REVOKE, "token"), (paths::PAR, "request_uri"),
                (paths::DEVICE_AUTHORIZATION, "scope"),
            ] {
                calls.push(house.post(path).basic(&rp.client_id, &secret).form(&field(name)));
                calls.push(house.post(path).basic(words, &secret).form(&field(name)));
                calls.push(house.post(path).basic(&rp.client_id, words).form(&field(name)));
            }
            for (path, name) in [
                (paths::AUTHORIZE, "client_id"), (paths::AUTHORIZE, "redirect_uri"), (paths::AUTHORIZE, "request_uri"),
                (paths::END_SESSION, "client_id"), (paths::VERIFY_EMAIL, "token"), (paths::LOGIN, "flow"),
                (paths::DEVICE, "user_code"), (paths::HOME, "sort"), (paths::ACCOUNT, "page"),
                (paths::ACCOUNT_ACTIVITY, "before"), (paths::DEV_MAIL, "filter"),
            ] {
                let mut url = house.url(path);
                url.query_pairs_mut().append_pair(name, words);
                calls.push(house.get(url.as_str()).header("Cookie", &cookies));
            }
            for path in ["sign-in/email", "revoke-session", "change-password"] {
                let body = json!({ "email": words, "password": words, "token": words, "currentPassword": words, "newPassword": words });
                let call = house.post(&format!("/api/auth/{path}")).header("Cookie", &cookies);
                let call = call.header("Origin", &house.app.config.server.origin());
                calls.push(call.body("application/json", body.to_string()));
            }
            for path in [paths::CLIENT_LOGO, paths::DEV_MAIL, paths::CLIENT_REGISTRATION] {
                let mut url = house.url(path);
                url.path_segments_mut().expect("a path").push(words);
                calls.push(Call::new(house.doors.clone(), Method::GET, url).bearer("x"));
            }
            for name in ["doorward_session", "doorward_visitor"] {
                let quoted: String = words.chars().filter(|c| !";,\"\\ ".contains(*c)).collect();
                let cookie = format!("{name}={quoted}");
                calls.push(house.get(paths::ACCOUNT).header("Cookie", &cookie));
            }
            for call in calls {
                let answer = call.await;
                assert!(answer.status < 500, "{words}: {}", answer.told());
                for told in ["argon2", "syntax", "SQL", "sqlite", "postgres"] {
                    assert!(!answer.body.contains(told), "{words}: {}", answer.told());
                }
            }
            assert_eq!(without_failures(contents(&house).await), without_failures(before.clone()), "{words}");
        }
    }

    async fn ij_5_one_mailbox_is_one_account_however_it_is_typed(db: Database) {
        let house = House::with(db, |config| config.limits.letters = 1000).await;
        let kept = "kim@xn--bcher-kva.example";
        let mut first = house.browser();
        first.get(paths::REGISTER).await;
        let typed = [("email", "Kim@B\u{fc}cher.example"), ("password", GRACE.password), ("name", "Kim")];
        first.submit("#register-form", &typed).await.is(303);
        assert_eq!(user(&house, kept).await.email, kept);
        let link = verify_link(&house).await;
        assert!(link.starts_with(&house.app.config.server.issuer));
        let before = house.rows().await;
        for same in [
            "kim@b\u{fc}cher.example",
            "KIM@BU\u{308}CHER.EXAMPLE",
            "kim@xn--bcher-kva.example",
            "kim@XN--BCHER-KVA.example",
            // The Kelvin sign is a K, and the fullwidth dot a dot, before anything is compared.
            "\u{212a}im@b\u{fc}cher.example",
            "kim@b\u{fc}cher\u{ff0e}example",
            "  kim@b\u{fc}cher.example\t",
        ] {
            let mut browser = house.browser();
            browser.get(paths::REGISTER).await;
            let typed = [("email", same), ("password", GRACE.password), ("name", "")];
            let answer = browser.submit("#register-form", &typed).await;
            assert!([303, 422].contains(&answer.status), "{same}: {}", answer.told());
            assert_eq!(house.rows().await["user"], before["user"], "{same}");
            // It signs in with any of them.
            let mut browser = house.browser();
            browser.get(paths::LOGIN).await;
            let typed = [("email", same), ("password", GRACE.password)];
            browser.submit("#login-form", &typed).await.is(303);
        }
        let before = house.rows().await;
        for none in [
            "kim\u{ff20}b\u{fc}cher.example", "kim@b\u{fc}cher\u{ff20}evil.example", "kim@evil.example@b\u{fc}cher.example",
            "\u{131}im@example.com", "\u{130}im@example.com", "\u{17f}im@example.com", "ki\u{fb03}@example.com",
            "k\u{200d}im@example.com", "kim\u{202e}@example.com", "\"kim smith\"@example.com", "kim(x)@example.com",
            "kim@[127.0.0.1]", "kim@[IPv6:::1]", "kim@127.0.0.1", "kim@example.com.", "kim@example.com\u{3002}",
            "<kim@example.com>", "kim@example.com,eve@example.com", "kim@example.com;eve@example.com",
            "kim@example.com\r\nBcc: eve@example.com", "kim@example.com%0aBcc:eve@example.com", "mailto:kim@example.com",
            &format!("{}@example.com", "k".repeat(65)), &format!("kim@{}.example", "b.".repeat(130)),
        ] {
            let mut browser = house.browser();
            browser.get(paths::REGISTER).await;
            let typed = [("email", none), ("password", GRACE.password), ("name", "")];
            browser.submit("#register-form", &typed).await.is(422);
            let mut after = house.rows().await;
            after.insert("limit_counter".to_owned(), before["limit_counter"]);
            assert_eq!(after, before, "{none:?}");
        }
    }

    async fn do_1_a_password_without_an_end_is_not_hashed(db: Database) {
        let house = House::with(db, |config| config.limits.sign_ups = 1000).await;
        let person = house.person().await;
        let long = format!("seven ladders to the moon{}", "!".repeat(1000));
        assert_eq!(long.len(), 1025);
        // 600 letters of two bytes each after NFC, and three before it.
        let wide = "e\u{301}".repeat(600);
        let before = house.rows().await;
        for password in [&long, &wide, &"x".repeat(60_000)] {
            let mut browser = house.browser();
            browser.get(paths::REGISTER).await;
            let typed = [("email", GRACE.email), ("password", password.as_str()), ("name", "")];
            browser.submit("#register-form", &typed).await.is(422);
            let body = json!({ "name": "", "email": GRACE.email, "password": password }).to_string();
            let api = house.post(paths::API_SIGN_UP_EMAIL).body("application/json", body);
            assert_eq!(api.await.problem(400)["code"], "PASSWORD_TOO_LONG");
        }
        let mut after = house.rows().await;
        after.insert("limit_counter".to_owned(), before["limit_counter"]);
        assert_eq!(after, before);
        let mut browser = house.browser();
        for path in [paths::LOGIN, paths::REGISTER] {
            browser.get(path).await;
            let form = if path == paths::LOGIN { "#login-form" } else { "#register-form" };
            let typed = [("email", person.email), ("password", &"x".repeat(70_000))];
            browser.submit(form, &typed).await.is(413);
        }
        // The longest that can be has its place, and what is one byte longer is nobody's password.
        let fits = &long[..1024];
        let mut browser = house.browser();
        browser.get(paths::REGISTER).await;
        let typed = [("email", GRACE.email), ("password", fits), ("name", "")];
        browser.submit("#register-form", &typed).await.is(303);
        let mut browser = house.browser();
        browser.get(paths::LOGIN).await;
        browser.submit("#login-form", &[("email", GRACE.email), ("password", &long)]).await.is(422);
        browser.submit("#login-form", &[("email", GRACE.email), ("password", fits)]).await.is(303);
    }

    async fn jw_11_no_link_is_believed_because_it_is_signed(db: Database) {
        let house = House::new(db).await;
        let browser = signed_up(&house, GRACE).await;
        let link = verify_link(&house).await;
        let (page, token) = link.split_once("token=").expect("a token");
        // Opaque: a prefix and 256 random bits, of which the database has a digest.
        let random = token.strip_prefix("ve_").expect("its kind");
        assert!(random.len() == 43 && random.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)), "{token}");
        let own = user(&house, GRACE.email).await;
        let now = house.app.clock.now();
        let claims = json!({
            "iss": house.app.config.server.issuer, "aud": house.app.config.server.issuer, "sub": own.subject,
            "email": own.email, "exp": (now + TimeDelta::hours(1)).timestamp(), "purpose": "verify-email",
        });
        let signed = house.app.keyring.sign(SigningAlg::ES256, Typ::IdToken, &claims, now).expect("a token");
        let unsigned = "eyJhbGciOiJub25lIn0.eyJlbWFpbCI6ImdyYWNlQGV4YW1wbGUuY29tIn0.";
        let rows = house.rows().await;
        for forged in [signed.as_str(), unsigned, &token[..45], &token.to_uppercase(), &token.replacen("ve_", "rp_", 1)] {
            let mut other = house.browser();
            other.jar = browser.jar.clone();
            let shown = other.get(&format!("{page}token={forged}")).await;
            assert!([400, 404, 410].contains(&shown.status), "{}", shown.told());
            head(&house, &other, &format!("{}?token={forged}", paths::VERIFY_EMAIL)).await;
            other.get(paths::LOGOUT).await;
            let csrf = csrf(&other, "#logout-confirm");
            let form = [("csrf", csrf.as_str()), ("token", forged)];
            let pressed = other.post_form(paths::VERIFY_EMAIL, &form).await;
            assert!((400..500).contains(&pressed.status), "{}", pressed.told());
        }
        assert_eq!(house.rows().await, rows);
        assert_eq!(user(&house, GRACE.email).await.email_verified, None);
    }
}

/// What is counted and recorded of failures is no change that a word has made.
fn without_failures(
    mut contents: std::collections::BTreeMap<String, Vec<String>>,
) -> std::collections::BTreeMap<String, Vec<String>> {
    for table in [
        "event",
        "limit_counter",
        "failure_counter",
        "device_code",
        "session",
    ] {
        contents.remove(table);
    }
    contents
}
