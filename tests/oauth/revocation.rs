//! `/oauth2/revoke` (RFC 7009): a client ends its own tokens, and nobody else's.

use doorward::paths;
use entity::value::EventKind;

use super::granted::{Granted, events, inactive, sqlite};
use crate::support::{database::both, house::House, rp::Rp};

both! {
    async fn a_refresh_token_takes_all_along_that_came_of_the_same_code(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let tokens = granted.tokens().await;
        let other = granted.tokens().await;
        let refresh_token = tokens.refresh_token.expect("a refresh token");
        let later = granted.rp.refresh(&refresh_token).await.tokens();
        let before = house.rows().await;
        let answer = granted.rp.post(paths::REVOKE, &[("token", &refresh_token)]).await;
        answer.is(200).has("Cache-Control", |rule| rule == "no-store");
        assert_eq!(answer.body, "");
        for token in [&refresh_token, &tokens.access_token, &later.access_token] {
            inactive(&granted.introspected(token).await);
        }
        granted.rp.refresh(&refresh_token).await.oauth_error(400, "invalid_grant");
        assert_eq!(granted.introspected(&other.access_token).await.ok()["active"], true);
        let mut after = before;
        *after.get_mut("event").expect("a table") += 1;
        assert_eq!(house.rows().await, after);
        // Once more is no error (RFC 7009 §2.2), and no event.
        granted.rp.post(paths::REVOKE, &[("token", &refresh_token)]).await.is(200);
        assert_eq!(house.rows().await, after);
    }

    async fn an_access_token_ends_alone(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let tokens = granted.tokens().await;
        granted.rp.post(paths::REVOKE, &[("token", &tokens.access_token)]).await.is(200);
        inactive(&granted.introspected(&tokens.access_token).await);
        let userinfo = house.get(paths::USERINFO).bearer(&tokens.access_token).await;
        userinfo.bearer_error(401, "invalid_token");
        let refresh_token = tokens.refresh_token.expect("a refresh token");
        let next = granted.rp.refresh(&refresh_token).await.tokens();
        house.get(paths::USERINFO).bearer(&next.access_token).await.ok();
        // Once more is no error, and adds nothing.
        let before = house.rows().await["revoked_token"];
        granted.rp.post(paths::REVOKE, &[("token", &tokens.access_token)]).await.is(200);
        assert_eq!((before, house.rows().await["revoked_token"]), (1, 1));
    }

    async fn a_spent_refresh_token_ends_its_family_too(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::public(&house).await;
        let first = granted.tokens().await.refresh_token.expect("a refresh token");
        let next = granted.rp.refresh(&first).await.tokens();
        granted.rp.post(paths::REVOKE, &[("token", &first)]).await.is(200);
        let next = next.refresh_token.expect("a refresh token");
        granted.rp.refresh(&next).await.oauth_error(400, "invalid_grant");
    }

    async fn rt_10_nobody_ends_anybody_elses_token(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::public(&house).await;
        let evil = Rp::confidential(&house).await;
        let evil_public = Rp::public(&house).await;
        let tokens = granted.tokens().await;
        let refresh_token = tokens.refresh_token.expect("a refresh token");
        let before = house.rows().await;
        for token in [&refresh_token, &tokens.access_token] {
            for rp in [&evil, &evil_public] {
                let answer = rp.post(paths::REVOKE, &[("token", token)]).await;
                assert_eq!((answer.status, answer.body.as_str()), (200, ""));
            }
            let named = [("token", token.as_str()), ("client_id", &granted.rp.client_id)];
            evil.post(paths::REVOKE, &named).await.client_401();
            house.post(paths::REVOKE).form(&[("token", token)]).await.client_401();
        }
        assert_eq!(house.rows().await, before);
        house.get(paths::USERINFO).bearer(&tokens.access_token).await.ok();
        let next = granted.rp.refresh(&refresh_token).await.tokens();

        // A public client ends its own.
        let next_token = next.refresh_token.expect("a refresh token");
        granted.rp.post(paths::REVOKE, &[("token", &next_token)]).await.is(200);
        granted.rp.refresh(&next_token).await.oauth_error(400, "invalid_grant");
        let userinfo = house.get(paths::USERINFO).bearer(&next.access_token).await;
        userinfo.bearer_error(401, "invalid_token");
        assert_eq!(events(&house, EventKind::TokenRevoked).await, 1);
    }
}

/// RFC 7009 §2.2: what is no token needs no revocation, and its kind is not told.
#[tokio::test]
async fn whatever_else_is_presented_is_left_alone() {
    let house = sqlite().await;
    let mut granted = Granted::confidential(&house).await;
    let code = granted.code().await;
    let id_token = granted.tokens().await.id_token.expect("an ID token");
    let before = house.rows().await;
    let unknown = format!("rt_{}", "A".repeat(43));
    for token in [
        "x",
        "a.b.c",
        "é",
        &unknown,
        &code,
        &id_token,
        &granted.rp.client_id,
    ] {
        for hint in ["access_token", "refresh_token", "anything"] {
            let form = [("token", token), ("token_type_hint", hint)];
            let answer = granted.rp.post(paths::REVOKE, &form).await;
            assert_eq!((answer.status, answer.body.as_str()), (200, ""));
        }
    }
    for form in [
        vec![],
        vec![("token", "")],
        vec![("token", "a"), ("token", "b")],
    ] {
        let answer = granted.rp.post(paths::REVOKE, &form).await;
        answer.oauth_error(400, "invalid_request");
    }
    assert_eq!(house.rows().await, before);
    granted.rp.exchange(&code).await.tokens();
}
