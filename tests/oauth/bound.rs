//! Bound: a client that holds a key, and what it was granted for the proofs of it (RFC 9449).

use chrono::{DateTime, Utc};
use doorward::paths;
use entity::{client, seen_token};
use sea_orm::EntityTrait;

use super::granted::{Granted, change_client};
use crate::support::{
    call::Call,
    dpop::{DpopKey, Options},
    expect::Tokens,
    house::House,
};

/// A client that a person allowed everything, and its key.
pub struct Bound<'a> {
    pub granted: Granted<'a>,
    pub key: DpopKey,
}

impl<'a> Bound<'a> {
    pub async fn confidential(house: &'a House) -> Self {
        Self {
            granted: Granted::confidential(house).await,
            key: DpopKey::new(),
        }
    }

    pub async fn public(house: &'a House) -> Self {
        Self {
            granted: Granted::public(house).await,
            key: DpopKey::new(),
        }
    }

    /// Changes what the client registered.
    pub async fn change(&self, change: impl FnOnce(&mut client::Model)) {
        change_client(self.granted.house, &self.granted.rp, change).await;
    }

    /// A token request without a proof.
    pub fn token(&self, form: &[(&str, &str)]) -> Call {
        self.granted.rp.token(form)
    }

    /// The redemption of a code, without a proof.
    pub fn exchange(&self, code: &str) -> Call {
        let rp = &self.granted.rp;
        rp.token(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &rp.redirect_uri),
            ("code_verifier", &rp.code_verifier),
        ])
    }

    /// The redemption of a refresh token, without a proof.
    pub fn refresh(&self, refresh_token: &str) -> Call {
        self.token(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
        ])
    }

    /// A proof of any key for the token endpoint.
    pub fn proof_of(&self, key: &DpopKey, options: Options<'_>) -> String {
        key.proof("POST", &self.url(paths::TOKEN), options)
    }

    /// A proof of its key for the token endpoint.
    pub fn proof(&self, options: Options<'_>) -> String {
        self.proof_of(&self.key, options)
    }

    /// The tokens for one more code, bound to its key.
    pub async fn tokens(&mut self) -> Tokens {
        let code = self.granted.code().await;
        let proof = self.proof(Options::default());
        let answer = self.exchange(&code).header("DPoP", &proof).await;
        answer.bound_tokens()
    }

    /// A request for its person's claims with a token and a proof of its key for it.
    pub fn userinfo(&self, access_token: &str) -> Call {
        self.userinfo_with(access_token, Options::default())
    }

    /// The same with another proof; its `ath` is that of the token, unless told otherwise.
    pub fn userinfo_with(&self, access_token: &str, options: Options<'_>) -> Call {
        let options = Options {
            access_token: options.access_token.or(Some(access_token)),
            ..options
        };
        let proof = self.key.proof("GET", &self.url(paths::USERINFO), options);
        self.shown(&format!("DPoP {access_token}"))
            .header("DPoP", &proof)
    }

    /// A request for its person's claims with this `Authorization`, and no proof.
    pub fn shown(&self, authorization: &str) -> Call {
        let call = self.granted.house.get(paths::USERINFO);
        call.header("Authorization", authorization)
    }

    /// The whole address of a path of the house.
    pub fn url(&self, path: &str) -> String {
        self.granted.house.url(path).into()
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.granted.house.app.clock.now()
    }
}

/// What is remembered of the proofs that were accepted.
pub async fn remembered(house: &House) -> Vec<seen_token::Model> {
    let all = seen_token::Entity::find().all(&house.app.db.read).await;
    all.expect("the proofs that were seen")
}
