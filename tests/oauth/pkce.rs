//! PKCE (RFC 7636): S256 in every request of every client, and the verifier with every code.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use doorward::{
    config::{Config, Features},
    crypto::sha256,
    paths,
};
use entity::value::{ApplicationType, EventKind, Profile};

use super::granted::{Granted, events, sqlite};
use crate::support::{
    database::{Database, both},
    house::House,
    rp::Rp,
};

/// A token request for `code` with any verifier or none.
async fn redeemed(granted: &Granted<'_>, code: &str, verifier: Option<&str>) -> u16 {
    let rp = &granted.rp;
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", &rp.redirect_uri),
    ];
    form.extend(verifier.map(|verifier| ("code_verifier", verifier)));
    let answer = rp.token(&form).await;
    match answer.status {
        200 => drop(answer.tokens()),
        _ => drop(answer.oauth_error(400, "invalid_grant")),
    }
    answer.status
}

/// Clients of every kind that there is.
async fn every_kind(house: &House) -> Vec<(Rp<'_>, bool)> {
    let mut all = Vec::new();
    for profile in [Profile::Oauth21, Profile::Oidc] {
        for public in [true, false] {
            for application_type in [ApplicationType::Web, ApplicationType::Native] {
                let rp = Rp::with(house, |new| {
                    new.profile = profile;
                    new.public = public;
                    new.application_type = application_type;
                });
                // RFC 9700 §2.1.1: only a confidential client may do without, if it has to.
                let exempt = profile == Profile::Oidc && !public;
                all.push((rp.await, exempt));
            }
        }
    }
    all
}

const NONE: [(&str, Option<&str>); 2] = [("code_challenge", None), ("code_challenge_method", None)];

both! {
    async fn pk_6_a_constant_challenge_or_nonce_is_answered_and_seen(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let mut other = Granted::confidential(&house).await;
        let seen = || events(&house, EventKind::ConstantSeen);
        assert_eq!(seen().await, 0);
        granted.code().await;
        assert_eq!(seen().await, 1, "the same challenge and nonce");
        let fresh = URL_SAFE_NO_PAD.encode(sha256(b"another verifier"));
        let changes = [("code_challenge", Some(fresh.as_str())), ("nonce", Some("another"))];
        granted.code_for(&changes).await;
        assert_eq!(seen().await, 1, "both are new");
        let fresh = URL_SAFE_NO_PAD.encode(sha256(b"a third verifier"));
        granted.code_for(&[("code_challenge", Some(fresh.as_str())), ("nonce", Some("another"))]).await;
        assert_eq!(seen().await, 2, "the same nonce");
        // What another client sends is that client's.
        let nonce = granted.rp.nonce.clone();
        let fresh = URL_SAFE_NO_PAD.encode(sha256(b"a fourth verifier"));
        other.code_for(&[("code_challenge", Some(fresh.as_str())), ("nonce", Some(nonce.as_str()))]).await;
        assert_eq!(seen().await, 2, "new from this client");
    }

    async fn pk_1_pk_5_a_challenge_without_a_verifier_buys_nothing(db: Database) {
        let house = House::new(db).await;
        for (rp, _) in every_kind(&house).await {
            let mut granted = Granted::to(&house, rp).await;
            let code = granted.code().await;
            let before = house.rows().await;
            assert_eq!(redeemed(&granted, &code, None).await, 400);
            assert_eq!(redeemed(&granted, &code, Some("")).await, 400);
            assert_eq!(house.rows().await, before);
            let verifier = granted.rp.code_verifier.clone();
            assert_eq!(redeemed(&granted, &code, Some(&verifier)).await, 200);
        }
    }

    async fn pk_2_pk_5_a_request_without_a_challenge_is_refused(db: Database) {
        let house = House::new(db).await;
        for (rp, exempt) in every_kind(&house).await {
            let granted = Granted::to(&house, rp).await;
            let url = granted.rp.authorize_url(&NONE);
            let mut browser = granted.browser;
            let answer = browser.get_from_stranger(&url).await;
            if exempt {
                answer.code();
            } else {
                answer.answered("invalid_request");
            }
            // Not before the person signs in either: nobody is asked for what cannot be.
            let answer = house.browser().get_from_stranger(&url).await.clone();
            if exempt {
                answer.sent_to(paths::LOGIN);
            } else {
                answer.answered("invalid_request");
            }
        }
    }

    async fn pk_2_a_code_without_a_challenge_fits_no_verifier(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::with(&house, |new| new.profile = Profile::Oidc).await;
        let mut granted = Granted::to(&house, rp).await;
        let bare = granted.code_for(&NONE).await;
        let before = house.rows().await;
        // Somebody puts their code, got without a challenge, into the flow of another.
        let verifier = granted.rp.code_verifier.clone();
        for verifier in [verifier.as_str(), "", "x"] {
            assert_eq!(redeemed(&granted, &bare, Some(verifier)).await, 400);
        }
        assert_eq!(house.rows().await, before);
        assert_eq!(redeemed(&granted, &bare, None).await, 200);
    }
}

