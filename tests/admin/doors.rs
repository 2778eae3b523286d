//! Doors: everything under `/api/admin` is closed to whoever is not an administrator, whether there
//! is a door or not.

use chrono::TimeDelta;
use doorward::{http::document::document, paths};
use entity::value::{ADMIN, ClientAuthMethod, Role};
use poem::http::Method;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};

use super::{at, operator, own_token, persons_token, role};
use crate::support::{browser::Browser, call::Call, database::both, house::House, rp::Rp};

/// Every door that the document knows, and places where there is none.
fn places() -> Vec<(Method, String)> {
    let mut places = Vec::new();
    for (path, item) in document()["paths"].as_object().expect("paths") {
        if !path.starts_with(paths::API_ADMIN) {
            continue;
        }
        for method in item.as_object().expect("operations").keys() {
            let method = method.to_uppercase().parse().expect("a method");
            places.push((method, path.clone()));
        }
    }
    assert!(places.len() >= 2, "{places:?}");
    let none = [
        "",
        "/",
        "/v1",
        "/v1/",
        "/v1/nowhere",
        "/v2/keys",
        "/v1/keys/",
    ];
    for rest in none {
        places.push((Method::GET, format!("{}{rest}", paths::API_ADMIN)));
    }
    for method in [Method::DELETE, Method::OPTIONS, Method::HEAD, Method::PUT] {
        places.push((method, at("/keys")));
    }
    places
}

fn call(house: &House, (method, path): &(Method, String)) -> Call {
    Call::new(house.doors.clone(), method.clone(), house.url(path))
}

/// Every place refuses the token with this status and code.
async fn refused_everywhere(house: &House, token: &str, status: u16, code: &str) {
    for place in places() {
        let answer = call(house, &place).bearer(token).await;
        answer.is(status);
        answer.has("Set-Cookie", str::is_empty);
        if place.0 != Method::HEAD {
            assert_eq!(
                answer.problem(status)["code"],
                code,
                "{place:?}: {}",
                answer.told()
            );
        }
    }
}

