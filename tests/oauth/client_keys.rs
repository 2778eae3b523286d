//! The keys of clients by reference: fetched when they are needed, kept for minutes, asked for anew
//! when a client has turned them, and never more often than the client can bear.

use chrono::TimeDelta;
use serde_json::json;

use super::granted::{change_client, sqlite};
use crate::{
    fetch::other::{Other, response},
    support::{
        asserting::{Asserting, jwks, present},
        call::at_once,
        database::Database,
        dpop::DpopKey,
        house::House,
    },
};

/// A house that may call `other`, which is on loopback as no client's server should be.
async fn house(other: &Other) -> House {
    let origin = other.origin();
    House::with(Database::sqlite().await, |config| {
        config.fetch.private_origins = vec![origin];
    })
    .await
}

/// A server that publishes these keys.
async fn publishing(keys: &[(&str, &DpopKey)]) -> Other {
    Other::saying_json(&jwks(keys).to_string()).await
}

fn publish(other: &Other, keys: &[(&str, &DpopKey)]) {
    other.say_json(&jwks(keys).to_string());
}

/// The client, and where its keys are.
async fn client<'a>(house: &'a House, key: DpopKey, other: &Other) -> Asserting<'a> {
    let url = format!("{}/keys", other.origin());
    Asserting::by_reference(house, key, &url).await
}

#[tokio::test]
async fn keys_are_fetched_once_and_kept_for_five_minutes() {
    let key = DpopKey::new();
    let other = publishing(&[("one", &key)]).await;
    let house = house(&other).await;
    let client = client(&house, key, &other).await;
    assert_eq!(other.heard().len(), 0);
    for _ in 0..3 {
        client.ask(&json!({})).await.tokens();
    }
    let heard = other.heard();
    assert_eq!(heard.len(), 1);
    assert!(heard[0].starts_with("GET /keys HTTP/1.1\r\n"), "{heard:?}");
    house.turn(TimeDelta::seconds(299));
    client.ask(&json!({})).await.tokens();
    assert_eq!(other.heard().len(), 1);
    house.turn(TimeDelta::seconds(1));
    client.ask(&json!({})).await.tokens();
    assert_eq!(other.heard().len(), 2);
    // A key that is gone is good for no longer than that.
    publish(&other, &[("one", &DpopKey::new())]);
    house.turn(TimeDelta::minutes(5));
    client.ask(&json!({})).await.client_401();
}

#[tokio::test]
async fn a_client_that_turns_its_keys_is_understood_at_once() {
    let (old, new) = (DpopKey::new(), DpopKey::rsa("PS256"));
    let other = publishing(&[("one", &old)]).await;
    let house = house(&other).await;
    let mut client = client(&house, old, &other).await;
    client.ask(&json!({})).await.tokens();
    publish(&other, &[("two", &new)]);
    // The one that was fetched a moment ago still is.
    client.ask(&json!({})).await.tokens();
    let before = client.assertion(&json!({}));
    (client.key, client.kid) = (new, "two");
    client.ask(&json!({})).await.tokens();
    assert_eq!(other.heard().len(), 2);
    client.present(&before).await.client_401();
    client.ask(&json!({})).await.tokens();
    assert_eq!(other.heard().len(), 2);
}

#[tokio::test]
async fn keys_without_a_name_are_turned_too() {
    let (old, new) = (DpopKey::new(), DpopKey::new());
    let other = publishing(&[("", &old)]).await;
    let house = house(&other).await;
    let mut client = client(&house, old, &other).await;
    client.kid = "";
    client.ask(&json!({})).await.tokens();
    publish(
        &other,
        &[
            ("", &DpopKey::rsa("RS256")),
            ("", &DpopKey::new()),
            ("", &new),
        ],
    );
    client.key = new;
    client.ask(&json!({})).await.tokens();
    assert_eq!(other.heard().len(), 2);
}

/// Whoever makes up names for keys must not be able to make us call a client again and again.
#[tokio::test]
async fn an_unknown_key_is_asked_for_every_ten_seconds_at_most() {
    let key = DpopKey::new();
    let other = publishing(&[("one", &key)]).await;
    let house = house(&other).await;
    let client = client(&house, key, &other).await;
    let made_up = || client.signed(&json!({ "kid": "made up" }), &client.claims(&json!({})));
    for _ in 0..5 {
        client.present(&made_up()).await.client_401();
    }
    assert_eq!(other.heard().len(), 2);
    house.turn(TimeDelta::seconds(9));
    client.present(&made_up()).await.client_401();
    assert_eq!(other.heard().len(), 2);
    house.turn(TimeDelta::seconds(1));
    let calls = (0..64).map(|_| present(&house, "/oauth2/token", &[], &made_up()));
    for answer in at_once(calls.collect()).await {
        answer.client_401();
    }
    assert_eq!(other.heard().len(), 3);
    client.ask(&json!({})).await.tokens();
}

#[tokio::test]
async fn sixty_four_at_once_wait_for_one_answer() {
    let key = DpopKey::new();
    let other = publishing(&[("one", &key)]).await;
    let house = house(&other).await;
    let client = client(&house, key, &other).await;
    let form = [("grant_type", "client_credentials")];
    let calls = (0..64).map(|_| client.post("/oauth2/token", &form));
    for answer in at_once(calls.collect()).await {
        answer.tokens();
    }
    assert_eq!(other.heard().len(), 1);
}

