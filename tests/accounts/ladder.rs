//! BF-1, BF-2, BF-8: how often in a row a password may be wrong, and how long nobody may try again. All
//! of it stands in the database, so neither many at once nor a restart changes it.

use chrono::TimeDelta;
use doorward::{accounts::operate, paths};
use entity::{user, value::EventKind};
use poem::EndpointExt;

use super::guesser::{Guesser, WRONG, api, evaluated, proxied, restarted, second, told, wait};
use crate::support::{call::at_once, database::both, house::House};

/// How many answers have a status.
fn of(statuses: &[u16], status: u16) -> usize {
    statuses.iter().filter(|own| **own == status).count()
}

async fn wrong_at_once(house: &House, times: usize) {
    let person = house.person().await;
    let guesser = Guesser::new(house).await;
    let before = evaluated(house);
    let calls = (0..times).map(|_| guesser.call(person.email, WRONG));
    let answers = at_once(calls.collect()).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    // Ten, and one more for each time that the ladder opened meanwhile.
    let looked = usize::try_from(evaluated(house) - before).expect("a number");
    assert!((10..15).contains(&looked), "{looked}");
    // A machine that has no time for all of them says so.
    let (wrong, wait_for, busy) = (of(&statuses, 422), of(&statuses, 429), of(&statuses, 503));
    assert_eq!(
        (wrong, wait_for + busy),
        (looked, times - looked),
        "{statuses:?}"
    );
    assert!(wait_for >= busy, "{statuses:?}");
    // Now the right one has to wait as well, and then it is let in.
    let seconds = wait(&guesser.call(person.email, person.password).await);
    house.turn(TimeDelta::seconds(seconds));
    assert_eq!(guesser.tries(person.email, person.password).await, 303);
}

