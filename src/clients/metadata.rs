//! What a client may be: the rules that every intake passes, whoever hands the client in (RFC 7591
//! §2, OpenID Connect Dynamic Client Registration §2).

mod proof;
mod protocol;
mod uris;

use entity::value::is_showable;

use super::wanted::{NewClient, RegisterError};
use crate::app::App;

/// One rule.
type Rule = fn(&App, &NewClient) -> Result<(), RegisterError>;

/// All of them, in order.
const RULES: [Rule; 15] = [
    name,
    uris::redirect_uris,
    uris::origins,
    uris::links,
    protocol::response_types,
    protocol::grant_types,
    protocol::subject_type,
    proof::method,
    proof::keys,
    proof::certificate,
    protocol::algorithms,
    protocol::switched_on,
    uris::logout,
    uris::others,
    texts,
];

/// Sees whether a client may be what it is to be.
pub fn check(app: &App, wanted: &NewClient) -> Result<(), RegisterError> {
    RULES.iter().try_for_each(|rule| rule(app, wanted))
}

fn name(_: &App, wanted: &NewClient) -> Result<(), RegisterError> {
    match wanted.name.trim().is_empty() || !is_showable(wanted.name.trim(), 100) {
        true => Err(RegisterError::Name),
        false => Ok(()),
    }
}

/// The longest text that is kept, in characters, and the most in one list.
const LONGEST: usize = 255;
const MOST: usize = 20;

/// What is kept to be read by people and programs, and means nothing here.
fn texts(_: &App, wanted: &NewClient) -> Result<(), RegisterError> {
    let kept = &wanted.metadata;
    let lists = [
        ("contacts", &kept.contacts),
        ("default_acr_values", &kept.default_acr_values),
    ];
    for (member, list) in lists {
        let list = list.as_deref().unwrap_or_default();
        let fits = |text: &String| !text.is_empty() && is_showable(text, LONGEST);
        if list.len() > MOST || !list.iter().all(fits) {
            let why = "must be at most 20 texts of at most 255 characters that can be shown";
            return Err(RegisterError::member(member, why));
        }
    }
    for (member, text) in [
        ("software_id", &kept.software_id),
        ("software_version", &kept.software_version),
    ] {
        if text
            .as_ref()
            .is_some_and(|text| !is_showable(text, LONGEST))
        {
            let why = "must be at most 255 characters that can be shown";
            return Err(RegisterError::member(member, why));
        }
    }
    Ok(())
}
