//! Turns: ten turns of every key by the calendar, while relying parties cache for a second, five
//! minutes and an hour. None of them ever meets a key that it does not know.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use doorward::{keys::calendar, paths};
use entity::{
    signing_key::{self, Standing},
    value::SigningAlg,
};
use jsonwebtoken::decode_header;
use sea_orm::Iterable;

use super::{cache::Cache, one, rotate, standings};
use crate::{
    oauth::granted::Granted,
    support::{
        database::{Database, both},
        house::House,
        rp::Rp,
    },
};

const TURNS: usize = 10;
/// The longest life that a token can be given.
const LIFE: u32 = 24 * 60 * 60;

/// A house that turns its keys every other day and whose tokens live for a day.
async fn busy(database: Database) -> House {
    House::with(database, |config| {
        config.keys.rotate_days = 2;
        config.tokens.access_seconds = LIFE;
        config.tokens.id_seconds = LIFE;
    })
    .await
}

fn caches() -> [Cache; 3] {
    [
        TimeDelta::seconds(1),
        TimeDelta::minutes(5),
        TimeDelta::hours(1),
    ]
    .map(Cache::of)
}

/// How far the clock is turned: to the next moment at which something happens to a key, a second
/// more, or as usual, whichever is nearest.
async fn step(house: &House, usual: TimeDelta) -> TimeDelta {
    let now = house.app.clock.now();
    let keys = signing_key::all(&house.app.db.read)
        .await
        .expect("the keys");
    let moments = keys
        .iter()
        .flat_map(|key| [Some(key.signs_from), key.published_until])
        .flatten();
    let around = moments.flat_map(|at| [-1, 0, 1].map(|by| at + TimeDelta::seconds(by)));
    let next = around.filter(|at| *at > now).min();
    next.map_or(usual, |at| usual.min(at - now))
}

/// A client with tokens of its own, signed by `alg`.
async fn machine(house: &House, alg: SigningAlg) -> Rp<'_> {
    Rp::with(house, |new| new.access_token_alg = alg).await
}

async fn token_of(machine: &Rp<'_>) -> String {
    let form = [("grant_type", "client_credentials")];
    machine.token(&form).await.tokens().access_token
}

/// The last token of each key, while somebody could still present it: the one that dies last.
#[derive(Default)]
struct Last(BTreeMap<String, (DateTime<Utc>, String)>);

impl Last {
    fn keep(&mut self, now: DateTime<Utc>, new: [String; 4]) {
        let ends_at = now + TimeDelta::seconds(LIFE.into());
        self.0.retain(|_, (ends_at, _)| *ends_at > now);
        for token in new {
            let kid = decode_header(&token).expect("a header").kid;
            self.0.insert(kid.expect("a kid"), (ends_at, token));
        }
    }

