//! `refresh_token` (RFC 6749 §6): each token is good once, its successor is one and the same for a
//! moment, and no refresh gives more than was granted.

use chrono::TimeDelta;
use doorward::paths;
use entity::value::EventKind;
use serde_json::json;

use super::{
    granted::{Granted, events, family_of, inactive, live_links, names, rows_but_events, sqlite},
    jwt,
};
use crate::support::{database::both, house::House, rp::Rp};

both! {
    async fn a_public_client_gets_another_token_each_time(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::public(&house).await;
        let first = granted.tokens().await.refresh_token.expect("a refresh token");
        let before = house.rows().await;
        let answer = granted.rp.refresh(&first).await;
        let json = answer.ok();
        let members = "access_token expires_in id_token refresh_token scope token_type";
        assert_eq!(names(&json).join(" "), members);
        assert_eq!((&json["expires_in"], &json["token_type"]), (&json!(300), &json!("Bearer")));
        assert_eq!(json["scope"], "openid email offline_access");
        answer.has("Cache-Control", |rule| rule == "no-store");
        assert_ne!(json["refresh_token"], first.as_str());
        let mut after = before;
        *after.get_mut("refresh_token").expect("a table") += 1;
        assert_eq!(house.rows().await, after);
    }

    async fn a_confidential_client_keeps_its_token(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let first = granted.tokens().await.refresh_token.expect("a refresh token");
        let before = house.rows().await;
        for _ in 0..3 {
            let json = granted.rp.refresh(&first).await.ok();
            let members = "access_token expires_in id_token scope token_type";
            assert_eq!(names(&json).join(" "), members);
            house.turn(TimeDelta::days(1));
        }
        assert_eq!(house.rows().await, before);
    }

    async fn rt_2_a_spent_token_that_comes_back_ends_the_family(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::public(&house).await;
        let first = granted.tokens().await;
        let r1 = first.refresh_token.expect("a refresh token");
        let second = granted.rp.refresh(&r1).await.tokens();
        let r2 = second.refresh_token.expect("a refresh token");
        let third = granted.rp.refresh(&r2).await.tokens();
        let r3 = third.refresh_token.expect("a refresh token");
        let other = granted.tokens().await;
        house.turn(TimeDelta::seconds(11));

        granted.rp.refresh(&r1).await.oauth_error(400, "invalid_grant");
        for dead in [&r1, &r2, &r3] {
            granted.rp.refresh(dead).await.oauth_error(400, "invalid_grant");
        }
        for dead in [&first.access_token, &second.access_token, &third.access_token] {
            let userinfo = house.get(paths::USERINFO).bearer(dead).await;
            userinfo.bearer_error(401, "invalid_token");
        }
        assert_eq!(events(&house, EventKind::RefreshTokenReplayed).await, 1);
        // What came of another sign-in is somebody else's business.
        granted.rp.refresh(&other.refresh_token.expect("a refresh token")).await.tokens();
    }

    /// Whoever used the successor had been answered: the window is not for them.
    async fn rt_2_a_token_whose_successor_was_used_is_no_lost_answer(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::public(&house).await;
        let r1 = granted.tokens().await.refresh_token.expect("a refresh token");
        let r2 = granted.rp.refresh(&r1).await.tokens().refresh_token.expect("a successor");
        let r3 = granted.rp.refresh(&r2).await.tokens().refresh_token.expect("a successor");
        granted.rp.refresh(&r1).await.oauth_error(400, "invalid_grant");
        granted.rp.refresh(&r3).await.oauth_error(400, "invalid_grant");
        assert_eq!(events(&house, EventKind::RefreshTokenReplayed).await, 1);
    }

    async fn rt_5_no_refresh_gives_more_than_was_granted(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::public(&house).await;
        let token = granted.tokens().await.refresh_token.expect("a refresh token");
        let before = house.rows().await;
        let asking = |token: &str, scope: &str| {
            let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
            granted.rp.token(&[&form[..], &[("scope", scope)]].concat())
        };
        for more in [
            "openid profile",
            "openid email offline_access profile",
            "admin",
            "OPENID",
            "openid\temail",
            "openid\"",
        ] {
            asking(&token, more).await.oauth_error(400, "invalid_scope");
        }
        assert_eq!(house.rows().await, before, "and nothing is spent");

        let less = asking(&token, "openid").await.tokens();
        assert_eq!(less.scope.as_deref(), Some("openid"));
        assert_eq!(jwt::claims(&less.access_token)["scope"], "openid");
        let userinfo = house.get(paths::USERINFO).bearer(&less.access_token).await.ok();
        assert_eq!(names(&userinfo), ["sub"]);
        let next = less.refresh_token.expect("a refresh token");
        // OAuth 2.1 §4.3.3: the token itself is not narrowed.
        let again = granted.rp.refresh(&next).await.tokens();
        assert_eq!(again.scope.as_deref(), Some("openid email offline_access"));
    }

    async fn rt_6_a_refresh_token_is_its_clients_alone(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::public(&house).await;
        let evil = Rp::confidential(&house).await;
        let evil_public = Rp::public(&house).await;
        let token = granted.tokens().await.refresh_token.expect("a refresh token");
        let before = house.rows().await;
        evil.refresh(&token).await.oauth_error(400, "invalid_grant");
        evil_public.refresh(&token).await.oauth_error(400, "invalid_grant");
        let form = [("grant_type", "refresh_token"), ("refresh_token", token.as_str())];
        let named = [&form[..], &[("client_id", granted.rp.client_id.as_str())]].concat();
        evil.token(&named).await.client_401();
        house.post(paths::TOKEN).form(&form).await.client_401();
        assert_eq!(house.rows().await, before);

        // Nor does a spent one end the family in the hands of somebody else.
        let next = granted.rp.refresh(&token).await.tokens().refresh_token.expect("a successor");
        house.turn(TimeDelta::seconds(11));
        let before = house.rows().await;
        evil.refresh(&token).await.oauth_error(400, "invalid_grant");
        evil_public.refresh(&token).await.oauth_error(400, "invalid_grant");
        assert_eq!(house.rows().await, before);
        granted.rp.refresh(&next).await.tokens();
    }

    async fn rt_7_a_lost_answer_can_be_asked_for_again_and_is_the_same(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::public(&house).await;
        let first = granted.tokens().await.refresh_token.expect("a refresh token");
        let next = granted.rp.refresh(&first).await.tokens().refresh_token;
        let before = house.rows().await;
        for turn in [0, 0, 0, 5, 0] {
            house.turn(TimeDelta::seconds(turn));
            assert_eq!(granted.rp.refresh(&first).await.tokens().refresh_token, next);
        }
        assert_eq!(house.rows().await, before);
        assert_eq!(live_links(&house, &first).await, 1);
        assert_eq!(events(&house, EventKind::RefreshTokenReplayed).await, 0);
        house.turn(TimeDelta::seconds(6));
        granted.rp.refresh(&first).await.oauth_error(400, "invalid_grant");
        let next = next.expect("a refresh token");
        granted.rp.refresh(&next).await.oauth_error(400, "invalid_grant");
    }

    async fn rt_12_a_family_ends_however_often_it_is_refreshed(db: Database) {
        let house = House::new(db).await;
        let mut granted = [Granted::public(&house).await, Granted::confidential(&house).await];
        let mut tokens = Vec::new();
        for granted in &mut granted {
            tokens.push(granted.tokens().await.refresh_token.expect("a refresh token"));
        }
        for _ in 0..8 {
            house.turn(TimeDelta::days(11));
            for (granted, token) in granted.iter().zip(&mut tokens) {
                if let Some(next) = granted.rp.refresh(token).await.tokens().refresh_token {
                    *token = next;
                }
            }
        }
        house.turn(TimeDelta::days(2));
        for (granted, token) in granted.iter().zip(&tokens) {
            granted.rp.refresh(token).await.oauth_error(400, "invalid_grant");
            let family = family_of(&house, token).await;
            assert_eq!(family.expires_at - family.created_at, TimeDelta::days(90));
            assert_eq!(family.revoked_at, None, "it ended by itself");
        }
    }

    async fn rt_12_a_token_that_is_not_used_ends(db: Database) {
        let house = House::new(db).await;
        let mut granted = [Granted::public(&house).await, Granted::confidential(&house).await];
        let mut tokens = Vec::new();
        for granted in &mut granted {
            tokens.push(granted.tokens().await.refresh_token.expect("a refresh token"));
        }
        house.turn(TimeDelta::days(14));
        let before = rows_but_events(&house).await;
        for (granted, token) in granted.iter().zip(&tokens) {
            granted.rp.refresh(token).await.oauth_error(400, "invalid_grant");
        }
        inactive(&granted[1].introspected(&tokens[1]).await);
        assert_eq!(rows_but_events(&house).await, before);
    }
}

