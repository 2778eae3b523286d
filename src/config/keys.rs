//! `[keys]`: how often the keys that sign tokens are turned, and how long one is published before it
//! signs and after.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::ConfigError;

#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Keys {
    /// Days that a key signs before its successor does; 0 is for ever.
    pub rotate_days: u32,
    /// Hours that a key is published before it signs.
    pub publish_hours: u32,
    /// Hours that a key is published after it signed for the last time.
    pub keep_hours: u32,
    /// Days that a key recognises ID tokens that come back as hints, after it was published.
    pub hint_days: u32,
}

impl Default for Keys {
    fn default() -> Self {
        Self {
            rotate_days: 90,
            publish_hours: 24,
            keep_hours: 25,
            hint_days: 90,
        }
    }
}

/// No token lives longer than a day (see `tokens`); an hour more for clocks and caches.
const LEAST_KEPT: u32 = 25;
/// Beyond this a number is a slip of the hand.
const MOST_DAYS: u32 = 3650;
const MOST_HOURS: u32 = MOST_DAYS * 24;

impl Keys {
    /// How long a key signs; none if the calendar turns nothing.
    pub fn signs(&self) -> Option<TimeDelta> {
        (self.rotate_days > 0).then(|| TimeDelta::days(self.rotate_days.into()))
    }

    pub fn published_before(&self) -> TimeDelta {
        TimeDelta::hours(self.publish_hours.into())
    }

    pub fn published_after(&self) -> TimeDelta {
        TimeDelta::hours(self.keep_hours.into())
    }

    pub fn remembered(&self) -> TimeDelta {
        TimeDelta::days(self.hint_days.into())
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let wrong = |text: String| Err(ConfigError::new(text));
        if self.rotate_days > MOST_DAYS || self.hint_days > MOST_DAYS {
            return wrong(format!(
                "keys.rotate_days and keys.hint_days must be at most {MOST_DAYS}"
            ));
        }
        // An hour is more than twice the five minutes for which the keys may be cached.
        if !(1..=MOST_HOURS).contains(&self.publish_hours) {
            return wrong(format!("keys.publish_hours must be 1 to {MOST_HOURS}"));
        }
        if !(LEAST_KEPT..=MOST_HOURS).contains(&self.keep_hours) {
            return wrong(format!(
                "keys.keep_hours must be {LEAST_KEPT} to {MOST_HOURS}"
            ));
        }
        if self
            .signs()
            .is_some_and(|signs| self.published_before() >= signs)
        {
            return wrong("keys.publish_hours must be less than keys.rotate_days".to_owned());
        }
        Ok(())
    }
}
