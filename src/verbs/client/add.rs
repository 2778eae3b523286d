//! `client add`: registers an application and says what to give to it.

use clap::{Args, ValueEnum};
use doorward::{
    app::App,
    clients::{
        register::{self, Added, NewClient},
        registration::usual_alg,
    },
    paths,
    tokens::claims::every_scope,
};
use entity::value::{ApplicationType, Profile, Scope};
use secrecy::ExposeSecret;
use serde_json::json;

use super::{links::LinkFlags, protocol::ProtocolFlags, view::View};
use crate::verbs::{Failure, Global, print};

#[derive(Debug, Args)]
pub struct Add {
    /// What people read on the pages: "to continue to NAME".
    name: String,
    /// Where answers may be sent; compared byte for byte.
    #[arg(long, value_name = "URI", num_args = 1..)]
    redirect: Vec<String>,
    /// Where people may be sent after they signed out.
    #[arg(long, value_name = "URI", num_args = 1..)]
    post_logout_redirect: Vec<String>,
    /// It cannot keep a secret: an app in a browser page or on a device.
    #[arg(long, conflicts_with = "auth_method")]
    public: bool,
    /// It runs on a device: the port of a loopback redirect URI may vary.
    #[arg(long)]
    native: bool,
    /// Scopes besides the standard ones, separated by spaces.
    #[arg(long, value_name = "SCOPES", default_value = "")]
    scope: String,
    /// What it answers for as a resource server: it may introspect tokens meant for that.
    #[arg(long, value_name = "AUDIENCE", num_args = 1..)]
    audience: Vec<String>,
    /// Origins besides those of its redirect URIs from which its pages call us.
    #[arg(long, value_name = "ORIGIN", num_args = 1..)]
    origin: Vec<String>,
    /// You vouch for it: people are not asked for consent.
    #[arg(long)]
    trusted: bool,
    /// The rules it lives by.
    #[arg(long, value_enum, default_value_t = Rules::Oauth21)]
    profile: Rules,
    /// Put name and e-mail into the ID token too, for clients that read nothing else.
    #[arg(long)]
    claims_in_id_token: bool,
    #[command(flatten)]
    links: LinkFlags,
    #[command(flatten)]
    protocol: ProtocolFlags,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Rules {
    /// PKCE always.
    Oauth21,
    /// PKCE optional for clients with a secret.
    Oidc,
    /// Pushed requests, tokens bound to a key, a key instead of a secret.
    Fapi2,
}

pub async fn run(global: &Global, app: &App, add: Add) -> Result<(), Failure> {
    let new = add.wanted()?;
    let added = register::add(app, new).await?;
    if global.json {
        return in_json(app, &added).await;
    }
    for_people(app, &added);
    Ok(())
}

impl Rules {
    pub fn profile(self) -> Profile {
        match self {
            Self::Oauth21 => Profile::Oauth21,
            Self::Oidc => Profile::Oidc,
            Self::Fapi2 => Profile::Fapi2,
        }
    }
}

impl Add {
    fn wanted(self) -> Result<NewClient, Failure> {
        if self.public && self.redirect.is_empty() && !self.protocol.is_for_devices() {
            return Err(Failure::wrong(
                "a public client needs at least one --redirect: without a secret it can do nothing \
                 but sign people in",
            ));
        }
        let more: Scope = self
            .scope
            .parse()
            .map_err(|error| Failure::wrong(format!("--scope: {error}")))?;
        let mut new = NewClient {
            redirect_uris: self.redirect,
            post_logout_redirect_uris: self.post_logout_redirect,
            public: self.public,
            application_type: match self.native {
                true => ApplicationType::Native,
                false => ApplicationType::Web,
            },
            profile: self.profile.profile(),
            id_token_alg: usual_alg(self.profile.profile()),
            scope: every_scope().union(&more),
            audiences: self.audience,
            origins: self.origin,
            claims_in_id_token: self.claims_in_id_token,
            trusted: self.trusted,
            links: self.links.links(),
            ..NewClient::named(self.name)
        };
        let changes = self.protocol.changes(new.metadata.clone())?;
        changes.apply(&mut new);
        Ok(new)
    }
}

async fn in_json(app: &App, added: &Added) -> Result<(), Failure> {
    let mut answer = json!(View::read(app, &added.client).await?);
    if let Some(secret) = &added.secret {
        answer["client_secret"] = json!(secret.expose_secret());
    }
    print::json(&answer)
}

fn for_people(app: &App, added: &Added) {
    let secret = added.secret.as_ref();
    print::pairs(&[
        ("client_id", added.client.client_id.clone()),
        (
            "client_secret",
            secret.map_or_else(String::new, |secret| secret.expose_secret().to_owned()),
        ),
        ("issuer", app.config.server.issuer.clone()),
        ("discovery", app.url(paths::DISCOVERY_OPENID)),
    ]);
    print::say(match secret {
        None if !added.client.is_public() => {
            "\nIt has no secret; it proves itself with the key that is registered."
        }
        Some(_) => {
            "\nThe secret is shown this once. Put it where the application reads its secrets; \
             a new one: doorward client rotate-secret"
        }
        None => "\nA public client has no secret; it proves itself with PKCE (S256).",
    });
}
