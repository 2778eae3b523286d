//! `request_uri` by reference (OpenID Connect Core §6.2) and SS-1: what a client registered is
//! fetched, and nothing else in the world.

use doorward::config::Config;
use serde_json::json;

use super::{
    forge::{Bait, Signer},
    pushing::{Signing, object, oidc},
};
use crate::{
    fetch::other::{Other, response},
    support::{database::Database, house::House, rp::Rp},
};

const KIND: &str = "application/oauth-authz-req+jwt";

/// A house that fetches request objects, also from these origins.
async fn house(origins: &[&str]) -> House {
    let origins: Vec<String> = origins.iter().map(|origin| (*origin).to_owned()).collect();
    let change = |config: &mut Config| {
        config.features.request_uri = true;
        config.fetch.private_origins = origins;
    };
    House::with(Database::sqlite().await, change).await
}

/// A client of the profile for unsigned objects, who registered this address.
async fn client<'a>(house: &'a House, uri: &str) -> Rp<'a> {
    Rp::with(house, |new| {
        oidc(new);
        new.metadata.request_uris = Some(vec![uri.to_owned()]);
    })
    .await
}

/// An unsigned request object.
fn unsigned(house: &House, rp: &Rp<'_>) -> String {
    let usual = object(house, rp, &json!({ "state": "inside", "prompt": "none" }));
    Signer::Nobody.sign(r#"{"alg":"none"}"#, &usual.to_string())
}

/// A place that says what a client says only once it is registered there.
struct Place {
    listener: tokio::net::TcpListener,
    origin: String,
}

impl Place {
    async fn new() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let port = listener.local_addr().expect("an address").port();
        Self {
            listener,
            origin: format!("http://localhost:{port}"),
        }
    }

    fn saying(self, answer: impl Into<Vec<u8>>) -> Other {
        Other::at(self.listener, answer)
    }
}

#[tokio::test]
async fn what_the_client_registered_is_fetched_and_wins() {
    for kind in [
        KIND,
        "application/jwt; charset=utf-8",
        "text/plain",
        "Application/JWT",
        "",
    ] {
        let place = Place::new().await;
        let house = house(&[&place.origin]).await;
        let registered = format!("{}/r.jwt?x=1#registered", place.origin);
        let rp = client(&house, &registered).await;
        let body = format!("{}\n", unsigned(&house, &rp));
        let other = place.saying(response("200 OK", kind, &body));
        let mut browser = house.browser();
        browser.asks(&rp.redirect_uri, Some("inside"));
        // The fragment is about the object, and not part of where it is.
        for fragment in ["", "#registered", "#another"] {
            let uri = registered.replace("#registered", fragment);
            let outer = [
                ("request_uri", Some(uri.as_str())),
                ("state", None),
                ("nonce", None),
            ];
            let url = rp.authorize_url(&outer);
            browser
                .get_from_stranger(&url)
                .await
                .answered("login_required");
        }
        assert_eq!(other.heard().len(), 3);
        for heard in other.heard() {
            assert!(heard.starts_with("GET /r.jwt?x=1 HTTP/1.1\r\n"), "{heard}");
            assert!(
                !heard.contains("registered") && !heard.contains("authorization"),
                "{heard}"
            );
        }
    }
}

