//! Races: what can be used once is used once, also by 64 who come at the same moment.

use chrono::TimeDelta;
use doorward::paths;
use entity::value::EventKind;

use super::granted::{Granted, events, family_of, live_links, rows_but_events};
use crate::support::{
    answer::Answer,
    call::{Call, at_once},
    database::both,
    expect::Tokens,
    house::House,
};

/// How many come at once.
const MANY: usize = 64;
/// How often a race is run on each database.
const ROUNDS: usize = 20;

fn exchange(granted: &Granted<'_>, code: &str) -> Call {
    let rp = &granted.rp;
    rp.token(&[
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", &rp.redirect_uri),
        ("code_verifier", &rp.code_verifier),
    ])
}

fn refresh(granted: &Granted<'_>, refresh_token: &str) -> Call {
    granted.rp.token(&[
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token),
    ])
}

/// Those who got tokens; everybody else was told `invalid_grant`.
#[track_caller]
fn winners(answers: &[Answer]) -> Vec<Tokens> {
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    for answer in lost {
        answer.oauth_error(400, "invalid_grant");
    }
    won.into_iter().map(Answer::tokens).collect()
}

both! {
    async fn co_1_sixty_four_at_once_redeem_one_code(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::public(&house).await;
        for round in 1..=ROUNDS {
            let code = granted.code().await;
            let calls = (0..MANY).map(|_| exchange(&granted, &code)).collect();
            let won = winners(&at_once(calls).await);
            assert_eq!(won.len(), 1, "round {round}");
            let rows = house.rows().await;
            let rounds = i64::try_from(round).expect("a small number");
            assert_eq!(rows["token_family"], rounds);
            assert_eq!(rows["refresh_token"], rounds);
            // A code that comes back ends what it gave, and says so once (RFC 6749 §4.1.2).
            assert_eq!(events(&house, EventKind::CodeReplayed).await, round);
            let refresh_token = won[0].refresh_token.as_deref().expect("a refresh token");
            granted.rp.refresh(refresh_token).await.oauth_error(400, "invalid_grant");
        }
    }

    async fn co_1_sixty_four_clients_that_are_not_its_own_redeem_nothing(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let other = Granted::confidential(&house).await;
        let code = granted.code().await;
        let before = house.rows().await;
        let calls = (0..MANY).map(|_| exchange(&other, &code)).collect();
        assert!(winners(&at_once(calls).await).is_empty());
        assert_eq!(house.rows().await, before);
        granted.rp.exchange(&code).await.tokens();
    }

    async fn rt_1_sixty_four_at_once_refresh_one_token(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::public(&house).await;
        for round in 1..=ROUNDS {
            let first = granted.tokens().await.refresh_token.expect("a refresh token");
            let calls = (0..MANY).map(|_| refresh(&granted, &first)).collect();
            let won = winners(&at_once(calls).await);
            assert_eq!(won.len(), MANY, "inside the window everybody is answered");
            let next = won[0].refresh_token.clone().expect("a successor");
            assert_ne!(next, first);
            for tokens in &won {
                assert_eq!(tokens.refresh_token.as_ref(), Some(&next), "the same successor");
            }
            assert_eq!(live_links(&house, &first).await, 1, "round {round}");
            let family = family_of(&house, &first).await;
            assert_eq!(family_of(&house, &next).await.id, family.id);

            // Outside of the window the spent token ends the family, for however many present it.
            house.turn(TimeDelta::seconds(11));
            let calls = (0..MANY).map(|_| refresh(&granted, &first)).collect();
            assert!(winners(&at_once(calls).await).is_empty());
            assert!(family_of(&house, &first).await.revoked_at.is_some());
            granted.rp.refresh(&next).await.oauth_error(400, "invalid_grant");
            let access_token = &won[0].access_token;
            let userinfo = house.get(paths::USERINFO).bearer(access_token).await;
            userinfo.bearer_error(401, "invalid_token");
            assert_eq!(events(&house, EventKind::RefreshTokenReplayed).await, round);
        }
    }

    async fn rt_1_sixty_four_at_once_refresh_a_token_that_is_not_rotated(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let first = granted.tokens().await.refresh_token.expect("a refresh token");
        let before = house.rows().await;
        let calls = (0..MANY).map(|_| refresh(&granted, &first)).collect();
        let won = winners(&at_once(calls).await);
        assert_eq!(won.len(), MANY);
        assert!(won.iter().all(|tokens| tokens.refresh_token.is_none()));
        assert_eq!(live_links(&house, &first).await, 1);
        assert_eq!(house.rows().await, before);
    }

    async fn rt_1_a_revocation_among_sixty_four_ends_whatever_they_got(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::public(&house).await;
        for _ in 0..5 {
            let first = granted.tokens().await.refresh_token.expect("a refresh token");
            let mut calls: Vec<Call> = (1..MANY).map(|_| refresh(&granted, &first)).collect();
            calls.insert(MANY / 2, granted.rp.post(paths::REVOKE, &[("token", &first)]));
            let mut answers = at_once(calls).await;
            answers.remove(MANY / 2).is(200);
            for tokens in winners(&answers) {
                let next = tokens.refresh_token.expect("a successor");
                granted.rp.refresh(&next).await.oauth_error(400, "invalid_grant");
                let userinfo = house.get(paths::USERINFO).bearer(&tokens.access_token).await;
                userinfo.bearer_error(401, "invalid_token");
            }
            granted.rp.refresh(&first).await.oauth_error(400, "invalid_grant");
            assert!(live_links(&house, &first).await <= 1);
        }
    }

    async fn rt_1_refusals_leave_no_row(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::public(&house).await;
        let mut other = Granted::public(&house).await;
        let token = granted.tokens().await.refresh_token.expect("a refresh token");
        other.tokens().await;
        let before = rows_but_events(&house).await;
        let calls = (0..MANY).map(|_| refresh(&other, &token)).collect();
        assert!(winners(&at_once(calls).await).is_empty());
        assert_eq!(rows_but_events(&house).await, before);
        granted.rp.refresh(&token).await.tokens();
    }
}
