//! `POST /sign-up/email`.

use doorward::paths;
use entity::value::LetterKind;
use serde_json::{Value, json};

use super::front::{Front, SESSION};
use crate::accounts::proving::{newest, proven_first};
use crate::support::{answer::Answer, call::at_once, database::both, house::House};

const PATH: &str = "/sign-up/email";
const PICTURE: &str = "https://example.com/grace.png";

fn typed() -> Value {
    json!({ "name": "Grace Hopper", "email": "Grace@Example.com", "password": "nine swallows over a bridge" })
}

fn with(name: &str, value: Value) -> Value {
    let mut typed = typed();
    typed[name] = value;
    typed
}

both! {
    async fn makes_an_account_and_signs_the_browser_in(db: Database) {
        let house = House::new(db).await;
        let mut front = Front::new(&house);
        let answer = front.post(PATH, typed()).await;
        answer.has("Set-Cookie", |cookie| cookie.contains("; Max-Age="));
        let signed_up = answer.ok();
        let user = &signed_up["user"];
        assert_eq!(user["email"], "grace@example.com");
        assert_eq!((&user["name"], &user["image"]), (&json!("Grace Hopper"), &Value::Null));
        assert_eq!(user["emailVerified"], false);
        assert!(!answer.body.contains("swallows"));

        let own = front.session().await;
        assert_eq!(own["user"], *user);
        assert_eq!(own["session"]["token"], signed_up["token"]);
        assert_eq!(own["session"]["userId"], user["id"]);
        let rows = house.rows().await;
        let made = ["user", "account", "session", "verification_token", "outbox"];
        assert!(made.iter().all(|table| rows[*table] == 1), "{rows:?}");

        // The cookie is that of the hosted pages.
        let mut browser = house.browser();
        browser.jar = front.jar.clone();
        browser.get(paths::ACCOUNT).await.shown(200, "grace@example.com");
    }

    async fn where_an_address_is_proven_first_nobody_is_made_or_signed_in_before(db: Database) {
        let house = proven_first(db).await;
        let mut front = Front::new(&house);
        let told = front.post(PATH, typed()).await.ok();
        assert_eq!((&told["token"], &told["user"]["emailVerified"]), (&Value::Null, &json!(false)));
        assert_eq!(front.jar.value(SESSION), None);
        assert_eq!(front.session().await, Value::Null);
        assert_eq!(house.rows().await["user"], 0);

        // The letter's link works in this browser, and makes whom the answer told of.
        let letter = newest(&house, LetterKind::SignUp).await;
        let mut browser = house.browser();
        browser.jar = front.jar.clone();
        browser.get(letter.link(paths::CONFIRM_SIGN_UP)).await.shown(200, "Confirm your e-mail address");
        browser.submit("#confirm-link-form", &[]).await.sent_to(paths::ACCOUNT);
        front.jar = browser.jar.clone();
        let own = front.session().await["user"].clone();
        assert_eq!((&own["id"], &own["email"]), (&told["user"]["id"], &told["user"]["email"]));
        assert_eq!((&own["name"], &own["emailVerified"]), (&json!("Grace Hopper"), &json!(true)));
    }

    async fn what_is_not_fit_leaves_no_row(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let before = house.rows().await;
        let mut front = Front::new(&house);
        let long = "x".repeat(1025);
        for (body, status, code) in [
            (json!({}), 400, "VALIDATION_ERROR"),
            (with("name", json!(1)), 400, "VALIDATION_ERROR"),
            (with("name", json!("a\u{0}b")), 400, "VALIDATION_ERROR"),
            (with("name", json!("x".repeat(201))), 400, "VALIDATION_ERROR"),
            (with("email", Value::Null), 400, "VALIDATION_ERROR"),
            (with("email", json!("")), 400, "VALIDATION_ERROR"),
            (with("email", json!("grace")), 400, "VALIDATION_ERROR"),
            (with("email", json!("grace@example.com\u{0}")), 400, "VALIDATION_ERROR"),
            (with("email", json!(person.email.to_uppercase())), 422, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL"),
            (with("password", json!("short")), 400, "PASSWORD_TOO_SHORT"),
            (with("password", json!(long)), 400, "PASSWORD_TOO_LONG"),
            (with("password", json!("password1")), 400, "PASSWORD_TOO_GUESSABLE"),
            (with("image", json!("javascript:alert(1)")), 400, "VALIDATION_ERROR"),
            (with("image", json!("a picture")), 400, "VALIDATION_ERROR"),
            (with("rememberMe", json!("no")), 400, "VALIDATION_ERROR"),
            (with("callbackURL", json!("https://evil.example")), 403, "INVALID_CALLBACK_URL"),
        ] {
            front.post(PATH, body).await.refused(status, code);
        }
        house.forget_counts().await;
        assert_eq!(house.rows().await, before);
        assert_eq!(front.jar.value(SESSION), None);
    }

    async fn en_1_an_address_that_has_an_account_is_answered_alike(db: Database) {
        let house = proven_first(db).await;
        let person = house.person().await;
        let answered = async |email: &str| Front::new(&house).post(PATH, with("email", json!(email))).await;
        let (known, unknown) = (answered(person.email).await, answered("nobody@example.com").await);
        let names = |answer: &Answer| -> Vec<String> {
            answer.ok()["user"].as_object().expect("a user").keys().cloned().collect()
        };
        assert_eq!(names(&known), names(&unknown));
        let shape = |answer: &Answer| answer.headers.iter().map(|(name, _)| name.to_string()).collect::<Vec<_>>();
        assert_eq!(shape(&known), shape(&unknown));
        assert_eq!(known.ok()["token"], Value::Null);
        let own = entity::user::by_email(&house.app.db.read, person.email).await.expect("a query").expect("a row");
        assert_ne!(known.ok()["user"]["id"], own.subject.as_str());
        assert_eq!(known.ok()["user"]["name"], "Grace Hopper");
        assert_eq!(known.ok()["user"]["emailVerified"], false);
    }

    async fn a_bad_address_is_told_with_what_else_is_wrong(db: Database) {
        let house = House::new(db).await;
        let mut front = Front::new(&house);
        let problem = front.post(PATH, json!({ "email": "grace", "name": 1, "password": "nine swallows" })).await
            .refused(400, "VALIDATION_ERROR");
        let told = "[body.name] Invalid input: expected string, received number; [body.email] Invalid email address";
        assert_eq!(problem["message"], told);
    }

    async fn a_picture_comes_along(db: Database) {
        let house = House::new(db).await;
        let mut front = Front::new(&house);
        let told = front.post(PATH, with("image", json!(PICTURE))).await.ok();
        assert_eq!(told["user"]["image"], PICTURE);
        assert_eq!(front.session().await["user"]["image"], PICTURE);
    }

    async fn also_where_an_address_is_proven_first(db: Database) {
        let house = proven_first(db).await;
        let mut front = Front::new(&house);
        let told = front.post(PATH, with("image", json!(PICTURE))).await.ok();
        assert_eq!(told["user"]["image"], PICTURE);
        let letter = newest(&house, LetterKind::SignUp).await;
        let mut browser = house.browser();
        browser.jar = front.jar.clone();
        browser.get(letter.link(paths::CONFIRM_SIGN_UP)).await;
        browser.submit("#confirm-link-form", &[]).await.sent_to(paths::ACCOUNT);
        front.jar = browser.jar.clone();
        assert_eq!(front.session().await["user"]["image"], PICTURE);
    }

    async fn nobody_signs_up_where_that_is_closed(db: Database) {
        let house = House::with(db, |config| config.accounts.sign_up = false).await;
        let problem = Front::new(&house).post(PATH, typed()).await.refused(400, "EMAIL_PASSWORD_SIGN_UP_DISABLED");
        assert_eq!(problem["message"], "Email and password sign up is not enabled");
    }

    async fn protected_fields_are_nobodys_to_set(db: Database) {
        let house = House::new(db).await;
        let mut front = Front::new(&house);
        let mut body = typed();
        for (name, value) in [
            ("id", json!("mine")),
            ("subject", json!("mine")),
            ("role", json!("admin")),
            ("emailVerified", json!(true)),
            ("createdAt", json!("2000-01-01T00:00:00.000Z")),
        ] {
            body[name] = value;
        }
        let user = front.post(PATH, body).await.ok()["user"].clone();
        assert_ne!(user["id"], "mine");
        assert_eq!(user["emailVerified"], false);
        assert!(user["createdAt"].as_str().is_some_and(|at| !at.starts_with("2000")));
        let row = entity::user::by_email(&house.app.db.read, "grace@example.com").await;
        let row = row.expect("a query").expect("a row");
        assert_eq!(row.role, entity::value::Role::User);
    }

    async fn one_address_is_one_account_however_many_ask_at_once(db: Database) {
        let house = House::new(db).await;
        let front = Front::new(&house);
        let call = || front.call(poem::http::Method::POST, PATH).body("application/json", typed().to_string());
        let answers = at_once((0..8).map(|_| call()).collect()).await;
        let made = answers.iter().filter(|answer| answer.status == 200).count();
        let told: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        assert!(made == 1 && told.iter().all(|status| [200, 422, 429, 503].contains(status)), "{told:?}");
        assert_eq!(house.rows().await["user"], 1);
    }
}
