//! Codes: each is good once; and what refresh tokens and PKCE add.

use chrono::TimeDelta;
use doorward::paths;
use serde_json::json;

use super::{Variant, client::Client, seen::id_token, suite::Suite};

pub async fn oidcc_codereuse(variant: Variant) {
    let suite = Suite::begin().await;
    let client = Client::register(&suite, variant).await;
    let mut browser = suite.browser();
    let code = client.authorize(&mut browser, &[]).await.get("code");
    client.exchange(&code).await.tokens();
    client
        .exchange(&code)
        .await
        .oauth_error(400, "invalid_grant");
    client.end().await;
}

pub async fn oidcc_codereuse_30seconds(variant: Variant) {
    let suite = Suite::begin().await;
    let client = Client::register(&suite, variant).await;
    let mut browser = suite.browser();
    let code = client.authorize(&mut browser, &[]).await.get("code");
    let tokens = client.exchange(&code).await.tokens();
    suite.house.turn(TimeDelta::seconds(30));
    client
        .exchange(&code)
        .await
        .oauth_error(400, "invalid_grant");
    let call = suite
        .house
        .get(paths::USERINFO)
        .bearer(&tokens.access_token);
    call.await.bearer_error(401, "invalid_token");
    client.end().await;
}

pub async fn oidcc_refresh_token(variant: Variant) {
    let suite = Suite::begin().await;
    let with = json!({ "grant_types": ["authorization_code", "implicit", "refresh_token"] });
    let mut held = Vec::new();
    for _ in 0..2 {
        let client = Client::with(&suite, variant, with.clone()).await;
        let mut browser = suite.browser();
        let changes = [
            ("scope", Some("openid offline_access")),
            ("prompt", Some("consent")),
        ];
        let code = client.authorize(&mut browser, &changes).await.get("code");
        let tokens = client.exchange(&code).await.tokens();
        held.push((client, tokens));
    }
    let [(one, first), (two, other)] = held.try_into().unwrap_or_else(|_| panic!("two clients"));
    let nonce = Some(one.nonce.as_str());
    let before = id_token(&one, &first.id_token.expect("an ID token"), "RS256", nonce).await;
    suite.house.turn(TimeDelta::seconds(2));
    let refresh = first.refresh_token.expect("a refresh token");
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.as_str()),
    ];
    let next = one.token(&form).await.tokens();
    assert_ne!(next.access_token, first.access_token);
    let after = id_token(&one, &next.id_token.expect("an ID token"), "RS256", None).await;
    for name in ["iss", "sub", "aud", "auth_time"] {
        assert_eq!(before[name], after[name], "{name}");
    }
    let stolen = other.refresh_token.expect("a refresh token");
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", stolen.as_str()),
    ];
    one.token(&form).await.oauth_error(400, "invalid_grant");
    one.end().await;
    two.end().await;
}

pub async fn oidcc_ensure_request_with_valid_pkce_succeeds(variant: Variant) {
    let suite = Suite::begin().await;
    let client = Client::register(&suite, variant).await;
    let mut browser = suite.browser();
    let challenge = client.code_challenge();
    let changes = [
        ("code_challenge", Some(challenge.as_str())),
        ("code_challenge_method", Some("S256")),
    ];
    let code = client.authorize(&mut browser, &changes).await.get("code");
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", client.redirect_uri.as_str()),
        ("code_verifier", client.code_verifier.as_str()),
    ];
    client.token(&form).await.tokens();
    client.end().await;
}
