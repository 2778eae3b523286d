//! `user`: the people with an account.

mod add;
mod export;
mod import;
mod lines;
mod password;
mod source;
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
    /// Sign a person out everywhere and accept nothing of theirs any more. Whoever had asked to be
    /// removed is kept, disabled.
    Disable(Who),
    /// Let a disabled person sign in again; also one who asked to be removed.
    Enable(Who),
    /// Set a person's password and sign them out everywhere.
    SetPassword(SetPassword),
    /// Remove a person with everything that is theirs.
    Remove(Who),
    /// Take people over from Better Auth, from Auth.js or from a file of lines, with their passwords.
    Import(import::Import),
    /// Write everybody as lines that can be imported again. They hold the hashes of passwords and the
    /// tokens of providers: whoever has them has secrets.
    Export(export::Export),
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
    let app = match verb {
        User::Add(_) | User::SetPassword(_) => global.open().await?,
        _ => global.open_without_hashing().await?,
    };
    match verb {
        User::Add(add) => add::run(global, &app, add).await,
        User::List => list(global, &app).await,
        User::Show(who) => show(global, &app, &who).await,
        User::Disable(who) => switch(global, &app, &who, false).await,
        User::Enable(who) => switch(global, &app, &who, true).await,
        User::SetPassword(set) => set_password(global, &app, set).await,
        User::Remove(who) => remove(global, &app, &who).await,
        User::Import(import) => import::run(global, &app, import).await,
        User::Export(export) => export::run(global, &app, export).await,
    }
}

async fn list(global: &Global, app: &App) -> Result<(), Failure> {
    let mut users: Vec<user::Model> = Vec::new();
    loop {
        let after = users.last().map(|user| user.id);
        let page = user::page(&app.db.read, after, PAGE).await?;
        let is_last = page.len() < PAGE as usize;
        users.extend(page);
        if is_last {
            break;
        }
    }
    if global.json {
        let views: Vec<View> = users.iter().map(View::of).collect();
        return print::json(&json!({ "users": views }));
    }
    if users.is_empty() {
        print::say("Nobody has an account. Add somebody: doorward user add EMAIL");
        return Ok(());
    }
    let rows: Vec<[String; 4]> = users
        .iter()
        .map(|user| {
            [
                user.subject.clone(),
                user.email.clone(),
                user.name.clone().unwrap_or_default(),
                view::state(user),
            ]
        })
        .collect();
    print::table(["SUB", "EMAIL", "NAME", "STATE"], &rows);
    Ok(())
}

async fn show(global: &Global, app: &App, who: &Who) -> Result<(), Failure> {
    let user = find(app, who).await?;
    let view = View::of(&user);
    if global.json {
        return print::json(&view);
    }
    print::pairs(&view.pairs());
    Ok(())
}

/// Doing so twice is doing so once.
async fn switch(global: &Global, app: &App, who: &Who, enabled: bool) -> Result<(), Failure> {
    let user = find(app, who).await?;
    let (changed, word) = match enabled {
        true => (operate::enable(app, &user).await?, "enabled"),
        false => (operate::disable(app, &user).await?, "disabled"),
    };
    if global.json {
        return print::json(&View::of(&find(app, who).await?));
    }
    print::say(&match changed {
        true => format!("{} is {word}.", user.email),
        false => format!("{} was {word} before.", user.email),
    });
    Ok(())
}

async fn set_password(global: &Global, app: &App, set: SetPassword) -> Result<(), Failure> {
    let user = find(app, &set.who).await?;
    let chosen = set.given.read()?.ok_or_else(|| {
        Failure::wrong("say where the password comes from: --password-stdin, --password-file FILE or --generate-password")
    })?;
    operate::set_password(app, &user, chosen.text()).await?;
    if global.json {
        return print::json(&json!({
            "sub": user.subject,
            "email": user.email,
            "password": chosen.to_show(),
        }));
    }
    print::say(&format!(
        "The password of {} is set; they are signed out everywhere.",
        user.email
    ));
    chosen.show();
    Ok(())
}

async fn remove(global: &Global, app: &App, who: &Who) -> Result<(), Failure> {
    let user = find(app, who).await?;
    if !operate::remove(app, &user).await? {
        return Err(unknown(who));
    }
    if global.json {
        return print::json(&json!({ "sub": user.subject, "removed": true }));
    }
    print::say(&format!("Removed {} ({}).", user.email, user.subject));
    Ok(())
}

async fn find(app: &App, who: &Who) -> Result<user::Model, Failure> {
    operate::find(app, &who.user)
        .await?
        .ok_or_else(|| unknown(who))
}

fn unknown(who: &Who) -> Failure {
    Failure::not_found(format!(
        "nobody has the address or sub {}; doorward user list shows everybody",
        who.user
    ))
}
