//! Client keys: by reference, turned, and in assertions.

use chrono::TimeDelta;
use doorward::paths;
use serde_json::json;

use super::{
    Variant,
    client::{ASSERTION_TYPE, Client},
    suite::Suite,
};
use crate::support::{answer::Answer, dpop::DpopKey};

/// Publishes keys where a client says that they are.
fn publish(suite: &Suite, kid: &str, key: &DpopKey) -> String {
    let mut jwk = key.jwk.clone();
    jwk["kid"] = json!(kid);
    jwk["use"] = json!("sig");
    let keys = json!({ "keys": [jwk] }).to_string();
    suite.web.put("/jwks.json", "application/json", keys)
}

/// A token request with an assertion that is signed by this key.
async fn signed_by(
    client: &Client<'_>,
    (kid, key): (&str, &DpopKey),
    form: &[(&str, &str)],
) -> Answer {
    let suite = client.suite;
    let now = suite.house.app.clock.now().timestamp();
    let claims = json!({
        "iss": client.id, "sub": client.id, "aud": suite.house.url(paths::TOKEN).as_str(),
        "jti": doorward::crypto::secret::random_id::<16>(), "iat": now, "exp": now + 60,
    });
    let header = json!({ "alg": key.alg, "kid": kid }).to_string();
    let assertion = key.sign(&header, &claims.to_string());
    let mut form = form.to_vec();
    form.push(("client_assertion_type", ASSERTION_TYPE));
    form.push(("client_assertion", &assertion));
    suite.house.post(paths::TOKEN).form(&form).await
}

pub async fn oidcc_registration_jwks_uri(variant: Variant) {
    let suite = Suite::begin().await;
    let key = DpopKey::new();
    let uri = publish(&suite, "one", &key);
    let with = json!({ "jwks": null, "jwks_uri": uri });
    let client = Client::with(&suite, variant, with).await;
    let code = client
        .authorize(&mut suite.browser(), &[])
        .await
        .get("code");
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", client.redirect_uri.as_str()),
    ];
    signed_by(&client, ("one", &key), &form).await.tokens();
    client.end().await;
}

pub async fn oidcc_refresh_token_rp_key_rotation(variant: Variant) {
    let suite = Suite::begin().await;
    let (first, second) = (DpopKey::new(), DpopKey::new());
    let uri = publish(&suite, "first", &first);
    let with = json!({
        "jwks": null,
        "jwks_uri": uri,
        "grant_types": ["authorization_code", "refresh_token"],
    });
    let client = Client::with(&suite, variant, with).await;
    let changes = [
        ("scope", Some("openid offline_access")),
        ("prompt", Some("consent")),
    ];
    let code = client
        .authorize(&mut suite.browser(), &changes)
        .await
        .get("code");
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", client.redirect_uri.as_str()),
    ];
    let tokens = signed_by(&client, ("first", &first), &form).await.tokens();
    let refresh = tokens.refresh_token.expect("a refresh token");
    publish(&suite, "second", &second);
    suite.house.turn(TimeDelta::seconds(60));
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.as_str()),
    ];
    signed_by(&client, ("second", &second), &form)
        .await
        .tokens();
    client.end().await;
}

pub async fn oidcc_ensure_client_assertion_with_iss_aud_succeeds(variant: Variant) {
    let suite = Suite::begin().await;
    let client = Client::register(&suite, variant).await;
    let code = client
        .authorize(&mut suite.browser(), &[])
        .await
        .get("code");
    let issuer = &suite.house.app.config.server.issuer;
    let assertion = client.assertion(json!({ "aud": issuer }));
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", client.redirect_uri.as_str()),
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", &assertion),
    ];
    suite.house.post(paths::TOKEN).form(&form).await.tokens();
    client.end().await;
}
