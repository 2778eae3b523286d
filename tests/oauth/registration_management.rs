//! Managing a registration (RFC 7592): a client reads and removes what it registered, and nobody else
//! does.

use doorward::{
    clients::update::{self, Changes},
    paths,
};
use poem::http::Method;
use serde_json::json;

use super::{
    granted::Granted,
    registering::{Registered, TOKEN, managed, registering, registering_with, usual},
};
use crate::support::{call::Call, database::both, expect::Tokens, house::House};

const METHODS: [Method; 3] = [Method::GET, Method::PUT, Method::DELETE];

/// A request at the address of a client, with a body that would do.
fn call(house: &House, method: &Method, client_id: &str) -> Call {
    let call = managed(house, method.clone(), client_id);
    let mut members = usual(&json!({}));
    members["client_id"] = json!(client_id);
    match *method {
        Method::PUT => call.body("application/json", members.to_string()),
        _ => call,
    }
}

both! {
    async fn oidcc_3rd_party_init_login(db: Database) {
        let house = registering(db).await;
        let uri = "https://app.example/begin";
        let client = Registered::new(&house, &json!({ "initiate_login_uri": uri })).await;
        let read = client.read().await.ok();
        assert_eq!(read["initiate_login_uri"], uri);
        // The secret was shown, and only its digest is kept.
        assert_eq!(read.get("client_secret"), None);
        for same in ["client_id", "registration_access_token", "registration_client_uri",
            "client_id_issued_at", "redirect_uris", "scope"] {
            assert_eq!(read[same], client.told[same], "{same}");
        }
    }

    async fn dr_2_a_token_opens_its_own_client_only(db: Database) {
        let house = registering(db).await;
        let client = Registered::new(&house, &json!({})).await;
        let other = Registered::new(&house, &json!({})).await;
        let mut granted = Granted::to(&house, client.rp()).await;
        let Tokens { access_token, .. } = granted.tokens().await;
        let secret = client.told["client_secret"].as_str().expect("a secret").to_owned();
        let before = house.rows().await;
        let token = client.token();
        let wrong = [other.token(), access_token, secret, TOKEN.to_owned(),
            "ra_".to_owned(), token[..token.len() - 1].to_owned(), token.to_lowercase()];
        let mut refusals = Vec::new();
        for method in METHODS {
            call(&house, &method, &client.id()).await.bearer_error(401, "");
            for wrong in &wrong {
                let answer = call(&house, &method, &client.id()).bearer(wrong).await;
                answer.bearer_error(401, "invalid_token");
                refusals.push((answer.status, answer.body));
            }
            // Nobody learns which clients there are.
            for id in ["nobody", "00000000-0000-7000-8000-000000000000"] {
                let answer = call(&house, &method, id).bearer(&token).await;
                answer.bearer_error(401, "invalid_token");
                refusals.push((answer.status, answer.body));
            }
        }
        refusals.dedup();
        assert_eq!(refusals.len(), 1, "{refusals:?}");
        assert_eq!(house.rows().await, before);
        client.read().await.ok();
    }

    async fn a_client_of_the_operator_has_no_such_token(db: Database) {
        let house = registering(db).await;
        let own = Granted::confidential(&house).await.rp.client_id;
        let client = Registered::new(&house, &json!({})).await;
        for method in METHODS {
            let answer = call(&house, &method, &own).bearer(&client.token()).await;
            answer.bearer_error(401, "invalid_token");
        }
    }

    async fn a_removed_client_is_gone_with_all_it_had(db: Database) {
        let house = registering(db).await;
        let client = Registered::new(&house, &json!({
            "grant_types": ["authorization_code", "refresh_token"],
        }))
        .await;
        let mut granted = Granted::to(&house, client.rp()).await;
        let tokens = granted.tokens().await;
        let refresh = tokens.refresh_token.expect("a refresh token");
        let gone = client.remove().await;
        gone.is(204).has("Cache-Control", |rule| rule == "no-store");
        assert_eq!(gone.body, "");
        for method in METHODS {
            let answer = call(&house, &method, &client.id()).bearer(&client.token()).await;
            answer.bearer_error(401, "invalid_token");
        }
        granted.rp.refresh(&refresh).await.client_401();
        let userinfo = house.get(paths::USERINFO).bearer(&tokens.access_token).await;
        userinfo.bearer_error(401, "invalid_token");
        let rows = house.rows().await;
        for table in ["client", "consent", "refresh_token", "client_origin"] {
            assert_eq!(rows[table], 0, "{table}");
        }
    }

    async fn a_disabled_client_manages_nothing(db: Database) {
        let house = registering(db).await;
        let client = Registered::new(&house, &json!({})).await;
        let off = Changes { disabled: Some(true), ..Changes::default() };
        update::update(&house.app, client.row().await, off).await.expect("a change");
        for method in METHODS {
            let answer = call(&house, &method, &client.id()).bearer(&client.token()).await;
            answer.bearer_error(401, "invalid_token");
        }
    }

    async fn registration_that_was_switched_off_leaves_nothing_to_manage(db: Database) {
        let house = registering_with(db, |config| config.registration.enabled = false).await;
        for method in METHODS {
            call(&house, &method, "x").bearer("x").await.oauth_error(404, "invalid_request");
        }
    }

    async fn another_method_is_told_which_ones_there_are(db: Database) {
        let house = registering(db).await;
        let client = Registered::new(&house, &json!({})).await;
        let answer = client.at_home(Method::POST).bearer(&client.token()).await;
        answer.is(405).has("Allow", |allow| {
            ["GET", "PUT", "DELETE"].iter().all(|method| allow.contains(method))
        });
    }
}
