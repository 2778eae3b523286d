//! Front- and back-channel logout: who learned of a session is told that it has ended.

use doorward::{crypto::jwks, paths};
use serde_json::json;
use url::{Url, form_urlencoded};

use super::{
    Variant,
    client::Client,
    logout::{BACK, url},
    sessions::{is_signed_out, session},
    suite::Suite,
};

pub async fn oidcc_frontchannel_logout_discovery_endpoint_verification(_: Variant) {
    let metadata = Suite::begin().await.metadata().await;
    assert_eq!(metadata["frontchannel_logout_supported"], true);
    assert_eq!(metadata["frontchannel_logout_session_supported"], true);
    assert!(metadata["end_session_endpoint"].is_string());
}

pub async fn oidcc_backchannel_logout_discovery_endpoint_verification(_: Variant) {
    let metadata = Suite::begin().await.metadata().await;
    assert_eq!(metadata["backchannel_logout_supported"], true);
    assert_eq!(metadata["backchannel_logout_session_supported"], true);
}

pub async fn oidcc_frontchannel_rp_initiated_logout(variant: Variant) {
    let suite = Suite::begin().await;
    let listens = "https://suite.example/test/a/doorward/frontchannel_logout";
    let with = json!({
        "post_logout_redirect_uris": [BACK],
        "frontchannel_logout_uri": listens,
        "frontchannel_logout_session_required": true,
    });
    let client = Client::with(&suite, variant, with).await;
    let mut browser = suite.browser();
    let (hint, claims) = session(&client, &mut browser).await;
    let pairs = [
        ("id_token_hint", hint.as_str()),
        ("post_logout_redirect_uri", BACK),
        ("state", "s t+1"),
    ];
    browser.get_from_stranger(&url(&suite, &pairs)).await;
    let page = browser.follow().await.clone();
    assert_eq!(
        (page.status, page.url.path()),
        (200, paths::LOGOUT_NOTIFY),
        "{}",
        page.told()
    );
    let frame = attribute(&page.body, "<iframe", "src").expect("an iframe");
    let frame = Url::parse(&frame).expect("an address");
    assert_eq!(frame.as_str().split('?').next(), Some(listens));
    let mut told: Vec<(String, String)> = frame.query_pairs().into_owned().collect();
    told.sort();
    let sid = claims["sid"].as_str().expect("a sid").to_owned();
    let issuer = suite.house.app.config.server.issuer.clone();
    assert_eq!(told, [("iss".to_owned(), issuer), ("sid".to_owned(), sid)]);
    let refresh = attribute(&page.body, "http-equiv=\"refresh\"", "content").expect("a refresh");
    let (_, onward) = refresh.split_once("url=").expect("where to");
    assert_eq!(onward, format!("{BACK}?state=s+t%2B1"));
    is_signed_out(&client, &mut browser).await;
    client.end().await;
}

/// The attribute of the first element that holds `mark`, with its entities read.
fn attribute(html: &str, mark: &str, name: &str) -> Option<String> {
    let from = &html[html.find(mark)?..];
    let tag = &from[..from.find('>')?];
    let value = tag.split(&format!("{name}=\"")).nth(1)?.split('"').next()?;
    let entities = [
        ("&amp;", "&"),
        ("&#x2f;", "/"),
        ("&#x27;", "'"),
        ("&#39;", "'"),
    ];
    Some(
        entities
            .iter()
            .fold(value.to_owned(), |text, (from, to)| text.replace(from, to)),
    )
}

pub async fn oidcc_backchannel_rp_initiated_logout(variant: Variant) {
    let suite = Suite::begin().await;
    let listens = format!("{}/backchannel_logout", suite.web.base);
    let with = json!({
        "post_logout_redirect_uris": [BACK],
        "backchannel_logout_uri": listens,
        "backchannel_logout_session_required": true,
    });
    let client = Client::with(&suite, variant, with).await;
    let jobs = tokio::spawn(doorward::jobs::run(suite.house.app.clone()));
    let mut browser = suite.browser();
    let (hint, claims) = session(&client, &mut browser).await;
    let pairs = [
        ("id_token_hint", hint.as_str()),
        ("post_logout_redirect_uri", BACK),
        ("state", "st"),
    ];
    browser.get_from_stranger(&url(&suite, &pairs)).await;
    let to = browser.follow().await.location().expect("a way back");
    assert_eq!(to.as_str(), format!("{BACK}?state=st"));
    let told = suite.web.told().await;
    assert_eq!(told.path, "/backchannel_logout");
    let form: Vec<(String, String)> = form_urlencoded::parse(told.body.as_bytes())
        .into_owned()
        .collect();
    let [(name, token)] = form.as_slice() else {
        panic!("more than one parameter: {form:?}");
    };
    assert_eq!(name, "logout_token");
    let keys = suite.house.get(paths::JWKS).await.ok();
    let read = jwks::verify(&keys, token, Some("logout+jwt"), &[jwks::JwsAlg::RS256]);
    let logout = read.expect("a signature that fits").claims;
    assert_eq!(logout["iss"], claims["iss"]);
    assert_eq!(logout["aud"], client.id.as_str());
    assert_eq!(
        (&logout["sub"], &logout["sid"]),
        (&claims["sub"], &claims["sid"])
    );
    let event = "http://schemas.openid.net/event/backchannel-logout";
    assert_eq!(logout["events"], json!({ event: {} }));
    assert!(logout["jti"].is_string() && !logout.contains_key("nonce"));
    let now = suite.house.app.clock.now().timestamp();
    assert!(
        logout["iat"]
            .as_i64()
            .is_some_and(|iat| (now - iat).abs() < 60)
    );
    is_signed_out(&client, &mut browser).await;
    jobs.abort();
    client.end().await;
}
