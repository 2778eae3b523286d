//! `key`: the keys that sign tokens, and turning them.

use clap::{Args, Subcommand};
use doorward::{
    app::App,
    events::About,
    keys::rotation::{self, RotationError, Turned, Wanted},
};
use entity::{
    signing_key::{self, Model, Standing},
    value::SigningAlg,
};
use sea_orm::Iterable;
use serde_json::{Value, json};

use super::{Failure, Global, print};

#[derive(Debug, Subcommand)]
pub enum Key {
    /// Show the keys: which is published and signs next, which signs, which no longer does.
    List,
    /// Turn the keys: publish the next ones, which sign once everybody knows them.
    Rotate(Rotate),
}

#[derive(Debug, Args)]
pub struct Rotate {
    /// Only the key of this algorithm: RS256, ES256, PS256 or EdDSA. Default: all of them.
    #[arg(long, value_parser = alg)]
    alg: Option<SigningAlg>,
    /// For emergencies: a new key signs at once and the one before stops at once. Applications that
    /// cache the keys refuse its tokens until they fetch them anew.
    #[arg(long)]
    now: bool,
    /// A stolen key: it vanishes at once, with everything that it signed. May be given again for
    /// another one.
    // A kid is a thumbprint (RFC 7638) in base64url: one in 64 begins with a hyphen.
    #[arg(long, value_name = "KID", allow_hyphen_values = true, requires = "now")]
    forget: Vec<String>,
}

fn alg(text: &str) -> Result<SigningAlg, String> {
    let known = || SigningAlg::iter().map(SigningAlg::name);
    SigningAlg::iter()
        .find(|alg| alg.name().eq_ignore_ascii_case(text))
        .ok_or_else(|| format!("one of: {}", known().collect::<Vec<_>>().join(", ")))
}

pub async fn run(global: &Global, verb: Key) -> Result<(), Failure> {
    let app = global.open_without_hashing().await?;
    match verb {
        Key::List => list(global, &app).await,
        Key::Rotate(rotate) => turn(global, &app, rotate).await,
    }
}

async fn list(global: &Global, app: &App) -> Result<(), Failure> {
    let now = app.clock.now();
    let all = signing_key::all(&app.db.read).await?;
    let keys: Vec<_> = all
        .iter()
        .map(|key| (key, key.standing(&all, now)))
        .collect();
    if global.json {
        let views: Vec<_> = keys.iter().map(|(key, state)| view(key, *state)).collect();
        return print::json(&json!({ "keys": views }));
    }
    let rows: Vec<[String; 5]> = keys
        .iter()
        .map(|(key, state)| {
            [
                key.kid.clone(),
                key.alg.name().to_owned(),
                state.name().to_owned(),
                print::when(key.signs_from),
                key.published_until.map(print::when).unwrap_or_default(),
            ]
        })
        .collect();
    let heads = ["KID", "ALG", "STATE", "SIGNS FROM", "PUBLISHED UNTIL"];
    print::table(heads, &rows);
    Ok(())
}

async fn turn(global: &Global, app: &App, rotate: Rotate) -> Result<(), Failure> {
    let wanted = Wanted {
        algs: rotate
            .alg
            .map_or_else(|| SigningAlg::iter().collect(), |alg| vec![alg]),
        now: rotate.now,
        forget: rotate.forget,
    };
    let turned = rotation::rotate(app, &wanted, &About::default()).await?;
    if global.json {
        let state = match wanted.now {
            true => Standing::Current,
            false => Standing::Next,
        };
        let views: Vec<_> = turned
            .iter()
            .map(|one| {
                let mut view = view(&one.key, state);
                view["is_new"] = json!(one.is_new);
                view
            })
            .collect();
        return print::json(&json!({ "rotated": views, "forgotten": wanted.forget }));
    }
    for one in &turned {
        print::say(&told(one, wanted.now));
    }
    for kid in &wanted.forget {
        print::say(&format!("{kid} is forgotten."));
    }
    if wanted.now {
        print::say(
            "Running servers sign with the new keys within a minute. Applications that cache the \
             keys know the new ones when they fetch them anew, and trust the old ones until then.",
        );
    }
    Ok(())
}

fn told(one: &Turned, now: bool) -> String {
    let (alg, kid) = (one.key.alg.name(), &one.key.kid);
    let from = print::when(one.key.signs_from);
    match (one.is_new, now) {
        (true, true) => format!("{alg}  {kid} is new and signs now."),
        (true, false) => format!("{alg}  {kid} is published and signs from {from}."),
        (false, true) => format!("{alg}  {kid} signs now; somebody else has just made it."),
        (false, false) => format!("{alg}  {kid} was published before and signs from {from}."),
    }
}

fn view(key: &Model, state: Standing) -> Value {
    json!({
        "kid": key.kid,
        "alg": key.alg.name(),
        "state": state.name(),
        "signs": state == Standing::Current,
        "created_at": print::time(key.created_at),
        "signs_from": print::time(key.signs_from),
        "published_until": key.published_until.map(print::time),
    })
}

impl From<RotationError> for Failure {
    fn from(error: RotationError) -> Self {
        match error {
            RotationError::Unknown(_) => Self::not_found(error.to_string()),
            RotationError::Unexpected(error) => error.into(),
            error => Self::wrong(error.to_string()),
        }
    }
}
