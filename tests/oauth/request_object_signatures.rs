//! JW-1 to JW-7 at the authorization endpoint: a request object is believed for its signature with a
//! registered key and a registered algorithm, and for nothing that it says of itself.

use entity::value::{Profile, SigningAlg};
use serde_json::{Value, json};

use super::{
    forge::{Bait, Signer, spellings},
    granted::Granted,
    pushing::{Signing, header, object, oidc, push},
};
use crate::support::{
    browser::Browser,
    database::{Database, both},
    dpop::{DpopKey, Options},
    house::House,
    rp::Rp,
};

/// Fails unless the object is refused where a browser brings it and where it is pushed.
async fn is_refused(browser: &mut Browser<'_>, rp: &Rp<'_>, request: &str) {
    let changes = [("request", Some(request))];
    let answer = browser.get_from_stranger(&rp.authorize_url(&changes)).await;
    answer.answered("invalid_request_object");
    push(rp, &changes)
        .await
        .oauth_error(400, "invalid_request_object");
}

async fn is_taken(browser: &mut Browser<'_>, rp: &Rp<'_>, request: &str) {
    let changes = [("request", Some(request))];
    let answer = browser.get_from_stranger(&rp.authorize_url(&changes)).await;
    answer.sent_to(doorward::paths::LOGIN);
    push(rp, &changes).await.is(201);
}

