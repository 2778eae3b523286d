//! BF-5, BF-6, BF-7, BF-9, BF-10, BF-11: what counts is where somebody is, whatever they say and
//! whichever way they take. Only failures count.

use chrono::TimeDelta;
use doorward::paths;
use entity::value::EventKind;
use poem::http::Method;

use super::guesser::{Guesser, WRONG, api_at, evaluated, proxied, told, wait};
use crate::support::{call::at_once, database::both, house::House};

/// Thirty wrong passwords, of few accounts.
async fn thirty(guesser: &Guesser<'_>, name: &str) {
    for number in 0..3 {
        guesser
            .fails(&format!("{name}{number}@example.com"), 10)
            .await;
    }
}

both! {
    async fn thirty_wrong_ones_in_ten_minutes_close_a_network_for_the_rest(db: Database) {
        let house = proxied(db).await;
        let person = house.person().await;
        for round in 0..3 {
            let guesser = Guesser::new(&house).await.from("192.0.2.1");
            thirty(&guesser, &format!("round{round}-")).await;
            let told = wait(&guesser.call(person.email, person.password).await);
            assert!((500..=600).contains(&told), "{told}");
            // Elsewhere nobody notices.
            let other = Guesser::new(&house).await.from("192.0.2.2");
            assert_eq!(other.tries(person.email, person.password).await, 303);
            // When it is over, no more get through than at first.
            house.turn(TimeDelta::minutes(10));
        }
    }

    async fn bf_5_what_a_stranger_says_of_where_it_is_changes_nothing(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        for header in ["X-Forwarded-For", "X-Real-IP", "Forwarded", "CF-Connecting-IP", "True-Client-IP"].iter() {
            for account in 0..6 {
                let value = match *header {
                    "Forwarded" => format!("for=198.51.100.{account}"),
                    _ => format!("198.51.100.{account}"),
                };
                let guesser = Guesser::new(&house).await.with(header, &value);
                guesser.fails(&format!("{}@example.com", account % 3), 1).await;
            }
        }
        let guesser = Guesser::new(&house).await.with("X-Forwarded-For", "203.0.113.9");
        wait(&guesser.call(person.email, person.password).await);
    }

    async fn bf_5_behind_a_proxy_the_hop_counts_that_it_wrote_itself(db: Database) {
        let house = proxied(db).await;
        let person = house.person().await;
        for number in 0..30 {
            let spoofed = format!("198.51.100.{number}, 10.0.0.{number}, 192.0.2.1");
            let guesser = Guesser::new(&house).await.from(&spoofed);
            guesser.fails(&format!("{}@example.com", number % 3), 1).await;
        }
        let guesser = Guesser::new(&house).await.from("203.0.113.5, 192.0.2.1");
        wait(&guesser.call(person.email, person.password).await);
        let guesser = Guesser::new(&house).await.from("192.0.2.1, 203.0.113.5");
        assert_eq!(guesser.tries(person.email, person.password).await, 303);
    }

    async fn bf_6_a_subscriber_of_ipv6_is_one(db: Database) {
        let house = proxied(db).await;
        let person = house.person().await;
        for number in 0..30 {
            let ip = format!("2001:db8:1:2:{number:x}::{number:x}");
            let guesser = Guesser::new(&house).await.from(&ip);
            guesser.fails(&format!("{}@example.com", number % 3), 1).await;
        }
        let same = Guesser::new(&house).await.from("2001:db8:1:2:ffff:ffff:ffff:ffff");
        wait(&same.call(person.email, person.password).await);
        let other = Guesser::new(&house).await.from("2001:db8:1:3::1");
        assert_eq!(other.tries(person.email, person.password).await, 303);
        // An address of IPv4 is one however it is written.
        thirty(&Guesser::new(&house).await.from("::ffff:192.0.2.7"), "mapped").await;
        let plain = Guesser::new(&house).await.from("192.0.2.7");
        wait(&plain.call(person.email, person.password).await);
    }

    async fn bf_7_there_is_no_other_way_to_the_same_door(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let guesser = Guesser::new(&house).await;
        guesser.fails(person.email, 10).await;
        let before = evaluated(&house);
        for path in [
            "/login?x=1", "//login", "/login/", "/login//", "/%6cogin", "/LOGIN", "/login;x=1", "/login%2f",
            "/login%00", "/login?flow=",
        ] {
            let answer = guesser.call_at(path, person.email, person.password).await;
            assert!(answer.header("Set-Cookie").is_empty(), "{path}: {}", answer.told());
            assert_ne!(answer.status, 303, "{path}");
        }
        for path in ["//api/auth/sign-in/email", "/api/auth/sign-in/email/", "/api/auth/sign-in/%65mail"] {
            let answer = api_at(&house, path, person.email, person.password).await;
            assert_ne!(answer.status, 200, "{path}");
        }
        for method in [Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS, Method::HEAD] {
            let typed = (person.email, person.password);
            let call = guesser.call_by(method.clone(), paths::LOGIN, typed);
            let answer = call.header("X-HTTP-Method-Override", "POST").await;
            assert!(answer.header("Set-Cookie").is_empty(), "{method}: {}", answer.told());
        }
        assert_eq!(evaluated(&house), before);
    }

    async fn bf_9_one_address_tries_fifteen_accounts_and_no_more(db: Database) {
        let house = proxied(db).await;
        let person = house.person().await;
        let guesser = Guesser::new(&house).await.from("192.0.2.1");
        let before = evaluated(&house);
        for number in 0..100 {
            guesser.tries(&format!("{number}@example.com"), WRONG).await;
        }
        assert_eq!(evaluated(&house) - before, 15);
        let told = wait(&guesser.call(person.email, person.password).await);
        assert!((3500..=3600).contains(&told), "{told}");
        // An hour later it is one more account, not fifteen.
        for number in 100..102 {
            house.turn(TimeDelta::minutes(61));
            guesser.fails(&format!("{number}@example.com"), 1).await;
            wait(&guesser.call("anybody@example.com", WRONG).await);
        }
    }

    async fn bf_9_a_hundred_accounts_at_once_are_no_more(db: Database) {
        let house = House::new(db).await;
        let guesser = Guesser::new(&house).await;
        let before = evaluated(&house);
        let calls = (0..100).map(|number| guesser.call(&format!("{number}@example.com"), WRONG));
        at_once(calls.collect()).await;
        let under_way = house.app.passwords.threads() as u64 * 2;
        let looked = evaluated(&house) - before;
        assert!((15..15 + under_way).contains(&looked), "{looked}");
    }

    async fn bf_9_a_hundred_addresses_get_no_further_with_one_account(db: Database) {
        let house = proxied(db).await;
        let person = house.person().await;
        let before = evaluated(&house);
        for number in 0..100 {
            let guesser = Guesser::new(&house).await.from(&format!("192.0.2.{number}"));
            guesser.tries(person.email, WRONG).await;
        }
        assert!((10..=15).contains(&(evaluated(&house) - before)));
    }

    async fn bf_10_who_has_to_wait_leaves_nothing_behind(db: Database) {
        let house = proxied(db).await;
        let guesser = Guesser::new(&house).await.from("192.0.2.1");
        for number in 0..15 {
            guesser.fails(&format!("{number}@example.com"), 1).await;
        }
        let before = house.rows().await;
        for number in 15..80 {
            wait(&guesser.call(&format!("{number}@example.com"), WRONG).await);
        }
        assert_eq!(house.rows().await, before);
        assert_eq!(format!("{:?}", house.app.crowds), "Crowds(0)");
        // And what was kept goes when it is over.
        house.turn(TimeDelta::hours(25));
        doorward::jobs::sweep(&house.app, house.app.clock.now()).await.expect("a sweep");
        let rows = house.rows().await;
        assert_eq!((rows["failure_counter"], rows["limit_counter"]), (0, 0));
    }

    async fn bf_11_no_name_of_a_browser_opens_a_door(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        Guesser::new(&house).await.fails(person.email, 10).await;
        for name in ["kube-probe/1.30", "GoogleHC/1.0", "ELB-HealthChecker/2.0", "Googlebot/2.1", "curl/8", ""] {
            let guesser = Guesser::new(&house).await.with("User-Agent", name);
            wait(&guesser.call(person.email, person.password).await);
        }
        for path in [paths::LIVEZ, paths::READYZ] {
            house.get(path).await.is(200);
        }
    }

    async fn who_knows_the_password_never_counts(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        for _ in 0..100 {
            let guesser = Guesser::new(&house).await;
            assert_eq!(guesser.tries(person.email, person.password).await, 303);
        }
    }

    async fn the_log_tells_once_that_a_network_is_closed(db: Database) {
        let house = House::new(db).await;
        let guesser = Guesser::new(&house).await;
        for number in 0..20 {
            guesser.tries(&format!("{number}@example.com"), WRONG).await;
        }
        assert_eq!(told(&house, EventKind::SignInHeldUp).await, (0, 1));
    }

    async fn what_is_no_address_counts_for_its_network_only(db: Database) {
        let house = House::new(db).await;
        let guesser = Guesser::new(&house).await;
        guesser.fails("no address", 30).await;
        wait(&guesser.call("no address", WRONG).await);
        assert_eq!(house.rows().await["failure_counter"], 0);
    }
}
