//! A copy of one's data: all of it, nobody else's, and no secret or anything that was made of one.

use std::collections::BTreeSet;

use doorward::{accounts::operate, paths};
use entity::value::{Address, EventKind, Role, StandardClaims};
use serde_json::Value;

use super::guarding::{GRACE, add, ask, browser_of, events, session, typed};
use crate::{
    oauth::granted::Granted,
    pages::world::contents,
    support::{answer::Answer, browser::Browser, database::both, house::House, house::Person},
};

/// The copy, from the page's button.
async fn copied<'b>(browser: &'b mut Browser<'_>) -> &'b Answer {
    browser.get(paths::ACCOUNT_EXPORT).await.is(200);
    browser.submit("#export-form", &[]).await
}

/// Every text in it that is a time.
fn times(json: &Value, found: &mut Vec<String>) {
    match json {
        Value::String(text) if text.len() > 18 && text.as_bytes()[10] == b'T' => {
            found.push(text.clone())
        }
        Value::Array(all) => all.iter().for_each(|one| times(one, found)),
        Value::Object(all) => all.values().for_each(|one| times(one, found)),
        _ => {}
    }
}

/// Whatever in the database is as long as a digest and could be one.
async fn digests(house: &House) -> BTreeSet<String> {
    let rows = contents(house).await;
    let text = rows.into_values().flatten().collect::<Vec<_>>().join("\n");
    let of_one = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let words = text.split(|c| !of_one(c)).filter(|word| word.len() >= 43);
    words.map(str::to_owned).collect()
}

/// Somebody about whom everything is known.
const MARY: Person = Person {
    email: "mary@example.com",
    password: "a letter from the veil nebula",
    name: "Mary Somerville",
};

async fn mary(house: &House) {
    let text = |text: &str| Some(text.to_owned());
    let claims = StandardClaims {
        given_name: text("Mary"),
        family_name: text("Somerville"),
        middle_name: text("F."),
        nickname: text("queen"),
        preferred_username: text("mary"),
        profile: text("https://mary.example/"),
        website: text("https://nebula.example/"),
        gender: text("female"),
        birthdate: text("1780-12-26"),
        zoneinfo: text("Europe/London"),
        locale: text("en-GB"),
        phone_number: text("+441632960000"),
        phone_number_verified: Some(true),
        address: Some(Address {
            country: text("Scotland"),
            ..Address::default()
        }),
    };
    let wanted = operate::Wanted {
        email: MARY.email,
        name: MARY.name,
        password: Some(MARY.password),
        email_verified: true,
        role: Role::User,
        claims: Some(&claims),
        image: Some("https://mary.example/face.png"),
    };
    operate::add(&house.app, wanted).await.expect("a new user");
}

