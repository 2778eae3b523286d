//! `response_type` and `response_mode`: what an authorization request is answered with, and how
//! (OAuth 2.0 Multiple Response Type Encoding Practices).

use std::collections::BTreeSet;

use sea_orm::{EnumIter, FromJsonQueryResult, Iterable};
use serde::{Deserialize, Serialize};

/// `response_type`: a set of words, whatever their order on the wire (§3, §5).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, Serialize, Deserialize, poem_openapi::Enum,
)]
pub enum ResponseType {
    /// RFC 6749 §4.1.1.
    #[serde(rename = "code")]
    #[oai(rename = "code")]
    Code,
    /// OpenID Connect Core §3.2.
    #[serde(rename = "id_token")]
    #[oai(rename = "id_token")]
    IdToken,
    /// OpenID Connect Core §3.2.
    #[serde(rename = "id_token token")]
    #[oai(rename = "id_token token")]
    IdTokenToken,
    /// OpenID Connect Core §3.3.
    #[serde(rename = "code id_token")]
    #[oai(rename = "code id_token")]
    CodeIdToken,
    /// OpenID Connect Core §3.3.
    #[serde(rename = "code token")]
    #[oai(rename = "code token")]
    CodeToken,
    /// OpenID Connect Core §3.3.
    #[serde(rename = "code id_token token")]
    #[oai(rename = "code id_token token")]
    CodeIdTokenToken,
}

impl ResponseType {
    /// The name on the wire, its words in the order of the specification.
    pub fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::IdToken => "id_token",
            Self::IdTokenToken => "id_token token",
            Self::CodeIdToken => "code id_token",
            Self::CodeToken => "code token",
            Self::CodeIdTokenToken => "code id_token token",
        }
    }

    /// By its words, each once, in any order.
    pub fn named(text: &str) -> Option<Self> {
        let words =
            |text: &str| -> BTreeSet<String> { text.split(' ').map(str::to_owned).collect() };
        let asked = words(text);
        let each_once = asked.len() == text.split(' ').count();
        Self::iter().find(|known| each_once && words(known.name()) == asked)
    }

    /// Whether the answer holds a code.
    pub fn has_code(self) -> bool {
        self.has("code")
    }

    /// Whether the authorization endpoint answers with an ID token.
    pub fn has_id_token(self) -> bool {
        self.has("id_token")
    }

    /// Whether the authorization endpoint answers with an access token.
    pub fn has_token(self) -> bool {
        self.has("token")
    }

    /// Where the answer goes unless the request says otherwise: never into a query if it holds a
    /// token (§5).
    pub fn default_mode(self) -> ResponseMode {
        match self {
            Self::Code => ResponseMode::Query,
            _ => ResponseMode::Fragment,
        }
    }

    fn has(self, word: &str) -> bool {
        self.name().split(' ').any(|own| own == word)
    }
}

/// `response_mode` (§2.1; OAuth 2.0 Form Post Response Mode).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, Serialize, Deserialize, poem_openapi::Enum,
)]
#[serde(rename_all = "snake_case")]
#[oai(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In the query of the redirect URI.
    Query,
    /// In its fragment, which the browser keeps to itself.
    Fragment,
    /// By a form that the browser posts to it.
    FormPost,
}

impl ResponseMode {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::FormPost => "form_post",
        }
    }

    /// By its name on the wire.
    pub fn named(name: &str) -> Option<Self> {
        Self::iter().find(|mode| mode.name() == name)
    }
}

/// The response types that a client registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct ResponseTypes(pub Vec<ResponseType>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_type_is_a_set_of_words() {
        let hybrid = Some(ResponseType::CodeIdTokenToken);
        assert_eq!(ResponseType::named("token code id_token"), hybrid);
        assert_eq!(
            ResponseType::named("token id_token"),
            Some(ResponseType::IdTokenToken)
        );
        for bad in [
            "",
            "token",
            "code code",
            "code  token",
            "Code",
            "none",
            "code none",
        ] {
            assert_eq!(ResponseType::named(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn only_a_lone_code_goes_into_a_query() {
        for kind in ResponseType::iter() {
            let query = kind.default_mode() == ResponseMode::Query;
            assert_eq!(
                query,
                !kind.has_id_token() && !kind.has_token(),
                "{}",
                kind.name()
            );
        }
    }
}