both! {
    async fn bf_1_of_64_wrong_ones_at_once_ten_are_looked_at(db: Database) {
        wrong_at_once(&House::new(db).await, 64).await;
    }

    async fn bf_1_of_500_wrong_ones_at_once_ten_are_looked_at(db: Database) {
        wrong_at_once(&House::new(db).await, 500).await;
    }

    async fn bf_1_two_servers_count_together(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let other = second(&house).await;
        let doors = doorward::http::routes(other.clone()).map_to_response().boxed();
        let doors = std::sync::Arc::new(doors);
        let guesser = Guesser::new(&house).await;
        let before = evaluated(&house);
        let mut calls = Vec::new();
        for _ in 0..32 {
            calls.push(guesser.call(person.email, WRONG));
            calls.push(guesser.call(person.email, WRONG).through(doors.clone()));
        }
        at_once(calls).await;
        let looked = evaluated(&house) - before + other.passwords.counts().evaluated;
        assert!((10..15).contains(&looked), "{looked}");
    }

    async fn a_crowd_that_knows_the_password_is_let_in_at_once(db: Database) {
        // So many threads that none of them is sent away because there are too many.
        let house = House::with(db, |config| config.passwords.threads = Some(16)).await;
        let person = house.person().await;
        let mut calls = Vec::new();
        for _ in 0..12 {
            calls.push(Guesser::new(&house).await.call(person.email, person.password));
        }
        for answer in at_once(calls).await {
            answer.sent_to(paths::ACCOUNT);
        }
    }

    async fn bf_1_every_wait_is_twice_the_last_up_to_a_quarter_of_an_hour(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let guesser = Guesser::new(&house).await;
        guesser.fails(person.email, 10).await;
        for seconds in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] {
            let before = evaluated(&house);
            let told = wait(&guesser.call(person.email, person.password).await);
            assert!((seconds - 1..=seconds).contains(&told), "{seconds}: {told}");
            if told > 10 {
                house.turn(TimeDelta::seconds(told - 10));
                assert!(wait(&guesser.call(person.email, person.password).await) <= 10);
            }
            assert_eq!(evaluated(&house), before);
            house.turn(TimeDelta::seconds(told.min(10)));
            guesser.fails(person.email, 1).await;
        }
        // A day after the last one it begins anew, with no more than at first.
        house.turn(TimeDelta::hours(24));
        guesser.fails(person.email, 10).await;
        wait(&guesser.call(person.email, WRONG).await);
    }

    async fn success_begins_anew(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let guesser = Guesser::new(&house).await;
        for _ in 0..2 {
            guesser.fails(person.email, 9).await;
            // From another browser, so that this one stays a stranger's.
            let other = Guesser::new(&house).await;
            assert_eq!(other.tries(person.email, person.password).await, 303);
        }
    }

    async fn bf_1_a_restart_forgets_nothing(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let guesser = Guesser::new(&house).await;
        guesser.fails(person.email, 9).await;
        drop(guesser);
        let house = restarted(house).await;
        let guesser = Guesser::new(&house).await;
        guesser.fails(person.email, 1).await;
        wait(&guesser.call(person.email, WRONG).await);
        assert_eq!(evaluated(&house), 1);
    }

    async fn bf_2_one_mailbox_has_one_count(db: Database) {
        let house = proxied(db).await;
        house.person().await;
        for (spellings, network) in [
            (&["ada@example.com", "ADA@Example.COM", " ada@example.com\t", "Ada@EXAMPLE.com"][..], "192.0.2.1"),
            (&["eva@b\u{fc}cher.example", "eva@bu\u{308}cher.example", "EVA@xn--bcher-kva.example"], "192.0.2.2"),
        ] {
            let guesser = Guesser::new(&house).await.from(network);
            for spelling in spellings.iter().cycle().take(10) {
                guesser.fails(spelling, 1).await;
            }
            for spelling in spellings {
                wait(&guesser.call(spelling, WRONG).await);
                wait(&api(&house, spelling, WRONG).await);
            }
        }
    }

    async fn bf_8_a_clock_that_jumps_locks_nobody_out(db: Database) {
        let house = proxied(db).await;
        let person = house.person().await;
        for hours in [1, -1] {
            let guesser = Guesser::new(&house).await.from(&format!("192.0.2.{}", hours + 2));
            // Up to the longest wait, and the network closed beside.
            guesser.fails(person.email, 1).await;
            while guesser.tries(person.email, WRONG).await == 422 {}
            let others = ["a", "b", "c"].map(|name| format!("{name}{hours}@example.com"));
            guesser.fails(&others[0], 10).await;
            guesser.tries(&others[1], WRONG).await;
            while guesser.tries(&others[1], WRONG).await == 422 {}
            wait(&guesser.call(&others[2], WRONG).await);
            house.turn(TimeDelta::hours(hours));
            let waits = [
                wait_of(guesser.call(&others[2], WRONG).await.header("Retry-After")),
                wait_of(guesser.call(person.email, person.password).await.header("Retry-After")),
            ];
            assert!(waits.iter().all(|wait| *wait <= 960), "{waits:?}");
            house.turn(TimeDelta::seconds(960));
            let other = Guesser::new(&house).await.from("192.0.2.99");
            assert_eq!(other.tries(person.email, person.password).await, 303);
        }
    }

    async fn a_sign_in_that_was_not_tried_is_not_counted(db: Database) {
        let house = House::with(db, |config| config.passwords.threads = Some(1)).await;
        let person = house.person().await;
        let guesser = Guesser::new(&house).await;
        let mut places = Vec::new();
        while let Ok(place) = house.app.passwords.admit() {
            places.push(place);
        }
        let before = house.rows().await;
        for _ in 0..20 {
            let answer = guesser.call(person.email, WRONG).await;
            answer.is(503).has("Retry-After", |seconds| !seconds.is_empty());
        }
        assert_eq!(house.rows().await, before);
        drop(places);
        guesser.fails(person.email, 10).await;
    }

    async fn the_log_tells_once_that_somebody_is_held_up(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let guesser = Guesser::new(&house).await;
        for (email, expected) in [(person.email, (1, 0)), ("nobody@example.com", (1, 1))] {
            guesser.fails(email, 10).await;
            assert_eq!(told(&house, EventKind::SignInHeldUp).await, expected);
            wait(&guesser.call(email, WRONG).await);
            house.turn(TimeDelta::seconds(1));
            guesser.fails(email, 1).await;
            assert_eq!(told(&house, EventKind::SignInHeldUp).await, expected);
        }
    }

    async fn a_new_password_is_not_held_up_for_the_old_one(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let guesser = Guesser::new(&house).await;
        guesser.fails(person.email, 10).await;
        wait(&guesser.call(person.email, person.password).await);
        let row = user::by_email(&house.app.db.read, person.email).await;
        let row = row.expect("a look-up").expect("a user");
        let new = "eleven herons over the weir";
        operate::set_password(&house.app, &row, new).await.expect("a change");
        assert_eq!(guesser.tries(person.email, new).await, 303);
    }
}

fn wait_of(header: &str) -> i64 {
    header.parse().unwrap_or(0)
}
