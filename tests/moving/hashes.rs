//! Passwords that were hashed elsewhere: they let in, are made anew at that moment, and nobody else is
//! let in.

use doorward::{
    accounts::{login, operate},
    paths,
    sessions::Browser as Seen,
};
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{EMAIL, HASH, PASSWORD, SUB, ada, hash, import, with, words};
use crate::{
    api::front::Front,
    oauth::jwt,
    support::{browser::Browser, database::both, house::House, rp::Rp},
};

/// [`PASSWORD`] hashed by each system that we know, as `src/crypto/password/foreign/tests.rs` says.
const EACH: [&str; 6] = [
    HASH,
    "$2b$06$abcdefghijklmnopqrstuuXd2oy/UVAoLP62IV6F2W4JusNTrMsDS",
    "pbkdf2_sha256$1000$seasalt$xTJ0I5UoDTUf9hdy9WZxFKVl/lm/k979o9lReZoZZIg=",
    "$pbkdf2-sha512$i=1000,l=32$c2l4dGVlbiBieXRlcyBvaw$D8E+v2inUtoenaFfGTSOqim5tnCyvIFUzq0wd3Kuzg0",
    "$argon2i$v=19$m=1024,t=2,p=2$c2l4dGVlbiBieXRlcyBvaw$fTVmOEoxWjRFXNeK4i6vqmclGgb7JIx2rbVPucslRIU",
    "$argon2id$v=19$m=1024,t=2,p=2$c2l4dGVlbiBieXRlcyBvaw$6kUD5y7ySUaSzEOf+MhN3x4Vv7Ggn9FjKvl9pu5EBq4",
];

async fn typed<'a>(
    browser: &'a mut Browser<'_>,
    password: &str,
) -> &'a crate::support::answer::Answer {
    browser.get(paths::LOGIN).await;
    let typed = [("email", EMAIL), ("password", password)];
    browser.submit("#login-form", &typed).await
}

