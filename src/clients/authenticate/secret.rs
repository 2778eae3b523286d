//! Client secrets: `client_secret_basic` and `client_secret_post` (RFC 6749 §2.3.1), and how a secret
//! is kept whose bytes are needed again (`client_secret_jwt`).

use std::net::IpAddr;

use base64::{Engine, engine::general_purpose::STANDARD};
use entity::{
    client::Model,
    value::{ClientAuthMethod, Digest, Sealed},
};
use sea_orm::DbErr;
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::AuthenticationError;
use crate::{
    app::App,
    crypto::{
        seal::Purpose,
        secret::{SecretKind, Secrets},
    },
    limits::{self, Limited},
    oauth::params::Params,
};

/// Somebody says that they are this client, and knows its secret.
pub(super) struct Claim {
    pub id: String,
    secret: String,
    method: ClientAuthMethod,
}

/// The secret in the form.
pub(super) fn post(id: &str, secret: &str) -> Claim {
    Claim {
        id: id.to_owned(),
        secret: secret.to_owned(),
        method: ClientAuthMethod::ClientSecretPost,
    }
}

/// `Basic base64(form(id):form(secret))` (RFC 6749 §2.3.1); neither part may be empty.
pub(super) fn basic(header: &str) -> Option<Claim> {
    let (scheme, credentials) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(credentials).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    let form = |part: &str| -> Option<String> {
        let pair = Params::parse(format!("v={}", part.replace('&', "%26")).as_bytes()).ok()?;
        pair.get("v").map(str::to_owned)
    };
    Some(Claim {
        id: form(id)?,
        secret: form(secret)?,
        method: ClientAuthMethod::ClientSecretBasic,
    })
}

/// The client, if the secret is its own and the way is one that it may go.
pub(super) fn prove(app: &App, claim: &Claim, client: Option<Model>) -> Option<Model> {
    // Hashed whether or not there is a client, so that an unknown one takes as long.
    let digest = app
        .secrets
        .digest(SecretKind::ClientSecret, &claim.secret)?;
    client.filter(|client| may(client, claim.method) & knows(client, &digest, app))
}

/// Counts a secret that was wrong, where it came from. The right one is not counted and always works:
/// nobody guesses 256 bits, and nobody can lock a client out by trying.
pub(super) async fn refuse(app: &App, ip: Option<IpAddr>) -> Result<AuthenticationError, DbErr> {
    let ip = ip.map(|ip| ip.to_string());
    let by = (&app.secrets, &app.config.limits);
    let limited = (Limited::ClientSecretByAddress, ip.as_deref());
    let taken = limits::take_from(&app.db, by, limited, app.clock.now()).await?;
    Ok(match taken {
        Ok(()) => AuthenticationError::Refused,
        Err(often) => AuthenticationError::TooOften(often),
    })
}

fn may(client: &Model, used: ClientAuthMethod) -> bool {
    use ClientAuthMethod::{ClientSecretBasic, ClientSecretPost};
    let registered = client.token_endpoint_auth_method;
    // Libraries disagree about which of the two is the default, so either will do unless the
    // client was registered as strict. A client that has a key has nothing to do with secrets.
    let fits = match registered {
        ClientSecretBasic | ClientSecretPost => registered == used || !client.strict_auth_method,
        _ => false,
    };
    fits && !client.demands().key_authentication
}

fn knows(client: &Model, digest: &Digest, app: &App) -> bool {
    let is = |own: &Option<Digest>| own.as_ref().is_some_and(|own| Secrets::same(own, digest));
    is(&client.client_secret) | (is(&client.previous_secret) & previous_works(app, client))
}

fn previous_works(app: &App, client: &Model) -> bool {
    client
        .previous_secret_until
        .is_some_and(|until| until > app.clock.now())
}

/// Seals the secret of the client with this row id, for `sealed_secret`; `before` is what that column
/// held, where the secret before it still has to work for a while. Only for `client_secret_jwt`: of
/// all others a digest is enough.
pub fn sealed(app: &App, id: Uuid, secret: &SecretString, before: Option<&Sealed>) -> Sealed {
    let mut both = secret.expose_secret().to_owned();
    if let Some(before) = before.and_then(|before| opened(app, id, before)) {
        both.push(' ');
        both.push_str(before.split(' ').next().unwrap_or_default());
    }
    let both = SecretString::from(both);
    let (place, bytes) = (place(id), both.expose_secret().as_bytes());
    app.sealer.seal(Purpose::ClientSecret, &place, bytes)
}

/// The secrets of a client that work now.
pub(super) fn known(app: &App, client: &Model) -> Vec<SecretString> {
    let sealed = client.sealed_secret.as_ref();
    let opened = sealed.and_then(|sealed| opened(app, client.id, sealed));
    let most = if previous_works(app, client) { 2 } else { 1 };
    opened
        .iter()
        .flat_map(|opened| opened.split(' ').take(most))
        .map(SecretString::from)
        .collect()
}

fn opened(app: &App, id: Uuid, sealed: &Sealed) -> Option<String> {
    let opened = app.sealer.open(Purpose::ClientSecret, &place(id), sealed);
    String::from_utf8(opened.ok()?).ok()
}

/// Table, column and row, so that a sealed secret cannot be moved to another client.
fn place(id: Uuid) -> String {
    format!("client|sealed_secret|{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(id: &str, secret: &str) -> String {
        format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
    }

    #[test]
    fn basic_is_form_decoded_and_whole() {
        let read = basic(&header("a%3Ab", "s%2Bx+y")).unwrap();
        assert_eq!((read.id.as_str(), read.secret.as_str()), ("a:b", "s+x y"));
        assert!(basic(&header("id", "se=cr&et")).is_some_and(|read| read.secret == "se=cr&et"));
        assert!(basic(&header("id", "")).is_none());
        assert!(basic(&header("", "secret")).is_none());
        for bad in [
            "Basic",
            "Basic ",
            "Basic !!!",
            "Bearer abc",
            "Basic  aWQ6c2VjcmV0",
        ] {
            assert!(basic(bad).is_none(), "{bad}");
        }
    }
}
