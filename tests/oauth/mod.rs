//! The protocol's doors, as clients and their enemies meet them: one file per endpoint or grant.
//! Names such as `co_1` are those of a catalogue of mistakes that other servers have made.

mod access_token;
mod client_authentication;
mod client_credentials;
mod codes;
mod ended_grants;
mod granted;
mod id_token;
mod introspection;
mod jwt;
mod pkce;
mod races;
mod refresh;
mod revocation;
mod secret_kinds;
mod token_requests;
mod userinfo;
