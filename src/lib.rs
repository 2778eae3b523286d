//! Doorward: an OpenID Provider in one binary.

pub mod accounts;
pub mod app;
pub mod authorization;
pub mod clients;
pub mod clock;
pub mod config;
pub mod crypto;
pub mod events;
pub mod fetch;
pub mod grants;
pub mod http;
pub mod jobs;
pub mod logout;
pub mod mail;
pub mod oauth;
pub mod paths;
pub mod server;
pub mod sessions;
pub mod templates;
pub mod tokens;
