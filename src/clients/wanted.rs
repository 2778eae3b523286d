//! What a client is to be: the one form in which every intake (command line, registration, a change
//! of either) hands in a client, whole.

use entity::{
    client::{ActiveModel, Model},
    value::{
        ApplicationType, ClientAuthMethod, ClientMetadata, GrantType, GrantTypes, Names, Profile,
        ResponseType, ResponseTypes, STANDARD_SCOPES, Scope, SigningAlg, SubjectType, Uris,
    },
};
use sea_orm::{DbErr, Set};

use super::links::Links;
use crate::oauth::redirect_uri::UriError;

/// What a client is to be.
#[derive(Clone, Debug)]
pub struct NewClient {
    /// Chosen by us in all cases but the development client's.
    pub client_id: Option<String>,
    pub name: String,
    pub redirect_uris: Vec<String>,
    pub post_logout_redirect_uris: Vec<String>,
    /// Cannot keep a secret.
    pub public: bool,
    pub application_type: ApplicationType,
    pub profile: Profile,
    /// What it may ask for at most.
    pub scope: Scope,
    /// What it answers for as a resource server.
    pub audiences: Vec<String>,
    /// Origins besides those of its redirect URIs from which its pages call us.
    pub origins: Vec<String>,
    pub claims_in_id_token: bool,
    /// No consent page.
    pub trusted: bool,
    pub links: Links,
    /// How it proves who it is; a secret by HTTP Basic, or nothing if it is public, where none is
    /// named.
    pub auth_method: Option<ClientAuthMethod>,
    /// What it may present at the token endpoint; what its kind usually does, where none is named.
    pub grant_types: Option<Vec<GrantType>>,
    pub response_types: Vec<ResponseType>,
    pub id_token_alg: SigningAlg,
    pub access_token_alg: SigningAlg,
    pub subject_type: SubjectType,
    pub metadata: ClientMetadata,
}

/// Why a client cannot be what it was to be.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    #[error(
        "the name is empty, longer than 100 characters, or holds characters that cannot be shown"
    )]
    Name,
    /// A redirect URI.
    #[error("{0} {1}")]
    Uri(String, UriError),
    /// A post-logout redirect URI.
    #[error("{0} {1}")]
    LogoutUri(String, UriError),
    #[error("{0} is not an origin such as https://app.example")]
    Origin(String),
    #[error("{0} is not an http(s) URL that a page can link to")]
    Link(String),
    #[error("a client with the id {0} exists")]
    Taken(String),
    /// A member, by its name on the wire, and what is wrong with it.
    #[error("{0} {1}")]
    Metadata(String, String),
    #[error("the client was removed meanwhile")]
    Gone,
    #[error("the client was changed at the same moment; try again")]
    Changed,
    #[error("too many clients have registered themselves and were never used")]
    TooMany,
    #[error(transparent)]
    Unexpected(#[from] DbErr),
}

impl RegisterError {
    /// A member that cannot be had like this.
    pub fn member(name: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Metadata(name.into(), why.into())
    }
}

