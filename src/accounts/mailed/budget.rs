//! How many wrong codes there may be, over all letters: whoever may ask for more of them must not get
//! more tries than that.

use entity::value::TokenKind;
use sea_orm::DbErr;
use uuid::Uuid;

use crate::{
    app::App,
    limits::{self, Limited, TooOften},
    sessions::Browser,
};

/// One try that was taken.
#[derive(Debug)]
pub(crate) struct Budget(Vec<(Limited, String)>);

impl Budget {
    /// Takes a try. It counts where it was typed, for who typed it, and for the mailbox that the code
    /// would prove, for which anybody can have a letter written. With the kind, so that a stranger who
    /// guesses does not use up what the owner may do with the same mailbox.
    pub(crate) async fn take(
        app: &App,
        (kind, mailbox): (TokenKind, &str),
        user_id: Option<Uuid>,
        browser: &Browser,
    ) -> Result<Result<Self, TooOften>, DbErr> {
        // In development everybody comes from one and the same address.
        let network = (!app.config.development).then(|| limits::network(browser.ip.as_deref()));
        let network = network.map(|network| (Limited::MailCodeByAddress, network));
        let user = user_id.map(|id| (Limited::MailCodeByAccount, format!("user/{id}")));
        let mailbox = format!("{}/{mailbox}", kind.name());
        let mailbox = Some((Limited::MailCodeByMailbox, mailbox));
        let all: Vec<_> = [network, user, mailbox].into_iter().flatten().collect();
        let by = (&app.secrets, &app.config.limits);
        for (limited, whom) in &all {
            let taken = limits::take(&app.db, by, (*limited, whom), app.clock.now()).await?;
            if let Err(often) = taken {
                return Ok(Err(often));
            }
        }
        Ok(Ok(Self(all)))
    }

    /// The code was right.
    pub(crate) async fn give_back(self, app: &App) -> Result<(), DbErr> {
        let now = app.clock.now();
        for (limited, whom) in &self.0 {
            limits::give_back(&app.db.write, &app.secrets, (*limited, whom), now).await?;
        }
        Ok(())
    }
}
