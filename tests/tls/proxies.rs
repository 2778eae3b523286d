//! Proxies: what their headers say is believed from them and from nobody else (BF-5, CA-8).

use base64::{Engine, engine::general_purpose::STANDARD};
use doorward::{config::Config, paths};
use entity::session;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sea_orm::EntityTrait;

use super::{
    clients::by_keys,
    made::{Made, jwks},
};
use crate::support::{answer::Answer, database::Database, house::House, rp::Rp};

/// Every header by which some proxy tells whom a request is for.
const CLAIMS: [(&str, &str); 6] = [
    ("X-Forwarded-For", "198.51.100.1"),
    ("X-Real-IP", "198.51.100.2"),
    ("Forwarded", "for=198.51.100.3"),
    ("True-Client-IP", "198.51.100.4"),
    ("CF-Connecting-IP", "198.51.100.5"),
    ("X-Client-IP", "198.51.100.6"),
];

/// A house that trusts proxies in these networks. Calls of tests come from 127.0.0.1.
async fn trusting(networks: &[&str]) -> House {
    let networks: Vec<_> = networks
        .iter()
        .map(|network| network.parse().expect("a network"))
        .collect();
    let set = |config: &mut Config| config.server.trusted_proxies = networks;
    House::with(Database::sqlite().await, set).await
}

/// The address that the session of a new sign-in was started from.
async fn signed_in_from(house: &House, headers: &[(&str, &str)]) -> String {
    let person = house.person().await;
    let body = serde_json::json!({ "email": person.email, "password": person.password });
    let mut call = house
        .post(paths::API_SIGN_IN_EMAIL)
        .body("application/json", body.to_string());
    for (name, value) in headers {
        call = call.header(name, value);
    }
    call.await.is(200);
    let all = session::Entity::find().all(&house.app.db.read).await;
    let newest = all
        .expect("the sessions")
        .into_iter()
        .max_by_key(|own| own.id);
    newest.and_then(|own| own.ip).expect("an address")
}

#[tokio::test]
async fn bf_5_a_stranger_is_not_believed_about_their_address() {
    for house in [trusting(&[]).await, trusting(&["10.0.0.0/8"]).await] {
        assert_eq!(signed_in_from(&house, &CLAIMS).await, "127.0.0.1");
    }
}

#[tokio::test]
async fn bf_5_a_proxy_is_believed_about_the_nearest_stranger() {
    let house = trusting(&["127.0.0.1", "10.0.0.0/8"]).await;
    for (said, from) in [
        ("198.51.100.1", "198.51.100.1"),
        ("192.0.2.9, 198.51.100.1, 10.1.1.1", "198.51.100.1"),
        ("198.51.100.1, unknown", "127.0.0.1"),
        ("198.51.100.1:443", "127.0.0.1"),
        ("fe80::1%eth0", "127.0.0.1"),
    ] {
        let headers = [("X-Forwarded-For", said)];
        assert_eq!(signed_in_from(&house, &headers).await, from, "{said}");
    }
    // Other headers it may have let through.
    assert_eq!(signed_in_from(&house, &CLAIMS[1..]).await, "127.0.0.1");
}

/// A house that takes certificates from a proxy in `networks`, and a client that is known by one.
async fn told_by(networks: &[&str], own: &Made) -> (House, String) {
    let networks: Vec<_> = networks
        .iter()
        .map(|network| network.parse().expect("a network"))
        .collect();
    let set = |config: &mut Config| {
        config.server.trusted_proxies = networks;
        config.server.client_certificate_header = Some("Client-Cert".to_owned());
    };
    let house = House::with(Database::sqlite().await, set).await;
    let rp = Rp::with(&house, |new| by_keys(new, jwks(&[own]))).await;
    let client_id = rp.client_id;
    (house, client_id)
}

/// A token request of the client with these headers.
async fn asks(house: &House, client_id: &str, headers: &[(&str, &str)]) -> Answer {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", client_id),
    ];
    let mut call = house.post(paths::TOKEN);
    for (name, value) in headers {
        call = call.header(name, value);
    }
    call.form(&form).await
}

/// What nginx makes of a certificate.
fn escaped(made: &Made) -> String {
    utf8_percent_encode(&made.pem(), NON_ALPHANUMERIC).to_string()
}

#[tokio::test]
async fn ca_8_a_strangers_header_is_no_certificate() {
    let own = Made::alone(|_| ());
    let value = escaped(&own);
    let (house, client_id) = told_by(&["10.0.0.0/8"], &own).await;
    let headers = [
        "Client-Cert",
        "X-SSL-Client-Cert",
        "X-Client-Cert",
        "X-Forwarded-Client-Cert",
        "X-Forwarded-Tls-Client-Cert",
        "Ssl-Client-Cert",
        "Forwarded",
    ];
    for name in headers {
        asks(&house, &client_id, &[(name, &value)])
            .await
            .client_401();
    }
    // Who says that a proxy sent them is a stranger still.
    let headers = [("X-Forwarded-For", "10.0.0.1"), ("Client-Cert", &value)];
    asks(&house, &client_id, &headers).await.client_401();
    // Nor does a proxy tell certificates in headers that nobody set it up for.
    let (house, client_id) = told_by(&["127.0.0.1"], &own).await;
    for name in ["X-SSL-Client-Cert", "X-Client-Cert"] {
        asks(&house, &client_id, &[(name, &value)])
            .await
            .client_401();
    }
    asks(&house, &client_id, &[("client-cert", &value)])
        .await
        .tokens();
}

#[tokio::test]
async fn ca_8_a_proxy_is_believed_about_one_certificate() {
    let (own, other) = (Made::alone(|_| ()), Made::alone(|_| ()));
    let (house, client_id) = told_by(&["127.0.0.1"], &own).await;
    let in_base64 = STANDARD.encode(own.certificate.der());
    let item = format!(":{in_base64}:");
    for value in [&escaped(&own), &in_base64, &item] {
        asks(&house, &client_id, &[("Client-Cert", value)])
            .await
            .tokens();
    }
    let (own, other) = (escaped(&own), escaped(&other));
    for wrong in [
        &[("Client-Cert", other.as_str())][..],
        &[("Client-Cert", "")],
        &[("Client-Cert", "(null)")],
        &[("Client-Cert", &own[..own.len() - 40])],
        // Which of two the proxy means nobody knows.
        &[("Client-Cert", &own), ("Client-Cert", &other)],
        &[("Client-Cert", &other), ("Client-Cert", &own)],
        &[("Client-Cert", &own), ("Client-Cert", &own)],
        &[],
    ] {
        asks(&house, &client_id, wrong).await.client_401();
    }
}
