//! Telling clients that sessions have ended: carries notices out of the outbox, many at once, so
//! that clients that do not answer keep nobody else waiting; again with growing pauses, and not for
//! ever.

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::TimeDelta;
use entity::{
    client,
    outbox::{self, Model},
};
use sea_orm::DbErr;
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};
use url::Url;
use uuid::Uuid;

use crate::{
    app::App,
    logout::backchannel::{self, Told},
};

/// How often to look. Whoever ends a session in this process rings; another process, such as the
/// command line, cannot.
const EVERY: Duration = Duration::from_secs(1);
/// How many are under way at once.
const AT_ONCE: usize = 64;
/// How many of these were tried before: clients that are away for long leave room for the others.
const AGAIN_AT_ONCE: usize = 16;
/// How many of these are to one host: one that keeps us waiting, under however many names of clients,
/// leaves room for the others too.
const PER_HOST: usize = 4;
/// The most clients that are left out in one look because their hosts have enough.
const MOST_LEFT_OUT: usize = 10_000;
/// How long after the last moment of a call a notice that nobody told about is given up for lost,
/// and carried again.
const GRACE: TimeDelta = TimeDelta::seconds(30);

/// The pauses after each attempt but the last, in seconds: about three hours altogether.
const PAUSES: [i64; 7] = [5, 30, 120, 600, 1800, 3600, 5400];

/// What is under way, each on a task of its own: one that waits for the database must not keep the
/// one that holds it. Whoever is on the way when this is dropped is called back.
#[derive(Default)]
struct Ways {
    fresh: JoinSet<bool>,
    /// Those that were tried before.
    again: JoinSet<bool>,
    /// There was more than could be taken along.
    more: bool,
    /// The hosts to which somebody is under way. Whoever is holds a copy.
    hosts: HashMap<String, Arc<()>>,
    /// The hosts of clients that were met, by the clients' rows.
    met: HashMap<String, String>,
}

/// Tells clients until it is dropped.
pub async fn run(app: &App) {
    if !app.config.features.backchannel_logout {
        return;
    }
    let mut ways = Ways::default();
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => ways.more = true,
            () = app.notices.notified() => ways.more = true,
            Some(_) = ways.next() => {}
        }
        if ways.more
            && let Err(error) = ways.fill(app).await
        {
            tracing::warn!(%error, "the outbox could not be read");
        }
    }
}

/// Tells everybody whose turn it is. Answers how many have taken it.
pub async fn deliver(app: &App) -> Result<usize, DbErr> {
    let mut ways = Ways::default();
    let mut taken = 0;
    loop {
        ways.fill(app).await?;
        match ways.next().await {
            Some(was_taken) => taken += usize::from(was_taken),
            None => return Ok(taken),
        }
    }
}

impl Ways {
    /// Takes along as much as there is room for.
    async fn fill(&mut self, app: &App) -> Result<(), DbErr> {
        self.more = false;
        self.hosts.retain(|_, host| Arc::strong_count(host) > 1);
        // A client that is not kept waiting may have moved meanwhile.
        let hosts = &self.hosts;
        self.met.retain(|_, host| is_full(hosts, host));
        for again in [false, true] {
            // Those to hosts that have enough are found once, and left out when it is looked again.
            while self.take(app, again).await? {}
        }
        Ok(())
    }

