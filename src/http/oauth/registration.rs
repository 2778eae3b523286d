//! `/oauth2/register` (RFC 7591) and what a client manages there (RFC 7592).

use entity::client::Model;
use poem::Request;
use poem_openapi::{ApiResponse, Object, OpenApi, param::Path, payload::Json};
use secrecy::{ExposeSecret, SecretString};

use super::Tag;
use crate::{
    app::App,
    clients::{
        management::{self, Caller},
        register,
        registration::Registration,
        wanted::RegisterError,
    },
    http::kit::{bearer, oauth_error::OauthFailure, oauth_json::OauthJson},
    oauth::error::{ErrorCode, OauthError},
    paths,
};

#[derive(Debug)]
pub struct ClientRegistration {
    pub app: App,
}

/// What a client is registered as (RFC 7591 §3.2.1, RFC 7592 §3).
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
struct ClientInformation {
    client_id: String,
    /// Seconds since 1970.
    client_id_issued_at: i64,
    /// Shown when it is new, and not again: only its digest is kept.
    client_secret: Option<String>,
    /// With a secret. 0: it does not expire.
    client_secret_expires_at: Option<i64>,
    /// With which the client reads, changes and removes this.
    registration_access_token: String,
    /// Where it does so.
    registration_client_uri: String,
    #[oai(flatten)]
    metadata: Registration,
}

#[derive(Debug, ApiResponse)]
enum RegisterAnswer {
    /// The client is registered.
    #[oai(status = 201)]
    Created(Json<ClientInformation>),
}

#[derive(Debug, ApiResponse)]
enum RemoveAnswer {
    /// The client is gone, with everything that was given to it.
    #[oai(status = 204)]
    Gone,
}

#[OpenApi(prefix_path = "/oauth2", tag = "Tag::OpenIdConnect")]
impl ClientRegistration {
    /// Register a client.
    ///
    /// With the initial access token in the `Authorization` header, unless registration is open.
    #[oai(path = "/register", method = "post", operation_id = "registerClient")]
    async fn register(
        &self,
        request: &Request,
        body: OauthJson<Registration>,
    ) -> Result<RegisterAnswer, OauthFailure> {
        let app = self.switched_on()?;
        let token = bearer::token(request, None)?;
        let caller = management::caller(app, token.as_deref());
        if caller == Caller::Nobody {
            return Err(refused(token.is_some()));
        }
        let registered = management::register(app, caller, body.members()?).await?;
        let told = self.told(
            &registered.added.client,
            registered.added.secret,
            registered.token.expose_secret(),
        );
        Ok(RegisterAnswer::Created(Json(told)))
    }

    /// What a client is registered as.
    #[oai(
        path = "/register/:client_id",
        method = "get",
        operation_id = "readClient"
    )]
    async fn read(
        &self,
        request: &Request,
        client_id: Path<String>,
    ) -> Result<Json<ClientInformation>, OauthFailure> {
        let (client, token) = self.owner(request, &client_id).await?;
        Ok(Json(self.told(&client, None, &token)))
    }

    /// Replace everything that a client registered.
    ///
    /// What is absent is as if it had not been registered before.
    #[oai(
        path = "/register/:client_id",
        method = "put",
        operation_id = "replaceClient"
    )]
    async fn replace(
        &self,
        request: &Request,
        client_id: Path<String>,
        body: OauthJson<Registration>,
    ) -> Result<Json<ClientInformation>, OauthFailure> {
        let (client, token) = self.owner(request, &client_id).await?;
        let replaced = management::replace(&self.app, client, body.members()?).await?;
        Ok(Json(self.told(&replaced.client, replaced.secret, &token)))
    }

    /// Remove a client.
    #[oai(
        path = "/register/:client_id",
        method = "delete",
        operation_id = "removeClient"
    )]
    async fn remove(
        &self,
        request: &Request,
        client_id: Path<String>,
    ) -> Result<RemoveAnswer, OauthFailure> {
        let (client, _) = self.owner(request, &client_id).await?;
        // Somebody who removed it a moment ago did what was asked.
        register::remove(&self.app, &client).await?;
        Ok(RemoveAnswer::Gone)
    }
}

impl ClientRegistration {
    fn switched_on(&self) -> Result<&App, OauthFailure> {
        match self.app.config.registration.enabled {
            true => Ok(&self.app),
            false => Err(OauthFailure::no_endpoint()),
        }
    }

    /// The client whose registration access token this is, and the token. RFC 7592 §2.1: a client that
    /// is not there and one of somebody else get the same answer.
    async fn owner(
        &self,
        request: &Request,
        client_id: &str,
    ) -> Result<(Model, String), OauthFailure> {
        let app = self.switched_on()?;
        let token = bearer::token(request, None)?.ok_or_else(|| refused(false))?;
        let client = management::owner(app, client_id, &token).await?;
        Ok((client.ok_or_else(|| refused(true))?, token))
    }

    fn told(&self, client: &Model, secret: Option<SecretString>, token: &str) -> ClientInformation {
        let path = format!("{}/{}", paths::CLIENT_REGISTRATION, client.client_id);
        ClientInformation {
            client_id: client.client_id.clone(),
            client_id_issued_at: client.created_at.timestamp(),
            client_secret_expires_at: secret.as_ref().map(|_| 0),
            client_secret: secret.map(|secret| secret.expose_secret().to_owned()),
            registration_access_token: token.to_owned(),
            registration_client_uri: self.app.url(&path),
            metadata: Registration::of(client),
        }
    }
}

fn refused(some_token: bool) -> OauthFailure {
    let error = some_token.then(OauthError::invalid_token);
    OauthFailure::bearer(error.as_ref())
}

impl From<RegisterError> for OauthFailure {
    fn from(error: RegisterError) -> Self {
        let why = error.to_string();
        match error {
            // RFC 7591 §3.2.2.
            RegisterError::Uri(..) => OauthError::new(ErrorCode::InvalidRedirectUri, why).into(),
            RegisterError::Metadata(member, _) if member == "redirect_uris" => {
                OauthError::new(ErrorCode::InvalidRedirectUri, why).into()
            }
            RegisterError::TooMany => Self::too_many(&why),
            RegisterError::Gone => refused(true),
            RegisterError::Changed => OauthError::invalid_request(why).into(),
            RegisterError::Unexpected(error) => error.into(),
            _ => OauthError::invalid_client_metadata(why).into(),
        }
    }
}
