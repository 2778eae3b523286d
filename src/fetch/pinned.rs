//! Calls to those whom the operator named by name: providers at which people sign in. Their documents
//! are few, so none pushes out another, and the last good one outlives a bad hour.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use serde_json::Value;

use super::{Fetch, FetchError, LONGEST, Raw, kept::is_within, reach::Reach, read, why};

/// How long a document is used without asking again.
const FRESH: TimeDelta = TimeDelta::minutes(5);

/// How long the last good one is used while there is no newer one.
const STALE: TimeDelta = TimeDelta::days(1);

/// How long nobody is asked again who gave no good answer.
const PAUSE: TimeDelta = TimeDelta::seconds(10);

/// How long nobody is asked again of whom a newer document was wanted: whoever comes back with tokens
/// of unknown keys must not be able to make us hammer at the provider's door.
const RENEWAL: TimeDelta = TimeDelta::minutes(1);

/// The documents by their URLs.
#[derive(Debug, Default)]
pub(super) struct Pinned(Mutex<HashMap<String, Arc<Place>>>);

/// Whoever asks for the document holds the lock, and the others wait for the answer.
type Place = tokio::sync::Mutex<Spot>;

#[derive(Debug, Default)]
struct Spot {
    document: Option<(Arc<Value>, DateTime<Utc>)>,
    failed: Option<DateTime<Utc>>,
    renewed: Option<DateTime<Utc>>,
}

/// One request, as whoever makes it wants it sent.
#[derive(Debug)]
pub struct Outgoing<'a> {
    pub url: &'a str,
    pub accept: &'a str,
    /// The whole value of the header.
    pub authorization: Option<&'a str>,
    /// An encoded form, to POST; without one it is a GET.
    pub form: Option<Vec<u8>>,
}

impl Fetch {
    /// Sends a request to a provider, and reads little of the answer whatever it is.
    pub async fn call(&self, outgoing: Outgoing<'_>) -> Result<Raw, FetchError> {
        let (client, url) = self.way(outgoing.url, Reach::Named)?;
        let mut request = match outgoing.form {
            Some(form) => client
                .post(url)
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(form),
            None => client.get(url),
        };
        request = request.header(ACCEPT, outgoing.accept);
        if let Some(authorization) = outgoing.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        read(request.send().await.map_err(why)?, LONGEST).await
    }

    /// The JSON document of a provider at `url`, if it is `good`. Where there is no good one to be had
    /// just now, the last one that was.
    pub async fn pinned(
        &self,
        url: &str,
        good: impl Fn(&Value) -> bool,
        now: DateTime<Utc>,
    ) -> Result<Arc<Value>, FetchError> {
        let place = self.pinned.place(url);
        let mut spot = place.lock().await;
        if let Some(document) = spot.within(FRESH, now) {
            return Ok(document);
        }
        let error = match spot.failed.is_some_and(|at| is_within(at, PAUSE, now)) {
            true => FetchError::Lately,
            false => match self.ask(url, &good).await {
                Ok(json) => return Ok(spot.keep(json, now)),
                Err(error) => error,
            },
        };
        if !matches!(error, FetchError::Lately) {
            spot.failed = Some(now);
        }
        spot.within(STALE, now).ok_or(error)
    }

    /// A `good` document that is newer than the one that was `seen`; none if it is too early to ask.
    pub async fn newer_pinned(
        &self,
        url: &str,
        (seen, good): (&Arc<Value>, impl Fn(&Value) -> bool),
        now: DateTime<Utc>,
    ) -> Result<Option<Arc<Value>>, FetchError> {
        let place = self.pinned.place(url);
        let mut spot = place.lock().await;
        match spot.within(STALE, now) {
            // Somebody else was faster.
            Some(document) if !Arc::ptr_eq(&document, seen) => return Ok(Some(document)),
            _ => {}
        }
        if spot.renewed.is_some_and(|at| is_within(at, RENEWAL, now)) {
            return Ok(None);
        }
        spot.renewed = Some(now);
        let json = self.ask(url, &good).await?;
        Ok(Some(spot.keep(json, now)))
    }

    async fn ask(&self, url: &str, good: &impl Fn(&Value) -> bool) -> Result<Value, FetchError> {
        let json = self.get_named(url).await?.read::<Value>()?;
        match good(&json) {
            true => Ok(json),
            false => Err(FetchError::Unexpected),
        }
    }
}

impl Pinned {
    fn place(&self, url: &str) -> Arc<Place> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(url.to_owned()).or_default())
    }
}

impl Spot {
    fn within(&self, time: TimeDelta, now: DateTime<Utc>) -> Option<Arc<Value>> {
        let (document, since) = self.document.as_ref()?;
        is_within(*since, time, now).then(|| Arc::clone(document))
    }

    fn keep(&mut self, json: Value, now: DateTime<Utc>) -> Arc<Value> {
        let json = Arc::new(json);
        self.document = Some((Arc::clone(&json), now));
        self.failed = None;
        json
    }
}
