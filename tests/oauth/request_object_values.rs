//! Request objects by value: what may stand in them, how long they may be, and what is said where
//! they are off.

use chrono::TimeDelta;
use entity::value::Profile;
use serde_json::{Value, json};

use super::{
    granted::Granted,
    jwt::claims,
    pushing::{Signing, form, object, push},
};
use crate::support::{database::Database, house::House};

#[tokio::test]
async fn parameters_that_are_no_text_are_read_as_what_they_are() {
    let house = House::new(Database::sqlite().await).await;
    let signing = Signing::es256();
    let mut granted = Granted::to(&house, signing.client(&house, |_| ()).await).await;
    let (rp, browser) = (&granted.rp, &mut granted.browser);
    let with = |changes: Value| {
        let signed = signing.sign(&object(&house, rp, &changes));
        rp.authorize_url(&[("request", Some(&signed)), ("prompt", Some("none"))])
    };
    house.turn(TimeDelta::seconds(30));
    let fresh = browser
        .get_from_stranger(&with(json!({ "max_age": 10 })))
        .await;
    fresh.answered("login_required");
    browser
        .get_from_stranger(&with(json!({ "max_age": 3600 })))
        .await
        .code();
    browser
        .get_from_stranger(&with(json!({ "max_age": -1 })))
        .await
        .answered("invalid_request");
    let issuer = &house.app.config.server.issuer;
    browser
        .get_from_stranger(&with(json!({ "resource": [issuer, issuer] })))
        .await
        .code();
    let unknown = with(json!({ "resource": [issuer, "https://unknown.example"] }));
    browser
        .get_from_stranger(&unknown)
        .await
        .answered("invalid_target");
    let wish = json!({ "claims": { "id_token": { "email": { "essential": true } } } });
    let code = browser.get_from_stranger(&with(wish)).await.code();
    let id_token = rp
        .exchange(&code)
        .await
        .tokens()
        .id_token
        .expect("an ID token");
    assert_eq!(claims(&id_token)["email"], "ada@example.com");
}

#[tokio::test]
async fn an_object_of_16_kib_is_read_and_a_longer_one_is_not() {
    let house = House::new(Database::sqlite().await).await;
    let signing = Signing::es256();
    let rp = signing.client(&house, |_| ()).await;
    let of = |length: usize| {
        let filled = object(&house, &rp, &json!({ "unknown": "x".repeat(length) }));
        signing.sign(&filled)
    };
    let bare = of(0).len();
    let fits = of((16 * 1024 - bare) * 3 / 4 - 2);
    assert!((16_370..=16_384).contains(&fits.len()), "{}", fits.len());
    push(&rp, &[("request", Some(&fits))]).await.is(201);
    let long = of((16 * 1024 - bare) * 3 / 4 + 4);
    assert!(
        long.len() > 16 * 1024 && long.len() < 16_400,
        "{}",
        long.len()
    );
    push(&rp, &[("request", Some(&long))])
        .await
        .oauth_error(400, "invalid_request_object");
}

#[tokio::test]
async fn where_objects_are_off_they_are_refused_by_name() {
    let database = Database::sqlite().await;
    let house = House::with(database, |config| config.features.request_objects = false).await;
    let signing = Signing::es256();
    let rp = signing
        .client(&house, |new| new.profile = Profile::Oidc)
        .await;
    let signed = signing.sign(&object(&house, &rp, &json!({})));
    let mut browser = house.browser();
    for request in [signed.as_str(), "x", ""] {
        let url = rp.authorize_url(&[("request", Some(request))]);
        browser
            .get_from_stranger(&url)
            .await
            .answered("request_not_supported");
        push(&rp, &[("request", Some(request))])
            .await
            .oauth_error(400, "request_not_supported");
        let foreign = [
            ("request", Some(request)),
            ("redirect_uri", Some("https://evil.example/")),
        ];
        let url = rp.authorize_url(&foreign);
        browser
            .get_from_stranger(&url)
            .await
            .shown(400, "Authorization error");
    }
    let usual = form(&rp, &[]);
    assert!(usual.iter().all(|(name, _)| name != "request"));
}

#[tokio::test]
async fn a_request_holds_one_object_at_most() {
    let database = Database::sqlite().await;
    let house = House::with(database, |config| config.features.request_uri = true).await;
    let signing = Signing::es256();
    let rp = signing.client(&house, |_| ()).await;
    let signed = signing.sign(&object(&house, &rp, &json!({})));
    let both = [
        ("request", Some(signed.as_str())),
        ("request_uri", Some("https://app.example/r")),
    ];
    let mut browser = house.browser();
    browser
        .get_from_stranger(&rp.authorize_url(&both))
        .await
        .answered("invalid_request");
    let twice = format!(
        "{}&request={signed}",
        rp.authorize_url(&[("request", Some(&signed))])
    );
    browser
        .get_from_stranger(&twice)
        .await
        .answered("invalid_request");
}
