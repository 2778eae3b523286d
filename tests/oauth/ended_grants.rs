//! RT-4: a grant ends with what it stands on, and the next refresh says so.

use chrono::TimeDelta;
use doorward::{
    accounts::{operate, profile},
    clients::register,
    paths, sessions,
};
use entity::{
    client, user,
    value::{GrantType, GrantTypes, OFFLINE_ACCESS},
};

use super::granted::{Granted, change_client, client_row, inactive, sqlite};
use crate::support::{database::both, device::signed_in, expect::Tokens, house::House};

/// A confidential and a public client's grant, and what each has.
async fn two(house: &House) -> [(Granted<'_>, Tokens, String); 2] {
    let mut confidential = Granted::confidential(house).await;
    let mut public = Granted::public(house).await;
    let (one, other) = (confidential.tokens().await, public.tokens().await);
    let of = |tokens: &Tokens| tokens.refresh_token.clone().expect("a refresh token");
    let (r1, r2) = (of(&one), of(&other));
    [(confidential, one, r1), (public, other, r2)]
}

async fn person(house: &House) -> user::Model {
    let email = house.person().await.email;
    let found = operate::find(&house.app, email).await.expect("a look-up");
    found.expect("the person")
}

/// Fails unless nothing that came of the grant is any good.
async fn is_over(house: &House, granted: &Granted<'_>, tokens: &Tokens, refresh_token: &str) {
    let before = house.rows().await;
    let answer = granted.rp.refresh(refresh_token).await;
    answer.oauth_error(400, "invalid_grant");
    let userinfo = house
        .get(paths::USERINFO)
        .bearer(&tokens.access_token)
        .await;
    userinfo.bearer_error(401, "invalid_token");
    if granted.rp.client_secret.is_some() {
        inactive(&granted.introspected(&tokens.access_token).await);
        inactive(&granted.introspected(refresh_token).await);
    }
    assert_eq!(house.rows().await, before);
}

both! {
    async fn rt_4_a_user_is_disabled(db: Database) {
        let house = House::new(db).await;
        let grants = two(&house).await;
        let user = person(&house).await;
        assert!(operate::disable(&house.app, &user).await.expect("disabled"));
        for (granted, tokens, token) in &grants {
            is_over(&house, granted, tokens, token).await;
        }
        // Being enabled again brings nothing back.
        assert!(operate::enable(&house.app, &user).await.expect("enabled"));
        for (granted, tokens, token) in &grants {
            is_over(&house, granted, tokens, token).await;
        }
    }

    /// The mark on the user is enough, whatever else the one who set it forgot.
    async fn rt_4_a_disabled_user_has_no_grants(db: Database) {
        let house = House::new(db).await;
        let grants = two(&house).await;
        let (user, now) = (person(&house).await, house.app.clock.now());
        let disabled = user::set_disabled(&house.app.db.write, user.id, true, now).await;
        assert!(disabled.expect("disabled"));
        for (granted, tokens, token) in &grants {
            is_over(&house, granted, tokens, token).await;
        }
    }

    async fn rt_4_a_user_is_removed(db: Database) {
        let house = House::new(db).await;
        let grants = two(&house).await;
        let user = person(&house).await;
        assert!(operate::remove(&house.app, &user).await.expect("removed"));
        for (granted, tokens, token) in &grants {
            is_over(&house, granted, tokens, token).await;
        }
        let rows = house.rows().await;
        let left = ["user", "session", "consent", "token_family", "refresh_token"];
        assert_eq!(left.map(|table| rows[table]), [0; 5]);
    }

    async fn rt_4_a_password_is_changed(db: Database) {
        let house = House::new(db).await;
        let grants = two(&house).await;
        let user = person(&house).await;
        let changed = operate::set_password(&house.app, &user, "eleven other swallows").await;
        changed.expect("a new password");
        for (granted, tokens, token) in &grants {
            is_over(&house, granted, tokens, token).await;
        }
    }

    async fn rt_4_a_consent_is_taken_back(db: Database) {
        let house = House::new(db).await;
        let [(one, tokens, token), (other, _, others)] = two(&house).await;
        let client = client_row(&house, &one.rp).await;
        let own = signed_in(&house, &one.browser).await;
        let gone = profile::revoke_app(&house.app, &own, client.id).await;
        assert!(gone.expect("revoked"));
        is_over(&house, &one, &tokens, &token).await;
        other.rp.refresh(&others).await.tokens();
    }

    async fn rt_4_a_client_is_disabled(db: Database) {
        let house = House::new(db).await;
        let [(one, tokens, token), (other, _, others)] = two(&house).await;
        let now = house.app.clock.now();
        let row = client_row(&house, &one.rp).await;
        client::set_disabled(&house.app.db.write, row.id, Some(now), now).await.expect("disabled");
        house.forget_counts().await;
        let before = house.rows().await;
        one.rp.refresh(&token).await.client_401();
        one.introspected(&tokens.access_token).await.client_401();
        one.rp.post(paths::REVOKE, &[("token", &token)]).await.client_401();
        one.rp.token(&[("grant_type", "client_credentials")]).await.client_401();
        let userinfo = house.get(paths::USERINFO).bearer(&tokens.access_token).await;
        userinfo.bearer_error(401, "invalid_token");
        house.forget_counts().await;
        assert_eq!(house.rows().await, before);
        other.rp.refresh(&others).await.tokens();
    }

    async fn rt_4_a_client_is_removed(db: Database) {
        let house = House::new(db).await;
        let [(one, tokens, token), (other, _, others)] = two(&house).await;
        let row = client_row(&house, &one.rp).await;
        assert!(register::remove(&house.app, &row).await.expect("removed"));
        one.rp.refresh(&token).await.client_401();
        let userinfo = house.get(paths::USERINFO).bearer(&tokens.access_token).await;
        userinfo.bearer_error(401, "invalid_token");
        other.rp.refresh(&others).await.tokens();
        assert_eq!(house.rows().await["client"], 1);
    }

    async fn rt_4_a_client_loses_the_grant(db: Database) {
        let house = House::new(db).await;
        for (granted, _, token) in two(&house).await {
            change_client(&house, &granted.rp, |row| {
                row.grant_types = GrantTypes(vec![GrantType::AuthorizationCode]);
            })
            .await;
            let before = house.rows().await;
            granted.rp.refresh(&token).await.oauth_error(400, "unauthorized_client");
            assert_eq!(house.rows().await, before);
        }
    }

    async fn rt_4_a_client_loses_a_scope(db: Database) {
        let house = House::new(db).await;
        for (granted, _, token) in two(&house).await {
            change_client(&house, &granted.rp, |row| row.scope = row.scope.without("email")).await;
            let tokens = granted.rp.refresh(&token).await.tokens();
            assert_eq!(tokens.scope.as_deref(), Some("openid offline_access"));
            let token = tokens.refresh_token.unwrap_or(token);
            let form = [("grant_type", "refresh_token"), ("refresh_token", &token)];
            let wider = [&form[..], &[("scope", "openid email")]].concat();
            granted.rp.token(&wider).await.oauth_error(400, "invalid_scope");

            // Without `offline_access` there is nothing left to refresh.
            let scope = |row: &mut client::Model| row.scope = row.scope.without(OFFLINE_ACCESS);
            change_client(&house, &granted.rp, scope).await;
            let before = house.rows().await;
            granted.rp.refresh(&token).await.oauth_error(400, "invalid_grant");
            assert_eq!(house.rows().await, before);
        }
    }

    async fn what_was_allowed_offline_outlives_the_session(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let offline = granted.tokens().await;
        let code = granted.code_for(&[("scope", Some("openid"))]).await;
        let online = granted.rp.exchange(&code).await.tokens();
        let cookie = granted.browser.jar.value("doorward_session").expect("a cookie");
        let signed_in = sessions::find(&house.app, cookie).await.expect("a look-up");
        let signed_in = signed_in.expect("a session");
        sessions::sign_out(&house.app, &signed_in).await.expect("signed out");
        inactive(&granted.introspected(&online.access_token).await);
        assert_eq!(granted.introspected(&offline.access_token).await.ok()["active"], true);
        granted.rp.refresh(&offline.refresh_token.expect("a refresh token")).await.tokens();
    }
}

#[tokio::test]
async fn an_access_token_ends_by_itself() {
    let house = sqlite().await;
    let mut granted = Granted::confidential(&house).await;
    let tokens = granted.tokens().await;
    house.turn(TimeDelta::seconds(299));
    house
        .get(paths::USERINFO)
        .bearer(&tokens.access_token)
        .await
        .ok();
    house.turn(TimeDelta::seconds(2));
    inactive(&granted.introspected(&tokens.access_token).await);
    let userinfo = house
        .get(paths::USERINFO)
        .bearer(&tokens.access_token)
        .await;
    userinfo.bearer_error(401, "invalid_token");
}
