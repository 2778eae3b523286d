//! The application: what every room is handed. Knows nothing above it.

use std::{ops::Deref, sync::Arc};

use entity::Db;
use secrecy::ExposeSecret;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::{
    clock::Clock,
    config::Config,
    crypto::{
        Root, RootError,
        certificate::{Authorities, AuthoritiesError},
        keyring::{Keyring, KeyringError},
        password::Passwords,
        seal::Sealer,
        secret::Secrets,
    },
    fetch::{self, Fetch},
    limits::crowd::Crowds,
    mail::delivery::{Mailer, MailerError},
    pwned::{Filter, FilterError},
    templates::Templates,
};

/// A handle to the application; copies are cheap and the same.
#[derive(Clone, Debug)]
pub struct App(Arc<Parts>);

/// What the application is made of.
#[derive(Debug)]
pub struct Parts {
    pub config: Config,
    pub db: Db,
    pub clock: Clock,
    pub secrets: Secrets,
    pub sealer: Sealer,
    pub keyring: Keyring,
    /// Who may vouch for the certificate of a client; none where nobody is set.
    pub authorities: Option<Authorities>,
    pub passwords: Passwords,
    /// Those whose passwords are being checked at this moment.
    pub crowds: Crowds,
    /// The passwords that leaked somewhere; none where no filter is set.
    pub breached: Option<Filter>,
    pub templates: Templates,
    pub fetch: Fetch,
    /// None where no mail server is set.
    pub mailer: Option<Mailer>,
    /// Rung when there is a client to be told that a session has ended, so that nobody waits for the
    /// next look into the outbox.
    pub notices: Notify,
}

/// Why the application could not be put together. Each line says what to do.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    #[error(transparent)]
    Root(#[from] RootError),
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    #[error(transparent)]
    Authorities(#[from] AuthoritiesError),
    #[error(transparent)]
    Fetch(#[from] fetch::AuthoritiesError),
    #[error(transparent)]
    Mailer(#[from] MailerError),
    #[error(transparent)]
    Breached(#[from] FilterError),
    #[error("a template is broken: {0}")]
    Template(#[from] minijinja::Error),
}

impl App {
    /// Puts the parts together on a migrated database.
    pub async fn open(config: Config, db: Db, clock: Clock) -> Result<Self, AppError> {
        let root = match &config.secrets.root {
            Some(root) => Root::parse(root.expose_secret())?,
            // Only the default place is filled by us; a file that was named must be there.
            None => Root::at(
                &config.root_secret_path(),
                config.secrets.root_file.is_none(),
            )?,
        };
        let sealer = Sealer::new(&root);
        let authorities = match &config.server.client_certificate_authorities {
            Some(path) => Some(Authorities::at(path)?),
            None => None,
        };
        let breached = match &config.passwords.breached_file {
            Some(path) => Some(Filter::open(path)?),
            None => None,
        };
        let keyring = Keyring::open(&db, &sealer, clock.now()).await?;
        Ok(Self(Arc::new(Parts {
            secrets: Secrets::new(&root),
            passwords: Passwords::new(config.passwords.passes, config.passwords.threads),
            breached,
            crowds: Crowds::default(),
            templates: Templates::load()?,
            fetch: Fetch::new(&config)?,
            mailer: Mailer::new(&config.mail)?,
            config,
            db,
            clock,
            sealer,
            keyring,
            authorities,
            notices: Notify::new(),
        })))
    }

    /// The absolute URL of one of our paths.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.config.server.issuer)
    }

    /// A new row id: sorted by time, never a secret.
    pub fn new_id(&self) -> Uuid {
        Uuid::now_v7()
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
