//! Values that columns hold, each with one definition for the wire, the column and the document.

mod digest;
mod name;
mod oauth;
mod people;
mod profile;
mod scope;
mod uris;

pub use digest::{Digest, Sealed};
pub use name::is_showable;
pub use oauth::{
    ApplicationType, ClientAuthMethod, GrantType, GrantTypes, ResponseMode, ResponseType,
    ResponseTypes, SigningAlg,
};
pub use people::{AccountType, Address, EventKind, LetterKind, Role, StandardClaims, TokenKind};
pub use profile::{Demands, Profile};
pub use scope::{OFFLINE_ACCESS, OPENID, STANDARD_SCOPES, Scope, ScopeError};
pub use uris::{Amr, Names, Uris};