    fn tokens(&self) -> impl Iterator<Item = &String> {
        self.0.values().map(|(_, token)| token)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r10_ten_turns_and_no_unknown_key() {
    let house = busy(Database::sqlite().await).await;
    let mut granted = Granted::confidential(&house).await;
    let mut refresh_token = granted
        .tokens()
        .await
        .refresh_token
        .expect("a refresh token");
    let machines = [
        machine(&house, SigningAlg::PS256).await,
        machine(&house, SigningAlg::EdDSA).await,
    ];
    let mut caches = caches();
    let mut live = Last::default();
    let mut signed_by = BTreeSet::new();
    let usual = [1, 29, 270, 600, 2_640, 3_600, 18_000, 25_200];
    for seconds in usual.iter().cycle().take(2_000) {
        calendar::turn(&house.app).await.expect("the calendar");
        let answer = granted.rp.refresh(&refresh_token).await.tokens();
        refresh_token = answer.refresh_token.unwrap_or(refresh_token);
        let new = [
            answer.id_token.expect("an ID token"),
            answer.access_token,
            token_of(&machines[0]).await,
            token_of(&machines[1]).await,
        ];
        let userinfo = house.get(paths::USERINFO).bearer(&new[1]).await;
        userinfo.is(200);
        live.keep(house.app.clock.now(), new);
        signed_by.extend(live.0.keys().cloned());
        for cache in &mut caches {
            for token in live.tokens() {
                cache.read(&house, token).await;
            }
        }
        if signed_by.len() >= (TURNS + 1) * 4 {
            break;
        }
        house.turn(step(&house, TimeDelta::seconds(*seconds)).await);
    }
    assert_eq!(
        signed_by.len(),
        (TURNS + 1) * 4,
        "each key has turned ten times"
    );
    for cache in &caches {
        assert_eq!(cache.unknown, Vec::<String>::new());
        assert!(cache.verified > 1_000, "{}", cache.verified);
    }
    let [second, minutes, hour] = caches.map(|cache| cache.fetches);
    assert!(
        second > minutes && minutes > hour,
        "{second} {minutes} {hour}"
    );
    // Of every turn nothing is left but what hints need.
    for (key, standing) in standings(&house).await {
        assert!(
            standing != Standing::Remembered || key.private_key.0.len() < 1_000,
            "{key:?}"
        );
    }
}

/// Else the test above would prove nothing: its relying parties do meet a key that signs at once.
#[tokio::test]
async fn whoever_caches_does_not_know_a_key_that_signs_at_once() {
    let house = busy(Database::sqlite().await).await;
    let machine = machine(&house, SigningAlg::EdDSA).await;
    let mut caches = caches();
    for cache in &mut caches {
        cache.read(&house, &token_of(&machine).await).await;
    }
    house.turn(TimeDelta::seconds(2));
    let new = rotate(&house.app, SigningAlg::EdDSA, true, &[])
        .await
        .key
        .kid;
    let token = token_of(&machine).await;
    for cache in &mut caches {
        cache.read(&house, &token).await;
    }
    let [second, minutes, hour] = caches.map(|cache| cache.unknown);
    assert_eq!(second, Vec::<String>::new());
    assert_eq!((&minutes, &hour), (&vec![new.clone()], &vec![new]));
}

both! {
    async fn a_key_is_published_for_a_day_before_it_signs(db: Database) {
        let house = House::with(db, |config| config.keys.rotate_days = 0).await;
        let alg = SigningAlg::ES256;
        let old = one(&house, alg, Standing::Current).await;
        let new = rotate(&house.app, alg, false, &[]).await;
        assert!(new.is_new);
        let new = new.key.kid;
        assert_eq!(one(&house, alg, Standing::Current).await, old);
        assert_eq!(one(&house, alg, Standing::Next).await, new);
        let machine = machine(&house, alg).await;
        let signs = async || {
            let token = token_of(&machine).await;
            decode_header(&token).expect("a header").kid.expect("a kid")
        };
        house.turn(TimeDelta::hours(24) - TimeDelta::minutes(1));
        assert_eq!(signs().await, old);
        house.turn(TimeDelta::minutes(1));
        assert_eq!(signs().await, new);
        // Longer than the longest token can live, counted from its last.
        house.turn(TimeDelta::hours(25) - TimeDelta::minutes(1));
        calendar::turn(&house.app).await.expect("the calendar");
        assert!(house.get(paths::JWKS).await.body.contains(&old));
        house.turn(TimeDelta::minutes(1));
        calendar::turn(&house.app).await.expect("the calendar");
        let published = house.get(paths::JWKS).await.body;
        assert!(!published.contains(&old) && published.contains(&new));
        assert_eq!(one(&house, alg, Standing::Remembered).await, old);
    }

    async fn the_calendar_turns_each_key_when_it_is_time_and_not_before(db: Database) {
        let house = House::new(db).await;
        let first: Vec<_> = standings(&house).await;
        assert!(first.iter().all(|(_, standing)| *standing == Standing::Current));
        let none = Vec::<SigningAlg>::new();
        let turn = async || calendar::turn(&house.app).await.expect("the calendar");
        assert_eq!(turn().await, none);
        // Other houses of this process have the same keys, so these are older than this one.
        let made = first.iter().map(|(key, _)| key.signs_from);
        let to = |at: Option<DateTime<Utc>>, by: TimeDelta| {
            let day = at.expect("a key") + TimeDelta::days(89) + by;
            house.turn(day - house.app.clock.now());
        };
        to(made.clone().min(), TimeDelta::minutes(-1));
        assert_eq!(turn().await, none);
        to(made.max(), TimeDelta::zero());
        assert_eq!(turn().await, SigningAlg::iter().collect::<Vec<_>>());
        assert_eq!(turn().await, none);
        for (old, _) in &first {
            let next = one(&house, old.alg, Standing::Next).await;
            let all = standings(&house).await;
            let (next, _) = all.iter().find(|(key, _)| key.kid == next).expect("a key");
            let late = next.signs_from - (old.signs_from + TimeDelta::days(90));
            assert!((TimeDelta::zero()..TimeDelta::minutes(1)).contains(&late), "{late}");
        }
        // After a standstill of half a year the next is published as long as ever.
        house.turn(TimeDelta::days(200));
        assert_eq!(turn().await.len(), 4);
        let next = one(&house, SigningAlg::ES256, Standing::Next).await;
        house.turn(TimeDelta::hours(24) - TimeDelta::minutes(1));
        assert_eq!(one(&house, SigningAlg::ES256, Standing::Next).await, next);
        house.turn(TimeDelta::minutes(2));
        assert_eq!(one(&house, SigningAlg::ES256, Standing::Current).await, next);
    }
}
