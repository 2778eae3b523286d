//! EN-2, EN-3: whether an address has an account, nobody learns by signing up where an address is
//! proven first: not by what a page says, not by a cookie, a row or the time. Only the mailbox does.

use chrono::TimeDelta;
use doorward::{config::Config, paths};
use entity::value::LetterKind;
use poem::http::HeaderMap;
use sea_orm::EntityTrait;
use serde_json::json;

use super::proving::{add, letters, sign_up, waiting};
use crate::{
    pages::world::{GRACE, run},
    support::{
        answer::Answer,
        browser::Browser,
        database::{Database, both},
        house::{House, Person},
    },
};

/// The people of the table; each address as long as the others, so that a page that shows it is too.
const FREE: &str = "eve@example.com";
const PROVEN: &str = "ada@example.com";
const UNPROVEN: &str = "bob@example.com";
const DISABLED: &str = "zoe@example.com";
const PENDING: &str = "kim@example.com";
pub(super) const ALL: [&str; 5] = [FREE, PROVEN, UNPROVEN, DISABLED, PENDING];

fn person(email: &'static str) -> Person {
    Person { email, ..GRACE }
}

/// As an operator runs it, with the limits that are usual.
fn settings(config: &mut Config) {
    config.development = false;
    config.server.issuer = "https://id.example.com".to_owned();
    config.accounts.verified_email_only = true;
    config.limits.sign_ups = 1000;
    config.limits.letters_by_address = 1000;
}

pub(super) async fn furnished(db: Database, change: impl FnOnce(&mut Config)) -> House {
    let house = House::with(db, |config| {
        settings(config);
        change(config);
    })
    .await;
    for (email, proven) in [(PROVEN, true), (UNPROVEN, false), (DISABLED, true)] {
        let user = add(&house, person(email), proven).await;
        if email == DISABLED {
            let done = doorward::accounts::operate::disable(&house.app, &user).await;
            assert!(done.expect("a change"));
        }
    }
    waiting(&house, person(PENDING)).await;
    // Long enough ago that its letter counts for nothing.
    house.turn(TimeDelta::minutes(61));
    house
}

/// An answer without what is different in every one: secrets, ids, the address.
fn plain(answer: &Answer, email: &str) -> (u16, HeaderMap, String) {
    let mut headers = answer.headers.clone();
    headers.remove("x-request-id");
    let request_id = answer.header("x-request-id");
    let cut = |text: &str| {
        let mut text = text
            .replace(email, "ADDRESS")
            .replace(request_id, "REQUEST");
        for start in ["sign-up.", "name=\"csrf\" value=\"", "visitor=vi_"] {
            let mut parts = text.split(start);
            let mut whole = parts.next().unwrap_or_default().to_owned();
            for part in parts {
                let rest = part.trim_start_matches(|c: char| {
                    c.is_ascii_alphanumeric() || c == '-' || c == '_'
                });
                whole.push_str(start);
                whole.push_str(rest);
            }
            text = whole;
        }
        text
    };
    for (_, value) in &mut headers {
        let shown = cut(value.to_str().expect("a header in ASCII"));
        *value = shown.parse().expect("a header");
    }
    let body = match answer.json_body() {
        Some(mut json) => {
            // Random, and true to the second.
            for name in ["id", "createdAt", "updatedAt"] {
                let text = json["user"][name].as_str().expect("a text").len();
                json["user"][name] = json!(text);
            }
            cut(&json.to_string())
        }
        None => cut(&answer.body),
    };
    (answer.status, headers, body)
}

impl Answer {
    fn json_body(&self) -> Option<serde_json::Value> {
        self.header("Content-Type")
            .starts_with("application/json")
            .then(|| self.json())
    }
}

/// What a browser meets that signs up: each answer as it could be compared.
async fn met(house: &House, email: &'static str) -> Vec<(u16, HeaderMap, String)> {
    // What was guessed for the address before counts where it came from.
    house.forget_counts().await;
    let mut browser = house.browser();
    let mut met = Vec::new();
    let mut take = |browser: &Browser<'_>| met.push(plain(browser.last(), email));
    sign_up(&mut browser, person(email)).await;
    browser.last().sent_to(paths::CONFIRM_SIGN_UP);
    take(&browser);
    browser.follow().await.shown(200, "Check your mail");
    take(&browser);
    for _ in 0..6 {
        // Nobody's letter has this code, save one in a million.
        browser
            .submit("#confirm-form", &[("code", "000000")])
            .await
            .is(422);
        take(&browser);
    }
    browser
        .submit("#confirm-form", &[("code", "not a code")])
        .await
        .is(422);
    take(&browser);
    browser.submit("#confirm-send-form", &[]).await.is(303);
    take(&browser);
    browser.follow().await.is(200);
    house.turn(TimeDelta::minutes(2));
    browser.submit("#confirm-send-form", &[]).await.is(303);
    take(&browser);
    browser.follow().await.is(200);
    take(&browser);
    // Back, and once more with another password: one more letter, and then no more.
    for _ in 0..2 {
        sign_up(
            &mut browser,
            Person {
                password: "nanoseconds on a string",
                ..person(email)
            },
        )
        .await;
        take(&browser);
    }
    assert_eq!(browser.last().status, 429);
    browser.last().has("Retry-After", |seconds| {
        seconds.parse().is_ok_and(|left: u32| left > 60)
    });
    met
}

