//! `authorization_code` (RFC 6749 §4.1.3): a code is good once, for a minute, for its client and
//! with everything that it is bound to.

use chrono::TimeDelta;
use doorward::paths;
use entity::{consent, value::EventKind};

use super::granted::{Granted, client_row, events, inactive, names, rows_but_events, sqlite};
use crate::support::{database::both, house::House, rp::Rp};

both! {
    async fn a_code_buys_tokens(db: Database) {
        let house = House::new(db).await;
        for mut granted in [Granted::confidential(&house).await, Granted::public(&house).await] {
            let code = granted.code().await;
            let before = house.rows().await;
            let answer = granted.rp.exchange(&code).await;
            let json = answer.ok();
            let members = "access_token expires_in id_token refresh_token scope token_type";
            assert_eq!(names(&json).join(" "), members);
            assert_eq!(json["expires_in"], 300);
            assert_eq!(json["scope"], "openid email offline_access");
            answer.has("Cache-Control", |rule| rule == "no-store");
            let mut after = before;
            *after.get_mut("token_family").expect("a table") += 1;
            *after.get_mut("refresh_token").expect("a table") += 1;
            assert_eq!(house.rows().await, after);
        }
    }

    async fn without_offline_access_there_is_no_refresh_token(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let code = granted.code_for(&[("scope", Some("openid"))]).await;
        let tokens = granted.rp.exchange(&code).await.tokens();
        assert_eq!(tokens.refresh_token, None);
        assert_eq!(tokens.scope.as_deref(), Some("openid"));
        assert_eq!(house.rows().await["refresh_token"], 0);
    }

    async fn co_2_a_code_that_comes_back_ends_what_it_gave(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let code = granted.code().await;
        let tokens = granted.rp.exchange(&code).await.tokens();
        let other = granted.tokens().await;
        granted.rp.exchange(&code).await.oauth_error(400, "invalid_grant");
        inactive(&granted.introspected(&tokens.access_token).await);
        let refresh_token = tokens.refresh_token.expect("a refresh token");
        inactive(&granted.introspected(&refresh_token).await);
        granted.rp.refresh(&refresh_token).await.oauth_error(400, "invalid_grant");
        let userinfo = house.get(paths::USERINFO).bearer(&tokens.access_token).await;
        userinfo.bearer_error(401, "invalid_token");

        // Nothing else ends, and it is told once.
        granted.rp.exchange(&code).await.oauth_error(400, "invalid_grant");
        assert_eq!(events(&house, EventKind::CodeReplayed).await, 1);
        assert_eq!(granted.introspected(&other.access_token).await.ok()["active"], true);
    }

    async fn co_2_also_when_the_code_has_long_expired(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::public(&house).await;
        let code = granted.code().await;
        let tokens = granted.rp.exchange(&code).await.tokens();
        house.turn(TimeDelta::hours(1));
        granted.rp.exchange(&code).await.oauth_error(400, "invalid_grant");
        let refresh_token = tokens.refresh_token.expect("a refresh token");
        granted.rp.refresh(&refresh_token).await.oauth_error(400, "invalid_grant");
        assert_eq!(events(&house, EventKind::CodeReplayed).await, 1);
    }

    async fn co_2_nobody_else_can_end_it_so(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::public(&house).await;
        let evil = Rp::confidential(&house).await;
        let code = granted.code().await;
        let tokens = granted.rp.exchange(&code).await.tokens();
        let before = house.rows().await;
        let rp = &granted.rp;
        let stolen = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", &rp.redirect_uri),
            ("code_verifier", &rp.code_verifier),
        ];
        evil.token(&stolen).await.oauth_error(400, "invalid_grant");
        let other = "a".repeat(43);
        for (redirect_uri, verifier) in [
            (rp.redirect_uri.as_str(), Some(other.as_str())),
            (rp.redirect_uri.as_str(), Some("")),
            (rp.redirect_uri.as_str(), None),
            ("https://app.example/cc", Some(rp.code_verifier.as_str())),
        ] {
            let mut form = vec![
                ("grant_type", "authorization_code"),
                ("code", &code),
                ("redirect_uri", redirect_uri),
            ];
            form.extend(verifier.map(|verifier| ("code_verifier", verifier)));
            rp.token(&form).await.oauth_error(400, "invalid_grant");
        }
        assert_eq!(house.rows().await, before);
        let userinfo = house.get(paths::USERINFO).bearer(&tokens.access_token).await;
        userinfo.ok();
        rp.refresh(&tokens.refresh_token.expect("a refresh token")).await.tokens();
    }

    async fn co_3_a_code_is_its_clients_alone(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::public(&house).await;
        let evil = Rp::confidential(&house).await;
        let evil_public = Rp::public(&house).await;
        let code = granted.code().await;
        let before = house.rows().await;
        let rp = &granted.rp;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", &rp.redirect_uri),
            ("code_verifier", &rp.code_verifier),
        ];
        evil.token(&form).await.oauth_error(400, "invalid_grant");
        evil_public.token(&form).await.oauth_error(400, "invalid_grant");
        let mut named = form.to_vec();
        named.push(("client_id", &rp.client_id));
        evil.token(&named).await.client_401();
        house.post(paths::TOKEN).form(&form).await.client_401();
        assert_eq!(house.rows().await, before);
        rp.token(&form).await.tokens();
    }

    async fn co_5_what_is_empty_is_not_absent(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let code = granted.code().await;
        let before = house.rows().await;
        let rp = &granted.rp;
        let full = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", &rp.redirect_uri),
            ("code_verifier", &rp.code_verifier),
        ];
        for empty in ["code", "redirect_uri", "code_verifier"] {
            let form = full.map(|(name, value)| (name, if name == empty { "" } else { value }));
            rp.token(&form).await.oauth_error(400, "invalid_grant");
        }
        rp.refresh("").await.oauth_error(400, "invalid_grant");
        let call = || house.post(paths::TOKEN);
        call().basic(&rp.client_id, "").form(&full).await.client_401();
        call().basic("", "").form(&full).await.client_401();
        let in_form = [("client_id", rp.client_id.as_str()), ("client_secret", "")];
        call().form(&[&full[..], &in_form].concat()).await.client_401();
        let in_form = [("client_id", ""), ("client_secret", "")];
        let answer = call().form(&[&full[..], &in_form].concat()).await;
        answer.oauth_error(400, "invalid_request");
        assert_eq!(house.rows().await, before);
        rp.token(&full).await.tokens();
    }

    async fn co_9_an_expired_code_is_refused_though_nobody_swept_it_away(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::public(&house).await;
        let code = granted.code().await;
        house.turn(TimeDelta::seconds(30));
        granted.rp.exchange(&code).await.tokens();
        let code = granted.code().await;
        let before = house.rows().await;
        house.turn(TimeDelta::seconds(60));
        granted.rp.exchange(&code).await.oauth_error(400, "invalid_grant");
        assert_eq!(house.rows().await, before);
        assert_eq!(events(&house, EventKind::CodeReplayed).await, 0);
    }

    async fn a_code_ends_with_its_consent(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::public(&house).await;
        let codes = [granted.code().await, granted.code().await];
        let (user, client) = (granted.session().await.user_id, client_row(&house, &granted.rp).await);
        // However it went, as long as it is gone.
        let tx = house.app.db.begin().await.expect("a transaction");
        assert!(consent::revoke_for(&tx, user, client.id).await.expect("revoked"));
        tx.commit().await.expect("a commit");
        let before = house.rows().await;
        for code in &codes {
            granted.rp.exchange(code).await.oauth_error(400, "invalid_grant");
        }
        assert_eq!(house.rows().await, before);
    }

    async fn a_code_ends_with_its_session(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::public(&house).await;
        let code = granted.code().await;
        let cookie = granted.browser.jar.value("doorward_session").expect("a cookie").to_owned();
        let signed_in = doorward::sessions::find(&house.app, &cookie).await.expect("a look-up");
        let signed_in = signed_in.expect("a session");
        doorward::sessions::sign_out(&house.app, &signed_in).await.expect("signed out");
        let before = rows_but_events(&house).await;
        granted.rp.exchange(&code).await.oauth_error(400, "invalid_grant");
        assert_eq!(rows_but_events(&house).await, before);
    }
}

