//! Memory: what the playground keeps between two pages. It has no table: the browser carries it,
//! sealed, in a cookie, a form field or the state of a logout request.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::provider::Provider;
use crate::{
    app::App,
    crypto::{seal::Purpose, secret::random_id},
    http::kit::{page::Visit, page_error::PageError},
};

/// For how long a sign-in, or a sign-out, may be under way.
pub const PATIENCE: TimeDelta = TimeDelta::minutes(10);

/// From the start of a sign-in to its callback, in the playground's cookie.
#[derive(Serialize, Deserialize)]
pub struct Started {
    pub state: String,
    pub nonce: String,
    pub code_verifier: String,
    pub scope: String,
    pub prompt: Option<String>,
    pub max_age: Option<u32>,
    at: DateTime<Utc>,
}

/// From the callback on, in a field of the forms of the result page.
#[derive(Serialize, Deserialize)]
pub struct Held {
    /// Kept as a relying party would keep it, so that it need not be asked for each time.
    pub provider: Provider,
    pub access_token: String,
    pub refresh_token: Option<String>,
    pub id_token: Option<String>,
    /// The person whom the ID token named.
    pub subject: Option<String>,
    pub nonce: String,
}

/// The state of a logout request.
#[derive(Serialize, Deserialize)]
pub struct Leaving {
    browser: String,
    at: DateTime<Utc>,
}

impl Started {
    pub fn new(app: &App, scope: String, prompt: Option<String>, max_age: Option<u32>) -> Self {
        Self {
            state: random_id::<16>(),
            nonce: random_id::<16>(),
            // 43 characters, the shortest that RFC 7636 §4.1 allows and as many bits as a SHA-256.
            code_verifier: random_id::<32>(),
            scope,
            prompt,
            max_age,
            at: app.clock.now(),
        }
    }

    pub fn is_late(&self, now: DateTime<Utc>) -> bool {
        now - self.at > PATIENCE
    }

    pub fn asked_for(&self, scope: &str) -> bool {
        self.scope.split(' ').any(|own| own == scope)
    }
}

impl Leaving {
    pub fn new(visit: &Visit) -> Self {
        Self {
            browser: visit.visitor.digest.clone(),
            at: visit.app.clock.now(),
        }
    }

    pub fn is_of(&self, visit: &Visit, now: DateTime<Utc>) -> bool {
        self.browser == visit.visitor.digest && now - self.at <= PATIENCE
    }
}

pub fn seal<T: Serialize>(app: &App, value: &T) -> Result<String, PageError> {
    let sealed = app.sealer.wrap(Purpose::Playground, value);
    sealed.map_err(|error| PageError::Unexpected(error.into()))
}

/// None if it is not what we sealed, or something else that we sealed.
pub fn open<T: DeserializeOwned>(app: &App, sealed: &str) -> Option<T> {
    app.sealer.unwrap(Purpose::Playground, sealed).ok()
}
