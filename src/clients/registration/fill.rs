//! From what a client says of itself to what it is to be: defaults filled in, and nothing that is the
//! operator's to give.

use entity::{
    client::Model,
    value::{
        ApplicationType, ClientAuthMethod, ClientMetadata, GrantType, Profile, ResponseType, Scope,
        SigningAlg, SubjectType,
    },
};

use super::Registration;
use crate::{
    app::App,
    clients::{
        links::Links,
        wanted::{NewClient, RegisterError, is_front_channel},
    },
    oauth::redirect_uri::shown_host,
};

/// Who registers.
#[derive(Debug)]
pub enum Intake<'a> {
    /// Somebody new, with the token of the operator or without.
    New { vouched: bool },
    /// A client that was registered before, with the origins that are not those of its redirect URIs.
    Again(&'a Model, Vec<String>),
}

/// What the client is to be. Only its own members are taken from what it says; whatever the operator
/// decides (whether it is trusted, its profile, what it answers for) is as it was.
pub fn wanted(
    app: &App,
    intake: Intake<'_>,
    said: Registration,
) -> Result<NewClient, RegisterError> {
    let (vouched, before, base) = match intake {
        Intake::New { vouched } => (vouched, None, fresh(app.config.registration.profile)),
        Intake::Again(client, origins) => (false, Some(client), NewClient::of(client, origins)),
    };
    let (response_types, grant_types) = kinds(app, &said, before, vouched)?;
    let redirect_uris = said.redirect_uris.unwrap_or_default();
    let redirects = response_types
        .iter()
        .any(|kind| kind.has_code() || is_front_channel(*kind));
    if redirects && redirect_uris.is_empty() {
        return Err(RegisterError::member("redirect_uris", "is missing"));
    }
    let name = said.client_name.unwrap_or_else(|| named(&redirect_uris));
    // The operator may have called it so.
    if is_ours(&name) && before.is_none_or(|before| before.client_name != name) {
        let why = "must not hold the name of this server";
        return Err(RegisterError::member("client_name", why));
    }
    Ok(NewClient {
        name,
        // Whom the operator trusts is who is there, and not who is sent for.
        trusted: before
            .is_some_and(|before| before.trusted && before.redirect_uris.0 == redirect_uris),
        scope: scope(said.scope.as_deref(), before)?,
        id_token_alg: signing_alg(said.id_token_signed_response_alg.as_deref(), base.profile)?,
        metadata: complete(said.more, base.profile),
        redirect_uris,
        post_logout_redirect_uris: said.post_logout_redirect_uris.unwrap_or_default(),
        application_type: said.application_type.unwrap_or(ApplicationType::Web),
        links: Links {
            logo_uri: said.logo_uri,
            client_uri: said.client_uri,
            policy_uri: said.policy_uri,
            tos_uri: said.tos_uri,
        },
        auth_method: Some(
            said.token_endpoint_auth_method
                .unwrap_or(ClientAuthMethod::ClientSecretBasic),
        ),
        grant_types: Some(grant_types),
        response_types,
        subject_type: said.subject_type.unwrap_or(SubjectType::Public),
        ..base
    })
}

/// A client that nobody vouches for.
fn fresh(profile: Profile) -> NewClient {
    NewClient {
        profile,
        ..NewClient::named("")
    }
}

/// The name of a client that has none: where it answers to, which it cannot make up.
fn named(redirect_uris: &[String]) -> String {
    let host = redirect_uris.first().map(|uri| shown_host(uri));
    let host = host.filter(|host| !host.is_empty() && !is_ours(host));
    host.map_or("Unnamed application".to_owned(), |host| {
        host.chars().take(100).collect()
    })
}

/// Whether a name says that somebody is us, who ask people for their passwords.
fn is_ours(name: &str) -> bool {
    name.to_lowercase().contains("doorward")
}

