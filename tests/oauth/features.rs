//! Metadata is true: each switch of `[features]`, and the two that stand elsewhere, changes what
//! discovery says and what the doors do. The doors of pushed requests, DPoP tokens, request objects,
//! devices, exchange and both logouts are tried where they are tested, under "off".

use std::collections::BTreeSet;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use doorward::{
    clients::register::{self, NewClient},
    config::{Config, Features},
    paths,
};
use entity::value::{GrantType, Profile, ResponseType, SubjectType};
use serde_json::{Value, json};

use super::{
    granted::{Granted, change_client, sqlite},
    jwt::claims,
    metadata::listed,
    pushing::answer,
    registering::{register as ask_for, registering_with, usual},
};
use crate::support::{answer::Answer, database::Database, house::House, rp::Rp};

/// A switch, and the members of the metadata that turn with it.
const MEMBERS: [(&str, &[&str]); 12] = [
    (
        "pushed_requests",
        &[
            "pushed_authorization_request_endpoint",
            "require_pushed_authorization_requests",
        ],
    ),
    ("dpop", &["dpop_signing_alg_values_supported"]),
    (
        "request_objects",
        &[
            "request_object_signing_alg_values_supported",
            "request_parameter_supported",
        ],
    ),
    (
        "unsigned_request_objects",
        &["request_object_signing_alg_values_supported"],
    ),
    (
        "request_uri",
        &[
            "request_uri_parameter_supported",
            "require_request_uri_registration",
        ],
    ),
    ("claims_parameter", &["claims_parameter_supported"]),
    (
        "implicit_and_hybrid",
        &["grant_types_supported", "response_types_supported"],
    ),
    (
        "device_flow",
        &["device_authorization_endpoint", "grant_types_supported"],
    ),
    ("token_exchange", &["grant_types_supported"]),
    ("pairwise_subjects", &["subject_types_supported"]),
    (
        "frontchannel_logout",
        &[
            "frontchannel_logout_session_supported",
            "frontchannel_logout_supported",
        ],
    ),
    (
        "backchannel_logout",
        &[
            "backchannel_logout_session_supported",
            "backchannel_logout_supported",
        ],
    ),
];

async fn with(change: impl FnOnce(&mut Config)) -> House {
    House::with(Database::sqlite().await, change).await
}

async fn document(house: &House) -> Value {
    house.get(paths::DISCOVERY_OPENID).await.ok()
}

/// The names of the members that differ.
fn differing<'a>(one: &'a Value, other: &'a Value) -> Vec<&'a str> {
    let names = |document: &'a Value| document.as_object().expect("a document").keys();
    let all: BTreeSet<&str> = names(one).chain(names(other)).map(String::as_str).collect();
    let differs = |name: &&str| one.get(*name) != other.get(*name);
    all.into_iter().filter(differs).collect()
}

#[tokio::test]
async fn each_switch_turns_its_own_members_and_no_others() {
    let usual = sqlite().await;
    let before = document(&usual).await;
    let switches = serde_json::to_value(usual.app.config.features).expect("switches");
    let named: Vec<&str> = MEMBERS.iter().map(|(name, _)| *name).collect();
    let mut known = super::granted::names(&switches);
    known.sort_by_key(|name| named.iter().position(|own| own == name));
    assert_eq!(known, named, "a switch without a row here");
    for (switch, members) in MEMBERS {
        let mut turned = switches.clone();
        turned[switch] = json!(switches[switch] == false);
        let features = serde_json::from_value(turned).expect("switches");
        let house = with(|config| config.features = features).await;
        assert_eq!(
            differing(&before, &document(&house).await),
            members,
            "{switch}"
        );
    }
}

/// A client of the profile that has them, whatever is switched on.
async fn front<'a>(house: &'a House, kinds: &[ResponseType]) -> Rp<'a> {
    let rp = Rp::with(house, |new| new.profile = Profile::Oidc).await;
    change_client(house, &rp, |row| {
        row.response_types.0 = kinds.to_vec();
        row.grant_types.0.push(GrantType::Implicit);
    })
    .await;
    rp
}

#[track_caller]
fn in_fragment(answer: &Answer, member: &str) {
    let to = answer.is(303).location().expect("a Location");
    let fragment = to.fragment().unwrap_or_default();
    let has = fragment.split('&').any(|pair| pair.starts_with(member));
    assert!(has, "no {member}: {to}");
}

#[tokio::test]
async fn implicit_and_hybrid() {
    use ResponseType::{Code, CodeIdToken, IdToken};
    let off = with(|config| config.features.implicit_and_hybrid = false).await;
    let on = sqlite().await;
    assert_eq!(listed(&off, "response_types_supported").await, ["code"]);
    assert_eq!(listed(&on, "response_types_supported").await.len(), 6);
    for (house, said) in [
        (&off, "error=unsupported_response_type"),
        (&on, "id_token="),
    ] {
        let rp = front(house, &[Code, IdToken, CodeIdToken]).await;
        let mut browser = house.browser();
        for kind in ["id_token", "code id_token"] {
            let url = rp.authorize_url(&[("response_type", Some(kind))]);
            in_fragment(answer(&mut browser, house, &url).await.last(), said);
        }
        let url = rp.authorize_url(&[]);
        answer(&mut browser, house, &url).await.last().code();
    }
}

