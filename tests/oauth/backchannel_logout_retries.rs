//! Clients that do not listen: when they are told again, and when no more; and that they keep nobody
//! else waiting.

use std::time::Duration;

use chrono::TimeDelta;
use doorward::{jobs, paths, sessions};
use entity::{event, session_client, value::EventKind};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use tokio::{net::TcpListener, time::timeout};

use super::{
    backchannel_logout_receiver::{Receiver, deliver, known_by, read},
    end_session::leave,
    granted::{Granted, change_client, client_row, events},
};
use crate::support::{database::both, house::House, rp::Rp};

/// A person who signed out of a client that is told at `path`.
async fn signed_out<'a>(house: &'a House, receiver: &Receiver, path: &str) -> Granted<'a> {
    let mut granted = Granted::to(house, receiver.rp(house, path).await).await;
    let hint = granted.tokens().await.id_token.expect("an ID token");
    let answer = leave(&mut granted, &[("id_token_hint", &hint)]).await;
    answer.sent_to(paths::LOGOUT_DONE);
    granted
}

fn seconds(seconds: i64) -> TimeDelta {
    TimeDelta::seconds(seconds)
}

async fn given_up(house: &House) -> usize {
    events(house, EventKind::LogoutNotDelivered).await
}

both! {
    async fn whoever_listens_is_told_at_once(db: Database) {
        let receiver = Receiver::new().await;
        let house = receiver.house(db).await;
        let app = house.app.clone();
        let job = tokio::spawn(async move { jobs::logout::run(&app).await });
        // The first look finds nothing; it is the bell that is heard, and then the bell again.
        for _ in 0..2 {
            signed_out(&house, &receiver, "/").await;
            receiver.hears(Duration::from_secs(20)).await;
            assert_eq!(receiver.heard().len(), 1);
        }
        // Nobody rings for what another process has ended, and it is told all the same.
        let mut granted = Granted::to(&house, receiver.rp(&house, "/").await).await;
        let known_by = known_by(&mut granted).await;
        let (app, session) = (&house.app, granted.session().await);
        let tx = app.db.begin().await.expect("a transaction");
        sessions::end_all(app, &tx, session.user_id, None).await.expect("an end");
        tx.commit().await.expect("an end");
        receiver.hears(Duration::from_secs(20)).await;
        let told = read(&house, &receiver.token(), &granted.rp.client_id).await;
        assert_eq!((&told["sub"], &told["sid"]), (&known_by.0, &known_by.1));
        job.abort();
    }

    async fn an_answer_without_a_body_is_enough(db: Database) {
        let receiver = Receiver::new().await;
        let house = receiver.house(db).await;
        signed_out(&house, &receiver, "/204").await;
        assert_eq!((deliver(&house).await, receiver.heard().len()), (1, 1));
        assert_eq!(house.rows().await["outbox"], 0);
    }

    async fn a_client_that_says_no_is_not_asked_again(db: Database) {
        let receiver = Receiver::new().await;
        let house = receiver.house(db).await;
        let granted = signed_out(&house, &receiver, "/400").await;
        assert_eq!((deliver(&house).await, receiver.heard().len()), (0, 1));
        assert_eq!(house.rows().await["outbox"], 0);
        let all = event::Entity::find().all(&house.app.db.read).await.expect("the events");
        let told: Vec<_> = all.iter().filter(|one| one.kind == EventKind::LogoutNotDelivered).collect();
        let [one] = &told[..] else { panic!("{told:?}") };
        assert_eq!(one.client_id, Some(client_row(&house, &granted.rp).await.id));
        assert!(one.user_id.is_some());
        house.turn(seconds(86_400));
        assert_eq!((deliver(&house).await, receiver.heard().len()), (0, 0));
    }

    async fn attempts_grow_rarer_and_end_with_an_event(db: Database) {
        let receiver = Receiver::new().await;
        let house = receiver.house(db).await;
        receiver.says(500);
        let granted = signed_out(&house, &receiver, "/").await;
        assert_eq!((deliver(&house).await, receiver.heard().len()), (0, 1));
        for (status, pause) in [(404, 5), (302, 30), (0, 120), (401, 600), (503, 1800), (202, 3600), (500, 5400)] {
            assert_eq!(given_up(&house).await, 0, "before {pause}");
            receiver.says(status);
            house.turn(seconds(pause - 2));
            assert_eq!((deliver(&house).await, receiver.heard().len()), (0, 0), "too early for {pause}");
            house.turn(seconds(2));
            assert_eq!(deliver(&house).await, 0);
            // Fresh each time, or it would have died on the way.
            let told = read(&house, &receiver.token(), &granted.rp.client_id).await;
            let age = house.app.clock.now().timestamp() - told["iat"].as_i64().expect("a time");
            assert!((0..=5).contains(&age), "{told}");
        }
        assert_eq!(given_up(&house).await, 1);
        assert_eq!(house.rows().await["outbox"], 0);
        receiver.says(200);
        house.turn(seconds(86_400));
        assert_eq!((deliver(&house).await, receiver.heard().len()), (0, 0));
    }

    async fn whoever_comes_back_is_told(db: Database) {
        let receiver = Receiver::new().await;
        let house = receiver.house(db).await;
        receiver.says(503);
        signed_out(&house, &receiver, "/").await;
        assert_eq!((deliver(&house).await, receiver.heard().len()), (0, 1));
        receiver.says(200);
        house.turn(seconds(5));
        assert_eq!((deliver(&house).await, receiver.heard().len()), (1, 1));
        assert_eq!((house.rows().await["outbox"], given_up(&house).await), (0, 0));
    }

    async fn a_redirect_is_not_followed(db: Database) {
        let receiver = Receiver::new().await;
        let house = receiver.house(db).await;
        for status in ["/301", "/302", "/303", "/307", "/308"] {
            signed_out(&house, &receiver, status).await;
            assert_eq!(deliver(&house).await, 0);
            let heard = receiver.heard();
            assert_eq!(heard.len(), 1, "{heard:?}");
            assert!(!heard[0].head.contains("elsewhere"), "{heard:?}");
        }
    }

    /// SS-1: nobody makes us call into our own network.
    async fn ss_1_a_private_address_is_not_called(db: Database) {
        let receiver = Receiver::new().await;
        let house = House::new(db).await;
        // Not every row came in by our own door.
        let rp = Rp::confidential(&house).await;
        change_client(&house, &rp, |row| row.metadata = receiver.metadata("/")).await;
        let mut granted = Granted::to(&house, rp).await;
        let hint = granted.tokens().await.id_token.expect("an ID token");
        leave(&mut granted, &[("id_token_hint", &hint)]).await.sent_to(paths::LOGOUT_DONE);
        assert_eq!((deliver(&house).await, receiver.heard().len()), (0, 0));
        assert_eq!(house.rows().await["outbox"], 1, "it may be put right in time");
    }

    async fn what_the_client_is_now_counts_when_it_is_told(db: Database) {
        let receiver = Receiver::new().await;
        let house = receiver.house(db).await;
        for change in ["disabled", "no address", "removed"] {
            let granted = signed_out(&house, &receiver, "/").await;
            let now = house.app.clock.now();
            match change {
                "removed" => {
                    let row = client_row(&house, &granted.rp).await;
                    let gone = entity::client::remove(&house.app.db.write, row.id).await;
                    gone.expect("an end");
                }
                "disabled" => change_client(&house, &granted.rp, |row| row.disabled_at = Some(now)).await,
                _ => change_client(&house, &granted.rp, |row| row.metadata.backchannel_logout_uri = None).await,
            }
            assert_eq!((deliver(&house).await, receiver.heard().len()), (0, 0), "{change}");
            assert_eq!((house.rows().await["outbox"], given_up(&house).await), (0, 0), "{change}");
        }
    }

    async fn sixteen_carriers_tell_a_client_once(db: Database) {
        let receiver = Receiver::new().await;
        let house = receiver.house(db).await;
        signed_out(&house, &receiver, "/").await;
        let carriers = (0..16).map(|_| {
            let app = house.app.clone();
            tokio::spawn(async move { jobs::logout::deliver(&app).await.expect("a database") })
        });
        let mut taken = 0;
        for carrier in carriers.collect::<Vec<_>>() {
            taken += carrier.await.expect("a carrier");
        }
        assert_eq!((taken, receiver.heard().len()), (1, 1));
    }

    async fn whoever_was_being_told_when_we_died_is_told_by_the_next(db: Database) {
        let receiver = Receiver::new().await;
        let house = receiver.house(db).await;
        signed_out(&house, &receiver, "/").await;
        let app = &house.app;
        let now = app.clock.now();
        let due = entity::outbox::notices_due(&app.db.read, (now, false), &[], 9).await.expect("a look-up");
        let lease = now + seconds(35);
        let taken = entity::outbox::claim(&app.db.write, due[0].0, now, lease).await;
        assert!(taken.expect("a claim").is_some());
        assert_eq!((deliver(&house).await, receiver.heard().len()), (0, 0));
        house.turn(seconds(36));
        assert_eq!((deliver(&house).await, receiver.heard().len()), (1, 1));
    }

    /// R24: more clients are dead than are called at once. Signing out waits for none of them, nor do
    /// the living for the dead.
    async fn three_hundred_clients_of_which_a_hundred_are_dead(db: Database) {
        let receiver = Receiver::new().await;
        // Takes connections and never says a word.
        let dead = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let dead_at = dead.local_addr().expect("an address").port();
        let dead_at = format!("http://localhost:{dead_at}");
        let house = House::with(db, |config| {
            config.fetch.private_origins = vec![receiver.origin(), dead_at.clone()];
            config.fetch.timeout_milliseconds = 1_000;
        })
        .await;
        let mut granted = Granted::to(&house, Rp::confidential(&house).await).await;
        let app = &house.app;
        let (model, session) = (client_row(&house, &granted.rp).await, granted.session().await);
        let tx = app.db.begin().await.expect("a transaction");
        for number in 0..300 {
            let mut row = model.clone();
            row.id = app.new_id();
            row.client_id = format!("client-{number}");
            row.metadata = receiver.metadata("/");
            if number % 3 == 0 {
                row.metadata.backchannel_logout_uri = Some(format!("{dead_at}/"));
            }
            let id = row.id;
            row.into_active_model().reset_all().insert(&tx).await.expect("a client");
            assert!(session_client::note(&tx, session.id, id).await.expect("a note"));
        }
        tx.commit().await.expect("three hundred clients");

        let hint = granted.tokens().await.id_token.expect("an ID token");
        // Both generous, for machines that do something else at the same time.
        let params = [("id_token_hint", hint.as_str())];
        let left = timeout(Duration::from_secs(30), leave(&mut granted, &params)).await;
        left.expect("nobody is waited for").sent_to(paths::LOGOUT_DONE);
        assert_eq!(house.rows().await["outbox"], 300);
        // Four at a time the dead alone take 25 s.
        let told = timeout(Duration::from_secs(180), deliver(&house)).await;
        assert_eq!(told.expect("the living do not wait for the dead"), 200);
        assert_eq!((receiver.heard().len(), house.rows().await["outbox"]), (200, 100));
    }
}
