//! The `claims` parameter (OpenID Connect Core §5.5): single claims by name, for either place, with
//! the values that are wanted, and never more than the person allowed this client.

use doorward::paths;
use serde_json::{Value, json};

use super::{
    granted::{Granted, change_client, sqlite},
    jwt::claims,
    pushing::answer,
};
use crate::support::{browser::Browser, database::both, house::House, rp::Rp};

const SCOPE: (&str, Option<&str>) = ("scope", Some("openid"));

/// A client that a person allowed everything that it asks for here.
async fn allowed(house: &House) -> Granted<'_> {
    let mut granted = Granted::confidential(house).await;
    let url = granted
        .rp
        .authorize_url(&[("scope", Some("openid profile email phone"))]);
    answer(&mut granted.browser, house, &url)
        .await
        .last()
        .code();
    granted
}

fn asking(rp: &Rp<'_>, wanted: &str) -> String {
    rp.authorize_url(&[SCOPE, ("claims", Some(wanted))])
}

/// What the ID token and userinfo say when `wanted` is asked for with no scope but `openid`.
async fn said(granted: &mut Granted<'_>, wanted: &Value) -> (Value, Value) {
    let url = asking(&granted.rp, &wanted.to_string());
    let code = granted.browser.get_from_stranger(&url).await.code();
    let tokens = granted.rp.exchange(&code).await.tokens();
    assert_eq!(tokens.scope.as_deref(), Some("openid"));
    let userinfo = granted
        .house
        .get(paths::USERINFO)
        .bearer(&tokens.access_token)
        .await
        .ok();
    (claims(&tokens.id_token.expect("an ID token")), userinfo)
}

/// The standard claims among them, sorted.
fn standard(said: &Value) -> Vec<&str> {
    let all = [
        "email",
        "email_verified",
        "name",
        "phone_number",
        "updated_at",
    ];
    all.into_iter()
        .filter(|name| said.get(name).is_some())
        .collect()
}

async fn subject(granted: &mut Granted<'_>) -> String {
    let token = granted.tokens().await.id_token.expect("an ID token");
    claims(&token)["sub"]
        .as_str()
        .expect("a subject")
        .to_owned()
}

async fn sign_in(browser: &mut Browser<'_>, house: &House) {
    let person = house.person().await;
    let typed = [("email", person.email), ("password", person.password)];
    browser.submit("#login-form", &typed).await;
    browser.follow().await;
}

