//! Dynamic: clients that register themselves, keys that turn, sector identifiers, what is published.

use doorward::paths;
use serde_json::{Value, json};

use super::{
    Variant,
    client::{Client, finish},
    seen::id_token,
    suite::Suite,
};

pub async fn oidcc_idtoken_rs256(variant: Variant) {
    let suite = Suite::begin().await;
    let with = json!({ "id_token_signed_response_alg": "RS256" });
    let client = Client::with(&suite, variant, with).await;
    let tokens = client.tokens(&mut suite.browser()).await;
    let token = tokens.id_token.expect("an ID token");
    id_token(&client, &token, "RS256", Some(&client.nonce)).await;
    client.end().await;
}

pub async fn oidcc_userinfo_rs256(variant: Variant) {
    let suite = Suite::begin().await;
    let with = json!({ "userinfo_signed_response_alg": "RS256" });
    let client = Client::with(&suite, variant, with).await;
    let tokens = client.tokens(&mut suite.browser()).await;
    let call = suite
        .house
        .get(paths::USERINFO)
        .bearer(&tokens.access_token);
    let answer = call.await;
    answer
        .is(200)
        .has("Content-Type", |kind| kind.starts_with("application/jwt"));
    let keys = suite.house.get(paths::JWKS).await.ok();
    let read = doorward::crypto::jwks::verify(
        &keys,
        &answer.body,
        None,
        &[doorward::crypto::jwks::JwsAlg::RS256],
    );
    let claims = read.expect("a signature that fits").claims;
    assert_eq!(claims["iss"], suite.house.app.config.server.issuer.as_str());
    assert_eq!(claims["aud"], client.id.as_str());
    assert!(claims.contains_key("sub") && !claims.contains_key("nonce"));
    client.end().await;
}

pub async fn oidcc_ensure_redirect_uri_in_authorization_request(variant: Variant) {
    let suite = Suite::begin().await;
    let two = ["https://suite.example/one", "https://suite.example/two"];
    let client = Client::with(&suite, variant, json!({ "redirect_uris": two })).await;
    let url = client.url(&[("redirect_uri", None)]);
    suite
        .browser()
        .get_from_stranger(&url)
        .await
        .shown(400, "Authorization error");
    client.end().await;
}

const WITH_QUERY: &str = "https://suite.example/test/a/doorward/callback?bar=foo";

pub async fn oidcc_redirect_uri_query_ok(variant: Variant) {
    let suite = Suite::begin().await;
    let client = Client::with(&suite, variant, json!({ "redirect_uris": [WITH_QUERY] })).await;
    // Reading the answer sees that the query is still there.
    client.tokens(&mut suite.browser()).await;
    client.end().await;
}

pub async fn oidcc_redirect_uri_query_mismatch(variant: Variant) {
    let other = "https://suite.example/test/a/doorward/callback?bar=other";
    is_not_registered(variant, json!({ "redirect_uris": [WITH_QUERY] }), other).await;
}

pub async fn oidcc_redirect_uri_query_added(variant: Variant) {
    is_not_registered(variant, json!({}), WITH_QUERY).await;
}

async fn is_not_registered(variant: Variant, with: Value, sent: &str) {
    let suite = Suite::begin().await;
    let client = Client::with(&suite, variant, with).await;
    let url = client.url(&[("redirect_uri", Some(sent))]);
    suite
        .browser()
        .get_from_stranger(&url)
        .await
        .shown(400, "Authorization error");
    client.end().await;
}

pub async fn oidcc_redirect_uri_regfrag(variant: Variant) {
    let suite = Suite::begin().await;
    let with = json!({ "redirect_uris": ["https://suite.example/callback#foobar"] });
    let answer = Client::attempt(&suite, variant, with).await;
    answer.oauth_error(400, "invalid_redirect_uri");
}

/// What the sign-in page shows of a client that registered this.
async fn shown(variant: Variant, with: Value, fits: impl Fn(&str) -> bool) {
    let suite = Suite::begin().await;
    suite.web.put("/logo.png", "image/png", PIXEL);
    let client = Client::with(&suite, variant, with).await;
    let mut browser = suite.browser();
    browser.get_from_stranger(&client.url(&[])).await;
    let page = browser.follow().await;
    page.shown(200, "Sign in");
    let html = page.body.replace("&#x2f;", "/");
    assert!(fits(&html), "{html}");
    client.end().await;
}

/// The smallest picture.
const PIXEL: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\0\x05\0\x01\xff\x89\x99=\x1d\0\0\0\0IEND\xaeB`\x82";

pub async fn oidcc_registration_logo_uri(variant: Variant) {
    let with = json!({ "logo_uri": "https://suite.example/logo.png" });
    shown(variant, with, |html| html.contains("<img")).await;
}

pub async fn oidcc_registration_policy_uri(variant: Variant) {
    let with = json!({ "policy_uri": "https://suite.example/policy" });
    shown(variant, with, |html| {
        html.contains("href=\"https://suite.example/policy\"")
    })
    .await;
}

pub async fn oidcc_registration_tos_uri(variant: Variant) {
    let with = json!({ "tos_uri": "https://suite.example/tos" });
    shown(variant, with, |html| {
        html.contains("href=\"https://suite.example/tos\"")
    })
    .await;
}

pub async fn oidcc_registration_sector_uri(variant: Variant) {
    let suite = Suite::begin().await;
    let list = json!([super::client::CALLBACK]).to_string();
    let uri = suite.web.put("/sector.json", "application/json", list);
    let with = json!({ "subject_type": "pairwise", "sector_identifier_uri": uri });
    let client = Client::with(&suite, variant, with).await;
    let tokens = client.tokens(&mut suite.browser()).await;
    let token = tokens.id_token.expect("an ID token");
    let claims = id_token(&client, &token, "RS256", Some(&client.nonce)).await;
    assert_eq!(
        client.userinfo(&tokens.access_token).await["sub"],
        claims["sub"]
    );
    client.end().await;
}

pub async fn oidcc_registration_sector_bad(variant: Variant) {
    let suite = Suite::begin().await;
    let list = json!(["https://suite.example/another"]).to_string();
    let uri = suite.web.put("/sector.json", "application/json", list);
    let with = json!({ "subject_type": "pairwise", "sector_identifier_uri": uri });
    let answer = Client::attempt(&suite, variant, with).await;
    answer.oauth_error(400, "invalid_client_metadata");
}

pub async fn oidcc_3rd_party_init_login(variant: Variant) {
    let suite = Suite::begin().await;
    let uri = "https://suite.example/initiate";
    let client = Client::with(&suite, variant, json!({ "initiate_login_uri": uri })).await;
    assert_eq!(client.registered["initiate_login_uri"], uri);
    let (url, token) = client.management();
    let read = suite.house.get(&url).bearer(&token).await.ok();
    assert_eq!(read["initiate_login_uri"], uri);
    finish(&mut opened(&suite, &client).await).await;
    client.end().await;
}

async fn opened<'a>(suite: &'a Suite, client: &Client<'a>) -> crate::support::browser::Browser<'a> {
    let mut browser = suite.browser();
    browser.get_from_stranger(&client.url(&[])).await;
    browser
}

pub async fn oidcc_3rd_party_init_login_nohttps(variant: Variant) {
    let suite = Suite::begin().await;
    let with = json!({ "initiate_login_uri": "http://suite.example/initiate" });
    let answer = Client::attempt(&suite, variant, with).await;
    answer.oauth_error(400, "invalid_client_metadata");
}
