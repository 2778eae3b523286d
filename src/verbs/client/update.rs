//! `client update`: changes what is named, and nothing else.

use clap::{ArgAction, Args};
use doorward::{
    app::App,
    clients::update::{self, Changes},
    tokens::claims::every_scope,
};
use entity::value::Scope;

use super::{Which, add::Rules, find, links::LinkFlags, view::View};
use crate::verbs::{Failure, Global, print};

#[derive(Debug, Args)]
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
    #[command(flatten)]
    links: LinkFlags,
}

pub async fn run(global: &Global, app: &App, update: Update) -> Result<(), Failure> {
    let client = find(app, &update.which).await?;
    let client = update::update(app, client, update.changes()?).await?;
    let view = View::read(app, &client).await?;
    if global.json {
        return print::json(&view);
    }
    print::pairs(&view.pairs());
    Ok(())
}

impl Update {
    fn changes(self) -> Result<Changes, Failure> {
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
            links: self.links.links(),
        })
    }
}
