//! `POST /change-password` and `POST /verify-password`.

use doorward::{
    accounts::operate::{self, Wanted},
    sessions::{self, Proof},
};
use entity::value::Role;
use serde_json::{Value, json};

use super::front::{Front, SESSION};
use crate::support::{database::both, house::House};

const PATH: &str = "/change-password";
const NEW: &str = "eleven herons by the mill";

both! {
    async fn changes_it_and_signs_everybody_else_out(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut front = Front::signed_in(&house).await;
        let mut other = Front::signed_in(&house).await;
        let old = front.jar.value(SESSION).map(str::to_owned);
        let before = front.session().await;
        let typed = json!({ "currentPassword": person.password, "newPassword": NEW, "revokeOtherSessions": true });
        let answer = front.post(PATH, typed).await;
        let changed = answer.ok();
        assert!(!answer.body.contains("herons") && !answer.body.contains("argon2"));
        assert_eq!(changed["token"], before["session"]["token"]);
        assert_eq!(changed["user"]["id"], before["user"]["id"]);
        assert!(changed["user"]["updatedAt"].as_str() > before["user"]["updatedAt"].as_str());
        assert_ne!(front.jar.value(SESSION), old.as_deref());
        assert_eq!(front.session().await["session"]["id"], before["session"]["id"]);
        assert_eq!(other.session().await, Value::Null);

        let sign_in = |password: &str| json!({ "email": person.email, "password": password });
        other.post("/sign-in/email", sign_in(person.password)).await
            .refused(401, "INVALID_EMAIL_OR_PASSWORD");
        other.post("/sign-in/email", sign_in(NEW)).await.is(200);

        let typed = json!({ "currentPassword": NEW, "newPassword": "twelve owls in the old barn" });
        assert_eq!(front.post(PATH, typed).await.ok()["token"], Value::Null);
    }

    async fn what_is_not_fit_changes_nothing(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut front = Front::signed_in(&house).await;
        let before = house.rows().await;
        let typed = |current: &str, new: &str| json!({ "currentPassword": current, "newPassword": new });
        for (body, code) in [
            (json!({}), "VALIDATION_ERROR"),
            (json!({ "newPassword": NEW }), "VALIDATION_ERROR"),
            (json!({ "currentPassword": person.password, "newPassword": 12345678 }), "VALIDATION_ERROR"),
            (typed("wrong", NEW), "INVALID_PASSWORD"),
            (typed("", NEW), "INVALID_PASSWORD"),
            (typed(person.password, "short"), "PASSWORD_TOO_SHORT"),
            (typed(person.password, &"x".repeat(1025)), "PASSWORD_TOO_LONG"),
            (typed(person.password, "ada@example.com"), "PASSWORD_TOO_GUESSABLE"),
        ] {
            front.post(PATH, body).await.refused(400, code);
        }
        let mut after = house.rows().await;
        // The two that were wrong are told to whoever looks after the account.
        assert_eq!(after.insert("event".to_owned(), before["event"]), Some(before["event"] + 2));
        assert_eq!(after, before);
        let typed = json!({ "email": person.email, "password": person.password });
        Front::new(&house).post("/sign-in/email", typed).await.is(200);
        Front::new(&house).post(PATH, json!({ "currentPassword": "a", "newPassword": NEW })).await
            .refused(401, "UNAUTHORIZED");
    }

    async fn stays_for_as_long_as_was_said_when_signing_in(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut front = Front::new(&house);
        let sign_in = json!({ "email": person.email, "password": person.password, "rememberMe": false });
        front.post("/sign-in/email", sign_in).await.is(200);
        let typed = |current: &str, new: &str| json!({ "currentPassword": current, "newPassword": new });
        let brief = front.post(PATH, typed(person.password, NEW)).await;
        brief.is(200).has("Set-Cookie", |cookie| cookie.starts_with(SESSION) && !cookie.contains("Max-Age"));
        // Also on the page of the account.
        let mut browser = house.browser();
        browser.jar = front.jar.clone();
        browser.get("/account/security").await.is(200);
        let old = [("current_password", NEW), ("new_password", "twelve owls in the old barn")];
        let changed = browser.submit("#password-form", &old).await;
        changed.is(303).has("Set-Cookie", |cookie| cookie.starts_with(SESSION) && !cookie.contains("Max-Age"));
        front.jar = browser.jar.clone();
        // Whoever says so at the next sign-in stays.
        let sign_in = json!({ "email": person.email, "password": "twelve owls in the old barn" });
        front.post("/sign-in/email", sign_in).await.is(200);
        let kept = front.post(PATH, typed("twelve owls in the old barn", NEW)).await;
        kept.is(200).has("Set-Cookie", |cookie| cookie.starts_with(SESSION) && cookie.contains("; Max-Age="));
    }

    async fn says_whether_a_password_is_the_persons(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut front = Front::signed_in(&house).await;
        let before = front.session().await;
        let right = front.post("/verify-password", json!({ "password": person.password })).await;
        assert_eq!(right.has("Set-Cookie", str::is_empty).ok(), json!({ "status": true }));
        assert_eq!(front.session().await, before);
        for body in [json!({ "password": "wrong" }), json!({ "password": "" })] {
            let problem = front.post("/verify-password", body).await.refused(400, "INVALID_PASSWORD");
            assert_eq!(problem["message"], "Invalid password");
        }
        front.post("/verify-password", json!({})).await.refused(400, "VALIDATION_ERROR");
        Front::new(&house).post("/verify-password", json!({ "password": person.password })).await
            .refused(401, "UNAUTHORIZED");
    }

    async fn bf_3_wrong_passwords_count_at_this_door_too(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut front = Front::signed_in(&house).await;
        for _ in 0..10 {
            front.post("/verify-password", json!({ "password": "wrong" })).await.refused(400, "INVALID_PASSWORD");
        }
        for (path, body) in [
            ("/verify-password", json!({ "password": person.password })),
            ("/change-password", json!({ "currentPassword": person.password, "newPassword": NEW })),
            ("/delete-user", json!({ "password": person.password })),
            ("/sign-in/email", json!({ "email": person.email, "password": person.password })),
        ] {
            let answer = front.post(path, body).await;
            let problem = answer.refused(429, "TOO_MANY_REQUESTS");
            assert_eq!(problem["message"], "Too many requests. Please try again later.");
            let seconds = answer.header("Retry-After");
            assert!(seconds.parse::<u32>().is_ok_and(|seconds| seconds > 0), "{}", answer.told());
            assert_eq!(answer.header("X-Retry-After"), seconds);
        }
    }

    async fn a_person_without_a_password_has_none_to_change(db: Database) {
        let house = House::new(db).await;
        let mut front = Front::new(&house);
        let wanted = Wanted {
            email: "linked@example.com",
            name: "",
            password: None,
            email_verified: true,
            role: Role::User,
            claims: None,
            image: None,
        };
        let user = operate::add(&house.app, wanted).await.expect("a user");
        let browser = sessions::Browser::default();
        let tx = house.app.db.begin().await.expect("a transaction");
        let started = sessions::start(&house.app, &tx, (user, Proof::password(house.app.clock.now())), None, &browser).await;
        let (minted, _) = started.expect("a session");
        tx.commit().await.expect("a commit");
        front.jar.take(&format!("{SESSION}={}; Path=/", minted.expose()), house.app.clock.now());
        let typed = json!({ "currentPassword": "", "newPassword": NEW });
        front.post(PATH, typed).await.refused(400, "CREDENTIAL_ACCOUNT_NOT_FOUND");
        front.post("/verify-password", json!({ "password": "" })).await.refused(400, "INVALID_PASSWORD");
        front.post("/delete-user", json!({ "password": NEW })).await.refused(400, "CREDENTIAL_ACCOUNT_NOT_FOUND");
        assert_eq!(front.get("/list-accounts").await.ok(), json!([]));
    }
}
