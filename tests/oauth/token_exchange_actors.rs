//! Token exchange with somebody who acts for the subject (RFC 8693 §4), and with keys that tokens are
//! bound to.

use chrono::TimeDelta;
use doorward::paths;
use entity::value::{GrantType, SigningAlg};
use serde_json::{Value, json};

use super::{
    forge::Signer,
    granted::{change_client, introspected, sqlite},
    jwt::claims,
    token_exchange::{ACCESS, API, GRANT, exchange, granted, house, service, subject},
};
use crate::support::{database::both, device::Device, dpop::DpopKey, house::House, rp::Rp};

/// A client's token for itself.
async fn itself(rp: &Rp<'_>) -> String {
    let answer = rp.token(&[("grant_type", "client_credentials")]).await;
    answer.tokens().access_token
}

/// The subject token as it would be if we had said more in it.
async fn saying(house: &House, token: &str, more: Value) -> String {
    let mut said = claims(token);
    for (name, value) in more.as_object().expect("claims") {
        said[name] = value.clone();
    }
    let us = Signer::ours(house, SigningAlg::ES256).await;
    us.token("at+jwt", &json!({}), &said)
}

both! {
    async fn te_1_who_acts_is_named_and_who_acted_before_stays_named(db: Database) {
        let house = house(db).await;
        let mut granted = granted(&house).await;
        let (token, _) = subject(&mut granted).await;
        let front = service(&house, "https://front.example").await;
        let back = service(&house, "https://back.example").await;
        let actor = itself(&front).await;
        let form = [("actor_token", actor.as_str()), ("actor_token_type", ACCESS)];
        let first = exchange(&front, &token, &form).await.tokens().access_token;
        let named = |rp: &Rp<'_>| json!({ "sub": format!("client:{}", rp.client_id), "client_id": rp.client_id });
        assert_eq!(claims(&first)["act"], named(&front));
        assert_eq!(introspected(&front, &first).await.ok()["act"], named(&front));

        let actor = itself(&back).await;
        let form = [("actor_token", actor.as_str()), ("actor_token_type", ACCESS)];
        let second = exchange(&back, &first, &form).await.tokens().access_token;
        let mut chain = named(&back);
        chain["act"] = named(&front);
        assert_eq!(claims(&second)["act"], chain);
        // Without an actor nobody is added and nobody forgotten.
        let third = exchange(&front, &second, &[]).await.tokens().access_token;
        assert_eq!(claims(&third)["act"], chain);
        assert_eq!(claims(&third)["sub"], claims(&token)["sub"]);
    }

    async fn te_1_an_actor_that_ends_sooner_ends_the_token_sooner(db: Database) {
        let house = house(db).await;
        let front = service(&house, "https://front.example").await;
        let actor = itself(&front).await;
        house.turn(TimeDelta::seconds(100));
        let mut granted = granted(&house).await;
        let (token, _) = subject(&mut granted).await;
        let form = [("actor_token", actor.as_str()), ("actor_token_type", ACCESS)];
        let own = exchange(&front, &token, &form).await.tokens().access_token;
        assert_eq!(claims(&own)["exp"], claims(&actor)["exp"]);
        house.turn(TimeDelta::seconds(201));
        exchange(&front, &token, &form).await.oauth_error(400, "invalid_request");
        exchange(&front, &token, &[]).await.tokens();
    }

    async fn te_1_only_whom_may_act_names_may_act(db: Database) {
        let house = house(db).await;
        let mut granted = granted(&house).await;
        let (token, _) = subject(&mut granted).await;
        let front = service(&house, "https://front.example").await;
        let back = service(&house, "https://back.example").await;
        let (own, other) = (itself(&front).await, itself(&back).await);
        let sub = format!("client:{}", front.client_id);
        let issuer = house.app.config.server.issuer.as_str();
        for (may_act, fits) in [
            (json!({ "sub": sub }), true),
            (json!({ "client_id": front.client_id }), true),
            (json!({ "sub": sub, "iss": issuer }), true),
            (json!({ "sub": "somebody" }), false),
            (json!({ "sub": sub, "client_id": back.client_id }), false),
            (json!({ "sub": sub, "iss": "https://elsewhere.example" }), false),
            (json!({ "sub": sub, "email": "ada@example.com" }), false),
            (json!({}), false),
            (json!(sub), false),
            (json!([sub]), false),
        ] {
            let named = saying(&house, &token, json!({ "may_act": may_act })).await;
            let with = |actor| [("actor_token", actor), ("actor_token_type", ACCESS)];
            for answer in [
                exchange(&front, &named, &[]).await,
                exchange(&front, &named, &with(own.as_str())).await,
            ] {
                match fits {
                    true => drop(answer.tokens()),
                    false => drop(answer.oauth_error(400, "invalid_request")),
                }
            }
            // Another one may not, with its own token or with that of the one who is named.
            for actor in [&other, &own] {
                let answer = exchange(&back, &named, &with(actor.as_str())).await;
                answer.oauth_error(400, "invalid_request");
            }
            exchange(&back, &named, &[]).await.oauth_error(400, "invalid_request");
        }
    }

    async fn a_bound_token_is_exchanged_by_its_client_only_with_the_key(db: Database) {
        let house = house(db).await;
        let rp = Rp::with(&house, |new| {
            new.grant_types = Some(vec![
                GrantType::AuthorizationCode,
                GrantType::RefreshToken,
                GrantType::TokenExchange,
            ]);
        })
        .await;
        let mut browser = house.browser();
        let code = rp.sign_in(&mut browser).await;
        let key = DpopKey::new();
        let url = house.url(paths::TOKEN);
        let proof = || key.proof("POST", url.as_str(), Default::default());
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &rp.redirect_uri),
            ("code_verifier", &rp.code_verifier),
        ];
        let bound = rp.token(&form).header("DPoP", &proof()).await.ok();
        let bound = bound["access_token"].as_str().expect("a token").to_owned();
        exchange(&rp, &bound, &[]).await.oauth_error(400, "invalid_request");
        let other = DpopKey::new().proof("POST", url.as_str(), Default::default());
        let answer = exchange(&rp, &bound, &[]).header("DPoP", &other).await;
        answer.oauth_error(400, "invalid_request");
        let told = exchange(&rp, &bound, &[]).header("DPoP", &proof()).await.ok();
        assert_eq!(told["token_type"], "DPoP");
        let own = told["access_token"].as_str().expect("a token");
        assert_eq!(claims(own)["cnf"], claims(&bound)["cnf"]);

        // A service to which the token was sent saw the proof then, and has a key of its own.
        let service = service(&house, "https://front.example").await;
        let told = exchange(&service, &bound, &[]).header("DPoP", &other).await;
        // The proof was used before.
        told.oauth_error(400, "invalid_dpop_proof");
        let service_key = DpopKey::new();
        let own = service_key.proof("POST", url.as_str(), Default::default());
        let told = exchange(&service, &bound, &[]).header("DPoP", &own).await.ok();
        let own = told["access_token"].as_str().expect("a token");
        assert_eq!(claims(own)["cnf"]["jkt"], service_key.jkt());
    }

    async fn what_a_device_was_allowed_can_be_exchanged_too(db: Database) {
        let house = house(db).await;
        let device = Device::new(&house).await;
        let mut browser = crate::support::device::browser_of(&house, house.person().await).await;
        device.answered_in(&mut browser, "#device-approve").await;
        let token = device.poll().await.tokens().access_token;
        let front = service(&house, "https://front.example").await;
        let own = exchange(&front, &token, &[("scope", "email openid")]).await.tokens();
        assert_eq!(own.scope.as_deref(), Some("email openid"));
        assert_eq!(claims(&own.access_token)["aud"][0], API);
    }
}

#[tokio::test]
async fn what_is_switched_off_is_not_there() {
    use crate::support::database::Database;
    let off = House::with(Database::sqlite().await, |config| {
        config.features.token_exchange = false;
    })
    .await;
    let on = sqlite().await;
    for (house, error) in [(&off, "unsupported_grant_type"), (&on, "invalid_request")] {
        // A client that had registered it before it was switched off.
        let rp = Rp::confidential(house).await;
        change_client(house, &rp, |row| {
            row.grant_types.0.push(GrantType::TokenExchange)
        })
        .await;
        exchange(&rp, "nonsense", &[]).await.oauth_error(400, error);
        let metadata = house.get(paths::DISCOVERY_OPENID).await.ok();
        let grants = metadata["grant_types_supported"]
            .as_array()
            .expect("grants");
        assert_eq!(
            grants.contains(&json!(GRANT)),
            house.app.config.features.token_exchange
        );
    }
}
