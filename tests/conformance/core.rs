//! Core: what an answer holds, how it travels, how userinfo is asked.

use doorward::paths;
use serde_json::{Value, json};

use super::{
    Variant,
    client::Client,
    seen::{id_token, left_half, says_nothing_unasked},
    suite::Suite,
};

pub async fn oidcc_server(variant: Variant) {
    let suite = Suite::begin().await;
    let client = Client::register(&suite, variant).await;
    let mut browser = suite.browser();
    let seen = client.authorize(&mut browser, &[]).await;
    let mut subjects = Vec::new();
    let front = variant.has("token").then(|| seen.get("access_token"));
    let code = variant.has("code").then(|| seen.get("code"));
    if variant.has("id_token") {
        let claims = id_token(&client, &seen.get("id_token"), "RS256", Some(&client.nonce)).await;
        let half = |text: &Option<String>| text.as_deref().map(left_half);
        let named = |name: &str| claims[name].as_str().map(str::to_owned);
        assert_eq!(named("at_hash"), half(&front), "{claims}");
        assert_eq!(named("c_hash"), half(&code), "{claims}");
        says_nothing_unasked(&claims);
        subjects.push(claims["sub"].clone());
    }
    if let Some(token) = &front {
        assert_eq!(seen.get("token_type"), "Bearer");
        assert!(
            seen.get("expires_in")
                .parse::<u32>()
                .is_ok_and(|life| life > 0)
        );
        subjects.push(client.userinfo(token).await["sub"].clone());
    }
    if let Some(code) = &code {
        assert!(code.len() * 6 >= 128, "{code}");
        let tokens = client.exchange(code).await.tokens();
        let token = tokens.id_token.expect("an ID token");
        let claims = id_token(&client, &token, "RS256", Some(&client.nonce)).await;
        if let Some(hash) = claims.get("at_hash") {
            assert_eq!(*hash, json!(left_half(&tokens.access_token)));
        }
        says_nothing_unasked(&claims);
        subjects.push(claims["sub"].clone());
        subjects.push(client.userinfo(&tokens.access_token).await["sub"].clone());
    }
    subjects.dedup();
    assert_eq!(subjects.len(), 1, "{subjects:?}");
    client.end().await;
}

pub async fn oidcc_response_type_missing(variant: Variant) {
    let suite = Suite::begin().await;
    let client = Client::register(&suite, variant).await;
    let mut browser = suite.browser();
    let seen = client
        .authorize(&mut browser, &[("response_type", None)])
        .await;
    seen.error(&["invalid_request", "unsupported_response_type"]);
    client.end().await;
}

pub async fn oidcc_idtoken_signature(variant: Variant) {
    let suite = Suite::begin().await;
    let client = Client::register(&suite, variant).await;
    let mut browser = suite.browser();
    let seen = client.authorize(&mut browser, &[]).await;
    let token = match variant.has("id_token") {
        true => seen.get("id_token"),
        false => {
            let tokens = client.exchange(&seen.get("code")).await.tokens();
            tokens.id_token.expect("an ID token")
        }
    };
    id_token(&client, &token, "RS256", Some(&client.nonce)).await;
    client.end().await;
}

/// An access token, from wherever the variant gives one.
pub async fn access_token(
    client: &Client<'_>,
    scope: &str,
    claims: Option<&str>,
) -> (String, Value) {
    let mut browser = client.suite.browser();
    let changes = [("scope", Some(scope)), ("claims", claims)];
    let seen = client.authorize(&mut browser, &changes).await;
    let nonce = Some(client.nonce.as_str());
    if client.variant.has("code") {
        let tokens = client.exchange(&seen.get("code")).await.tokens();
        let token = tokens.id_token.expect("an ID token");
        let said = id_token(client, &token, "RS256", nonce).await;
        return (tokens.access_token, said);
    }
    let said = id_token(client, &seen.get("id_token"), "RS256", nonce).await;
    let token = client
        .variant
        .has("token")
        .then(|| seen.get("access_token"));
    (token.unwrap_or_default(), said)
}

