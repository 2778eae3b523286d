//! A client as it is shown: the names of RFC 7591 where it has one. Never a secret.

use doorward::app::App;
use entity::{
    client::Model,
    client_origin,
    value::{
        ApplicationType, ClientAuthMethod, ClientMetadata, GrantType, Profile, ResponseType,
        SubjectType,
    },
};
use sea_orm::DbErr;
use serde::Serialize;
use serde_json::Value;

use crate::verbs::print;

#[derive(Debug, Serialize)]
pub struct View<'a> {
    client_id: &'a str,
    client_name: &'a str,
    application_type: ApplicationType,
    profile: Profile,
    token_endpoint_auth_method: ClientAuthMethod,
    redirect_uris: &'a [String],
    post_logout_redirect_uris: &'a [String],
    grant_types: &'a [GrantType],
    response_types: &'a [ResponseType],
    scope: String,
    audiences: &'a [String],
    /// From where its pages may call us.
    origins: Vec<String>,
    id_token_signed_response_alg: &'static str,
    access_token_signed_response_alg: &'static str,
    claims_in_id_token: bool,
    trusted: bool,
    logo_uri: Option<&'a str>,
    client_uri: Option<&'a str>,
    policy_uri: Option<&'a str>,
    tos_uri: Option<&'a str>,
    subject_type: SubjectType,
    /// What else is registered.
    #[serde(flatten)]
    metadata: &'a ClientMetadata,
    /// It registered itself.
    dynamic: bool,
    used_at: Option<String>,
    disabled_at: Option<String>,
    created_at: String,
    updated_at: String,
}

impl<'a> View<'a> {
    pub async fn read(app: &App, client: &'a Model) -> Result<Self, DbErr> {
        let origins = client_origin::of_client(&app.db.read, client.id).await?;
        Ok(Self {
            client_id: &client.client_id,
            client_name: &client.client_name,
            application_type: client.application_type,
            profile: client.profile,
            token_endpoint_auth_method: client.token_endpoint_auth_method,
            redirect_uris: &client.redirect_uris.0,
            post_logout_redirect_uris: &client.post_logout_redirect_uris.0,
            grant_types: &client.grant_types.0,
            response_types: &client.response_types.0,
            scope: client.scope.to_string(),
            audiences: &client.audiences.0,
            origins,
            id_token_signed_response_alg: client.id_token_signed_response_alg.name(),
            access_token_signed_response_alg: client.access_token_signed_response_alg.name(),
            claims_in_id_token: client.claims_in_id_token,
            trusted: client.trusted,
            logo_uri: client.logo_uri.as_deref(),
            client_uri: client.client_uri.as_deref(),
            policy_uri: client.policy_uri.as_deref(),
            tos_uri: client.tos_uri.as_deref(),
            subject_type: client.subject_type,
            metadata: &client.metadata,
            dynamic: client.dynamic,
            used_at: client.used_at.map(print::time),
            disabled_at: client.disabled_at.map(print::time),
            created_at: print::time(client.created_at),
            updated_at: print::time(client.updated_at),
        })
    }

    /// The same for people, in the words of the wire.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let json = serde_json::to_value(self).unwrap_or_default();
        let members = json.as_object().into_iter().flatten();
        members
            .map(|(name, value)| (name.clone(), shown(value)))
            .collect()
    }
}

/// A value on one line; nothing for what is not there.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(so) => print::yes(*so),
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().map(quoted).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

/// One of several on a line.
fn quoted(value: &Value) -> String {
    match shown(value) {
        text if text.contains(' ') => format!("\"{text}\""),
        text => text,
    }
}
