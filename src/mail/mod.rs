//! Letters: what we write to people. A letter is put into the outbox in the transaction of its
//! cause; a mailer carries it away, when it is told to.

pub mod delivery;
pub mod letters;

mod bounded;

use chrono::{DateTime, Utc};
use entity::{outbox, value::LetterKind};
use sea_orm::{ConnectionTrait, Set};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    crypto::seal::{NotOurs, Purpose, Sealer},
    templates::Templates,
};

/// A letter as it is kept (sealed) and sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// What a letter is written from: a template pair and its context.
pub trait Template: Serialize {
    const KIND: LetterKind;
    /// The name of the pair `mail/NAME.txt`, `mail/NAME.html`.
    const NAME: &'static str;

    fn subject(&self) -> String;
}

/// Writes a letter: its text, and the same in HTML.
pub fn write<T: Template>(templates: &Templates, letter: &T) -> anyhow::Result<Letter> {
    Ok(Letter {
        subject: letter.subject(),
        text: templates.render(&format!("mail/{}.txt", T::NAME), letter)?,
        html: templates.render(&format!("mail/{}.html", T::NAME), letter)?,
    })
}

/// Writes a letter to `recipient` and puts it into the outbox until `expires_at`. Answers its id.
pub async fn post<T: Template>(
    db: &impl ConnectionTrait,
    (templates, sealer): (&Templates, &Sealer),
    recipient: &str,
    letter: &T,
    (now, expires_at): (DateTime<Utc>, DateTime<Utc>),
) -> anyhow::Result<Uuid> {
    let written = write(templates, letter)?;
    let id = Uuid::now_v7();
    let sealed = sealer.seal(Purpose::Letter, &place(id), &serde_json::to_vec(&written)?);
    outbox::add(
        db,
        outbox::ActiveModel {
            id: Set(id),
            kind: Set(T::KIND),
            recipient: Set(recipient.to_owned()),
            letter: Set(sealed),
            created_at: Set(now),
            expires_at: Set(expires_at),
            attempts: Set(0),
            next_attempt_at: Set(Some(now)),
            sent_at: Set(None),
            failed_at: Set(None),
        },
    )
    .await?;
    Ok(id)
}

/// Opens a letter from the outbox.
pub fn open(sealer: &Sealer, row: &outbox::Model) -> Result<Letter, NotOurs> {
    let json = sealer.open(Purpose::Letter, &place(row.id), &row.letter)?;
    serde_json::from_slice(&json).map_err(|_| NotOurs)
}

fn place(id: Uuid) -> String {
    format!("outbox|letter|{id}")
}
