//! Moving: people who come from another system, and people who go to one, with all that they need to
//! sign in there. Rows in, outcomes out: where the rows lie is not known here.

mod compare;
mod draft;
pub mod export;
mod fields;
pub mod import;
pub mod other;
pub mod report;
mod seen;
mod way_in;

use chrono::{DateTime, SecondsFormat, Utc};

pub use fields::Wrong;

/// A time as a line holds it: whole, so that nothing is lost on the way.
fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
