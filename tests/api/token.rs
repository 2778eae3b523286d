//! `GET /token` and the header `set-auth-jwt`: tokens for the back end of a front end.

use doorward::{clients::register::NewClient, paths};
use entity::value::ClientMetadata;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::front::Front;
use crate::{
    oauth::{granted::names, jwt::Jwt},
    support::{database::both, house::House, rp::Rp},
};

const PATH: &str = "/token";

async fn token(front: &mut Front<'_>) -> String {
    let told = front.get(PATH).await.ok();
    told["token"].as_str().expect("a token").to_owned()
}

both! {
    async fn speaks_for_whoever_is_signed_in(db: Database) {
        let house = House::with(db, |config| config.tokens.audience = Some("https://api.example".to_owned())).await;
        let mut front = Front::signed_in(&house).await;
        let before = house.rows().await;
        let jwt = Jwt::access_token(&house, &token(&mut front).await).await;
        let own = front.session().await;
        let said = jwt.claims;
        assert_eq!(
            names(&said),
            [
                "acr", "amr", "aud", "auth_time", "client_id", "email", "email_verified", "exp", "iat", "iss", "jti",
                "name", "scope", "sid", "sub",
            ]
        );
        assert_eq!((&said["sub"], &said["sid"]), (&own["user"]["id"], &own["session"]["id"]));
        assert_eq!((&said["email"], &said["name"]), (&own["user"]["email"], &own["user"]["name"]));
        assert_eq!((&said["email_verified"], &said["aud"]), (&json!(true), &json!("https://api.example")));
        assert_eq!((&said["client_id"], &said["scope"]), (&json!("doorward"), &json!("profile email")));
        assert_eq!(said["amr"], json!(["pwd"]));
        let life = said["exp"].as_i64().zip(said["iat"].as_i64()).map(|(exp, iat)| exp - iat);
        assert_eq!(life, Some(i64::from(house.app.config.tokens.access_seconds)));
        // Each is another one, and none leaves a row.
        assert_ne!(token(&mut front).await, token(&mut front).await);
        assert_eq!(house.rows().await, before);
    }

    async fn is_for_people_who_are_signed_in(db: Database) {
        let house = House::new(db).await;
        Front::new(&house).get(PATH).await.refused(401, "UNAUTHORIZED");
        let mut front = Front::signed_in(&house).await;
        let old = front.jar.clone();
        front.post("/sign-out", json!({})).await.is(200);
        front.jar = old;
        front.get(PATH).await.refused(401, "UNAUTHORIZED");
    }

    async fn opens_nothing_of_ours(db: Database) {
        let house = House::new(db).await;
        let mut front = Front::signed_in(&house).await;
        let token = token(&mut front).await;
        house.get(paths::USERINFO).bearer(&token).await.bearer_error(401, "invalid_token");
        house.get("/api/admin/v1/keys").bearer(&token).await.is(401);
        let session = house.get("/api/auth/get-session").bearer(&token).await;
        assert_eq!(session.ok(), Value::Null);
        let rp = Rp::confidential(&house).await;
        let told = rp.post(paths::INTROSPECT, &[("token", token.as_str())]).await.ok();
        assert_eq!(told, json!({ "active": false }));
    }

    async fn comes_with_the_session_where_that_is_switched_on(db: Database) {
        let house = House::with(db, |config| config.api.session_jwt = true).await;
        let mut front = Front::signed_in(&house).await;
        let answer = front.get("/get-session").await;
        let jwt = Jwt::access_token(&house, answer.header("set-auth-jwt")).await;
        assert_eq!(jwt.claims["sub"], answer.ok()["user"]["id"]);
        let nobody = Front::new(&house).get("/get-session").await;
        nobody.has("set-auth-jwt", str::is_empty);
    }

    async fn does_not_come_with_it_otherwise(db: Database) {
        let house = House::new(db).await;
        Front::signed_in(&house).await.get("/get-session").await.has("set-auth-jwt", str::is_empty);
    }

    async fn is_for_the_client_that_the_operator_names_which_hears_of_the_end(db: Database) {
        let id = "0195f3c2-7a41-7c7e-9f5e-0123456789ab";
        let house = House::with(db, |config| config.api.client_id = Some(id.to_owned())).await;
        let mut front = Front::signed_in(&house).await;
        let answer = front.get(PATH).await;
        answer.refused(500, "INTERNAL_SERVER_ERROR");
        Rp::with(&house, |new: &mut NewClient| {
            new.metadata = ClientMetadata {
                backchannel_logout_uri: Some("https://api.example/signed-out".to_owned()),
                ..ClientMetadata::default()
            };
            new.scope = "openid email notes:read offline_access".parse().expect("a scope");
        })
        .await;
        let rename = format!("UPDATE client SET client_id = '{id}'");
        house.app.db.write.execute_unprepared(&rename).await.expect("a new name");

        let said = Jwt::access_token(&house, &token(&mut front).await).await.claims;
        assert_eq!((&said["client_id"], &said["scope"]), (&json!(id), &json!("email notes:read")));
        assert!(said.get("email").is_some() && said.get("name").is_none(), "{said}");
        token(&mut front).await;
        let before = house.rows().await;
        assert_eq!(before["session_client"], 1);
        front.post("/sign-out", json!({})).await.is(200);
        let after = house.rows().await;
        assert_eq!(after["outbox"], before["outbox"] + 1, "nobody is told");
    }
}
