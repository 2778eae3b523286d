//! Clients that prove who they are by a certificate (RFC 8705 §2): by one of their keys, or by a
//! name for which somebody vouches. A name alone is nothing.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use doorward::{
    clients::register::{NewClient, RegisterError},
    paths,
};
use entity::value::{ClientAuthMethod, ClientMetadata, GrantType};
use poem::http::Method;
use rcgen::{CertificateParams, DnType, SanType};
use serde_json::{Value, json};

use super::{
    made::{Made, jwk, jwks},
    served::Served,
};
use crate::support::{answer::Answer, database::Database, house::House, rp::Rp};

/// A client that is known by one of these keys.
pub fn by_keys(new: &mut NewClient, jwks: Value) {
    new.auth_method = Some(ClientAuthMethod::SelfSignedTlsClientAuth);
    new.metadata.jwks = Some(jwks);
    new.grant_types = Some(vec![
        GrantType::AuthorizationCode,
        GrantType::RefreshToken,
        GrantType::ClientCredentials,
    ]);
}

fn by_name(new: &mut NewClient, metadata: ClientMetadata) {
    new.auth_method = Some(ClientAuthMethod::TlsClientAuth);
    new.metadata = metadata;
}

/// A token request of a client for itself, with this certificate or none.
async fn asks(served: &Served, rp: &Rp<'_>, certificate: Option<&Made>) -> Answer {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", &rp.client_id),
    ];
    let call = served.call(Method::POST, paths::TOKEN, certificate);
    call.form(&form).await
}

