//! `/account/sessions/…`: signing other browsers out, and only one's own.

use doorward::paths;
use entity::session;
use uuid::Uuid;

use super::world::{GRACE, contents, csrf, opens, session as cookie, signed_in, signed_up, user};
use crate::support::{database::both, house::House, rp::Rp};

/// The ids of a person's sessions, newest first.
async fn ids(house: &House, email: &str) -> Vec<Uuid> {
    let user = user(house, email).await;
    let app = &house.app;
    let sessions = session::of_user(&app.db.read, user.id, app.clock.now()).await;
    sessions
        .expect("the sessions")
        .iter()
        .map(|row| row.id)
        .collect()
}

both! {
    async fn each_browser_is_listed_and_can_be_signed_out(db: Database) {
        let house = House::new(db).await;
        let elsewhere = signed_in(&house).await;
        let mut browser = signed_in(&house).await;
        let page = browser.get(paths::ACCOUNT_SESSIONS).await.page();
        assert_eq!(page.text.matches("Unknown browser on Linux").count(), 2, "{}", page.text);
        assert_eq!(page.text.matches("this browser").count(), 1, "{}", page.text);
        let [own, other] = ids(&house, "ada@example.com").await[..] else {
            panic!("two sessions");
        };
        assert!(!browser.last().body.contains(&own.to_string()), "no button for this browser");

        let csrf = csrf(&browser, "#logout-form");
        let form = [("csrf", csrf.as_str()), ("id", &other.to_string())];
        browser.post_form(paths::ACCOUNT_SESSIONS_REVOKE, &form).await.sent_to(paths::ACCOUNT_SESSIONS);
        let page = browser.follow().await.shown(200, "no longer signed in").page();
        assert_eq!(page.text.matches("Unknown browser on Linux").count(), 1, "{}", page.text);
        assert!(!opens(&house, &cookie(&elsewhere)).await);
        assert!(opens(&house, &cookie(&browser)).await);
    }

    async fn se_6_a_foreign_session_is_as_good_as_none(db: Database) {
        let house = House::new(db).await;
        let foreign = signed_up(&house, GRACE).await;
        let mut browser = signed_in(&house).await;
        let [hers] = ids(&house, GRACE.email).await[..] else {
            panic!("one session");
        };
        browser.get(paths::ACCOUNT_SESSIONS).await;
        assert!(!browser.last().body.contains(&hers.to_string()), "hers is not listed");
        let csrf = csrf(&browser, "#logout-form");
        let before = contents(&house).await;
        let mut answers = Vec::new();
        for id in [hers.to_string(), Uuid::nil().to_string(), "nonsense".to_owned(), String::new()] {
            let form = [("csrf", csrf.as_str()), ("id", &id)];
            let answer = browser.post_form(paths::ACCOUNT_SESSIONS_REVOKE, &form).await;
            let mut headers = answer.headers.clone();
            headers.remove("x-request-id");
            answers.push((answer.status, headers, answer.body.clone()));
            assert_eq!(contents(&house).await, before, "{id}");
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "{answers:?}");
        assert!(opens(&house, &cookie(&foreign)).await);
    }

    async fn one_button_signs_every_other_browser_out(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let mut others = vec![signed_in(&house).await, signed_in(&house).await];
        let stranger = signed_up(&house, GRACE).await;
        let code = rp.sign_in(&mut others[0]).await;
        let refresh_token = rp.exchange(&code).await.tokens().refresh_token.expect("a refresh token");
        let mut browser = signed_in(&house).await;
        browser.get(paths::ACCOUNT_SESSIONS).await;
        browser.submit("#revoke-others", &[]).await.sent_to(paths::ACCOUNT_SESSIONS);
        browser.follow().await.shown(200, "No other browser is signed in");
        for other in &others {
            assert!(!opens(&house, &cookie(other)).await);
        }
        // What an app got there for the time that nobody is there ends too.
        rp.refresh(&refresh_token).await.oauth_error(400, "invalid_grant");
        assert!(opens(&house, &cookie(&browser)).await);
        assert!(opens(&house, &cookie(&stranger)).await, "only one's own");
        // Alone, there is no such button any more.
        assert!(!browser.last().body.contains("revoke-others"));
    }
}
