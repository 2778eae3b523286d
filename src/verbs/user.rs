//! `user`: the people with an account.

mod add;
mod password;
mod view;

use clap::Subcommand;
use doorward::{accounts::operate, app::App};
use entity::user;
use serde_json::json;

use super::{Failure, Global, print};
use password::Given;
use view::View;

#[derive(Debug, Subcommand)]
pub enum User {
    /// Add a person.
    Add(add::Add),
    /// Show everybody.
    List,
    /// Show one person.
    Show(Who),
    /// Sign a person out everywhere and accept nothing of theirs any more.
    Disable(Who),
    /// Let a disabled person sign in again.
    Enable(Who),
    /// Set a person's password and sign them out everywhere.
    SetPassword(SetPassword),
    /// Remove a person with everything that is theirs.
    Remove(Who),
}

#[derive(Debug, clap::Args)]
pub struct Who {
    /// E-mail address, or the `sub` of their tokens.
    user: String,
}

#[derive(Debug, clap::Args)]
pub struct SetPassword {
    #[command(flatten)]
    who: Who,
    #[command(flatten)]
    given: Given,
}

/// How many people are read at a time.
const PAGE: u64 = 500;

pub async fn run(global: &Global, verb: User) -> Result<(), Failure> {
    match verb {
        User::Add(add) => add::run(global, add).await,
        User::SetPassword(set) => set_password(global, set).await,
        other => {
            let app = global.open_without_hashing().await?;
            match other {
                User::Show(who) => show(global, &app, &who).await,
                User::Disable(who) => disable(global, &app, &who).await,
                User::Enable(who) => enable(global, &app, &who).await,
                User::Remove(who) => remove(global, &app, &who).await,
                User::List | User::Add(_) | User::SetPassword(_) => list(global, &app).await,
            }
        }
    }
}