/// Response types and grants, each with the default that goes with the other (RFC 7591 §2.1).
fn kinds(
    app: &App,
    said: &Registration,
    before: Option<&Model>,
    vouched: bool,
) -> Result<(Vec<ResponseType>, Vec<GrantType>), RegisterError> {
    let kinds = each(&said.response_types, "response_types", ResponseType::named)?;
    let grants = each(&said.grant_types, "grant_types", GrantType::named)?;
    let with_code = |kinds: &[ResponseType]| kinds.iter().any(|kind| kind.has_code());
    let kinds = kinds.unwrap_or_else(|| match &grants {
        Some(grants) if !grants.contains(&GrantType::AuthorizationCode) => Vec::new(),
        _ => vec![ResponseType::Code],
    });
    let grants = grants.unwrap_or_else(|| {
        let front = kinds.iter().any(|kind| is_front_channel(*kind));
        let implied = [
            (with_code(&kinds), GrantType::AuthorizationCode),
            (front, GrantType::Implicit),
        ];
        let implied = implied.into_iter().filter(|(needed, _)| *needed);
        implied.map(|(_, grant)| grant).collect()
    });
    if with_code(&kinds) && !grants.contains(&GrantType::AuthorizationCode) {
        let why = "must hold authorization_code, because response_types hold code";
        return Err(RegisterError::member("grant_types", why));
    }
    let given = |grant: &&GrantType| match grant {
        // No person allows what comes of these: a token for whoever asks, or somebody else's token
        // made into its own.
        GrantType::ClientCredentials => !vouched && !had(before, **grant),
        GrantType::TokenExchange => !had(before, **grant),
        GrantType::DeviceCode => !app.config.features.device_flow && !had(before, **grant),
        _ => false,
    };
    match grants.iter().find(given) {
        Some(grant) => Err(RegisterError::member(
            "grant_types",
            format!(
                "must not hold {}: it is the operator's to give, or switched off",
                grant.name()
            ),
        )),
        None => Ok((kinds, grants)),
    }
}

fn had(before: Option<&Model>, grant: GrantType) -> bool {
    before.is_some_and(|before| before.grant_types.0.contains(&grant))
}

/// Every word by its name, each once.
fn each<T: PartialEq>(
    said: &Option<Vec<String>>,
    member: &str,
    read: fn(&str) -> Option<T>,
) -> Result<Option<Vec<T>>, RegisterError> {
    let Some(said) = said else { return Ok(None) };
    let mut all = Vec::new();
    for word in said {
        let one = read(word).ok_or_else(|| {
            RegisterError::member(member, "holds something that is not supported")
        })?;
        if !all.contains(&one) {
            all.push(one);
        }
    }
    Ok(Some(all))
}

/// Standard scopes, and what the operator gave before. Other words are dropped, as RFC 7591 §2 lets
/// us; a client that asked for nothing but those is told.
fn scope(said: Option<&str>, before: Option<&Model>) -> Result<Scope, RegisterError> {
    let refuse = |why: &str| RegisterError::member("scope", why);
    let standard = NewClient::named("").scope;
    let Some(said) = said else {
        return Ok(standard);
    };
    let said: Scope = said
        .parse()
        .map_err(|_| refuse("is not words of printable ASCII separated by spaces"))?;
    let may = match before {
        Some(before) => standard.union(&before.scope),
        None => standard,
    };
    let granted = said.intersection(&may);
    match granted.is_empty() && !said.is_empty() {
        true => Err(refuse("holds nothing that a client can have here")),
        false => Ok(granted),
    }
}

fn signing_alg(said: Option<&str>, profile: Profile) -> Result<SigningAlg, RegisterError> {
    match said {
        Some(said) => SigningAlg::named(said).ok_or_else(|| {
            RegisterError::member(
                "id_token_signed_response_alg",
                "must be RS256, ES256, PS256 or EdDSA",
            )
        }),
        None => Ok(usual_alg(profile)),
    }
}

/// The signature of ID tokens where none is named. OpenID Connect Dynamic Client Registration §2 says
/// RS256; FAPI 2.0 §5.4 has no place for it.
pub fn usual_alg(profile: Profile) -> SigningAlg {
    match profile.demands(false).strong_algorithms {
        true => SigningAlg::ES256,
        false => SigningAlg::RS256,
    }
}

/// The defaults are kept and not only told, so that what a client reads and sends back changes
/// nothing.
fn complete(mut said: ClientMetadata, profile: Profile) -> ClientMetadata {
    let pushed = profile.demands(false).pushed_requests;
    for (flag, usual) in [
        (&mut said.require_auth_time, false),
        (&mut said.dpop_bound_access_tokens, false),
        (&mut said.require_pushed_authorization_requests, pushed),
        (&mut said.require_signed_request_object, false),
        (&mut said.tls_client_certificate_bound_access_tokens, false),
    ] {
        flag.get_or_insert(usual);
    }
    let sessions = [
        (
            said.frontchannel_logout_uri.is_some(),
            &mut said.frontchannel_logout_session_required,
        ),
        (
            said.backchannel_logout_uri.is_some(),
            &mut said.backchannel_logout_session_required,
        ),
    ];
    for (told, flag) in sessions {
        if told {
            flag.get_or_insert(false);
        }
    }
    said
}
