//! DO-6: pushing is no way to fill the database: how often, how much, how many parameters.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    granted::Granted,
    pushing::{Signing, answer, object, push, pushed, request_uri, url_of},
};
use crate::support::{
    call::{Call, at_once},
    database::both,
    dpop::{DpopKey, Options},
    house::House,
    rp::Rp,
};

/// This many parameters that nobody knows, beside the usual ones.
fn unknown(count: usize) -> Vec<(String, String)> {
    (0..count)
        .map(|at| (format!("a{at}"), "b".to_owned()))
        .collect()
}

fn changes(all: &[(String, String)]) -> Vec<(&str, Option<&str>)> {
    all.iter()
        .map(|(name, value)| (&**name, Some(&**value)))
        .collect()
}

both! {
    async fn do_6_a_public_client_pushes_sixty_times_a_minute_from_one_address(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::public(&house).await;
        // What is refused for itself is not kept, and does not count.
        push(&rp, &[("scope", Some("a\"b"))]).await.oauth_error(400, "invalid_scope");
        let calls: Vec<Call> = (0..70).map(|_| push(&rp, &[])).collect();
        let answers = at_once(calls).await;
        let (taken, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
        assert_eq!((taken.len(), refused.len()), (60, 10));
        for answer in refused {
            answer.oauth_error(429, "slow_down");
            answer.has("Retry-After", |seconds| seconds.parse().is_ok_and(|left: u32| left <= 61));
        }
        assert_eq!(house.rows().await["pushed_request"], 60);
        // Another public client has no minute of its own; one that proved itself is not counted.
        push(&Rp::public(&house).await, &[]).await.oauth_error(429, "slow_down");
        request_uri(&push(&Rp::confidential(&house).await, &[]).await);
        house.turn(TimeDelta::seconds(61));
        request_uri(&push(&rp, &[]).await);
    }

    async fn do_6_a_request_that_is_pushed_is_at_most_16_kib(db: Database) {
        let house = House::new(db).await;
        for rp in [Rp::public(&house).await, Rp::confidential(&house).await] {
            let before = house.rows().await;
            let (long, just) = ("x".repeat(16 * 1024), "x".repeat(15 * 1024));
            push(&rp, &[("junk", Some(&long))]).await.oauth_error(400, "invalid_request");
            // In percent encoding it is three times as long.
            let spaces = "\"".repeat(6 * 1024);
            push(&rp, &[("junk", Some(&spaces))]).await.oauth_error(400, "invalid_request");
            assert_eq!(house.rows().await, before);
            request_uri(&push(&rp, &[("junk", Some(&just))]).await);
        }
    }

    async fn pa_1_too_many_parameters_are_an_error_and_no_failure(db: Database) {
        let house = House::new(db).await;
        let signing = Signing::es256();
        let mut granted = Granted::to(&house, signing.client(&house, |_| ()).await).await;
        let rp = &granted.rp;
        let key = DpopKey::new();
        let url = house.url(doorward::paths::PAR).to_string();
        // Eight usual ones, without the client's name and secret, which stand in the header.
        let hundred = unknown(92);
        let hundred = changes(&hundred);
        let before = house.rows().await;
        push(rp, &[&hundred[..], &[("one", Some("more"))]].concat()).await.oauth_error(400, "invalid_request");
        assert_eq!(house.rows().await, before);
        // The key of a proof is kept as one more.
        let proven = push(rp, &hundred).header("DPoP", &key.proof("POST", &url, Options::default()));
        proven.await.oauth_error(400, "invalid_request");
        let asked = url_of(&house, &rp.client_id, &request_uri(&push(rp, &hundred).await));
        granted.browser.asks(&rp.redirect_uri, Some(&rp.state));
        answer(&mut granted.browser, &house, &asked).await.last().code();

        let with = |count: usize| {
            let mut claims = object(&house, rp, &json!({}));
            for (name, value) in unknown(count) {
                claims[name] = Value::from(value);
            }
            signing.sign(&claims)
        };
        let asked = pushed(&house, rp, &[("request", Some(&with(80)))]).await;
        answer(&mut granted.browser, &house, &asked).await.last().code();
        for count in [101, 300] {
            let many = with(count);
            let refused = push(rp, &[("request", Some(&many))]).await;
            refused.oauth_error(400, "invalid_request_object");
            let by_value = rp.authorize_url(&[("request", Some(&many))]);
            granted.browser.get_from_stranger(&by_value).await.answered("invalid_request_object");
        }
    }
}