#[tokio::test]
async fn a_code_is_bound_to_its_redirect_uri_byte_for_byte() {
    let house = sqlite().await;
    let uris = ["https://app.example/cb", "https://app.example/cb2"];
    let rp = Rp::with(&house, |new| {
        new.redirect_uris = uris.map(str::to_owned).to_vec();
    });
    let mut granted = Granted::to(&house, rp.await).await;
    let code = granted.code().await;
    let before = house.rows().await;
    let redeem = |uri: Option<&'static str>| {
        let mut form = vec![("grant_type", "authorization_code"), ("code", &code)];
        form.push(("code_verifier", &granted.rp.code_verifier));
        form.extend(uri.map(|uri| ("redirect_uri", uri)));
        granted.rp.token(&form)
    };
    for wrong in [
        "https://app.example/cb2",
        "https://app.example/cb/",
        "https://app.example/cb?",
        "https://app.example:443/cb",
        "https://APP.example/cb",
        "https://app.example/%63b",
        " https://app.example/cb",
    ] {
        let answer = redeem(Some(wrong)).await;
        answer.oauth_error(400, "invalid_grant");
    }
    redeem(None).await.oauth_error(400, "invalid_request");
    assert_eq!(house.rows().await, before);
    redeem(Some(uris[0])).await.tokens();
}

#[tokio::test]
async fn co_7_a_changed_code_is_no_code() {
    let house = sqlite().await;
    let mut granted = Granted::public(&house).await;
    let (code, other) = (granted.code().await, granted.code().await);
    let before = house.rows().await;
    let mut changed: Vec<String> = (0..code.len()).map(|cut| code[..cut].to_owned()).collect();
    changed.extend((0..code.len()).map(|at| {
        let new = if &code[at..=at] == "A" { "B" } else { "A" };
        format!("{}{new}{}", &code[..at], &code[at + 1..])
    }));
    let half = code.len() / 2;
    changed.push(format!("{}{}", &code[..half], &other[half..]));
    for end in ["A", "=", " ", "\n", "é", "%00"] {
        changed.push(format!("{code}{end}"));
    }
    for changed in changed {
        let answer = granted.rp.exchange(&changed).await;
        answer.oauth_error(400, "invalid_grant");
    }
    assert_eq!(house.rows().await, before);
    granted.rp.exchange(&code).await.tokens();
    granted.rp.exchange(&other).await.tokens();
}
