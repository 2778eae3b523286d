//! What the doors share: reading requests, knowing who asks, rendering pages and errors, headers,
//! the log line. Decides nothing about the protocol.

pub mod area;
pub mod bearer;
pub mod body;
pub mod cached;
pub mod callback;
pub mod certificate;
pub mod client_ip;
pub mod cookies;
pub mod cors;
pub mod dpop;
pub mod errand;
pub mod follow;
pub mod form_post;
pub mod headers;
pub mod oauth_error;
pub mod oauth_form;
pub mod oauth_json;
pub mod page;
pub mod page_error;
pub mod page_form;
pub mod problem;
pub mod resource;
pub mod trace;
pub mod visited;
pub mod visitor;
