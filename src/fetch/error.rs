//! What can go wrong with a call, in sentences that give nothing of our network away.

use std::io;

/// Why there is no answer. The sentences name no address, so that whoever may cause a call cannot
/// use them to look around in our network.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error("the address is not one that may be called")]
    Refused,
    #[error("there was no whole answer in time")]
    Timeout,
    #[error("there was no answer a moment ago, and it is too early to ask again")]
    Lately,
    #[error("the server could not be reached")]
    Unreachable(#[source] reqwest::Error),
    #[error("the answer is a redirect, and redirects are not followed")]
    Redirect,
    #[error("the answer is longer than allowed")]
    TooLong,
    #[error("the answer is not JSON")]
    NotJson,
    #[error("the answer is not what was expected")]
    Unexpected,
}

/// Why nobody can be called with these settings. Each says which setting is wrong.
#[derive(Debug, thiserror::Error)]
pub enum AuthoritiesError {
    #[error("fetch.ca_file: {0}")]
    Unreadable(#[from] io::Error),
    #[error("fetch.ca_file holds no certificates in PEM")]
    NoCertificates,
}
