//! Reading a body: its type and its size before anything else.

use std::time::Duration;

use bytes::Bytes;
use poem::{
    Request, RequestBody,
    error::ReadBodyError,
    http::{HeaderMap, header},
};

use crate::oauth::params::{Params, ParamsError};

/// The longest body that is read, in bytes.
const LONGEST: usize = 64 * 1024;

/// How long a form may take to arrive.
const SLOWEST: Duration = Duration::from_secs(15);

/// Why a form could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FormError {
    #[error("the content type must be application/x-www-form-urlencoded")]
    ContentType,
    #[error("the form is longer than 64 KiB")]
    TooLong,
    #[error("the form was cut off")]
    CutOff,
    #[error(transparent)]
    Params(#[from] ParamsError),
}

/// Reads `application/x-www-form-urlencoded`.
pub async fn form(request: &Request, body: &mut RequestBody) -> Result<Params, FormError> {
    if !is_form(request.headers()) {
        return Err(FormError::ContentType);
    }
    Ok(Params::parse(&bytes(request, body).await?)?)
}

/// Reads the bytes of a body, whatever it is; [`FormError::TooLong`] or [`FormError::CutOff`] if
/// there are too many or too few.
pub async fn bytes(request: &Request, body: &mut RequestBody) -> Result<Bytes, FormError> {
    let too_long = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok())
        .is_some_and(|length| length > LONGEST);
    if too_long {
        return Err(FormError::TooLong);
    }
    let body = body.take().map_err(|_| FormError::CutOff)?;
    let read = tokio::time::timeout(SLOWEST, body.into_bytes_limit(LONGEST)).await;
    read.map_err(|_| FormError::CutOff)?
        .map_err(|error| match error {
            ReadBodyError::PayloadTooLarge => FormError::TooLong,
            _ => FormError::CutOff,
        })
}

/// The parameters of the query.
pub fn query(request: &Request) -> Result<Params, ParamsError> {
    Params::parse(request.uri().query().unwrap_or_default().as_bytes())
}

fn is_form(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let one = types.next().and_then(|value| value.to_str().ok());
    let kind = one.and_then(|text| text.parse::<mime::Mime>().ok());
    types.next().is_none()
        && kind.is_some_and(|kind| kind.essence_str() == "application/x-www-form-urlencoded")
}
