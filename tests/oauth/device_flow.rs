//! The device flow (RFC 8628): what a device gets, what it is told meanwhile, and what is fixed when it
//! begins.

use chrono::TimeDelta;
use doorward::{jobs, paths};
use entity::value::GrantType;
use serde_json::json;

use super::{
    granted::{change_client, names, sqlite},
    jwt::{Jwt, claims},
};
use crate::support::{
    database::both,
    device::{Device, GRANT, browser_of, signed_in, with_devices},
    house::House,
    rp::Rp,
};

both! {
    async fn a_person_answers_elsewhere_and_the_device_gets_its_tokens(db: Database) {
        let house = House::new(db).await;
        let device = Device::new(&house).await;
        device.poll().await.oauth_error(400, "authorization_pending");
        let mut browser = browser_of(&house, house.person().await).await;
        device.poll_later().await.oauth_error(400, "authorization_pending");
        device.typed_in(&mut browser).await.sent_to(paths::DEVICE);
        browser.follow().await.shown(200, "wants to use your account on a device");
        device.poll_later().await.oauth_error(400, "authorization_pending");
        browser.submit("#device-approve", &[]).await.sent_to(paths::DEVICE);
        browser.follow().await.shown(200, "The device is connected");

        let tokens = device.poll().await.tokens();
        assert_eq!(tokens.scope.as_deref(), Some("openid email offline_access"));
        let own = signed_in(&house, &browser).await;
        let id_token = tokens.id_token.expect("an ID token");
        let said = Jwt::id_token(&house, &id_token, &device.rp.client_id).await.claims;
        assert_eq!(said["sub"], own.user.subject);
        assert_eq!(said["sid"], own.session.id.to_string());
        assert_eq!(said["auth_time"], own.session.auth_time.timestamp());
        assert_eq!((&said["amr"], said.get("nonce")), (&json!(["pwd"]), None));
        let userinfo = house.get(paths::USERINFO).bearer(&tokens.access_token).await.ok();
        assert_eq!(userinfo["email"], house.person().await.email);
        let refreshed = device.rp.refresh(&tokens.refresh_token.expect("a refresh token")).await;
        refreshed.tokens();
        device.poll_later().await.oauth_error(400, "invalid_grant");
        let rows = house.rows().await;
        assert_eq!(["token_family", "consent"].map(|table| rows[table]), [1, 1]);
    }

    async fn without_offline_access_there_is_no_refresh_token(db: Database) {
        let house = House::new(db).await;
        let mut device = Device::new(&house).await;
        let form = [("scope", "openid")];
        let answer = device.rp.post(paths::DEVICE_AUTHORIZATION, &form).await.ok();
        let text = |name: &str| answer[name].as_str().expect("a text").to_owned();
        (device.device_code, device.user_code) = (text("device_code"), text("user_code"));
        let mut browser = browser_of(&house, house.person().await).await;
        device.answered_in(&mut browser, "#device-approve").await;
        let tokens = device.poll().await.tokens();
        assert!(tokens.refresh_token.is_none() && tokens.id_token.is_some());
        // What is not offline ends with the session.
        browser.get(paths::LOGOUT).await;
        browser.submit("#logout-confirm", &[]).await;
        let userinfo = house.get(paths::USERINFO).bearer(&tokens.access_token).await;
        userinfo.bearer_error(401, "invalid_token");
    }

    async fn dv_2_scope_and_resources_are_fixed_when_the_device_begins(db: Database) {
        let api = "https://api.example/v1";
        let house = House::with(db, |config| {
            config.tokens.resources = vec![api.to_owned(), "https://other.example/".to_owned()];
        })
        .await;
        let rp = Rp::with(&house, |new| {
            with_devices(new);
            new.scope = "openid email api:read".parse().expect("a scope");
        })
        .await;
        let before = house.rows().await;
        for (name, value, error) in [
            ("scope", "openid profile", "invalid_scope"),
            ("scope", "profile", "invalid_scope"),
            ("scope", "a\"b", "invalid_scope"),
            ("resource", "https://nowhere.example/", "invalid_target"),
            ("resource", "no-uri", "invalid_target"),
        ] {
            let answer = rp.post(paths::DEVICE_AUTHORIZATION, &[(name, value)]).await;
            answer.oauth_error(400, error);
        }
        assert_eq!(house.rows().await, before);

        let form = [("scope", "openid api:read unknown"), ("resource", api)];
        let answer = rp.post(paths::DEVICE_AUTHORIZATION, &form).await.ok();
        let text = |name: &str| answer[name].as_str().expect("a text").to_owned();
        let device = Device {
            house: &house,
            device_code: text("device_code"),
            user_code: text("user_code"),
            link: text("verification_uri_complete"),
            rp,
        };
        let mut browser = browser_of(&house, house.person().await).await;
        device.answered_in(&mut browser, "#device-approve").await;
        let poll = [("grant_type", GRANT), ("device_code", device.device_code.as_str())];
        let wider = [&poll[..], &[("resource", "https://other.example/")]].concat();
        device.rp.token(&wider).await.oauth_error(400, "invalid_target");
        // Whoever was refused has consumed nothing; a scope sent with the poll changes nothing.
        let wider = [&poll[..], &[("scope", "openid email api:read")]].concat();
        let tokens = device.rp.token(&wider).await.tokens();
        assert_eq!(tokens.scope.as_deref(), Some("openid api:read"));
        let issuer = &house.app.config.server.issuer;
        assert_eq!(claims(&tokens.access_token)["aud"], json!([api, issuer]));
    }

    async fn dv_2_only_the_client_that_began_may_poll(db: Database) {
        let house = House::new(db).await;
        let (device, other) = (Device::new(&house).await, Device::new(&house).await);
        let mut browser = browser_of(&house, house.person().await).await;
        let theirs = [("grant_type", GRANT), ("device_code", device.device_code.as_str())];
        other.rp.token(&theirs).await.oauth_error(400, "invalid_grant");
        device.answered_in(&mut browser, "#device-approve").await;
        let before = house.rows().await;
        other.rp.token(&theirs).await.oauth_error(400, "invalid_grant");
        for wrong in ["", "dc_", "nothing", &device.user_code, &device.device_code.replace("dc_", "ac_")] {
            let form = [("grant_type", GRANT), ("device_code", wrong)];
            device.rp.token(&form).await.oauth_error(400, "invalid_grant");
        }
        assert_eq!(house.rows().await, before);
        device.poll().await.tokens();
    }

    async fn dv_3_a_device_that_asks_too_often_is_told_to_slow_down(db: Database) {
        let house = House::new(db).await;
        let device = Device::new(&house).await;
        device.poll().await.oauth_error(400, "authorization_pending");
        device.poll().await.oauth_error(400, "slow_down");
        // From now on it is ten seconds, and five more for each time.
        device.poll_later().await.oauth_error(400, "slow_down");
        house.turn(TimeDelta::seconds(14));
        device.poll().await.oauth_error(400, "slow_down");
        house.turn(TimeDelta::seconds(20));
        device.poll().await.oauth_error(400, "authorization_pending");
        house.turn(TimeDelta::seconds(20));
        device.poll().await.oauth_error(400, "authorization_pending");
        // Whoever was answered need not wait.
        let mut browser = browser_of(&house, house.person().await).await;
        device.answered_in(&mut browser, "#device-approve").await;
        device.poll().await.tokens();
    }

    async fn dv_3_a_refusal_stays_a_refusal(db: Database) {
        let house = House::new(db).await;
        let device = Device::new(&house).await;
        let mut browser = browser_of(&house, house.person().await).await;
        device.answered_in(&mut browser, "#device-deny").await;
        browser.last().shown(200, "The device was refused");
        for later in [0, 5, 3600] {
            house.turn(TimeDelta::seconds(later));
            jobs::sweep(&house.app, house.app.clock.now()).await.expect("a sweep");
            device.poll().await.oauth_error(400, "access_denied");
        }
        let rows = house.rows().await;
        assert_eq!(["token_family", "consent"].map(|table| rows[table]), [0, 0]);
    }

    async fn dv_3_an_expired_code_stays_expired(db: Database) {
        let house = House::new(db).await;
        let (waiting, approved) = (Device::new(&house).await, Device::new(&house).await);
        let mut browser = browser_of(&house, house.person().await).await;
        approved.answered_in(&mut browser, "#device-approve").await;
        waiting.typed_in(&mut browser).await.sent_to(paths::DEVICE);
        browser.follow().await.shown(200, &waiting.user_code);
        house.turn(TimeDelta::seconds(601));
        browser.submit("#device-approve", &[]).await.sent_to(paths::DEVICE);
        browser.follow().await.shown(410, "This code has expired");
        for later in [0, 5, 3600] {
            house.turn(TimeDelta::seconds(later));
            jobs::sweep(&house.app, house.app.clock.now()).await.expect("a sweep");
            waiting.poll().await.oauth_error(400, "expired_token");
            approved.poll().await.oauth_error(400, "expired_token");
        }
        house.turn(TimeDelta::days(1));
        jobs::sweep(&house.app, house.app.clock.now()).await.expect("a sweep");
        assert_eq!(house.rows().await["device_code"], 0);
        waiting.poll().await.oauth_error(400, "invalid_grant");
    }

    async fn dv_2_a_client_without_the_grant_gets_neither_codes_nor_tokens(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let device = Device::of(&house, Rp::with(&house, with_devices).await).await;
        house.forget_counts().await;
        let before = house.rows().await;
        rp.post(paths::DEVICE_AUTHORIZATION, &[]).await.oauth_error(400, "unauthorized_client");
        let form = [("grant_type", GRANT), ("device_code", device.device_code.as_str())];
        rp.token(&form).await.oauth_error(400, "unauthorized_client");
        // RFC 8628 §3.1: the client authenticates as it is registered.
        let id = device.rp.client_id.as_str();
        let bare = house.post(paths::DEVICE_AUTHORIZATION).form(&[("client_id", id)]);
        bare.await.client_401();
        let wrong = house.post(paths::DEVICE_AUTHORIZATION).basic(id, "cs_wrong");
        wrong.form(&[("scope", "openid")]).await.client_401();
        change_client(&house, &device.rp, |row| row.grant_types.0.clear()).await;
        device.poll().await.oauth_error(400, "unauthorized_client");
        house.forget_counts().await;
        assert_eq!(house.rows().await, before);
    }
}