both! {
    async fn en_2_one_answer_whoever_has_the_address(db: Database) {
        let house = furnished(db, |_| ()).await;
        let mut expected = None;
        for email in ALL {
            let met = met(&house, email).await;
            let expected = expected.get_or_insert_with(|| met.clone());
            for (step, (one, other)) in met.iter().zip(&*expected).enumerate() {
                let retry = |(status, headers, body): &(u16, HeaderMap, String)| {
                    let mut headers = headers.clone();
                    // The seconds that are left run on while the test does.
                    headers.remove("retry-after");
                    (*status, headers, body.clone())
                };
                assert_eq!(retry(one), retry(other), "{email}, step {step}");
            }
            assert_eq!(met.len(), expected.len());
        }
    }

    async fn en_2_one_trace_whoever_has_the_address(db: Database) {
        let house = furnished(db, |_| ()).await;
        let mut expected = None;
        for email in ALL {
            let before = house.rows().await;
            met(&house, email).await;
            let after = house.rows().await;
            let more: Vec<(String, i64)> = after
                .into_iter()
                .map(|(table, rows)| (table.clone(), rows - before[&table]))
                // Counters of an hour ago are used again.
                .filter(|(table, more)| *more != 0 && table != "limit_counter")
                .collect();
            let expected = expected.get_or_insert_with(|| more.clone());
            assert_eq!(&more, expected, "{email}");
        }
    }

    async fn en_2_the_mailbox_learns_it(db: Database) {
        let house = furnished(db, |_| ()).await;
        for email in ALL {
            waiting(&house, person(email)).await;
            let told = letters(&house, LetterKind::AddressTaken).await;
            let told = told.iter().find(|letter| letter.to == email);
            let asked = letters(&house, LetterKind::SignUp).await;
            let asked = asked.iter().find(|letter| letter.to == email);
            let taken = [PROVEN, UNPROVEN, DISABLED].contains(&email);
            assert_eq!((told.is_some(), asked.is_some()), (taken, !taken), "{email}");
            if let Some(told) = told {
                let text = &told.letter.text;
                for page in [paths::LOGIN, paths::RECOVER] {
                    assert!(text.contains(&format!("https://id.example.com{page}\n")), "{text}");
                }
                assert!(!text.contains("token="), "{text}");
                assert!(!text.contains(GRACE.name) && !told.letter.html.contains(GRACE.name));
            }
        }
    }

    async fn en_2_a_code_that_was_guessed_for_somebody_elses_address_is_wrong(db: Database) {
        let house = furnished(db, |_| ()).await;
        let mut browser = waiting(&house, person(PROVEN)).await;
        // As if the guess of a code were right.
        let before = house.rows().await;
        for row in rows_that_wait(&house).await {
            let code = house.app.secrets.mail_code(&row.token, "123456").expect("a code");
            let sql = format!("UPDATE verification_token SET code = '{}' WHERE token = '{}'", code.0, row.token.0);
            run(&house, &sql).await;
        }
        browser.submit("#confirm-form", &[("code", "123456")]).await.shown(422, "The code is wrong.");
        assert_eq!(house.rows().await["user"], before["user"]);
        assert_eq!(house.rows().await["session"], before["session"]);
    }

    async fn en_3_the_api_says_the_same_too(db: Database) {
        let house = furnished(db, |_| ()).await;
        let mut expected = None;
        for email in ALL {
            let before = house.rows().await;
            let body = json!({ "name": "Grace", "email": email, "password": GRACE.password });
            let answer = house.post(paths::API_SIGN_UP_EMAIL).body("application/json", body.to_string()).await;
            assert_eq!(answer.ok()["token"], json!(null));
            assert_eq!(answer.ok()["user"]["emailVerified"], false);
            let after = house.rows().await;
            let more = after.iter().filter(|(table, _)| *table != "limit_counter");
            let more: Vec<i64> = more.map(|(table, rows)| rows - before[table]).collect();
            let got = (plain(&answer, email), more);
            let expected = expected.get_or_insert_with(|| got.clone());
            assert_eq!(&got, expected, "{email}");
        }
    }
}

async fn rows_that_wait(house: &House) -> Vec<entity::verification_token::Model> {
    let rows = entity::verification_token::Entity::find();
    rows.all(&house.app.db.read).await.expect("rows")
}
