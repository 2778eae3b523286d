//! `migrate`: the schema of the database.

use clap::Subcommand;
use doorward::server::{
    open::{self, Turn},
    schema::{self, Step},
};
use serde_json::json;

use super::{Failure, Global, print};

#[derive(Debug, Subcommand)]
pub enum Migrate {
    /// Bring the database up to what this version needs.
    Up,
    /// Show which steps the database has taken. Changes nothing.
    Status,
}

pub async fn run(global: &Global, verb: Migrate) -> Result<(), Failure> {
    match verb {
        Migrate::Up => up(global).await,
        Migrate::Status => status(global).await,
    }
}

async fn up(global: &Global) -> Result<(), Failure> {
    let turn = Turn::take(&global.settings()?).await?;
    let taken = turn.migrate().await?;
    turn.end().await?;
    if global.json {
        return print::json(&json!({ "applied": taken }));
    }
    if taken.is_empty() {
        print::say("The database is up to date.");
    }
    for step in &taken {
        print::say(&format!("applied  {step}"));
    }
    Ok(())
}

async fn status(global: &Global) -> Result<(), Failure> {
    let config = global.settings()?;
    // Looking must not make a database where there is none.
    let steps = match open::exists(&config) {
        true => schema::status(&open::connect(&config).await?).await?,
        false => schema::untouched(),
    };
    let pending = steps.iter().filter(|step| !step.applied).count();
    if global.json {
        let views: Vec<_> = steps
            .iter()
            .map(|step| json!({ "name": step.name, "applied": step.applied }))
            .collect();
        return print::json(&json!({ "migrations": views, "pending": pending }));
    }
    for step in &steps {
        print::say(&format!("{}  {}", word(step), step.name));
    }
    if pending > 0 {
        print::say(&format!("\n{pending} to go; run: doorward migrate up"));
    }
    Ok(())
}

fn word(step: &Step) -> &'static str {
    match step.applied {
        true => "applied",
        false => "pending",
    }
}
