//! Limits: what may be done only so often, by whom, and within which time. The counts are in the
//! database, so that neither a restart nor a second process begins anew.

use chrono::{DateTime, TimeDelta, Utc};
use entity::limit_counter;
use sea_orm::{ConnectionTrait, DbErr};

use crate::{config, crypto::secret::Secrets};

/// What is limited, each with whom it is counted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limited {
    /// User codes that were wrong, by the account that typed them (RFC 8628 §5.1).
    UserCodeByAccount,
    /// The same, by the address from which they came.
    UserCodeByAddress,
    /// Requests for device codes, each of which is a row, by the address from which they came.
    DeviceAuthorizationByAddress,
    /// Requests that clients without credentials push, each of which is a row, likewise.
    PushByAddress,
    /// New accounts, by the address from which they are made.
    SignUpByAddress,
    /// Letters of one kind, by the mailbox that they are for.
    LetterToMailbox,
    /// Letters, by the address from which they are asked for.
    LetterByAddress,
    /// Ways to a provider that were begun, each of which is a row, by the address from which they were.
    UpstreamByAddress,
}

/// It was done too often. Trying again makes sense after so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooOften {
    pub retry_after: u32,
}

impl Limited {
    fn name(self) -> &'static str {
        match self {
            Self::UserCodeByAccount => "user-code/account",
            Self::UserCodeByAddress => "user-code/address",
            Self::DeviceAuthorizationByAddress => "device-authorization/address",
            Self::PushByAddress => "push/address",
            Self::SignUpByAddress => "sign-up/address",
            Self::LetterToMailbox => "letter/mailbox",
            Self::LetterByAddress => "letter/address",
            Self::UpstreamByAddress => "upstream/address",
        }
    }

    /// How often, and within which time.
    fn most(self, settings: &config::Limits) -> (i32, TimeDelta) {
        let an_hour = |most: u32| (i32::try_from(most).unwrap_or(i32::MAX), TimeDelta::hours(1));
        match self {
            Self::UserCodeByAccount => (5, TimeDelta::minutes(10)),
            Self::UserCodeByAddress => (50, TimeDelta::hours(1)),
            Self::DeviceAuthorizationByAddress | Self::PushByAddress | Self::UpstreamByAddress => {
                (60, TimeDelta::minutes(1))
            }
            Self::SignUpByAddress => an_hour(settings.sign_ups),
            Self::LetterToMailbox => an_hour(settings.letters),
            Self::LetterByAddress => an_hour(settings.letters_by_address),
        }
    }
}

/// Counts one more before it is done: of any number who come at once no more than the limit get
/// through. `whom` is whatever names them, such as an address.
pub async fn take(
    db: &impl ConnectionTrait,
    (secrets, settings): (&Secrets, &config::Limits),
    (limited, whom): (Limited, &str),
    now: DateTime<Utc>,
) -> Result<Result<(), TooOften>, DbErr> {
    let (most, window) = limited.most(settings);
    let key = secrets.limited(&[limited.name(), whom]);
    let counted = limit_counter::add(db, key, now, now + window).await?;
    if counted.count <= most {
        return Ok(Ok(()));
    }
    let left = (counted.window_ends_at - now).num_seconds() + 1;
    Ok(Err(TooOften {
        retry_after: u32::try_from(left).unwrap_or(1),
    }))
}

/// Takes back one that turned out not to count.
pub async fn give_back(
    db: &impl ConnectionTrait,
    secrets: &Secrets,
    (limited, whom): (Limited, &str),
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let key = secrets.limited(&[limited.name(), whom]);
    limit_counter::take_back(db, key, now).await
}

/// The address for which something is counted: one of IPv4, the network of one subscriber of IPv6.
/// Whoever has no address shares the count of all who have none.
pub fn network(ip: Option<&str>) -> String {
    use std::net::{IpAddr, Ipv6Addr};
    match ip.and_then(|ip| ip.parse().ok()) {
        Some(IpAddr::V4(ip)) => ip.to_string(),
        Some(IpAddr::V6(ip)) => {
            let [a, b, c, d, ..] = ip.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscriber_of_ipv6_is_one_whatever_address_they_take() {
        let one = network(Some("2001:db8:1:2::1"));
        assert_eq!(one, "2001:db8:1:2::/64");
        assert_eq!(network(Some("2001:db8:1:2:ffff:1:2:3")), one);
        assert_ne!(network(Some("2001:db8:1:3::1")), one);
        assert_eq!(network(Some("192.0.2.7")), "192.0.2.7");
        assert_eq!(network(None), "");
    }
}
