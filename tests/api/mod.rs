//! The JSON API, as a front end in a browser and as strangers meet it: one file per group of
//! endpoints. Every answer is also held against the document.

mod bearer;
mod bodies;
mod choosing;
mod contract;
mod cookies;
mod docs;
mod email;
mod faces;
pub mod front;
mod leave;
mod origins;
mod password;
mod recover;
mod session;
mod sessions;
mod sign_in;
mod sign_up;
mod token;
mod types;
mod user;
mod verify_links;
