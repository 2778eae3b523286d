//! The ID token (OpenID Connect Core §2): who signed in, when, how, and for whom this is said.

use chrono::TimeDelta;
use entity::value::SigningAlg;
use serde_json::json;

use super::{
    granted::{Granted, change_client, names, sqlite},
    jwt::{self, Jwt},
};
use crate::support::{database::both, house::House, rp::Rp};

/// The claims of an ID token of ours, sorted, but for `nonce` and `sid`.
const ALWAYS: [&str; 9] = [
    "acr",
    "amr",
    "at_hash",
    "aud",
    "auth_time",
    "exp",
    "iat",
    "iss",
    "sub",
];

both! {
    async fn an_id_token_says_who_signed_in_and_how(db: Database) {
        let house = House::new(db).await;
        for mut granted in [Granted::confidential(&house).await, Granted::public(&house).await] {
            let tokens = granted.tokens().await;
            let token = tokens.id_token.expect("an ID token");
            let claims = Jwt::id_token(&house, &token, &granted.rp.client_id).await.claims;
            let mut all = [&ALWAYS[..], &["nonce", "sid"]].concat();
            all.sort_unstable();
            assert_eq!(names(&claims), all);

            let session = granted.session().await;
            assert_eq!(claims["iss"], house.app.config.server.issuer);
            assert_eq!(claims["aud"], granted.rp.client_id);
            // A subject is the id unless the user was imported.
            assert_eq!(claims["sub"], json!(session.user_id));
            assert_eq!(claims["nonce"], granted.rp.nonce);
            assert_eq!(claims["auth_time"], session.auth_time.timestamp());
            assert_eq!(claims["sid"], json!(session.id));
            assert_eq!(claims["acr"], "urn:doorward:acr:password");
            assert_eq!(claims["amr"], json!(["pwd"]));
            assert_eq!(claims["at_hash"], jwt::at_hash(&tokens.access_token));
            let times = claims["iat"].as_i64().zip(claims["exp"].as_i64());
            let (iat, exp) = times.expect("whole seconds");
            assert_eq!(exp - iat, 300);
            assert!((house.app.clock.now().timestamp() - iat).abs() <= 30);
        }
    }

    async fn auth_time_stays_until_the_person_signs_in_again(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let first = jwt::claims(&granted.tokens().await.id_token.expect("an ID token"));
        house.turn(TimeDelta::minutes(2));
        let second = jwt::claims(&granted.tokens().await.id_token.expect("an ID token"));
        assert_eq!((&first["auth_time"], &first["sid"]), (&second["auth_time"], &second["sid"]));
        assert!(second["iat"].as_i64() > first["iat"].as_i64());

        let person = house.person().await;
        let url = granted.rp.authorize_url(&[("prompt", Some("login"))]);
        granted.browser.get_from_stranger(&url).await;
        granted.browser.follow().await;
        let typed = [("password", person.password)];
        granted.browser.submit("#login-form", &typed).await;
        let code = granted.browser.follow().await.code();
        let third = granted.rp.exchange(&code).await.tokens().id_token;
        let third = jwt::claims(&third.expect("an ID token"));
        assert!(third["auth_time"].as_i64() > second["auth_time"].as_i64());
        assert_eq!((&third["sid"], &third["sub"]), (&first["sid"], &first["sub"]));
    }

    /// OpenID Connect Core §12.2.
    async fn a_refresh_says_the_same_about_the_sign_in(db: Database) {
        let house = House::new(db).await;
        for mut granted in [Granted::confidential(&house).await, Granted::public(&house).await] {
            let tokens = granted.tokens().await;
            let first = jwt::claims(&tokens.id_token.expect("an ID token"));
            house.turn(TimeDelta::seconds(60));
            let refresh_token = tokens.refresh_token.expect("a refresh token");
            let tokens = granted.rp.refresh(&refresh_token).await.tokens();
            let token = tokens.id_token.expect("an ID token");
            let again = jwt::claims(&token);
            assert!(again.get("nonce").is_none(), "a nonce belongs to one request: {again}");
            for name in ["iss", "sub", "aud", "auth_time", "acr", "amr", "sid"] {
                assert_eq!(again[name], first[name], "{name}");
            }
            assert!(again["iat"].as_i64() > first["iat"].as_i64());
            assert_eq!(again["at_hash"], jwt::at_hash(&tokens.access_token));
        }
    }
}

