//! The tables: how a row is found and how it changes. Knows no HTTP, no protocol step, no clock:
//! every time that a predicate needs is handed in.
//!
//! A module is a table; its finders cannot forget the owner, and whatever may happen only once is
//! one `UPDATE` whose predicate says so.

pub mod account;
pub mod authorization_code;
pub mod client;
pub mod client_logo;
pub mod client_origin;
pub mod consent;
pub mod db;
pub mod device_code;
pub mod event;
pub mod failure_counter;
pub mod foreign;
pub mod known_device;
pub mod limit_counter;
pub mod outbox;
pub mod pushed_request;
pub mod refresh_token;
pub mod revoked_token;
pub mod seen_token;
pub mod session;
pub mod session_client;
pub mod signing_key;
pub mod token_family;
pub mod upstream_arrival;
pub mod upstream_flow;
pub mod user;
pub mod value;
pub mod verification_token;

pub use db::Db;
