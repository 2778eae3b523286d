//! Both well-known metadata documents (OpenID Connect Discovery 1.0 §4, RFC 8414 §3), computed from
//! the same enums and tables that the endpoints obey.

use entity::value::{
    ClientAuthMethod, GrantType, ResponseMode, ResponseType, STANDARD_SCOPES, SigningAlg,
};
use poem::{Request, Response};
use poem_openapi::{OpenApi, types::ToJSON};
use sea_orm::Iterable;

use super::{Tag, jwks::Kept};
use crate::{
    app::App,
    http::kit::cached::{Document, FIVE_MINUTES},
    oauth::{
        acr, algorithms,
        metadata::{EndpointAliases, Metadata},
        pkce,
        prompt::Prompt,
    },
    paths,
    tokens::claims::CLAIMS,
};

/// Holds the document, which changes only with the settings.
#[derive(Debug)]
pub struct Discovery {
    document: Document,
}

#[OpenApi(prefix_path = "/.well-known", tag = "Tag::OpenIdConnect")]
impl Discovery {
    /// OpenID Provider metadata.
    #[oai(
        path = "/openid-configuration",
        method = "get",
        operation_id = "openidConfiguration"
    )]
    async fn openid(&self, request: &Request) -> Kept {
        Kept(self.document.answer(request))
    }

    /// The same under its OAuth name.
    #[oai(
        path = "/oauth-authorization-server",
        method = "get",
        operation_id = "oauthServer"
    )]
    async fn oauth(&self, request: &Request) -> Kept {
        Kept(self.document.answer(request))
    }
}

impl Discovery {
    pub fn new(app: &App) -> Self {
        let json = metadata(app).to_json_string();
        Self {
            document: Document::new("application/json", FIVE_MINUTES, json),
        }
    }

    pub fn answer(&self, request: &Request) -> Response {
        self.document.answer(request)
    }
}

/// What this server can do, from what is switched on.
pub fn metadata(app: &App) -> Metadata {
    let on = &app.config.features;
    let methods = ClientAuthMethod::iter().filter(|method| takes_method(app, *method));
    let methods = names(methods);
    let confidential: Vec<_> = methods
        .iter()
        .filter(|name| *name != "none")
        .cloned()
        .collect();
    let assertions = owned(&algorithms::ASSERTION);
    let when = |on: bool, path: &str| on.then(|| app.url(path));
    Metadata {
        issuer: app.config.server.issuer.clone(),
        authorization_endpoint: app.url(paths::AUTHORIZE),
        token_endpoint: app.url(paths::TOKEN),
        userinfo_endpoint: app.url(paths::USERINFO),
        jwks_uri: app.url(paths::JWKS),
        introspection_endpoint: app.url(paths::INTROSPECT),
        revocation_endpoint: app.url(paths::REVOKE),
        end_session_endpoint: app.url(paths::END_SESSION),
        registration_endpoint: when(app.config.registration.enabled, paths::CLIENT_REGISTRATION),
        pushed_authorization_request_endpoint: when(on.pushed_requests, paths::PAR),
        device_authorization_endpoint: when(on.device_flow, paths::DEVICE_AUTHORIZATION),
        scopes_supported: owned(&STANDARD_SCOPES),
        response_types_supported: names(response_types(app)),
        response_modes_supported: names(ResponseMode::iter()),
        grant_types_supported: names(GrantType::iter().filter(|grant| takes_grant(app, *grant))),
        subject_types_supported: match on.pairwise_subjects {
            true => owned(&["public", "pairwise"]),
            false => owned(&["public"]),
        },
        id_token_signing_alg_values_supported: names(SigningAlg::iter()),
        userinfo_signing_alg_values_supported: names(SigningAlg::iter()),
        request_object_signing_alg_values_supported: (on.request_objects || on.request_uri)
            .then(|| request_object_algorithms(app)),
        dpop_signing_alg_values_supported: on.dpop.then(|| owned(&algorithms::STRONG)),
        token_endpoint_auth_methods_supported: methods.clone(),
        token_endpoint_auth_signing_alg_values_supported: assertions.clone(),
        introspection_endpoint_auth_methods_supported: confidential,
        introspection_endpoint_auth_signing_alg_values_supported: assertions.clone(),
        revocation_endpoint_auth_methods_supported: methods,
        revocation_endpoint_auth_signing_alg_values_supported: assertions,
        code_challenge_methods_supported: owned(&[pkce::METHOD]),
        claim_types_supported: owned(&["normal"]),
        claims_supported: claims(),
        acr_values_supported: owned(&[acr::PASSWORD]),
        display_values_supported: owned(&["page", "popup"]),
        prompt_values_supported: Prompt::supported(app.config.accounts.sign_up)
            .map(str::to_owned)
            .collect(),
        ui_locales_supported: owned(&["en"]),
        authorization_response_iss_parameter_supported: true,
        claims_parameter_supported: on.claims_parameter,
        request_parameter_supported: on.request_objects,
        request_uri_parameter_supported: on.request_uri,
        require_request_uri_registration: on.request_uri.then_some(true),
        require_pushed_authorization_requests: on.pushed_requests.then_some(false),
        frontchannel_logout_supported: on.frontchannel_logout.then_some(true),
        frontchannel_logout_session_supported: on.frontchannel_logout.then_some(true),
        backchannel_logout_supported: on.backchannel_logout.then_some(true),
        backchannel_logout_session_supported: on.backchannel_logout.then_some(true),
        tls_client_certificate_bound_access_tokens: app
            .config
            .server
            .takes_client_certificates()
            .then_some(true),
        mtls_endpoint_aliases: aliases(app),
    }
}

