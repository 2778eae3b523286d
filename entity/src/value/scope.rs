//! `scope`: a set of case-sensitive words, order kept, no word twice (RFC 6749 §3.3).

use std::{fmt, str::FromStr};

use sea_orm::DeriveValueType;

/// A granted or requested scope. Empty means that nothing was granted, never "everything".
#[derive(Clone, Debug, Default, PartialEq, Eq, DeriveValueType)]
#[sea_orm(value_type = "String", column_type = "Text")]
pub struct Scope(Vec<String>);

/// Asks for an ID token (OpenID Connect Core §3.1.2.1).
pub const OPENID: &str = "openid";

/// Asks for a refresh token (OpenID Connect Core §11).
pub const OFFLINE_ACCESS: &str = "offline_access";

/// Opens the admin API, for clients that were registered for it.
pub const ADMIN: &str = "doorward:admin";

/// The words that every provider knows (OpenID Connect Core §5.4, §11).
pub const STANDARD_SCOPES: [&str; 6] = [
    OPENID,
    "profile",
    "email",
    "address",
    "phone",
    OFFLINE_ACCESS,
];

/// A scope that breaks the grammar of RFC 6749 §3.3, or is longer than we read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScopeError;

/// More words than any client has use for; a bound on what one request can make us do.
const MOST_WORDS: usize = 64;

impl Scope {
    /// The words in the order in which they came.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    pub fn contains(&self, word: &str) -> bool {
        self.0.iter().any(|own| own == word)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether every word of `self` is in `other`.
    pub fn is_within(&self, other: &Scope) -> bool {
        self.0.iter().all(|word| other.contains(word))
    }

    /// The words of `self` that `other` has too, in the order of `self`.
    pub fn intersection(&self, other: &Scope) -> Scope {
        Scope(
            self.0
                .iter()
                .filter(|word| other.contains(word))
                .cloned()
                .collect(),
        )
    }

    /// Both, the words of `self` first.
    pub fn union(&self, other: &Scope) -> Scope {
        let mut all = self.clone();
        all.0
            .extend(other.0.iter().filter(|word| !self.contains(word)).cloned());
        all
    }

    /// Without `word`.
    pub fn without(&self, word: &str) -> Scope {
        Scope(self.0.iter().filter(|own| *own != word).cloned().collect())
    }
}

impl FromStr for Scope {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        let mut words: Vec<String> = Vec::new();
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            // scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
            if !word
                .bytes()
                .all(|b| matches!(b, 0x21 | 0x23..=0x5B | 0x5D..=0x7E))
            {
                return Err(ScopeError);
            }
            if words.iter().any(|known| known == word) {
                continue;
            }
            if words.len() == MOST_WORDS {
                return Err(ScopeError);
            }
            words.push(word.to_owned());
        }
        Ok(Scope(words))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

impl fmt::Display for ScopeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a scope is words of printable ASCII without quotes or backslashes")
    }
}

impl std::error::Error for ScopeError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_order_and_drops_repeats() {
        let scope: Scope = "openid  email openid".parse().unwrap();
        assert_eq!(scope.to_string(), "openid email");
    }

    #[test]
    fn refuses_what_the_grammar_refuses() {
        for bad in ["open\"id", "a\\b", "é", "a\tb", "\u{7f}"] {
            assert_eq!(bad.parse::<Scope>(), Err(ScopeError), "{bad:?}");
        }
        let many: Vec<String> = (0..65).map(|n| format!("s{n}")).collect();
        assert_eq!(many.join(" ").parse::<Scope>(), Err(ScopeError));
    }

    #[test]
    fn nothing_is_within_anything_and_not_the_other_way_round() {
        let none = Scope::default();
        let some: Scope = "a b".parse().unwrap();
        assert!(none.is_within(&some) && !some.is_within(&none));
        assert_eq!(some.intersection(&"b c".parse().unwrap()).to_string(), "b");
    }
}
