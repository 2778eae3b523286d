//! Processes: several servers on one database turn the keys once, and see what the others did.

use std::sync::Arc;

use chrono::TimeDelta;
use doorward::{app::App, http, keys::calendar, paths};
use entity::{Db, signing_key::Standing, value::SigningAlg};
use poem::{EndpointExt, http::Method};
use tokio::sync::Barrier;

use super::{one, rotate, standings};
use crate::{
    oauth::granted::introspected,
    support::{
        call::{Call, Doors},
        database::{Database, both},
        house::House,
        rp::Rp,
    },
};

/// Another server on the database of a house, with connections of its own.
async fn beside(house: &House, url: &str) -> App {
    let db = Db::connect(url, 4).await.expect("the same database");
    let (config, clock) = (house.app.config.clone(), house.app.clock.clone());
    App::open(config, db, clock).await.expect("another app")
}

async fn two(db: Database) -> (House, App) {
    let url = db.url.clone();
    let house = House::new(db).await;
    let other = beside(&house, &url).await;
    (house, other)
}

/// An access token for the client itself, from the other server.
async fn token_from(other: &App, house: &House, rp: &Rp<'_>) -> String {
    let doors: Doors = Arc::new(http::routes(other.clone()).map_to_response().boxed());
    let secret = rp.client_secret.as_deref().expect("a secret");
    let call = Call::new(doors, Method::POST, house.url(paths::TOKEN));
    let form = [("grant_type", "client_credentials")];
    let answer = call.basic(&rp.client_id, secret).form(&form).await;
    answer.tokens().access_token
}

both! {
    async fn two_servers_whose_calendar_strikes_at_once_make_one_new_key_each(db: Database) {
        let (house, other) = two(db).await;
        house.turn(TimeDelta::days(89));
        let start = Arc::new(Barrier::new(2));
        let turns = [house.app.clone(), other].map(|app| {
            let start = Arc::clone(&start);
            tokio::spawn(async move {
                start.wait().await;
                calendar::turn(&app).await.expect("the calendar").len()
            })
        });
        let mut made = 0;
        for turn in turns {
            made += turn.await.expect("a turn");
        }
        assert_eq!(made, 4);
        let all = standings(&house).await;
        let next = all.iter().filter(|(_, standing)| *standing == Standing::Next);
        assert_eq!((next.count(), all.len()), (4, 8));
    }

    async fn sixteen_operators_who_ask_at_once_get_one_new_key(db: Database) {
        let (house, other) = two(db).await;
        let start = Arc::new(Barrier::new(16));
        let asked: Vec<_> = (0..16)
            .map(|nth| {
                let app = if nth % 2 == 0 { house.app.clone() } else { other.clone() };
                let start = Arc::clone(&start);
                tokio::spawn(async move {
                    start.wait().await;
                    rotate(&app, SigningAlg::EdDSA, false, &[]).await
                })
            })
            .collect();
        let mut turned = Vec::new();
        for one in asked {
            turned.push(one.await.expect("a rotation"));
        }
        assert_eq!(turned.iter().filter(|one| one.is_new).count(), 1);
        let next = one(&house, SigningAlg::EdDSA, Standing::Next).await;
        assert!(turned.iter().all(|one| one.key.kid == next), "{turned:?}");
    }

    async fn a_key_that_another_server_made_in_an_emergency_is_known_at_once(db: Database) {
        let (house, other) = two(db).await;
        let rp = Rp::confidential(&house).await;
        let known = async |token: &str| {
            let answer = introspected(&rp, token).await.ok();
            answer["active"] == true
        };
        rotate(&other, SigningAlg::ES256, true, &[]).await;
        assert!(known(&token_from(&other, &house, &rp).await).await);
        // Whoever makes names up cannot make us look at the table all the time.
        rotate(&other, SigningAlg::ES256, true, &[]).await;
        let token = token_from(&other, &house, &rp).await;
        assert!(!known(&token).await);
        house.turn(TimeDelta::seconds(10));
        assert!(known(&token).await);
    }

    async fn what_another_server_turned_is_seen_when_the_calendar_is_looked_at(db: Database) {
        let (house, other) = two(db).await;
        let before = house.get(paths::JWKS).await;
        let next = rotate(&other, SigningAlg::ES256, false, &[]).await.key.kid;
        assert_eq!(house.get(paths::JWKS).await.body, before.body);
        calendar::turn(&house.app).await.expect("the calendar");
        let after = house.get(paths::JWKS).await;
        assert!(after.body.contains(&next));
        assert_ne!(after.header("ETag"), before.header("ETag"));
        // A third one that starts now makes nothing.
        let all = standings(&house).await;
        let (config, clock) = (house.app.config.clone(), house.app.clock.clone());
        let third = App::open(config, house.app.db.clone(), clock).await;
        assert_eq!(third.expect("a third app").keyring.jwks(), house.app.keyring.jwks());
        assert_eq!(standings(&house).await, all);
    }
}