#[tokio::test]
async fn what_is_no_request_object_is_refused() {
    let long = "x".repeat(16 * 1024 + 1);
    let jwt = "e30.e30.";
    for answer in [
        response("200 OK", "text/html", jwt),
        response("200 OK", "application/json", "{}"),
        response("404 Not Found", KIND, jwt),
        response("500 Oops", KIND, jwt),
        response("200 OK", KIND, &long),
        "HTTP/1.1 302 Found\r\nLocation: https://app.example/\r\nConnection: close\r\n\r\n"
            .to_owned(),
        "HTTP/1.1 200 OK\r\nContent-Type: application/jwt\r\nContent-Length: 50\r\n\r\ne30"
            .to_owned(),
        String::new(),
    ] {
        let other = Other::saying(answer.clone()).await;
        let house = house(&[&other.origin()]).await;
        let rp = client(&house, &other.origin()).await;
        let url = rp.authorize_url(&[("request_uri", Some(&other.origin()))]);
        let mut browser = house.browser();
        browser
            .get_from_stranger(&url)
            .await
            .answered("invalid_request_uri");
        let foreign = [
            ("request_uri", Some(other.origin())),
            ("redirect_uri", Some("https://evil.example/".to_owned())),
        ];
        let foreign = foreign
            .each_ref()
            .map(|(name, value)| (*name, value.as_deref()));
        let url = rp.authorize_url(&foreign);
        browser
            .get_from_stranger(&url)
            .await
            .shown(400, "Authorization error");
    }
    // What is fetched is an object, and not a good one.
    let other = Other::saying(response("200 OK", KIND, jwt)).await;
    let house = house(&[&other.origin()]).await;
    let rp = client(&house, &other.origin()).await;
    let url = rp.authorize_url(&[("request_uri", Some(&other.origin()))]);
    let mut browser = house.browser();
    browser
        .get_from_stranger(&url)
        .await
        .answered("invalid_request_object");
}

/// SS-1: an address counts only if the client registered it, and then only if it is public.
#[tokio::test]
async fn ss_1_nobody_makes_us_call_an_address_of_their_choice() {
    let bait = Bait::new();
    let house = house(&[]).await;
    let port = url::Url::parse(&bait.url())
        .expect("a URL")
        .port()
        .expect("a port");
    let private: Vec<String> = [
        "localhost",
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "0.0.0.0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[fe80::1]",
        "10.0.0.1",
        "169.254.169.254",
        "user@127.0.0.1",
    ]
    .iter()
    .flat_map(|host| ["http", "https"].map(|scheme| format!("{scheme}://{host}:{port}/r")))
    .chain([
        "file:///etc/passwd".to_owned(),
        "gopher://localhost/".to_owned(),
    ])
    .collect();
    let stranger = client(&house, "https://app.example/r").await;
    let everything = Rp::confidential(&house).await;
    let all = private.clone();
    super::granted::change_client(&house, &everything, |client| {
        client.metadata.request_uris = Some(all);
    })
    .await;
    let mut browser = house.browser();
    for uri in &private {
        for rp in [&stranger, &everything] {
            let url = rp.authorize_url(&[("request_uri", Some(uri))]);
            browser
                .get_from_stranger(&url)
                .await
                .answered("invalid_request_uri");
        }
    }
    for uri in [
        "https://app.example/r/",
        "https://app.example/R",
        "https://app.example/r?x=1",
        "https://app.example:443/r",
        "https://app.example/r\u{0}"
            .trim_end_matches('\u{0}')
            .trim_end_matches('r'),
    ] {
        let url = stranger.authorize_url(&[("request_uri", Some(uri))]);
        browser
            .get_from_stranger(&url)
            .await
            .answered("invalid_request_uri");
    }
    bait.untouched();
}

#[tokio::test]
async fn where_fetching_is_off_it_is_refused_by_name_and_nobody_is_called() {
    let bait = Bait::new();
    let origin = bait.url().trim_end_matches('/').to_owned();
    let change = |config: &mut Config| config.fetch.private_origins = vec![origin];
    let house = House::with(Database::sqlite().await, change).await;
    let signing = Signing::es256();
    let rp = signing
        .client(&house, |new| {
            new.metadata.request_uris = Some(vec!["https://app.example/r".to_owned()]);
        })
        .await;
    super::granted::change_client(&house, &rp, |client| {
        client.metadata.request_uris = Some(vec![bait.url()]);
    })
    .await;
    let mut browser = house.browser();
    for uri in [
        bait.url().as_str(),
        "https://app.example/other",
        "urn:x",
        "",
    ] {
        let url = rp.authorize_url(&[("request_uri", Some(uri))]);
        browser
            .get_from_stranger(&url)
            .await
            .answered("request_uri_not_supported");
    }
    bait.untouched();
}
