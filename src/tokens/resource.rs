//! What tokens are for: the resources that this server knows, and which of them one answer may be
//! for (RFC 8707).

use entity::client;
use sea_orm::{ConnectionTrait, DbErr};

use crate::{
    app::App,
    oauth::{error::OauthError, resource},
};

/// The resources that an authorization request or a client for itself asks for (§2.1), all of them
/// known here; none if it names none.
pub async fn asked<'a>(
    app: &App,
    sent: impl IntoIterator<Item = &'a str>,
) -> Result<Result<Vec<String>, OauthError>, DbErr> {
    let resources = match resource::read(sent) {
        Ok(resources) => resources,
        Err(error) => return Ok(Err(error)),
    };
    for one in &resources {
        if !is_known(app, &app.db.read, one).await? {
            return Ok(Err(unknown()));
        }
    }
    Ok(Ok(resources))
}

/// The resources of one token answer: those that a token request names, which must be among the
/// `granted` ones, or else all of these (§2.2). They must still be known: what the operator took
/// away gets no more tokens.
pub async fn of_answer<'a>(
    app: &App,
    db: &impl ConnectionTrait,
    granted: &[String],
    sent: impl IntoIterator<Item = &'a String>,
) -> Result<Result<Vec<String>, OauthError>, DbErr> {
    let named = match resource::read(sent.into_iter().map(String::as_str)) {
        Ok(named) => named,
        Err(error) => return Ok(Err(error)),
    };
    // A grant that names no resource is for the default audience and for nothing else.
    let default = [app.config.default_audience().to_owned()];
    let within = match granted {
        [] => default.as_slice(),
        some => some,
    };
    if named.iter().any(|one| !within.contains(one)) {
        return Ok(Err(OauthError::invalid_target(
            "the resource is not among those that were granted",
        )));
    }
    let chosen = match named.is_empty() {
        true => granted.to_vec(),
        false => named,
    };
    for one in &chosen {
        if !is_known(app, db, one).await? {
            return Ok(Err(unknown()));
        }
    }
    Ok(Ok(chosen))
}

/// Whether that is our own name, or the one for which tokens are that name nothing.
pub fn is_ours(app: &App, name: &str) -> bool {
    [app.config.default_audience(), &app.config.server.issuer].contains(&name)
}

/// Those of `resources` about which a person has to be asked: a token is for us in any case.
pub fn of_others(app: &App, resources: &[String]) -> Vec<String> {
    let others = resources.iter().filter(|name| !is_ours(app, name));
    others.cloned().collect()
}

/// Whether this server knows a resource of that name.
pub async fn is_known(app: &App, db: &impl ConnectionTrait, name: &str) -> Result<bool, DbErr> {
    let set = &app.config.tokens.resources;
    if is_ours(app, name) || set.iter().any(|known| known == name) {
        return Ok(true);
    }
    client::answers_for(db, name).await
}

fn unknown() -> OauthError {
    OauthError::invalid_target("there is no such resource here")
}
