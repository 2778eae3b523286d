//! `/account/apps…`: what an application may do and since when, and taking its access away, and only
//! one's own.

use doorward::paths;

use super::world::{GRACE, contents, csrf, signed_in, signed_up};
use crate::support::{database::both, house::House, rp::Rp};

both! {
    async fn an_app_is_listed_and_loses_what_it_has(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let mut browser = signed_in(&house).await;
        browser.get(paths::ACCOUNT_APPS).await.shown(200, "No app uses your account");
        let code = rp.sign_in(&mut browser).await;
        let tokens = rp.exchange(&code).await.tokens();
        let refresh_token = tokens.refresh_token.expect("a refresh token");
        let silent = rp.authorize_url(&[("prompt", Some("none"))]);
        let unused = browser.get_from_stranger(&silent).await.code();

        browser.get(paths::ACCOUNT).await.shown(200, "One app uses your account.");
        let csrf = csrf(&browser, "#logout-form");
        let page = browser.get(paths::ACCOUNT_APPS).await.page();
        for said in [
            "Example", "See your e-mail address: e-mail address", "Keep access while you are away",
            "Allowed 2", "Last used 2",
        ] {
            assert!(page.text.contains(said), "{said}: {}", page.text);
        }
        let form = [("csrf", csrf.as_str()), ("client_id", &rp.client_id)];
        browser.post_form(paths::ACCOUNT_APPS_REVOKE, &form).await.sent_to(paths::ACCOUNT_APPS);
        browser.follow().await.shown(200, "That app has no access to your account.");

        rp.refresh(&refresh_token).await.oauth_error(400, "invalid_grant");
        rp.exchange(&unused).await.oauth_error(400, "invalid_grant");
        let userinfo = house.get(paths::USERINFO).bearer(&tokens.access_token);
        userinfo.await.bearer_error(401, "invalid_token");
        browser.get_from_stranger(&silent).await.answered("consent_required");
    }

    async fn what_somebody_else_allowed_is_as_good_as_nothing(db: Database) {
        let house = House::new(db).await;
        let hers = Rp::confidential(&house).await;
        let mut grace = signed_up(&house, GRACE).await;
        let code = hers.sign_in(&mut grace).await;
        let refresh_token = hers.exchange(&code).await.tokens().refresh_token.expect("a refresh token");
        let mut browser = signed_in(&house).await;
        let csrf = csrf(&browser, "#logout-form");
        let before = contents(&house).await;
        let mut answers = Vec::new();
        for client_id in [hers.client_id.as_str(), "nobody", ""] {
            let form = [("csrf", csrf.as_str()), ("client_id", client_id)];
            let answer = browser.post_form(paths::ACCOUNT_APPS_REVOKE, &form).await;
            answers.push((answer.status, answer.location(), answer.body.clone()));
            assert_eq!(contents(&house).await, before, "{client_id}");
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "{answers:?}");
        hers.refresh(&refresh_token).await.tokens();
    }
}
