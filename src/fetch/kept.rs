//! Kept documents: what others publish and is needed again and again, such as their key sets. Few
//! of them, for minutes, and never asked for twice at a time.

#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use url::Url;

use super::{Fetch, FetchError};

/// How long a document is used without asking again.
const FRESH: TimeDelta = TimeDelta::minutes(5);

/// How long nobody is asked again who did not answer, or of whom a newer document was wanted:
/// whoever sends us tokens must not be able to make us hammer at somebody's door.
const PAUSE: TimeDelta = TimeDelta::seconds(10);

/// The most documents that are kept.
const DOCUMENTS: usize = 64;

/// What they may weigh together. The newest is kept even if it alone weighs more.
const HEAVIEST: usize = 8 << 20;

/// The most addresses of one host of which is known when they were asked: whoever names many pushes
/// out no one else's.
const PER_HOST: usize = 16;

/// The most addresses altogether.
const PLACES: usize = 1024;

/// The documents by their URLs.
#[derive(Debug, Default)]
pub(super) struct Kept {
    spots: Mutex<HashMap<String, Spot>>,
}

#[derive(Debug)]
struct Spot {
    host: String,
    place: Arc<Place>,
    document: Option<Document>,
    /// When it was last wanted.
    wanted: DateTime<Utc>,
}

#[derive(Debug)]
struct Document {
    json: Arc<Value>,
    since: DateTime<Utc>,
    weight: usize,
}

/// The place of one document. Whoever asks for it holds the lock, and the others wait for the answer.
type Place = tokio::sync::Mutex<Asked>;

#[derive(Debug, Default)]
struct Asked {
    /// When there was no answer.
    failed: Option<DateTime<Utc>>,
    /// When a newer one was asked for although there was one.
    renewed: Option<DateTime<Utc>>,
}

impl Fetch {
    /// The JSON document at `url`, which a client named, at most five minutes old.
    pub async fn document(&self, url: &str, now: DateTime<Utc>) -> Result<Arc<Value>, FetchError> {
        let place = self.kept.place(url, now);
        let mut asked = place.lock().await;
        match self.kept.document(url, now) {
            Some(document) => Ok(document),
            None if asked.failed.is_some_and(|at| is_within(at, PAUSE, now)) => {
                Err(FetchError::Lately)
            }
            None => self.renew(url, (&place, &mut asked), now).await,
        }
    }

    /// A document that is newer than the one that was `seen`; none if it is too early to ask.
    ///
    /// The pause is between two of these: a first one follows at once, however new the document is,
    /// so that whoever has just turned their keys is understood at once.
    pub async fn newer_document(
        &self,
        url: &str,
        seen: &Arc<Value>,
        now: DateTime<Utc>,
    ) -> Result<Option<Arc<Value>>, FetchError> {
        let place = self.kept.place(url, now);
        let mut asked = place.lock().await;
        match self.kept.document(url, now) {
            // Somebody else was faster.
            Some(document) if !Arc::ptr_eq(&document, seen) => return Ok(Some(document)),
            _ => {}
        }
        if asked.renewed.is_some_and(|at| is_within(at, PAUSE, now)) {
            return Ok(None);
        }
        let renewed = self.renew(url, (&place, &mut asked), now).await;
        // Noted afterwards: whoever hangs up half-way has not used up anybody's turn.
        asked.renewed = Some(now);
        renewed.map(Some)
    }

    async fn renew(
        &self,
        url: &str,
        (place, asked): (&Arc<Place>, &mut Asked),
        now: DateTime<Utc>,
    ) -> Result<Arc<Value>, FetchError> {
        let answer = self.get_named(url).await;
        match answer.and_then(|answer| answer.read::<Value>()) {
            Ok(json) => {
                let json = Arc::new(json);
                self.kept.keep(url, place, &json, now);
                asked.failed = None;
                Ok(json)
            }
            Err(error) => {
                asked.failed = Some(now);
                Err(error)
            }
        }
    }
}

impl Kept {
    /// The place of a document, which pushes out older ones of the same host where there are many.
    fn place(&self, url: &str, now: DateTime<Utc>) -> Arc<Place> {
        let mut spots = self.spots();
        tidy(&mut spots, now);
        if let Some(spot) = spots.get_mut(url) {
            spot.wanted = now;
            return Arc::clone(&spot.place);
        }
        let spot = Spot::new(url, Arc::default(), now);
        let place = Arc::clone(&spot.place);
        add(&mut spots, url, spot);
        place
    }

