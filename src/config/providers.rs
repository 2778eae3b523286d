//! `[providers.NAME]`: where else people may sign in. The name is for ever: it stands in the rows of
//! those who came that way, and in the redirect URI that the provider knows.

mod check;

use std::{collections::BTreeMap, path::PathBuf};

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{ConfigError, Fetch, database::hidden, secret_from};

/// The providers by their names.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Providers(BTreeMap<String, Provider>);

/// What a provider speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// OpenID Connect, as Google does it.
    Google,
    /// OAuth 2.0 and an API of its own.
    Github,
    /// OpenID Connect.
    Oidc,
}

/// One provider.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    pub kind: Kind,
    /// What the provider calls us.
    pub client_id: String,
    #[serde(default, serialize_with = "hidden")]
    pub client_secret: Option<SecretString>,
    /// A file that holds the secret.
    #[serde(default)]
    pub client_secret_file: Option<PathBuf>,
    /// Its issuer, byte for byte as its ID tokens say it.
    #[serde(default)]
    pub issuer: Option<String>,
    /// Where people sign in, for a GitHub of one's own.
    #[serde(default)]
    pub base_url: Option<String>,
    /// Where its API is, likewise.
    #[serde(default)]
    pub api_url: Option<String>,
    /// What people call it.
    #[serde(default)]
    pub display_name: Option<String>,
    /// Besides those that it takes to know who somebody is.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// `prompt` (OpenID Connect Core §3.1.2.1).
    #[serde(default)]
    pub prompt: Option<String>,
    /// Further parameters of the authorization request.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    /// Origins besides the issuer's at which its endpoints may be.
    #[serde(default)]
    pub origins: Vec<String>,
    /// The one Google Workspace domain whose people may come (`hd`).
    #[serde(default)]
    pub hosted_domain: Option<String>,
    /// Whether people sign in with it, or only link it.
    #[serde(default = "yes")]
    pub sign_in: bool,
    /// Whether whoever comes for the first time gets an account.
    #[serde(default = "yes")]
    pub sign_up: bool,
    /// Whether people may link it to an account that they have.
    #[serde(default = "yes")]
    pub link: bool,
    /// Whether an address is proven because the provider says so.
    #[serde(default = "yes")]
    pub trust_email: bool,
    /// Whether its tokens are kept, for applications that call its API.
    #[serde(default = "yes")]
    pub keep_tokens: bool,
    /// Our claim and which of theirs it is taken from, where it is another name.
    #[serde(default)]
    pub claims: BTreeMap<String, String>,
}

fn yes() -> bool {
    true
}

/// The issuer that Google's discovery document names.
const GOOGLE: &str = "https://accounts.google.com";

/// Where Google's other endpoints are, by the same document.
const GOOGLE_ORIGINS: [&str; 3] = [
    "https://oauth2.googleapis.com",
    "https://openidconnect.googleapis.com",
    "https://www.googleapis.com",
];

impl Providers {
    pub fn get(&self, name: &str) -> Option<(&str, &Provider)> {
        let found = self.0.get_key_value(name);
        found.map(|(name, provider)| (name.as_str(), provider))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Provider)> {
        let all = self.0.iter();
        all.map(|(name, provider)| (name.as_str(), provider))
    }

    pub fn insert(&mut self, name: &str, provider: Provider) {
        self.0.insert(name.to_owned(), provider);
    }

    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    pub(super) fn resolve(&mut self, fetch: &Fetch) -> Result<(), ConfigError> {
        for (name, provider) in &mut self.0 {
            provider.resolve(name)?;
            check::check(name, provider, fetch)?;
        }
        Ok(())
    }
}

impl Provider {
    /// One of this kind with nothing set that need not be.
    pub fn new(kind: Kind, client_id: &str) -> Self {
        Self {
            kind,
            client_id: client_id.to_owned(),
            client_secret: None,
            client_secret_file: None,
            issuer: None,
            base_url: None,
            api_url: None,
            display_name: None,
            scopes: Vec::new(),
            prompt: None,
            parameters: BTreeMap::new(),
            origins: Vec::new(),
            hosted_domain: None,
            sign_in: true,
            sign_up: true,
            link: true,
            trust_email: true,
            keep_tokens: true,
            claims: BTreeMap::new(),
        }
    }

    /// The secret itself, to send to the provider.
    pub fn secret(&self) -> Option<&str> {
        self.client_secret
            .as_ref()
            .map(|secret| secret.expose_secret())
    }

    /// Who says who somebody is.
    pub fn issuer(&self) -> &str {
        match self.kind {
            Kind::Google => self.issuer.as_deref().unwrap_or(GOOGLE),
            Kind::Github => self.base_url(),
            Kind::Oidc => self.issuer.as_deref().unwrap_or_default(),
        }
    }

    pub fn base_url(&self) -> &str {
        self.base_url.as_deref().unwrap_or("https://github.com")
    }

    pub fn api_url(&self) -> &str {
        self.api_url.as_deref().unwrap_or("https://api.github.com")
    }

    /// What people call it: as it is set, else by its kind or by its name.
    pub fn display_name<'a>(&'a self, name: &'a str) -> &'a str {
        match (&self.display_name, self.kind) {
            (Some(display), _) => display,
            (None, Kind::Google) => "Google",
            (None, Kind::Github) => "GitHub",
            (None, Kind::Oidc) => name,
        }
    }

    /// The origins at which its endpoints may be, and to which credentials may go.
    pub fn origins(&self) -> Vec<String> {
        let origin = |url: &str| {
            let url = Url::parse(url).ok();
            url.map(|url| url.origin().ascii_serialization())
        };
        let mut all: Vec<String> = origin(self.issuer()).into_iter().collect();
        match self.kind {
            Kind::Google if self.issuer() == GOOGLE => {
                all.extend(GOOGLE_ORIGINS.map(str::to_owned));
            }
            Kind::Github => all.extend(origin(self.api_url())),
            _ => {}
        }
        all.extend(self.origins.iter().cloned());
        all
    }

    fn resolve(&mut self, name: &str) -> Result<(), ConfigError> {
        let Some(file) = &self.client_secret_file else {
            return Ok(());
        };
        if self.client_secret.is_some() {
            return Err(ConfigError::new(format!(
                "providers.{name}.client_secret and providers.{name}.client_secret_file are both set"
            )));
        }
        let setting = format!("providers.{name}.client_secret_file");
        self.client_secret = Some(secret_from(&setting, file)?.into());
        Ok(())
    }
}