fn takes_method(app: &App, method: ClientAuthMethod) -> bool {
    let certificates = app.config.server.takes_client_certificates();
    match method {
        ClientAuthMethod::SelfSignedTlsClientAuth => certificates,
        // Without those who vouch for a subject it says nothing (RFC 8705 §2.1).
        ClientAuthMethod::TlsClientAuth => certificates && app.authorities.is_some(),
        _ => true,
    }
}

/// Where clients are asked for their certificate, if that is elsewhere (RFC 8705 §5).
fn aliases(app: &App) -> Option<EndpointAliases> {
    let on = &app.config.features;
    let url = app.config.server.mtls.url.as_deref()?;
    let at = |path: &str| format!("{url}{path}");
    Some(EndpointAliases {
        token_endpoint: at(paths::TOKEN),
        userinfo_endpoint: at(paths::USERINFO),
        introspection_endpoint: at(paths::INTROSPECT),
        revocation_endpoint: at(paths::REVOKE),
        pushed_authorization_request_endpoint: on.pushed_requests.then(|| at(paths::PAR)),
        device_authorization_endpoint: on.device_flow.then(|| at(paths::DEVICE_AUTHORIZATION)),
    })
}

fn takes_grant(app: &App, grant: GrantType) -> bool {
    let on = &app.config.features;
    match grant {
        GrantType::Implicit => on.implicit_and_hybrid,
        GrantType::DeviceCode => on.device_flow,
        GrantType::TokenExchange => on.token_exchange,
        GrantType::AuthorizationCode | GrantType::RefreshToken | GrantType::ClientCredentials => {
            true
        }
    }
}

fn request_object_algorithms(app: &App) -> Vec<String> {
    let unsigned = app.config.features.unsigned_request_objects;
    let taken = |alg: &&&str| unsigned || **alg != "none";
    let all = algorithms::REQUEST_OBJECT.iter().filter(taken);
    all.map(|alg| (*alg).to_owned()).collect()
}

fn response_types(app: &App) -> impl Iterator<Item = ResponseType> {
    let all = app.config.features.implicit_and_hybrid;
    ResponseType::iter().filter(move |kind| all || *kind == ResponseType::Code)
}

fn claims() -> Vec<String> {
    let mut claims = owned(&[
        "sub",
        "iss",
        "aud",
        "exp",
        "iat",
        "auth_time",
        "nonce",
        "acr",
        "amr",
    ]);
    claims.extend(CLAIMS.iter().map(|claim| claim.name.to_owned()));
    claims
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// The names on the wire.
fn names<T: ToJSON>(all: impl Iterator<Item = T>) -> Vec<String> {
    all.filter_map(|one| one.to_json()?.as_str().map(str::to_owned))
        .collect()
}
