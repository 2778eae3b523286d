//! Letters: what we write to people. A letter is put into the outbox in the transaction of its
//! cause; a mailer carries it away, when it is told to.

pub mod delivery;
pub mod letters;

mod bounded;

use chrono::{DateTime, Utc};
use entity::outbox;
use sea_orm::{ConnectionTrait, Set};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use self::letters::{Envelope, Message};
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

/// What the templates of a letter are given.
#[derive(Serialize)]
struct Written<'a> {
    #[serde(flatten)]
    envelope: &'a Envelope<'a>,
    #[serde(flatten)]
    message: &'a Message<'a>,
}

/// Writes a letter: its text, and the same in HTML.
pub fn write(
    templates: &Templates,
    envelope: &Envelope<'_>,
    message: &Message<'_>,
) -> anyhow::Result<Letter> {
    let (_, name, subject) = message.face();
    let context = Written { envelope, message };
    Ok(Letter {
        subject: subject.into_owned(),
        text: templates.render(&format!("mail/{name}.txt"), &context)?,
        html: templates.render(&format!("mail/{name}.html"), &context)?,
    })
}

/// Writes a letter and puts it into the outbox until `expires_at`. Answers its id.
pub async fn post(
    db: &impl ConnectionTrait,
    (templates, sealer): (&Templates, &Sealer),
    (envelope, message): (&Envelope<'_>, &Message<'_>),
    (now, expires_at): (DateTime<Utc>, DateTime<Utc>),
) -> anyhow::Result<Uuid> {
    let written = write(templates, envelope, message)?;
    let id = Uuid::now_v7();
    let sealed = sealer.seal(Purpose::Letter, &place(id), &serde_json::to_vec(&written)?);
    outbox::add(
        db,
        outbox::ActiveModel {
            id: Set(id),
            kind: Set(message.face().0),
            recipient: Set(envelope.email.to_owned()),
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
