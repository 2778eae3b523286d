//! Limits: what may be done only so often, by whom, and within which time. The counts are in the
//! database, so that neither a restart nor a second process begins anew.

pub mod crowd;

use std::cmp::Ordering;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{Db, limit_counter};
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
    /// The same of those that anybody causes who signs up, by the address from which they are asked
    /// for besides: a stranger must not be able to use up what the owner may ask for.
    LetterToMailboxFromAddress,
    /// All of those to one mailbox, wherever they are asked for.
    LetterToMailboxFromAll,
    /// Letters, by the address from which they are asked for.
    LetterByAddress,
    /// Ways to a provider that were begun, each of which is a row, by the address from which they were.
    UpstreamByAddress,
    /// Tokens of a provider that were renewed, by the account there.
    RenewalByAccount,
    /// Links of letters that do not work, by the address from which they came.
    DeadLinkByAddress,
    /// Codes of letters that were wrong, by the account that typed them.
    MailCodeByAccount,
    /// The same, by what they are for and the mailbox that they would prove: accounts are renewable,
    /// and a mailbox is what they are after.
    MailCodeByMailbox,
    /// The same, by the address from which they came.
    MailCodeByAddress,
    /// New passwords of which nobody has proven anything, by the address from which they came: what
    /// they are worth is dear to estimate.
    ChoiceByAddress,
    /// New passwords of one account, likewise.
    ChoiceByAccount,
    /// Passwords that were right, by the account: each makes a session, and costs a hash.
    SignInByAccount,
    /// Passwords that were wrong, by the address from which they came.
    PasswordByAddress,
    /// The same of one account: the first of them makes one more account below.
    AccountFromAddress,
    /// Accounts whose passwords were wrong, by the address from which they came.
    AccountsByAddress,
    /// Having tried the passwords of so many accounts, by the address.
    StuffingByAddress,
    /// Secrets of clients that were wrong, by the address from which they came; not by the client
    /// too, for anybody can name any number of clients.
    ClientSecretByAddress,
}

/// It was done too often. Trying again makes sense after so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooOften {
    pub retry_after: u32,
}

impl TooOften {
    /// After `left`, in whole seconds and at least one.
    pub fn after(left: TimeDelta) -> Self {
        let millis = u64::try_from(left.num_milliseconds()).unwrap_or(0);
        let seconds = millis.div_ceil(1000).max(1);
        Self {
            retry_after: u32::try_from(seconds).unwrap_or(u32::MAX),
        }
    }

    /// How long that is, as people say it.
    pub fn in_words(self) -> String {
        let (many, unit) = match self.retry_after {
            seconds @ ..60 => (seconds, "second"),
            seconds @ ..5400 => (seconds.div_ceil(60), "minute"),
            seconds => (seconds.div_ceil(3600), "hour"),
        };
        let plural = if many == 1 { "" } else { "s" };
        format!("{many} {unit}{plural}")
    }
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
            Self::LetterToMailboxFromAddress => "letter/mailbox-from-address",
            Self::LetterToMailboxFromAll => "letter/mailbox-from-all",
            Self::LetterByAddress => "letter/address",
            Self::UpstreamByAddress => "upstream/address",
            Self::RenewalByAccount => "renewal/account",
            Self::DeadLinkByAddress => "dead-link/address",
            Self::MailCodeByAccount => "mail-code/account",
            Self::MailCodeByMailbox => "mail-code/mailbox",
            Self::MailCodeByAddress => "mail-code/address",
            Self::ChoiceByAddress => "choice/address",
            Self::ChoiceByAccount => "choice/account",
            Self::SignInByAccount => "sign-in/account",
            Self::PasswordByAddress => "password/address",
            Self::AccountFromAddress => "account-from/address",
            Self::AccountsByAddress => "accounts/address",
            Self::StuffingByAddress => "stuffing/address",
            Self::ClientSecretByAddress => "client-secret/address",
        }
    }

    /// How often, and within which time.
    fn most(self, settings: &config::Limits) -> (i32, TimeDelta) {
        let number = |most: u32| i32::try_from(most).unwrap_or(i32::MAX);
        let an_hour = |most: u32| (number(most), TimeDelta::hours(1));
        match self {
            Self::UserCodeByAccount => (5, TimeDelta::minutes(10)),
            Self::UserCodeByAddress => (50, TimeDelta::hours(1)),
            Self::DeviceAuthorizationByAddress | Self::PushByAddress | Self::UpstreamByAddress => {
                (60, TimeDelta::minutes(1))
            }
            Self::RenewalByAccount => (20, TimeDelta::minutes(10)),
            Self::SignUpByAddress => an_hour(settings.sign_ups),
            Self::LetterToMailbox | Self::LetterToMailboxFromAddress => an_hour(settings.letters),
            Self::LetterToMailboxFromAll => an_hour(settings.letters.max(10)),
            Self::LetterByAddress => an_hour(settings.letters_by_address),
            Self::DeadLinkByAddress => (40, TimeDelta::hours(1)),
            Self::MailCodeByAccount | Self::MailCodeByMailbox => (20, TimeDelta::days(1)),
            Self::MailCodeByAddress => (20, TimeDelta::hours(1)),
            // Some try more than one password; whoever lets many sign up lets many choose.
            Self::ChoiceByAddress => an_hour(settings.sign_ups.saturating_mul(6)),
            Self::ChoiceByAccount => (60, TimeDelta::hours(1)),
            Self::SignInByAccount => (number(settings.sign_ins), TimeDelta::minutes(10)),
            Self::PasswordByAddress => (30, TimeDelta::minutes(10)),
            Self::AccountFromAddress => (1, TimeDelta::hours(3)),
            Self::AccountsByAddress => (15, TimeDelta::hours(3)),
            Self::StuffingByAddress => (1, TimeDelta::hours(1)),
            Self::ClientSecretByAddress => (20, TimeDelta::minutes(1)),
        }
    }
}

