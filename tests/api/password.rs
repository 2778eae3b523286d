//! `POST /change-password`.

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
        assert_eq!(front.get("/list-accounts").await.ok(), json!([]));
    }
}
