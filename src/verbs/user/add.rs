//! `user add`: a person who did not sign up by themselves.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::Args;
use doorward::{
    accounts::{
        claims,
        operate::{self, Wanted},
    },
    app::App,
    paths,
};
use entity::value::{Role, StandardClaims};
use serde_json::{Map, Value, json};

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
    /// They may administer this server: a client with the scope doorward:admin may act for them.
    #[arg(long)]
    admin: bool,
    /// A JSON file with other standard claims of OpenID Connect, such as {"locale": "en"}.
    #[arg(long, value_name = "FILE")]
    claims: Option<PathBuf>,
    #[command(flatten)]
    given: Given,
}

pub async fn run(global: &Global, app: &App, add: Add) -> Result<(), Failure> {
    let told = add.claims.as_deref().map(read).transpose()?;
    let chosen = add.given.read()?;
    let wanted = Wanted {
        email: &add.email,
        name: &add.name,
        password: chosen.as_ref().map(|chosen| chosen.text()),
        email_verified: add.email_verified,
        role: match add.admin {
            true => Role::Admin,
            false => Role::User,
        },
        claims: told.as_ref().map(|told| &told.claims),
        image: told.as_ref().and_then(|told| told.picture.as_deref()),
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

/// What a file tells of a person.
struct Told {
    claims: StandardClaims,
    picture: Option<String>,
}

/// Claims from a file; a name that is no standard claim is an error.
fn read(file: &Path) -> Result<Told, Failure> {
    let named = |why: &str| Failure::wrong(format!("--claims {}: {why}", file.display()));
    let text = fs::read_to_string(file).map_err(|error| named(&error.to_string()))?;
    let mut all: Map<String, Value> =
        serde_json::from_str(&text).map_err(|error| named(&error.to_string()))?;
    // The one claim that has a column of its own.
    let picture = match all.remove("picture") {
        None => None,
        Some(Value::String(picture)) => Some(picture),
        Some(_) => return Err(named("picture is not a URL")),
    };
    let claims = claims::read(&Value::Object(all)).map_err(|error| named(&error.to_string()))?;
    Ok(Told { claims, picture })
}
