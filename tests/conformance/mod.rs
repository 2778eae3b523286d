//! Conformance: one test for each module of the OpenID Foundation's plans for a provider, under the
//! module's own name, by the rules that the module checks. `docs/conformance.md` is made from this
//! list.

mod client;
mod client_keys;
mod codes;
mod core;
mod discovery;
mod dynamic;
mod fapi2;
mod fapi2_dpop;
mod fapi2_party;
mod fapi2_pushed;
mod fapi2_requests;
mod fapi2_tokens;
mod frontchannel;
mod logout;
mod objects;
mod plans;
mod scopes;
mod seen;
mod sessions;
mod shows;
mod suite;
mod table;
mod web;

/// Every module, from whichever file it is in.
mod modules {
    pub use super::{
        client_keys::*, codes::*, core::*, discovery::*, dynamic::*, fapi2_dpop::*,
        fapi2_pushed::*, fapi2_requests::*, fapi2_tokens::*, frontchannel::*, logout::*,
        objects::*, scopes::*, sessions::*,
    };
}

/// How a plan is run.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// Words in the order of the specification.
    pub response_type: &'static str,
    pub form_post: bool,
    /// The method by which its clients prove who they are.
    pub auth: &'static str,
}

impl Variant {
    pub const fn of(response_type: &'static str) -> Self {
        Self {
            response_type,
            form_post: false,
            auth: "client_secret_basic",
        }
    }

    pub const fn by_form_post(self) -> Self {
        Self {
            form_post: true,
            ..self
        }
    }

    pub const fn by_key(self) -> Self {
        Self {
            auth: "private_key_jwt",
            ..self
        }
    }

    /// Whether the answer of the authorization endpoint holds this.
    pub fn has(&self, word: &str) -> bool {
        self.response_type.split(' ').any(|own| own == word)
    }
}
