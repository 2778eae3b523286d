//! The access token of a request: by header or by form, in exactly one way (RFC 6750 §2,
//! RFC 9449 §7.1).

use poem::Request;

use super::oauth_form::authorization;
use crate::{
    clients::authenticate::Authorization,
    oauth::{error::OauthError, params::Params},
};

/// How a token was presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// By whoever bears it.
    Bearer,
    /// With a proof of the key that it is bound to.
    Dpop,
}

/// A token as it was presented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presented {
    pub scheme: Scheme,
    pub token: String,
}

/// A token that only its bearer has; none if none was sent.
pub fn token(request: &Request, form: Option<&Params>) -> Result<Option<String>, OauthError> {
    match presented(request, form)? {
        Some(Presented {
            scheme: Scheme::Dpop,
            ..
        }) => Err(unreadable()),
        presented => Ok(presented.map(|presented| presented.token)),
    }
}

/// The token; none if none was sent.
pub fn presented(
    request: &Request,
    form: Option<&Params>,
) -> Result<Option<Presented>, OauthError> {
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
            let (scheme, token) = of_header(&header).ok_or_else(unreadable)?;
            let token = token.to_owned();
            Some(Presented { scheme, token })
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
            form.credential("access_token")?.map(|token| Presented {
                scheme: Scheme::Bearer,
                token: token.to_owned(),
            })
        }
    };
    match (in_header, in_form) {
        (Some(_), Some(_)) => Err(OauthError::invalid_request("two access tokens")),
        (header, form) => Ok(header.or(form)),
    }
}

fn unreadable() -> OauthError {
    OauthError::invalid_request("the Authorization header is not one known scheme and one token")
}

/// `Bearer` or `DPoP`, one space, one `b64token` (which a `token68` is too); the scheme in any case
/// (RFC 9110 §11.1).
fn of_header(header: &str) -> Option<(Scheme, &str)> {
    let (scheme, token) = header.split_once(' ')?;
    let scheme = match () {
        () if scheme.eq_ignore_ascii_case("bearer") => Scheme::Bearer,
        () if scheme.eq_ignore_ascii_case("dpop") => Scheme::Dpop,
        () => return None,
    };
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/=".contains(&b);
    let whole = !token.is_empty() && token.bytes().all(fits);
    whole.then_some((scheme, token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ij_8_one_grammar() {
        assert_eq!(of_header("Bearer a.b-c"), Some((Scheme::Bearer, "a.b-c")));
        assert_eq!(of_header("bEARER abc"), Some((Scheme::Bearer, "abc")));
        assert_eq!(of_header("DPoP abc"), Some((Scheme::Dpop, "abc")));
        assert_eq!(of_header("dPoP abc"), Some((Scheme::Dpop, "abc")));
        for bad in [
            "Bearer",
            "Bearer ",
            "Bearer  abc",
            "Bearer\tabc",
            "Bearer a b",
            "Bearer a,b",
            "Basic abc",
            "DPoP",
            "DPoP abc, Bearer abc",
            "Bearer DPoP abc",
        ] {
            assert_eq!(of_header(bad), None, "{bad:?}");
        }
    }
}
