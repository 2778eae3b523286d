//! The protocol's doors: one file per endpoint. They read, ask a room, and write.

pub mod authorize;
pub mod device_authorization;
pub mod discovery;
pub mod documents;
pub mod end_session;
pub mod introspect;
pub mod jwks;
pub mod par;
pub mod registration;
pub mod revoke;
pub mod token;
pub mod userinfo;

mod browser;

use poem_openapi::{OpenApi, Tags};

use crate::app::App;

/// The part of the document that is about the protocol.
#[derive(Debug, Tags)]
pub enum Tag {
    /// OAuth 2.x and OpenID Connect.
    #[oai(rename = "OpenID Connect")]
    OpenIdConnect,
}

/// The endpoints that clients call.
pub fn called_doors(app: &App) -> impl OpenApi + use<> {
    (
        token::Token { app: app.clone() },
        userinfo::Userinfo { app: app.clone() },
        introspect::Introspect { app: app.clone() },
        revoke::Revoke { app: app.clone() },
        par::Par { app: app.clone() },
        device_authorization::DeviceAuthorizationEndpoint { app: app.clone() },
        registration::ClientRegistration { app: app.clone() },
    )
}

/// The endpoints that a browser visits.
pub fn visited_doors(app: &App) -> impl OpenApi + use<> {
    (
        authorize::Authorize { app: app.clone() },
        end_session::EndSession { app: app.clone() },
    )
}

/// The documents that are for everybody.
pub fn public_doors(app: &App) -> impl OpenApi + use<> {
    (discovery::Discovery::new(app), jwks::Jwks::new(app))
}
