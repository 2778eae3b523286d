//! Token exchange (RFC 8693): one access token for another that reaches no further, lives no longer and
//! ends with what it came from.

use chrono::TimeDelta;
use doorward::{accounts::operate, paths, sessions};
use entity::{client, value::GrantType};
use serde_json::json;

use super::{
    granted::{Granted, change_client, client_row, inactive, introspected, names, rows_but_events},
    jwt::{Jwt, claims},
};
use crate::support::{
    answer::Answer,
    call::Call,
    database::{Database, both},
    house::House,
    rp::Rp,
};

pub const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
pub const ACCESS: &str = "urn:ietf:params:oauth:token-type:access_token";

/// What tokens are for that name nothing.
pub const API: &str = "https://api.example";
/// What they can be for besides.
pub const ORDERS: &str = "https://orders.example/v1";

/// A house with two resources.
pub async fn house(db: Database) -> House {
    House::with(db, |config| {
        config.tokens.audience = Some(API.to_owned());
        config.tokens.resources = vec![ORDERS.to_owned()];
    })
    .await
}

/// A resource server that tokens for `API` are meant for, and that may exchange them.
pub async fn service<'a>(house: &'a House, name: &str) -> Rp<'a> {
    Rp::with(house, |new| {
        new.name = name.to_owned();
        new.audiences = vec![API.to_owned(), name.to_owned()];
        new.scope = "openid email api:read api:write".parse().expect("a scope");
        new.grant_types = Some(vec![GrantType::TokenExchange, GrantType::ClientCredentials]);
    })
    .await
}

/// A client to which a person has allowed all it may have.
pub async fn granted(house: &House) -> Granted<'_> {
    let rp = Rp::with(house, |new| {
        let scope = "openid email offline_access api:read";
        new.scope = scope.parse().expect("a scope");
    })
    .await;
    Granted::to(house, rp).await
}

/// An access token for what a person allowed, with its refresh token.
pub async fn subject(granted: &mut Granted<'_>) -> (String, String) {
    let scope = "openid email offline_access api:read";
    let url = granted.rp.authorize_url(&[("scope", Some(scope))]);
    let browser = &mut granted.browser;
    browser.get_from_stranger(&url).await;
    if browser.follow().await.url.path() == paths::CONSENT {
        browser.submit("#consent-approve", &[]).await;
    }
    let code = browser.follow().await.code();
    let tokens = granted.rp.exchange(&code).await.tokens();
    (
        tokens.access_token,
        tokens.refresh_token.expect("a refresh token"),
    )
}

/// Asks to exchange a token; `changes` replaces parameters, and an empty value leaves one out.
pub fn exchange(rp: &Rp<'_>, token: &str, changes: &[(&str, &str)]) -> Call {
    let usual = [
        ("grant_type", GRANT),
        ("subject_token", token),
        ("subject_token_type", ACCESS),
    ];
    let unchanged = |(name, _): &&(&str, &str)| changes.iter().all(|(own, _)| own != name);
    let form = usual.iter().filter(unchanged).chain(changes);
    let form: Vec<_> = form
        .copied()
        .filter(|(_, value)| !value.is_empty())
        .collect();
    rp.token(&form)
}

