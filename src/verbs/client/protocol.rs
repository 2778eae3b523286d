//! The flags for what a client does in the protocol, the same for adding and changing one. Those that
//! are not named leave what there is.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::{ArgAction, Args, ValueEnum};
use doorward::clients::update::Changes;
use entity::value::{
    ClientAuthMethod, ClientMetadata, GrantType, ResponseType, SigningAlg, SubjectType,
};
use serde_json::Value;

use crate::verbs::Failure;

#[derive(Clone, Debug, Args)]
pub struct ProtocolFlags {
    /// How it proves who it is.
    #[arg(long, value_enum)]
    auth_method: Option<Method>,
    /// Its public keys, as a JWK Set in a file.
    #[arg(long, value_name = "FILE", conflicts_with = "jwks_uri")]
    jwks: Option<PathBuf>,
    /// Its public keys, by the address at which it publishes them.
    #[arg(long, value_name = "URL")]
    jwks_uri: Option<String>,
    /// All response types, such as code or "code id_token"; others than code are for the profile oidc.
    #[arg(long, value_name = "TYPE", num_args = 1..)]
    response_type: Option<Vec<String>>,
    /// All grants: authorization-code, refresh-token, client-credentials, implicit, device or
    /// token-exchange.
    #[arg(long, value_enum, value_name = "GRANT", num_args = 1..)]
    grant_type: Option<Vec<Grant>>,
    /// The signature of its ID tokens.
    #[arg(long, value_enum, value_name = "ALG")]
    id_token_alg: Option<Alg>,
    /// Answers userinfo as a JWT with this signature.
    #[arg(long, value_enum, value_name = "ALG")]
    userinfo_alg: Option<Alg>,
    /// The signature of its access tokens.
    #[arg(long, value_enum, value_name = "ALG")]
    access_token_alg: Option<Alg>,
    /// Whether people have the same name here as at other clients.
    #[arg(long, value_enum, value_name = "public|pairwise")]
    subject_type: Option<Subjects>,
    /// Where the redirect URIs are listed that share pairwise subjects.
    #[arg(long, value_name = "URL")]
    sector_identifier_uri: Option<String>,
    /// All addresses from which its request objects may be fetched.
    #[arg(long, value_name = "URL", num_args = 0..)]
    request_uri: Option<Vec<String>>,
    /// Where a browser tells it that somebody signed out.
    #[arg(long, value_name = "URL")]
    frontchannel_logout_uri: Option<String>,
    /// Where we tell it that a session has ended.
    #[arg(long, value_name = "URL")]
    backchannel_logout_uri: Option<String>,
    /// Its access tokens are bound to a DPoP key.
    #[arg(long, value_name = "BOOL", action = ArgAction::Set, num_args = 0..=1,
        require_equals = true, default_missing_value = "true")]
    dpop: Option<bool>,
    /// Its authorization requests are pushed, never sent by a browser.
    #[arg(long, value_name = "BOOL", action = ArgAction::Set, num_args = 0..=1,
        require_equals = true, default_missing_value = "true")]
    require_par: Option<bool>,
    /// Its request objects are signed.
    #[arg(long, value_name = "BOOL", action = ArgAction::Set, num_args = 0..=1,
        require_equals = true, default_missing_value = "true")]
    require_signed_request: Option<bool>,
    /// The only signature of its request objects.
    #[arg(long, value_name = "ALG")]
    request_object_alg: Option<String>,
    /// Its access tokens are bound to its certificate.
    #[arg(long, value_name = "BOOL", action = ArgAction::Set, num_args = 0..=1,
        require_equals = true, default_missing_value = "true")]
    certificate_bound: Option<bool>,
    /// The subject of its certificate (tls-client-auth), such as "CN=client, O=Example".
    #[arg(long, value_name = "DN", group = "certificate")]
    tls_client_auth_subject_dn: Option<String>,
    /// A DNS name in its certificate.
    #[arg(long, value_name = "NAME", group = "certificate")]
    tls_client_auth_san_dns: Option<String>,
    /// A URI in its certificate.
    #[arg(long, value_name = "URI", group = "certificate")]
    tls_client_auth_san_uri: Option<String>,
    /// An IP address in its certificate.
    #[arg(long, value_name = "ADDRESS", group = "certificate")]
    tls_client_auth_san_ip: Option<String>,
    /// An e-mail address in its certificate.
    #[arg(long, value_name = "ADDRESS", group = "certificate")]
    tls_client_auth_san_email: Option<String>,
    /// Where somebody else may send a person to begin.
    #[arg(long, value_name = "URL")]
    initiate_login_uri: Option<String>,
    /// Seconds after which a person proves again who they are, where a request does not say.
    #[arg(long, value_name = "SECONDS")]
    default_max_age: Option<u32>,
    /// How to reach the people who are responsible for it.
    #[arg(long, value_name = "ADDRESS", num_args = 0..)]
    contact: Option<Vec<String>>,
}