    fn document(&self, url: &str, now: DateTime<Utc>) -> Option<Arc<Value>> {
        let spots = self.spots();
        let document = spots.get(url)?.document.as_ref()?;
        document.is_fresh(now).then(|| Arc::clone(&document.json))
    }

    /// Keeps a document, and forgets those that have been of no use for longest if it gets too much.
    fn keep(&self, url: &str, place: &Arc<Place>, json: &Arc<Value>, now: DateTime<Utc>) {
        let mut spots = self.spots();
        let document = Document {
            json: Arc::clone(json),
            since: now,
            weight: weight(json),
        };
        if !spots.contains_key(url) {
            // It was pushed out while it was asked for.
            add(&mut spots, url, Spot::new(url, Arc::clone(place), now));
        }
        if let Some(spot) = spots.get_mut(url) {
            spot.document = Some(document);
        }
        loop {
            let all = spots.values().filter_map(|spot| spot.document.as_ref());
            let (count, heavy) = all.fold((0, 0), |(count, heavy), document| {
                (count + 1, heavy + document.weight)
            });
            if count <= 1 || (count <= DOCUMENTS && heavy <= HEAVIEST) {
                return;
            }
            let others = spots.iter_mut().filter(|(own, _)| own.as_str() != url);
            let others = others.filter(|(_, spot)| spot.document.is_some());
            let oldest = others.min_by_key(|(_, spot)| spot.wanted);
            oldest.map(|(_, spot)| spot.document.take());
        }
    }

    fn spots(&self) -> MutexGuard<'_, HashMap<String, Spot>> {
        self.spots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Spot {
    fn new(url: &str, place: Arc<Place>, now: DateTime<Utc>) -> Self {
        let host = Url::parse(url).ok();
        let host = host.and_then(|url| url.host_str().map(str::to_owned));
        Self {
            host: host.unwrap_or_default(),
            place,
            document: None,
            wanted: now,
        }
    }
}

impl Document {
    fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        is_within(self.since, FRESH, now)
    }
}

/// Forgets what says nothing any more: documents that are old, and pauses that are over.
fn tidy(spots: &mut HashMap<String, Spot>, now: DateTime<Utc>) {
    spots.retain(|_, spot| {
        spot.document.take_if(|document| !document.is_fresh(now));
        let busy = Arc::strong_count(&spot.place) > 1;
        busy || spot.document.is_some() || is_within(spot.wanted, PAUSE, now)
    });
}

fn add(spots: &mut HashMap<String, Spot>, url: &str, spot: Spot) {
    let of_host = spots.iter().filter(|(_, other)| other.host == spot.host);
    let full = of_host.clone().count() >= PER_HOST;
    let leaves = match full {
        true => oldest(of_host),
        false if spots.len() >= PLACES => oldest(spots.iter()),
        false => None,
    };
    leaves.map(|url| spots.remove(&url));
    spots.insert(url.to_owned(), spot);
}

/// Whose absence is felt least: nobody waits for it, and nobody has wanted it for longest.
fn oldest<'a>(spots: impl Iterator<Item = (&'a String, &'a Spot)>) -> Option<String> {
    let busy = |spot: &Spot| Arc::strong_count(&spot.place) > 1;
    spots
        .min_by_key(|(_, spot)| (busy(spot), spot.wanted))
        .map(|(url, _)| url.clone())
}

/// About how many bytes of memory a document takes: far more than it had on the wire where it holds
/// many small things.
fn weight(json: &Value) -> usize {
    /// Of each value, with its place in what holds it.
    const EACH: usize = 96;
    let inside: usize = match json {
        Value::Array(all) => all.iter().map(weight).sum(),
        Value::Object(all) => all
            .iter()
            .map(|(name, value)| name.len() + EACH + weight(value))
            .sum(),
        Value::String(text) => text.len(),
        _ => 0,
    };
    EACH + inside
}

/// A clock that was set back makes nothing young again.
pub(super) fn is_within(since: DateTime<Utc>, time: TimeDelta, now: DateTime<Utc>) -> bool {
    since <= now && now - since < time
}