both! {
    async fn a_service_exchanges_a_token_that_is_meant_for_it(db: Database) {
        let house = house(db).await;
        let mut granted = granted(&house).await;
        let (token, _) = subject(&mut granted).await;
        let rp = service(&house, "https://front.example").await;
        let before = house.rows().await;
        house.turn(TimeDelta::seconds(200));
        let answer = exchange(&rp, &token, &[("scope", "api:read"), ("resource", ORDERS)]).await;
        let told = answer.ok();
        let members = "access_token expires_in issued_token_type scope token_type";
        assert_eq!(names(&told).join(" "), members);
        assert_eq!((&told["issued_token_type"], &told["scope"]), (&json!(ACCESS), &json!("api:read")));
        let own = answer.tokens().access_token;
        let said = Jwt::verified(&house, &own, ORDERS, ("at+jwt", "ES256")).await.claims;
        let subject = claims(&token);
        for same in ["sub", "sid", "auth_time", "acr", "amr", "iss", "exp"] {
            assert_eq!(said[same], subject[same], "{same}");
        }
        assert_eq!((&said["aud"], &said["client_id"]), (&json!(ORDERS), &json!(rp.client_id)));
        assert_eq!((&said["scope"], said.get("act")), (&json!("api:read"), None));
        assert_ne!(said["jti"], subject["jti"]);
        let left = told["expires_in"].as_i64().expect("seconds");
        assert!((95..=100).contains(&left), "{left}");
        assert_eq!(house.rows().await, before);
        assert_eq!(introspected(&rp, &own).await.ok()["active"], true);
    }

    async fn what_is_not_named_is_what_both_have(db: Database) {
        let house = house(db).await;
        let mut granted = granted(&house).await;
        let (token, _) = subject(&mut granted).await;
        let rp = service(&house, "https://front.example").await;
        let answer = exchange(&rp, &token, &[("requested_token_type", ACCESS)]).await.tokens();
        // No offline access: nothing lasts longer than what it came from.
        assert_eq!(answer.scope.as_deref(), Some("openid email api:read"));
        assert!(answer.refresh_token.is_none() && answer.id_token.is_none());
        let issuer = &house.app.config.server.issuer;
        assert_eq!(claims(&answer.access_token)["aud"], json!([API, issuer]));
        let userinfo = house.get(paths::USERINFO).bearer(&answer.access_token).await.ok();
        assert_eq!(userinfo["email"], house.person().await.email);
        // By name and by address, more than one.
        let form = [("audience", rp.client_id.as_str()), ("resource", ORDERS), ("resource", API), ("scope", "api:read")];
        let several = exchange(&rp, &token, &form).await.tokens();
        assert_eq!(claims(&several.access_token)["aud"], json!([ORDERS, API, rp.client_id]));
    }

    async fn te_1_a_token_is_exchanged_only_by_whom_it_is_for(db: Database) {
        let house = house(db).await;
        let mut granted = granted(&house).await;
        let (token, _) = subject(&mut granted).await;
        let own = |new: &mut doorward::clients::register::NewClient| {
            new.grant_types = Some(vec![GrantType::TokenExchange]);
        };
        let stranger = Rp::with(&house, own).await;
        let rp = service(&house, "https://front.example").await;
        let before = rows_but_events(&house).await;
        exchange(&stranger, &token, &[]).await.oauth_error(400, "invalid_request");
        exchange(&granted.rp, &token, &[]).await.oauth_error(400, "unauthorized_client");
        let bare = house.post(paths::TOKEN).form(&[
            ("grant_type", GRANT),
            ("subject_token", &token),
            ("subject_token_type", ACCESS),
            ("client_id", &rp.client_id),
        ]);
        bare.await.client_401();
        assert_eq!(rows_but_events(&house).await, before);
        exchange(&rp, &token, &[]).await.tokens();
    }

    async fn te_1_anybody_can_say_that_they_are_a_public_client(db: Database) {
        let house = house(db).await;
        let wanted = doorward::clients::register::NewClient {
            redirect_uris: vec!["https://app.example/cb".to_owned()],
            grant_types: Some(vec![GrantType::AuthorizationCode, GrantType::TokenExchange]),
            public: true,
            ..doorward::clients::register::NewClient::named("Example")
        };
        let refused = doorward::clients::register::add(&house.app, wanted).await;
        assert!(refused.is_err_and(|error| error.to_string().contains("token-exchange")));
        // One that could do it before cannot do it now, not even with its own token.
        let mut granted = Granted::public(&house).await;
        let token = granted.tokens().await.access_token;
        change_client(&house, &granted.rp, |client| {
            client.grant_types.0.push(GrantType::TokenExchange);
            client.audiences.0.push(API.to_owned());
        })
        .await;
        for target in [&[][..], &[("resource", ORDERS)]] {
            exchange(&granted.rp, &token, target).await.oauth_error(400, "unauthorized_client");
        }
    }

    async fn te_1_jw_4_nothing_but_a_live_access_token_is_exchanged(db: Database) {
        let house = house(db).await;
        let mut granted = granted(&house).await;
        let (token, refresh_token) = subject(&mut granted).await;
        let tokens = granted.tokens().await;
        let id_token = tokens.id_token.expect("an ID token");
        let rp = service(&house, "https://front.example").await;
        let machine = rp.token(&[("grant_type", "client_credentials")]).await.tokens().access_token;
        let revoked = tokens.access_token;
        granted.rp.post(paths::REVOKE, &[("token", &revoked)]).await.is(200);
        let before = rows_but_events(&house).await;
        let cut = &token[..token.len() - 4];
        for bad in [&id_token, &refresh_token, &revoked, &machine, cut, "nonsense", "a.b.c"] {
            exchange(&rp, bad, &[]).await.oauth_error(400, "invalid_request");
        }
        let kind = |name: &str| format!("urn:ietf:params:oauth:token-type:{name}");
        for name in ["id_token", "refresh_token", "jwt", "saml2", "nothing"] {
            let other = kind(name);
            for place in ["subject_token_type", "requested_token_type"] {
                let answer = exchange(&rp, &token, &[(place, &other)]).await;
                answer.oauth_error(400, "invalid_request");
            }
            let actor = [("actor_token", machine.as_str()), ("actor_token_type", &other)];
            exchange(&rp, &token, &actor).await.oauth_error(400, "invalid_request");
        }
        for half in [
            &[("actor_token", machine.as_str())][..],
            &[("actor_token_type", ACCESS)],
            &[("actor_token", "nonsense"), ("actor_token_type", ACCESS)],
            &[("actor_token", &id_token), ("actor_token_type", ACCESS)],
            &[("subject_token", "")],
            &[("subject_token_type", "")],
        ] {
            exchange(&rp, &token, half).await.oauth_error(400, "invalid_request");
        }
        assert_eq!(rows_but_events(&house).await, before);
        exchange(&rp, &token, &[]).await.tokens();
        house.turn(TimeDelta::seconds(301));
        exchange(&rp, &token, &[]).await.oauth_error(400, "invalid_request");
    }

    async fn te_1_no_scope_and_no_target_beyond_what_is_allowed(db: Database) {
        let house = house(db).await;
        let mut granted = granted(&house).await;
        let (token, _) = subject(&mut granted).await;
        let rp = service(&house, "https://front.example").await;
        let before = rows_but_events(&house).await;
        for scope in ["api:write", "api:read api:write", "offline_access", "openid profile", "a\"b"] {
            let answer = exchange(&rp, &token, &[("scope", scope)]).await;
            answer.oauth_error(400, "invalid_scope");
        }
        for (name, target) in [
            ("resource", "https://nowhere.example/"),
            ("resource", "orders"),
            ("audience", "https://nowhere.example/"),
            ("audience", "nobody"),
        ] {
            let answer = exchange(&rp, &token, &[("resource", ORDERS), (name, target)]).await;
            answer.oauth_error(400, "invalid_target");
        }
        assert_eq!(rows_but_events(&house).await, before);
        // What came of an exchange widens no more than its subject did.
        let narrow = exchange(&rp, &token, &[("scope", "api:read")]).await.tokens().access_token;
        let wider = exchange(&rp, &narrow, &[("scope", "openid api:read")]).await;
        wider.oauth_error(400, "invalid_scope");
    }

    async fn te_1_lc_1_an_exchanged_token_ends_with_what_it_came_from(db: Database) {
        let house = house(db).await;
        let rp = service(&house, "https://front.example").await;
        for case in ["revoked", "user", "first client", "own client", "session"] {
            let mut granted = granted(&house).await;
            let person = operate::find(&house.app, house.person().await.email).await;
            let person = person.expect("a look-up").expect("the person");
            let (token, refresh_token) = subject(&mut granted).await;
            let own = exchange(&rp, &token, &[]).await.tokens().access_token;
            let again = exchange(&rp, &own, &[]).await.tokens().access_token;
            let userinfo = async |token: &str| -> Answer {
                house.get(paths::USERINFO).bearer(token).await
            };
            userinfo(&again).await.ok();
            let now = house.app.clock.now();
            let db = &house.app.db.write;
            match case {
                "revoked" => {
                    granted.rp.post(paths::REVOKE, &[("token", &refresh_token)]).await.is(200);
                }
                "user" => {
                    operate::disable(&house.app, &person).await.expect("disabled");
                }
                "session" => {
                    sessions::revoke_all(&house.app, person.id, None).await.expect("revoked");
                }
                which => {
                    let row = match which {
                        "own client" => client_row(&house, &rp).await,
                        _ => client_row(&house, &granted.rp).await,
                    };
                    client::set_disabled(db, row.id, Some(now), now).await.expect("disabled");
                }
            }
            for ended in [&own, &again] {
                userinfo(ended).await.bearer_error(401, "invalid_token");
            }
            let row = client_row(&house, &rp).await;
            client::set_disabled(db, row.id, None, now).await.expect("enabled");
            if case != "own client" {
                inactive(&introspected(&rp, &own).await);
                exchange(&rp, &own, &[]).await.oauth_error(400, "invalid_request");
                exchange(&rp, &token, &[]).await.oauth_error(400, "invalid_request");
            }
            operate::enable(&house.app, &person).await.expect("enabled");
        }
    }
}
