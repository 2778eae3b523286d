//! The jobs: what has expired is forgotten, and nothing before.

use chrono::TimeDelta;
use doorward::{jobs, paths};

use crate::support::{database::both, house::House, rp::Rp};

both! {
    async fn what_has_expired_is_forgotten_and_nothing_before(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::public(&house).await;
        let code = rp.sign_in(&mut house.browser()).await;
        rp.exchange(&code).await.tokens();
        // One more, which nobody redeems.
        rp.sign_in(&mut house.browser()).await;
        registers(&house).await;
        let begun = house.rows().await;
        for table in ["session", "authorization_code", "token_family", "refresh_token", "outbox", "verification_token"] {
            assert!(begun[table] > 0, "{table}");
        }
        assert_eq!(sweep(&house).await, 0);
        assert_eq!(house.rows().await, begun);

        // The codes have expired, but what a client sends is compared for a day.
        house.turn(TimeDelta::seconds(61));
        assert_eq!(sweep(&house).await, 0);
        // A redeemed code is kept with what came of it: a replay must find what to end.
        house.turn(TimeDelta::days(2));
        sweep(&house).await;
        let later = house.rows().await;
        assert_eq!((later["authorization_code"], later["token_family"]), (1, 1));
        assert_eq!(later["session"], 0);

        house.turn(house.app.config.tokens.refresh_absolute());
        sweep(&house).await;
        sweep(&house).await;
        let left = house.rows().await;
        for table in ["authorization_code", "token_family", "refresh_token", "outbox", "verification_token"] {
            assert_eq!(left[table], 0, "{table}");
        }
        assert_eq!(left["event"], begun["event"]);
        house.turn(TimeDelta::days(366));
        sweep(&house).await;
        let left = house.rows().await;
        assert_eq!((left["event"], left["user"], left["client"]), (0, 2, 1));
    }
}

async fn sweep(house: &House) -> u64 {
    let now = house.app.clock.now();
    jobs::sweep(&house.app, now).await.expect("a sweep")
}

/// Somebody signs up, to whom a letter is written.
async fn registers(house: &House) {
    let mut browser = house.browser();
    browser.get(paths::REGISTER).await.shown(200, "account");
    let typed = [
        ("email", "bob@example.com"),
        ("password", "a wall of seven herons"),
    ];
    let answer = browser.submit("#register-form", &typed).await;
    assert_eq!(answer.status, 303, "{answer:?}");
}