pub async fn oidcc_userinfo_get(variant: Variant) {
    let suite = Suite::begin().await;
    let client = Client::register(&suite, variant).await;
    let (token, said) = access_token(&client, "openid", None).await;
    assert_eq!(client.userinfo(&token).await["sub"], said["sub"]);
    client.end().await;
}

pub async fn oidcc_userinfo_post_header(variant: Variant) {
    let suite = Suite::begin().await;
    let client = Client::register(&suite, variant).await;
    let (token, said) = access_token(&client, "openid", None).await;
    let answer = suite.house.post(paths::USERINFO).bearer(&token).await.ok();
    assert_eq!(answer["sub"], said["sub"]);
    client.end().await;
}

pub async fn oidcc_userinfo_post_body(variant: Variant) {
    let suite = Suite::begin().await;
    let client = Client::register(&suite, variant).await;
    let (token, said) = access_token(&client, "openid", None).await;
    let call = suite
        .house
        .post(paths::USERINFO)
        .form(&[("access_token", &token)]);
    assert_eq!(call.await.ok()["sub"], said["sub"]);
    client.end().await;
}

pub async fn oidcc_ensure_request_without_nonce_succeeds_for_code_flow(variant: Variant) {
    let suite = Suite::begin().await;
    let client = Client::register(&suite, variant).await;
    let mut browser = suite.browser();
    let seen = client.authorize(&mut browser, &[("nonce", None)]).await;
    let tokens = client.exchange(&seen.get("code")).await.tokens();
    id_token(
        &client,
        &tokens.id_token.expect("an ID token"),
        "RS256",
        None,
    )
    .await;
    client.end().await;
}

pub async fn oidcc_ensure_request_without_nonce_fails(variant: Variant) {
    let suite = Suite::begin().await;
    let client = Client::register(&suite, variant).await;
    let mut browser = suite.browser();
    let seen = client.authorize(&mut browser, &[("nonce", None)]).await;
    seen.error(&["invalid_request"]);
    client.end().await;
}

pub async fn oidcc_alternate_happy_flow(variant: Variant) {
    let suite = Suite::begin().await;
    let client = Client::register(&suite, variant).await;
    let mut browser = suite.browser();
    let changes = [("scope", Some("email openid"))];
    let mut request = client.request(&changes);
    request.reverse();
    browser.get_from_stranger(&client.url_of(&request)).await;
    super::client::finish(&mut browser).await;
    let seen = super::seen::Seen::read(&client, browser.last(), &changes);
    for word in variant.response_type.split(' ') {
        let member = if word == "token" {
            "access_token"
        } else {
            word
        };
        assert!(seen.has(member), "{word}");
    }
    client.end().await;
}

pub async fn oidcc_ensure_registered_redirect_uri(variant: Variant) {
    let suite = Suite::begin().await;
    let client = Client::register(&suite, variant).await;
    let mut browser = suite.browser();
    let foreign = "https://suite.example/test/a/doorward/callback/elsewhere";
    let url = client.url(&[("redirect_uri", Some(foreign))]);
    browser
        .get_from_stranger(&url)
        .await
        .shown(400, "Authorization error");
    client.end().await;
}

pub async fn oidcc_ensure_post_request_succeeds(variant: Variant) {
    let suite = Suite::begin().await;
    let client = Client::register(&suite, variant).await;
    let mut browser = suite.browser();
    let request = client.request(&[]);
    let pairs: Vec<_> = request
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    browser
        .post_from_stranger(paths::AUTHORIZE, &pairs)
        .await
        .is(303);
    super::client::finish(&mut browser).await;
    super::seen::Seen::read(&client, browser.last(), &[]).get("code");
    client.end().await;
}

pub async fn oidcc_server_client_secret_post(variant: Variant) {
    oidcc_server(Variant {
        auth: "client_secret_post",
        ..variant
    })
    .await;
}