#[tokio::test]
async fn whoever_publishes_no_keys_is_nobody_and_is_asked_again_later() {
    let key = DpopKey::new();
    let other = publishing(&[("one", &key)]).await;
    let house = house(&other).await;
    let client = client(&house, key, &other).await;
    let keys = jwks(&[("one", &client.key)]).to_string();
    let elsewhere = publishing(&[("one", &client.key)]).await;
    let redirect = format!(
        "HTTP/1.1 302 Found\r\nLocation: {}\r\nConnection: close\r\n\r\n",
        elsewhere.origin()
    );
    let long = format!("{{\"a\":\"{}\",{}", "a".repeat(64 * 1024), &keys[1..]);
    let mut asked = 0;
    for answer in [
        response("500 No", "application/json", &keys),
        response("404 No", "application/json", &keys),
        response("200 OK", "text/html", &keys),
        response("200 OK", "application/json", &keys[1..]),
        response("200 OK", "application/json", &long),
        redirect,
        String::new(),
    ] {
        other.say(answer);
        for _ in 0..3 {
            client.ask(&json!({})).await.client_401();
        }
        asked += 1;
        assert_eq!(other.heard().len(), asked);
        house.turn(TimeDelta::seconds(10));
    }
    for answer in [
        json!({}),
        json!([]),
        json!({ "keys": [] }),
        json!({ "keys": { "0": 1 } }),
    ] {
        other.say_json(&answer.to_string());
        client.ask(&json!({})).await.client_401();
        house.turn(TimeDelta::minutes(5));
    }
    publish(&other, &[("one", &client.key)]);
    client.ask(&json!({})).await.tokens();
    assert_eq!(elsewhere.heard().len(), 0);
}

/// JW-12, where nobody looks at registration: a key that is not public verifies nothing.
#[tokio::test]
async fn jw_12_a_published_private_key_verifies_nothing() {
    let key = DpopKey::new();
    let other = publishing(&[("one", &key)]).await;
    let house = house(&other).await;
    let client = client(&house, key, &other).await;
    for more in [
        json!({ "d": "AAAA" }),
        json!({ "k": "AAAA" }),
        json!({ "kty": "oct" }),
    ] {
        let mut set = jwks(&[("one", &client.key)]);
        for (name, value) in more.as_object().expect("members") {
            set["keys"][0][name] = value.clone();
        }
        other.say_json(&set.to_string());
        client.ask(&json!({})).await.client_401();
        house.turn(TimeDelta::minutes(5));
    }
    publish(&other, &[("one", &client.key)]);
    client.ask(&json!({})).await.tokens();
}

/// SS-1: a client does not send us into somebody's own network.
#[tokio::test]
async fn ss_1_keys_on_a_private_address_are_not_fetched() {
    let key = DpopKey::new();
    let other = publishing(&[("one", &key)]).await;
    let house = sqlite().await;
    let client = Asserting::with(&house, key, |_| ()).await;
    for host in [
        "localhost",
        "127.0.0.1",
        "[::1]",
        "0.0.0.0",
        "169.254.169.254",
    ] {
        for scheme in ["http", "https"] {
            let url = format!("{scheme}://{host}:{}/keys", other.port);
            change_client(&house, &client.rp, |row| {
                row.metadata.jwks = None;
                row.metadata.jwks_uri = Some(url);
            })
            .await;
            client.ask(&json!({})).await.client_401();
        }
    }
    assert_eq!(other.heard().len(), 0);
}

/// What no key could make good is no reason to ask for keys.
#[tokio::test]
async fn nobody_is_asked_about_what_is_bad_anyway() {
    let key = DpopKey::new();
    let other = publishing(&[("one", &key)]).await;
    let house = house(&other).await;
    let client = client(&house, key, &other).await;
    let claims = client.claims(&json!({}));
    for header in [
        json!({ "alg": "none" }),
        json!({ "alg": "HS256" }),
        json!({ "alg": "ES384" }),
        json!({ "jwk": client.key.jwk }),
        json!({ "jku": other.origin() }),
    ] {
        client
            .present(&client.signed(&header, &claims))
            .await
            .client_401();
    }
    client.present("a.b.c").await.client_401();
    assert_eq!(other.heard().len(), 0);
}

/// A client that says where its keys are now is understood without a restart.
#[tokio::test]
async fn another_address_is_another_key_set() {
    let (key, next) = (DpopKey::new(), DpopKey::new());
    let other = publishing(&[("one", &key)]).await;
    let house = house(&other).await;
    let mut client = client(&house, key, &other).await;
    client.ask(&json!({})).await.tokens();
    let by_value = jwks(&[("one", &next)]);
    change_client(&house, &client.rp, |row| {
        row.metadata.jwks = Some(by_value);
        row.metadata.jwks_uri = None;
    })
    .await;
    client.ask(&json!({})).await.client_401();
    client.key = next;
    client.ask(&json!({})).await.tokens();
    assert_eq!(other.heard().len(), 1);
}
