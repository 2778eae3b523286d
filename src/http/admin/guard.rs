//! What stands before every door of the admin API, also where there is none: an access token of an
//! administrator. Whatever is added behind it is closed until this has opened it.

use entity::value::{ADMIN, Role, Scope};
use poem::{
    Endpoint, Request, RequestBody, Response, Result,
    http::{HeaderValue, header},
};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaSecurityScheme, Registry},
};

use crate::{
    app::App,
    events::About,
    http::kit::{
        client_ip::client_ip,
        oauth_error::OauthFailure,
        problem::{Code, Problem},
        resource,
        trace::request_id,
    },
    tokens::resource::is_ours,
};

/// The name of the scheme in the document.
const SCHEME: &str = "accessToken";

/// An endpoint that only administrators reach.
#[derive(Debug)]
pub struct Guard<E> {
    pub app: App,
    pub inner: E,
}

/// An administrator who was let in. The guard alone makes one.
#[derive(Clone, Debug)]
pub struct Administrator {
    about: About,
}

/// A refusal, and what it asks for instead (RFC 6750 §3).
struct Refused {
    problem: Problem,
    challenge: Option<String>,
}

impl<E: Endpoint<Output = Response>> Endpoint for Guard<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let id = request_id(&request);
        let administrator = match admit(&self.app, &request).await {
            Ok(administrator) => administrator,
            Err(refused) => return Ok(refused.respond(&id)),
        };
        request.extensions_mut().insert(administrator);
        match self.inner.call(request).await {
            Err(error) => match error.downcast_ref::<Problem>() {
                Some(problem) => Ok(problem.respond(&id)),
                None => Err(error),
            },
            answered => answered,
        }
    }
}

/// Who calls, if that is an administrator: a client whose registered scope says so, for itself, or
/// for a person whose role says so.
async fn admit(app: &App, request: &Request) -> Result<Administrator, Refused> {
    let path = request.original_uri().path().to_owned();
    let opened = resource::open(app, request, None, &path).await?;
    let valid = &opened.valid;
    // A token for somebody else's API opens nothing here (RFC 9068 §4), also where we stand beside it
    // because it opens userinfo: that API, or its log, has seen it.
    let audience = &valid.claims.aud;
    let ours = audience.names().iter().all(|name| is_ours(app, name));
    if !ours || !audience.contains(&app.config.server.issuer) {
        return Err(opened.refused().into());
    }
    let granted: Scope = valid.claims.scope.parse().unwrap_or_default();
    let client = &valid.client;
    // What the operator took away from the client, or never gave to one that registered itself, no
    // token brings back.
    let may = client.scope.contains(ADMIN) && !client.dynamic;
    if !granted.contains(ADMIN) || !may {
        return Err(opened.insufficient_scope(ADMIN).into());
    }
    let mut about = About::client(client.id);
    if let Some(user) = &valid.user {
        if user.role != Role::Admin {
            return Err(Problem::from(Code::NotAdministrator).into());
        }
        about.user_id = Some(user.id);
    }
    let ip = client_ip(app, request).map(|ip| ip.to_string());
    Ok(Administrator {
        about: about.from_ip(ip.as_deref()),
    })
}

impl Administrator {
    /// Who it was, for the event log.
    pub fn about(&self) -> &About {
        &self.about
    }
}

impl Refused {
    fn respond(&self, request_id: &str) -> Response {
        let mut response = self.problem.respond(request_id);
        // There is no cookie to ask for.
        response.headers_mut().remove(header::WWW_AUTHENTICATE);
        let challenge = self.challenge.as_deref().map(HeaderValue::from_str);
        if let Some(Ok(challenge)) = challenge {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self {
            problem,
            challenge: None,
        }
    }
}

impl From<OauthFailure> for Refused {
    fn from(failure: OauthFailure) -> Self {
        let (code, body, challenge) = match failure {
            OauthFailure::BadRequest(body) => (Code::InvalidRequest, body, None),
            OauthFailure::Unauthorized(body, challenge) => {
                (Code::InvalidToken, body, Some(challenge))
            }
            OauthFailure::Forbidden(body, challenge) => {
                (Code::InsufficientScope, body, Some(challenge))
            }
            OauthFailure::Away(body, _) => (Code::ServiceUnavailable, body, None),
            _ => return Problem::from(Code::InternalServerError).into(),
        };
        Self {
            problem: Problem::new(code, body.0.error_description),
            challenge,
        }
    }
}

impl<'a> ApiExtractor<'a> for Administrator {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        let scheme = MetaSecurityScheme {
            ty: "http",
            description: Some("An access token."),
            name: None,
            key_in: None,
            scheme: Some("bearer"),
            bearer_format: Some("JWT"),
            flows: None,
            openid_connect_url: None,
        };
        registry.create_security_scheme(SCHEME, scheme);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![SCHEME]
    }

    async fn from_request(
        request: &'a Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> Result<Self> {
        let admitted = request.extensions().get::<Self>().cloned();
        // A door that was hung up anywhere else stays shut.
        Ok(admitted.ok_or_else(|| Problem::from(Code::InvalidToken))?)
    }
}
