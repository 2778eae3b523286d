//! Whether letters leave: the mail server, and what lies in the outbox.

use chrono::{DateTime, Utc};
use doorward::{config::Config, mail::delivery::Mailer};
use entity::{Db, outbox};

use super::{Finding, fail, ok, warn};

/// Whether the mail server lets us in.
pub async fn server(config: &Config) -> Finding {
    let check = "mail";
    let mailer = match Mailer::new(&config.mail) {
        Ok(Some(mailer)) => mailer,
        Ok(None) if config.development => return ok(check, "letters are caught at /dev/mail"),
        Ok(None) => {
            return warn(
                check,
                "letters are kept and not sent; set mail.server and mail.from",
            );
        }
        Err(error) => return fail(check, error.to_string()),
    };
    match mailer.knock().await {
        Ok(()) => ok(check, format!("{mailer} lets us in")),
        Err(error) => fail(
            check,
            format!("{mailer}: {error}; check the settings mail.*"),
        ),
    }
}

/// What is still to be sent, and what never will be.
pub async fn outbox(db: &Db, now: DateTime<Utc>) -> Finding {
    let check = "outbox";
    match outbox::tally(&db.read, now).await {
        Err(error) => fail(check, error.to_string()),
        Ok(outbox::Tally { waiting, failed: 0 }) => ok(check, format!("{waiting} letters wait")),
        Ok(outbox::Tally { waiting, failed }) => warn(
            check,
            format!("{waiting} letters wait, {failed} were given up; the log says why, by id"),
        ),
    }
}
