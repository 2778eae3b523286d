//! The verbs: the command line as one list, the flags that all of them take, and which settings
//! they work with.

mod client;
mod config;
mod doctor;
mod failure;
mod key;
mod migrate;
mod openapi;
mod print;
mod pwned;
mod serve;
mod signals;
mod user;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use doorward::{
    app::App,
    clock::Clock,
    config::{Config, Flags, Sources},
    server::open::{Behind, open},
};

pub use failure::Failure;

/// An OpenID Provider in one binary.
#[derive(Debug, Parser)]
#[command(name = "doorward", version, after_help = AFTER_HELP)]
struct Line {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Serve until stopped; what `doorward` without a verb does.
    Serve,
    /// The applications that may ask us to sign people in.
    #[command(subcommand)]
    Client(Box<client::Client>),
    /// The people with an account.
    #[command(subcommand)]
    User(user::User),
    /// The keys that sign tokens.
    #[command(subcommand)]
    Key(key::Key),
    /// The passwords that leaked somewhere.
    #[command(subcommand)]
    Pwned(pwned::Pwned),
    /// The schema of the database.
    #[command(subcommand)]
    Migrate(migrate::Migrate),
    /// The settings.
    #[command(subcommand)]
    Config(config::Config),
    /// Show the OpenAPI document of every endpoint, in YAML or with --json in JSON.
    Openapi,
    /// Look at everything that this server needs, and say what to do.
    Doctor,
}

/// What every verb takes.
#[derive(Debug, Args)]
pub struct Global {
    /// The settings file. Default: $DOORWARD_CONFIG, or ./doorward.toml if there is one.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where files are kept (setting data_dir).
    #[arg(long, global = true, value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
    /// Address and port to listen on (setting server.listen).
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// The URL by which the world knows this server (setting server.issuer).
    #[arg(long, global = true, value_name = "URL")]
    issuer: Option<String>,
    /// Where rows are kept (setting database.url); without a password, which others could see here.
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<String>,
    /// Answer in JSON.
    #[arg(long, global = true)]
    pub json: bool,
}

const AFTER_HELP: &str = "\
Settings: flags, then DOORWARD__SECTION__KEY, then the settings file, then defaults.
Logs go to stderr: DOORWARD_LOG=debug for more, DOORWARD_LOG_FORMAT=json or text.

Exit codes:
  0  done
  1  failed
  2  wrong usage or settings
  3  not found";

/// Reads the command line and does what it says.
pub fn run() -> Result<(), Failure> {
    let line = Line::try_parse().map_err(Failure::from_usage)?;
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Failure::failed(format!("the runtime did not start: {error}")))?;
    runtime.block_on(dispatch(line))
}

async fn dispatch(line: Line) -> Result<(), Failure> {
    let global = line.global;
    match line.verb.unwrap_or(Verb::Serve) {
        Verb::Serve => serve::run(&global).await,
        Verb::Client(verb) => client::run(&global, *verb).await,
        Verb::User(verb) => user::run(&global, verb).await,
        Verb::Key(verb) => key::run(&global, verb).await,
        Verb::Pwned(verb) => pwned::run(&global, verb).await,
        Verb::Migrate(verb) => migrate::run(&global, verb).await,
        Verb::Config(verb) => config::run(&global, &verb),
        Verb::Openapi => openapi::run(&global),
        Verb::Doctor => doctor::run(&global).await,
    }
}

impl Global {
    /// The settings, checked.
    pub fn settings(&self) -> Result<Config, Failure> {
        Config::load(&self.sources()?).map_err(|error| Failure::wrong(error.to_string()))
    }

    /// The house, opened for a verb that hashes passwords.
    pub async fn open(&self) -> Result<App, Failure> {
        Ok(open(self.settings()?, Clock::default(), Behind::MigrateEmbedded).await?)
    }

    /// The same for a verb that does not: nothing is gained by measuring what a hash costs here.
    pub async fn open_without_hashing(&self) -> Result<App, Failure> {
        let mut config = self.settings()?;
        config.passwords.passes = config.passwords.passes.or(Some(2));
        Ok(open(config, Clock::default(), Behind::MigrateEmbedded).await?)
    }

    /// The settings file, if there is one.
    pub fn file(&self) -> Option<PathBuf> {
        let named = self
            .config
            .clone()
            .or_else(|| std::env::var_os("DOORWARD_CONFIG").map(PathBuf::from));
        let here = PathBuf::from("doorward.toml");
        named.or_else(|| here.is_file().then_some(here))
    }

    fn sources(&self) -> Result<Sources, Failure> {
        refuse_password(self.database_url.as_deref())?;
        Ok(Sources {
            file: self.file(),
            flags: Flags {
                data_dir: self.data_dir.clone(),
                listen: self.listen.clone(),
                issuer: self.issuer.clone(),
                database_url: self.database_url.clone(),
            },
        })
    }
}

/// Whether the URL of a database holds a password.
pub fn has_password(url: &str) -> bool {
    let authority = url
        .split_once("://")
        .map(|(_, rest)| rest.split(['/', '?']).next().unwrap_or(rest));
    authority
        .and_then(|authority| authority.rsplit_once('@'))
        .is_some_and(|(user, _)| user.contains(':'))
        || url.contains("password=")
}

/// Whoever lists the processes of this machine sees their command lines.
fn refuse_password(database_url: Option<&str>) -> Result<(), Failure> {
    if database_url.is_some_and(has_password) {
        return Err(Failure::wrong(
            "--database-url holds a password, which others on this machine could see; set \
             DOORWARD__DATABASE__URL or database.url_file instead",
        ));
    }
    Ok(())
}
