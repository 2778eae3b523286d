//! Values that columns hold, each with one definition for the wire, the column and the document.

mod claims;
mod confirmation;
mod digest;
mod metadata;
mod name;
mod oauth;
mod people;
mod profile;
mod response;
mod scope;
mod uris;

pub use claims::ClaimsRequest;
pub use confirmation::Confirmation;
pub use digest::{Digest, Sealed};
pub use metadata::ClientMetadata;
pub use name::is_showable;
pub use oauth::{
    ApplicationType, ClientAuthMethod, GrantType, GrantTypes, SigningAlg, SubjectType,
};
pub use people::{
    AccountType, Address, EventKind, Intent, LetterKind, Role, StandardClaims, TokenKind,
};
pub use profile::{Demands, Profile};
pub use response::{ResponseMode, ResponseType, ResponseTypes};
pub use scope::{ADMIN, OFFLINE_ACCESS, OPENID, STANDARD_SCOPES, Scope, ScopeError};
pub use uris::{Amr, Names, Uris};
