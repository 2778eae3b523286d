//! The cookies beside the one of the session: what middlewares of front ends look for, and how long
//! all of them stay.

use serde_json::{Value, json};

use super::front::{Front, SESSION};
use crate::support::{answer::Answer, database::both, house::House};

const MARK: &str = "better-auth.session_token";

/// The line that sets a cookie.
fn line<'a>(answer: &'a Answer, name: &str) -> &'a str {
    let lines = answer.headers.get_all("Set-Cookie").iter();
    let mut lines = lines.map(|line| line.to_str().expect("a cookie in ASCII"));
    let begins = |line: &&str| {
        line.strip_prefix(name)
            .is_some_and(|rest| rest.starts_with('='))
    };
    lines.find(begins).unwrap_or_default()
}

both! {
    async fn a_mark_says_that_there_is_a_session_and_is_none(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut front = Front::new(&house);
        let typed = json!({ "email": person.email, "password": person.password });
        let signed_in = front.post("/sign-in/email", typed).await;
        let life = |line: &str| line.split("; ").find(|part| part.starts_with("Max-Age")).map(str::to_owned);
        let (mark, session) = (line(&signed_in, MARK), line(&signed_in, SESSION));
        assert!(mark.starts_with("better-auth.session_token=signed-in; Path=/"), "{mark}");
        assert!(life(mark).is_some() && life(mark) == life(session), "{mark} {session}");
        // Alone it is worth nothing, whatever it holds.
        let secret = front.jar.value(SESSION).expect("a cookie");
        for value in ["signed-in", secret] {
            let cookie = format!("{MARK}={value}");
            assert_eq!(house.get("/api/auth/get-session").header("Cookie", &cookie).await.ok(), Value::Null);
            assert_eq!(house.get("/account").header("Cookie", &cookie).await.status, 303);
        }
        let signed_out = front.post("/sign-out", json!({})).await;
        assert!(line(&signed_out, MARK).contains("; Max-Age=0"), "{}", line(&signed_out, MARK));
        assert_eq!(front.jar.value(MARK), None);
    }

    async fn the_hosted_pages_set_it_and_take_it_away(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut browser = house.browser();
        browser.get("/login").await;
        browser.submit("#login-form", &[("email", person.email), ("password", person.password)]).await.sent_to("/account");
        assert_eq!(browser.jar.value(MARK), Some("signed-in"));
        browser.get("/account").await;
        browser.submit("#logout-form", &[]).await;
        browser.follow().await;
        assert_eq!((browser.jar.value(MARK), browser.jar.value(SESSION)), (None, None));
    }

    async fn on_https_it_is_secure_and_may_be_for_a_domain(db: Database) {
        let house = House::with(db, |config| {
            config.server.issuer = "https://auth.example.com".to_owned();
            config.api.cookie_domain = Some("example.com".to_owned());
        }).await;
        let person = house.person().await;
        let mut front = Front::new(&house);
        let typed = json!({ "email": person.email, "password": person.password });
        let answer = front.post("/sign-in/email", typed).await;
        let mark = line(&answer, "__Secure-better-auth.session_token");
        assert!(mark.ends_with("; Domain=example.com; Secure"), "{mark}");
        // The session itself is for us alone.
        let session = line(&answer, "__Host-doorward_session");
        assert!(!session.is_empty() && !session.contains("Domain"), "{session}");
        let gone = front.post("/sign-out", json!({})).await;
        let mark = line(&gone, "__Secure-better-auth.session_token");
        assert!(mark.contains("; Max-Age=0; Domain=example.com"), "{mark}");
    }

    async fn it_has_the_name_that_the_operator_wants_or_none(db: Database) {
        let house = House::with(db, |config| config.api.cookie_prefix = String::new()).await;
        let front = Front::signed_in(&house).await;
        assert_eq!(front.jar.value(MARK), None);
        assert!(front.jar.value(SESSION).is_some());
    }

    async fn who_is_not_to_be_remembered_is_not(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut front = Front::new(&house);
        let typed = |remember: bool| json!({ "email": person.email, "password": person.password, "rememberMe": remember });
        let answer = front.post("/sign-in/email", typed(false)).await;
        for name in [SESSION, MARK, "doorward_brief"] {
            let line = line(&answer, name);
            assert!(!line.is_empty() && !line.contains("Max-Age"), "{name}: {line}");
        }
        let answer = front.post("/sign-in/email", typed(true)).await;
        assert!(line(&answer, SESSION).contains("; Max-Age="));
        assert_eq!(front.jar.value("doorward_brief"), None);
        front.post("/sign-in/email", typed(false)).await.is(200);
        front.post("/sign-out", json!({})).await.is(200);
        assert_eq!(front.jar.value("doorward_brief"), None);
    }
}
