//! Scopes in words, as the pages show them that ask a person to allow something.

use entity::value::Scope;
use serde::Serialize;

use crate::tokens::claims::{CLAIMS, SCOPES};

/// One scope, in words.
#[derive(Debug, Serialize)]
pub struct Wanted {
    name: String,
    title: String,
    details: Vec<&'static str>,
    /// The person allowed this client something before, but not this.
    new: bool,
}

/// What is wanted, beside what was allowed before.
pub fn wanted(scope: &Scope, before: Option<&Scope>) -> Vec<Wanted> {
    let one = |word: &str| {
        let claims = CLAIMS.iter().filter(|claim| claim.scope == word);
        Wanted {
            name: word.to_owned(),
            title: title(word),
            details: claims.map(|claim| claim.label).collect(),
            new: before.is_some_and(|before| !before.contains(word)),
        }
    };
    scope.words().map(one).collect()
}

/// A scope in words: ours from the table of scopes, a client's own by its name.
pub fn title(scope: &str) -> String {
    let known = SCOPES.iter().find(|known| known.name == scope);
    known.map_or_else(|| scope.to_owned(), |known| known.title.to_owned())
}
