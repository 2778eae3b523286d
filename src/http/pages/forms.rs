//! What form pages share: the errors over a form, and the values that were typed.

use poem::http::StatusCode;
use serde::Serialize;

use crate::{
    accounts::{AccountError, choose::LEAKED},
    http::kit::page_error::PageError,
};

/// What is wrong with one field; a field of "" is the form as a whole.
#[derive(Clone, Debug, Serialize)]
pub struct FieldError {
    /// The id of the input.
    pub field: &'static str,
    pub message: &'static str,
}

/// The status of a page whose form was not taken (RFC 9110 §15.5.21).
pub const NOT_TAKEN: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// The sentence for an error of an account form, beside the field that it is about. `password` is
/// the id of the field for a new password.
pub fn sentence(error: AccountError, password: &'static str) -> Result<FieldError, PageError> {
    let at = |field, message| Ok(FieldError { field, message });
    match error {
        AccountError::BadEmail => at("email", "Enter an e-mail address, like name@example.com."),
        AccountError::EmailTaken => at(
            "email",
            "An account with this address exists. Sign in instead, or use another address.",
        ),
        AccountError::BadName => at(
            "name",
            "Enter a name of at most 200 characters, without control characters.",
        ),
        AccountError::BadPicture => at("picture", "Enter the address of a picture."),
        AccountError::PasswordTooShort => at(password, "Use at least 8 characters."),
        AccountError::PasswordTooLong => at(password, "Use at most 1024 bytes."),
        AccountError::PasswordGuessable(why) => at(password, why.sentence()),
        AccountError::PasswordLeaked => at(password, LEAKED),
        AccountError::NotRecognised | AccountError::Leaving(_) => {
            at("", "The e-mail address or the password is wrong.")
        }
        AccountError::NotProven(_) => at("", "Confirm your e-mail address before you sign in."),
        AccountError::SignUpClosed => at("", "Nobody can create an account here by themselves."),
        AccountError::TooOften(often) => Err(PageError::TooOften(often.retry_after)),
        AccountError::Busy(_) => Err(PageError::Busy),
        AccountError::Unexpected(error) => Err(PageError::Unexpected(error)),
    }
}
