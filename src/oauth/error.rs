//! The error answer of OAuth 2.x and OpenID Connect: a code from the registry and a description
//! that is always fit to be sent.

use serde::Serialize;

/// Error codes, by the specification that defines them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, poem_openapi::Enum)]
#[serde(rename_all = "snake_case")]
#[oai(rename_all = "snake_case")]
pub enum ErrorCode {
    // RFC 6749 §4.1.2.1 and §5.2
    InvalidRequest,
    InvalidClient,
    InvalidGrant,
    UnauthorizedClient,
    UnsupportedGrantType,
    UnsupportedResponseType,
    InvalidScope,
    AccessDenied,
    ServerError,
    TemporarilyUnavailable,
    // RFC 6750 §3.1
    InvalidToken,
    InsufficientScope,
    // OpenID Connect Core §3.1.2.6
    LoginRequired,
    ConsentRequired,
    InteractionRequired,
    AccountSelectionRequired,
    RequestNotSupported,
    RequestUriNotSupported,
    InvalidRequestUri,
    InvalidRequestObject,
    RegistrationNotSupported,
    // OpenID Connect Core Unmet Authentication Requirements
    UnmetAuthenticationRequirements,
    // RFC 8707 §2
    InvalidTarget,
    // RFC 9449 §5, §8
    InvalidDpopProof,
    UseDpopNonce,
    // RFC 8628 §3.5
    AuthorizationPending,
    SlowDown,
    ExpiredToken,
    // RFC 7591 §3.2.2
    InvalidRedirectUri,
    InvalidClientMetadata,
}

impl ErrorCode {
    /// The code on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::AccessDenied => "access_denied",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
            Self::LoginRequired => "login_required",
            Self::ConsentRequired => "consent_required",
            Self::InteractionRequired => "interaction_required",
            Self::AccountSelectionRequired => "account_selection_required",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::InvalidRequestUri => "invalid_request_uri",
            Self::InvalidRequestObject => "invalid_request_object",
            Self::RegistrationNotSupported => "registration_not_supported",
            Self::UnmetAuthenticationRequirements => "unmet_authentication_requirements",
            Self::InvalidTarget => "invalid_target",
            Self::InvalidDpopProof => "invalid_dpop_proof",
            Self::UseDpopNonce => "use_dpop_nonce",
            Self::AuthorizationPending => "authorization_pending",
            Self::SlowDown => "slow_down",
            Self::ExpiredToken => "expired_token",
            Self::InvalidRedirectUri => "invalid_redirect_uri",
            Self::InvalidClientMetadata => "invalid_client_metadata",
        }
    }
}

/// An error to be told to a client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {description}", code.name())]
pub struct OauthError {
    pub code: ErrorCode,
    description: String,
}

impl OauthError {
    /// The one place where descriptions are made. RFC 6749 §5.2 allows %x20-21 / %x23-5B /
    /// %x5D-7E; whatever else slips in becomes an apostrophe or a question mark.
    pub fn new(code: ErrorCode, description: impl AsRef<str>) -> Self {
        let fit = |c: char| match c {
            '"' => '\'',
            ' '..='[' | ']'..='~' => c,
            _ => '?',
        };
        Self {
            code,
            description: description.as_ref().chars().take(300).map(fit).collect(),
        }
    }

    pub fn description(&self) -> &str {
        &self.description
    }

    pub fn invalid_request(description: impl AsRef<str>) -> Self {
        Self::new(ErrorCode::InvalidRequest, description)
    }

    pub fn invalid_grant(description: impl AsRef<str>) -> Self {
        Self::new(ErrorCode::InvalidGrant, description)
    }

    pub fn invalid_target(description: impl AsRef<str>) -> Self {
        Self::new(ErrorCode::InvalidTarget, description)
    }

    pub fn invalid_dpop_proof(description: impl AsRef<str>) -> Self {
        Self::new(ErrorCode::InvalidDpopProof, description)
    }

    pub fn invalid_client_metadata(description: impl AsRef<str>) -> Self {
        Self::new(ErrorCode::InvalidClientMetadata, description)
    }

    /// One text for every reason: which part was wrong is nobody's business.
    pub fn invalid_client() -> Self {
        Self::new(ErrorCode::InvalidClient, "client authentication failed")
    }

    pub fn invalid_token() -> Self {
        Self::new(
            ErrorCode::InvalidToken,
            "the access token is expired, revoked or not ours",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_holds_only_what_rfc_6749_allows() {
        let error = OauthError::invalid_request("say \"no\" to \\ and é\r\n");
        assert_eq!(error.description(), "say 'no' to ? and ???");
    }
}
