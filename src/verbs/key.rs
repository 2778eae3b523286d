//! `key`: the keys that sign tokens.

use clap::Subcommand;
use doorward::app::App;
use entity::signing_key::{self, Model};
use serde_json::json;

use super::{Failure, Global, print};

#[derive(Debug, Subcommand)]
pub enum Key {
    /// Show the published keys, and which of them sign.
    List,
}

pub async fn run(global: &Global, verb: Key) -> Result<(), Failure> {
    match verb {
        Key::List => list(global, &global.open_without_hashing().await?).await,
    }
}

async fn list(global: &Global, app: &App) -> Result<(), Failure> {
    let now = app.clock.now();
    let keys = signing_key::published(&app.db.read, now).await?;
    // Of the keys of an algorithm the youngest that may sign does.
    let signs = |key: &Model| {
        let may_sign = |other: &&Model| other.alg == key.alg && other.signs_from <= now;
        keys.iter()
            .rfind(may_sign)
            .is_some_and(|youngest| youngest.kid == key.kid)
    };
    if global.json {
        let views: Vec<_> = keys
            .iter()
            .map(|key| {
                json!({
                    "kid": key.kid,
                    "alg": key.alg.name(),
                    "signs": signs(key),
                    "created_at": print::time(key.created_at),
                    "signs_from": print::time(key.signs_from),
                    "published_until": key.published_until.map(print::time),
                })
            })
            .collect();
        return print::json(&json!({ "keys": views }));
    }
    let rows: Vec<[String; 4]> = keys
        .iter()
        .map(|key| {
            [
                key.kid.clone(),
                key.alg.name().to_owned(),
                print::yes(signs(key)),
                print::when(key.created_at),
            ]
        })
        .collect();
    print::table(["KID", "ALG", "SIGNS", "CREATED"], &rows);
    Ok(())
}
