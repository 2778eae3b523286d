//! JWS inputs: the places where a signed token can be presented to us, and what a bad one gets in
//! each: a refusal, and nothing has happened.

use std::collections::BTreeMap;

use doorward::paths;
use entity::value::SigningAlg;
use serde_json::{Value, json};
use url::Url;

use super::{
    forge::Signer,
    granted::{Granted, inactive},
    jwt::claims,
};
use crate::support::{answer::Answer, expect::Tokens, house::House, rp::Rp};

/// Where the client wants its people to go on after they signed out.
pub const GOODBYE: &str = "https://app.example/goodbye";
/// What fits into a form of 64 KiB with room for the rest.
const FITS: usize = 60_000;

/// A person signed in, with the tokens of a client.
pub struct Inputs<'a> {
    pub granted: Granted<'a>,
    pub tokens: Tokens,
    rows: BTreeMap<String, i64>,
}

impl<'a> Inputs<'a> {
    pub async fn new(house: &'a House) -> Self {
        let rp = Rp::with(house, |new| {
            new.post_logout_redirect_uris = vec![GOODBYE.to_owned()];
        })
        .await;
        let mut granted = Granted::to(house, rp).await;
        let tokens = granted.tokens().await;
        let rows = house.rows().await;
        Self {
            granted,
            tokens,
            rows,
        }
    }

    pub fn id_claims(&self) -> Value {
        claims(self.tokens.id_token.as_deref().expect("an ID token"))
    }

    pub fn access_claims(&self) -> Value {
        claims(&self.tokens.access_token)
    }

    /// What we would sign, made outside of us, is taken: so whatever is refused is refused for the
    /// reason that the test names.
    pub async fn control(&mut self) -> (Signer, Signer) {
        let house = self.granted.house;
        let rsa = Signer::ours(house, SigningAlg::RS256).await;
        let ecdsa = Signer::ours(house, SigningAlg::ES256).await;
        for signer in [&rsa, &ecdsa] {
            let hint = signer.token("JWT", &json!({}), &self.id_claims());
            self.ask(&hint).await.code();
            let access = signer.token("at+jwt", &json!({}), &self.access_claims());
            house.get(paths::USERINFO).bearer(&access).await.ok();
            assert_eq!(
                self.granted.introspected(&access).await.ok()["active"],
                true
            );
        }
        self.rows = house.rows().await;
        (rsa, ecdsa)
    }

    /// No input takes it.
    pub async fn refuse(&mut self, token: &str) {
        self.refuse_as_hint(token).await;
        self.refuse_as_access_token(token).await;
    }

    /// `id_token_hint` at the authorization and the end-session endpoint.
    pub async fn refuse_as_hint(&mut self, token: &str) {
        if token.len() > FITS {
            let form = [("id_token_hint", token)];
            let browser = &mut self.granted.browser;
            browser
                .post_form(paths::AUTHORIZE, &form)
                .await
                .shown(400, "Authorization error");
            browser
                .post_form(paths::END_SESSION, &form)
                .await
                .shown(400, "Logout error");
        } else {
            self.ask(token).await.answered("invalid_request");
            let url = self.logout(token);
            self.granted
                .browser
                .get(url.as_str())
                .await
                .shown(400, "Logout error");
        }
        self.nothing_happened(token).await;
    }

    /// The access token of userinfo and introspection; and revocation, which does not say.
    pub async fn refuse_as_access_token(&self, token: &str) {
        self.refuse_at_resources(token).await;
        let revoked = self
            .granted
            .rp
            .post(paths::REVOKE, &[("token", token)])
            .await;
        match revoked.status {
            413 if token.len() > FITS => _ = revoked.oauth_error(413, "invalid_request"),
            _ => _ = revoked.is(200),
        }
        self.nothing_happened(token).await;
    }

    /// The access token of userinfo, in its three places, and of introspection.
    pub async fn refuse_at_resources(&self, token: &str) {
        let house = self.granted.house;
        let in_form = house
            .post(paths::USERINFO)
            .form(&[("access_token", token)])
            .await;
        let mut answers = vec![in_form];
        if token.bytes().all(|byte| byte.is_ascii_graphic()) {
            answers.push(house.get(paths::USERINFO).bearer(token).await);
            answers.push(house.post(paths::USERINFO).bearer(token).await);
        }
        for answer in answers {
            match answer.status {
                400 => answer.oauth_error(400, "invalid_request"),
                413 if token.len() > FITS => answer.oauth_error(413, "invalid_request"),
                _ => answer.bearer_error(401, "invalid_token"),
            };
        }
        let introspected = self.granted.introspected(token).await;
        match introspected.status {
            413 if token.len() > FITS => _ = introspected.oauth_error(413, "invalid_request"),
            _ => inactive(&introspected),
        }
    }

    /// The person is still signed in, and the tokens that are good still are.
    pub async fn unharmed(&mut self) {
        let id_token = self.tokens.id_token.clone().expect("an ID token");
        self.ask(&id_token).await.code();
        let house = self.granted.house;
        house
            .get(paths::USERINFO)
            .bearer(&self.tokens.access_token)
            .await
            .ok();
        let to = self.logout(&id_token);
        let left = self.granted.browser.get(to.as_str()).await.location();
        assert_eq!(left.expect("a Location").as_str(), GOODBYE);
    }

    /// An authorization request with this hint, without pages.
    async fn ask(&mut self, hint: &str) -> Answer {
        let asked = [("id_token_hint", Some(hint)), ("prompt", Some("none"))];
        let url = self.granted.rp.authorize_url(&asked);
        self.granted.browser.get_from_stranger(&url).await.clone()
    }

    fn logout(&self, hint: &str) -> Url {
        let mut url = self.granted.house.url(paths::END_SESSION);
        url.query_pairs_mut()
            .append_pair("id_token_hint", hint)
            .append_pair("post_logout_redirect_uri", GOODBYE);
        url
    }

    async fn nothing_happened(&self, token: &str) {
        let start: String = token.chars().take(300).collect();
        assert_eq!(self.granted.house.rows().await, self.rows, "{start}");
    }
}