#[tokio::test]
async fn rt_8_a_changed_token_is_no_token() {
    let house = sqlite().await;
    let mut granted = Granted::public(&house).await;
    let tokens = granted.tokens().await;
    let token = tokens.refresh_token.expect("a refresh token");
    let before = house.rows().await;
    let mut changed: Vec<String> = (0..token.len())
        .map(|cut| token[..cut].to_owned())
        .collect();
    changed.extend((1..token.len()).map(|cut| token[cut..].to_owned()));
    changed.push(token.to_uppercase());
    changed.push(token.to_lowercase());
    changed.extend(["RT_", "ac_", "cs_", ""].map(|prefix| token.replacen("rt_", prefix, 1)));
    for end in ["A", "=", " ", "\n", "."] {
        changed.push(format!("{token}{end}"));
        changed.push(format!("{end}{token}"));
    }
    for changed in changed {
        let answer = granted.rp.refresh(&changed).await;
        answer.oauth_error(400, "invalid_grant");
    }
    assert_eq!(house.rows().await, before);
    granted.rp.refresh(&token).await.tokens();
}

/// No resource can be asked for yet, so asking for one changes nothing (RFC 6749 §3.2).
#[tokio::test]
async fn rt_5_naming_a_resource_does_not_widen_the_audience() {
    let house = sqlite().await;
    let mut granted = Granted::confidential(&house).await;
    let token = granted
        .tokens()
        .await
        .refresh_token
        .expect("a refresh token");
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", &token),
        ("resource", "https://api.elsewhere.example"),
    ];
    let refused = granted.rp.token(&form).await;
    refused.oauth_error(400, "invalid_target");
}

#[tokio::test]
async fn a_refresh_token_must_be_sent() {
    let house = sqlite().await;
    let granted = Granted::public(&house).await;
    let form = [("grant_type", "refresh_token")];
    let answer = granted.rp.token(&form).await;
    answer.oauth_error(400, "invalid_request");
}