both! {
    async fn each_claim_is_where_it_was_asked_for(db: Database) {
        let house = House::new(db).await;
        let mut granted = allowed(&house).await;
        let wanted = json!({
            "id_token": { "email": { "essential": true }, "email_verified": null },
            "userinfo": { "name": null },
        });
        let (id_token, userinfo) = said(&mut granted, &wanted).await;
        assert_eq!(standard(&id_token), ["email", "email_verified"]);
        assert_eq!(id_token["email"], "ada@example.com");
        assert_eq!(standard(&userinfo), ["name"]);
        assert_eq!(userinfo["name"], "Ada Lovelace");
        // Beside what the scope buys, not instead of it.
        let with_scope = [("scope", Some("openid email")), ("claims", Some(r#"{"userinfo":{"name":null}}"#))];
        let code = granted.code_for(&with_scope).await;
        let token = granted.rp.exchange(&code).await.tokens().access_token;
        let userinfo = house.get(paths::USERINFO).bearer(&token).await.ok();
        assert_eq!(standard(&userinfo), ["email", "email_verified", "name"]);
        // And gone with the next request that does not ask.
        let (id_token, userinfo) = said(&mut granted, &json!({})).await;
        assert!(standard(&id_token).is_empty() && standard(&userinfo).is_empty());
    }

    async fn claims_live_as_long_as_the_grant(db: Database) {
        let house = House::new(db).await;
        let mut granted = allowed(&house).await;
        let wanted = r#"{"id_token":{"email":null},"userinfo":{"name":null}}"#;
        let changes = [("scope", Some("openid offline_access")), ("claims", Some(wanted))];
        let code = granted.code_for(&changes).await;
        let first = granted.rp.exchange(&code).await.tokens();
        let next = granted.rp.refresh(&first.refresh_token.expect("a refresh token")).await.tokens();
        assert_eq!(standard(&claims(&next.id_token.expect("an ID token"))), ["email"]);
        let userinfo = house.get(paths::USERINFO).bearer(&next.access_token).await.ok();
        assert_eq!(standard(&userinfo), ["name"]);
    }

    async fn consent_is_to_what_the_claims_would_need_by_scope(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let mut browser = house.browser();
        browser.get_from_stranger(&asking(&rp, r#"{"userinfo":{"email":null}}"#)).await;
        browser.follow().await;
        sign_in(&mut browser, &house).await;
        let page = browser.last().shown(200, "See your e-mail address").page();
        assert!(!page.text.contains("See your profile"), "{}", page.text);
        browser.submit("#consent-approve", &[]).await.code();
        // The scope buys nothing more than was allowed.
        let email = rp.authorize_url(&[("scope", Some("openid email"))]);
        browser.get_from_stranger(&email).await.code();
        // Another place is no more, another scope is.
        browser.get_from_stranger(&asking(&rp, r#"{"id_token":{"email":null}}"#)).await.code();
        let more = asking(&rp, r#"{"id_token":{"name":null,"email":null}}"#);
        browser.get_from_stranger(&format!("{more}&prompt=none")).await.answered("consent_required");
        browser.get_from_stranger(&more).await.sent_to(paths::CONSENT);
        browser.follow().await.shown(200, "See your profile new");
        browser.submit("#consent-deny", &[]).await.answered("access_denied");
        browser.get_from_stranger(&format!("{more}&prompt=none")).await.answered("consent_required");
        // Nor does any of it go to another client.
        let other = Rp::confidential(&house).await;
        let url = asking(&other, r#"{"userinfo":{"email":null}}"#);
        browser.get_from_stranger(&format!("{url}&prompt=none")).await.answered("consent_required");
    }

    async fn a_client_gets_no_claim_beyond_its_own_scope(db: Database) {
        let house = House::new(db).await;
        let mut granted = allowed(&house).await;
        change_client(&house, &granted.rp, |row| {
            row.scope = "openid email".parse().expect("a scope");
        })
        .await;
        let wanted = json!({ "userinfo": { "name": { "essential": true }, "email": null } });
        let (_, userinfo) = said(&mut granted, &wanted).await;
        assert_eq!(standard(&userinfo), ["email"]);
    }

    async fn a_subject_is_a_person_who_is_expected(db: Database) {
        let house = House::new(db).await;
        let mut granted = allowed(&house).await;
        let own = subject(&mut granted).await;
        let expects = |sub: &str| json!({ "id_token": { "sub": { "value": sub } } }).to_string();
        let url = format!("{}&prompt=none", asking(&granted.rp, &expects(&own)));
        granted.browser.get_from_stranger(&url).await.code();
        // Somebody else: never answered about whoever is there, with a page or without.
        let other = asking(&granted.rp, &expects("somebody-else"));
        granted.browser.get_from_stranger(&format!("{other}&prompt=none")).await.answered("login_required");
        granted.browser.get_from_stranger(&other).await.sent_to(paths::LOGIN);
        granted.browser.follow().await;
        sign_in(&mut granted.browser, &house).await;
        granted.browser.last().answered("login_required");
        // A hint at one and a claim of another are nobody.
        let hint = granted.tokens().await.id_token.expect("an ID token");
        for (url, code) in [(url, true), (format!("{other}&prompt=none"), false)] {
            let answer = granted.browser.get_from_stranger(&format!("{url}&id_token_hint={hint}")).await;
            match code {
                true => drop(answer.code()),
                false => drop(answer.answered("login_required")),
            }
        }
    }
}

#[tokio::test]
async fn only_what_has_a_wanted_value_is_said() {
    let house = sqlite().await;
    let mut granted = allowed(&house).await;
    let rows = [
        (json!(null), true),
        (json!({}), true),
        (json!({ "essential": false }), true),
        (json!({ "value": "ada@example.com" }), true),
        (json!({ "value": "bob@example.com" }), false),
        (
            json!({ "values": ["bob@example.com", "ada@example.com"] }),
            true,
        ),
        (json!({ "values": ["bob@example.com"] }), false),
        (json!({ "values": [] }), false),
        (
            json!({ "value": "bob@example.com", "essential": true }),
            false,
        ),
        // Members that nobody knows are ignored (§5.5.1).
        (json!({ "purpose": "why not" }), true),
    ];
    for (wish, given) in rows {
        let wanted = json!({ "id_token": { "email": wish }, "userinfo": { "email": wish } });
        let (id_token, userinfo) = said(&mut granted, &wanted).await;
        for place in [&id_token, &userinfo] {
            assert_eq!(place.get("email").is_some(), given, "{wish}: {place}");
        }
    }
}

#[tokio::test]
async fn what_is_not_known_is_ignored() {
    let house = sqlite().await;
    let mut granted = allowed(&house).await;
    let wanted = json!({
        "id_token": { "password_hash": { "essential": true }, "nationality": null, "role": null,
            "iss": { "value": "https://evil.example" }, "aud": null, "acr": { "value": "9" } },
        "userinfo": { "password_hash": null, "sub": { "value": "somebody" }, "email": null },
        "elsewhere": 5,
    });
    let (id_token, userinfo) = said(&mut granted, &wanted).await;
    assert_eq!(id_token["iss"], house.app.config.server.issuer.as_str());
    for unknown in ["password_hash", "nationality", "role"] {
        assert!(id_token.get(unknown).is_none() && userinfo.get(unknown).is_none());
    }
    assert_eq!(super::granted::names(&userinfo), ["email", "sub"]);
    assert_eq!(userinfo["sub"], id_token["sub"]);
}

#[tokio::test]
async fn do_3_what_is_no_claims_request_is_refused() {
    let house = sqlite().await;
    let mut granted = allowed(&house).await;
    let deep = format!(
        r#"{{"id_token":{{"email":{}null{}}}}}"#,
        r#"{"a":"#.repeat(1300),
        "}".repeat(1300)
    );
    let brackets = "[".repeat(8000);
    let long = format!(r#"{{"x":"{}"}}"#, "y".repeat(8 * 1024));
    let before = house.rows().await;
    let short = r#"x|[]|null|5|""|{|{}{}|{"id_token":[]}|{"id_token":5}|{"userinfo":"email"}
        |{"userinfo":["email"]}|{"userinfo":{"email":true}}|{"id_token":{"email":"x"}}
        |{"id_token":{"email":[]}}|{"id_token":{"sub":{"value":5}}}
        |{"id_token":{"sub":{"value":null}}}"#;
    let long_ones = [deep.as_str(), brackets.as_str(), long.as_str()];
    for wrong in short.split('|').map(str::trim).chain(long_ones) {
        let url = asking(&granted.rp, wrong);
        let answer = granted.browser.get_from_stranger(&url).await;
        answer.answered("invalid_request");
    }
    assert_eq!(house.rows().await, before);
    let most = format!(r#"{{"x":"{}"}}"#, "y".repeat(8 * 1024 - 8));
    granted
        .browser
        .get_from_stranger(&asking(&granted.rp, &most))
        .await
        .code();
}

#[tokio::test]
async fn an_essential_class_that_nobody_can_reach_ends_the_request() {
    let house = sqlite().await;
    let mut granted = allowed(&house).await;
    let own = doorward::oauth::acr::PASSWORD;
    for (wish, met) in [
        (json!({ "essential": true, "value": own }), true),
        (
            json!({ "essential": true, "values": ["urn:gold", own] }),
            true,
        ),
        (json!({ "essential": true }), true),
        (json!({ "value": "urn:gold" }), true),
        (json!({ "essential": true, "value": "urn:gold" }), false),
        (
            json!({ "essential": true, "values": ["urn:gold", 5] }),
            false,
        ),
    ] {
        let url = asking(
            &granted.rp,
            &json!({ "id_token": { "acr": wish } }).to_string(),
        );
        let answer = granted.browser.get_from_stranger(&url).await;
        match met {
            true => drop(answer.code()),
            false => drop(answer.answered("unmet_authentication_requirements")),
        }
    }
}
