//! `/request-password-reset` and `/reset-password`, as front ends use them.

use doorward::{mail, paths};
use entity::{outbox, value::LetterKind};
use poem::http::Method;
use serde_json::{Value, json};

use super::front::{Front, SESSION};
use crate::support::{
    database::both,
    house::{House, Person},
};

const ASK: &str = "/request-password-reset";
const SET: &str = "/reset-password";
const NEW: &str = "eleven herons by the mill";

/// The link in the newest letter for a new password.
async fn link(house: &House) -> String {
    let letters = outbox::newest(&house.app.db.read, 10)
        .await
        .expect("the letters");
    let newest = letters.iter().find(|row| row.kind == LetterKind::Recover);
    let letter =
        mail::open(&house.app.sealer, newest.expect("a letter")).expect("a letter of ours");
    let link = letter
        .text
        .lines()
        .find(|line| line.contains("://") && line.contains("rp_"));
    link.expect("a link in the letter").to_owned()
}

fn secret(link: &str) -> &str {
    let rest = &link[link.find("rp_").expect("a secret")..];
    rest.split(['?', '&']).next().expect("a secret")
}

async fn sign_in(house: &House, person: Person, password: &str) -> u16 {
    let typed = json!({ "email": person.email, "password": password });
    Front::new(house).post("/sign-in/email", typed).await.status
}

both! {
    async fn a_letter_leads_to_a_page_of_the_front_end(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut front = Front::signed_in(&house).await;
        let typed = json!({ "email": person.email, "redirectTo": "/app/new-password?from=letter" });
        let answer = front.post(ASK, typed).await;
        assert_eq!(answer.ok(), json!({
            "status": true,
            "message": "If this email exists in our system, check your email for the reset link",
        }));
        let link = link(&house).await;
        let issuer = &house.app.config.server.issuer;
        let path = link.strip_prefix(issuer.as_str()).expect("an address of ours");
        assert!(path.starts_with("/api/auth/reset-password/rp_"), "{path}");
        // Opened twice, and by a scanner: nothing is used up.
        let before = house.rows().await;
        for _ in 0..2 {
            let led = house.get(path).await;
            led.is(302);
            let to = format!("{issuer}/app/new-password?from=letter&token={}", secret(&link));
            assert_eq!(led.header("Location"), to);
        }
        assert_eq!(house.rows().await, before);

        let mut stranger = Front::new(&house);
        let typed = json!({ "newPassword": NEW, "token": secret(&link) });
        assert_eq!(stranger.post(SET, typed.clone()).await.ok(), json!({ "status": true }));
        assert!(stranger.jar.value(SESSION).is_none(), "nobody is signed in by a letter");
        assert_eq!(front.session().await, Value::Null);
        assert_eq!(sign_in(&house, person, person.password).await, 401);
        assert_eq!(sign_in(&house, person, NEW).await, 200);
        stranger.post(SET, typed).await.refused(400, "INVALID_TOKEN");
        let led = house.get(path).await;
        let to = format!("{issuer}/app/new-password?from=letter&error=INVALID_TOKEN");
        assert_eq!(led.header("Location"), to);
    }

    async fn the_page_may_be_of_another_origin_that_is_trusted(db: Database) {
        let house = House::with(db, |config| config.api.trusted_origins = vec!["https://app.example".to_owned()].into()).await;
        let person = house.person().await;
        let mut front = Front::elsewhere(&house, "https://app.example");
        let typed = json!({ "email": person.email, "redirectTo": "https://app.example/new?a=b" });
        front.post(ASK, typed).await.is(200);
        let link = link(&house).await;
        let path = link.strip_prefix("http://localhost:8080").expect("an address of ours");
        let led = house.get(path).await;
        let to = format!("https://app.example/new?a=b&token={}", secret(&link));
        assert_eq!(led.is(302).header("Location"), to);
        front.post(SET, json!({ "newPassword": NEW, "token": secret(&link) })).await.is(200);
        let led = house.get(path).await;
        assert_eq!(led.is(302).header("Location"), "https://app.example/new?a=b&error=INVALID_TOKEN");
    }

    async fn without_such_a_page_it_leads_to_ours(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut front = Front::new(&house);
        // By the name that older clients know.
        front.post("/forget-password", json!({ "email": person.email })).await.is(200);
        let link = link(&house).await;
        house.get(&link).await.shown(200, "Choose a new password");
        let path = format!("/api/auth/reset-password/{}", secret(&link));
        let led = house.get(&path).await;
        led.is(302);
        let own = led.location().expect("a Location");
        assert_eq!(own.path(), paths::RESET_PASSWORD);
        assert_eq!(own.query(), Some(format!("token={}", secret(&link)).as_str()));
        // In the query, as some front ends send it.
        let path = format!("{SET}?token={}", secret(&link));
        front.post(&path, json!({ "newPassword": NEW })).await.is(200);
        assert_eq!(sign_in(&house, person, NEW).await, 200);
    }

    async fn pr_8_one_answer_for_an_address_with_and_without_an_account(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut front = Front::new(&house);
        let known = front.post(ASK, json!({ "email": person.email })).await;
        let unknown = front.post(ASK, json!({ "email": "eve@example.com" })).await;
        assert_eq!((known.status, &known.body), (unknown.status, &unknown.body));
        let letters = outbox::newest(&house.app.db.read, 10).await.expect("the letters");
        assert_eq!(letters.len(), 1);
    }

    async fn what_is_not_fit_changes_nothing(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut front = Front::new(&house);
        front.post(ASK, json!({ "email": person.email })).await.is(200);
        let link = link(&house).await;
        let token = secret(&link);
        house.forget_counts().await;
        let before = house.rows().await;
        for (body, status, code) in [
            (json!({}), 400, "VALIDATION_ERROR"),
            (json!({ "email": 1 }), 400, "VALIDATION_ERROR"),
            (json!({ "email": "ada" }), 400, "VALIDATION_ERROR"),
            (json!({ "email": person.email, "redirectTo": "https://evil.example/" }), 403, "INVALID_REDIRECT_URL"),
            (json!({ "email": person.email, "redirectTo": "//evil.example" }), 403, "INVALID_REDIRECT_URL"),
        ] {
            front.post(ASK, body).await.refused(status, code);
        }
        for (body, code) in [
            (json!({ "token": token }), "VALIDATION_ERROR"),
            (json!({ "token": 1, "newPassword": NEW }), "VALIDATION_ERROR"),
            (json!({ "token": [token], "newPassword": NEW }), "VALIDATION_ERROR"),
            (json!({ "newPassword": NEW }), "INVALID_TOKEN"),
            (json!({ "token": "", "newPassword": NEW }), "INVALID_TOKEN"),
            (json!({ "token": "rp_nothing", "newPassword": NEW }), "INVALID_TOKEN"),
            (json!({ "token": token, "newPassword": "short" }), "PASSWORD_TOO_SHORT"),
            (json!({ "token": token, "newPassword": "x".repeat(1025) }), "PASSWORD_TOO_LONG"),
            (json!({ "token": token, "newPassword": "ada@example.com" }), "PASSWORD_TOO_GUESSABLE"),
        ] {
            front.post(SET, body).await.refused(400, code);
        }
        let away = format!("/reset-password/{token}?callbackURL=https://evil.example/");
        let call = front.call(Method::GET, &away);
        front.send(call).await.refused(403, "INVALID_CALLBACK_URL");
        house.forget_counts().await;
        assert_eq!(house.rows().await, before);
        front.post(SET, json!({ "token": token, "newPassword": NEW })).await.is(200);
    }
}
