//! Other: people of Better Auth and of Auth.js, as rows of ours. Both keep them in two tables, and
//! differ in how they name what is in them.

use chrono::{DateTime, SecondsFormat, Utc};
use entity::foreign::Person;
use serde_json::{Map, Value, json};

use super::{
    Wrong,
    fields::{flag, time},
    import::Row,
    report::Place,
};

/// What Better Auth calls the way in by password; Auth.js has a type for it.
const PASSWORD: &str = "credential";
const PASSWORD_TYPE: &str = "credentials";

/// Ways in of Auth.js that need nothing but the address, or something that lies on the person's device.
const NOT_LINKED: [&str; 2] = ["email", "webauthn"];

/// Providers that speak OpenID Connect, where no type says so.
const OIDC: [&str; 6] = ["apple", "cognito", "gitlab", "google", "microsoft", "okta"];

/// A row of ours about a person of theirs.
pub fn row(person: &Person, now: DateTime<Utc>) -> Row {
    let user = &person.user;
    let mut notes = Vec::new();
    let mut password = user["password"].clone();
    let mut accounts = Vec::new();
    for account in &person.accounts {
        let kind = account["type"].as_str().unwrap_or_default();
        match account["provider"].as_str() {
            provider if provider == Some(PASSWORD) || kind == PASSWORD_TYPE => {
                if !account["password"].is_null() {
                    password = account["password"].clone();
                }
            }
            _ if NOT_LINKED.contains(&kind) => {
                let reason = format!("an account of the type {kind} is nothing to be linked");
                notes.push(Wrong::field("accounts", reason));
            }
            provider => accounts.push(linked(account, provider.unwrap_or_default())),
        }
    }
    if user["two_factor"] == json!(true) || user["two_factor"] == json!(1) {
        let reason = "their second factor stays behind: the password alone lets them in";
        notes.push(Wrong::field("two_factor", reason));
    }
    let id = text(&user["id"]);
    let mut row = Map::new();
    for field in [
        "email",
        "email_verified",
        "name",
        "image",
        "created_at",
        "updated_at",
    ] {
        row.insert(field.to_owned(), user[field].clone());
    }
    row.insert("sub".to_owned(), id.clone());
    row.insert("password_hash".to_owned(), password);
    row.insert("disabled_at".to_owned(), banned(user, now));
    row.insert("accounts".to_owned(), Value::Array(accounts));
    let name = id.as_str().unwrap_or("a row without an id");
    Row {
        place: Place::Row(name.chars().filter(|c| !c.is_control()).take(255).collect()),
        row: Ok(Value::Object(row)),
        notes,
    }
}

fn linked(account: &Value, provider: &str) -> Value {
    let kind = match account["type"].as_str() {
        Some(kind) => kind,
        None if OIDC.contains(&provider) || account["id_token"].is_string() => "oidc",
        None => "oauth",
    };
    let mut row = Map::new();
    for field in [
        "access_token",
        "refresh_token",
        "id_token",
        "expires_at",
        "token_type",
        "session_state",
    ] {
        row.insert(field.to_owned(), account[field].clone());
    }
    // Better Auth keeps a list with commas.
    let scope = account["scope"]
        .as_str()
        .map(|scope| scope.replace(',', " "));
    row.insert("scope".to_owned(), json!(scope));
    row.insert("provider".to_owned(), account["provider"].clone());
    row.insert("provider_account_id".to_owned(), text(&account["subject"]));
    row.insert("type".to_owned(), json!(kind));
    Value::Object(row)
}

/// Whoever is shut out there stays shut out.
fn banned(user: &Value, now: DateTime<Utc>) -> Value {
    let is_over = time(&user["ban_expires"]).is_some_and(|until| until <= now);
    match flag(&user["banned"]) {
        Some(true) if !is_over => match time(&user["updated_at"]) {
            Some(_) => user["updated_at"].clone(),
            None => json!(now.to_rfc3339_opts(SecondsFormat::Secs, true)),
        },
        Some(_) => Value::Null,
        // What is neither yes nor no is not taken for no: it is no time either, so the row is refused.
        None => user["banned"].clone(),
    }
}

/// An id that is a number is sent as text everywhere else, too.
fn text(id: &Value) -> Value {
    match id {
        Value::Number(number) => json!(number.to_string()),
        other => other.clone(),
    }
}
