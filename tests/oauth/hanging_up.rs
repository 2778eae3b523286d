//! DO-4: callers who leave in the middle. Whatever was begun is whole or is not there, and keeps nobody
//! else waiting.

use std::{future::poll_fn, task::Poll};

use entity::authorization_code;
use sea_orm::EntityTrait;

use super::granted::Granted;
use crate::support::{answer::Answer, call::Call, database::both, house::House};

/// Polls a call so often and drops it, as a server does whose client has hung up.
async fn dropped_after(call: Call, polls: usize) -> Option<Answer> {
    let mut answering = call.into_future();
    for _ in 0..polls {
        let polled = poll_fn(|cx| Poll::Ready(answering.as_mut().poll(cx))).await;
        if let Poll::Ready(answer) = polled {
            return Some(answer);
        }
        tokio::task::yield_now().await;
    }
    None
}

both! {
    async fn do_4_who_hangs_up_in_the_middle_leaves_a_whole_grant_or_none(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::public(&house).await;
        let mut dropped = 0;
        let mut codes = Vec::new();
        // At once, a little later, and when the answer has long come.
        for polls in (1..=12).chain([16, 24, 32, 48, 64, 96, 128, 256, 512, 1024]) {
            let code = granted.code().await;
            let rp = &granted.rp;
            let call = rp.token(&[
                ("grant_type", "authorization_code"),
                ("code", &code),
                ("redirect_uri", &rp.redirect_uri),
                ("code_verifier", &rp.code_verifier),
            ]);
            match dropped_after(call, polls).await {
                Some(answer) => drop(answer.tokens()),
                None => dropped += 1,
            }
            codes.push(code);
        }
        assert!(dropped > 0, "nobody waits for a database within one look");
        // Whatever was begun is over: the one writer of SQLite is free again.
        granted.tokens().await;
        let all = authorization_code::Entity::find().all(&house.app.db.read).await;
        let spent = all.expect("the codes").iter().filter(|row| row.consumed_at.is_some()).count();
        let rows = house.rows().await;
        let spent = i64::try_from(spent).expect("a number");
        assert_eq!((rows["token_family"], rows["refresh_token"]), (spent, spent));
        // A code that was not spent still is good; one that was is not.
        let mut redeemed = 0;
        for code in &codes {
            let answer = granted.rp.exchange(code).await;
            match answer.status {
                200 => redeemed += 1,
                _ => drop(answer.oauth_error(400, "invalid_grant").clone()),
            }
        }
        let count = i64::try_from(codes.len()).expect("a number");
        assert_eq!(house.rows().await["token_family"], count + 1, "{redeemed}");
    }
}