both! {
    async fn jw_1_nobodys_signature_is_none(db: Database) {
        let house = House::new(db).await;
        let signing = Signing::es256();
        let mut browser = house.browser();
        let alone = |alg: &'static str| move |new: &mut doorward::clients::register::NewClient| {
            oidc(new);
            new.metadata.request_object_signing_alg = Some(alg.to_owned());
        };
        let clients = [
            signing.client(&house, |_| ()).await,
            signing.client(&house, alone("ES256")).await,
            signing.client(&house, |new| {
                oidc(new);
                new.metadata.require_signed_request_object = Some(true);
            }).await,
            Rp::confidential(&house).await,
        ];
        for rp in &clients {
            let usual = object(&house, rp, &json!({}));
            let signed = signing.sign(&usual);
            let (rest, signature) = signed.rsplit_once('.').expect("a signature");
            let mut all = vec![format!("{rest}."), rest.to_owned(), format!("{rest}.{signature}.")];
            for alg in ["none", "None", "nOnE", "NONE", ""] {
                for kid in [Value::Null, json!("k1")] {
                    let header = header("none", &json!({ "alg": alg, "kid": kid })).to_string();
                    let bare = Signer::Nobody.sign(&header, &usual.to_string());
                    all.extend([bare.trim_end_matches('.').to_owned(), format!("{bare}{signature}"), bare]);
                }
            }
            for forged in &all {
                is_refused(&mut browser, rp, forged).await;
            }
        }
    }

    async fn jw_1_an_unsigned_object_is_for_clients_whose_profile_allows_it(db: Database) {
        let house = House::new(db).await;
        let mut browser = house.browser();
        let rp = Rp::with(&house, oidc).await;
        let usual = object(&house, &rp, &json!({}));
        let with = |changes: Value| Signer::Nobody.sign(&header("none", &changes).to_string(), &usual.to_string());
        let plain = with(json!({ "kid": null, "typ": null }));
        is_taken(&mut browser, &rp, &plain).await;
        for changes in [
            json!({ "alg": "None" }),
            json!({ "alg": null }),
            json!({ "crit": ["exp"] }),
            json!({ "b64": false }),
            json!({ "zip": "DEF" }),
            json!({ "enc": "A128GCM" }),
            json!({ "jwk": {} }),
            json!({ "typ": "at+jwt" }),
            json!({ "typ": 1 }),
        ] {
            is_refused(&mut browser, &rp, &with(changes)).await;
        }
        is_refused(&mut browser, &rp, &format!("{plain}AAAA")).await;
        is_refused(&mut browser, &rp, &format!("{plain}.")).await;
        is_refused(&mut browser, &rp, plain.trim_end_matches('.')).await;
        // It is no less bound to its client and its time.
        let late = object(&house, &rp, &json!({ "exp": 1 }));
        let late = Signer::Nobody.sign(r#"{"alg":"none"}"#, &late.to_string());
        is_refused(&mut browser, &rp, &late).await;
    }

    async fn jw_2_a_public_key_is_no_password(db: Database) {
        let house = House::new(db).await;
        let signing = Signing::es256();
        let rp = signing.client(&house, |_| ()).await;
        let usual = object(&house, &rp, &json!({})).to_string();
        let mut browser = house.browser();
        let mut keys = spellings(&signing.key.jwk);
        let secret = rp.client_secret.as_deref().expect("a secret");
        keys.push(secret.as_bytes().to_vec());
        keys.push(signing.jwks().to_string().into_bytes());
        for key in keys {
            for alg in ["HS256", "HS512"] {
                let header = header(alg, &json!({})).to_string();
                let forged = Signer::mac(alg, &key).sign(&header, &usual);
                let changes = [("request", Some(forged.as_str()))];
                let answer = browser.get_from_stranger(&rp.authorize_url(&changes)).await;
                answer.answered("invalid_request_object");
            }
        }
    }

    async fn jw_3_a_header_brings_no_key_and_no_extension(db: Database) {
        let house = House::new(db).await;
        let signing = Signing::es256();
        let rp = signing.client(&house, |_| ()).await;
        let mut browser = house.browser();
        let bait = Bait::new();
        let usual = object(&house, &rp, &json!({}));
        let thief = Signing::es256();
        let own = thief.jwks()["keys"][0].clone();
        for changes in [
            json!({ "jwk": own }),
            json!({ "jku": bait.url() }),
            json!({ "x5u": bait.url() }),
            json!({ "x5c": ["AAAA"] }),
            json!({ "crit": ["exp"], "exp": 1 }),
            json!({ "b64": false }),
            json!({ "zip": "DEF" }),
            json!({ "kid": "../../dev/null" }),
            json!({ "kid": "' OR 1=1--" }),
            json!({ "kid": "k2" }),
            json!({ "kid": "\u{202e}k1" }),
            json!({ "kid": "x".repeat(8000) }),
        ] {
            is_refused(&mut browser, &rp, &signing.sign_with(&changes, &usual)).await;
            is_refused(&mut browser, &rp, &thief.sign_with(&changes, &usual)).await;
        }
        is_refused(&mut browser, &rp, &thief.sign(&usual)).await;
        bait.untouched();
        is_taken(&mut browser, &rp, &signing.sign(&usual)).await;
        // One key is no choice, so its name may be left out.
        is_taken(&mut browser, &rp, &signing.sign_with(&json!({ "kid": null }), &usual)).await;
    }

    async fn jw_4_a_jwt_of_another_kind_is_no_request_object(db: Database) {
        let house = House::new(db).await;
        let signing = Signing::es256();
        let mut granted = Granted::to(&house, signing.client(&house, |_| ()).await).await;
        let tokens = granted.tokens().await;
        let mut browser = house.browser();
        let rp = &granted.rp;
        let usual = object(&house, rp, &json!({}));
        let url = house.url(doorward::paths::AUTHORIZE).to_string();
        let assertion = object(&house, rp, &json!({ "sub": rp.client_id }));
        for other in [
            tokens.access_token.clone(),
            tokens.id_token.clone().expect("an ID token"),
            signing.key.proof("GET", &url, Options::default()),
            signing.sign_with(&json!({ "typ": "JWT" }), &assertion),
            signing.sign_with(&json!({ "typ": null }), &assertion),
            signing.sign_with(&json!({ "typ": "client-authentication+jwt" }), &usual),
            signing.sign_with(&json!({ "typ": "at+jwt" }), &usual),
            signing.sign_with(&json!({ "typ": "dpop+jwt" }), &usual),
            signing.sign_with(&json!({ "typ": "logout+jwt" }), &usual),
            signing.sign_with(&json!({ "typ": ["JWT"] }), &usual),
            Signer::ours(&house, SigningAlg::ES256).await.token("JWT", &json!({}), &usual),
        ] {
            is_refused(&mut browser, rp, &other).await;
        }
        for typ in [json!("JWT"), json!("jwt"), json!("application/oauth-authz-req+jwt"), Value::Null] {
            is_taken(&mut browser, rp, &signing.sign_with(&json!({ "typ": typ }), &usual)).await;
        }
        // And a request object opens no other door.
        let object = signing.sign(&usual);
        house.get(doorward::paths::USERINFO).bearer(&object).await.bearer_error(401, "invalid_token");
        let hint = rp.authorize_url(&[("id_token_hint", Some(&object))]);
        browser.get_from_stranger(&hint).await.answered("invalid_request");
    }
}

