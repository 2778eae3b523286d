//! Nonces in DPoP proofs, where the operator asks for them (RFC 9449 §8, §9, §11.3).

use chrono::TimeDelta;
use doorward::paths;
use serde_json::json;

use super::{
    bound::{Bound, remembered},
    granted::Granted,
};
use crate::support::{
    answer::Answer,
    call::Call,
    database::Database,
    dpop::{DpopKey, Options},
    house::House,
    rp::Rp,
};

const OWN: [(&str, &str); 1] = [("grant_type", "client_credentials")];

async fn asking() -> House {
    let database = Database::sqlite().await;
    House::with(database, |config| config.tokens.dpop_nonces = true).await
}

/// The one nonce of an answer.
#[track_caller]
fn nonce(answer: &Answer) -> String {
    let all: Vec<_> = answer.headers.get_all("DPoP-Nonce").iter().collect();
    let [one] = all[..] else {
        panic!("{all:?}: {}", answer.told());
    };
    one.to_str().expect("ASCII").to_owned()
}

fn options<'a>(bound: &Bound<'_>, nonce: &'a str) -> Options<'a> {
    Options {
        nonce: Some(nonce),
        iat: Some(bound.now().timestamp()),
        ..Options::default()
    }
}

/// A token request with a proof that has this nonce.
fn with(bound: &Bound<'_>, nonce: &str) -> Call {
    let proof = bound.proof(options(bound, nonce));
    bound.token(&OWN).header("DPoP", &proof)
}

#[tokio::test]
async fn dp_1_a_proof_without_our_nonce_gets_the_nonce() {
    let house = asking().await;
    let mut bound = Bound::confidential(&house).await;
    let without = Options {
        jti: Some("mine"),
        ..Options::default()
    };
    let answer = bound
        .token(&OWN)
        .header("DPoP", &bound.proof(without.clone()))
        .await;
    answer.oauth_error(400, "use_dpop_nonce");
    let given = nonce(&answer);
    assert!(remembered(&house).await.is_empty());

    // The same proof again, with the nonce.
    let again = Options {
        nonce: Some(&given),
        ..without
    };
    let answer = bound.token(&OWN).header("DPoP", &bound.proof(again)).await;
    answer.bound_tokens();
    assert_eq!(nonce(&answer), given);

    // RFC 9449 §11.3: not left out, not made up, not of another kind.
    let long = "n".repeat(300);
    for bad in [
        "",
        "x",
        &given[1..],
        &given.to_lowercase(),
        &format!("{given}="),
        &long,
    ] {
        let answer = with(&bound, bad).await;
        let code = if bad == long {
            "invalid_dpop_proof"
        } else {
            "use_dpop_nonce"
        };
        answer.oauth_error(400, code);
        assert_eq!(nonce(&answer), given);
    }
    let null = Options {
        claims: json!({ "nonce": null }),
        ..Options::default()
    };
    let answer = bound.token(&OWN).header("DPoP", &bound.proof(null)).await;
    answer.oauth_error(400, "use_dpop_nonce");

    // What is wrong with it otherwise is wrong with it.
    let other = bound.proof_of(&DpopKey::rsa("RS256"), Options::default());
    let answer = bound.token(&OWN).header("DPoP", &other).await;
    answer.oauth_error(400, "invalid_dpop_proof");

    let code = bound.granted.code().await;
    let proof = bound.proof(options(&bound, &given));
    let token = bound
        .exchange(&code)
        .header("DPoP", &proof)
        .await
        .bound_tokens();
    let answer = bound.userinfo(&token.access_token).await;
    answer.dpop_error("use_dpop_nonce");
    let given = nonce(&answer);
    let answer = bound
        .userinfo_with(&token.access_token, options(&bound, &given))
        .await;
    answer.ok();
    assert_eq!(nonce(&answer), given);
}

#[tokio::test]
async fn dp_1_a_nonce_ends() {
    let house = asking().await;
    let bound = Bound::confidential(&house).await;
    let mut given = nonce(&with(&bound, "").await);
    for _ in 0..3 {
        with(&bound, &given).await.bound_tokens();
        // The one before is good until the next.
        house.turn(TimeDelta::seconds(180));
        let answer = with(&bound, &given).await;
        answer.bound_tokens();
        let next = nonce(&answer);
        assert_ne!(next, given);
        house.turn(TimeDelta::seconds(180));
        let answer = with(&bound, &given).await;
        answer.oauth_error(400, "use_dpop_nonce");
        with(&bound, &next).await.bound_tokens();
        given = nonce(&answer);
    }
}

#[tokio::test]
async fn no_nonce_is_given_to_who_sends_no_proof_or_where_none_is_asked_for() {
    let house = asking().await;
    let bound = Bound::confidential(&house).await;
    let answer = bound.token(&OWN).await;
    answer.tokens();
    answer.has("DPoP-Nonce", str::is_empty);
    let house = House::new(Database::sqlite().await).await;
    let mut bound = Bound::confidential(&house).await;
    let answer = with(&bound, "whatever").await;
    answer.bound_tokens();
    answer.has("DPoP-Nonce", str::is_empty);
    let token = bound.tokens().await.access_token;
    let answer = bound.userinfo(&token).await;
    answer.has("DPoP-Nonce", str::is_empty);
    house
        .get(paths::USERINFO)
        .await
        .has("DPoP-Nonce", str::is_empty);
}

/// A page of another origin must be able to read the nonce and the challenge.
#[tokio::test]
async fn a_page_may_send_proofs_and_read_nonces() {
    let house = asking().await;
    let origin = "https://app.example";
    let rp = Rp::with(&house, |new| {
        new.public = true;
        new.origins = vec![origin.to_owned()];
    });
    let mut bound = Bound {
        granted: Granted::to(&house, rp.await).await,
        key: DpopKey::new(),
    };
    let code = bound.granted.code().await;
    let proof = bound.proof(Options::default());
    let call = bound.exchange(&code).header("Origin", origin);
    let answer = call.header("DPoP", &proof).await;
    answer.oauth_error(400, "use_dpop_nonce");
    answer.has("Access-Control-Allow-Origin", |allowed| allowed == origin);
    answer.has("Access-Control-Expose-Headers", |names| {
        names.contains("DPoP-Nonce") && names.contains("WWW-Authenticate")
    });
}
