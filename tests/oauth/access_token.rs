//! The access token (RFC 9068): what a resource server that knows only our keys reads in it.

use chrono::TimeDelta;
use serde_json::json;

use super::{
    granted::{Granted, names},
    jwt::Jwt,
};
use crate::support::{database::both, house::House};

both! {
    async fn an_access_token_says_for_whom_and_for_what_it_is(db: Database) {
        let house = House::new(db).await;
        for mut granted in [Granted::confidential(&house).await, Granted::public(&house).await] {
            let tokens = granted.tokens().await;
            let claims = Jwt::access_token(&house, &tokens.access_token).await.claims;
            let members = "acr amr aud auth_time client_id exp iat iss jti scope sid sub";
            assert_eq!(names(&claims).join(" "), members);

            let session = granted.session().await;
            let issuer = &house.app.config.server.issuer;
            assert_eq!((&claims["iss"], &claims["aud"]), (&json!(issuer), &json!(issuer)));
            assert_eq!(claims["sub"], json!(session.user_id));
            assert_eq!(claims["client_id"], granted.rp.client_id);
            assert_eq!(claims["scope"], "openid email offline_access");
            assert_eq!(claims["auth_time"], session.auth_time.timestamp());
            assert_eq!(claims["acr"], "urn:doorward:acr:password");
            assert_eq!(claims["amr"], json!(["pwd"]));
            assert_eq!(claims["sid"], json!(session.id));
            let times = claims["iat"].as_i64().zip(claims["exp"].as_i64());
            let (iat, exp) = times.expect("whole seconds");
            assert_eq!(exp - iat, 300);
            assert!((house.app.clock.now().timestamp() - iat).abs() <= 30);
            assert!(claims["jti"].as_str().is_some_and(|jti| jti.len() >= 22));
        }
    }

    /// RFC 9068 §2.2.1: a refresh is no new sign-in.
    async fn a_refresh_gives_another_token_about_the_same_sign_in(db: Database) {
        let house = House::new(db).await;
        for mut granted in [Granted::confidential(&house).await, Granted::public(&house).await] {
            let tokens = granted.tokens().await;
            let first = Jwt::access_token(&house, &tokens.access_token).await.claims;
            house.turn(TimeDelta::seconds(60));
            let refresh_token = tokens.refresh_token.expect("a refresh token");
            let tokens = granted.rp.refresh(&refresh_token).await.tokens();
            let again = Jwt::access_token(&house, &tokens.access_token).await.claims;
            for name in ["iss", "sub", "aud", "client_id", "scope", "auth_time", "acr", "amr"] {
                assert_eq!(again[name], first[name], "{name}");
            }
            assert_ne!(again["jti"], first["jti"]);
            assert!(again["iat"].as_i64() > first["iat"].as_i64());
            assert_eq!(again["sid"], first["sid"], "the session that gave it");
        }
    }
}
