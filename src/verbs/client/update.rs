//! `client update`: changes what is named, and nothing else.

use clap::{ArgAction, Args};
use doorward::{
    app::App,
    clients::{
        register::{Added, RegisterError},
        update::{self, Changes},
    },
    tokens::claims::every_scope,
};
use entity::value::{ClientMetadata, Scope};
use secrecy::ExposeSecret;
use serde_json::json;

use super::{Which, add::Rules, find, links::LinkFlags, protocol::ProtocolFlags, view::View};
use crate::verbs::{Failure, Global, print};

/// How often a client is looked at anew that changes itself all the time.
const TRIES: usize = 16;

#[derive(Clone, Debug, Args)]
pub struct Update {
    #[command(flatten)]
    which: Which,
    /// Its new name.
    #[arg(long)]
    name: Option<String>,
    /// All redirect URIs; those that are not named are gone.
    #[arg(long, value_name = "URI", num_args = 1..)]
    redirect: Option<Vec<String>>,
    /// All post-logout redirect URIs.
    #[arg(long, value_name = "URI", num_args = 0..)]
    post_logout_redirect: Option<Vec<String>>,
    /// All scopes besides the standard ones, separated by spaces.
    #[arg(long, value_name = "SCOPES")]
    scope: Option<String>,
    /// All audiences that it answers for as a resource server.
    #[arg(long, value_name = "AUDIENCE", num_args = 0..)]
    audience: Option<Vec<String>>,
    /// All origins besides those of its redirect URIs from which its pages call us.
    #[arg(long, value_name = "ORIGIN", num_args = 0..)]
    origin: Option<Vec<String>>,
    /// The rules it lives by.
    #[arg(long, value_enum)]
    profile: Option<Rules>,
    /// Whether people are not asked for consent.
    #[arg(long, value_name = "true|false", action = ArgAction::Set)]
    trusted: Option<bool>,
    /// Whether name and e-mail are in the ID token too.
    #[arg(long, value_name = "true|false", action = ArgAction::Set)]
    claims_in_id_token: Option<bool>,
    /// Whether it gets nothing any more.
    #[arg(long, value_name = "true|false", action = ArgAction::Set)]
    disabled: Option<bool>,
    /// Takes away the token with which it changes what it registered (RFC 7592).
    #[arg(long)]
    forget_registration_token: bool,
    #[command(flatten)]
    links: LinkFlags,
    #[command(flatten)]
    protocol: ProtocolFlags,
}

pub async fn run(global: &Global, app: &App, update: Update) -> Result<(), Failure> {
    let changed = change(app, &update).await?;
    let view = View::read(app, &changed.client).await?;
    let secret = changed.secret.as_ref().map(ExposeSecret::expose_secret);
    if global.json {
        let mut view = json!(view);
        if let Some(secret) = secret {
            view["client_secret"] = json!(secret);
        }
        return print::json(&view);
    }
    print::pairs(&view.pairs());
    if let Some(secret) = secret {
        print::say(&format!("\nIts new secret, shown this once: {secret}"));
    }
    Ok(())
}

async fn change(app: &App, update: &Update) -> Result<Added, Failure> {
    for _ in 1..TRIES {
        match change_once(app, update).await? {
            Err(RegisterError::Changed) => {}
            done => return Ok(done?),
        }
    }
    Ok(change_once(app, update).await??)
}

async fn change_once(app: &App, update: &Update) -> Result<Result<Added, RegisterError>, Failure> {
    let client = find(app, &update.which).await?;
    let changes = update.clone().changes(client.metadata.clone())?;
    Ok(update::update(app, client, changes).await)
}

impl Update {
    fn changes(self, kept: ClientMetadata) -> Result<Changes, Failure> {
        let scope = match self.scope.map(|more| more.parse::<Scope>()) {
            Some(Ok(more)) => Some(every_scope().union(&more)),
            Some(Err(error)) => return Err(Failure::wrong(format!("--scope: {error}"))),
            None => None,
        };
        Ok(Changes {
            name: self.name,
            redirect_uris: self.redirect,
            post_logout_redirect_uris: self.post_logout_redirect,
            profile: self.profile.map(Rules::profile),
            scope,
            audiences: self.audience,
            origins: self.origin,
            claims_in_id_token: self.claims_in_id_token,
            trusted: self.trusted,
            disabled: self.disabled,
            forget_registration_token: self.forget_registration_token,
            links: self.links.links(),
            ..self.protocol.changes(kept)?
        })
    }
}
