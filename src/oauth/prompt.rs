//! `prompt` (OpenID Connect Core §3.1.2.1): what the relying party wants the person to be asked.

use serde::{Deserialize, Serialize};

use super::error::OauthError;

/// The set of prompts in one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// No page may be shown.
    pub none: bool,
    /// Authenticate again.
    pub login: bool,
    /// Ask for consent again.
    pub consent: bool,
    /// Let the person choose the account.
    pub select_account: bool,
}

impl Prompt {
    /// The values that discovery announces.
    pub const SUPPORTED: [&str; 4] = ["none", "login", "consent", "select_account"];

    /// Reads a space-delimited list; `none` goes with nothing else.
    pub fn parse(text: &str) -> Result<Self, OauthError> {
        let mut prompt = Self::default();
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            match word {
                "none" => prompt.none = true,
                "login" => prompt.login = true,
                "consent" => prompt.consent = true,
                "select_account" => prompt.select_account = true,
                _ => return Err(OauthError::invalid_request("prompt has an unknown value")),
            }
        }
        if prompt.none && (prompt.login || prompt.consent || prompt.select_account) {
            return Err(OauthError::invalid_request(
                "prompt=none goes with no other prompt",
            ));
        }
        Ok(prompt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_stands_alone_and_words_are_known() {
        assert!(Prompt::parse("login consent").is_ok_and(|p| p.login && p.consent && !p.none));
        assert!(Prompt::parse("none").is_ok_and(|p| p.none));
        for bad in ["none login", "Login", "create"] {
            assert!(Prompt::parse(bad).is_err(), "{bad}");
        }
    }
}
