//! Tokens that the authorization endpoint gives: what they vouch for, how they are signed, and when
//! they end (OpenID Connect Core §3.2.2.10, §3.3.2.11).

use aws_lc_rs::digest::{SHA256, SHA512, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use doorward::paths;
use entity::value::{ResponseType, SigningAlg};
use serde_json::{Value, json};

use super::{
    granted::{change_client, inactive, introspected, sqlite},
    jwt::Jwt,
    response_types::{ALL, Said, ask, front, said},
};
use crate::support::{database::both, house::House, rp::Rp};

/// The left half of what goes with the signature (OpenID Connect Core §3.1.3.6).
fn left_half(alg: SigningAlg, text: &str) -> String {
    let hash = match alg {
        SigningAlg::EdDSA => &SHA512,
        _ => &SHA256,
    };
    let hash = digest(hash, text.as_bytes());
    URL_SAFE_NO_PAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2])
}

/// The claims of the ID token, with the hashes that it must have.
async fn vouched(rp: &Rp<'_>, said: &Said, alg: SigningAlg) -> Value {
    let kind = ("JWT", alg.name());
    let claims = Jwt::verified(rp.house, &said["id_token"], &rp.client_id, kind)
        .await
        .claims;
    let half = |name: &str| said.get(name).map(|text| json!(left_half(alg, text)));
    assert_eq!(
        claims.get("at_hash"),
        half("access_token").as_ref(),
        "{claims}"
    );
    assert_eq!(claims.get("c_hash"), half("code").as_ref(), "{claims}");
    assert_eq!(claims["nonce"], rp.nonce.as_str());
    claims
}

async fn userinfo(house: &House, token: &str) -> crate::support::answer::Answer {
    house.get(paths::USERINFO).bearer(token).await
}

both! {
    async fn each_answer_holds_what_was_asked_for_and_nothing_else(db: Database) {
        let house = House::new(db).await;
        let rp = front(&house, &ALL).await;
        let mut browser = house.browser();
        for kind in ALL {
            for place in ["fragment", "form_post"] {
                let changes = [("response_type", Some(kind.name())), ("response_mode", Some(place))];
                let answer = ask(&rp, &mut browser, &changes).await;
                answer.has("Cache-Control", |rule| rule.contains("no-store"));
                let said = said(&rp, answer, place);
                let mut members = vec!["iss", "state"];
                let token = ["access_token", "expires_in", "scope", "token_type"];
                members.extend(kind.has_code().then_some("code"));
                members.extend(kind.has_id_token().then_some("id_token"));
                members.extend(token.iter().filter(|_| kind.has_token()));
                members.sort_unstable();
                let names: Vec<&str> = said.keys().map(String::as_str).collect();
                assert_eq!(names, members, "{}", kind.name());
                assert_eq!(said["state"], rp.state);
                let mut subjects = Vec::new();
                if kind.has_id_token() {
                    let claims = vouched(&rp, &said, SigningAlg::RS256).await;
                    // What can be read nowhere else is in it (§5.4).
                    let alone = kind == ResponseType::IdToken;
                    assert_eq!(claims.get("email").is_some(), alone, "{claims}");
                    subjects.push(claims["sub"].clone());
                }
                if kind.has_token() {
                    assert_eq!(said["token_type"], "Bearer");
                    let told = userinfo(&house, &said["access_token"]).await.ok();
                    assert_eq!(told["email"], "ada@example.com");
                    subjects.push(told["sub"].clone());
                }
                if kind.has_code() {
                    let tokens = rp.exchange(&said["code"]).await.tokens();
                    let token = tokens.id_token.expect("an ID token");
                    let claims = Jwt::id_token(&house, &token, &rp.client_id).await.claims;
                    subjects.push(claims["sub"].clone());
                }
                subjects.dedup();
                assert_eq!(subjects.len(), 1, "{subjects:?}");
            }
        }
    }

    async fn a_token_from_here_ends_with_its_session_and_when_it_is_revoked(db: Database) {
        let house = House::new(db).await;
        let rp = front(&house, &ALL).await;
        let changes = [("response_type", Some("id_token token"))];
        let mut browser = house.browser();
        let first = said(&rp, ask(&rp, &mut browser, &changes).await, "fragment");
        let second = said(&rp, ask(&rp, &mut browser, &changes).await, "fragment");
        let (first, second) = (&first["access_token"], &second["access_token"]);
        let told = introspected(&rp, first).await.ok();
        assert_eq!((&told["active"], &told["client_id"]), (&json!(true), &json!(rp.client_id)));

        rp.post(paths::REVOKE, &[("token", first)]).await.is(200);
        inactive(&introspected(&rp, first).await);
        userinfo(&house, first).await.bearer_error(401, "invalid_token");
        userinfo(&house, second).await.ok();

        browser.get(paths::LOGOUT).await;
        browser.follow().await;
        browser.submit("#logout-confirm", &[]).await;
        inactive(&introspected(&rp, second).await);
        userinfo(&house, second).await.bearer_error(401, "invalid_token");
    }

    async fn a_token_from_here_ends_by_itself_and_cannot_be_renewed(db: Database) {
        let house = House::new(db).await;
        let rp = front(&house, &ALL).await;
        let changes = [("response_type", Some("id_token token"))];
        let mut browser = house.browser();
        let said = said(&rp, ask(&rp, &mut browser, &changes).await, "fragment");
        assert_eq!(house.rows().await["refresh_token"], 0);
        rp.refresh(&said["access_token"]).await.oauth_error(400, "invalid_grant");
        let life: i64 = said["expires_in"].parse().expect("seconds");
        house.turn(TimeDelta::seconds(life + 1));
        userinfo(&house, &said["access_token"]).await.bearer_error(401, "invalid_token");
        inactive(&introspected(&rp, &said["access_token"]).await);
    }
}

#[tokio::test]
async fn each_algorithm_signs_and_hashes_in_its_own_way() {
    let house = sqlite().await;
    let rp = front(&house, &ALL).await;
    let mut browser = house.browser();
    for alg in [
        SigningAlg::RS256,
        SigningAlg::PS256,
        SigningAlg::ES256,
        SigningAlg::EdDSA,
    ] {
        change_client(&house, &rp, |row| row.id_token_signed_response_alg = alg).await;
        let changes = [("response_type", Some("code id_token token"))];
        let answer = ask(&rp, &mut browser, &changes).await;
        let said = said(&rp, answer, "fragment");
        vouched(&rp, &said, alg).await;
        let tokens = rp.exchange(&said["code"]).await.tokens();
        let token = tokens.id_token.expect("an ID token");
        let kind = ("JWT", alg.name());
        let claims = Jwt::verified(&house, &token, &rp.client_id, kind)
            .await
            .claims;
        assert_eq!(
            claims["at_hash"],
            left_half(alg, &tokens.access_token).as_str()
        );
        let long = claims["at_hash"].as_str().map(str::len);
        assert_eq!(long, Some(if alg == SigningAlg::EdDSA { 43 } else { 22 }));
    }
}
