//! Prompts: `prompt`, `max_age`, `id_token_hint` and `login_hint` (OpenID Connect Core §3.1.2.1):
//! when a page is shown, when none is, and what `auth_time` says afterwards.

use chrono::TimeDelta;
use doorward::{accounts::operate, paths};
use entity::value::Role;
use serde_json::Value;

use super::{granted::Granted, jwt};
use crate::support::{browser::Browser, database::both, house::House, rp::Rp};

/// Somebody else.
const BOB: [(&str, &str); 2] = [
    ("email", "bob@example.com"),
    ("password", "seven green umbrellas"),
];

async fn add_bob(house: &House) {
    let wanted = operate::Wanted {
        email: BOB[0].1,
        name: "Bob",
        password: Some(BOB[1].1),
        email_verified: true,
        role: Role::User,
        claims: None,
        image: None,
    };
    operate::add(&house.app, wanted).await.expect("a new user");
}

/// The claims of the ID token that the browser's answer buys.
async fn claims(rp: &Rp<'_>, browser: &Browser<'_>) -> Value {
    let tokens = rp.exchange(&browser.last().code()).await.tokens();
    jwt::claims(&tokens.id_token.expect("an ID token"))
}

/// Asks with these changes and follows to a page or to the answer.
async fn ask(granted: &mut Granted<'_>, changes: &[(&str, Option<&str>)]) {
    let url = granted.rp.authorize_url(changes);
    granted.browser.get_from_stranger(&url).await;
    granted.browser.follow().await;
}

/// The claims for a request that must not show a page.
async fn silent(granted: &mut Granted<'_>, changes: &[(&str, Option<&str>)]) -> Value {
    ask(granted, changes).await;
    claims(&granted.rp, &granted.browser).await
}

/// The claims for a request that must ask for the password once, and not again.
async fn with_password(granted: &mut Granted<'_>, changes: &[(&str, Option<&str>)]) -> Value {
    ask(granted, changes).await;
    let page = granted.browser.last();
    page.shown(200, "Sign in").shown(200, "Confirm it is you");
    let typed = [("password", granted.house.person().await.password)];
    granted.browser.submit("#login-form", &typed).await;
    granted.browser.follow().await;
    claims(&granted.rp, &granted.browser).await
}

fn auth_time(claims: &Value) -> i64 {
    claims["auth_time"].as_i64().expect("a number in auth_time")
}

