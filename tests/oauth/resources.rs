//! RT-5, AU-1: resource indicators (RFC 8707): what a token is for is what was asked for, was
//! granted, and is known here.

use doorward::paths;
use serde_json::{Value, json};

use super::{
    granted::{Granted, change_client},
    jwt::claims,
    pushing::{answer, form, pushed, request_uri, url_of},
};
use crate::support::{
    database::{Database, both},
    house::House,
    rp::Rp,
};

const ORDERS: &str = "https://orders.example/v1";
const BILLS: &str = "urn:example:bills";
const MAIL: &str = "https://mail.example";

/// A house that knows three resources: two by its settings, one by a client that answers for it.
async fn house(db: Database) -> House {
    let house = House::with(db, |config| {
        config.tokens.resources = vec![ORDERS.to_owned(), BILLS.to_owned()];
    })
    .await;
    Rp::with(&house, |new| {
        new.audiences = vec!["orders".to_owned(), MAIL.to_owned()]
    })
    .await;
    house
}

/// For whom a token is.
fn audience(token: &str) -> Vec<String> {
    match claims(token)["aud"].take() {
        Value::Array(all) => all
            .iter()
            .filter_map(|one| one.as_str().map(str::to_owned))
            .collect(),
        Value::String(one) => vec![one],
        other => panic!("{other}"),
    }
}

/// A token request with `resource` as often as there are `resources`.
fn with<'a>(form: &[(&'a str, &'a str)], resources: &[&'a str]) -> Vec<(&'a str, &'a str)> {
    let more = resources.iter().map(|one| ("resource", *one));
    form.iter().copied().chain(more).collect()
}

/// A code for these resources.
async fn code(granted: &mut Granted<'_>, resources: &[&str]) -> String {
    let mut url = url::Url::parse(&granted.rp.authorize_url(&[])).expect("a URL");
    for one in resources {
        url.query_pairs_mut().append_pair("resource", one);
    }
    let browser = &mut granted.browser;
    answer(browser, granted.house, url.as_str())
        .await
        .last()
        .code()
}

