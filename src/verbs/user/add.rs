//! `user add`: a person who did not sign up by themselves.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::Args;
use doorward::{
    accounts::operate::{self, Wanted},
    app::App,
    paths,
};
use entity::value::{Role, StandardClaims};
use serde_json::json;

use super::{password::Given, view::View};
use crate::verbs::{Failure, Global, print};

#[derive(Debug, Args)]
pub struct Add {
    /// Their e-mail address.
    email: String,
    /// Their name.
    #[arg(long, default_value = "")]
    name: String,
    /// You vouch for the address: it counts as proven.
    #[arg(long)]
    email_verified: bool,
    /// A JSON file with other standard claims of OpenID Connect, such as {"locale": "en"}.
    #[arg(long, value_name = "FILE")]
    claims: Option<PathBuf>,
    #[command(flatten)]
    given: Given,
}

pub async fn run(global: &Global, app: &App, add: Add) -> Result<(), Failure> {
    let claims = add.claims.as_deref().map(read).transpose()?;
    let chosen = add.given.read()?;
    let wanted = Wanted {
        email: &add.email,
        name: &add.name,
        password: chosen.as_ref().map(|chosen| chosen.text()),
        email_verified: add.email_verified,
        role: Role::User,
        claims: claims.as_ref(),
    };
    let user = operate::add(app, wanted).await?;
    let view = View::of(&user);
    if global.json {
        let mut answer = json!(view);
        if let Some(password) = chosen.as_ref().and_then(|chosen| chosen.to_show()) {
            answer["password"] = json!(password);
        }
        return print::json(&answer);
    }
    print::pairs(&view.pairs());
    print::say("");
    match chosen {
        Some(chosen) => {
            chosen.show();
            print::say(&format!("They sign in at {}", app.url(paths::LOGIN)));
        }
        None => print::say(&format!(
            "They have no password yet; set one: doorward user set-password {} --generate-password",
            user.email
        )),
    }
    Ok(())
}

/// Claims from a file; a name that is no standard claim is an error.
fn read(file: &Path) -> Result<StandardClaims, Failure> {
    let named = |why: &str| Failure::wrong(format!("--claims {}: {why}", file.display()));
    let text = fs::read_to_string(file).map_err(|error| named(&error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| named(&error.to_string()))
}