#[tokio::test]
async fn the_answer_to_a_device_says_what_rfc_8628_names() {
    let house = sqlite().await;
    let device = Device::new(&house).await;
    let form = [("scope", "openid")];
    let answer = device.rp.post(paths::DEVICE_AUTHORIZATION, &form).await;
    answer.has("Cache-Control", |rule| rule == "no-store");
    let answer = answer.ok();
    let members =
        "device_code expires_in interval user_code verification_uri verification_uri_complete";
    assert_eq!(names(&answer).join(" "), members);
    assert_eq!(
        (&answer["expires_in"], &answer["interval"]),
        (&json!(600), &json!(5))
    );
    let page = format!("{}/device", house.app.config.server.issuer);
    let code = answer["user_code"].as_str().expect("a code");
    assert_eq!(answer["verification_uri"], page);
    assert_eq!(
        answer["verification_uri_complete"],
        format!("{page}?user_code={code}")
    );
    let (one, other) = code.split_once('-').expect("two halves");
    let consonants =
        |half: &str| half.len() == 4 && half.bytes().all(|b| b"BCDFGHJKLMNPQRSTVWXZ".contains(&b));
    assert!(consonants(one) && consonants(other), "{code}");
    let device_code = answer["device_code"].as_str().expect("a code");
    // 256 bits and the prefix of their kind.
    assert!(
        device_code.starts_with("dc_") && device_code.len() == 46,
        "{device_code}"
    );
}

#[tokio::test]
async fn what_is_switched_off_is_not_there() {
    use crate::support::database::Database;
    let house = House::with(Database::sqlite().await, |config| {
        config.features.device_flow = false;
    })
    .await;
    // A client that had registered it before it was switched off.
    let rp = Rp::confidential(&house).await;
    change_client(&house, &rp, |row| {
        row.grant_types.0.push(GrantType::DeviceCode)
    })
    .await;
    rp.post(paths::DEVICE_AUTHORIZATION, &[])
        .await
        .oauth_error(404, "invalid_request");
    let form = [("grant_type", GRANT), ("device_code", "dc_nothing")];
    rp.token(&form)
        .await
        .oauth_error(400, "unsupported_grant_type");
    house
        .get(paths::DEVICE)
        .await
        .shown(404, "There is no such page");
    let metadata = house.get(paths::DISCOVERY_OPENID).await.ok();
    assert!(
        metadata.get("device_authorization_endpoint").is_none(),
        "{metadata}"
    );
}
