//! Fapi2 party: one client of the plan, with its keys and what it sends.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use doorward::{
    clients::register::{self, NewClient},
    crypto::{secret::random_id, sha256},
};
use entity::value::{ClientAuthMethod, ClientMetadata, Profile, SigningAlg};
use serde_json::json;

use super::{
    fapi2::{Changes, Fapi, owned},
    suite::Suite,
};
use crate::support::dpop::DpopKey;

/// One client.
pub struct Party {
    pub id: String,
    pub(super) key: DpopKey,
    pub dpop: DpopKey,
    pub redirect_uri: String,
    pub state: String,
    pub nonce: String,
    pub code_verifier: String,
    scope: &'static str,
    reversed: bool,
}

impl Party {
    pub(super) async fn add(suite: &Suite, plan: Fapi, redirect_uri: &str, second: bool) -> Self {
        let key = DpopKey::new();
        let mut jwk = key.jwk.clone();
        jwk["kid"] = json!("own");
        jwk["alg"] = json!("ES256");
        let scope = if plan.openid { "openid" } else { "profile" };
        let new = NewClient {
            redirect_uris: vec![redirect_uri.to_owned()],
            profile: Profile::Fapi2,
            auth_method: Some(ClientAuthMethod::PrivateKeyJwt),
            id_token_alg: SigningAlg::ES256,
            scope: "openid profile email address phone offline_access"
                .parse()
                .expect("a scope"),
            metadata: ClientMetadata {
                jwks: Some(json!({ "keys": [jwk] })),
                dpop_bound_access_tokens: Some(true),
                ..ClientMetadata::default()
            },
            ..NewClient::named("FAPI client")
        };
        let added = register::add(&suite.house.app, new)
            .await
            .expect("a new client");
        Self {
            id: added.client.client_id,
            key,
            dpop: DpopKey::new(),
            redirect_uri: redirect_uri.to_owned(),
            state: if second {
                random_id::<96>()
            } else {
                random_id::<16>()
            },
            nonce: random_id::<16>(),
            code_verifier: random_id::<32>(),
            scope,
            reversed: second,
        }
    }

    /// The parameters of an authorization request; `changes` replaces some, none leaves one out.
    pub fn request(&self, changes: Changes<'_>) -> Vec<(String, String)> {
        let challenge = URL_SAFE_NO_PAD.encode(sha256(self.code_verifier.as_bytes()));
        let jkt = self.dpop.jkt();
        let mut usual = vec![
            ("response_type", "code"),
            ("client_id", self.id.as_str()),
            ("redirect_uri", &self.redirect_uri),
            ("scope", self.scope),
            ("state", &self.state),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        if self.scope == "openid" {
            usual.push(("nonce", &self.nonce));
        }
        if self.reversed {
            usual.reverse();
            usual.push(("dpop_jkt", &jkt));
        }
        let kept = |(name, _): &(&str, &str)| changes.iter().all(|(own, _)| own != name);
        let mut all: Vec<_> = usual.into_iter().filter(kept).collect();
        all.extend(
            changes
                .iter()
                .filter_map(|(name, value)| Some((*name, (*value)?))),
        );
        owned(&all)
    }
}
