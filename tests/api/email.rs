//! `POST /send-verification-email` and `POST /change-email`.

use chrono::TimeDelta;
use doorward::paths;
use entity::value::LetterKind;
use serde_json::json;

use super::front::Front;
use crate::{
    accounts::proving::{add, found, letters, newest, proven_first},
    pages::world::GRACE,
    support::{browser::STRANGER, database::both, house::House},
};

const SEND: &str = "/send-verification-email";
const CHANGE: &str = "/change-email";

/// Somebody with an unproven address, signed in.
async fn unproven(house: &House) -> Front<'_> {
    add(house, GRACE, false).await;
    let mut front = Front::new(house);
    let typed = json!({ "email": GRACE.email, "password": GRACE.password });
    front.post("/sign-in/email", typed).await.is(200);
    front
}

both! {
    async fn a_letter_is_sent_to_who_is_signed_in(db: Database) {
        let house = House::new(db).await;
        let mut front = unproven(&house).await;
        let answer = front.post(SEND, json!({ "email": "GRACE@example.com", "callbackURL": "/app?in=1" })).await;
        assert_eq!(answer.ok(), json!({ "status": true }));
        let letter = newest(&house, LetterKind::VerifyEmail).await;
        assert_eq!(letter.to, GRACE.email);
        let link = letter.link(paths::API_VERIFY_EMAIL);
        assert!(link.starts_with("http://localhost:8080/api/auth/verify-email?token="), "{link}");
        assert!(link.ends_with("&callbackURL=%2Fapp%3Fin%3D1"), "{link}");

        let problem = front.post(SEND, json!({ "email": "other@example.com" })).await.refused(400, "EMAIL_MISMATCH");
        assert_eq!(problem["message"], "Email mismatch");
        let mut proven = Front::signed_in(&house).await;
        let problem = proven.post(SEND, json!({ "email": house.person().await.email })).await
            .refused(400, "EMAIL_ALREADY_VERIFIED");
        assert_eq!(problem["message"], "Email is already verified");
        assert_eq!(letters(&house, LetterKind::VerifyEmail).await.len(), 1);
    }

    async fn without_a_page_to_go_on_to_it_leads_to_ours(db: Database) {
        let house = House::new(db).await;
        let mut front = unproven(&house).await;
        front.post(SEND, json!({ "email": GRACE.email })).await.is(200);
        let letter = newest(&house, LetterKind::VerifyEmail).await;
        assert!(letter.link("token=").starts_with("http://localhost:8080/verify-email?token="));
    }

    async fn pr_8_without_a_session_one_answer_for_every_address(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        add(&house, GRACE, false).await;
        let before = house.rows().await;
        let mut bodies = Vec::new();
        for email in [person.email, GRACE.email, "nobody@example.com"] {
            let answer = Front::new(&house).post(SEND, json!({ "email": email })).await;
            assert_eq!(answer.ok(), json!({ "status": true }));
            let names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
            bodies.push((answer.body, names));
        }
        assert!(bodies.windows(2).all(|two| two[0] == two[1]), "{bodies:?}");
        // One letter, and one secret: the unproven one's.
        house.forget_counts().await;
        let after = house.rows().await;
        assert_eq!(after["outbox"], before["outbox"] + 1);
        assert_eq!(after["verification_token"], before["verification_token"] + 1);
        assert_eq!(newest(&house, LetterKind::VerifyEmail).await.to, GRACE.email);
        // Too many for a mailbox are too many whether or not there is somebody behind it.
        for email in [GRACE.email, "nobody@example.com"] {
            let mut last = 200;
            for _ in 0..4 {
                last = Front::new(&house).post(SEND, json!({ "email": email })).await.status;
            }
            assert_eq!(last, 429, "{email}");
        }
    }

    async fn who_waits_at_the_door_goes_on_with_the_newest_letter(db: Database) {
        let house = proven_first(db).await;
        add(&house, GRACE, false).await;
        let mut browser = house.browser();
        browser.get(paths::LOGIN).await;
        browser.submit("#login-form", &[("email", GRACE.email), ("password", GRACE.password)]).await
            .sent_to(paths::VERIFY_EMAIL);
        // Asked for by anybody, elsewhere.
        Front::new(&house).post(SEND, json!({ "email": GRACE.email })).await.is(200);
        let letter = newest(&house, LetterKind::VerifyEmail).await;
        let mut stranger = house.browser();
        stranger.get(letter.link(paths::VERIFY_EMAIL)).await;
        stranger.submit("#verify-submit", &[]).await.shown(403, "Sign in first");
        browser.get(letter.link(paths::VERIFY_EMAIL)).await;
        browser.submit("#verify-submit", &[]).await.sent_to(paths::ACCOUNT);
    }

    async fn a_sign_up_that_waits_is_written_to_again_in_its_browser(db: Database) {
        let house = proven_first(db).await;
        let mut front = Front::new(&house);
        let typed = json!({ "name": "", "email": GRACE.email, "password": GRACE.password });
        front.post("/sign-up/email", typed).await.is(200);
        house.turn(TimeDelta::minutes(2));
        Front::new(&house).post(SEND, json!({ "email": GRACE.email })).await.is(200);
        assert_eq!(letters(&house, LetterKind::SignUp).await.len(), 1);
        front.post(SEND, json!({ "email": GRACE.email, "callbackURL": "/in" })).await.is(200);
        assert_eq!(letters(&house, LetterKind::SignUp).await.len(), 2);
        assert!(letters(&house, LetterKind::VerifyEmail).await.is_empty());
        let letter = newest(&house, LetterKind::SignUp).await;
        assert!(letter.link(paths::API_VERIFY_EMAIL).ends_with("&callbackURL=%2Fin"));
    }

    async fn what_is_not_fit_sends_nothing(db: Database) {
        let house = House::new(db).await;
        let mut front = unproven(&house).await;
        let before = house.rows().await;
        for (path, body, status, code) in [
            (SEND, json!({}), 400, "VALIDATION_ERROR"),
            (SEND, json!({ "email": "grace" }), 400, "VALIDATION_ERROR"),
            (SEND, json!({ "email": GRACE.email, "callbackURL": STRANGER }), 403, "INVALID_CALLBACK_URL"),
            (SEND, json!({ "email": GRACE.email, "callbackURL": 1 }), 400, "VALIDATION_ERROR"),
            (CHANGE, json!({}), 400, "VALIDATION_ERROR"),
            (CHANGE, json!({ "newEmail": "grace" }), 400, "VALIDATION_ERROR"),
            (CHANGE, json!({ "newEmail": "new@example.com", "callbackURL": "//evil.example" }), 403, "INVALID_CALLBACK_URL"),
            (CHANGE, json!({ "newEmail": "GRACE@example.com" }), 400, "EMAIL_IS_THE_SAME"),
        ] {
            let problem = front.post(path, body).await.refused(status, code);
            if code == "EMAIL_IS_THE_SAME" {
                assert_eq!(problem["message"], "Email is the same");
            }
        }
        let problem = front.post(CHANGE, json!({ "newEmail": "x" })).await.problem(400);
        assert_eq!(problem["message"], "[body.newEmail] Invalid email address");
        assert_eq!(house.rows().await, before);
        Front::new(&house).post(CHANGE, json!({ "newEmail": "new@example.com" })).await.refused(401, "UNAUTHORIZED");
    }

    async fn another_address_is_proven_first(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut front = Front::signed_in(&house).await;
        let body = json!({ "newEmail": "Countess@example.com", "callbackURL": "/profile" });
        assert_eq!(front.post(CHANGE, body).await.ok(), json!({ "status": true }));
        assert_eq!(front.session().await["user"]["email"], person.email);
        let letter = newest(&house, LetterKind::ChangeEmail).await;
        assert_eq!(letter.to, "countess@example.com");
        let link = letter.link(paths::API_VERIFY_EMAIL).to_owned();

        // A script of the front end, in this browser.
        let path = link.strip_prefix("http://localhost:8080/api/auth").expect("a link of ours").to_owned();
        let mut other = Front::signed_in(&house).await;
        let led = front.get(&path).await;
        assert_eq!(led.is(302).header("Location"), "/profile");
        let user = front.session().await["user"].clone();
        assert_eq!((&user["email"], &user["emailVerified"]), (&json!("countess@example.com"), &json!(true)));
        assert!(other.session().await.is_null(), "what was signed in before is not any more");
        assert!(found(&house, person.email).await.is_none());
    }

    async fn a_script_without_a_page_to_go_on_to_is_told_whose_address_changed(db: Database) {
        let house = House::new(db).await;
        let mut front = Front::signed_in(&house).await;
        front.post(CHANGE, json!({ "newEmail": "countess@example.com", "callbackURL": "/" })).await.is(200);
        let letter = newest(&house, LetterKind::ChangeEmail).await;
        let link = letter.link(paths::API_VERIFY_EMAIL);
        let token = link.split("token=").nth(1).and_then(|rest| rest.split('&').next()).expect("a token");
        let told = front.get(&format!("/verify-email?token={token}")).await.ok();
        assert_eq!(told["status"], true);
        assert_eq!(told["user"], front.session().await["user"]);
        assert_eq!(told["user"]["email"], "countess@example.com");
    }

    async fn en_1_an_address_that_is_taken_is_answered_alike(db: Database) {
        let house = House::new(db).await;
        add(&house, GRACE, true).await;
        let mut front = Front::signed_in(&house).await;
        for email in [GRACE.email, "free@example.com"] {
            let answer = front.post(CHANGE, json!({ "newEmail": email })).await;
            assert_eq!(answer.ok(), json!({ "status": true }));
        }
    }

    async fn is_for_somebody_who_has_just_signed_in(db: Database) {
        let house = House::new(db).await;
        let mut front = Front::signed_in(&house).await;
        house.turn(TimeDelta::minutes(11));
        front.post(CHANGE, json!({ "newEmail": "new@example.com" })).await.refused(403, "SESSION_NOT_FRESH");
        assert!(letters(&house, LetterKind::ChangeEmail).await.is_empty());
    }
}
