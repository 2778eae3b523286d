//! Client authentication at every back-channel endpoint (RFC 6749 §2.3, §3.2.1).

use base64::{Engine, engine::general_purpose::STANDARD};
use entity::{
    client::{self, Model},
    value::{ClientAuthMethod, Digest},
};
use sea_orm::DbErr;

use crate::{
    app::App,
    crypto::secret::{SecretKind, Secrets},
    oauth::{error::OauthError, params::Params},
};

/// The `Authorization` header of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authorization {
    Absent,
    One(String),
    /// More than one, or one that is not ASCII: nobody can say which is meant.
    Unclear,
}

/// What a request presents about its client.
#[derive(Clone, Copy, Debug)]
pub struct Presented<'a> {
    pub authorization: &'a Authorization,
    /// The form, which may hold `client_id` and `client_secret`.
    pub params: &'a Params,
}

/// Why a client was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticationError {
    /// The request itself is wrong; status 400.
    #[error(transparent)]
    Malformed(OauthError),
    /// Nobody, or not who they say; status 401.
    #[error("client authentication failed")]
    Refused,
    #[error(transparent)]
    Unexpected(#[from] DbErr),
}

/// One way in which a client names itself.
enum Claimed {
    Basic { id: String, secret: String },
    Post { id: String, secret: String },
    Nothing { id: String },
}

/// The enabled client that the request proves to come from; for a public client, that it names.
pub async fn authenticate(
    app: &App,
    presented: Presented<'_>,
) -> Result<Model, AuthenticationError> {
    let claimed = claimed(presented)?;
    let (id, secret, method) = match &claimed {
        Claimed::Basic { id, secret } => (id, Some(secret), ClientAuthMethod::ClientSecretBasic),
        Claimed::Post { id, secret } => (id, Some(secret), ClientAuthMethod::ClientSecretPost),
        Claimed::Nothing { id } => (id, None, ClientAuthMethod::None),
    };
    // Hashed before the client is looked up, so that an unknown one takes as long.
    let digest = secret.map(|secret| app.secrets.digest(SecretKind::ClientSecret, secret));
    let client = client::enabled(&app.db.read, id)
        .await?
        .ok_or(AuthenticationError::Refused)?;
    let fits = match (client.token_endpoint_auth_method, method) {
        (ClientAuthMethod::None, ClientAuthMethod::None) => true,
        (ClientAuthMethod::None, _) | (_, ClientAuthMethod::None) => false,
        // Libraries disagree about which of the two is the default, so either will do unless the
        // client was registered as strict.
        (registered, used) => registered == used || !client.strict_auth_method,
    };
    let proven = match digest {
        None => true,
        Some(digest) => digest.is_some_and(|digest| knows(&client, &digest, app)),
    };
    if fits && proven {
        Ok(client)
    } else {
        Err(AuthenticationError::Refused)
    }
}

fn knows(client: &Model, digest: &Digest, app: &App) -> bool {
    let current = client
        .client_secret
        .as_ref()
        .is_some_and(|own| Secrets::same(own, digest));
    let previous = client
        .previous_secret
        .as_ref()
        .is_some_and(|own| Secrets::same(own, digest));
    let still = client
        .previous_secret_until
        .is_some_and(|until| until > app.clock.now());
    current | (previous & still)
}

fn claimed(presented: Presented<'_>) -> Result<Claimed, AuthenticationError> {
    let params = presented.params;
    let malformed = AuthenticationError::Malformed;
    let header = match presented.authorization {
        Authorization::Absent => None,
        Authorization::One(header) => Some(header.as_str()),
        Authorization::Unclear => {
            let why = "more than one Authorization header";
            return Err(malformed(OauthError::invalid_request(why)));
        }
    };
    let id = params.credential("client_id").map_err(malformed)?;
    // An empty secret is not an omitted one.
    let secret = params
        .credential("client_secret")
        .map_err(|_| AuthenticationError::Refused)?;
    if params.raw("client_assertion").is_some() || params.raw("client_assertion_type").is_some() {
        return Err(AuthenticationError::Refused);
    }
    match (header, id, secret) {
        // RFC 6749 §2.3: not more than one method in each request.
        (Some(_), _, Some(_)) => Err(malformed(OauthError::invalid_request(
            "two ways of client authentication",
        ))),
        (Some(header), named, None) => {
            let (id, secret) = basic(header).ok_or(AuthenticationError::Refused)?;
            if named.is_some_and(|named| named != id) {
                return Err(AuthenticationError::Refused);
            }
            Ok(Claimed::Basic { id, secret })
        }
        (None, Some(id), Some(secret)) => Ok(Claimed::Post {
            id: id.to_owned(),
            secret: secret.to_owned(),
        }),
        (None, Some(id), None) => Ok(Claimed::Nothing { id: id.to_owned() }),
        (None, None, _) => Err(AuthenticationError::Refused),
    }
}

/// `Basic base64(form(id):form(secret))` (RFC 6749 §2.3.1); neither part may be empty.
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, credentials) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(credentials).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    let form = |part: &str| -> Option<String> {
        let pair = Params::parse(format!("v={}", part.replace('&', "%26")).as_bytes()).ok()?;
        pair.get("v").map(str::to_owned)
    };
    Some((form(id)?, form(secret)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(id: &str, secret: &str) -> String {
        format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
    }

    #[test]
    fn basic_is_form_decoded_and_whole() {
        let read = basic(&header("a%3Ab", "s%2Bx+y"));
        assert_eq!(read, Some(("a:b".to_owned(), "s+x y".to_owned())));
        assert!(basic(&header("id", "se=cr&et")).is_some_and(|(_, secret)| secret == "se=cr&et"));
        assert!(basic(&header("id", "").to_string()).is_none());
        assert!(basic(&header("", "secret")).is_none());
        for bad in [
            "Basic",
            "Basic ",
            "Basic !!!",
            "Bearer abc",
            "Basic  aWQ6c2VjcmV0",
        ] {
            assert!(basic(bad).is_none(), "{bad}");
        }
    }
}
