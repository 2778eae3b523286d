//! To which key what is bound: codes, tokens, refresh tokens (RFC 9449 §5, §10), and who must bind.

use doorward::paths;
use entity::value::Profile;
use serde_json::Value;

use super::{
    bound::{Bound, remembered},
    granted::{change_client, family_of, rows_but_events, sqlite},
    jwt,
};
use crate::support::{
    asserting::Asserting,
    call::{Call, at_once},
    database::{Database, both},
    dpop::{DpopKey, Options},
    house::House,
};

const OWN: [(&str, &str); 1] = [("grant_type", "client_credentials")];

fn jkt(access_token: &str) -> Value {
    jwt::claims(access_token)["cnf"]["jkt"].clone()
}

impl Bound<'_> {
    /// The same with a new proof of a key.
    fn by(&self, call: Call, key: &DpopKey) -> Call {
        call.header("DPoP", &self.proof_of(key, Options::default()))
    }

    /// A code for a request that named its key.
    async fn bound_code(&mut self) -> String {
        let jkt = self.key.jkt();
        self.granted.code_for(&[("dpop_jkt", Some(&jkt))]).await
    }
}

both! {
    async fn co_11_a_code_is_redeemed_with_the_key_it_is_bound_to(db: Database) {
        let house = House::new(db).await;
        for public in [true, false] {
            let mut bound = match public {
                true => Bound::public(&house).await,
                false => Bound::confidential(&house).await,
            };
            let code = bound.bound_code().await;
            let other = DpopKey::new();
            let before = rows_but_events(&house).await;
            let seen = remembered(&house).await.len();
            bound.exchange(&code).await.oauth_error(400, "invalid_grant");
            bound.by(bound.exchange(&code), &other).await.oauth_error(400, "invalid_grant");
            let many = (0..16).map(|_| bound.by(bound.exchange(&code), &DpopKey::new())).collect();
            for answer in at_once(many).await {
                answer.oauth_error(400, "invalid_grant");
            }
            // Nothing was consumed, and nothing is left but the proofs.
            let mut after = rows_but_events(&house).await;
            assert_eq!(remembered(&house).await.len(), seen + 17);
            after.insert("seen_token".to_owned(), before["seen_token"]);
            assert_eq!(after, before);
            let tokens = bound.by(bound.exchange(&code), &bound.key).await.bound_tokens();
            assert_eq!(jkt(&tokens.access_token), bound.key.jkt());

            // Who comes back without the key ends nothing; who has it, does (RFC 6749 §4.1.2).
            bound.by(bound.exchange(&code), &other).await.oauth_error(400, "invalid_grant");
            bound.exchange(&code).await.oauth_error(400, "invalid_grant");
            bound.userinfo(&tokens.access_token).await.ok();
            bound.by(bound.exchange(&code), &bound.key).await.oauth_error(400, "invalid_grant");
            bound.userinfo(&tokens.access_token).await.dpop_error("invalid_token");
        }
    }

    async fn rt_6_a_public_client_refreshes_with_the_key_it_began_with(db: Database) {
        let house = House::new(db).await;
        let mut bound = Bound::public(&house).await;
        let first = bound.tokens().await.refresh_token.expect("a refresh token");
        assert_eq!(
            family_of(&house, &first).await.confirmation.and_then(|cnf| cnf.jkt),
            Some(bound.key.jkt())
        );
        for _ in 0..2 {
            bound.refresh(&first).await.oauth_error(400, "invalid_grant");
            let theirs = bound.by(bound.refresh(&first), &DpopKey::new()).await;
            theirs.oauth_error(400, "invalid_grant");
        }
        // It was neither spent nor ended by that.
        let tokens = bound.by(bound.refresh(&first), &bound.key).await.bound_tokens();
        assert_eq!(jkt(&tokens.access_token), bound.key.jkt());
        let next = tokens.refresh_token.expect("a successor");
        bound.by(bound.refresh(&next), &DpopKey::new()).await.oauth_error(400, "invalid_grant");
        bound.by(bound.refresh(&next), &bound.key).await.bound_tokens();
    }

    /// RFC 9449 §5: what a public client is given for a proof is bound, also if it began without.
    async fn rt_6_a_public_client_can_begin_to_bind(db: Database) {
        let house = House::new(db).await;
        let mut bound = Bound::public(&house).await;
        let code = bound.granted.code().await;
        let first = bound.exchange(&code).await.tokens().refresh_token.expect("a refresh token");
        let keys: Vec<DpopKey> = (0..8).map(|_| DpopKey::new()).collect();
        let calls = keys.iter().map(|key| bound.by(bound.refresh(&first), key)).collect();
        let answers = at_once(calls).await;
        let family = family_of(&house, &first).await;
        let own = family.confirmation.and_then(|cnf| cnf.jkt).expect("a key");
        let next = |index: usize| answers[index].bound_tokens().refresh_token.expect("a successor");
        for (index, key) in keys.iter().enumerate() {
            if key.jkt() == own {
                let token = next(index);
                bound.refresh(&token).await.oauth_error(400, "invalid_grant");
                bound.by(bound.refresh(&token), &DpopKey::new())
                    .await
                    .oauth_error(400, "invalid_grant");
                bound.by(bound.refresh(&token), key).await.bound_tokens();
            } else if answers[index].status == 200 {
                let token = next(index);
                bound.by(bound.refresh(&token), key).await.oauth_error(400, "invalid_grant");
            }
        }
    }

    async fn rt_6_a_confidential_client_may_turn_its_key(db: Database) {
        let house = House::new(db).await;
        let mut bound = Bound::confidential(&house).await;
        bound.change(|client| client.metadata.dpop_bound_access_tokens = Some(true)).await;
        let first = bound.tokens().await.refresh_token.expect("a refresh token");
        assert_eq!(family_of(&house, &first).await.confirmation, None);
        for _ in 0..2 {
            let key = DpopKey::new();
            let tokens = bound.by(bound.refresh(&first), &key).await.bound_tokens();
            assert_eq!(jkt(&tokens.access_token), key.jkt());
            bound.key = key;
            bound.userinfo(&tokens.access_token).await.ok();
        }
        bound.refresh(&first).await.oauth_error(400, "invalid_request");
    }
}

