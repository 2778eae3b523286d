//! The `claims` parameter as nobody should write it, and what is left of it when the client may have
//! less than it could when it asked.

use doorward::paths;
use serde_json::Value;

use super::{
    granted::{Granted, change_client, events},
    jwt::claims,
    pushing::push,
};
use crate::support::{database::both, house::House};

/// A claim that is wanted with a value so deep.
fn deep(levels: usize) -> String {
    let (open, close) = ("[".repeat(levels), "]".repeat(levels));
    format!(r#"{{"userinfo":{{"email":{{"value":{open}{close}}}}}}}"#)
}

both! {
    async fn what_cannot_be_kept_is_refused_when_it_is_asked_for(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let before = house.rows().await;
        for wanted in [
            r#"{"userinfo":{"name":{"value":"\u0000"}}}"#,
            r#"{"userinfo":{"email":{"value":"a\u0000b"}}}"#,
            r#"{"userinfo":{"email":{"values":["a","\u0000"]}}}"#,
            r#"{"userinfo":{"email":{"val\u0000ue":1}}}"#,
            r#"{"userinfo":{"email\u0000":null}}"#,
            r#"{"id_token":{"sub":{"value":"\u0000"}}}"#,
            r#"{"id_token":{"email":{"x":{"y":["\u0000"]}}}}"#,
            r#"{"\u0000":{}}"#,
            r#"{"other":"\u0000"}"#,
            &deep(7),
            &deep(60),
            &deep(120),
        ] {
            let asked = [("claims", Some(wanted))];
            let url = granted.rp.authorize_url(&asked);
            granted.browser.get_from_stranger(&url).await.answered("invalid_request");
            push(&granted.rp, &asked).await.oauth_error(400, "invalid_request");
        }
        assert_eq!(house.rows().await, before);
        for wanted in [deep(6), r#"{"userinfo":{"email":{"value":"\\u0000"}}}"#.to_owned()] {
            let code = granted.code_for(&[("claims", Some(&wanted))]).await;
            granted.rp.exchange(&code).await.tokens();
        }
    }

    async fn rt_4_a_claim_by_name_goes_with_the_scope_that_buys_it(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let wanted = r#"{"userinfo":{"email":null},"id_token":{"email":null}}"#;
        let asked = [("scope", Some("openid offline_access")), ("claims", Some(wanted))];
        let code = granted.code_for(&asked).await;
        let pending = granted.code_for(&asked).await;
        let tokens = granted.rp.exchange(&code).await.tokens();
        let told = async |token: &str| -> Value {
            house.get(paths::USERINFO).bearer(token).await.ok()
        };
        assert_eq!(told(&tokens.access_token).await["email"], "ada@example.com");
        change_client(&house, &granted.rp, |client| {
            client.scope = "openid offline_access".parse().expect("a scope");
        })
        .await;
        assert_eq!(told(&tokens.access_token).await.get("email"), None);
        let refresh_token = tokens.refresh_token.expect("a refresh token");
        for later in [
            granted.rp.refresh(&refresh_token).await.tokens(),
            granted.rp.exchange(&pending).await.tokens(),
        ] {
            let id_token = claims(&later.id_token.expect("an ID token"));
            assert_eq!((id_token.get("email"), told(&later.access_token).await.get("email")), (None, None));
        }
        assert_eq!(events(&house, entity::value::EventKind::ConsentGranted).await, 1);
    }
}
