//! Moving: people who come from another system with their passwords and accounts, and who go again.

mod bad_rows;
mod changed;
mod doubles;
mod export;
mod hashes;
mod many;
mod tables;

use doorward::accounts::moving::{
    import::{Import, Row},
    report::{Entry, Place, Report},
};
use entity::{account, user};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::support::house::House;

/// An id as Better Auth makes them.
pub const SUB: &str = "kQ3vZ8yT1mN5bR7wXcLpHsJdGfAe2U4i";

pub const EMAIL: &str = "ada@example.com";

pub const PASSWORD: &str = "a bridge of nine swallows";

/// [`PASSWORD`] as Better Auth keeps it: made with Python's `hashlib.scrypt`, see
/// `src/crypto/password/foreign/tests.rs`.
pub const HASH: &str = "00112233445566778899aabbccddeeff:7a3e640afe9d74147fe5267b18538020575883f4da52f56da24e1ba4d459edfedbda17258e318144b5bc0f88c0931b9473d1edacc7f840df3aacd8d40c40fff7";

/// Somebody who signs in with a password, and with GitHub.
pub fn ada() -> Value {
    json!({
        "sub": SUB,
        "email": EMAIL,
        "email_verified": "2025-02-01T10:00:00.000Z",
        "name": "Ada Lovelace",
        "image": "https://img.example/ada.png",
        "password_hash": HASH,
        "created_at": "2025-01-01T10:00:00.000Z",
        "updated_at": "2025-03-01T10:00:00.000Z",
        "accounts": [github("583231")],
    })
}

/// An account at GitHub.
pub fn github(subject: &str) -> Value {
    json!({
        "provider": "github",
        "provider_account_id": subject,
        "type": "oauth",
        "access_token": "gho_secret",
        "refresh_token": "ghr_secret",
        "scope": "read:user user:email",
        "expires_at": 1_740_000_000,
        "token_type": "bearer",
    })
}

/// The same person with another value in a field.
pub fn with(mut row: Value, field: &str, value: Value) -> Value {
    row[field] = value;
    row
}

/// Somebody else, without anything but an address.
pub fn somebody(number: usize) -> Value {
    json!({ "sub": format!("user-{number}"), "email": format!("user{number}@example.com") })
}

/// Takes rows in as the lines of one file.
pub async fn import(house: &House, rows: &[Value]) -> (Report, Vec<Entry>) {
    taken(house, rows, false).await
}

/// The same, only to look.
pub async fn dry_run(house: &House, rows: &[Value]) -> (Report, Vec<Entry>) {
    taken(house, rows, true).await
}

async fn taken(house: &House, rows: &[Value], dry_run: bool) -> (Report, Vec<Entry>) {
    let numbered = rows.iter().zip(1..).map(|(row, line)| Row {
        place: Place::Line(line),
        row: Ok(row.clone()),
        notes: Vec::new(),
    });
    let mut entries = Vec::new();
    let mut import = Import::new(&house.app, dry_run);
    let mut tell = |entry: &Entry| entries.push(entry.clone());
    let done = import.take(numbered.collect(), &mut tell);
    done.await.expect("an import that ends");
    (import.report().clone(), entries)
}

/// What the entries say, a line each.
pub fn words(entries: &[Entry]) -> Vec<String> {
    entries.iter().map(Entry::to_string).collect()
}

/// Everybody, whole.
pub async fn users(house: &House) -> Vec<user::Model> {
    let mut all = user::Entity::find()
        .all(&house.app.db.read)
        .await
        .expect("the users");
    all.sort_by(|one, other| one.subject.cmp(&other.subject));
    all
}

/// Every way in, whole.
pub async fn accounts(house: &House) -> Vec<account::Model> {
    let mut all = account::Entity::find()
        .all(&house.app.db.read)
        .await
        .expect("the accounts");
    all.sort_by_key(|account| account.id);
    all
}

/// The hash that is kept for [`EMAIL`].
pub async fn hash(house: &House) -> String {
    let found = user::by_email(&house.app.db.read, EMAIL).await;
    let user = found.expect("a look").expect("somebody");
    user.password_hash.expect("a password")
}