/// RFC 9449 §5.2: nobody is talked out of binding.
#[tokio::test]
async fn who_must_bind_gets_nothing_without_a_proof() {
    let house = sqlite().await;
    let mut bound = Bound::confidential(&house).await;
    let code = bound.granted.code().await;
    let refresh = bound.tokens().await.refresh_token;
    let refresh = refresh.expect("a refresh token");
    bound
        .change(|client| client.metadata.dpop_bound_access_tokens = Some(true))
        .await;
    let before = house.rows().await;
    let asking = || {
        [
            bound.exchange(&code),
            bound.refresh(&refresh),
            bound.token(&OWN),
        ]
    };
    for call in asking() {
        call.await.oauth_error(400, "invalid_request");
    }
    assert_eq!(house.rows().await, before);
    for call in asking() {
        bound.by(call, &bound.key).await.bound_tokens();
    }
}

/// FAPI 2.0 §5.3.2.1: only tokens that are bound.
#[tokio::test]
async fn the_profile_fapi2_binds_tokens_to_the_key_at_hand() {
    let house = sqlite().await;
    let client = Asserting::new(&house).await;
    change_client(&house, &client.rp, |client| client.profile = Profile::Fapi2).await;
    let asking = || client.post(paths::TOKEN, &OWN);
    asking().await.oauth_error(400, "invalid_request");
    let key = DpopKey::new();
    let url = house.url(paths::TOKEN);
    let proof = key.proof("POST", url.as_str(), Options::default());
    let token = asking().header("DPoP", &proof).await.bound_tokens();
    assert_eq!(jkt(&token.access_token), key.jkt());
}

/// Who asks for a bound token must not get one for everybody.
#[tokio::test]
async fn what_is_switched_off_binds_nothing() {
    let house = House::with(Database::sqlite().await, |config| {
        config.features.dpop = false
    })
    .await;
    let mut bound = Bound::confidential(&house).await;
    let code = bound.granted.code().await;
    let answer = bound.by(bound.exchange(&code), &bound.key).await;
    answer.oauth_error(400, "invalid_request");
    assert!(remembered(&house).await.is_empty());
    let token = bound.exchange(&code).await.tokens().access_token;
    bound.shown(&format!("Bearer {token}")).await.ok();
    bound
        .userinfo(&token)
        .await
        .oauth_error(400, "invalid_request");
    let nothing = house.get(paths::USERINFO).await;
    nothing.has("WWW-Authenticate", |challenge| !challenge.contains("DPoP"));

    bound
        .change(|client| client.metadata.dpop_bound_access_tokens = Some(true))
        .await;
    for call in [bound.token(&OWN), bound.by(bound.token(&OWN), &bound.key)] {
        call.await.oauth_error(400, "invalid_request");
    }
}
