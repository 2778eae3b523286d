//! Pushing: requests that a client pushes or signs, and the URLs with which it sends a browser.

use doorward::{clients::register::NewClient, paths};
use entity::{pushed_request, value::Profile};
use sea_orm::EntityTrait;
use serde_json::{Map, Value, json};
use url::Url;

use crate::support::{
    answer::Answer, browser::Browser, call::Call, dpop::DpopKey, house::House, rp::Rp,
};

/// What every name of a pushed request begins with.
pub const URN: &str = "urn:ietf:params:oauth:request_uri:";

/// The usual parameters of a relying party with these changes, as a form.
pub fn form(rp: &Rp<'_>, changes: &[(&str, Option<&str>)]) -> Vec<(String, String)> {
    let url = Url::parse(&rp.authorize_url(changes)).expect("a URL");
    url.query_pairs().into_owned().collect()
}

/// Pushes the usual request with these changes; sent when it is awaited.
pub fn push(rp: &Rp<'_>, changes: &[(&str, Option<&str>)]) -> Call {
    let mut form = form(rp, changes);
    // A public client says itself who it is.
    form.retain(|(name, _)| name != "client_id" || rp.client_secret.is_some());
    let pairs: Vec<(&str, &str)> = form
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .collect();
    rp.post(paths::PAR, &pairs)
}

/// The `request_uri` of an answer that took a request.
#[track_caller]
pub fn request_uri(answer: &Answer) -> String {
    answer.is(201);
    let uri = answer.json()["request_uri"].as_str().map(str::to_owned);
    uri.unwrap_or_else(|| panic!("no request_uri: {}", answer.told()))
}

/// The URL that brings a pushed request.
pub fn url_of(house: &House, client_id: &str, request_uri: &str) -> String {
    let mut url = house.url(paths::AUTHORIZE);
    url.query_pairs_mut()
        .append_pair("client_id", client_id)
        .append_pair("request_uri", request_uri);
    url.into()
}

/// The URL of one more pushed request with these changes.
pub async fn pushed(house: &House, rp: &Rp<'_>, changes: &[(&str, Option<&str>)]) -> String {
    let answer = push(rp, changes).await;
    url_of(house, &rp.client_id, &request_uri(&answer))
}

/// Signs the house's person in and allows what is asked; ends where the browser is sent away.
pub async fn answer<'b, 'h>(
    browser: &'b mut Browser<'h>,
    house: &House,
    url: &str,
) -> &'b mut Browser<'h> {
    browser.get_from_stranger(url).await;
    if browser.follow().await.url.path() == paths::LOGIN {
        let person = house.person().await;
        let typed = [("email", person.email), ("password", person.password)];
        browser.submit("#login-form", &typed).await;
    }
    if browser.follow().await.url.path() == paths::CONSENT {
        browser.submit("#consent-approve", &[]).await;
    }
    browser.follow().await;
    browser
}

/// Shown, never sent anywhere: nothing is proven of whoever brings such a name.
#[track_caller]
pub fn refused(answer: &Answer) {
    answer
        .shown(400, "Authorization error")
        .shown(400, "invalid_request_uri");
}

/// The one request that was pushed.
pub async fn row(house: &House) -> pushed_request::Model {
    let all = pushed_request::Entity::find().all(&house.app.db.read).await;
    let mut all = all.expect("the requests");
    assert_eq!(all.len(), 1, "one request was pushed");
    all.remove(0)
}

/// A key with which a client signs request objects.
pub struct Signing {
    pub key: DpopKey,
}

impl Signing {
    pub fn es256() -> Self {
        Self {
            key: DpopKey::new(),
        }
    }

    /// The key set to be registered.
    pub fn jwks(&self) -> Value {
        let mut jwk = self.key.jwk.clone();
        jwk["kid"] = json!("k1");
        json!({ "keys": [jwk] })
    }

    /// A client that has registered the key.
    pub async fn client<'a>(
        &self,
        house: &'a House,
        change: impl FnOnce(&mut NewClient),
    ) -> Rp<'a> {
        Rp::with(house, |new| {
            new.metadata.jwks = Some(self.jwks());
            change(new);
        })
        .await
    }

    /// Signs claims as a request object.
    pub fn sign(&self, claims: &Value) -> String {
        self.sign_with(&json!({}), claims)
    }

    /// The same with another header; null takes a member out.
    pub fn sign_with(&self, changes: &Value, claims: &Value) -> String {
        let header = header(self.key.alg, changes);
        self.key.sign(&header.to_string(), &claims.to_string())
    }
}

/// The header of a request object.
pub fn header(alg: &str, changes: &Value) -> Value {
    let mut header = json!({ "alg": alg, "typ": "oauth-authz-req+jwt", "kid": "k1" });
    for (name, value) in changes.as_object().expect("changes") {
        match value {
            Value::Null => drop(header.as_object_mut().map(|header| header.remove(name))),
            value => header[name] = value.clone(),
        }
    }
    header
}

/// What a request object of this client says: its usual request, for us and good for a minute; with
/// these changes, of which null takes a member out.
pub fn object(house: &House, rp: &Rp<'_>, changes: &Value) -> Value {
    let usual = form(rp, &[]).into_iter();
    let mut claims: Map<String, Value> = usual.map(|(name, text)| (name, text.into())).collect();
    let now = house.app.clock.now().timestamp();
    claims.insert("iss".to_owned(), rp.client_id.clone().into());
    claims.insert(
        "aud".to_owned(),
        house.app.config.server.issuer.clone().into(),
    );
    claims.insert("iat".to_owned(), now.into());
    claims.insert("nbf".to_owned(), now.into());
    claims.insert("exp".to_owned(), (now + 60).into());
    for (name, value) in changes.as_object().expect("changes") {
        match value {
            Value::Null => drop(claims.remove(name)),
            value => drop(claims.insert(name.clone(), value.clone())),
        }
    }
    Value::Object(claims)
}

/// A client of the profile that may leave its request objects unsigned.
pub fn oidc(new: &mut NewClient) {
    new.profile = Profile::Oidc;
}
