//! Logout: RP-initiated logout ends the session in every case, and leads back only to where the
//! client whose hint it is has registered.

use doorward::{crypto::secret::random_id, paths};
use serde_json::json;
use url::Url;

use super::{
    Variant,
    client::Client,
    sessions::{is_signed_out, session},
    suite::Suite,
};
use crate::support::{browser::Browser, dpop::DpopKey};

pub const BACK: &str = "https://suite.example/test/a/doorward/post_logout_redirect";

/// A client that may be gone back to.
pub async fn client(suite: &Suite, variant: Variant) -> Client<'_> {
    Client::with(
        suite,
        variant,
        json!({ "post_logout_redirect_uris": [BACK] }),
    )
    .await
}

pub fn url(suite: &Suite, pairs: &[(&str, &str)]) -> String {
    let mut url: Url = suite.house.url(paths::END_SESSION);
    url.query_pairs_mut().extend_pairs(pairs);
    url.into()
}

pub async fn oidcc_rp_initiated_logout_discovery_endpoint_verification(_: Variant) {
    let metadata = Suite::begin().await.metadata().await;
    let endpoint = metadata["end_session_endpoint"]
        .as_str()
        .expect("an endpoint");
    assert!(endpoint.starts_with("https://"));
}

/// Visible ASCII, punctuation and all.
const STATE: &str = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~aZ09";

pub async fn oidcc_rp_initiated_logout(variant: Variant) {
    let suite = Suite::begin().await;
    let client = client(&suite, variant).await;
    let mut browser = suite.browser();
    let (hint, _) = session(&client, &mut browser).await;
    let pairs = [
        ("id_token_hint", hint.as_str()),
        ("post_logout_redirect_uri", BACK),
        ("state", STATE),
    ];
    browser.get_from_stranger(&url(&suite, &pairs)).await;
    let to = browser.follow().await.location().expect("a way back");
    assert_eq!(to.as_str().split('?').next(), Some(BACK));
    let back: Vec<_> = to.query_pairs().into_owned().collect();
    assert_eq!(back, [("state".to_owned(), STATE.to_owned())]);
    is_signed_out(&client, &mut browser).await;
    client.end().await;
}

pub async fn oidcc_rp_initiated_logout_no_state(variant: Variant) {
    let suite = Suite::begin().await;
    let client = client(&suite, variant).await;
    let mut browser = suite.browser();
    let (hint, _) = session(&client, &mut browser).await;
    let pairs = [
        ("id_token_hint", hint.as_str()),
        ("post_logout_redirect_uri", BACK),
    ];
    browser.get_from_stranger(&url(&suite, &pairs)).await;
    let to = browser.follow().await.location().expect("a way back");
    assert_eq!(to.as_str(), BACK);
    is_signed_out(&client, &mut browser).await;
    client.end().await;
}

/// A request that must not lead anywhere, and is told so where it was made.
async fn stays(
    variant: Variant,
    change: impl AsyncFn(&Client<'_>, String) -> Vec<(String, String)>,
) {
    let suite = Suite::begin().await;
    let client = client(&suite, variant).await;
    let mut browser = suite.browser();
    let (hint, _) = session(&client, &mut browser).await;
    let pairs = change(&client, hint).await;
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    browser
        .get_from_stranger(&url(&suite, &pairs))
        .await
        .shown(400, "Logout error");
    client.end().await;
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

pub async fn oidcc_rp_initiated_logout_bad_post_logout_redirect_uri(variant: Variant) {
    stays(variant, async |_, hint| {
        let elsewhere = "https://suite.example/elsewhere";
        owned(&[
            ("id_token_hint", &hint),
            ("post_logout_redirect_uri", elsewhere),
        ])
    })
    .await;
}

pub async fn oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri(variant: Variant) {
    stays(variant, async |_, hint| {
        let more = format!("{BACK}?foo=bar");
        owned(&[
            ("id_token_hint", &hint),
            ("post_logout_redirect_uri", &more),
        ])
    })
    .await;
}

pub async fn oidcc_rp_initiated_logout_modified_id_token_hint(variant: Variant) {
    stays(variant, async |client, hint| {
        let claims: serde_json::Value = {
            use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
            let part = hint.split('.').nth(1).expect("claims");
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
        };
        let members: Vec<_> = ["iss", "sub", "aud", "sid"]
            .iter()
            .filter_map(|name| Some((*name, claims[name].as_str()?)))
            .collect();
        let modified = client.request_object("none", &members);
        owned(&[
            ("id_token_hint", &modified),
            ("post_logout_redirect_uri", BACK),
        ])
    })
    .await;
}

pub async fn oidcc_rp_initiated_logout_bad_id_token_hint(variant: Variant) {
    stays(variant, async |_, _| {
        let key = DpopKey::new();
        let claims = json!({ "iss": "https://elsewhere.example", "sub": "x", "aud": "y" });
        let made = key.sign(
            r#"{"alg":"ES256","typ":"JWT","kid":"z"}"#,
            &claims.to_string(),
        );
        owned(&[("id_token_hint", &made), ("post_logout_redirect_uri", BACK)])
    })
    .await;
}

/// A request without a hint: never a redirect to the client, and signed out after the button.
async fn asked(variant: Variant, pairs: &[(&str, &str)]) {
    let suite = Suite::begin().await;
    let client = client(&suite, variant).await;
    let mut browser = suite.browser();
    session(&client, &mut browser).await;
    browser.get_from_stranger(&url(&suite, pairs)).await;
    confirm(&mut browser).await;
    is_signed_out(&client, &mut browser).await;
    client.end().await;
}

/// Presses the button and sees the last page.
async fn confirm(browser: &mut Browser<'_>) {
    if browser.last().status == 303 {
        browser.follow().await;
    }
    assert_eq!(
        browser.last().url.path(),
        paths::LOGOUT_CONFIRM,
        "{}",
        browser.last().told()
    );
    browser.submit("#logout-confirm", &[]).await;
    let last = browser.follow().await;
    last.shown(200, "Signed out");
    assert!(last.page().text_of("#logged-out").is_some());
}

pub async fn oidcc_rp_initiated_logout_no_id_token_hint(variant: Variant) {
    let suite = Suite::begin().await;
    let client = client(&suite, variant).await;
    let mut browser = suite.browser();
    session(&client, &mut browser).await;
    let state = random_id::<8>();
    let pairs = [
        ("post_logout_redirect_uri", BACK),
        ("state", state.as_str()),
    ];
    let answer = browser
        .get_from_stranger(&url(&suite, &pairs))
        .await
        .clone();
    // A page here, or our own question: in no case the client's address.
    let to = answer.location();
    assert!(
        to.is_none_or(|to| to.path() == paths::LOGOUT_CONFIRM),
        "{}",
        answer.told()
    );
    client.end().await;
}

pub async fn oidcc_rp_initiated_logout_no_params(variant: Variant) {
    asked(variant, &[]).await;
}

pub async fn oidcc_rp_initiated_logout_only_state(variant: Variant) {
    asked(variant, &[("state", "abc")]).await;
}

pub async fn oidcc_rp_initiated_logout_no_post_logout_redirect_uri(variant: Variant) {
    let suite = Suite::begin().await;
    let client = client(&suite, variant).await;
    let mut browser = suite.browser();
    let (hint, _) = session(&client, &mut browser).await;
    browser
        .get_from_stranger(&url(&suite, &[("id_token_hint", &hint)]))
        .await;
    let last = browser.follow().await;
    last.shown(200, "Signed out");
    is_signed_out(&client, &mut browser).await;
    client.end().await;
}