both! {
    async fn au_1_a_token_is_for_what_was_asked_for(db: Database) {
        let house = house(db).await;
        let issuer = house.app.config.server.issuer.as_str();
        let mut granted = Granted::public(&house).await;
        for (asked, expected) in [
            (vec![], vec![issuer]),
            (vec![ORDERS], vec![ORDERS, issuer]),
            (vec![MAIL], vec![MAIL, issuer]),
            (vec![ORDERS, BILLS, ORDERS], vec![ORDERS, BILLS, issuer]),
            (vec![issuer], vec![issuer]),
        ] {
            let code = code(&mut granted, &asked).await;
            let tokens = granted.rp.exchange(&code).await.tokens();
            assert_eq!(audience(&tokens.access_token), expected);
            // The ID token is for the client, whatever the other is for.
            let id_token = tokens.id_token.expect("an ID token");
            assert_eq!(audience(&id_token), [granted.rp.client_id.as_str()]);
            let me = house.get(paths::USERINFO).bearer(&tokens.access_token).await;
            me.ok();
            let next = granted.rp.refresh(&tokens.refresh_token.expect("a refresh token")).await;
            assert_eq!(audience(&next.tokens().access_token), expected);
        }
    }

    async fn au_1_what_is_not_known_here_is_no_target(db: Database) {
        let house = house(db).await;
        let mut granted = Granted::confidential(&house).await;
        let before = house.rows().await;
        let long = format!("{ORDERS}/{}", "x".repeat(600));
        let wrong = [
            "https://unknown.example",
            "https://orders.example/v1/",
            "https://orders.example/V1",
            "https://orders.example",
            "https://orders.example/v1#x",
            "https://orders%",
            "%",
            "orders",
            "/v1",
            "https://_ail.example",
            "https://mail.exampl%",
            &long,
        ];
        for one in wrong {
            for all in [vec![one], vec![ORDERS, one]] {
                let mut url = url::Url::parse(&granted.rp.authorize_url(&[])).expect("a URL");
                for one in &all {
                    url.query_pairs_mut().append_pair("resource", one);
                }
                let browser = &mut granted.browser;
                browser.get_from_stranger(url.as_str()).await.answered("invalid_target");
                let own = with(&[("grant_type", "client_credentials")], &all);
                granted.rp.token(&own).await.oauth_error(400, "invalid_target");
            }
            let usual = form(&granted.rp, &[("resource", Some(one))]);
            let usual: Vec<_> = usual.iter().map(|(name, value)| (&**name, &**value)).collect();
            let answer = granted.rp.post(paths::PAR, &usual).await;
            answer.oauth_error(400, "invalid_target");
        }
        assert_eq!(house.rows().await, before);
    }

    async fn au_1_a_token_for_the_client_itself_is_for_what_it_names(db: Database) {
        let house = house(db).await;
        let rp = Rp::confidential(&house).await;
        let own = [("grant_type", "client_credentials")];
        let issuer = house.app.config.server.issuer.as_str();
        for (asked, expected) in [
            (vec![], vec![issuer]),
            (vec![ORDERS], vec![ORDERS]),
            (vec![ORDERS, MAIL], vec![ORDERS, MAIL]),
            (vec![""], vec![issuer]),
        ] {
            let tokens = rp.token(&with(&own, &asked)).await.tokens();
            assert_eq!(audience(&tokens.access_token), expected);
        }
        // Our own userinfo is not among them.
        let token = rp.token(&with(&own, &[ORDERS])).await.tokens().access_token;
        let refused = house.get(paths::USERINFO).bearer(&token).await;
        assert!([401, 403].contains(&refused.status), "{}", refused.told());
    }

    async fn au_1_a_pushed_request_keeps_all_its_resources(db: Database) {
        let house = house(db).await;
        let mut granted = Granted::confidential(&house).await;
        let (rp, browser) = (&granted.rp, &mut granted.browser);
        let mut usual = form(rp, &[]);
        usual.extend([ORDERS, BILLS].map(|one| ("resource".to_owned(), one.to_owned())));
        let usual: Vec<_> = usual.iter().map(|(name, value)| (&**name, &**value)).collect();
        let uri = request_uri(&rp.post(paths::PAR, &usual).await);
        browser.asks(&rp.redirect_uri, Some(&rp.state));
        let url = url_of(&house, &rp.client_id, &uri);
        let code = answer(browser, &house, &url).await.last().code();
        let token = rp.exchange(&code).await.tokens().access_token;
        assert_eq!(audience(&token)[..2], [ORDERS, BILLS]);
        // What the operator takes away in between is not answered.
        let url = pushed(&house, rp, &[("resource", Some(MAIL))]).await;
        for client in entity::client::all(&house.app.db.read).await.expect("the clients") {
            let at = Rp { client_id: client.client_id, ..Rp::public(&house).await };
            change_client(&house, &at, |client| client.audiences.0.clear()).await;
        }
        browser.get_from_stranger(&url).await.answered("invalid_target");
    }

    async fn rt_5_a_grant_is_not_widened(db: Database) {
        let house = house(db).await;
        let issuer = house.app.config.server.issuer.clone();
        let mut granted = Granted::public(&house).await;
        let both = code(&mut granted, &[ORDERS, BILLS]).await;
        let before = house.rows().await;
        let rp = &granted.rp;
        let exchange = [
            ("grant_type", "authorization_code"),
            ("code", both.as_str()),
            ("redirect_uri", rp.redirect_uri.as_str()),
            ("code_verifier", rp.code_verifier.as_str()),
        ];
        for wider in [vec![MAIL], vec![ORDERS, MAIL], vec!["https://unknown.example"], vec![&issuer], vec!["x"]] {
            let answer = rp.token(&with(&exchange, &wider)).await;
            answer.oauth_error(400, "invalid_target");
        }
        // A refusal of this kind costs the client nothing.
        assert_eq!(house.rows().await, before);
        let tokens = rp.token(&with(&exchange, &[BILLS])).await.tokens();
        assert_eq!(audience(&tokens.access_token), [BILLS, &issuer]);

        // To have asked for less before does not make the grant smaller (RFC 8707 §2.2).
        let mut last = tokens.refresh_token.expect("a refresh token");
        for (asked, expected) in [
            (vec![ORDERS], vec![ORDERS, issuer.as_str()]),
            (vec![], vec![ORDERS, BILLS, issuer.as_str()]),
            (vec![BILLS], vec![BILLS, issuer.as_str()]),
        ] {
            let refresh = [("grant_type", "refresh_token"), ("refresh_token", last.as_str())];
            for wider in [vec![MAIL], vec![BILLS, MAIL], vec![issuer.as_str()], vec!["/v1"]] {
                let answer = rp.token(&with(&refresh, &wider)).await;
                answer.oauth_error(400, "invalid_target");
            }
            let tokens = rp.token(&with(&refresh, &asked)).await.tokens();
            assert_eq!(audience(&tokens.access_token), expected);
            last = tokens.refresh_token.expect("a refresh token");
        }
    }

    async fn rt_5_a_grant_without_a_resource_is_for_the_default_alone(db: Database) {
        let house = house(db).await;
        let issuer = house.app.config.server.issuer.clone();
        let mut granted = Granted::confidential(&house).await;
        let refresh_token = granted.tokens().await.refresh_token.expect("a refresh token");
        let refresh = [("grant_type", "refresh_token"), ("refresh_token", refresh_token.as_str())];
        for one in [ORDERS, MAIL] {
            let answer = granted.rp.token(&with(&refresh, &[one])).await;
            answer.oauth_error(400, "invalid_target");
        }
        let tokens = granted.rp.token(&with(&refresh, &[&issuer])).await.tokens();
        assert_eq!(audience(&tokens.access_token), [issuer]);
    }

    async fn rt_5_a_resource_that_was_taken_away_gets_no_more_tokens(db: Database) {
        let house = house(db).await;
        let mut granted = Granted::confidential(&house).await;
        let server = Rp::with(&house, |new| new.audiences = vec!["https://late.example".to_owned()]).await;
        let code = code(&mut granted, &["https://late.example"]).await;
        let tokens = granted.rp.exchange(&code).await.tokens();
        let refresh_token = tokens.refresh_token.expect("a refresh token");
        granted.rp.refresh(&refresh_token).await.tokens();
        let now = house.app.clock.now();
        change_client(&house, &server, |client| client.disabled_at = Some(now)).await;
        granted.rp.refresh(&refresh_token).await.oauth_error(400, "invalid_target");
        change_client(&house, &server, |client| client.disabled_at = None).await;
        granted.rp.refresh(&refresh_token).await.tokens();
    }
}

#[tokio::test]
async fn the_server_of_a_resource_may_introspect_what_is_for_it() {
    let house = House::new(Database::sqlite().await).await;
    let server = Rp::with(&house, |new| new.audiences = vec![MAIL.to_owned()]).await;
    let mut granted = Granted::confidential(&house).await;
    let for_mail = code(&mut granted, &[MAIL]).await;
    let for_mail = granted.rp.exchange(&for_mail).await.tokens().access_token;
    let other = granted.tokens().await.access_token;
    let told = super::granted::introspected(&server, &for_mail).await.ok();
    assert_eq!(told["active"], true);
    let told = super::granted::introspected(&server, &other).await.ok();
    assert_eq!(told, json!({ "active": false }));
}