both! {
    async fn lets_in_by_the_page_and_is_ours_afterwards(db: Database) {
        let house = House::new(db).await;
        for (number, stored) in EACH.into_iter().enumerate() {
            let row = with(with(ada(), "password_hash", json!(stored)), "accounts", json!([]));
            let (report, entries) = import(&house, &[row]).await;
            assert_eq!((report.imported, entries.len()), (1, 0), "{stored}: {entries:?}");
            let before = hash(&house).await;

            let mut browser = house.browser();
            typed(&mut browser, "a bridge of ten swallows").await.shown(422, "is wrong");
            assert_eq!(hash(&house).await, before, "a wrong password changed the hash");
            typed(&mut browser, PASSWORD).await.sent_to(paths::ACCOUNT);
            let after = hash(&house).await;
            assert!(after.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{number}: {after}");
            // And what we made of it lets in too.
            typed(&mut house.browser(), PASSWORD).await.sent_to(paths::ACCOUNT);
            assert_eq!(hash(&house).await, after, "it was made anew once more");
            let user = operate::find(&house.app, SUB).await.expect("a look").expect("somebody");
            assert!(operate::remove(&house.app, &user).await.expect("a removal"));
            house.forget_counts().await;
        }
    }

    async fn a_password_that_is_too_short_here_lets_in_and_is_made_anew(db: Database) {
        let house = House::new(db).await;
        // "été", of five bytes, made with Python's bcrypt.
        let short = "$2b$06$abcdefghijklmnopqrstuuzyKEQ1tOpJ6CAKLqnp/7ExaiWun3zhu";
        import(&house, &[with(ada(), "password_hash", json!(short))]).await;
        typed(&mut house.browser(), "\u{e9}t\u{e9}").await.sent_to(paths::ACCOUNT);
        assert!(hash(&house).await.starts_with("$argon2id$"));
        // Ours is of the normal form: it can be typed in another one.
        typed(&mut house.browser(), "e\u{301}te\u{301}").await.sent_to(paths::ACCOUNT);
    }

    async fn the_old_id_is_the_name_in_every_token_and_in_the_api(db: Database) {
        let house = House::new(db).await;
        import(&house, &[ada()]).await;
        let rp = Rp::confidential(&house).await;
        let mut browser = house.browser();
        browser.get_from_stranger(&rp.authorize_url(&[])).await;
        browser.follow().await;
        browser.submit("#login-form", &[("email", EMAIL), ("password", PASSWORD)]).await;
        if browser.follow().await.url.path() == paths::CONSENT {
            browser.submit("#consent-approve", &[]).await;
        }
        let code = browser.follow().await.code();
        let tokens = rp.exchange(&code).await.json();
        for token in ["id_token", "access_token"] {
            let token = tokens[token].as_str().expect("a token");
            assert_eq!(jwt::claims(token)["sub"], SUB);
        }
        let mut front = Front::new(&house);
        let answer = front.post("/sign-in/email", json!({ "email": EMAIL, "password": PASSWORD })).await;
        assert_eq!(answer.ok()["user"]["id"], SUB);
    }

    async fn of_many_sign_ins_at_once_all_get_in_and_one_makes_it_anew(db: Database) {
        let house = House::with(db, |config| config.passwords.threads = Some(8)).await;
        import(&house, &[with(ada(), "password_hash", json!(EACH[1]))]).await;
        let browser = Seen::default();
        let tries = (0..6).map(|_| login::sign_in(&house.app, (EMAIL, PASSWORD), None, &browser));
        for tried in join_all(tries).await {
            tried.expect("a sign-in");
        }
        assert!(hash(&house).await.starts_with("$argon2id$"));
    }

    async fn a_password_that_is_changed_meanwhile_stays_changed(db: Database) {
        let house = House::with(db, |config| config.passwords.threads = Some(4)).await;
        for _ in 0..4 {
            import(&house, &[with(ada(), "password_hash", json!(EACH[2]))]).await;
            let user = operate::find(&house.app, SUB).await.expect("a look").expect("somebody");
            let seen = Seen::default();
            let new = "eleven herons by the mill";
            let (_, changed) = tokio::join!(
                login::sign_in(&house.app, (EMAIL, PASSWORD), None, &seen),
                operate::set_password(&house.app, &user, new),
            );
            // Either the sign-in came first, and the operator is told to look again, or the operator did.
            let stored = hash(&house).await;
            let holds = |typed: &'static str| {
                let (house, stored) = (&house, stored.clone());
                async move {
                    let found = house.app.passwords.verify(typed, Some(&stored)).await;
                    found.expect("a place") != doorward::crypto::password::Verdict::Wrong
                }
            };
            assert!(stored.starts_with("$argon2id$"), "{stored}");
            assert_eq!((holds(new).await, holds(PASSWORD).await), (changed.is_ok(), changed.is_err()));
            assert!(operate::remove(&house.app, &user).await.expect("a removal"));
            house.forget_counts().await;
        }
    }

    async fn who_has_no_password_that_can_be_verified_sets_one_by_letter(db: Database) {
        let house = House::new(db).await;
        let (report, entries) = import(&house, &[with(ada(), "password_hash", json!("md5:5f4dcc"))]).await;
        assert_eq!((report.imported, report.must_reset), (1, 1));
        let words = words(&entries);
        assert!(words[0].contains("line 1: password_hash: ") && words[0].contains("by letter"), "{words:?}");
        assert!(!words[0].contains("5f4dcc"), "the hash is in the report: {words:?}");
        let mut browser = house.browser();
        typed(&mut browser, "5f4dcc3b").await.shown(422, "is wrong");
        browser.get(paths::RECOVER).await;
        browser.submit("#recover-form", &[("email", EMAIL)]).await;
        let link = crate::accounts::recovering::link(&house).await;
        browser.get(&link).await;
        let chosen: Value = json!("eleven herons by the mill");
        browser.submit("#reset-form", &[("new_password", chosen.as_str().unwrap_or_default())]).await;
        assert!(hash(&house).await.starts_with("$argon2id$"));
    }
}
