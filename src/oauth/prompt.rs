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
    /// Let the person make a new account (Initiating User Registration via OpenID Connect §4).
    #[serde(default)]
    pub create: bool,
}

impl Prompt {
    /// The values that discovery announces.
    pub const SUPPORTED: [&str; 5] = ["none", "login", "consent", "select_account", "create"];

    /// Those that an installation announces: `create` only where people may make accounts.
    pub fn supported(sign_up: bool) -> impl Iterator<Item = &'static str> {
        let on = move |word: &&str| sign_up || *word != "create";
        Self::SUPPORTED.into_iter().filter(on)
    }

    /// Reads a space-delimited list; `none` goes with nothing else.
    pub fn parse(text: &str) -> Result<Self, OauthError> {
        let mut prompt = Self::default();
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            match word {
                "none" => prompt.none = true,
                "login" => prompt.login = true,
                "consent" => prompt.consent = true,
                "select_account" => prompt.select_account = true,
                "create" => prompt.create = true,
                _ => return Err(OauthError::invalid_request("prompt has an unknown value")),
            }
        }
        let page = prompt.login || prompt.consent || prompt.select_account || prompt.create;
        if prompt.none && page {
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
        for bad in ["none login", "none create", "Login", "register"] {
            assert!(Prompt::parse(bad).is_err(), "{bad}");
        }
    }
}
