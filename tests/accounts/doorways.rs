//! BF-3: every doorway that takes a password, or the secret of a client, counts; those for the same
//! account count together.

use std::{fs, path::Path};

use chrono::TimeDelta;
use doorward::paths;
use serde_json::json;

use super::{
    guarding::browser_of,
    guesser::{Guesser, WRONG, api, evaluated, proxied, wait},
};
use crate::support::{answer::Answer, browser::Browser, database::both, house::House, rp::Rp};

const FOR_ITSELF: [(&str, &str); 1] = [("grant_type", "client_credentials")];

/// A change of the password at the API, by who is signed in in a browser.
async fn change(house: &House, browser: &Browser<'_>, current: &str) -> Answer {
    let cookies = browser.jar.header("/api", false, house.app.clock.now());
    let body = json!({ "currentPassword": current, "newPassword": "a quilt of nine rivers" });
    house
        .post("/api/auth/change-password")
        .header("Cookie", &cookies.expect("cookies"))
        .header("Origin", &house.app.config.server.origin())
        .body("application/json", body.to_string())
        .await
}

both! {
    async fn bf_3_page_and_api_count_together(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let guesser = Guesser::new(&house).await;
        for _ in 0..5 {
            guesser.fails(person.email, 1).await;
            api(&house, person.email, WRONG).await.is(401);
        }
        wait(&guesser.call(person.email, person.password).await);
        wait(&api(&house, person.email, person.password).await);
    }

    async fn bf_3_proving_again_and_changing_count_together(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut browser = browser_of(&house, person).await;
        for _ in 0..5 {
            change(&house, &browser, WRONG).await.is(400);
            browser.get(paths::ACCOUNT_SECURITY).await;
            let typed = [("current_password", WRONG), ("new_password", "a quilt of nine rivers")];
            browser.submit("#password-form", &typed).await.is(422);
        }
        let before = evaluated(&house);
        wait(&change(&house, &browser, person.password).await);
        // The page on which somebody proves who they are is the sign-in page.
        let rp = Rp::public(&house).await;
        browser.get(&rp.authorize_url(&[("prompt", Some("login"))])).await;
        browser.follow().await.shown(200, "Confirm it is you");
        let typed = [("password", person.password)];
        wait(browser.submit("#login-form", &typed).await);
        browser.last().shown(429, "Too many attempts");
        assert_eq!(evaluated(&house), before);
        house.turn(TimeDelta::seconds(1));
        browser.submit("#login-form", &typed).await.sent_to(paths::AUTHORIZE);
    }

    /// A stolen session cookie makes nobody's browser known.
    async fn bf_3_a_stolen_session_counts_as_a_stranger(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let owner = browser_of(&house, person).await;
        let mut thief = house.browser();
        let session = owner.jar.value("doorward_session").expect("a session");
        let line = format!("doorward_session={session}; Path=/");
        thief.jar.take(&line, house.app.clock.now());
        for _ in 0..10 {
            change(&house, &thief, WRONG).await.is(400);
        }
        wait(&change(&house, &thief, person.password).await);
        wait(&api(&house, person.email, person.password).await);
        change(&house, &owner, person.password).await.is(200);
    }

    async fn bf_3_wrong_secrets_of_a_client_are_told_to_wait(db: Database) {
        let house = proxied(db).await;
        let rp = Rp::confidential(&house).await;
        let right = rp.client_secret.clone().expect("a secret");
        let with = |id: &str, secret: &str, ip: &str| {
            house.post(paths::TOKEN).header("X-Forwarded-For", ip).basic(id, secret).form(&FOR_ITSELF)
        };
        // The same for a client that is none.
        for id in [rp.client_id.as_str(), "nobody"] {
            for _ in 0..20 {
                with(id, WRONG, "192.0.2.1").await.client_401();
            }
            let answer = with(id, WRONG, "192.0.2.1").await;
            answer.oauth_error(429, "invalid_client");
            assert!((1..=60).contains(&wait(&answer)));
            // In the form as well as in the header.
            let form = [FOR_ITSELF[0], ("client_id", id), ("client_secret", WRONG)];
            let call = house.post(paths::REVOKE).header("X-Forwarded-For", "192.0.2.1").form(&form);
            call.await.oauth_error(429, "invalid_client");
            with(id, WRONG, "192.0.2.2").await.client_401();
            // Nobody can lock a client out.
            with(&rp.client_id, &right, "192.0.2.1").await.tokens();
            house.turn(TimeDelta::minutes(1));
        }
        with(&rp.client_id, WRONG, "192.0.2.1").await.client_401();
    }

    async fn a_client_that_knows_its_secret_leaves_no_count(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        for _ in 0..30 {
            rp.token(&FOR_ITSELF).await.tokens();
        }
        assert_eq!(house.rows().await["limit_counter"], 0);
    }
}

/// What compares a password with a hash is called in one place, behind the counts.
#[test]
fn bf_3_there_is_one_place_where_passwords_are_compared() {
    let mut callers = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).expect("a file");
            let path = path.to_string_lossy().into_owned();
            if text.contains(".verify_in(") || text.contains("passwords.verify(") {
                callers.push(path[path.rfind("/src/").expect("a path in src") + 1..].to_owned());
            }
        }
    }
    callers.sort();
    let expected = ["src/accounts/guard/password.rs", "src/crypto/password.rs"];
    assert_eq!(callers, expected);
}
