//! Ends: however a session ends, its clients are told; and what goes on is not told.

use doorward::{
    accounts::{operate, removal},
    logout, paths,
    sessions::{self, Proof},
};
use serde_json::{Value, json};

use super::{
    backchannel_logout_receiver::{Receiver, deliver, known_by, read},
    granted::Granted,
};
use crate::support::{database::both, house::House, rp::Rp};

async fn user(house: &House) -> entity::user::Model {
    let found = operate::find(&house.app, house.person().await.email).await;
    found.expect("a look-up").expect("the person")
}

/// Fails unless the client was told that this session has ended, and nothing else.
async fn told(house: &House, receiver: &Receiver, rp: &Rp<'_>, known_by: &(Value, Value)) {
    assert_eq!(deliver(house).await, 1);
    let claims = read(house, &receiver.token(), &rp.client_id).await;
    let (sub, sid) = known_by;
    assert_eq!((&claims["sub"], &claims["sid"]), (sub, sid));
}

both! {
    async fn every_end_of_a_session_is_told(db: Database) {
        let receiver = Receiver::new().await;
        let house = receiver.house(db).await;
        let person = house.person().await;
        let rp = receiver.rp(&house, "/").await;
        let mut here = Granted::to(&house, rp).await;
        let app = &house.app;

        // Another session of the person, ended from this one.
        // The new password last: the house tells everybody the old one.
        for way in ["revoke", "revoke-others", "api", "api-others", "password"] {
            let mut there = Granted { house: &house, rp: receiver.rp(&house, "/").await, browser: house.browser() };
            there.rp.sign_in(&mut there.browser).await;
            let known_by = known_by(&mut there).await;
            let own = app_session(&house, &here).await;
            match way {
                "revoke" => {
                    let id = there.session().await.id;
                    assert!(sessions::revoke(app, own.user.id, id).await.expect("an end"));
                }
                "api" | "api-others" => {
                    let (path, body) = match way {
                        "api" => ("/api/auth/revoke-session", json!({ "token": there.session().await.id })),
                        _ => ("/api/auth/revoke-other-sessions", json!({})),
                    };
                    let cookie = here.browser.jar.value("doorward_session").expect("a cookie");
                    let call = house.post(path).header("Cookie", &format!("doorward_session={cookie}"));
                    let origin = house.app.config.server.origin();
                    call.header("Origin", &origin).body("application/json", body.to_string()).await.is(200);
                }
                "password" => {
                    here.browser.get(paths::ACCOUNT_SECURITY).await;
                    let typed = [("current_password", person.password), ("new_password", "seven ladders to the moon")];
                    here.browser.submit("#password-form", &typed).await.sent_to(paths::ACCOUNT_SECURITY);
                }
                _ => {
                    here.browser.get(paths::ACCOUNT_SESSIONS).await;
                    here.browser.submit("#revoke-others", &[]).await.sent_to(paths::ACCOUNT_SESSIONS);
                }
            }
            told(&house, &receiver, &there.rp, &known_by).await;
        }
        // Somebody else signs in in its place.
        let known = known_by(&mut here).await;
        let before = app_session(&house, &here).await;
        let grace = somebody_else(&house).await;
        let tx = app.db.begin().await.expect("a transaction");
        let browser = sessions::Browser::default();
        sessions::start(app, &tx, (grace, Proof::password(app.clock.now())), Some(&before), &browser).await.expect("a session");
        tx.commit().await.expect("an end");
        told(&house, &receiver, &here.rp, &known).await;
    }

    async fn what_an_operator_ends_is_told(db: Database) {
        let receiver = Receiver::new().await;
        let house = receiver.house(db).await;
        house.person().await;
        let password = "a bridge of nine swallows";
        for way in ["set-password", "disable", "leave", "remove"] {
            let rp = receiver.rp(&house, "/").await;
            let mut granted = Granted::to(&house, rp).await;
            let known_by = known_by(&mut granted).await;
            let (app, user) = (&house.app, user(&house).await);
            match way {
                "disable" => {
                    assert!(operate::disable(app, &user).await.expect("a change"));
                    told(&house, &receiver, &granted.rp, &known_by).await;
                    assert!(operate::enable(app, &user).await.expect("a change"));
                    continue;
                }
                "leave" => {
                    let own = app_session(&house, &granted).await;
                    let left = removal::ask(app, &own, &sessions::Browser::default()).await;
                    assert!(left.expect("a change").is_some());
                    told(&house, &receiver, &granted.rp, &known_by).await;
                    assert!(operate::enable(app, &user).await.expect("a change"));
                    continue;
                }
                // Who the person was is said although nobody knows it any more.
                "remove" => assert!(operate::remove(app, &user).await.expect("a change")),
                _ => operate::set_password(app, &user, password).await.expect("a change"),
            }
            told(&house, &receiver, &granted.rp, &known_by).await;
        }
    }

    async fn a_session_that_goes_on_is_not_told(db: Database) {
        let receiver = Receiver::new().await;
        let house = receiver.house(db).await;
        let mut granted = Granted::to(&house, receiver.rp(&house, "/").await).await;
        let person = house.person().await;
        // Signing in anew keeps the `sid`; a new password keeps this browser signed in.
        let again = granted.rp.authorize_url(&[("prompt", Some("login"))]);
        granted.browser.get_from_stranger(&again).await;
        granted.browser.follow().await;
        let typed = [("password", person.password)];
        granted.browser.submit("#login-form", &typed).await;
        granted.browser.follow().await.code();
        granted.browser.get(paths::ACCOUNT_SECURITY).await;
        let typed = [("current_password", person.password), ("new_password", "seven ladders to the moon")];
        granted.browser.submit("#password-form", &typed).await.sent_to(paths::ACCOUNT_SECURITY);
        assert_eq!((deliver(&house).await, receiver.heard().len()), (0, 0));
        // Nor is a question.
        granted.browser.get_from_stranger(paths::END_SESSION).await;
        granted.browser.follow().await.shown(200, "Sign out?");
        assert_eq!((deliver(&house).await, receiver.heard().len()), (0, 0));
    }

    async fn what_is_not_committed_is_not_told(db: Database) {
        let receiver = Receiver::new().await;
        let house = receiver.house(db).await;
        let granted = Granted::to(&house, receiver.rp(&house, "/").await).await;
        let own = app_session(&house, &granted).await;
        let tx = house.app.db.begin().await.expect("a transaction");
        let ended = sessions::end_all(&house.app, &tx, own.user.id, None).await;
        assert_eq!(ended.expect("an end"), 1);
        tx.rollback().await.expect("a way back");
        assert_eq!((deliver(&house).await, receiver.heard().len()), (0, 0));
        let leaving = logout::Leaving { signed_in: Some(&own), browser: "" };
        logout::confirmed(&house.app, leaving, None).await.expect("an end");
        assert_eq!((deliver(&house).await, receiver.heard().len()), (1, 1));
    }
}

async fn app_session(house: &House, granted: &Granted<'_>) -> sessions::SignedIn {
    let cookie = granted.browser.jar.value("doorward_session");
    let found = sessions::find(&house.app, cookie.expect("a cookie")).await;
    found.expect("a look-up").expect("a session")
}

async fn somebody_else(house: &House) -> entity::user::Model {
    let wanted = operate::Wanted {
        email: "grace@example.com",
        name: "Grace",
        password: None,
        email_verified: true,
        role: entity::value::Role::User,
        claims: None,
        image: None,
    };
    operate::add(&house.app, wanted).await.expect("a new user")
}
