//! Doorward: an OpenID Provider in one binary.
//!
//! # The map of the house and its law
//!
//! *Doors* speak HTTP and nothing else. *Rooms* know the protocol and the people: typed requests
//! in, typed outcomes out, no HTTP. The *ground* holds words, secrets, letters and settings.
//! *Tables* know how a row is found and how it changes. Imports run downward only, in no circle;
//! `tests/floors.rs` reads every `use` and says which sentence was broken.
//!
//! | floor | modules |
//! |---|---|
//! | entrance | `main.rs`, `server`, `jobs`, `openapi` |
//! | doors | `http`: `oauth`, `pages`, `api`, `admin`; below them `kit`, which they share |
//! | rooms | `authorization`, `grants`, `accounts`, `upstream`, `clients`, `tokens`, `sessions`, `devices`, `logout`, `keys`, `events` |
//! | the app | `app`: what every room is handed |
//! | ground | `oauth`, `crypto`, `mail`, `config`, `templates`, `limits`, `fetch`, `clock`, `paths`, `pwned` |
//! | tables | the crate `entity`; apart from everything, the crate `migration` |
//!
//! Among rooms: `grants` uses `tokens`, `accounts` and `logout` use `sessions`, `upstream` uses both, all may write
//! `events`. Where something new belongs, and what it touches, is told in `CONTRIBUTING.md`.

pub mod accounts;
pub mod app;
pub mod authorization;
pub mod clients;
pub mod clock;
pub mod config;
pub mod crypto;
pub mod devices;
pub mod events;
pub mod fetch;
pub mod grants;
pub mod http;
pub mod jobs;
pub mod keys;
pub mod limits;
pub mod logout;
pub mod mail;
pub mod oauth;
pub mod openapi;
pub mod paths;
pub mod pwned;
pub mod server;
pub mod sessions;
pub mod templates;
pub mod tokens;
pub mod upstream;
