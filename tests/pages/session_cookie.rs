//! Session cookies: new at every step, never taken from outside (SE-1), good for a bounded time.

use chrono::TimeDelta;
use doorward::paths;

use super::world::{
    GRACE, SESSION, csrf, opens, planted, production, session, sign_in, signed_in, signed_up,
};
use crate::support::{database::both, house::House, rp::Rp};

/// A value of the right form that nobody was given.
const PLANTED: &str = "ss_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

both! {
    async fn se_1_the_cookie_is_new_at_every_step(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut browser = house.browser();
        browser.get(paths::LOGIN).await;
        assert_eq!(browser.jar.value(SESSION), None, "nobody is signed in yet");
        let before = csrf(&browser, "#login-form");
        sign_in(&mut browser, person).await;
        let first = session(&browser);
        browser.follow().await;
        assert_ne!(csrf(&browser, "#logout-form"), before, "forms are bound to the sign-in");

        // Proving it again.
        let rp = Rp::confidential(&house).await;
        let again = rp.authorize_url(&[("prompt", Some("login"))]);
        browser.get_from_stranger(&again).await;
        browser.follow().await.shown(200, "Confirm it is you");
        browser.submit("#login-form", &[("password", person.password)]).await;
        let second = session(&browser);

        // A new password.
        browser.get(paths::ACCOUNT_SECURITY).await;
        let typed = [("current_password", person.password), ("new_password", "seven ladders to the moon")];
        browser.submit("#password-form", &typed).await;
        let third = session(&browser);
        browser.get(paths::ACCOUNT).await;
        browser.submit("#logout-form", &[]).await;
        assert_eq!(browser.jar.value(SESSION), None);

        assert!(first != second && second != third && first != third);
        for dead in [first, second, third] {
            assert!(!opens(&house, &dead).await);
        }
    }

    async fn se_1_a_planted_cookie_never_opens_anything(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut browser = planted(&house, PLANTED);
        browser.get(paths::ACCOUNT).await.sent_to(paths::LOGIN);
        sign_in(&mut browser, person).await;
        assert_ne!(session(&browser), PLANTED);
        assert!(!opens(&house, PLANTED).await);

        // A session of the one who planted it: whoever signs in gets one of their own, and it ends.
        let grace = session(&signed_up(&house, GRACE).await);
        let mut browser = planted(&house, &grace);
        let rp = Rp::confidential(&house).await;
        let url = rp.authorize_url(&[("prompt", Some("select_account"))]);
        browser.get_from_stranger(&url).await;
        browser.follow().await.shown(200, "Continue as Grace Hopper");
        let typed = [("email", person.email), ("password", person.password)];
        browser.submit("#login-form", &typed).await.sent_to(paths::AUTHORIZE);
        assert_ne!(session(&browser), grace);
        assert!(!opens(&house, &grace).await);
        browser.get(paths::ACCOUNT).await.shown(200, person.email);
    }

    async fn se_1_two_cookies_of_one_name_are_none(db: Database) {
        let house = House::new(db).await;
        let good = session(&signed_in(&house).await);
        for cookies in [
            format!("{SESSION}={PLANTED}; {SESSION}={good}"),
            format!("{SESSION}={good}; {SESSION}={PLANTED}"),
        ] {
            let answer = house.get(paths::ACCOUNT).header("Cookie", &cookies).await;
            answer.sent_to(paths::LOGIN);
        }
    }

    async fn se_1_behind_https_only_a_cookie_of_this_host_counts(db: Database) {
        let house = production(db).await;
        let mut browser = house.browser();
        sign_in(&mut browser, house.person().await).await;
        let host = format!("__Host-{SESSION}");
        let good = browser.jar.value(&host).expect("a session cookie").to_owned();
        let line = browser.last().header("Set-Cookie");
        for part in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(line.contains(part), "{line}");
        }
        assert!(!line.contains("Domain"), "{line}");
        // What a sibling domain can set has not this prefix (RFC 6265bis §4.1.3.2).
        for (name, status) in [(host.as_str(), 200), (SESSION, 303), ("__Secure-doorward_session", 303)] {
            let cookie = format!("{name}={good}");
            house.get(paths::ACCOUNT).header("Cookie", &cookie).await.is(status);
        }
    }

    async fn se_8_a_session_ends_when_it_is_not_used_and_in_any_case_once(db: Database) {
        let house = House::new(db).await;
        let idle = house.app.config.sessions.idle();
        let used = session(&signed_in(&house).await);
        house.turn(idle - TimeDelta::minutes(1));
        assert!(opens(&house, &used).await);
        house.turn(idle - TimeDelta::minutes(1));
        assert!(opens(&house, &used).await, "use has moved the idle end on");
        house.turn(idle + TimeDelta::minutes(1));
        assert!(!opens(&house, &used).await);

        let used = session(&signed_in(&house).await);
        let steps = house.app.config.sessions.absolute().num_seconds() / idle.num_seconds() * 2;
        for _ in 1..steps {
            house.turn(idle / 2);
            assert!(opens(&house, &used).await);
        }
        house.turn(idle / 2);
        assert!(!opens(&house, &used).await, "the absolute end");
    }
}
