//! `/device`: signing in on the way, a code typed in any way, a link that is no answer by itself, and
//! a way on from everywhere.

use chrono::TimeDelta;
use doorward::{crypto::seal::Purpose, paths};
use entity::client;
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};
use serde_json::json;

use super::world::{contents, csrf, sign_in, signed_in};
use crate::support::{
    answer::Answer,
    browser::Browser,
    database::both,
    device::{Device, type_code},
    house::House,
};

/// What the field for the code holds.
#[track_caller]
fn filled_in(answer: &Answer) -> String {
    let form = answer.page().form("#device-code-form").pairs();
    let field = form.into_iter().find(|(name, _)| name == "user_code");
    field.expect("a field").1
}

/// Types the person's password on the page to which the browser was sent.
async fn prove(browser: &mut Browser<'_>, house: &House) {
    browser.follow().await.shown(200, "Sign in");
    let person = house.person().await;
    let typed = [("email", person.email), ("password", person.password)];
    browser.submit("#login-form", &typed).await;
}

both! {
    async fn whoever_is_not_signed_in_signs_in_and_comes_back_with_the_code(db: Database) {
        let house = House::new(db).await;
        let device = Device::new(&house).await;
        for (url, code) in [(paths::DEVICE, ""), (device.link.as_str(), &device.user_code)] {
            let mut browser = house.browser();
            browser.get(url).await.sent_to(paths::LOGIN);
            prove(&mut browser, &house).await;
            browser.last().sent_to(paths::DEVICE);
            let page = browser.follow().await;
            page.shown(200, "Connect a device");
            assert_eq!(filled_in(page), code);
        }
    }

    async fn a_new_account_comes_back_with_the_code_too(db: Database) {
        let house = House::new(db).await;
        let device = Device::new(&house).await;
        let mut browser = house.browser();
        browser.get(&device.link).await.sent_to(paths::LOGIN);
        browser.follow().await;
        browser.click("Create an account").await;
        let typed = [("email", "lin@example.com"), ("password", "four gates of granite")];
        browser.submit("#register-form", &typed).await.sent_to(paths::DEVICE);
        assert_eq!(filled_in(browser.follow().await), device.user_code);
        // Signed in by now, the sign-in page of that errand leads on as well.
        let flow = browser.last().url.query().expect("a flow").to_owned();
        browser.get(&format!("{}?{flow}", paths::LOGIN)).await.sent_to(paths::DEVICE);
    }

    async fn dv_4_a_link_with_the_code_answers_nothing_by_itself(db: Database) {
        let house = House::new(db).await;
        let device = Device::new(&house).await;
        let mut browser = signed_in(&house).await;
        let before = contents(&house).await;
        for _ in 0..2 {
            let page = browser.get_from_stranger(&device.link).await;
            page.shown(200, "Connect a device");
            // It has not been looked up: what it is about is said after a button was pressed.
            assert!(!page.body.contains("Example"), "{}", page.told());
            assert_eq!(filled_in(page), device.user_code);
        }
        assert_eq!(contents(&house).await, before);
        browser.submit("#device-code-form", &[]).await.sent_to(paths::DEVICE);
        let page = browser.follow().await.page();
        assert_eq!(page.text_of("#device-code"), Some(device.user_code.as_str()));
        let opened = contents(&house).await;
        browser.get_from_stranger(&device.link).await.shown(200, &device.user_code);
        assert_eq!(contents(&house).await, opened);
        device.poll().await.oauth_error(400, "authorization_pending");
    }

    async fn dv_4_the_page_says_who_asks_for_what_from_where_and_when(db: Database) {
        let house = House::new(db).await;
        let device = Device::new(&house).await;
        let app = &house.app;
        let row = client::by_client_id(&app.db.read, &device.rp.client_id).await;
        let mut row = row.expect("a look-up").expect("a client").into_active_model();
        row.policy_uri = Set(Some("https://app.example/privacy".to_owned()));
        row.tos_uri = Set(Some("https://app.example/terms".to_owned()));
        row.update(&app.db.write).await.expect("a change");
        let mut browser = signed_in(&house).await;
        let asked = app.clock.now().format("%-d %B %Y, %H:").to_string();
        device.typed_in(&mut browser).await.sent_to(paths::DEVICE);
        let page = browser.follow().await;
        for said in [
            "Example wants to use your account on a device",
            "Only continue if you started this on your own device.",
            &device.user_code,
            "127.0.0.1",
            &asked,
            "ada@example.com",
            "your e-mail address",
            "Privacy policy",
            "Terms of service",
        ] {
            page.shown(200, said);
        }
        page.has("Cache-Control", |rule| rule == "no-store");
    }

    async fn a_code_is_taken_however_it_is_typed(db: Database) {
        let house = House::new(db).await;
        let mut browser = signed_in(&house).await;
        let ways: [fn(&str) -> String; 5] = [
            |code| code.to_lowercase(),
            |code| code.replace('-', ""),
            |code| code.replace('-', " "),
            |code| format!("  {}  ", code.replace('-', "\u{2013}")),
            |code| code.chars().flat_map(|c| [c, ' ']).collect(),
        ];
        for typed in ways {
            let device = Device::new(&house).await;
            let code = typed(&device.user_code);
            type_code(&mut browser, &code).await.sent_to(paths::DEVICE);
            browser.follow().await.shown(200, &device.user_code);
        }
        for code in ["", "BCDF", "BCDF-GHJ", "BCDF-GHJA", "BCDF-GHJ1", "BCDF-GHJK-L", "<b>\"'&"] {
            let page = type_code(&mut browser, code).await;
            page.shown(422, "There is a problem");
            assert_eq!(filled_in(page), code);
        }
    }

    async fn reload_and_back_lead_on(db: Database) {
        let house = House::new(db).await;
        let (allowed, refused) = (Device::new(&house).await, Device::new(&house).await);
        let mut browser = signed_in(&house).await;
        for (device, button, done) in [
            (&allowed, "#device-approve", "The device is connected"),
            (&refused, "#device-deny", "The device was refused"),
        ] {
            device.typed_in(&mut browser).await;
            let confirm = browser.follow().await.url.clone();
            let form = browser.last().page().form(button).pairs();
            browser.submit(button, &[]).await.sent_to(paths::DEVICE);
            let after = browser.follow().await;
            after.shown(200, done);
            assert_eq!(after.page().link("Go to your account"), paths::ACCOUNT);
            // The page that was left, the one that came, and the form once more.
            browser.get(confirm.as_str()).await.shown(200, done);
            device.typed_in(&mut browser).await.sent_to(paths::DEVICE);
            browser.follow().await.shown(200, done);
            let pairs: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            browser.post_form(paths::DEVICE, &pairs).await.sent_to(paths::DEVICE);
            browser.follow().await.shown(200, done);
        }
        // An answer is given once: a later one changes nothing.
        let form = [("decision", "deny"), ("user_code", &allowed.user_code)];
        browser.get(paths::DEVICE).await;
        let csrf = browser.last().page().form("#device-code-form").pairs();
        let csrf = csrf.iter().find(|(name, _)| name == "csrf").expect("a token").1.clone();
        let form = [&form[..], &[("csrf", csrf.as_str())]].concat();
        browser.post_form(paths::DEVICE, &form).await.sent_to(paths::DEVICE);
        browser.follow().await.shown(200, "The device is connected");
        let neither = [("decision", "perhaps"), ("user_code", &allowed.user_code), ("csrf", &csrf)];
        browser.post_form(paths::DEVICE, &neither).await.shown(400, "The form could not be read");
        allowed.poll().await.tokens();
        refused.poll().await.oauth_error(400, "access_denied");
    }

    async fn what_is_over_says_so_and_leads_on(db: Database) {
        let house = House::new(db).await;
        let (opened, other) = (Device::new(&house).await, Device::new(&house).await);
        let mut browser = signed_in(&house).await;
        opened.typed_in(&mut browser).await;
        let confirm = browser.follow().await.url.clone();
        house.turn(TimeDelta::minutes(11));
        let page = browser.get(confirm.as_str()).await;
        page.shown(410, "This code has expired");
        browser.click("Enter another code").await.shown(200, "Connect a device");
        let page = other.typed_in(&mut browser).await;
        page.shown(422, "This code is wrong or has expired");
        assert_eq!(filled_in(page), other.user_code);
    }

    async fn somebody_else_can_answer_after_signing_in_in_the_same_browser(db: Database) {
        let house = House::new(db).await;
        let device = Device::new(&house).await;
        let mut browser = signed_in(&house).await;
        device.typed_in(&mut browser).await;
        browser.follow().await.shown(200, &device.user_code);
        browser.click("Use another account").await.shown(200, "Sign out?");
        browser.submit("#logout-confirm", &[]).await;
        browser.follow().await.shown(200, "Sign in");
        browser.click("Create an account").await;
        let typed = [("email", "lin@example.com"), ("password", "four gates of granite")];
        browser.submit("#register-form", &typed).await.sent_to(paths::DEVICE);
        assert_eq!(filled_in(browser.follow().await), device.user_code);
        // Who opened it is not there any more, so it is free.
        browser.submit("#device-code-form", &[]).await.sent_to(paths::DEVICE);
        browser.follow().await.shown(200, "lin@example.com");
        browser.submit("#device-approve", &[]).await;
        browser.follow().await.shown(200, "The device is connected");
        let token = device.poll().await.tokens().access_token;
        let userinfo = house.get(paths::USERINFO).bearer(&token).await.ok();
        assert_eq!(userinfo["email"], "lin@example.com");
    }

    async fn the_consent_is_remembered_and_can_be_taken_back(db: Database) {
        let house = House::new(db).await;
        let device = Device::new(&house).await;
        let mut browser = signed_in(&house).await;
        device.answered_in(&mut browser, "#device-approve").await;
        let tokens = device.poll().await.tokens();
        browser.get(paths::ACCOUNT_APPS).await.shown(200, "Example");
        let again = Device::of(&house, device.rp).await;
        again.typed_in(&mut browser).await;
        browser.follow().await.shown(200, "You have allowed this app before");
        let form = [("client_id", again.rp.client_id.as_str())];
        browser.get(paths::ACCOUNT).await;
        let csrf = csrf(&browser, "#logout-form");
        let form = [&form[..], &[("csrf", csrf.as_str())]].concat();
        browser.post_form(paths::ACCOUNT_APPS_REVOKE, &form).await.is(303);
        let refresh = tokens.refresh_token.expect("a refresh token");
        again.rp.refresh(&refresh).await.oauth_error(400, "invalid_grant");
    }

    async fn or_1_only_an_errand_of_this_browser_brings_its_code(db: Database) {
        let house = House::new(db).await;
        let device = Device::new(&house).await;
        let mut elsewhere = house.browser();
        elsewhere.get(&device.link).await.sent_to(paths::LOGIN);
        let theirs = elsewhere.last().location().expect("a Location");
        let theirs = theirs.query_pairs().next().expect("a flow").1.into_owned();
        let mut browser = signed_in(&house).await;
        let wrapped = house.app.sealer.wrap(Purpose::Flow, &json!({ "Device": {} })).expect("a box");
        let errands = [theirs.as_str(), "device.", "device.nothing", &format!("device.{wrapped}")];
        for flow in errands {
            let page = browser.get(&format!("{}?flow={flow}", paths::DEVICE)).await;
            page.shown(200, "Connect a device");
            assert_eq!(filled_in(page), "", "{flow}");
            // An errand is no authorization request, and no other page takes it for one.
            let page = browser.get(&format!("{}?flow={flow}", paths::AUTHORIZE)).await;
            page.shown(400, "This sign-in cannot go on");
            let page = browser.get(&format!("{}?flow={flow}", paths::CONSENT)).await;
            page.shown(400, "This sign-in cannot go on");
        }
        // Too old is as good as none.
        let mut late = house.browser();
        late.get(&device.link).await.sent_to(paths::LOGIN);
        let flow = late.last().location().expect("a Location").query().expect("a flow").to_owned();
        house.turn(TimeDelta::minutes(61));
        sign_in(&mut late, house.person().await).await;
        let page = late.get(&format!("{}?{flow}", paths::DEVICE)).await;
        assert_eq!(filled_in(page), "");
    }
}
