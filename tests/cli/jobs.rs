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
        registers(&house).await;
        let begun = house.rows().await;
        for table in ["session", "authorization_code", "token_family", "refresh_token", "outbox", "verification_token"] {
            assert!(begun[table] > 0, "{table}");
        }
        assert_eq!(sweep(&house).await, 0);
        assert_eq!(house.rows().await, begun);

        // The code has expired, but the access token that came of it has not: a replay must find
        // what to end.
        house.turn(TimeDelta::seconds(61));
        assert_eq!(sweep(&house).await, 0);
        house.turn(house.app.config.tokens.access());
        assert_eq!(sweep(&house).await, 1);
        assert_eq!(house.rows().await["authorization_code"], 0);
        assert_eq!(house.rows().await["token_family"], 1);

        house.turn(house.app.config.tokens.refresh_absolute());
        sweep(&house).await;
        let left = house.rows().await;
        for table in ["session", "token_family", "refresh_token", "outbox", "verification_token"] {
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
