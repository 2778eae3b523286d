//! People who sign in somewhere else: with stand-ins that answer as Google, GitHub and any OpenID
//! provider do. Named after the catalogue's mistakes (`lk_…`, `rp_…`, `cs_…`, `jw_…`).

mod access;
mod accounts;
mod again;
mod api;
mod browsers;
mod documents;
mod finishing;
mod hijacking;
mod id_tokens;
mod keeping;
mod linking;
mod races;
mod rp;
mod signing_in;
pub mod standin;
mod weather;
mod who;
mod wire;
mod world;
