//! Tokens that are bound to a certificate (RFC 8705 §3): good with it, and in nobody else's hands.

use doorward::{clients::register::NewClient, paths};
use entity::value::Profile;
use poem::http::Method;
use serde_json::Value;

use super::{
    clients::by_keys,
    made::{Made, jwks},
    served::Served,
};
use crate::support::{answer::Answer, database::Database, expect::Tokens, rp::Rp};

/// A client whose tokens are bound.
fn bound(new: &mut NewClient, keys: &[&Made]) {
    by_keys(new, jwks(keys));
    new.metadata.tls_client_certificate_bound_access_tokens = Some(true);
}

/// What a JWT says.
fn claims(token: &str) -> Value {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let part = token.split('.').nth(1).expect("a JWT");
    let json = URL_SAFE_NO_PAD.decode(part).expect("base64url");
    serde_json::from_slice(&json).expect("claims")
}

/// A form of the client, sent with a certificate.
async fn sends(served: &Served, path: &str, by: &Made, form: &[(&str, &str)]) -> Answer {
    served.call(Method::POST, path, Some(by)).form(form).await
}

/// The tokens for a person's sign-in, redeemed with a certificate.
async fn signed_in(served: &Served, rp: &Rp<'_>, by: &Made) -> Tokens {
    let code = rp.sign_in(&mut served.house.browser()).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", &rp.client_id),
        ("code", &code),
        ("redirect_uri", &rp.redirect_uri),
        ("code_verifier", &rp.code_verifier),
    ];
    sends(served, paths::TOKEN, by, &form).await.tokens()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bound_token_opens_userinfo_only_with_its_certificate() {
    let served = Served::new(Database::sqlite().await).await;
    let own = Made::alone(|_| ());
    let rp = Rp::with(&served.house, |new| bound(new, &[&own])).await;
    let token = signed_in(&served, &rp, &own).await.access_token;
    assert_eq!(claims(&token)["cnf"]["x5t#S256"], own.thumbprint());

    let with = |by| served.call(Method::GET, paths::USERINFO, by).bearer(&token);
    assert_eq!(with(Some(&own)).await.ok()["email"], "ada@example.com");
    with(None).await.bearer_error(401, "invalid_token");
    // The same key in another certificate is another certificate.
    for other in [&Made::alone(|_| ()), &own.again()] {
        let answer = served.call(Method::GET, paths::USERINFO, Some(other));
        let answer = answer.bearer(&token).await;
        answer.bearer_error(401, "invalid_token");
    }
    let plain = served.house.get(paths::USERINFO).bearer(&token).await;
    plain.bearer_error(401, "invalid_token");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn introspection_says_to_which_certificate_a_token_is_bound() {
    let served = Served::new(Database::sqlite().await).await;
    let own = Made::alone(|_| ());
    let rp = Rp::with(&served.house, |new| bound(new, &[&own])).await;
    let id = ("client_id", rp.client_id.as_str());
    let form = [("grant_type", "client_credentials"), id];
    let token = sends(&served, paths::TOKEN, &own, &form).await.tokens();
    let form = [("token", token.access_token.as_str()), id];
    let told = sends(&served, paths::INTROSPECT, &own, &form).await.ok();
    assert_eq!(told["active"], true);
    assert_eq!(told["token_type"], "Bearer");
    assert_eq!(told["cnf"]["x5t#S256"], own.thumbprint());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_turns_its_certificate_keeps_its_grants() {
    let served = Served::new(Database::sqlite().await).await;
    let (old, new_one) = (Made::alone(|_| ()), Made::alone(|_| ()));
    let rp = Rp::with(&served.house, |new| bound(new, &[&old, &new_one])).await;
    let tokens = signed_in(&served, &rp, &old).await;
    let refresh_token = tokens.refresh_token.expect("a refresh token");
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", &rp.client_id),
        ("refresh_token", &refresh_token),
    ];
    // RFC 8705 §4: of a confidential client the certificate of now counts.
    let renewed = sends(&served, paths::TOKEN, &new_one, &form).await.tokens();
    let cnf = &claims(&renewed.access_token)["cnf"];
    assert_eq!(cnf["x5t#S256"], new_one.thumbprint());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_token_of_a_public_client_is_bound_too() {
    let served = Served::new(Database::sqlite().await).await;
    let (own, other) = (Made::alone(|_| ()), Made::alone(|_| ()));
    let rp = Rp::with(&served.house, |new| {
        new.public = true;
        new.metadata.tls_client_certificate_bound_access_tokens = Some(true);
    })
    .await;
    let tokens = signed_in(&served, &rp, &own).await;
    assert_eq!(
        claims(&tokens.access_token)["cnf"]["x5t#S256"],
        own.thumbprint()
    );
    let refresh_token = tokens.refresh_token.expect("a refresh token");
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", &rp.client_id),
        ("refresh_token", &refresh_token),
    ];
    let stolen = sends(&served, paths::TOKEN, &other, &form).await;
    stolen.oauth_error(400, "invalid_grant");
    sends(&served, paths::TOKEN, &own, &form).await.tokens();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whose_tokens_are_bound_gets_none_without_a_certificate() {
    let served = Served::new(Database::sqlite().await).await;
    let rp = Rp::with(&served.house, |new| {
        new.metadata.tls_client_certificate_bound_access_tokens = Some(true);
    })
    .await;
    let secret = rp.client_secret.as_deref().expect("a secret");
    let ask = |by: Option<&Made>| {
        served
            .call(Method::POST, paths::TOKEN, by)
            .basic(&rp.client_id, secret)
            .form(&[("grant_type", "client_credentials")])
    };
    ask(None).await.oauth_error(400, "invalid_request");
    let own = Made::alone(|_| ());
    let token = ask(Some(&own)).await.tokens().access_token;
    assert_eq!(claims(&token)["cnf"]["x5t#S256"], own.thumbprint());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_only_proves_themselves_gets_a_token_for_every_place() {
    let served = Served::new(Database::sqlite().await).await;
    let own = Made::alone(|_| ());
    let rp = Rp::with(&served.house, |new| by_keys(new, jwks(&[&own]))).await;
    let token = signed_in(&served, &rp, &own).await.access_token;
    assert!(claims(&token).get("cnf").is_none());
    served.house.get(paths::USERINFO).bearer(&token).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_profile_fapi2_binds_tokens_to_the_certificate_at_hand() {
    let served = Served::new(Database::sqlite().await).await;
    let own = Made::alone(|_| ());
    let rp = Rp::with(&served.house, |new| {
        by_keys(new, jwks(&[&own]));
        new.profile = Profile::Fapi2;
        new.id_token_alg = entity::value::SigningAlg::ES256;
    })
    .await;
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", &rp.client_id),
    ];
    let token = sends(&served, paths::TOKEN, &own, &form).await.tokens();
    let cnf = &claims(&token.access_token)["cnf"];
    assert_eq!(cnf["x5t#S256"], own.thumbprint());
}