#[tokio::test]
async fn a_nonce_comes_back_byte_for_byte_and_only_if_it_was_sent() {
    let house = sqlite().await;
    let mut granted = Granted::confidential(&house).await;
    let long = "n".repeat(1024);
    for nonce in [
        None,
        Some("a b+c%20&d=e\"\\/é"),
        Some(long.as_str()),
        Some("0"),
    ] {
        let code = granted.code_for(&[("nonce", nonce)]).await;
        let token = granted.rp.exchange(&code).await.tokens().id_token;
        let claims = jwt::claims(&token.expect("an ID token"));
        assert_eq!(
            claims.get("nonce"),
            nonce.map(|nonce| json!(nonce)).as_ref()
        );
    }
}

#[tokio::test]
async fn identity_claims_are_in_it_only_for_clients_that_read_nothing_else() {
    let house = sqlite().await;
    let rp = Rp::with(&house, |new| new.claims_in_id_token = true).await;
    let mut granted = Granted::to(&house, rp).await;
    let token = granted.tokens().await.id_token.expect("an ID token");
    let claims = Jwt::id_token(&house, &token, &granted.rp.client_id)
        .await
        .claims;
    let mut all = [&ALWAYS[..], &["email", "email_verified", "nonce", "sid"]].concat();
    all.sort_unstable();
    assert_eq!(names(&claims), all);
    assert_eq!(
        (&claims["email"], &claims["email_verified"]),
        (&json!("ada@example.com"), &json!(true))
    );
}

#[tokio::test]
async fn a_client_has_its_own_algorithm() {
    let house = sqlite().await;
    let mut granted = Granted::confidential(&house).await;
    change_client(&house, &granted.rp, |row| {
        row.id_token_signed_response_alg = SigningAlg::ES256;
        row.access_token_signed_response_alg = SigningAlg::RS256;
    })
    .await;
    let tokens = granted.tokens().await;
    let token = tokens.id_token.expect("an ID token");
    let kind = ("JWT", "ES256");
    let read = Jwt::verified(&house, &token, &granted.rp.client_id, kind).await;
    assert_eq!(read.claims["at_hash"], jwt::at_hash(&tokens.access_token));
    let audience = house.app.config.default_audience();
    let kind = ("at+jwt", "RS256");
    Jwt::verified(&house, &tokens.access_token, audience, kind).await;
}

/// Who signed in first is not who finishes first.
#[tokio::test]
async fn co_8_each_code_is_about_the_person_who_got_it() {
    use doorward::accounts::operate::{self, Wanted};
    use entity::value::Role;

    let house = sqlite().await;
    let wanted = Wanted {
        email: "grace@example.com",
        name: "Grace Hopper",
        password: Some("a compiler of nine nouns"),
        email_verified: false,
        role: Role::User,
        claims: None,
        image: None,
    };
    let grace = operate::add(&house.app, wanted).await.expect("a new user");
    let mut ada = Granted::confidential(&house).await;
    let url = ada.rp.authorize_url(&[("scope", Some("openid"))]);
    let mut browser = house.browser();
    browser.get_from_stranger(&url).await;
    browser.follow().await;
    let typed = [
        ("email", wanted.email),
        ("password", "a compiler of nine nouns"),
    ];
    browser.submit("#login-form", &typed).await;
    browser.follow().await;
    browser.submit("#consent-approve", &[]).await;
    let mut hers = browser.follow().await.code();
    let session = ada.session().await;
    let silent = ada
        .rp
        .authorize_url(&[("scope", Some("openid")), ("prompt", Some("none"))]);
    for _ in 0..10 {
        let code = ada.code().await;
        let sub = async |code: &str| {
            let token = ada.rp.exchange(code).await.tokens().id_token;
            jwt::claims(&token.expect("an ID token"))["sub"].clone()
        };
        assert_eq!(sub(&hers).await, json!(grace.subject));
        assert_eq!(sub(&code).await, json!(session.user_id));
        hers = browser.get_from_stranger(&silent).await.code();
    }
}
