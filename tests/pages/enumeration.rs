//! EN-1: whether an address has an account, nobody learns on the sign-in page: not by what it
//! says, not by how long it takes.

use std::time::Duration;

use doorward::{
    accounts::operate::{self, Wanted},
    crypto::password::{Password, Passwords},
    paths,
};
use entity::{user, value::Role};
use poem::http::HeaderMap;

use super::world::{GRACE, csrf, user};
use crate::support::{
    database::{Database, both},
    house::House,
    stopwatch::{take_one_time, timed},
};

/// The people of the table below; each address as long as the others, so that a page that shows it
/// is too.
const WRONG: &str = "ada@example.com";
const UNKNOWN: &str = "eve@example.com";
const DISABLED: &str = "bob@example.com";
const NO_PASSWORD: &str = "zoe@example.com";
const OLD_HASH: &str = "old@example.com";
const NEW_HASH: &str = "new@example.com";
const PASSWORD: &str = "a lamp of seven herrings";

/// Who tries, with which password. Two of the passwords are right and still do not open.
const TRIES: [(&str, &str); 6] = [
    (WRONG, "not the password of ada"),
    (UNKNOWN, PASSWORD),
    (DISABLED, PASSWORD),
    (NO_PASSWORD, PASSWORD),
    (OLD_HASH, "not the password of old"),
    (NEW_HASH, "not the password of new"),
];

/// How many passes a hash makes: now, on the day of the old hash, and where the new one came from.
const PASSES: u32 = 3;
const FEWER: u32 = 2;
const MORE: u32 = 4;

async fn furnished(db: Database) -> House {
    let house = House::with(db, |config| config.passwords.passes = Some(PASSES)).await;
    house.person().await;
    for (email, password) in [
        (DISABLED, Some(PASSWORD)),
        (NO_PASSWORD, None),
        (OLD_HASH, Some(PASSWORD)),
        (NEW_HASH, Some(PASSWORD)),
    ] {
        let wanted = Wanted {
            email,
            name: GRACE.name,
            password,
            email_verified: true,
            role: Role::User,
            claims: None,
            image: None,
        };
        operate::add(&house.app, wanted).await.expect("a new user");
    }
    let disabled = user(&house, DISABLED).await;
    operate::disable(&house.app, &disabled)
        .await
        .expect("a change");
    for (email, passes) in [(OLD_HASH, FEWER), (NEW_HASH, MORE)] {
        let password = Password::new(PASSWORD).expect("a password");
        let hash = Passwords::new(Some(passes), None).hash(&password).await;
        let (hash, user) = (hash.expect("a hash"), user(&house, email).await);
        let (db, now) = (&house.app.db.write, house.app.clock.now());
        let known = user.password_hash.as_deref();
        let replaced = user::replace_password(db, user.id, known, &hash, now).await;
        assert!(replaced.expect("a change"));
    }
    house
}

/// What a browser gets for a try, without the address that was typed and the id of the request.
async fn tried(house: &House, email: &str, password: &str) -> (u16, HeaderMap, String) {
    let mut browser = house.browser();
    browser.get(paths::LOGIN).await;
    let csrf = csrf(&browser, "#login-form");
    let typed = [("email", email), ("password", password)];
    let answer = browser.submit("#login-form", &typed).await;
    let mut headers = answer.headers.clone();
    headers.remove("x-request-id");
    let body = answer
        .body
        .replace(email, "ADDRESS")
        .replace(&csrf, "TOKEN");
    (answer.status, headers, body)
}

both! {
    async fn en_1_one_answer_for_all_who_cannot_sign_in(db: Database) {
        let house = furnished(db).await;
        let (email, password) = TRIES[0];
        let first = tried(&house, email, password).await;
        assert_eq!(first.0, 422);
        assert!(first.2.contains("The e-mail address or the password is wrong."));
        for (email, password) in TRIES {
            assert_eq!(tried(&house, email, password).await, first, "{email}");
        }
    }

    async fn en_1_one_trace_for_all_who_cannot_sign_in(db: Database) {
        let house = furnished(db).await;
        // From here on there are the counts for all who try from the same network.
        tried(&house, GRACE.email, GRACE.password).await;
        for (email, password) in TRIES {
            let before = house.rows().await;
            tried(&house, email, password).await;
            let mut expected = before.clone();
            // One event, one more that has failed, one more account that this network has tried.
            for table in ["event", "failure_counter", "limit_counter"] {
                *expected.get_mut(table).expect("a table") += 1;
            }
            assert_eq!(house.rows().await, expected, "{email}");
        }
    }
}

/// Times are compared on one database: both do the same work, and what matters is that nobody is
/// spared the hash or made to wait for two. The samples are taken in turns, so that whatever else
/// the machine does meets all four alike; where it does a lot, more rounds tell noise from a leak,
/// which stays.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn en_1_one_time_for_all_who_cannot_sign_in() {
    let house = furnished(Database::sqlite().await).await;
    // What the dearest hash costs is known once it was met.
    for (email, password) in TRIES {
        tried(&house, email, password).await;
    }
    take_one_time(TRIES, (25, Duration::ZERO), async |(email, password)| {
        // So often nobody may try.
        house.forget_counts().await;
        timed(tried(&house, email, password)).await
    })
    .await;
}
