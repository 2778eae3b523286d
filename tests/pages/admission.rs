//! More sign-ins at once than can be done: who is let in is served, who is not is told so at once,
//! and nobody else notices.

use std::collections::BTreeSet;

use doorward::paths;

use super::world::{contents, cookies, csrf};
use crate::support::{
    call::{Call, at_once},
    database::both,
    house::House,
    rp::Rp,
};

/// Strangers at once.
const CROWD: usize = 200;

both! {
    async fn do_2_of_a_crowd_some_are_served_and_the_others_are_sent_away_at_once(db: Database) {
        let house = House::with(db, |config| {
            config.server.trusted_proxies = vec!["127.0.0.1/32".parse().expect("a network")];
        })
        .await;
        let rp = Rp::confidential(&house).await;
        let mut browser = house.browser();
        browser.get(paths::LOGIN).await;
        let (token, cookie) = (csrf(&browser, "#login-form"), cookies(&house, &browser).expect("a cookie"));
        // Each with an address of its own, so that no limit is met but that of the machine.
        let attempt = |number: usize| {
            let email = format!("stranger{number}@example.com");
            house
                .post(paths::LOGIN)
                .header("Cookie", &cookie)
                .header("X-Forwarded-For", &format!("10.0.{}.{}", number / 250, number % 250))
                .form(&[("csrf", token.as_str()), ("email", email.as_str()), ("password", "not the one")])
        };
        let before = house.app.passwords.counts();
        let events = contents(&house).await["event"].len();
        let quiet: [Call; 2] = [rp.token(&[("grant_type", "client_credentials")]), house.get(paths::JWKS)];
        let calls: Vec<Call> = (0..CROWD).map(attempt).chain(quiet).collect();
        let mut answers = at_once(calls).await;
        for answer in answers.split_off(CROWD) {
            assert_eq!(answer.status, 200, "{}", answer.told());
        }
        let statuses: BTreeSet<u16> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses, BTreeSet::from([422, 503]));
        let sent_away: Vec<_> = answers.iter().filter(|answer| answer.status == 503).collect();
        for answer in &sent_away {
            answer.shown(503, "Too many people are signing in");
            assert_eq!(answer.header("Retry-After"), "2");
        }
        // Whoever was sent away cost no hash, and whoever was not got one.
        let after = house.app.passwords.counts();
        assert_eq!(after.refused - before.refused, sent_away.len() as u64);
        assert_eq!(after.evaluated - before.evaluated, (CROWD - sent_away.len()) as u64);

        // The crowd is gone, and the next one is served.
        let written = contents(&house).await["event"].len() - events;
        assert_eq!(written, CROWD - sent_away.len(), "only what was tried is written down");
        attempt(CROWD).await.shown(422, "is wrong");
    }
}
