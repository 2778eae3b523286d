//! What becomes a problem: the errors of the rooms, each with its code.

use entity::db::is_away;
use sea_orm::DbErr;

use super::{Code, Problem};
use crate::{
    accounts::{AccountError, choose::LEAKED},
    crypto::password::Busy,
    limits::TooOften,
};

impl From<anyhow::Error> for Problem {
    fn from(error: anyhow::Error) -> Self {
        let code = match error.downcast_ref().is_some_and(is_away) {
            true => Code::ServiceUnavailable,
            false => Code::InternalServerError,
        };
        Self {
            cause: Some(error),
            ..code.into()
        }
    }
}

impl From<DbErr> for Problem {
    fn from(error: DbErr) -> Self {
        anyhow::Error::from(error).into()
    }
}

impl From<TooOften> for Problem {
    fn from(often: TooOften) -> Self {
        Self {
            retry_after: Some(often.retry_after),
            ..Code::TooManyRequests.into()
        }
    }
}

impl From<Busy> for Problem {
    fn from(_: Busy) -> Self {
        Code::ServiceUnavailable.into()
    }
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::BadEmail => Code::InvalidEmail.into(),
            AccountError::EmailTaken => Code::UserAlreadyExistsUseAnotherEmail.into(),
            AccountError::BadName => {
                Self::new(Code::ValidationError, format!("[body.name] {error}"))
            }
            AccountError::BadPicture => {
                Self::new(Code::ValidationError, format!("[body.image] {error}"))
            }
            AccountError::PasswordTooShort => Code::PasswordTooShort.into(),
            AccountError::PasswordTooLong => Code::PasswordTooLong.into(),
            AccountError::PasswordGuessable(why) => {
                Self::new(Code::PasswordTooGuessable, why.sentence())
            }
            AccountError::PasswordLeaked => Self::new(Code::PasswordCompromised, LEAKED),
            // There is no page here that could offer to keep it.
            AccountError::NotRecognised | AccountError::Leaving(_) => {
                Code::InvalidEmailOrPassword.into()
            }
            AccountError::NotProven(_) => Code::EmailNotVerified.into(),
            AccountError::SignUpClosed => Code::EmailPasswordSignUpDisabled.into(),
            AccountError::TooOften(often) => often.into(),
            AccountError::Busy(busy) => busy.into(),
            AccountError::Unexpected(error) => error.into(),
        }
    }
}