both! {
    async fn ad_1_without_a_token_nothing_is_answered(db: Database) {
        let house = House::new(db).await;
        let before = house.rows().await;
        for place in places() {
            let answer = call(&house, &place).await;
            answer.is(401);
            answer.has("WWW-Authenticate", |challenge| challenge.starts_with("Bearer"));
            answer.has("WWW-Authenticate", |challenge| !challenge.contains("error"));
            if place.0 != Method::HEAD {
                assert_eq!(answer.problem(401)["code"], "INVALID_TOKEN", "{place:?}");
            }
        }
        assert_eq!(house.rows().await, before);
    }

    async fn cs_6_a_cookie_opens_nothing(db: Database) {
        let house = House::new(db).await;
        role(&house, Role::Admin).await;
        let rp = Rp::confidential(&house).await;
        let mut browser = house.browser();
        rp.sign_in(&mut browser).await;
        let cookie = browser.jar.value("doorward_session").expect("a session cookie");
        let origin = house.app.config.server.origin();
        for place in places() {
            let call = call(&house, &place)
                .header("Cookie", &format!("doorward_session={cookie}"))
                .header("Origin", &origin);
            call.await.is(401);
        }
    }

    async fn ad_1_a_token_of_anybody_else_opens_nothing(db: Database) {
        let house = House::new(db).await;
        let rp = operator(&house).await;
        for garbage in ["x", "a.b.c", "ey.ey.ey"] {
            refused_everywhere(&house, garbage, 401, "INVALID_TOKEN").await;
        }
        // Its scope is not enough.
        let token = own_token(&rp, "other").await;
        refused_everywhere(&house, &token, 403, "INSUFFICIENT_SCOPE").await;
        let token = persons_token(&house, &rp, "openid").await;
        refused_everywhere(&house, &token, 403, "INSUFFICIENT_SCOPE").await;
        // The scope is there, but its person is nobody here.
        let token = persons_token(&house, &rp, &format!("openid {ADMIN}")).await;
        refused_everywhere(&house, &token, 403, "NOT_ADMINISTRATOR").await;
        // An ID token is no access token.
        role(&house, Role::Admin).await;
        let mut browser = house.browser();
        let code = rp.sign_in(&mut browser).await;
        let id_token = rp.exchange(&code).await.tokens().id_token.expect("an ID token");
        refused_everywhere(&house, &id_token, 401, "INVALID_TOKEN").await;
        // It has expired.
        let token = own_token(&rp, ADMIN).await;
        house.turn(TimeDelta::seconds(301));
        refused_everywhere(&house, &token, 401, "INVALID_TOKEN").await;
    }

    async fn ad_1_a_client_that_may_not_have_the_scope_gets_no_such_token(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let form = [("grant_type", "client_credentials"), ("scope", ADMIN)];
        rp.token(&form).await.oauth_error(400, "invalid_scope");
    }

    async fn ad_1_what_is_taken_from_the_client_or_the_person_is_taken_from_the_token(db: Database) {
        let house = House::new(db).await;
        let rp = operator(&house).await;
        role(&house, Role::Admin).await;
        let own = own_token(&rp, ADMIN).await;
        let persons = persons_token(&house, &rp, &format!("openid {ADMIN}")).await;
        for token in [&own, &persons] {
            house.get(&at("/keys")).bearer(token).await.is(200);
        }
        role(&house, Role::User).await;
        refused_everywhere(&house, &persons, 403, "NOT_ADMINISTRATOR").await;
        house.get(&at("/keys")).bearer(&own).await.is(200);
        change(&house, &rp, |row| row.dynamic = Set(true)).await;
        refused_everywhere(&house, &own, 403, "INSUFFICIENT_SCOPE").await;
        change(&house, &rp, |row| row.dynamic = Set(false)).await;
        house.get(&at("/keys")).bearer(&own).await.is(200);
        change(&house, &rp, |row| row.scope = Set("openid".parse().expect("a scope"))).await;
        refused_everywhere(&house, &own, 403, "INSUFFICIENT_SCOPE").await;
    }

    async fn jw_5_a_token_for_another_audience_opens_nothing(db: Database) {
        let change = |config: &mut doorward::config::Config| {
            config.tokens.audience = Some("https://api.example".to_owned());
        };
        let house = House::with(db, change).await;
        let rp = operator(&house).await;
        let token = own_token(&rp, ADMIN).await;
        refused_everywhere(&house, &token, 401, "INVALID_TOKEN").await;
        let issuer = house.app.config.server.issuer.clone();
        let form = [
            ("grant_type", "client_credentials"),
            ("scope", ADMIN),
            ("resource", issuer.as_str()),
        ];
        let token = rp.token(&form).await.tokens().access_token;
        house.get(&at("/keys")).bearer(&token).await.is(200);
    }

    async fn jw_5_a_token_that_an_api_has_seen_opens_nothing(db: Database) {
        let orders = "https://orders.example";
        let change = |config: &mut doorward::config::Config| {
            config.tokens.resources = vec![orders.to_owned()];
        };
        let house = House::with(db, change).await;
        let rp = operator(&house).await;
        role(&house, Role::Admin).await;
        let issuer = house.app.config.server.issuer.clone();
        let mut browser = house.browser();
        let scope = format!("openid {ADMIN}");
        for (resources, good) in [(vec![orders], false), (vec![orders, &issuer], false), (vec![&issuer], true)] {
            let mut url = url::Url::parse(&rp.authorize_url(&[("scope", Some(&scope))])).expect("a URL");
            for one in resources {
                url.query_pairs_mut().append_pair("resource", one);
            }
            let code = allowed(&mut browser, &house, url.as_str()).await;
            let token = rp.exchange(&code).await.tokens().access_token;
            // It opens userinfo, so our own name is in it.
            house.get(paths::USERINFO).bearer(&token).await.ok();
            match good {
                true => drop(house.get(&at("/keys")).bearer(&token).await.is(200)),
                false => refused_everywhere(&house, &token, 401, "INVALID_TOKEN").await,
            }
        }
        let own = [
            ("grant_type", "client_credentials"),
            ("scope", ADMIN),
            ("resource", orders),
            ("resource", issuer.as_str()),
        ];
        let token = rp.token(&own).await.tokens().access_token;
        refused_everywhere(&house, &token, 401, "INVALID_TOKEN").await;
    }

    async fn an_administrator_is_told_what_is_not_there(db: Database) {
        let house = House::new(db).await;
        let token = own_token(&operator(&house).await, ADMIN).await;
        house.get(&at("/nowhere")).bearer(&token).await.refused(404, "NOT_FOUND");
        let wrong = Call::new(house.doors.clone(), Method::DELETE, house.url(&at("/keys")));
        wrong.bearer(&token).await.refused(405, "METHOD_NOT_ALLOWED");
        let query = format!("{}?access_token={token}", at("/keys"));
        assert_eq!(house.get(&query).await.problem(400)["code"], "INVALID_REQUEST");
        assert_eq!(
            house.get(&at("/keys")).bearer(&format!("{token} {token}")).await.problem(400)["code"],
            "INVALID_REQUEST"
        );
    }
}

/// The code of a person who signs in and allows as far as pages are shown.
async fn allowed(browser: &mut Browser<'_>, house: &House, url: &str) -> String {
    browser.get_from_stranger(url).await;
    if browser.follow().await.url.path() == paths::LOGIN {
        let person = house.person().await;
        let typed = [("email", person.email), ("password", person.password)];
        browser.submit("#login-form", &typed).await;
    }
    if browser.follow().await.url.path() == paths::CONSENT {
        browser.submit("#consent-approve", &[]).await;
    }
    browser.follow().await.code()
}

async fn change(house: &House, rp: &Rp<'_>, change: impl FnOnce(&mut entity::client::ActiveModel)) {
    let db = &house.app.db;
    let all = entity::client::Entity::find().all(&db.read).await;
    let mut all = all.expect("the clients").into_iter();
    let own = all.find(|client| client.client_id == rp.client_id);
    let own = own.expect("the client");
    assert_ne!(own.token_endpoint_auth_method, ClientAuthMethod::None);
    let mut row = own.into_active_model();
    change(&mut row);
    row.update(&db.write).await.expect("a change");
}
