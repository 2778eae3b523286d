//! CN-8: proving again who one is. Whoever turns away from it leaves everything as it was; whoever else
//! signs in instead is in a session of their own, and the one before has ended.

use chrono::TimeDelta;
use doorward::{paths, sessions};
use serde_json::Value;

use super::{
    granted::{Granted, inactive, introspected},
    jwt,
};
use crate::support::{
    browser::Browser,
    database::both,
    device::{GRACE, browser_of},
    expect::Tokens,
    house::House,
    rp::Rp,
};

const AGAIN: [&[(&str, Option<&str>)]; 2] =
    [&[("prompt", Some("login"))], &[("max_age", Some("0"))]];

fn cookie(browser: &Browser<'_>) -> String {
    let value = browser.jar.value("doorward_session");
    value.expect("a session cookie").to_owned()
}

async fn tokens(rp: &Rp<'_>, browser: &Browser<'_>) -> (Tokens, Value) {
    let tokens = rp.exchange(&browser.last().code()).await.tokens();
    let claims = jwt::claims(tokens.id_token.as_deref().expect("an ID token"));
    (tokens, claims)
}

/// Asks without any page.
async fn silently(granted: &mut Granted<'_>) -> (Tokens, Value) {
    // Without `offline_access`: what ends with the session can be seen to end.
    let changes = [("prompt", Some("none")), ("scope", Some("openid email"))];
    let url = granted.rp.authorize_url(&changes);
    granted.browser.get_from_stranger(&url).await;
    tokens(&granted.rp, &granted.browser).await
}

/// Asks in a way that needs the password, as far as the page for it.
async fn asked_again(granted: &mut Granted<'_>, changes: &[(&str, Option<&str>)]) {
    let url = granted.rp.authorize_url(changes);
    granted.browser.get_from_stranger(&url).await;
    granted
        .browser
        .follow()
        .await
        .shown(200, "Confirm it is you");
}

both! {
    async fn cn_8_who_turns_away_from_it_leaves_everything_as_it_was(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let (_, before) = silently(&mut granted).await;
        for changes in AGAIN {
            house.turn(TimeDelta::minutes(1));
            asked_again(&mut granted, changes).await;
            let wrong = [("password", "a guess at the swallows")];
            granted.browser.submit("#login-form", &wrong).await.is(422);
            let session = cookie(&granted.browser);
            let (_, after) = silently(&mut granted).await;
            for claim in ["sub", "sid", "auth_time"] {
                assert_eq!(after[claim], before[claim], "{claim}");
            }
            assert_eq!(cookie(&granted.browser), session);
        }
    }

    async fn cn_8_who_signs_in_instead_is_in_a_session_of_their_own(db: Database) {
        let house = House::new(db).await;
        browser_of(&house, GRACE).await;
        for changes in AGAIN {
            let mut granted = Granted::confidential(&house).await;
            let (old_tokens, ada) = silently(&mut granted).await;
            let old_cookie = cookie(&granted.browser);
            house.turn(TimeDelta::minutes(1));
            asked_again(&mut granted, changes).await;
            // The way out that the page offers.
            granted.browser.click("Use another account").await;
            granted.browser.submit("#logout-confirm", &[]).await;
            granted.browser.follow().await.shown(200, "Sign in");
            let typed = [("email", GRACE.email), ("password", GRACE.password)];
            granted.browser.submit("#login-form", &typed).await;
            if granted.browser.follow().await.url.path() == paths::CONSENT {
                granted.browser.submit("#consent-approve", &[]).await;
            }
            let (_, grace) = tokens(&granted.rp, &granted.browser).await;
            ended(&house, &granted, (&old_cookie, &old_tokens), (&ada, &grace)).await;
        }
    }

    /// The page names the one whom it asks; a form that names somebody else is somebody else's sign-in.
    async fn cn_8_a_form_that_names_somebody_else_does_not_take_the_session_over(db: Database) {
        let house = House::new(db).await;
        browser_of(&house, GRACE).await;
        let mut granted = Granted::confidential(&house).await;
        let (old_tokens, ada) = silently(&mut granted).await;
        let old_cookie = cookie(&granted.browser);
        house.turn(TimeDelta::minutes(1));
        asked_again(&mut granted, AGAIN[0]).await;
        let form = granted.browser.last().page().form("#login-form").pairs();
        let form: Vec<(&str, &str)> = form
            .iter()
            .map(|(name, value)| match name.as_str() {
                "email" => ("email", GRACE.email),
                "password" => ("password", GRACE.password),
                _ => (name.as_str(), value.as_str()),
            })
            .collect();
        granted.browser.post_form(paths::LOGIN, &form).await.is(303);
        if granted.browser.follow().await.url.path() == paths::CONSENT {
            granted.browser.submit("#consent-approve", &[]).await;
        }
        let (_, grace) = tokens(&granted.rp, &granted.browser).await;
        ended(&house, &granted, (&old_cookie, &old_tokens), (&ada, &grace)).await;
    }
}

/// Nothing of the session before is left, and nothing of it is in the new one.
async fn ended(
    house: &House,
    granted: &Granted<'_>,
    (cookie, tokens): (&str, &Tokens),
    (before, after): (&Value, &Value),
) {
    assert_ne!(after["sub"], before["sub"]);
    assert_ne!(after["sid"], before["sid"]);
    assert!(after["auth_time"].as_i64() > before["auth_time"].as_i64());
    let found = sessions::find(&house.app, cookie).await.expect("a look-up");
    assert!(found.is_none(), "the session before has ended");
    inactive(&introspected(&granted.rp, &tokens.access_token).await);
}