/// Counts one more before it is done: of any number who come at once no more than the limit get
/// through. `whom` is whatever names them, such as an address. What is spent already is only read, so
/// that whoever goes on and on keeps nobody from writing; for all others the write decides.
pub async fn take(
    db: &Db,
    (secrets, settings): (&Secrets, &config::Limits),
    (limited, whom): (Limited, &str),
    now: DateTime<Utc>,
) -> Result<Result<(), TooOften>, DbErr> {
    let by = (secrets, settings);
    if let Err(often) = look(&db.read, by, &[(limited, whom)], now).await? {
        return Ok(Err(often));
    }
    let (most, window) = limited.most(settings);
    let counted = add(&db.write, secrets, (limited, whom), (now, window)).await?;
    if counted.count <= most {
        return Ok(Ok(()));
    }
    Ok(Err(TooOften::after(counted.window_ends_at - now)))
}

/// The same, counted for the network of an address.
pub async fn take_from(
    db: &Db,
    by: (&Secrets, &config::Limits),
    (limited, ip): (Limited, Option<&str>),
    now: DateTime<Utc>,
) -> Result<Result<(), TooOften>, DbErr> {
    take(db, by, (limited, &network(ip)), now).await
}

/// Counts one that was done, of what [`look`] asks about before. The answer compares it with the
/// limit: less, the last one that may be, or more.
pub async fn count(
    db: &impl ConnectionTrait,
    (secrets, settings): (&Secrets, &config::Limits),
    (limited, whom): (Limited, &str),
    now: DateTime<Utc>,
) -> Result<Ordering, DbErr> {
    let (most, window) = limited.most(settings);
    let counted = add(db, secrets, (limited, whom), (now, window)).await?;
    Ok(counted.count.cmp(&most))
}

/// Whether one more of any of these may be done. Counts nothing: for what counts only if it fails.
pub async fn look(
    db: &impl ConnectionTrait,
    (secrets, settings): (&Secrets, &config::Limits),
    all: &[(Limited, &str)],
    now: DateTime<Utc>,
) -> Result<Result<(), TooOften>, DbErr> {
    let keyed = |&(limited, whom): &(Limited, &str)| {
        let (most, window) = limited.most(settings);
        (secrets.limited(&[limited.name(), whom]), most, window)
    };
    let keyed: Vec<_> = all.iter().map(keyed).collect();
    let keys = keyed.iter().map(|(key, ..)| key.clone());
    let counts = limit_counter::find(db, keys, now).await?;
    let spent = keyed.iter().filter_map(|(key, most, window)| {
        let row = counts.iter().find(|row| row.key == *key)?;
        row.left(now, *window).filter(|_| row.count >= *most)
    });
    Ok(match spent.max() {
        Some(left) => Err(TooOften::after(left)),
        None => Ok(()),
    })
}

async fn add(
    db: &impl ConnectionTrait,
    secrets: &Secrets,
    (limited, whom): (Limited, &str),
    (now, window): (DateTime<Utc>, TimeDelta),
) -> Result<limit_counter::Model, DbErr> {
    let key = secrets.limited(&[limited.name(), whom]);
    limit_counter::add(db, key, now, now + window).await
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
    let parsed = ip.and_then(|ip| ip.parse::<IpAddr>().ok());
    match parsed.map(|ip| ip.to_canonical()) {
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
        assert_eq!(network(Some("::ffff:192.0.2.7")), "192.0.2.7");
        assert_eq!(network(None), "");
    }

    #[test]
    fn a_wait_is_told_as_people_say_it() {
        for (seconds, words) in [
            (1, "1 second"),
            (59, "59 seconds"),
            (60, "1 minute"),
            (61, "2 minutes"),
            (900, "15 minutes"),
            (3600, "60 minutes"),
            (5400, "2 hours"),
        ] {
            let often = TooOften {
                retry_after: seconds,
            };
            assert_eq!(often.in_words(), words);
        }
        assert_eq!(
            TooOften::after(TimeDelta::milliseconds(1001)).retry_after,
            2
        );
        assert_eq!(TooOften::after(TimeDelta::milliseconds(-5)).retry_after, 1);
    }
}
