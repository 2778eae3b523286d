//! What one network may get wrong: so many passwords, and those of so many accounts. Only failures
//! count, so that a house full of people who know their passwords is never too many.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use entity::value::EventKind;
use sea_orm::{ConnectionTrait, DbErr};

use crate::{
    accounts::AccountError,
    app::App,
    config,
    crypto::secret::Secrets,
    events,
    limits::{self, Limited, crowd::Member},
    sessions::Browser,
};

/// Where somebody is whom we do not know.
pub(super) struct Network<'a> {
    app: &'a App,
    browser: &'a Browser,
    /// An address of IPv4, a /64 of IPv6.
    name: String,
}

impl<'a> Network<'a> {
    pub(super) fn of(app: &'a App, browser: &'a Browser) -> Self {
        Self {
            app,
            browser,
            name: limits::network(browser.ip.as_deref()),
        }
    }

    /// Whether a password may be tried from here.
    pub(super) async fn look(&self, now: DateTime<Utc>) -> Result<(), AccountError> {
        let all = [Limited::PasswordByAddress, Limited::StuffingByAddress];
        let all = all.map(|limited| (limited, self.name.as_str()));
        limits::look(&self.app.db.read, self.by(), &all, now)
            .await?
            .map_err(AccountError::TooOften)
    }

    /// Joins those who try passwords from here. What they fail at counts afterwards, so no more are
    /// under way at once than keep every thread busy.
    pub(super) fn join(&self) -> Member<'a> {
        let key = self.app.secrets.limited(&["network", &self.name]);
        let at_once = self.app.passwords.threads() * 2;
        self.app.crowds.join(key, at_once)
    }

    /// Counts a password that was wrong; `account` is the address that was typed, if it is one.
    pub(super) async fn failed(
        &self,
        tx: &impl ConnectionTrait,
        account: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<(), DbErr> {
        let mut closes = self
            .count(tx, Limited::PasswordByAddress, now)
            .await?
            .is_eq();
        if let Some(account) = account {
            let (limited, of) = (
                Limited::AccountFromAddress,
                format!("{}|{account}", self.name),
            );
            let is_new = limits::count(tx, self.by(), (limited, &of), now)
                .await?
                .is_eq();
            if is_new
                && self
                    .count(tx, Limited::AccountsByAddress, now)
                    .await?
                    .is_ge()
            {
                closes |= self
                    .count(tx, Limited::StuffingByAddress, now)
                    .await?
                    .is_eq();
            }
        }
        if closes {
            let network = self.name.as_str();
            tracing::warn!(
                network,
                "too many passwords were wrong from here: no more for a while"
            );
            let about = self.browser.about(None);
            events::record(tx, EventKind::SignInHeldUp, about, now).await?;
        }
        Ok(())
    }

    async fn count(
        &self,
        tx: &impl ConnectionTrait,
        limited: Limited,
        now: DateTime<Utc>,
    ) -> Result<Ordering, DbErr> {
        limits::count(tx, self.by(), (limited, &self.name), now).await
    }

    fn by(&self) -> (&'a Secrets, &'a config::Limits) {
        (&self.app.secrets, &self.app.config.limits)
    }
}
