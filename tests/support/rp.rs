//! Rp: a relying party of a house, with what it must remember between its steps.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use doorward::{
    clients::register::{self, NewClient},
    crypto::{secret::random_id, sha256},
    paths,
};
use secrecy::ExposeSecret;
use url::Url;

use super::{answer::Answer, browser::Browser, call::Call, house::House};

/// A client and one sign-in of it.
pub struct Rp<'a> {
    pub house: &'a House,
    pub client_id: String,
    /// None for a public client.
    pub client_secret: Option<String>,
    pub redirect_uri: String,
    pub state: String,
    pub nonce: String,
    pub code_verifier: String,
}

impl<'a> Rp<'a> {
    /// A client with a secret, for all standard scopes.
    pub async fn confidential(house: &'a House) -> Self {
        Self::with(house, |_| ()).await
    }

    /// A client without a secret.
    pub async fn public(house: &'a House) -> Self {
        Self::with(house, |new| new.public = true).await
    }

    /// Any other client.
    pub async fn with(house: &'a House, change: impl FnOnce(&mut NewClient)) -> Self {
        let mut new = NewClient {
            redirect_uris: vec!["https://app.example/cb".to_owned()],
            ..NewClient::named("Example")
        };
        change(&mut new);
        let redirect_uri = new.redirect_uris.first().cloned().unwrap_or_default();
        let added = register::add(&house.app, new).await.expect("a new client");
        Self {
            house,
            client_id: added.client.client_id,
            client_secret: added.secret.map(|secret| secret.expose_secret().to_owned()),
            redirect_uri,
            state: random_id::<16>(),
            nonce: random_id::<16>(),
            code_verifier: random_id::<32>(),
        }
    }

    /// An authorization request for `openid email offline_access`. `changes` replaces parameters;
    /// none as a value leaves one out.
    pub fn authorize_url(&self, changes: &[(&str, Option<&str>)]) -> String {
        let code_challenge = URL_SAFE_NO_PAD.encode(sha256(self.code_verifier.as_bytes()));
        let usual = [
            ("response_type", "code"),
            ("client_id", &self.client_id),
            ("redirect_uri", &self.redirect_uri),
            ("scope", "openid email offline_access"),
            ("state", &self.state),
            ("nonce", &self.nonce),
            ("code_challenge", &code_challenge),
            ("code_challenge_method", "S256"),
        ];
        let mut url: Url = self.house.url(paths::AUTHORIZE);
        let unchanged = |(name, _): &&(&str, &str)| changes.iter().all(|(own, _)| own != name);
        url.query_pairs_mut()
            .extend_pairs(usual.iter().filter(unchanged))
            .extend_pairs(
                changes
                    .iter()
                    .filter_map(|(name, value)| Some((name, (*value)?))),
            );
        url.into()
    }

    /// Sends a person here to sign in: as the house's own person, allowing what is asked, with no
    /// more pages than the house shows. Answers the code.
    pub async fn sign_in(&self, browser: &mut Browser<'_>) -> String {
        browser.get_from_stranger(&self.authorize_url(&[])).await;
        if browser.follow().await.url.path() == paths::LOGIN {
            let person = self.house.person().await;
            let typed = [("email", person.email), ("password", person.password)];
            browser.submit("#login-form", &typed).await;
        }
        if browser.follow().await.url.path() == paths::CONSENT {
            browser.submit("#consent-approve", &[]).await;
        }
        browser.follow().await.code()
    }

    /// Redeems a code.
    pub async fn exchange(&self, code: &str) -> Answer {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.redirect_uri),
            ("code_verifier", &self.code_verifier),
        ];
        self.token(&form).await
    }

    /// Redeems a refresh token.
    pub async fn refresh(&self, refresh_token: &str) -> Answer {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
        ];
        self.token(&form).await
    }

    /// A token request of this client.
    pub fn token(&self, form: &[(&str, &str)]) -> Call {
        self.post(paths::TOKEN, form)
    }

    /// A form to any endpoint at which this client proves who it is, or says so if it is public.
    pub fn post(&self, path: &str, form: &[(&str, &str)]) -> Call {
        let call = self.house.post(path);
        match &self.client_secret {
            Some(secret) => call.basic(&self.client_id, secret).form(form),
            None => {
                let mut form = form.to_vec();
                form.push(("client_id", &self.client_id));
                call.form(&form)
            }
        }
    }
}
