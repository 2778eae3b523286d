//! Objects: requests that travel as a JWT, by value or by reference (OpenID Connect Core §6).

use serde_json::json;

use super::{
    Variant,
    client::{Client, finish},
    seen::{Seen, id_token},
    suite::Suite,
};

type Pairs = Vec<(String, String)>;

/// The parameters that must also be outside (§6.1), and what is only inside.
fn split(client: &Client<'_>) -> (Pairs, Pairs) {
    let inside = client.request(&[]);
    let outside = |name: &str| {
        [
            "client_id",
            "response_type",
            "scope",
            "redirect_uri",
            "response_mode",
        ]
        .contains(&name)
    };
    let shown = inside
        .iter()
        .filter(|(name, _)| outside(name))
        .cloned()
        .collect();
    (shown, inside)
}

fn borrowed(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
    pairs
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

/// Sends a request whose state and nonce are only in an object, and sees them honoured.
async fn honoured(client: &Client<'_>, name: &str, value: &str) {
    let (mut outside, _) = split(client);
    outside.push((name.to_owned(), value.to_owned()));
    let mut browser = client.suite.browser();
    browser.get_from_stranger(&client.url_of(&outside)).await;
    finish(&mut browser).await;
    let seen = Seen::read(client, browser.last(), &[]);
    let token = match client.variant.has("id_token") {
        true => seen.get("id_token"),
        false => {
            let tokens = client.exchange(&seen.get("code")).await.tokens();
            tokens.id_token.expect("an ID token")
        }
    };
    id_token(client, &token, "RS256", Some(&client.nonce)).await;
}

/// By reference, from the suite's server; the URI that is registered ends in a fragment that is no
/// hash of anything.
async fn by_reference(variant: Variant, alg: &str, more: serde_json::Value) {
    let suite = Suite::begin().await;
    let uri = format!("{}/request-object#not-a-hash", suite.web.base);
    let mut more = more;
    more["request_uris"] = json!([uri]);
    let client = Client::with(&suite, variant, more).await;
    let (_, inside) = split(&client);
    let object = client.request_object(alg, &borrowed(&inside));
    suite
        .web
        .put("/request-object", "application/oauth-authz-req+jwt", object);
    honoured(&client, "request_uri", &uri).await;
    client.end().await;
}

pub async fn oidcc_request_uri_unsigned(variant: Variant) {
    by_reference(
        variant,
        "none",
        json!({ "request_object_signing_alg": "none" }),
    )
    .await;
}

pub async fn oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(
    variant: Variant,
) {
    by_reference(variant, "none", json!({})).await;
}

pub async fn oidcc_request_uri_signed_rs256(variant: Variant) {
    by_reference(
        variant,
        "RS256",
        json!({ "request_object_signing_alg": "RS256" }),
    )
    .await;
}

pub async fn oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(
    variant: Variant,
) {
    let suite = Suite::begin().await;
    let client = Client::register(&suite, variant).await;
    let (_, inside) = split(&client);
    let object = client.request_object("none", &borrowed(&inside));
    honoured(&client, "request", &object).await;
    client.end().await;
}

pub async fn oidcc_ensure_request_object_with_redirect_uri(variant: Variant) {
    let suite = Suite::begin().await;
    let client = Client::register(&suite, variant).await;
    let (mut outside, inside) = split(&client);
    for (name, value) in &mut outside {
        if name == "redirect_uri" {
            *value = "https://suite.example/not/registered".to_owned();
        }
    }
    let object = client.request_object("none", &borrowed(&inside));
    outside.push(("request".to_owned(), object));
    let mut browser = suite.browser();
    browser.get_from_stranger(&client.url_of(&outside)).await;
    finish(&mut browser).await;
    // The one inside, and never the one outside.
    let seen = Seen::read(&client, browser.last(), &[]);
    assert!(!seen.has("error"), "{seen:?}");
    client.end().await;
}
