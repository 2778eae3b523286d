//! Draft: a row, checked field by field, as it is about to be kept. Asks no database.

use chrono::{DateTime, Utc};
use entity::{
    account, user,
    value::{AccountType, Role},
};
use sea_orm::Set;
use serde_json::Value;
use url::Url;

use super::{
    fields::{Fields, Wrong},
    way_in::{self, WayIn},
};
use crate::{
    accounts::{claims, email, name},
    app::App,
    crypto::password::foreign::{self, Kind, Unfit},
};

/// Somebody who may be taken in, unless somebody else is in the way.
#[derive(Debug)]
pub(super) struct Draft {
    pub user: user::Model,
    /// What made the password's hash.
    pub hashed_by: Option<Kind>,
    /// The row that says that there is a password.
    pub credentials: Option<account::ActiveModel>,
    pub ways_in: Vec<WayIn>,
    /// What was left out although the person is taken.
    pub notes: Vec<Wrong>,
    /// Ways in that cannot be taken.
    pub refused: Vec<Wrong>,
    /// The password is one that nobody can verify.
    pub must_reset: bool,
}

/// The members of a row.
const KNOWN: [&str; 14] = [
    "id",
    "sub",
    "email",
    "email_verified",
    "name",
    "image",
    "claims",
    "role",
    "password_hash",
    "disabled_at",
    "deletes_at",
    "created_at",
    "updated_at",
    "accounts",
];

impl Draft {
    pub(super) fn of(app: &App, row: &Value, now: DateTime<Utc>) -> Result<Self, Wrong> {
        let fields = Fields::of(row, "", &KNOWN)?;
        let mut notes = Vec::new();
        let created_at = fields.time("created_at")?;
        let updated_at = fields.time("updated_at")?.or(created_at).unwrap_or(now);
        let (password_hash, hashed_by, must_reset) = password(&fields, &mut notes)?;
        let user = user::Model {
            id: fields.uuid("id")?.unwrap_or_else(|| app.new_id()),
            subject: subject(&fields)?,
            email: email::canonical(fields.needed("email")?)
                .map_err(|error| fields.wrong("email", error.to_string()))?,
            email_verified: fields.time_or_flag("email_verified", updated_at)?,
            name: name(fields.text("name")?.unwrap_or_default())
                .map_err(|error| fields.wrong("name", error.to_string()))?,
            password_hash,
            image: image(&fields, &mut notes)?,
            profile: match fields.value("claims") {
                None => Default::default(),
                Some(told) => {
                    claims::read(told).map_err(|why| fields.wrong("claims", why.to_string()))?
                }
            },
            role: match fields.text("role")? {
                None | Some("user") => Role::User,
                Some("admin") => Role::Admin,
                Some(_) => return Err(fields.wrong("role", "neither user nor admin")),
            },
            disabled_at: fields.time("disabled_at")?,
            deletes_at: fields.time("deletes_at")?,
            created_at: created_at.unwrap_or(updated_at),
            updated_at,
        };
        if user.deletes_at.is_some() && user.disabled_at.is_none() {
            return Err(fields.wrong("deletes_at", "only who is disabled is about to leave"));
        }
        let (credentials, ways_in, refused) = ways_in(app, &fields, &user)?;
        Ok(Self {
            user,
            hashed_by,
            credentials,
            ways_in,
            notes,
            refused,
            must_reset,
        })
    }
}

/// How the `sub` of every client begins, and that of nobody else.
const OF_CLIENTS: &str = "client:";

/// OpenID Connect Core §2: at most 255 ASCII characters. Spaces would be lost on many a way.
fn subject(fields: &Fields<'_>) -> Result<String, Wrong> {
    let subject = fields.needed("sub")?;
    // RFC 9068 §5: nobody is to be taken for a client.
    if subject.starts_with(OF_CLIENTS) {
        return Err(fields.wrong("sub", "begins as the subjects of clients do"));
    }
    match subject.len() <= 255 && subject.bytes().all(|byte| byte.is_ascii_graphic()) {
        true => Ok(subject.to_owned()),
        false => Err(fields.wrong("sub", "no 1 to 255 visible ASCII characters")),
    }
}

type Hashed = (Option<String>, Option<Kind>, bool);

fn password(fields: &Fields<'_>, notes: &mut Vec<Wrong>) -> Result<Hashed, Wrong> {
    let field = "password_hash";
    let Some(text) = fields.text(field)? else {
        return Ok((None, None, false));
    };
    match foreign::take(text) {
        Ok(taken) => Ok((Some(taken.stored), Some(taken.kind), false)),
        Err(unfit @ Unfit::Unknown) => {
            let reason = format!("{unfit}; they have to set a password anew, by letter");
            notes.push(fields.wrong(field, reason));
            Ok((None, None, true))
        }
        Err(unfit @ Unfit::Costly) => Err(fields.wrong(field, unfit.to_string())),
    }
}

/// The address of a picture. One that is none, such as the picture itself, is not worth a person.
fn image(fields: &Fields<'_>, notes: &mut Vec<Wrong>) -> Result<Option<String>, Wrong> {
    let Some(image) = fields.text("image")? else {
        return Ok(None);
    };
    let is_web = Url::parse(image).is_ok_and(|url| matches!(url.scheme(), "https" | "http"));
    if is_web && entity::value::is_showable(image, 2000) {
        return Ok(Some(image.to_owned()));
    }
    notes.push(fields.wrong("image", "no address of a picture; it is left out"));
    Ok(None)
}

type WaysIn = (Option<account::ActiveModel>, Vec<WayIn>, Vec<Wrong>);

fn ways_in(app: &App, fields: &Fields<'_>, user: &user::Model) -> Result<WaysIn, Wrong> {
    let none = Vec::new();
    let rows = match fields.value("accounts") {
        None => &none,
        Some(Value::Array(rows)) => rows,
        Some(_) => return Err(fields.wrong("accounts", "no list")),
    };
    let (mut found, mut refused) = (Vec::new(), Vec::new());
    let mut id = None;
    for (at, row) in rows.iter().enumerate() {
        match way_in::read(row, &format!("accounts[{at}]")) {
            Ok(way_in) if way_in.kind == AccountType::Credentials => id = way_in.id,
            Ok(way_in) => found.push(way_in),
            Err(wrong) => refused.push(wrong),
        }
    }
    // Who has a password has this row, and nobody else.
    let credentials = user.password_hash.is_some().then(|| account::ActiveModel {
        id: Set(id.unwrap_or_else(|| app.new_id())),
        user_id: Set(user.id),
        provider: Set(account::EMAIL.to_owned()),
        provider_account_id: Set(user.id.to_string()),
        account_type: Set(AccountType::Credentials),
        ..Default::default()
    });
    Ok((credentials, found, refused))
}
