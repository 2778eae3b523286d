//! `/dev/mail`: the letters that development mode keeps, and sends only where a server is set. In production there is
//! no such page.

use entity::{
    outbox::{self, Model},
    value::LetterKind,
};
use poem::http::StatusCode;
use serde::Serialize;
use uuid::Uuid;

use super::words;
use crate::{
    http::kit::{
        page::{Page, Shown, Visit},
        page_error::PageError,
    },
    mail, paths,
};

/// All letters.
pub struct Letters;

/// One letter.
pub struct Letter;

/// How many letters are listed.
const MOST: u64 = 100;

/// The context of `pages/dev_mail.html`.
#[derive(Debug, Serialize)]
struct LettersPage {
    /// Whether they are sent all the same.
    sent: bool,
    letters: Vec<Listed>,
}

#[derive(Debug, Serialize)]
struct Listed {
    id: String,
    to: String,
    subject: String,
    at: String,
    kind: &'static str,
}

/// The context of `pages/dev_letter.html`.
#[derive(Debug, Serialize)]
struct LetterPage {
    letter: Caught,
}

#[derive(Debug, Serialize)]
struct Caught {
    to: String,
    subject: String,
    at: String,
    text: String,
    links: Vec<String>,
}

impl Page for Letters {
    async fn show(&self, visit: Visit) -> Shown {
        only_in_development(&visit)?;
        let rows = outbox::newest(&visit.app.db.read, MOST).await?;
        // A letter that was sealed with another root secret cannot be opened; it is no letter here.
        let letters = rows.into_iter().filter_map(|row| listed(&visit, row));
        let context = LettersPage {
            sent: visit.app.mailer.is_some(),
            letters: letters.collect(),
        };
        visit.render(StatusCode::OK, "pages/dev_mail.html", &context)
    }
}

impl Page for Letter {
    async fn show(&self, visit: Visit) -> Shown {
        only_in_development(&visit)?;
        let id = visit.request.path.strip_prefix(paths::DEV_MAIL);
        let id = id.and_then(|rest| rest.strip_prefix('/')?.parse::<Uuid>().ok());
        let row = match id {
            Some(id) => outbox::find(&visit.app.db.read, id).await?,
            None => None,
        };
        let row = row.ok_or(PageError::NotFound)?;
        let letter = mail::open(&visit.app.sealer, &row).map_err(|_| PageError::NotFound)?;
        let context = LetterPage {
            letter: Caught {
                to: row.recipient,
                subject: letter.subject,
                at: words::time(row.created_at),
                links: links(&letter.text),
                text: letter.text,
            },
        };
        visit.render(StatusCode::OK, "pages/dev_letter.html", &context)
    }
}

fn only_in_development(visit: &Visit) -> Result<(), PageError> {
    match visit.app.config.development {
        true => Ok(()),
        false => Err(PageError::NotFound),
    }
}

fn listed(visit: &Visit, row: Model) -> Option<Listed> {
    let letter = mail::open(&visit.app.sealer, &row).ok()?;
    Some(Listed {
        id: row.id.to_string(),
        to: row.recipient,
        subject: letter.subject,
        at: words::time(row.created_at),
        kind: match row.kind {
            LetterKind::VerifyEmail => "confirm address",
            LetterKind::SignUp => "confirm sign-up",
            LetterKind::AddressTaken => "address taken",
            LetterKind::Recover => "recover account",
            LetterKind::PasswordChanged => "password changed",
            LetterKind::ChangeEmail => "confirm new address",
            LetterKind::EmailChanged => "address changed",
            LetterKind::AccountLeaving => "account leaves",
            LetterKind::ProviderLinked => "provider linked",
            LetterKind::ProviderUnlinked => "provider unlinked",
            LetterKind::ProviderCode => "confirm address",
            // No letter, and not among them.
            LetterKind::LogoutNotice => "logout notice",
        },
    })
}

/// The addresses in a letter. Nothing but web addresses, whatever else is written in it.
fn links(text: &str) -> Vec<String> {
    text.split_whitespace()
        .filter(|word| word.starts_with("http://") || word.starts_with("https://"))
        .map(str::to_owned)
        .collect()
}