#[tokio::test]
async fn only_the_registered_algorithm_is_taken() {
    let house = House::new(Database::sqlite().await).await;
    let mut browser = house.browser();
    let keys = [
        DpopKey::new(),
        DpopKey::ed25519(),
        DpopKey::rsa("PS256"),
        DpopKey::rsa("RS256"),
    ];
    let keys = keys.map(|key| Signing { key });
    let all: Vec<Value> = keys
        .iter()
        .map(|signing| {
            let mut jwk = signing.jwks()["keys"][0].clone();
            jwk["kid"] = json!(signing.key.alg);
            jwk
        })
        .collect();
    let jwks = json!({ "keys": all });
    for registered in [
        None,
        Some("RS256"),
        Some("ES256"),
        Some("EdDSA"),
        Some("PS256"),
        Some("none"),
    ] {
        for profile in [Profile::Oauth21, Profile::Oidc] {
            // Of the others no such thing is registered.
            if registered == Some("none") && profile != Profile::Oidc {
                continue;
            }
            let rp = Rp::with(&house, |new| {
                new.profile = profile;
                new.metadata.jwks = Some(jwks.clone());
                new.metadata.request_object_signing_alg = registered.map(str::to_owned);
            });
            let rp = rp.await;
            let usual = object(&house, &rp, &json!({}));
            for signing in &keys {
                let alg = signing.key.alg;
                let signed = signing.sign_with(&json!({ "kid": alg }), &usual);
                match registered.is_none_or(|own| own == alg) {
                    true => is_taken(&mut browser, &rp, &signed).await,
                    false => is_refused(&mut browser, &rp, &signed).await,
                }
            }
            let unsigned = Signer::Nobody.sign(r#"{"alg":"none"}"#, &usual.to_string());
            match profile == Profile::Oidc && matches!(registered, None | Some("none")) {
                true => is_taken(&mut browser, &rp, &unsigned).await,
                false => is_refused(&mut browser, &rp, &unsigned).await,
            }
        }
    }
}

#[tokio::test]
async fn jw_7_an_encrypted_object_is_refused() {
    let house = House::new(Database::sqlite().await).await;
    let signing = Signing::es256();
    let rp = signing.client(&house, oidc).await;
    let mut browser = house.browser();
    let usual = object(&house, &rp, &json!({}));
    let signed = signing.sign(&usual);
    let part = |text: &str| {
        Signer::Nobody
            .sign(text, "")
            .split('.')
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    let head = part(r#"{"alg":"dir","enc":"A128GCM"}"#);
    let claims = signed.split('.').nth(1).expect("claims");
    for encrypted in [
        format!("{head}..AAAA.{claims}.AAAA"),
        format!("{head}.{claims}.AAAA.AAAA.AAAA"),
        format!("{head}.{claims}."),
        format!("{}.{claims}.", part(r#"{"alg":"none","enc":"A128GCM"}"#)),
        format!(
            "{}.{}.",
            part(r#"{"alg":"none","cty":"JWT"}"#),
            part(&signed)
        ),
    ] {
        is_refused(&mut browser, &rp, &encrypted).await;
    }
}
