//! The protocol's words and pure rules: no I/O, no framework, no tables.

pub mod acr;
pub mod algorithms;
pub mod dpop;
pub mod error;
pub mod metadata;
pub mod params;
pub mod pkce;
pub mod prompt;
pub mod redirect_uri;
pub mod resource;
pub mod scope;
