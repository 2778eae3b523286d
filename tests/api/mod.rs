//! The JSON API, as a front end in a browser and as strangers meet it: one file per group of
//! endpoints. Every answer is also held against the document.

mod bodies;
mod choosing;
mod contract;
mod docs;
mod faces;
mod front;
mod origins;
mod password;
mod recover;
mod session;
mod sessions;
mod sign_in;
mod sign_up;
mod types;
mod user;
