//! Doorward: an OpenID Provider in one binary.

pub mod app;
pub mod clock;
pub mod config;
pub mod crypto;
pub mod mail;
pub mod oauth;
pub mod paths;
pub mod templates;
