//! Subjects: by which name a client knows a person (OpenID Connect Core §8).

use entity::{client, user, value::SubjectType};

use crate::{app::App, clients::sector};

/// The `sub` of `user` for `client`: the same to all, or another name in each sector, so that clients
/// of different sectors cannot tell that they know the same person (§8.1).
pub fn subject(app: &App, client: &client::Model, user: &user::Model) -> String {
    within(app, sector(client).as_deref(), user)
}

/// The `sub` of `user` in a sector; everywhere, if none is named.
pub fn within(app: &App, sector: Option<&str>, user: &user::Model) -> String {
    match sector {
        None => user.subject.clone(),
        Some(sector) => app.secrets.pairwise(sector, &user.subject),
    }
}

/// The sector whose names `client` is told; none if it is told the same as all others.
pub fn sector(client: &client::Model) -> Option<String> {
    match client.subject_type {
        SubjectType::Public => None,
        // A client that came to have several hosts is a sector of its own.
        SubjectType::Pairwise => {
            Some(sector::of(client).unwrap_or_else(|| client.client_id.clone()))
        }
    }
}