#[tokio::test]
async fn claims_parameter() {
    let asked = r#"{"id_token":{"email":null},"userinfo":{"phone_number":null}}"#;
    for on in [true, false] {
        let house = with(|config| config.features.claims_parameter = on).await;
        assert_eq!(document(&house).await["claims_parameter_supported"], on);
        let mut granted = Granted::confidential(&house).await;
        let url = granted.rp.authorize_url(&[("claims", Some(asked))]);
        granted.browser.get_from_stranger(&url).await;
        match on {
            true => granted.browser.last().sent_to(paths::CONSENT),
            false => granted.browser.last(),
        };
        let code = answer(&mut granted.browser, &house, &url)
            .await
            .last()
            .code();
        let token = granted.rp.exchange(&code).await.tokens().id_token;
        let said = claims(&token.expect("an ID token"));
        assert_eq!(said.get("email").is_some(), on, "{said}");
        // What is ignored can be anything.
        let url = granted.rp.authorize_url(&[("claims", Some("nonsense"))]);
        let wrong = granted.browser.get_from_stranger(&url).await;
        match on {
            true => drop(wrong.answered("invalid_request")),
            false => drop(wrong.code()),
        }
    }
}

#[tokio::test]
async fn dpop_at_the_authorization_endpoint() {
    for on in [true, false] {
        let house = with(|config| config.features.dpop = on).await;
        let mut granted = Granted::confidential(&house).await;
        let url = granted.rp.authorize_url(&[("dpop_jkt", Some("nonsense"))]);
        let wrong = granted.browser.get_from_stranger(&url).await;
        match on {
            true => drop(wrong.answered("invalid_request")),
            false => drop(wrong.code()),
        }
    }
}

#[tokio::test]
async fn unsigned_request_objects() {
    let off = with(|config| config.features.unsigned_request_objects = false).await;
    let on = sqlite().await;
    for (house, taken) in [(&off, false), (&on, true)] {
        let algs = listed(house, "request_object_signing_alg_values_supported").await;
        assert_eq!(algs.iter().any(|alg| alg == "none"), taken, "{algs:?}");
        let rp = front(house, &[ResponseType::Code]).await;
        let part = |json: Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let inside = json!({ "client_id": rp.client_id, "scope": "openid" });
        let object = format!("{}.{}.", part(json!({ "alg": "none" })), part(inside));
        let url = rp.authorize_url(&[("request", Some(&object))]);
        let mut browser = house.browser();
        let answer = browser.get_from_stranger(&url).await;
        match taken {
            true => answer.sent_to(paths::LOGIN),
            false => answer.answered("invalid_request_object"),
        };
    }
}

/// What is weaker than it has to be, or makes this server call others, waits for its operator.
#[tokio::test]
async fn what_is_weak_is_off_until_it_is_switched_on() {
    let house = with(|config| config.features = Features::default()).await;
    let document = document(&house).await;
    assert_eq!(document["response_types_supported"], json!(["code"]));
    assert_eq!(document["request_uri_parameter_supported"], false);
    let algs = &document["request_object_signing_alg_values_supported"];
    assert!(!algs.to_string().contains("none"), "{algs}");
    assert!(document.get("registration_endpoint").is_none());
}

/// Who was known by a pairwise name before is known by it still: another name would be another person.
#[tokio::test]
async fn pairwise_subjects() {
    let house = with(|config| config.features.pairwise_subjects = false).await;
    assert_eq!(listed(&house, "subject_types_supported").await, ["public"]);
    let mut granted = Granted::confidential(&house).await;
    let subject = |token: Option<String>| claims(&token.expect("an ID token"))["sub"].clone();
    let public = subject(granted.tokens().await.id_token);
    change_client(&house, &granted.rp, |row| {
        row.subject_type = SubjectType::Pairwise
    })
    .await;
    let pairwise = subject(granted.tokens().await.id_token);
    assert_ne!(public, pairwise);
}

#[tokio::test]
async fn registration() {
    let off = sqlite().await;
    assert!(document(&off).await.get("registration_endpoint").is_none());
    ask_for(&off, &usual(&json!({})))
        .await
        .oauth_error(404, "invalid_request");
    let on = registering_with(Database::sqlite().await, |_| ()).await;
    let endpoint = on.url(paths::CLIENT_REGISTRATION);
    assert_eq!(
        document(&on).await["registration_endpoint"],
        endpoint.as_str()
    );
    ask_for(&on, &usual(&json!({}))).await.is(201);
}

/// Certificates that a proxy hands on; those of our own listener are tried in `tests/tls`.
#[tokio::test]
async fn client_certificates() {
    let off = sqlite().await;
    let on =
        with(|config| config.server.client_certificate_header = Some("Client-Cert".to_owned()));
    let on = on.await;
    assert_eq!(
        differing(&document(&off).await, &document(&on).await),
        [
            "introspection_endpoint_auth_methods_supported",
            "revocation_endpoint_auth_methods_supported",
            "tls_client_certificate_bound_access_tokens",
            "token_endpoint_auth_methods_supported",
        ]
    );
    let methods = listed(&on, "token_endpoint_auth_methods_supported").await;
    let has = |name: &str| methods.iter().any(|method| method == name);
    assert!(has("self_signed_tls_client_auth"));
    assert!(!has("tls_client_auth"), "nobody vouches for a name");
    let new = || {
        let mut new = NewClient::named("Example");
        new.redirect_uris = vec!["https://app.example/cb".to_owned()];
        new.metadata.tls_client_certificate_bound_access_tokens = Some(true);
        new
    };
    assert!(register::add(&on.app, new()).await.is_ok());
    assert!(register::add(&off.app, new()).await.is_err());
}