    /// Takes along notices that are new, or that were tried before. Answers whether there were some to
    /// hosts that have enough, in whose place there may be others.
    async fn take(&mut self, app: &App, again: bool) -> Result<bool, DbErr> {
        let room = match again {
            true => self
                .room()
                .min(AGAIN_AT_ONCE.saturating_sub(self.again.len())),
            false => self.room(),
        };
        let now = app.clock.now();
        let limit = u64::try_from(room).unwrap_or_default();
        let full = self
            .met
            .iter()
            .filter(|(_, host)| is_full(&self.hosts, host));
        let full: Vec<String> = full.map(|(client, _)| client.clone()).collect();
        let full = &full[..full.len().min(MOST_LEFT_OUT)];
        let due = outbox::notices_due(&app.db.read, (now, again), full, limit).await?;
        self.more |= due.len() == room || !full.is_empty();
        self.meet(app, &due).await?;
        let patience = TimeDelta::from_std(app.config.fetch.timeout()).unwrap_or_default();
        let mut held = false;
        for (id, client) in due {
            let host = self.met.get(&client);
            if host.is_some_and(|host| is_full(&self.hosts, host)) {
                held = true;
                continue;
            }
            let lease = now + GRACE + patience;
            if let Some(row) = outbox::claim(&app.db.write, id, now, lease).await? {
                let host = host.map(|host| Arc::clone(self.hosts.entry(host.clone()).or_default()));
                let ways = match again {
                    true => &mut self.again,
                    false => &mut self.fresh,
                };
                let carried = carry(app.clone(), row);
                ways.spawn(async move {
                    let taken = carried.await;
                    drop(host);
                    taken
                });
            }
        }
        self.more |= held;
        Ok(held && self.met.len() <= MOST_LEFT_OUT)
    }

    /// Looks up where the clients are. Those that are nowhere keep nobody waiting.
    async fn meet(&mut self, app: &App, due: &[(Uuid, String)]) -> Result<(), DbErr> {
        let new = due
            .iter()
            .filter(|(_, client)| !self.met.contains_key(client));
        let new: Vec<Uuid> = new.filter_map(|(_, client)| client.parse().ok()).collect();
        for client in client::enabled_among(&app.db.read, &new).await? {
            let uri = client.metadata.backchannel_logout_uri.as_deref();
            let url = uri.and_then(|uri| Url::parse(uri).ok());
            if let Some(host) = url.as_ref().and_then(Url::host_str) {
                self.met.insert(client.id.to_string(), host.to_owned());
            }
        }
        Ok(())
    }

    fn room(&self) -> usize {
        AT_ONCE.saturating_sub(self.fresh.len() + self.again.len())
    }

    /// Waits until one has come back; none if none is under way. Answers whether it was taken.
    async fn next(&mut self) -> Option<bool> {
        let way = tokio::select! {
            Some(way) = self.fresh.join_next() => way,
            Some(way) = self.again.join_next() => way,
            else => return None,
        };
        Some(way.unwrap_or(false))
    }
}

/// Whether as many are under way to a host as may be.
fn is_full(hosts: &HashMap<String, Arc<()>>, host: &str) -> bool {
    hosts
        .get(host)
        .is_some_and(|host| Arc::strong_count(host) > PER_HOST)
}

/// Carries one notice to its client. Answers whether it was taken.
async fn carry(app: App, row: Model) -> bool {
    let told = backchannel::tell(&app, &row).await;
    let taken = matches!(told, Told::Accepted);
    if let Err(error) = settle(&app, &row, told).await {
        // Its lease runs out, and somebody carries it again.
        tracing::warn!(%error, notice = %row.id, "the outbox could not be written");
    }
    taken
}

async fn settle(app: &App, row: &Model, told: Told) -> Result<(), DbErr> {
    let db = &app.db.write;
    let (notice, client, attempts) = (row.id, &row.recipient, row.attempts);
    let pause = usize::try_from(attempts - 1).ok();
    let pause = pause.and_then(|tried| PAUSES.get(tried));
    match (told, pause) {
        (Told::Accepted, _) => {
            tracing::info!(%notice, client, attempts, "a client was told of a logout");
            outbox::forget(db, row).await.map(drop)
        }
        (Told::Nobody, _) => outbox::forget(db, row).await.map(drop),
        (Told::NotNow(reason), Some(pause)) => {
            tracing::warn!(%notice, client, attempts, reason, "a client could not be told of a logout; it is tried again");
            outbox::later(db, row, app.clock.now() + TimeDelta::seconds(*pause)).await
        }
        (Told::NotNow(reason) | Told::Refused(reason), _) => {
            tracing::warn!(%notice, client, attempts, reason, "a client could not be told of a logout; it is given up");
            backchannel::gave_up(app, row).await
        }
    }
}