/// Names on the command line, and what they stand for.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident for $of:ty { $($(#[$word:meta])* $variant:ident => $value:expr,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, ValueEnum)]
        enum $name { $($(#[$word])* $variant,)* }

        impl $name {
            fn value(self) -> $of {
                match self { $(Self::$variant => $value,)* }
            }
        }
    };
}

words! {
    Method for ClientAuthMethod {
        #[value(name = "client_secret_basic", alias = "client-secret-basic")]
        Basic => ClientAuthMethod::ClientSecretBasic,
        #[value(name = "client_secret_post", alias = "client-secret-post")]
        Post => ClientAuthMethod::ClientSecretPost,
        #[value(name = "client_secret_jwt", alias = "client-secret-jwt")]
        SecretJwt => ClientAuthMethod::ClientSecretJwt,
        #[value(name = "private_key_jwt", alias = "private-key-jwt")]
        KeyJwt => ClientAuthMethod::PrivateKeyJwt,
        #[value(name = "tls_client_auth", alias = "tls-client-auth")]
        Tls => ClientAuthMethod::TlsClientAuth,
        #[value(name = "self_signed_tls_client_auth", alias = "self-signed-tls-client-auth")]
        SelfSigned => ClientAuthMethod::SelfSignedTlsClientAuth,
        #[value(name = "none")]
        Nothing => ClientAuthMethod::None,
    }
}

words! {
    Grant for GrantType {
        #[value(alias = "authorization_code")]
        AuthorizationCode => GrantType::AuthorizationCode,
        #[value(alias = "refresh_token")]
        RefreshToken => GrantType::RefreshToken,
        #[value(alias = "client_credentials")]
        ClientCredentials => GrantType::ClientCredentials,
        Implicit => GrantType::Implicit,
        #[value(name = "device", alias = "urn:ietf:params:oauth:grant-type:device_code")]
        Device => GrantType::DeviceCode,
        #[value(alias = "urn:ietf:params:oauth:grant-type:token-exchange")]
        TokenExchange => GrantType::TokenExchange,
    }
}

words! {
    Alg for SigningAlg {
        #[value(name = "RS256")]
        Rs256 => SigningAlg::RS256,
        #[value(name = "ES256")]
        Es256 => SigningAlg::ES256,
        #[value(name = "PS256")]
        Ps256 => SigningAlg::PS256,
        #[value(name = "EdDSA")]
        EdDsa => SigningAlg::EdDSA,
    }
}

words! {
    Subjects for SubjectType {
        Public => SubjectType::Public,
        Pairwise => SubjectType::Pairwise,
    }
}

impl ProtocolFlags {
    /// Whether the client is one of devices, whose answer goes to no address (RFC 8628).
    pub fn is_for_devices(&self) -> bool {
        let mut all = self.grant_type.iter().flatten();
        all.any(|grant| matches!(grant, Grant::Device))
    }

    /// The changes that are named, on the metadata that there is. An empty address takes one away.
    pub fn changes(self, mut kept: ClientMetadata) -> Result<Changes, Failure> {
        let kinds = self.response_type.map(|names| response_types(&names));
        if let Some(file) = &self.jwks {
            kept.jwks = Some(key_set(file)?);
            kept.jwks_uri = None;
        }
        if self.jwks_uri.is_some() {
            kept.jwks = None;
        }
        let certificate = [
            (
                &mut kept.tls_client_auth_subject_dn,
                self.tls_client_auth_subject_dn,
            ),
            (
                &mut kept.tls_client_auth_san_dns,
                self.tls_client_auth_san_dns,
            ),
            (
                &mut kept.tls_client_auth_san_uri,
                self.tls_client_auth_san_uri,
            ),
            (
                &mut kept.tls_client_auth_san_ip,
                self.tls_client_auth_san_ip,
            ),
            (
                &mut kept.tls_client_auth_san_email,
                self.tls_client_auth_san_email,
            ),
        ];
        // The certificate is named in one way: another name takes the place of the one before.
        if certificate.iter().any(|(_, new)| new.is_some()) {
            for (place, new) in certificate {
                *place = new.filter(|name| !name.is_empty());
            }
        }
        for (place, new) in [
            (&mut kept.jwks_uri, self.jwks_uri),
            (&mut kept.sector_identifier_uri, self.sector_identifier_uri),
            (
                &mut kept.frontchannel_logout_uri,
                self.frontchannel_logout_uri,
            ),
            (
                &mut kept.backchannel_logout_uri,
                self.backchannel_logout_uri,
            ),
            (&mut kept.initiate_login_uri, self.initiate_login_uri),
            (
                &mut kept.request_object_signing_alg,
                self.request_object_alg,
            ),
        ] {
            if let Some(new) = new {
                *place = Some(new).filter(|text| !text.is_empty());
            }
        }
        for (place, new) in [
            (&mut kept.request_uris, self.request_uri),
            (&mut kept.contacts, self.contact),
        ] {
            if let Some(new) = new {
                *place = Some(new).filter(|list| !list.is_empty());
            }
        }
        for (place, new) in [
            (&mut kept.dpop_bound_access_tokens, self.dpop),
            (
                &mut kept.require_pushed_authorization_requests,
                self.require_par,
            ),
            (
                &mut kept.require_signed_request_object,
                self.require_signed_request,
            ),
            (
                &mut kept.tls_client_certificate_bound_access_tokens,
                self.certificate_bound,
            ),
        ] {
            *place = new.or(*place);
        }
        if let Some(alg) = self.userinfo_alg {
            kept.userinfo_signed_response_alg = Some(alg.value().name().to_owned());
        }
        kept.default_max_age = self.default_max_age.or(kept.default_max_age);
        Ok(Changes {
            auth_method: self.auth_method.map(Method::value),
            grant_types: self
                .grant_type
                .map(|all| all.into_iter().map(Grant::value).collect()),
            response_types: kinds.transpose()?,
            id_token_alg: self.id_token_alg.map(Alg::value),
            access_token_alg: self.access_token_alg.map(Alg::value),
            subject_type: self.subject_type.map(Subjects::value),
            metadata: Some(kept),
            ..Changes::default()
        })
    }
}

fn response_types(names: &[String]) -> Result<Vec<ResponseType>, Failure> {
    let read = |name: &String| {
        ResponseType::named(name).ok_or_else(|| {
            Failure::wrong(format!(
                "--response-type: {name} is none; such as code, id_token or \"code id_token\""
            ))
        })
    };
    names.iter().map(read).collect()
}

fn key_set(file: &Path) -> Result<Value, Failure> {
    let wrong = |why: String| Failure::wrong(format!("--jwks: {}: {why}", file.display()));
    let text = fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
    serde_json::from_str(&text).map_err(|_| wrong("is not JSON".to_owned()))
}
