//! Accounts: people with an e-mail address and a password, from the first day to the last. Knows
//! no page and no HTTP.

pub mod activity;
pub mod change_email;
pub mod choose;
pub mod claims;
pub mod email;
pub mod export;
pub(crate) mod guard;
pub mod login;
pub(crate) mod mailed;
pub mod moving;
pub mod newcomer;
pub mod operate;
pub mod password;
pub mod profile;
pub mod recover;
pub mod register;
pub mod removal;
pub mod verify;

use entity::{
    db::{self, Conflict},
    value::is_showable,
};
use sea_orm::DbErr;
use uuid::Uuid;

use self::choose::{Guessable, LEAKED};
use crate::{crypto::password::Busy, limits::TooOften};

/// What is wrong with a form about an account; each becomes a sentence on the page.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    #[error("the address is not one that mail can be sent to")]
    BadEmail,
    #[error("the address belongs to an account")]
    EmailTaken,
    #[error("the name is longer than 200 characters or holds characters that cannot be shown")]
    BadName,
    #[error("the picture is not the address of a page: https or http, without a user's name")]
    BadPicture,
    #[error("the password has fewer than 8 characters")]
    PasswordTooShort,
    #[error("the password is longer than 1024 bytes")]
    PasswordTooLong,
    #[error("{0}")]
    PasswordGuessable(Guessable),
    #[error("{LEAKED}")]
    PasswordLeaked,
    /// One answer for an unknown address, a wrong password and a disabled account.
    #[error("the address or the password is wrong")]
    NotRecognised,
    /// The password is right, but this account is to be removed because its owner said so.
    #[error("the account is about to be removed")]
    Leaving(Uuid),
    /// The password of this user is right, and their address has to be proven before they are let in.
    #[error("the address is not proven yet")]
    NotProven(Uuid),
    /// The operator has closed it.
    #[error("nobody makes an account by themselves here")]
    SignUpClosed,
    /// It was done too often, by this person or from this address; the same for somebody unknown.
    #[error("too many attempts")]
    TooOften(TooOften),
    #[error(transparent)]
    Busy(#[from] Busy),
    #[error(transparent)]
    Unexpected(#[from] anyhow::Error),
}

impl From<DbErr> for AccountError {
    fn from(error: DbErr) -> Self {
        Self::Unexpected(error.into())
    }
}

impl Conflict for AccountError {
    fn is_conflict(&self) -> bool {
        let Self::Unexpected(error) = self else {
            return false;
        };
        error.downcast_ref().is_some_and(db::is_conflict)
    }
}

/// A name as it may be kept: without surrounding space, none if nothing is left.
pub(crate) fn name(typed: &str) -> Result<Option<String>, AccountError> {
    let name = typed.trim();
    if !is_showable(name, 200) {
        return Err(AccountError::BadName);
    }
    Ok((!name.is_empty()).then(|| name.to_owned()))
}
