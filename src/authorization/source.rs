//! Where the parameters of an authorization request come from: the query itself, a request object
//! by value or by reference (OpenID Connect Core §6, RFC 9101), or a request that was pushed
//! (RFC 9126). The checks see the parameters that count and do not know the difference.

use entity::client;
use uuid::Uuid;

use super::{pushed, request_object};
use crate::{
    app::App,
    oauth::{
        error::{ErrorCode, OauthError},
        params::Params,
    },
};

/// A request whose client is known.
#[derive(Debug)]
pub struct Asked {
    pub(super) client: client::Model,
    /// The parameters that count.
    pub(super) params: Params,
    /// The row of a pushed request.
    pub(super) pushed: Option<Uuid>,
    /// Why the parameters may not count after all: to be told to the client if they, or what stands
    /// beside them, name one of its redirect URIs.
    pub(super) refused: Option<OauthError>,
}

/// What stands for the parameters and is none of them.
const OBJECTS: [&str; 2] = ["request", "request_uri"];

impl Asked {
    fn plain(client: client::Model, params: Params) -> Self {
        Self {
            client,
            params,
            pushed: None,
            refused: None,
        }
    }

    fn refused(client: client::Model, params: &Params, why: OauthError) -> Self {
        Self {
            refused: Some(why),
            ..Self::plain(client, params.clone())
        }
    }
}

/// What a browser brought to the authorization endpoint. An error can only be shown: nothing says
/// where else it could go.
pub(super) async fn visited(
    app: &App,
    query: &Params,
) -> anyhow::Result<Result<Asked, OauthError>> {
    let Some(client_id) = query.once("client_id") else {
        return Ok(Err(missing("client_id")));
    };
    let Some(client) = client::enabled(&app.db.read, client_id).await? else {
        return Ok(Err(stranger()));
    };
    // RFC 9126 §4: nothing beside these two counts.
    if let Some(uri) = query.once("request_uri").filter(|uri| pushed::is_one(uri)) {
        let found = pushed::find(app, &client, uri).await?;
        return Ok(found.map(|(row, params)| Asked {
            pushed: Some(row),
            ..Asked::plain(client, params)
        }));
    }
    let pushes = client.metadata.require_pushed_authorization_requests == Some(true);
    if pushes || client.demands().pushed_requests {
        // RFC 9126 §5, §6.
        let why = OauthError::invalid_request("the client must push its requests");
        return Ok(Ok(Asked::refused(client, query, why)));
    }
    assembled(app, client, query).await.map(Ok)
}

/// The parameters of a request object if there is one, over those that stand beside it.
pub(super) async fn assembled(
    app: &App,
    client: client::Model,
    outer: &Params,
) -> anyhow::Result<Asked> {
    if let Err(error) = outer.refuse_repeated() {
        return Ok(Asked::refused(client, outer, error));
    }
    let only_signed = client.metadata.require_signed_request_object == Some(true);
    let object = match text(app, &client, outer).await {
        Ok(Some(object)) => object,
        // RFC 9101 §10.5.
        Ok(None) if only_signed => {
            let why = OauthError::invalid_request("the client must send signed request objects");
            return Ok(Asked::refused(client, outer, why));
        }
        Ok(None) => return Ok(Asked::plain(client, outer.clone())),
        Err(error) => return Ok(Asked::refused(client, outer, error)),
    };
    let object = match request_object::read(app, &client, &object).await? {
        Ok(object) => object,
        Err(error) => return Ok(Asked::refused(client, outer, error)),
    };
    let fits = object.fits(app, &client, outer);
    let inner = match object.into_params() {
        Ok(inner) => inner,
        Err(error) => return Ok(Asked::refused(client, outer, error)),
    };
    // RFC 9101 §5: where an object must be signed, nothing that is not counts. OpenID Connect Core
    // §6.1 puts the object over the rest.
    let params = match only_signed {
        true => inner,
        false => outer.clone().without(&OBJECTS).under(inner),
    };
    Ok(Asked {
        refused: fits.err(),
        ..Asked::plain(client, params)
    })
}

/// The request object that was sent or named, as it is written.
async fn text(
    app: &App,
    client: &client::Model,
    outer: &Params,
) -> Result<Option<String>, OauthError> {
    let on = &app.config.features;
    let off = |code, name: &str| Err(OauthError::new(code, format!("{name} is not supported")));
    match (outer.raw("request"), outer.raw("request_uri")) {
        (None, None) => Ok(None),
        // OpenID Connect Core §6.1, §7.2.1: refused by name, never ignored, because what they hold
        // would have to win over what is outside.
        (Some(_), _) if !on.request_objects => off(ErrorCode::RequestNotSupported, "request"),
        (_, Some(_)) if !on.request_uri => off(ErrorCode::RequestUriNotSupported, "request_uri"),
        (Some(_), Some(_)) => Err(OauthError::invalid_request(
            "request and request_uri exclude one another",
        )),
        (Some(object), None) => Ok(Some(object.to_owned())),
        (None, Some(uri)) => request_object::fetch(app, client, uri).await.map(Some),
    }
}

pub(super) fn missing(name: &str) -> OauthError {
    OauthError::invalid_request(format!("{name} is missing or was sent more than once"))
}

/// One sentence for whatever is wrong with a client or its redirect URI, because a stranger need not
/// learn which clients exist.
pub(super) fn stranger() -> OauthError {
    OauthError::invalid_request(
        "the application is not registered here, or not with the address that it wants you to return to",
    )
}