fn common_name(name: &str) -> impl FnOnce(&mut CertificateParams) {
    move |params| params.distinguished_name.push(DnType::CommonName, name)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_is_known_by_its_key_and_by_no_other() {
    let served = Served::new(Database::sqlite().await).await;
    let (own, other) = (Made::alone(common_name("a")), Made::alone(common_name("a")));
    let by_certificate = |member: &str, value: Value| {
        let mut jwk = jwk(&own);
        jwk[member] = value;
        json!({ "keys": [jwk] })
    };
    let x5c = json!([STANDARD.encode(own.certificate.der())]);
    for keys in [
        jwks(&[&own]),
        jwks(&[&Made::alone(|_| ()), &own]),
        by_certificate("x5c", x5c),
        by_certificate("x5t#S256", json!(own.thumbprint())),
    ] {
        let rp = Rp::with(&served.house, |new| by_keys(new, keys)).await;
        assert_eq!(rp.client_secret, None);
        asks(&served, &rp, Some(&own)).await.tokens();
        asks(&served, &rp, Some(&other)).await.client_401();
        asks(&served, &rp, None).await.client_401();
        // Where nobody asks for it, none is shown.
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &rp.client_id),
        ];
        served
            .house
            .post(paths::TOKEN)
            .form(&form)
            .await
            .client_401();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_is_one_way_and_the_registered_one() {
    let served = Served::new(Database::sqlite().await).await;
    let own = Made::alone(|_| ());
    let rp = Rp::with(&served.house, |new| by_keys(new, jwks(&[&own]))).await;
    let id = ("client_id", rp.client_id.as_str());
    let itself = ("grant_type", "client_credentials");
    let call = || served.call(Method::POST, paths::TOKEN, Some(&own));
    call().form(&[itself]).await.client_401();
    let secret = ("client_secret", "any");
    call().form(&[itself, id, secret]).await.client_401();
    call()
        .basic(&rp.client_id, "any")
        .form(&[itself])
        .await
        .client_401();
    // It is no way of a client that has a secret, nor of one that is public.
    let confidential = Rp::confidential(&served.house).await;
    asks(&served, &confidential, Some(&own)).await.client_401();
    let another = Rp::with(&served.house, |new| {
        by_keys(new, jwks(&[&Made::alone(|_| ())]))
    })
    .await;
    asks(&served, &another, Some(&own)).await.client_401();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_endpoint_takes_the_certificate() {
    let served = Served::new(Database::sqlite().await).await;
    let own = Made::alone(|_| ());
    let rp = Rp::with(&served.house, |new| by_keys(new, jwks(&[&own]))).await;
    let token = asks(&served, &rp, Some(&own)).await.tokens().access_token;
    let form = [("client_id", rp.client_id.as_str()), ("token", &token)];
    let other = Made::alone(|_| ());
    let at = |path, certificate| served.call(Method::POST, path, certificate).form(&form);
    for path in [paths::INTROSPECT, paths::REVOKE] {
        at(path, None).await.client_401();
        at(path, Some(&other)).await.client_401();
    }
    assert_eq!(at(paths::INTROSPECT, Some(&own)).await.ok()["active"], true);
    let pushed = [
        ("client_id", rp.client_id.as_str()),
        ("response_type", "code"),
        ("redirect_uri", &rp.redirect_uri),
        ("scope", "openid"),
        (
            "code_challenge",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        ),
        ("code_challenge_method", "S256"),
    ];
    let push = |by| served.call(Method::POST, paths::PAR, by).form(&pushed);
    push(Some(&other)).await.client_401();
    push(Some(&own)).await.is(201);
    at(paths::REVOKE, Some(&own)).await.is(200);
    assert_eq!(
        at(paths::INTROSPECT, Some(&own)).await.ok()["active"],
        false
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_counts_if_somebody_vouches_for_it() {
    let served = Served::new(Database::sqlite().await).await;
    let fill = |params: &mut CertificateParams| {
        params.distinguished_name.push(DnType::CountryName, "CH");
        params
            .distinguished_name
            .push(DnType::CommonName, "A client");
        params.subject_alt_names = vec![
            SanType::DnsName("client.example".try_into().expect("a name")),
            SanType::URI("urn:example:client".try_into().expect("a URI")),
            SanType::IpAddress("192.0.2.7".parse().expect("an address")),
            SanType::Rfc822Name("client@example.com".try_into().expect("an address")),
        ];
    };
    let vouched = served.authority.vouches_for(fill);
    let own_word = Made::alone(fill);
    // Somebody else who goes by the same name.
    let namesake = super::made::Authority::named("An authority").vouches_for(fill);
    let other_name = served.authority.vouches_for(common_name("Another client"));
    let mut names: [ClientMetadata; 5] = Default::default();
    names[0].tls_client_auth_subject_dn = Some("CN=A client,C=CH".to_owned());
    names[1].tls_client_auth_san_dns = Some("client.example".to_owned());
    names[2].tls_client_auth_san_uri = Some("urn:example:client".to_owned());
    names[3].tls_client_auth_san_ip = Some("192.0.2.7".to_owned());
    names[4].tls_client_auth_san_email = Some("client@example.com".to_owned());
    for name in names {
        let rp = Rp::with(&served.house, |new| by_name(new, name)).await;
        asks(&served, &rp, Some(&vouched)).await.tokens();
        for wrong in [&own_word, &namesake, &other_name] {
            asks(&served, &rp, Some(wrong)).await.client_401();
        }
        asks(&served, &rp, None).await.client_401();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_vouches_for_a_certificate_that_has_ended() {
    let served = Served::new(Database::sqlite().await).await;
    let now = served.house.app.clock.now();
    let vouched = served.authority.vouches_for(|params| {
        params.distinguished_name.push(DnType::CommonName, "a");
        let year = chrono::Datelike::year(&now) + 1;
        params.not_after = rcgen::date_time_ymd(year, 12, 31);
    });
    let name = ClientMetadata {
        tls_client_auth_subject_dn: Some("CN=a".to_owned()),
        ..ClientMetadata::default()
    };
    let rp = Rp::with(&served.house, |new| by_name(new, name)).await;
    asks(&served, &rp, Some(&vouched)).await.tokens();
    served.house.turn(TimeDelta::days(3 * 366));
    asks(&served, &rp, Some(&vouched)).await.client_401();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn certificates_are_offered_where_they_are_taken() {
    let served = Served::new(Database::sqlite().await).await;
    let metadata = served.house.get(paths::DISCOVERY_OPENID).await.ok();
    let methods = &metadata["token_endpoint_auth_methods_supported"];
    let offers = |methods: &Value, name: &str| {
        let methods = methods.as_array().expect("methods");
        methods.iter().any(|method| method == name)
    };
    assert!(offers(methods, "tls_client_auth") && offers(methods, "self_signed_tls_client_auth"));
    assert_eq!(metadata["tls_client_certificate_bound_access_tokens"], true);
    let aliases = metadata["mtls_endpoint_aliases"]
        .as_object()
        .expect("aliases");
    assert_eq!(
        aliases["token_endpoint"],
        served.clients_url(paths::TOKEN).as_str()
    );
    // RFC 8705 §5: nowhere that a browser is sent to.
    assert!(!aliases.contains_key("authorization_endpoint"));
    for (name, alias) in aliases {
        let usual = metadata[name].as_str().expect("an endpoint of that name");
        let at = |url: &str| url.parse::<url::Url>().expect("a URL").path().to_owned();
        assert_eq!(at(alias.as_str().expect("a URL")), at(usual));
    }

    let house = House::new(Database::sqlite().await).await;
    let metadata = house.get(paths::DISCOVERY_OPENID).await.ok();
    let methods = &metadata["token_endpoint_auth_methods_supported"];
    assert!(!offers(methods, "tls_client_auth") && !offers(methods, "self_signed_tls_client_auth"));
    for absent in [
        "mtls_endpoint_aliases",
        "tls_client_certificate_bound_access_tokens",
    ] {
        assert!(metadata.get(absent).is_none(), "{absent}");
    }
    for method in [
        ClientAuthMethod::TlsClientAuth,
        ClientAuthMethod::SelfSignedTlsClientAuth,
    ] {
        let mut new = NewClient::named("Example");
        new.auth_method = Some(method);
        let added = doorward::clients::register::add(&house.app, new).await;
        assert!(
            matches!(added, Err(RegisterError::Metadata(..))),
            "{added:?}"
        );
    }
}
