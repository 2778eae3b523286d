//! `client_credentials` (RFC 6749 §4.4): a client acts for itself, never for a person.

use doorward::paths;
use entity::value::{GrantType, GrantTypes};
use serde_json::json;

use super::{
    granted::{change_client, inactive, introspected, names, sqlite},
    jwt::Jwt,
};
use crate::support::{database::both, house::House, rp::Rp};

/// A client that may also do two things of its own.
async fn machine(house: &House) -> Rp<'_> {
    Rp::with(house, |new| {
        let scope = "openid profile email offline_access api:read api:write";
        new.scope = scope.parse().expect("a scope");
    })
    .await
}

async fn asking(rp: &Rp<'_>, scope: &str) -> crate::support::answer::Answer {
    rp.token(&[("grant_type", "client_credentials"), ("scope", scope)])
        .await
}

both! {
    async fn a_client_gets_a_token_for_itself_and_no_row_is_written(db: Database) {
        let house = House::new(db).await;
        let rp = machine(&house).await;
        let before = house.rows().await;
        let answer = asking(&rp, "api:write api:read").await;
        let told = answer.ok();
        assert_eq!(names(&told), ["access_token", "expires_in", "scope", "token_type"]);
        assert_eq!(told["scope"], "api:write api:read");
        assert_eq!((&told["expires_in"], &told["token_type"]), (&json!(300), &json!("Bearer")));
        answer.has("Cache-Control", |rule| rule == "no-store");
        assert_eq!(house.rows().await, before);

        let token = answer.tokens().access_token;
        let claims = Jwt::access_token(&house, &token).await.claims;
        let members = "aud client_id exp iat iss jti scope sub";
        assert_eq!(names(&claims).join(" "), members);
        let issuer = &house.app.config.server.issuer;
        assert_eq!((&claims["iss"], &claims["aud"]), (&json!(issuer), &json!(issuer)));
        assert_eq!(claims["client_id"], rp.client_id);
        assert_eq!(claims["scope"], "api:write api:read");
        // RFC 9068 §5: nothing that could be taken for a person.
        assert_eq!(claims["sub"], format!("client:{}", rp.client_id));
        let life = claims["exp"].as_i64().zip(claims["iat"].as_i64()).map(|(exp, iat)| exp - iat);
        assert_eq!(life, Some(300));
        assert_eq!(introspected(&rp, &token).await.ok()["active"], true);
        // A person's claims are not for it.
        let userinfo = house.get(paths::USERINFO).bearer(&token).await;
        userinfo.bearer_error(403, "insufficient_scope");

        rp.post(paths::REVOKE, &[("token", &token)]).await.is(200);
        inactive(&introspected(&rp, &token).await);
    }

    async fn sc_1_no_scope_that_is_not_registered(db: Database) {
        let house = House::new(db).await;
        let rp = machine(&house).await;
        let before = house.rows().await;
        for scope in [
            "api:delete",
            "api:read api:delete",
            "API:READ",
            "api",
            "api:*",
            "*",
            "openid",
            "api:read email",
            "offline_access",
            "profile",
            "a\"b",
            "api:read\tapi:write",
        ] {
            asking(&rp, scope).await.oauth_error(400, "invalid_scope");
        }
        assert_eq!(house.rows().await, before);
    }

    async fn sc_1_no_grant_that_is_not_registered(db: Database) {
        let house = House::new(db).await;
        let public = Rp::public(&house).await;
        let rp = machine(&house).await;
        let form = [("grant_type", "client_credentials")];
        public.token(&form).await.oauth_error(400, "unauthorized_client");
        for grants in [vec![], vec![GrantType::AuthorizationCode, GrantType::RefreshToken]] {
            change_client(&house, &rp, |row| row.grant_types = GrantTypes(grants)).await;
            rp.token(&form).await.oauth_error(400, "unauthorized_client");
        }
        change_client(&house, &rp, |row| row.grant_types = GrantTypes(vec![])).await;
        rp.exchange("ac_nothing").await.oauth_error(400, "unauthorized_client");
        rp.refresh("rt_nothing").await.oauth_error(400, "unauthorized_client");
    }
}

/// No scope asked for is no scope had: never "everything".
#[tokio::test]
async fn sc_1_an_empty_scope_is_empty() {
    let house = sqlite().await;
    for rp in [machine(&house).await, Rp::confidential(&house).await] {
        for form in [
            vec![("grant_type", "client_credentials")],
            vec![("grant_type", "client_credentials"), ("scope", "")],
            vec![("grant_type", "client_credentials"), ("scope", " ")],
        ] {
            let answer = rp.token(&form).await;
            assert_eq!(answer.ok()["scope"], "");
            let token = answer.tokens().access_token;
            let claims = Jwt::access_token(&house, &token).await.claims;
            assert!(claims.get("scope").is_none(), "{claims}");
            let told = introspected(&rp, &token).await.ok();
            assert!(told.get("scope").is_none(), "{told}");
        }
    }
    // An empty registration allows nothing, rather than everything.
    let bare = Rp::with(&house, |new| new.scope = "".parse().expect("a scope")).await;
    asking(&bare, "api:read")
        .await
        .oauth_error(400, "invalid_scope");
    assert_eq!(asking(&bare, "").await.ok()["scope"], "");
}
