//! A client that registers itself, and that reads, changes and removes what it registered (RFC 7591
//! §3, RFC 7592 §2).

use entity::client::{self, Model};
use sea_orm::DbErr;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

use super::{
    register::{self, Added},
    registration::{self, Intake, Registration},
    update::{self, By},
    wanted::RegisterError,
};
use crate::{
    app::App,
    crypto::secret::{SecretKind, Secrets, is_same_text},
};

/// Who asks to register a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// With the initial access token (RFC 7591 §1.2).
    Vouched,
    /// Without it, where registration is open.
    Anybody,
    /// Neither.
    Nobody,
}

/// A client that has just registered itself, and the token with which it manages that.
#[derive(Debug)]
pub struct Registered {
    pub added: Added,
    pub token: SecretString,
}

/// Who asks, by the token that was presented. One that is wrong is never the same as none.
pub fn caller(app: &App, presented: Option<&str>) -> Caller {
    let settings = &app.config.registration;
    let expected = settings.initial_access_token.as_ref();
    match (presented, expected) {
        (Some(presented), Some(expected)) if is_same_text(presented, expected.expose_secret()) => {
            Caller::Vouched
        }
        (None, _) if settings.open => Caller::Anybody,
        _ => Caller::Nobody,
    }
}

/// Registers a client. Nobody has allowed it anything: a person is always asked.
pub async fn register(
    app: &App,
    caller: Caller,
    members: &Map<String, Value>,
) -> Result<Registered, RegisterError> {
    let said = Registration::read(members)?;
    let vouched = caller == Caller::Vouched;
    let wanted = registration::wanted(app, Intake::New { vouched }, said)?;
    // Two that come at once may both find room for one; a bound that is one too high is a bound.
    let most = u64::from(app.config.registration.unused_clients);
    if client::unused(&app.db.read).await? >= most {
        return Err(RegisterError::TooMany);
    }
    let token = app.secrets.mint(SecretKind::RegistrationAccess);
    let added = register::insert(app, wanted, Some(token.digest)).await?;
    Ok(Registered {
        added,
        token: token.secret,
    })
}

/// The client that a registration access token is for. An unknown client and one of somebody else are
/// the same: none.
pub async fn owner(app: &App, client_id: &str, token: &str) -> Result<Option<Model>, DbErr> {
    let Some(digest) = app.secrets.digest(SecretKind::RegistrationAccess, token) else {
        return Ok(None);
    };
    let client = client::enabled(&app.db.read, client_id).await?;
    Ok(client.filter(|client| {
        let own = client.registration_access_token.as_ref();
        own.is_some_and(|own| Secrets::same(own, &digest))
    }))
}

/// Replaces everything that a client said of itself (RFC 7592 §2.2). The registration access token
/// stays: a client whose answer is lost would be locked out with a new one.
pub async fn replace(
    app: &App,
    client: Model,
    members: &Map<String, Value>,
) -> Result<Added, RegisterError> {
    let read = client.clone();
    match replace_once(app, client, members).await {
        // Somebody else changed it meanwhile: judged again by what it is now, and that once.
        Err(RegisterError::Changed) => {
            let now = client::enabled(&app.db.read, &read.client_id).await?;
            let same =
                |now: &Model| now.registration_access_token == read.registration_access_token;
            let now = now.filter(same).ok_or(RegisterError::Gone)?;
            replace_once(app, now, members).await
        }
        done => done,
    }
}

async fn replace_once(
    app: &App,
    client: Model,
    members: &Map<String, Value>,
) -> Result<Added, RegisterError> {
    if members.get("client_id") != Some(&Value::from(client.client_id.as_str())) {
        let why = "must be that of the client";
        return Err(RegisterError::member("client_id", why));
    }
    let own = own_secret(app, &client, members.get("client_secret"))?;
    let said = Registration::read(members)?;
    let origins = update::other_origins(&app.db.read, &client).await?;
    let wanted = registration::wanted(app, Intake::Again(&client, origins), said)?;
    let by = By::Itself {
        secret: own.as_ref(),
    };
    update::replace(app, client, wanted, by).await
}

/// The secret that was sent along, which must be the current one: nobody chooses a secret.
fn own_secret(
    app: &App,
    client: &Model,
    said: Option<&Value>,
) -> Result<Option<SecretString>, RegisterError> {
    let refuse = || RegisterError::member("client_secret", "must be that of the client");
    let said = match said {
        None | Some(Value::Null) => return Ok(None),
        Some(said) => said.as_str().ok_or_else(refuse)?,
    };
    let digest = app.secrets.digest(SecretKind::ClientSecret, said);
    let same = digest
        .zip(client.client_secret.as_ref())
        .is_some_and(|(digest, own)| Secrets::same(own, &digest));
    match same {
        true => Ok(Some(SecretString::from(said))),
        false => Err(refuse()),
    }
}