impl NewClient {
    /// A client of this name with the safe choice everywhere, for all standard scopes.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            client_id: None,
            name: name.into(),
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            public: false,
            application_type: ApplicationType::Web,
            profile: Profile::Oauth21,
            scope: STANDARD_SCOPES.join(" ").parse().unwrap_or_default(),
            audiences: Vec::new(),
            origins: Vec::new(),
            claims_in_id_token: false,
            trusted: false,
            links: Links::default(),
            auth_method: None,
            grant_types: None,
            response_types: vec![ResponseType::Code],
            id_token_alg: SigningAlg::RS256,
            access_token_alg: SigningAlg::ES256,
            subject_type: SubjectType::Public,
            metadata: ClientMetadata::default(),
        }
    }

    /// What a client is now. `origins` are those besides the ones of its redirect URIs.
    pub fn of(client: &Model, origins: Vec<String>) -> Self {
        Self {
            client_id: Some(client.client_id.clone()),
            name: client.client_name.clone(),
            redirect_uris: client.redirect_uris.0.clone(),
            post_logout_redirect_uris: client.post_logout_redirect_uris.0.clone(),
            public: client.is_public(),
            application_type: client.application_type,
            profile: client.profile,
            scope: client.scope.clone(),
            audiences: client.audiences.0.clone(),
            origins,
            claims_in_id_token: client.claims_in_id_token,
            trusted: client.trusted,
            links: Links {
                logo_uri: client.logo_uri.clone(),
                client_uri: client.client_uri.clone(),
                policy_uri: client.policy_uri.clone(),
                tos_uri: client.tos_uri.clone(),
            },
            auth_method: Some(client.token_endpoint_auth_method),
            grant_types: Some(client.grant_types.0.clone()),
            response_types: client.response_types.0.clone(),
            id_token_alg: client.id_token_signed_response_alg,
            access_token_alg: client.access_token_signed_response_alg,
            subject_type: client.subject_type,
            metadata: client.metadata.clone(),
        }
    }

    /// How it proves who it is.
    pub fn method(&self) -> ClientAuthMethod {
        self.auth_method.unwrap_or(match self.public {
            true => ClientAuthMethod::None,
            false => ClientAuthMethod::ClientSecretBasic,
        })
    }

    /// What it may present at the token endpoint.
    pub fn grants(&self) -> Vec<GrantType> {
        let named = self.grant_types.clone();
        named.unwrap_or_else(|| usual_grants(self.method(), &self.response_types))
    }

    /// Writes it into its row. Secrets are the caller's.
    pub(super) fn write(self, row: &mut ActiveModel) {
        row.profile = Set(self.profile);
        row.audiences = Set(Names(self.audiences.clone()));
        row.access_token_signed_response_alg = Set(self.access_token_alg);
        row.claims_in_id_token = Set(self.claims_in_id_token);
        row.trusted = Set(self.trusted);
        self.write_own(row);
    }

    /// Writes what a client may say of itself: nothing of it is what the operator gives.
    pub(super) fn write_own(self, row: &mut ActiveModel) {
        row.token_endpoint_auth_method = Set(self.method());
        row.grant_types = Set(GrantTypes(self.grants()));
        row.client_name = Set(self.name);
        row.application_type = Set(self.application_type);
        row.redirect_uris = Set(Uris(self.redirect_uris));
        row.post_logout_redirect_uris = Set(Uris(self.post_logout_redirect_uris));
        row.response_types = Set(ResponseTypes(self.response_types));
        row.scope = Set(self.scope);
        row.id_token_signed_response_alg = Set(self.id_token_alg);
        row.logo_uri = Set(self.links.logo_uri);
        row.client_uri = Set(self.links.client_uri);
        row.policy_uri = Set(self.links.policy_uri);
        row.tos_uri = Set(self.links.tos_uri);
        row.subject_type = Set(self.subject_type);
        row.metadata = Set(self.metadata);
        // It is taken away from whoever sends people elsewhere, and never given here.
        if !self.trusted {
            row.trusted = Set(false);
        }
    }
}

/// What a client may present unless it says otherwise. RFC 6749 §4.4: client_credentials is for
/// confidential clients only. RFC 7591 §2.1: what the authorization endpoint answers with tokens
/// goes with `implicit`.
fn usual_grants(method: ClientAuthMethod, response_types: &[ResponseType]) -> Vec<GrantType> {
    let mut grants = Vec::new();
    if response_types.iter().any(|kind| kind.has_code()) {
        grants.extend([GrantType::AuthorizationCode, GrantType::RefreshToken]);
    }
    if method != ClientAuthMethod::None {
        grants.push(GrantType::ClientCredentials);
    }
    if response_types.iter().any(|kind| is_front_channel(*kind)) {
        grants.push(GrantType::Implicit);
    }
    grants
}

/// Whether the authorization endpoint answers with tokens.
pub(super) fn is_front_channel(kind: ResponseType) -> bool {
    kind.has_id_token() || kind.has_token()
}
