//! Choosing a password: the one way by which sign-up, change, reset and the command line set one.
//! It has a length, it is not one that guessers try early, and it did not leak.

mod guessable;
mod judge;

pub use guessable::Guessable;

use super::AccountError;
use crate::{
    app::App,
    crypto::{
        password::{Password, PasswordLength},
        sha1,
    },
};

/// What is said of a password that the filter knows.
pub const LEAKED: &str = "This password appeared in a leak of passwords; whoever has the leak tries \
    it. Use one that you have used nowhere else, and change it wherever you did use it.";

/// A password of a length that can be set; whether it may be is for [`choose`] to say.
pub fn of_length(typed: &str) -> Result<Password, AccountError> {
    Password::new(typed).map_err(|length| match length {
        PasswordLength::TooShort => AccountError::PasswordTooShort,
        PasswordLength::TooLong => AccountError::PasswordTooLong,
    })
}

/// A password that may be set. `about` are words that are about the person, such as the address and
/// the name. Waits for a thread as hashing does, because the estimate keeps a core busy, and looking
/// into the filter a disk.
pub async fn choose(app: &App, typed: &str, about: &[&str]) -> Result<Password, AccountError> {
    let password = of_length(typed)?;
    let words = judge::words(about, &app.config.server.issuer);
    let own = app.clone();
    let judged = move || match judge::judge(password.expose(), &words) {
        Some(why) => Err(AccountError::PasswordGuessable(why)),
        None if has_leaked(&own, &password) => Err(AccountError::PasswordLeaked),
        None => Ok(password),
    };
    app.passwords.estimate(judged).await?
}

/// Whether the filter knows the password. A disk that fails keeps nobody from changing theirs.
fn has_leaked(app: &App, password: &Password) -> bool {
    let Some(filter) = &app.breached else {
        return false;
    };
    let found = filter.contains(&sha1(password.expose().as_bytes()));
    found.unwrap_or_else(|error| {
        tracing::error!(%error, "the filter of leaked passwords could not be read");
        false
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_has_a_length_in_bytes_after_nfc() {
        for (typed, fits) in [
            (String::new(), false),
            ("x".repeat(7), false),
            ("x".repeat(8), true),
            ("x".repeat(1024), true),
            ("x".repeat(1025), false),
            // Composed, each is two bytes of UTF-8; decomposed, three.
            ("\u{e4}".repeat(4), true),
            ("a\u{308}".repeat(512), true),
            ("a\u{308}".repeat(513), false),
            ("a\u{308}".repeat(3), false),
        ] {
            assert_eq!(of_length(&typed).is_ok(), fits, "{} bytes", typed.len());
        }
        assert!(matches!(
            of_length("short"),
            Err(AccountError::PasswordTooShort)
        ));
        let long = "x".repeat(1025);
        assert!(matches!(
            of_length(&long),
            Err(AccountError::PasswordTooLong)
        ));
    }
}