both! {
    async fn it_is_a_file_with_everything_that_is_kept(db: Database) {
        let house = House::new(db).await;
        mary(&house).await;
        let mut browser = house.browser();
        let rp = crate::support::rp::Rp::confidential(&house).await;
        browser.get_from_stranger(&rp.authorize_url(&[])).await;
        browser.follow().await;
        typed(&mut browser, MARY).await;
        browser.follow().await;
        browser.submit("#consent-approve", &[]).await;
        browser.follow().await.code();
        let elsewhere = browser_of(&house, MARY).await;
        drop(elsewhere);
        house.turn(chrono::TimeDelta::milliseconds(1_234));

        let answer = copied(&mut browser).await;
        answer.has("Content-Disposition", |value| {
            value.starts_with("attachment; filename=\"doorward-2") && value.ends_with(".json\"")
        });
        answer.has("Cache-Control", |value| value == "no-store");
        let json = answer.ok();
        assert_eq!(json["issuer"], house.app.config.server.issuer);
        let user = &json["user"];
        for (claim, value) in [
            ("email", MARY.email),
            ("name", MARY.name),
            ("picture", "https://mary.example/face.png"),
            ("given_name", "Mary"),
            ("family_name", "Somerville"),
            ("middle_name", "F."),
            ("nickname", "queen"),
            ("preferred_username", "mary"),
            ("profile", "https://mary.example/"),
            ("website", "https://nebula.example/"),
            ("gender", "female"),
            ("birthdate", "1780-12-26"),
            ("zoneinfo", "Europe/London"),
            ("locale", "en-GB"),
            ("phone_number", "+441632960000"),
        ] {
            assert_eq!(user[claim], value, "{claim}");
        }
        assert_eq!(user["address"]["country"], "Scotland");
        assert_eq!((&user["email_verified"], &user["has_password"]), (&true.into(), &true.into()));
        let row = crate::pages::world::user(&house, MARY.email).await;
        assert_eq!(user["sub"], row.subject);

        let account = &json["accounts"][0];
        assert_eq!((&account["provider"], &account["type"]), (&"email".into(), &"credentials".into()));
        assert_eq!(json["sessions"].as_array().map(Vec::len), Some(2));
        let consent = &json["consents"][0];
        assert_eq!((&consent["client_id"], &consent["client_name"]), (&rp.client_id.as_str().into(), &"Example".into()));
        assert_eq!(consent["scope"], "openid email offline_access");
        let kinds: Vec<_> = json["events"].as_array().expect("events").iter().map(|event| event["kind"].as_str().expect("a kind")).collect();
        assert_eq!(kinds, ["data_exported", "signed_in", "consent_granted", "signed_in", "user_registered"]);
        let consented = &json["events"][2];
        assert_eq!(consented["client_id"], rp.client_id.as_str());
        assert!(json["events"][0]["user_agent"].as_str().is_some_and(|text| text.contains("Doorward/Test")));

        let mut found = Vec::new();
        times(&json, &mut found);
        assert!(found.len() > 12, "{found:?}");
        for time in found {
            let shape: String = time.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
            assert_eq!(shape, "0000-00-00T00:00:00.000Z", "{time}");
        }
        assert_eq!(events(&house, EventKind::DataExported).await, 1);
    }

    async fn no_secret_is_in_it_and_nothing_that_was_made_of_one(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let tokens = granted.tokens().await;
        granted.code().await;
        ask(&mut granted.browser, "countess@example.com").await;
        let digests = digests(&house).await;
        assert!(digests.len() > 8, "{digests:?}");
        let cookie = session(&granted.browser);
        let visitor = granted.browser.jar.value("doorward_visitor").expect("a cookie").to_owned();
        let copy = copied(&mut granted.browser).await.body.clone();
        for digest in digests {
            assert!(!copy.contains(&digest), "{digest} in {copy}");
        }
        let secret = granted.rp.client_secret.clone().expect("a secret");
        for secret in [&cookie, &visitor, &tokens.access_token, &secret] {
            assert!(!copy.contains(secret.as_str()), "{copy}");
        }
        for word in ["$argon2", "password_hash", "session_token", "token"] {
            assert!(!copy.contains(word), "{word} in {copy}");
        }
    }

    async fn it_is_ones_own_and_nobody_elses(db: Database) {
        let house = House::new(db).await;
        add(&house, GRACE).await;
        let mut grace = browser_of(&house, GRACE).await;
        let mut ada = browser_of(&house, house.person().await).await;
        let hers = copied(&mut grace).await.body.clone();
        let ours = copied(&mut ada).await.body.clone();
        for (copy, own, foreign) in [(&hers, GRACE.email, "ada"), (&ours, "ada@example.com", "grace")] {
            assert!(copy.contains(own) && !copy.to_lowercase().contains(foreign), "{copy}");
        }
        // Asked for by nobody, or by a page of somebody else: nothing.
        let mut nobody = house.browser();
        nobody.get(paths::ACCOUNT_EXPORT).await.sent_to(paths::LOGIN);
        ada.get(paths::ACCOUNT_EXPORT).await;
        ada.post_from_stranger(paths::ACCOUNT_EXPORT, &[]).await.is(403);
        assert_eq!(events(&house, EventKind::DataExported).await, 2);
    }

    async fn it_goes_back_as_far_as_the_log_does(db: Database) {
        let house = House::new(db).await;
        let mut browser = browser_of(&house, house.person().await).await;
        let user_id = crate::pages::world::user(&house, "ada@example.com").await.id;
        let now = house.app.clock.now();
        let tx = house.app.db.begin().await.expect("a transaction");
        for _ in 0..1_100 {
            let about = doorward::events::About::user(user_id);
            doorward::events::record(&tx, EventKind::SignInFailed, about, now).await.expect("an event");
        }
        tx.commit().await.expect("a commit");
        let json = copied(&mut browser).await.ok();
        let kinds = json["events"].as_array().expect("events").iter().filter(|event| event["kind"] == "sign_in_failed");
        assert_eq!(kinds.count(), 1_100);
    }
}
