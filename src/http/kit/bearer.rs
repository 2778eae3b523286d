//! The access token of a request: by header or by form, in exactly one way (RFC 6750 §2).

use poem::Request;

use super::oauth_form::authorization;
use crate::{
    clients::authenticate::Authorization,
    oauth::{error::OauthError, params::Params},
};

/// The token; none if none was sent.
pub fn token(request: &Request, form: Option<&Params>) -> Result<Option<String>, OauthError> {
    let query = Params::parse(request.uri().query().unwrap_or_default().as_bytes())
        .map_err(|error| OauthError::invalid_request(error.to_string()))?;
    // RFC 9700 §4.3.2: a URL ends up in logs and histories.
    if query.raw("access_token").is_some() {
        return Err(OauthError::invalid_request(
            "an access token in the query is not accepted",
        ));
    }
    let in_header = match authorization(request) {
        Authorization::Absent => None,
        Authorization::One(header) => {
            let token = of_header(&header).map(str::to_owned);
            Some(token.ok_or_else(|| {
                OauthError::invalid_request("the Authorization header is not Bearer and one token")
            })?)
        }
        Authorization::Unclear => {
            let why = "more than one Authorization header";
            return Err(OauthError::invalid_request(why));
        }
    };
    let in_form = match form {
        None => None,
        Some(form) => {
            form.refuse_repeated()?;
            form.credential("access_token")?.map(str::to_owned)
        }
    };
    match (in_header, in_form) {
        (Some(_), Some(_)) => Err(OauthError::invalid_request("two access tokens")),
        (header, form) => Ok(header.or(form)),
    }
}

/// `Bearer`, one space, one `b64token`; the scheme in any case (RFC 9110 §11.1).
fn of_header(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/=".contains(&b);
    let whole = !token.is_empty() && token.bytes().all(fits);
    (scheme.eq_ignore_ascii_case("bearer") && whole).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_grammar() {
        assert_eq!(of_header("Bearer a.b-c"), Some("a.b-c"));
        assert_eq!(of_header("bEARER abc"), Some("abc"));
        for bad in [
            "Bearer",
            "Bearer ",
            "Bearer  abc",
            "Bearer\tabc",
            "Bearer a b",
            "Bearer a,b",
            "Basic abc",
        ] {
            assert_eq!(of_header(bad), None, "{bad:?}");
        }
    }
}
