//! Both well-known metadata documents (OpenID Connect Discovery 1.0 §4, RFC 8414 §3), computed from
//! the same enums and tables that the endpoints obey.

use entity::value::{
    ClientAuthMethod, GrantType, ResponseMode, ResponseType, STANDARD_SCOPES, SigningAlg,
};
use poem::Request;
use poem_openapi::{OpenApi, types::ToJSON};
use sea_orm::Iterable;

use super::{Tag, jwks::Kept};
use crate::{
    app::App,
    http::kit::cached::{Document, FIVE_MINUTES},
    oauth::{metadata::Metadata, pkce, prompt::Prompt},
    paths,
    sessions::ACR_PASSWORD,
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
}

/// What this server can do.
pub fn metadata(app: &App) -> Metadata {
    let auth_methods = names(ClientAuthMethod::iter());
    let confidential: Vec<String> =
        names(ClientAuthMethod::iter().filter(|method| *method != ClientAuthMethod::None));
    let owned = |words: &[&str]| {
        words
            .iter()
            .map(|word| (*word).to_owned())
            .collect::<Vec<_>>()
    };
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
    Metadata {
        issuer: app.config.server.issuer.clone(),
        authorization_endpoint: app.url(paths::AUTHORIZE),
        token_endpoint: app.url(paths::TOKEN),
        userinfo_endpoint: app.url(paths::USERINFO),
        jwks_uri: app.url(paths::JWKS),
        introspection_endpoint: app.url(paths::INTROSPECT),
        revocation_endpoint: app.url(paths::REVOKE),
        end_session_endpoint: app.url(paths::END_SESSION),
        scopes_supported: owned(&STANDARD_SCOPES),
        response_types_supported: names(ResponseType::iter()),
        response_modes_supported: names(ResponseMode::iter()),
        grant_types_supported: names(GrantType::iter()),
        subject_types_supported: owned(&["public"]),
        id_token_signing_alg_values_supported: names(SigningAlg::iter()),
        token_endpoint_auth_methods_supported: auth_methods.clone(),
        introspection_endpoint_auth_methods_supported: confidential,
        revocation_endpoint_auth_methods_supported: auth_methods,
        code_challenge_methods_supported: owned(&[pkce::METHOD]),
        claim_types_supported: owned(&["normal"]),
        claims_supported: claims,
        acr_values_supported: owned(&[ACR_PASSWORD]),
        prompt_values_supported: owned(&Prompt::SUPPORTED),
        ui_locales_supported: owned(&["en"]),
        authorization_response_iss_parameter_supported: true,
        claims_parameter_supported: false,
        request_parameter_supported: false,
        request_uri_parameter_supported: false,
    }
}

/// The names on the wire.
fn names<T: ToJSON>(all: impl Iterator<Item = T>) -> Vec<String> {
    all.filter_map(|one| one.to_json()?.as_str().map(str::to_owned))
        .collect()
}
