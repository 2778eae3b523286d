//! Sectors: whose redirect URIs share the names of people (OpenID Connect Core §8.1).

use entity::client::Model;
use url::Url;

use super::wanted::{NewClient, RegisterError};
use crate::{app::App, oauth::redirect_uri};

/// The host that names the sector: of the sector identifier if there is one, else the one host of all
/// redirect URIs. None where they are on several, or on none.
pub fn host(sector_identifier_uri: Option<&str>, redirect_uris: &[String]) -> Option<String> {
    let of = |uri: &str| Url::parse(uri).ok()?.host_str().map(str::to_owned);
    if let Some(uri) = sector_identifier_uri {
        return of(uri);
    }
    let (first, others) = redirect_uris.split_first()?;
    let host = of(first)?;
    let same = |uri: &String| of(uri).as_ref() == Some(&host);
    others.iter().all(same).then_some(host)
}

/// The sector of a registered client.
pub fn of(client: &Model) -> Option<String> {
    host(
        client.metadata.sector_identifier_uri.as_deref(),
        &client.redirect_uris.0,
    )
}

/// Sees whether the sector vouches for every redirect URI (OpenID Connect Dynamic Client
/// Registration §5). Asked again only where something of it changes.
pub(super) async fn check(
    app: &App,
    wanted: &NewClient,
    before: Option<&Model>,
) -> Result<(), RegisterError> {
    let Some(uri) = wanted.metadata.sector_identifier_uri.as_deref() else {
        return Ok(());
    };
    let known = before.is_some_and(|before| {
        before.metadata.sector_identifier_uri.as_deref() == Some(uri)
            && before.redirect_uris.0 == wanted.redirect_uris
    });
    if known {
        return Ok(());
    }
    let refuse = |why: String| RegisterError::member("sector_identifier_uri", why);
    let answer = app.fetch.get_named(uri).await;
    let listed: Vec<String> = answer.and_then(|answer| answer.read()).map_err(|error| {
        // Why is for the log: it would tell strangers which names there are in our network.
        tracing::debug!(%error, "a sector identifier could not be read");
        refuse("cannot be read as a list of redirect URIs".to_owned())
    })?;
    match wanted
        .redirect_uris
        .iter()
        .find(|own| !listed.contains(own))
    {
        Some(own) => Err(refuse(format!(
            "does not list {}",
            redirect_uri::shown_host(own)
        ))),
        None => Ok(()),
    }
}
