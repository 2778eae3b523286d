//! Whether the keys that sign tokens are there and can be opened, how old they are, and when they
//! are turned.

use chrono::{DateTime, TimeDelta, Utc};
use doorward::{
    config::Config,
    crypto::{Root, keyring::Keyring, seal::Sealer},
    keys::calendar,
};
use entity::{
    Db,
    signing_key::{self, Model},
    value::SigningAlg,
};
use sea_orm::Iterable;

use super::{Finding, fail, ok, warn};

const CHECK: &str = "signing keys";
/// The calendar is looked at twice a minute; whoever is this late does not run.
const LATE: TimeDelta = TimeDelta::hours(1);
/// Without a calendar, this is when somebody should think of it.
const OLD: TimeDelta = TimeDelta::days(365);

/// Whether they can be opened with `root`, which is none if there is no root secret to be had.
pub async fn keys(config: &Config, root: Option<Root>, db: &Db, now: DateTime<Utc>) -> Finding {
    let known = match signing_key::published(&db.read, now).await {
        Ok(known) => known,
        Err(error) => return fail(CHECK, error.to_string()),
    };
    if known.is_empty() {
        return warn(CHECK, "none yet; the first start makes them");
    }
    if let Some(alg) = SigningAlg::iter().find(|alg| known.iter().all(|key| key.alg != *alg)) {
        let name = alg.name();
        return warn(CHECK, format!("none for {name}; the next start makes it"));
    }
    if let Some(early) = known.iter().find(|key| key.created_at > now) {
        let kid = &early.kid;
        return fail(
            CHECK,
            format!("{kid} was made later than now; the clock went back"),
        );
    }
    let Some(root) = root else {
        return fail(CHECK, "cannot be opened without the root secret");
    };
    let sealer = Sealer::new(&root);
    match Keyring::default().reload(db, &sealer, now).await {
        Ok(()) => age(config, &known, now),
        Err(error) => fail(CHECK, error.to_string()),
    }
}

fn age(config: &Config, known: &[Model], now: DateTime<Utc>) -> Finding {
    let settings = &config.keys;
    let signing = SigningAlg::iter().filter_map(|alg| signing_key::current(known, alg, now));
    let oldest = signing.map(|key| now - key.signs_from).max();
    let oldest = oldest.unwrap_or_default();
    let turns = SigningAlg::iter().filter_map(|alg| calendar::next_turn(known, alg, settings, now));
    let text = format!(
        "{} published, the oldest has signed for {} days",
        known.len(),
        oldest.num_days()
    );
    let overdue = |alg| calendar::due(known, alg, settings, now - LATE).is_some();
    match turns.min() {
        _ if SigningAlg::iter().any(overdue) => warn(
            CHECK,
            format!("{text}, and it is time for the next; a running server publishes it"),
        ),
        Some(turn) => ok(
            CHECK,
            format!(
                "{text}; the next one signs from {}",
                turn.format("%Y-%m-%d")
            ),
        ),
        None if oldest > OLD => warn(
            CHECK,
            format!("{text} and none is turned by the calendar; run: doorward key rotate"),
        ),
        None => ok(CHECK, format!("{text}; none is turned by the calendar")),
    }
}
