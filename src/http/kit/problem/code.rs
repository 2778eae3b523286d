//! The words for what can be wrong: for programs a code, for people a sentence. Better Auth clients know
//! both, so where they have words for it those are used.

use poem::http::StatusCode;
use poem_openapi::{Enum, types::ToJSON};

/// What is wrong, in one word for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename = "ProblemCode", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Code {
    // The body.
    BadRequest,
    ValidationError,
    PayloadTooLarge,
    UnsupportedMediaType,
    // Where the request came from, and where it wants to go on to.
    MissingOrNullOrigin,
    InvalidOrigin,
    CrossSiteNavigationLoginBlocked,
    InvalidCallbackUrl,
    InvalidRedirectUrl,
    InvalidErrorCallbackUrl,
    InvalidNewUserCallbackUrl,
    // Who is signed in.
    Unauthorized,
    SessionNotFresh,
    SessionExpired,
    MethodNotAllowedDeferSessionRequired,
    FailedToGetUserInfo,
    // The account.
    InvalidEmailOrPassword,
    EmailNotVerified,
    EmailPasswordSignUpDisabled,
    InvalidEmail,
    UserAlreadyExistsUseAnotherEmail,
    PasswordTooShort,
    PasswordTooLong,
    PasswordTooGuessable,
    PasswordCompromised,
    InvalidPassword,
    CredentialAccountNotFound,
    EmailCanNotBeUpdated,
    EmailIsTheSame,
    EmailMismatch,
    EmailAlreadyVerified,
    NoFieldsToUpdate,
    // Accounts elsewhere.
    ProviderNotFound,
    IdTokenNotSupported,
    LinkingNotAllowed,
    SignInNotAllowed,
    AccountNotFound,
    FailedToUnlinkLastAccount,
    ProviderNotSupported,
    FailedToGetAccessToken,
    // The access token.
    InvalidRequest,
    InvalidToken,
    InsufficientScope,
    NotAdministrator,
    // The server.
    NotFound,
    MethodNotAllowed,
    TooManyRequests,
    ServiceUnavailable,
    InternalServerError,
}

impl Code {
    /// The code on the wire.
    pub fn name(self) -> String {
        let json = self.to_json();
        json.as_ref()
            .and_then(|json| json.as_str())
            .unwrap_or_default()
            .to_owned()
    }

    pub fn status(self) -> StatusCode {
        match self {
            Self::Unauthorized
            | Self::InvalidEmailOrPassword
            | Self::LinkingNotAllowed
            | Self::InvalidToken => StatusCode::UNAUTHORIZED,
            Self::MissingOrNullOrigin
            | Self::InvalidOrigin
            | Self::CrossSiteNavigationLoginBlocked
            | Self::InvalidCallbackUrl
            | Self::InvalidRedirectUrl
            | Self::InvalidErrorCallbackUrl
            | Self::InvalidNewUserCallbackUrl
            | Self::EmailNotVerified
            | Self::SessionNotFresh
            | Self::SignInNotAllowed
            | Self::InsufficientScope
            | Self::NotAdministrator => StatusCode::FORBIDDEN,
            Self::NotFound
            | Self::FailedToGetUserInfo
            | Self::ProviderNotFound
            | Self::IdTokenNotSupported => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed | Self::MethodNotAllowedDeferSessionRequired => {
                StatusCode::METHOD_NOT_ALLOWED
            }
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::UserAlreadyExistsUseAnotherEmail => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Self::ServiceUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::InternalServerError => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// A sentence for people, always the same for one code.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::BadRequest => "The body is not JSON",
            Self::ValidationError => "The body does not hold what it should",
            Self::PayloadTooLarge => "The body is longer than 64 KiB",
            Self::UnsupportedMediaType => "The body is not of a type that is read here",
            Self::MissingOrNullOrigin => "Missing or null Origin",
            Self::InvalidOrigin => "Invalid origin",
            Self::CrossSiteNavigationLoginBlocked => {
                "Cross-site navigation login blocked: another site may not sign people in by a form"
            }
            Self::InvalidCallbackUrl => "Invalid callbackURL",
            Self::InvalidRedirectUrl => "Invalid redirectURL",
            Self::InvalidErrorCallbackUrl => "Invalid errorCallbackURL",
            Self::InvalidNewUserCallbackUrl => "Invalid newUserCallbackURL",
            Self::Unauthorized => "Unauthorized",
            Self::InvalidEmailOrPassword => "Invalid email or password",
            Self::EmailNotVerified => "Email not verified",
            Self::EmailPasswordSignUpDisabled => "Email and password sign up is not enabled",
            Self::InvalidEmail => "Invalid email",
            Self::UserAlreadyExistsUseAnotherEmail => "User already exists. Use another email.",
            Self::PasswordTooShort => "Password too short",
            Self::PasswordTooLong => "Password too long",
            Self::PasswordTooGuessable => "Password too easy to guess",
            Self::PasswordCompromised => "Password in a known leak",
            Self::InvalidPassword => "Invalid password",
            Self::CredentialAccountNotFound => "Credential account not found",
            Self::EmailCanNotBeUpdated => "Email can not be updated",
            Self::EmailIsTheSame => "Email is the same",
            Self::EmailMismatch => "Email mismatch",
            Self::EmailAlreadyVerified => "Email is already verified",
            Self::SessionNotFresh => "Session is not fresh",
            Self::SessionExpired => "Session expired. Re-authenticate to perform this action.",
            Self::MethodNotAllowedDeferSessionRequired => {
                "POST method requires deferSessionRefresh to be enabled in session config"
            }
            Self::FailedToGetUserInfo => "Failed to get user info",
            Self::NoFieldsToUpdate => "No fields to update",
            Self::ProviderNotFound => "Provider not found",
            Self::IdTokenNotSupported => "id_token not supported",
            Self::LinkingNotAllowed => "Linking not allowed",
            Self::SignInNotAllowed => "The provider can be linked, and not be used to sign in",
            Self::AccountNotFound => "Account not found",
            Self::FailedToUnlinkLastAccount => "You can't unlink your last account",
            Self::ProviderNotSupported => "Provider not supported",
            Self::FailedToGetAccessToken => "Failed to get a valid access token",
            Self::InvalidRequest => "The request is not well formed",
            Self::InvalidToken => "The token is missing, or not one that is good here",
            Self::InsufficientScope => "The access token lacks a scope",
            Self::NotAdministrator => "The person is not an administrator",
            Self::NotFound => "There is no such endpoint",
            Self::MethodNotAllowed => "The endpoint does not take this method",
            Self::TooManyRequests => "Too many requests. Please try again later.",
            Self::ServiceUnavailable => {
                "Too many people are signing in; try again in a few seconds"
            }
            Self::InternalServerError => "Something went wrong here",
        }
    }
}