both! {
    async fn prompt_login_asks_for_the_password_again(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let first = silent(&mut granted, &[]).await;
        house.turn(TimeDelta::seconds(2));
        let second = with_password(&mut granted, &[("prompt", Some("login"))]).await;
        assert!(auth_time(&second) > auth_time(&first));
        assert_eq!(second["sub"], first["sub"]);
        // It was asked of that request alone.
        let third = silent(&mut granted, &[]).await;
        assert_eq!(auth_time(&third), auth_time(&second));
    }

    async fn max_age_asks_again_when_the_sign_in_is_older(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let first = silent(&mut granted, &[("max_age", Some("10000"))]).await;
        house.turn(TimeDelta::seconds(2));
        let second = with_password(&mut granted, &[("max_age", Some("1"))]).await;
        assert!(auth_time(&second) > auth_time(&first));
        let age = house.app.clock.now().timestamp() - auth_time(&second);
        assert!((0..=60).contains(&age), "{age}");

        house.turn(TimeDelta::seconds(2));
        let third = silent(&mut granted, &[("max_age", Some("10000"))]).await;
        assert_eq!(auth_time(&third), auth_time(&second));
        house.turn(TimeDelta::seconds(2));
        let fourth = with_password(&mut granted, &[("max_age", Some("0"))]).await;
        assert!(auth_time(&fourth) > auth_time(&third), "max_age=0 is prompt=login");
        house.turn(TimeDelta::seconds(10_001));
        with_password(&mut granted, &[("max_age", Some("10000"))]).await;
    }

    async fn a_person_who_takes_longer_than_max_age_is_not_asked_in_a_circle(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let mut browser = house.browser();
        browser.get_from_stranger(&rp.authorize_url(&[("max_age", Some("1"))])).await;
        browser.follow().await;
        house.turn(TimeDelta::minutes(5));
        let person = house.person().await;
        let typed = [("email", person.email), ("password", person.password)];
        browser.submit("#login-form", &typed).await;
        browser.follow().await;
        house.turn(TimeDelta::minutes(5));
        browser.submit("#consent-approve", &[]).await;
        claims(&rp, &browser).await;
    }

    async fn auth_time_is_that_of_the_sign_in_and_of_nothing_else(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let first = silent(&mut granted, &[]).await;
        house.turn(TimeDelta::hours(1));
        granted.browser.get(paths::ACCOUNT).await;
        for changes in [
            &[("prompt", Some("none"))][..],
            &[("max_age", Some("15000"))],
            &[("nonce", None)],
        ] {
            let later = silent(&mut granted, changes).await;
            assert_eq!(auth_time(&later), auth_time(&first), "{changes:?}");
            assert_eq!(later["sid"], first["sid"]);
        }
        let refresh_token = granted.tokens().await.refresh_token.expect("a refresh token");
        house.turn(TimeDelta::hours(1));
        let fresh = granted.rp.refresh(&refresh_token).await.tokens();
        let fresh = jwt::claims(&fresh.id_token.expect("an ID token"));
        assert_eq!(auth_time(&fresh), auth_time(&first));
    }

    async fn prompt_consent_asks_each_time(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        for _ in 0..2 {
            ask(&mut granted, &[("prompt", Some("consent"))]).await;
            granted.browser.last().shown(200, "You have allowed this app before");
            granted.browser.submit("#consent-approve", &[]).await;
            claims(&granted.rp, &granted.browser).await;
        }
        // Both at once, each once.
        ask(&mut granted, &[("prompt", Some("consent login"))]).await;
        let typed = [("password", house.person().await.password)];
        granted.browser.submit("#login-form", &typed).await;
        granted.browser.follow().await.shown(200, "wants to use your account");
        granted.browser.submit("#consent-approve", &[]).await;
        claims(&granted.rp, &granted.browser).await;
    }

    async fn prompt_select_account_offers_the_one_that_is_signed_in_and_any_other(db: Database) {
        let house = House::new(db).await;
        add_bob(&house).await;
        let mut granted = Granted::confidential(&house).await;
        let ada = silent(&mut granted, &[]).await;
        ask(&mut granted, &[("prompt", Some("select_account"))]).await;
        granted.browser.last().shown(200, "Continue as Ada Lovelace");
        granted.browser.submit("#continue-form", &[]).await.sent_to(paths::AUTHORIZE);
        granted.browser.follow().await;
        let kept = claims(&granted.rp, &granted.browser).await;
        assert_eq!((&kept["sub"], auth_time(&kept)), (&ada["sub"], auth_time(&ada)));

        ask(&mut granted, &[("prompt", Some("select_account"))]).await;
        granted.browser.submit("#login-form", &BOB).await;
        granted.browser.follow().await.shown(200, "bob@example.com");
        granted.browser.submit("#consent-approve", &[]).await;
        let bob = claims(&granted.rp, &granted.browser).await;
        assert_ne!(bob["sub"], ada["sub"]);
        // CN-8: whoever signs in after somebody else is in a session of their own.
        assert_ne!(bob["sid"], ada["sid"]);
        assert_eq!(house.rows().await["session"], 1);
    }

    async fn an_id_token_hint_says_who_is_expected(db: Database) {
        let house = House::new(db).await;
        add_bob(&house).await;
        let mut granted = Granted::confidential(&house).await;
        let hint = granted.tokens().await.id_token.expect("an ID token");
        // It may have expired.
        house.turn(TimeDelta::hours(2));
        let hinted = [("id_token_hint", Some(hint.as_str()))];
        let silently = [hinted[0], ("prompt", Some("none"))];
        silent(&mut granted, &hinted).await;
        silent(&mut granted, &silently).await;

        // Somebody else is signed in.
        let mut other = house.browser();
        other.get_from_stranger(&granted.rp.authorize_url(&[])).await;
        other.follow().await;
        other.submit("#login-form", &BOB).await;
        other.follow().await;
        other.submit("#consent-approve", &[]).await.code();
        other.get_from_stranger(&granted.rp.authorize_url(&silently)).await;
        other.last().answered("login_required");
        other.get_from_stranger(&granted.rp.authorize_url(&hinted)).await;
        other.follow().await.shown(200, "Sign in");
        let ada = house.person().await;
        let typed = [("email", ada.email), ("password", ada.password)];
        other.submit("#login-form", &typed).await;
        other.follow().await;
        assert_eq!(claims(&granted.rp, &other).await["sub"], jwt::claims(&hint)["sub"]);

        // Whoever signs in instead is not who was asked for.
        let mut third = house.browser();
        third.get_from_stranger(&granted.rp.authorize_url(&hinted)).await;
        third.follow().await;
        third.submit("#login-form", &BOB).await;
        third.follow().await.answered("login_required");
    }

    async fn a_login_hint_fills_in_the_field(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let long = "x".repeat(300);
        for (hint, filled) in [
            ("ada@example.com", "ada@example.com"),
            ("buffy@elsewhere.example", "buffy@elsewhere.example"),
            ("not an address", "not an address"),
            (long.as_str(), ""),
        ] {
            let mut browser = house.browser();
            let url = rp.authorize_url(&[("login_hint", Some(hint))]);
            browser.get_from_stranger(&url).await;
            let form = browser.follow().await.page().form("#login-form").pairs();
            let email = form.iter().find(|(name, _)| name == "email");
            assert_eq!(email.expect("a field").1, filled);
            let person = house.person().await;
            let typed = [("email", person.email), ("password", person.password)];
            browser.submit("#login-form", &typed).await.sent_to(paths::AUTHORIZE);
        }
    }
}
