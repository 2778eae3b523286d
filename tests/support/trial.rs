//! Trial: what the tests stand on does what it says.

mod pages;
mod sentences;
mod signing_in;

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use poem::endpoint::make;
use tokio::{sync::Barrier, time::timeout};

use super::{
    call::at_once,
    database::{Database, both},
    house::House,
};

both! {
    async fn a_house_has_its_own_rows_and_its_own_clock(db: Database) {
        let here = House::new(db).await;
        let there = House::new(Database::sqlite().await).await;
        here.turn(TimeDelta::days(1));
        let ahead = here.app.clock.now() - there.app.clock.now();
        assert!(ahead > TimeDelta::hours(23), "{ahead}");

        let before = here.rows().await;
        assert_eq!(before["signing_key"], 4);
        assert_eq!(before["user"], 0);
        assert_eq!(before.len(), 24);

        let now = here.app.clock.now();
        let added = entity::revoked_token::add(&here.app.db.write, "a", now, now).await;
        added.expect("a row");
        let mut after = before.clone();
        after.insert("revoked_token".to_owned(), 1);
        assert_eq!(here.rows().await, after);
        assert_eq!(there.rows().await, before);
    }
}

/// Doors that let nobody out before all are in.
#[tokio::test]
async fn at_once_means_at_the_same_time() {
    let inside = Arc::new(Barrier::new(64));
    let doors = make(move |_| {
        let inside = Arc::clone(&inside);
        async move { format!("{}", inside.wait().await.is_leader()) }
    });
    let house = House::behind(Database::sqlite().await, |_| (), |_| doors).await;
    let calls = (0..64).map(|_| house.get("/")).collect();
    let answers = timeout(Duration::from_secs(30), at_once(calls)).await;
    let answers = answers.expect("all are in at the same time");
    let leaders = answers
        .iter()
        .filter(|answer| answer.body == "true")
        .count();
    assert_eq!((answers.len(), leaders), (64, 1));
}
