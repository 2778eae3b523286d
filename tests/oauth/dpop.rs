//! DPoP proofs at the token endpoint (RFC 9449 §4.3, §5): what is one, and that it is good once.

use chrono::TimeDelta;
use doorward::{jobs, paths};
use serde_json::{Value, json};

use super::{
    bound::{Bound, remembered},
    granted::sqlite,
    jwt,
};
use crate::support::{
    call::{Call, at_once},
    database::both,
    dpop::{DpopKey, Options},
    house::House,
};

const OWN: [(&str, &str); 1] = [("grant_type", "client_credentials")];

/// A proof with other claims.
fn claims(claims: Value) -> Options<'static> {
    Options {
        claims,
        ..Options::default()
    }
}

#[tokio::test]
async fn a_proof_binds_the_token_to_its_key() {
    let house = sqlite().await;
    let mut bound = Bound::confidential(&house).await;
    for key in [DpopKey::new(), DpopKey::ed25519(), DpopKey::rsa("PS256")] {
        bound.key = key;
        let cnf = json!({ "jkt": bound.key.jkt() });
        let tokens = bound.tokens().await;
        assert_eq!(jwt::claims(&tokens.access_token)["cnf"], cnf);
        let id_token = tokens.id_token.expect("an ID token");
        assert_eq!(jwt::claims(&id_token)["cnf"], Value::Null);
        bound.userinfo(&tokens.access_token).await.ok();

        // RFC 9449 §6.2.
        let told = bound.granted.introspected(&tokens.access_token).await.ok();
        assert_eq!((&told["cnf"], &told["token_type"]), (&cnf, &json!("DPoP")));

        let proof = bound.proof(Options::default());
        let own = bound.token(&OWN).header("DPoP", &proof).await;
        let own = own.bound_tokens().access_token;
        assert_eq!(jwt::claims(&own)["cnf"], cnf);
    }
    let token = bound.token(&OWN).await.tokens().access_token;
    assert_eq!(jwt::claims(&token)["cnf"], Value::Null);
    let told = bound.granted.introspected(&token).await.ok();
    assert_eq!(
        (&told["cnf"], &told["token_type"]),
        (&Value::Null, &json!("Bearer"))
    );
}

/// The default port is told or not; who says which host it is, is us and nobody else.
#[tokio::test]
async fn dp_1_our_url_is_what_we_are_set_up_with() {
    let house = House::with(
        crate::support::database::Database::sqlite().await,
        |config| {
            config.server.issuer = "https://op.example".to_owned();
            config.server.mtls.url = Some("https://mtls.op.example:8443".to_owned());
        },
    );
    let house = house.await;
    let bound = Bound::confidential(&house).await;
    let asking = |origin: &str, host: &str| {
        let htu = format!("{origin}{}", paths::TOKEN);
        let proof = bound.proof(claims(json!({ "htu": htu })));
        bound
            .token(&OWN)
            .header("DPoP", &proof)
            .header("X-Forwarded-Host", host)
    };
    for good in [
        "https://op.example",
        "https://op.example:443",
        "HTTPS://OP.EXAMPLE",
        "https://mtls.op.example:8443",
    ] {
        asking(good, "evil.example").await.bound_tokens();
    }
    for bad in [
        "http://op.example",
        "https://op.example:8443",
        "https://mtls.op.example",
        "https://evil.example",
        "https://localhost:8080",
    ] {
        let answer = asking(bad, bad.trim_start_matches("https://")).await;
        answer.oauth_error(400, "invalid_dpop_proof");
    }
}

both! {
    async fn dp_1_sixty_four_at_once_use_one_proof(db: Database) {
        let house = House::new(db).await;
        let bound = Bound::confidential(&house).await;
        let before = house.rows().await;
        for round in 1..=5 {
            let proof = bound.proof(Options::default());
            let calls = (0..64).map(|_| bound.token(&OWN).header("DPoP", &proof));
            let answers = at_once(calls.collect::<Vec<Call>>()).await;
            let (won, lost): (Vec<_>, Vec<_>) =
                answers.iter().partition(|answer| answer.status == 200);
            assert_eq!(won.len(), 1, "round {round}");
            won[0].bound_tokens();
            for answer in lost {
                answer.oauth_error(400, "invalid_dpop_proof");
            }
            let mut rows = before.clone();
            rows.insert("seen_token".to_owned(), round);
            assert_eq!(house.rows().await, rows);
        }
    }

    async fn dp_1_a_proof_is_remembered_as_long_as_it_fits(db: Database) {
        let house = House::new(db).await;
        let bound = Bound::confidential(&house).await;
        // As far ahead as may be, so that it fits as long as can be.
        let ahead = bound.now().timestamp() + 58;
        let options = || Options { iat: Some(ahead), jti: Some("mine"), ..Options::default() };
        let proof = bound.proof(options());
        bound.token(&OWN).header("DPoP", &proof).await.bound_tokens();
        let kept = remembered(&house).await;
        assert!(kept.len() == 1 && !kept[0].token.0.contains("mine"), "{kept:?}");
        for _ in 0..11 {
            house.turn(TimeDelta::seconds(10));
            jobs::sweep(&house.app, bound.now()).await.expect("a sweep");
            // The same, and the same words signed again.
            for again in [&proof, &bound.proof(options())] {
                let answer = bound.token(&OWN).header("DPoP", again).await;
                answer.oauth_error(400, "invalid_dpop_proof");
            }
        }
        house.turn(TimeDelta::seconds(60));
        jobs::sweep(&house.app, bound.now()).await.expect("a sweep");
        assert!(remembered(&house).await.is_empty());
        let answer = bound.token(&OWN).header("DPoP", &proof).await;
        answer.oauth_error(400, "invalid_dpop_proof");
    }
}

/// A `jti` is new for one key, endpoint and method; two clients may have had the same idea.
#[tokio::test]
async fn dp_1_a_jti_is_its_key_s_own() {
    let house = sqlite().await;
    let bound = Bound::confidential(&house).await;
    let jti = Options {
        jti: Some("1"),
        ..Options::default()
    };
    for key in [DpopKey::new(), DpopKey::new(), DpopKey::ed25519()] {
        let proof = bound.proof_of(&key, jti.clone());
        let answer = bound.token(&OWN).header("DPoP", &proof).await;
        let token = answer.bound_tokens().access_token;
        assert_eq!(jwt::claims(&token)["cnf"]["jkt"], key.jkt());
    }
    assert_eq!(remembered(&house).await.len(), 3);
}
