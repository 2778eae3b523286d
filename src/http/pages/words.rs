//! Words: how the pages put a time and a place.

use chrono::{DateTime, Utc};

/// A time as people read it. UTC, because without scripts nobody tells us where they are.
pub fn time(at: DateTime<Utc>) -> String {
    at.format("%-d %B %Y, %H:%M UTC").to_string()
}

/// Where somebody was: the address, because nothing here knows what town it is in.
pub fn place(ip: Option<&str>) -> String {
    ip.unwrap_or("unknown address").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_out() {
        let at = DateTime::from_timestamp(1_795_504_200, 0).unwrap_or_default();
        assert_eq!(time(at), "24 November 2026, 07:10 UTC");
    }
}
