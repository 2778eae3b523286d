//! Token exchange (RFC 8693) and revocation: what was exchanged for a token ends with that token, and
//! not the other way round.

use doorward::paths;

use super::{
    granted::{inactive, introspected},
    token_exchange::{exchange, granted, house, service, subject},
};
use crate::support::{answer::Answer, database::both};

both! {
    async fn te_1_what_was_exchanged_ends_when_its_subject_token_is_revoked(db: Database) {
        let house = house(db).await;
        let rp = service(&house, "https://front.example").await;
        let mut granted = granted(&house).await;
        let (token, _) = subject(&mut granted).await;
        let (other, _) = subject(&mut granted).await;
        let first = exchange(&rp, &token, &[]).await.tokens().access_token;
        let second = exchange(&rp, &first, &[]).await.tokens().access_token;
        let third = exchange(&rp, &second, &[]).await.tokens().access_token;
        let beside = exchange(&rp, &token, &[]).await.tokens().access_token;
        let userinfo = async |token: &str| -> Answer {
            house.get(paths::USERINFO).bearer(token).await
        };
        // One in the middle ends itself and what came of it.
        rp.post(paths::REVOKE, &[("token", &second)]).await.is(200);
        for live in [&token, &first, &beside, &other] {
            userinfo(live).await.ok();
        }
        for ended in [&second, &third] {
            userinfo(ended).await.bearer_error(401, "invalid_token");
            inactive(&introspected(&rp, ended).await);
            exchange(&rp, ended, &[]).await.oauth_error(400, "invalid_request");
        }
        // The first of them ends all.
        granted.rp.post(paths::REVOKE, &[("token", &token)]).await.is(200);
        for ended in [&token, &first, &beside] {
            userinfo(ended).await.bearer_error(401, "invalid_token");
            inactive(&introspected(&rp, ended).await);
        }
        userinfo(&other).await.ok();
    }

    async fn a_token_is_exchanged_sixteen_times_at_most(db: Database) {
        let house = house(db).await;
        let rp = service(&house, "https://front.example").await;
        let mut granted = granted(&house).await;
        let (mut token, _) = subject(&mut granted).await;
        for _ in 0..16 {
            token = exchange(&rp, &token, &[]).await.tokens().access_token;
        }
        house.get(paths::USERINFO).bearer(&token).await.ok();
        exchange(&rp, &token, &[]).await.oauth_error(400, "invalid_request");
    }
}
