//! `/oauth2/introspect` (RFC 7662): what is good is told to those it concerns, and nothing to others.

use chrono::TimeDelta;
use doorward::{crypto::secret::SecretKind, paths};
use entity::value::ClientAuthMethod;
use serde_json::json;

use super::{
    granted::{Granted, change_client, inactive, introspected, names, sqlite},
    jwt,
};
use crate::support::{database::both, house::House, rp::Rp};

both! {
    async fn a_client_is_told_of_its_own_tokens(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let tokens = granted.tokens().await;
        let before = house.rows().await;

        let answer = granted.introspected(&tokens.access_token).await;
        answer.has("Cache-Control", |rule| rule == "no-store");
        let told = answer.ok();
        let members = "active aud client_id exp iat iss jti scope sub token_type";
        assert_eq!(names(&told).join(" "), members);
        assert_eq!(told["active"], true);
        assert_eq!(told["token_type"], "Bearer");
        assert_eq!(told["scope"], "openid email offline_access");
        let claims = jwt::claims(&tokens.access_token);
        for name in ["aud", "client_id", "exp", "iat", "iss", "jti", "scope", "sub"] {
            assert_eq!(told[name], claims[name], "{name}");
        }

        let refresh_token = tokens.refresh_token.expect("a refresh token");
        let told = granted.introspected(&refresh_token).await.ok();
        assert_eq!(names(&told).join(" "), "active client_id exp iat iss scope sub");
        assert_eq!((&told["active"], &told["sub"]), (&json!(true), &claims["sub"]));
        assert_eq!(told["client_id"], granted.rp.client_id);
        let life = told["exp"].as_i64().zip(told["iat"].as_i64()).map(|(exp, iat)| exp - iat);
        assert_eq!(life, Some(14 * 24 * 60 * 60));

        // A hint helps nobody and misleads nobody (RFC 7662 §2.1).
        for hint in ["access_token", "refresh_token", "id_token", ""] {
            let form = [("token", refresh_token.as_str()), ("token_type_hint", hint)];
            let told = granted.rp.post(paths::INTROSPECT, &form).await.ok();
            assert_eq!(told["active"], true, "{hint}");
        }
        assert_eq!(house.rows().await, before);
    }

    async fn in_1_only_those_whom_a_token_concerns_are_told(db: Database) {
        let house = House::with(db, |config| {
            config.tokens.audience = Some("https://api.example".to_owned());
        })
        .await;
        let mut granted = Granted::public(&house).await;
        let tokens = granted.tokens().await;
        let for_audiences = async |audiences: &[&str]| {
            Rp::with(&house, |new| {
                new.audiences = audiences.iter().map(|&one| one.to_owned()).collect();
            })
            .await
        };
        let meant = for_audiences(&["https://other.example", "https://api.example"]).await;
        let told = introspected(&meant, &tokens.access_token).await.ok();
        assert_eq!(told["active"], true);
        assert_eq!(told["client_id"], granted.rp.client_id);

        let refresh_token = tokens.refresh_token.expect("a refresh token");
        for other in [
            for_audiences(&["https://other.example"]).await,
            for_audiences(&["https://api.example/"]).await,
            for_audiences(&["https://API.example"]).await,
            for_audiences(&[""]).await,
            for_audiences(&[]).await,
        ] {
            inactive(&introspected(&other, &tokens.access_token).await);
            inactive(&introspected(&other, &refresh_token).await);
        }
        // A refresh token concerns its client only.
        inactive(&introspected(&meant, &refresh_token).await);

        granted.introspected(&tokens.access_token).await.client_401();
        let form = [("token", tokens.access_token.as_str())];
        house.post(paths::INTROSPECT).form(&form).await.client_401();
        let bearer = house.post(paths::INTROSPECT).bearer(&tokens.access_token).form(&form);
        bearer.await.client_401();
    }

    async fn in_4_whatever_is_no_good_is_told_of_in_the_same_way(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let mut public = Granted::public(&house).await;
        let code = granted.code().await;
        let tokens = granted.tokens().await;
        let foreign = public.tokens().await;
        let revoked = granted.tokens().await;
        let revoked = [revoked.access_token, revoked.refresh_token.expect("a refresh token")];
        for token in &revoked {
            granted.rp.post(paths::REVOKE, &[("token", token)]).await.is(200);
        }
        let access_token = tokens.access_token.as_str();
        let id_token = tokens.id_token.expect("an ID token");
        let (signed, _) = access_token.rsplit_once('.').expect("a JWS");
        let garbage = [
            "x",
            "a.b.c",
            &".".repeat(1000),
            &"a".repeat(60_000),
            "rt_",
            &format!("rt_{}", "A".repeat(43)),
            "null",
            "é",
            signed,
            &format!("{signed}."),
            &format!("{access_token}A"),
            &format!(" {access_token}"),
            &format!("Bearer {access_token}"),
        ]
        .map(str::to_owned);
        let secret = granted.rp.client_secret.clone().expect("a secret");
        let foreign = [foreign.access_token, foreign.refresh_token.expect("a refresh token")];
        let others = [id_token, code, secret];
        let before = house.rows().await;
        for token in garbage.iter().chain(&revoked).chain(&others).chain(&foreign) {
            inactive(&granted.introspected(token).await);
        }
        assert_eq!(house.rows().await, before);

        let refresh_token = tokens.refresh_token.expect("a refresh token");
        assert_eq!(granted.introspected(access_token).await.ok()["active"], true);
        house.turn(TimeDelta::seconds(301));
        inactive(&granted.introspected(access_token).await);
        assert_eq!(granted.introspected(&refresh_token).await.ok()["active"], true);
        house.turn(TimeDelta::days(14));
        inactive(&granted.introspected(&refresh_token).await);
    }

    async fn in_4_a_spent_refresh_token_is_no_good(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::public(&house).await;
        let first = granted.tokens().await.refresh_token.expect("a refresh token");
        granted.rp.refresh(&first).await.tokens();
        // The client learns to keep a secret, so that it may ask.
        let secret = house.app.secrets.mint(SecretKind::ClientSecret);
        change_client(&house, &granted.rp, |row| {
            row.token_endpoint_auth_method = ClientAuthMethod::ClientSecretBasic;
            row.client_secret = Some(secret.digest.clone());
        })
        .await;
        granted.rp.client_secret = Some(secret.expose().to_owned());
        inactive(&granted.introspected(&first).await);
    }
}

#[tokio::test]
async fn a_token_must_be_named() {
    let house = sqlite().await;
    let rp = Rp::confidential(&house).await;
    for form in [
        vec![],
        vec![("token", "")],
        vec![("token", "a"), ("token", "a")],
    ] {
        let answer = rp.post(paths::INTROSPECT, &form).await;
        answer.oauth_error(400, "invalid_request");
    }
}