#[tokio::test]
async fn pk_3_only_a_whole_s256_challenge_is_taken() {
    let house = sqlite().await;
    for rp in [
        Rp::public(&house).await,
        Rp::with(&house, |new| new.profile = Profile::Oidc).await,
    ] {
        let granted = Granted::to(&house, rp).await;
        let before = house.rows().await;
        let verifier = granted.rp.code_verifier.clone();
        let hash = sha256(verifier.as_bytes());
        let challenge = URL_SAFE_NO_PAD.encode(hash);
        let padded = format!("{challenge}=");
        let longer = format!("{challenge}A");
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        let other_alphabet = format!("{}+/", &challenge[..41]);
        let spaced = format!(" {}", &challenge[1..]);
        let table = [
            (Some(challenge.as_str()), Some("plain")),
            (Some(verifier.as_str()), Some("plain")),
            (Some(&challenge), None),
            (Some(&challenge), Some("")),
            (Some(&challenge), Some("s256")),
            (Some(&challenge), Some("S512")),
            (Some(&challenge), Some("S256 ")),
            (Some(&challenge), Some("none")),
            (Some(&challenge[..42]), Some("S256")),
            (Some(&longer), Some("S256")),
            (Some(&padded), Some("S256")),
            (Some(&hex), Some("S256")),
            (Some(&other_alphabet), Some("S256")),
            (Some(&spaced), Some("S256")),
            (Some(""), Some("S256")),
            (None, Some("S256")),
        ];
        let mut browser = granted.browser;
        for (challenge, method) in table {
            let changes = [
                ("code_challenge", challenge),
                ("code_challenge_method", method),
            ];
            let url = granted.rp.authorize_url(&changes);
            let answer = browser.get_from_stranger(&url).await;
            assert_eq!(answer.status, 303, "{challenge:?} {method:?}");
            answer.answered("invalid_request");
        }
        assert_eq!(house.rows().await, before);
    }
}

#[tokio::test]
async fn pk_3_only_the_verifier_itself_is_taken() {
    let house = sqlite().await;
    let mut rp = Rp::public(&house).await;
    // The longest that is allowed (RFC 7636 §4.1), with every kind of character.
    rp.code_verifier = format!("{}-._~", "aZ09".repeat(31));
    let verifier = rp.code_verifier.clone();
    let challenge = URL_SAFE_NO_PAD.encode(sha256(verifier.as_bytes()));
    let mut granted = Granted::to(&house, rp).await;
    let code = granted.code().await;
    let before = house.rows().await;
    for wrong in [
        challenge.clone(),
        format!("{challenge}="),
        format!("{verifier}="),
        format!("{verifier}a"),
        verifier[..127].to_owned(),
        verifier[..42].to_owned(),
        verifier.to_lowercase(),
        verifier.replace('~', "!"),
        verifier.replace('~', " "),
        verifier.replace('~', "é"),
        format!(" {verifier}"),
        format!("{verifier}\n"),
    ] {
        assert_eq!(
            redeemed(&granted, &code, Some(&wrong)).await,
            400,
            "{wrong}"
        );
    }
    assert_eq!(house.rows().await, before);
    assert_eq!(redeemed(&granted, &code, Some(&verifier)).await, 200);
}

/// A verifier outside of the grammar is no verifier, even if it is the one that was hashed.
#[tokio::test]
async fn pk_3_a_verifier_outside_of_the_grammar_cannot_be_agreed_on() {
    let house = sqlite().await;
    let mut granted = Granted::public(&house).await;
    for wrong in [
        "a".repeat(42),
        "a".repeat(129),
        "a b".repeat(20),
        "é".repeat(22),
    ] {
        let challenge = URL_SAFE_NO_PAD.encode(sha256(wrong.as_bytes()));
        let changes = [("code_challenge", Some(challenge.as_str()))];
        let code = granted.code_for(&changes).await;
        assert_eq!(
            redeemed(&granted, &code, Some(&wrong)).await,
            400,
            "{wrong}"
        );
    }
    let mut rp = Rp::public(&house).await;
    rp.code_verifier = "a".repeat(43);
    let mut granted = Granted::to(&house, rp).await;
    granted.tokens().await;
}

/// Nobody has configured anything: what is weak does not exist, and is not offered either.
#[tokio::test]
async fn pk_4_nothing_weak_is_on_by_default() {
    let usual = |config: &mut Config| config.features = Features::default();
    let house = House::with(Database::sqlite().await, usual).await;
    let granted = Granted::public(&house).await;
    for path in [paths::DISCOVERY_OPENID, paths::DISCOVERY_OAUTH] {
        let told = house.get(path).await.ok();
        assert_eq!(
            told["code_challenge_methods_supported"],
            serde_json::json!(["S256"])
        );
        assert_eq!(
            told["response_types_supported"],
            serde_json::json!(["code"])
        );
        let grants = told["grant_types_supported"].to_string();
        assert!(
            !grants.contains("password") && !grants.contains("implicit"),
            "{grants}"
        );
        for (name, value) in told.as_object().expect("an object") {
            // A MAC is for clients that prove that they know their secret, of 256 bits, and for
            // nothing that we say.
            let macs = value.to_string().to_lowercase().contains("\"hs256\"");
            assert!(
                !macs || name.contains("auth_signing_alg"),
                "{name}: {value}"
            );
        }
        for (name, value) in told.as_object().expect("an object") {
            let weak = name.contains("alg") && value.to_string().contains("none");
            assert!(!weak, "{name}: {value}");
        }
    }
    let form = [("grant_type", "password"), ("username", "ada@example.com")];
    let form = [&form[..], &[("password", house.person().await.password)]].concat();
    let answer = granted.rp.token(&form).await;
    answer.oauth_error(400, "unsupported_grant_type");
    let mut browser = granted.browser;
    for kind in [
        "token",
        "id_token",
        "id_token token",
        "code token",
        "code id_token",
        "none",
    ] {
        let url = granted.rp.authorize_url(&[("response_type", Some(kind))]);
        let answer = browser.get_from_stranger(&url).await;
        // In the fragment where a token was asked for, so it is no answer of the code flow.
        answer.has("Location", |to| {
            to.contains("error=unsupported_response_type&")
        });
    }
}
