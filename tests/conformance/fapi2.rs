//! Fapi2: a provider and two clients of the FAPI 2.0 Security Profile: private_key_jwt, pushed
//! requests, DPoP, with OpenID Connect or without.

use doorward::{crypto::secret::random_id, paths};
use serde_json::{Value, json};
use url::Url;

use super::{
    client::{ASSERTION_TYPE, finish},
    fapi2_party::Party,
    suite::Suite,
};
use crate::support::{
    answer::Answer,
    browser::Browser,
    call::Call,
    dpop::{DpopKey, Options},
};

/// Whether `openid` is part of the plan.
#[derive(Clone, Copy, Debug)]
pub struct Fapi {
    pub openid: bool,
}

/// The provider with both clients.
pub struct World {
    pub suite: Suite,
    pub plan: Fapi,
    pub first: Party,
    /// Its redirect URI has a query, its state is long, its parameters come in another order.
    pub second: Party,
}

pub type Changes<'c> = &'c [(&'c str, Option<&'c str>)];

impl World {
    pub async fn begin(plan: Fapi) -> Self {
        let suite = Suite::begin().await;
        let callback = "https://suite.example/test/a/doorward/callback";
        let first = Party::add(&suite, plan, callback, false).await;
        let with_query = format!("{callback}?dummy1=lorem&dummy2=ipsum");
        let second = Party::add(&suite, plan, &with_query, true).await;
        Self {
            suite,
            plan,
            first,
            second,
        }
    }

    pub fn now(&self) -> i64 {
        self.suite.house.app.clock.now().timestamp()
    }

    pub fn issuer(&self) -> &str {
        &self.suite.house.app.config.server.issuer
    }

    pub fn endpoint(&self, path: &str) -> String {
        self.suite.house.url(path).into()
    }

    /// A client assertion, with these claims replaced; null takes out.
    pub fn assertion(&self, party: &Party, changes: &Value) -> String {
        let now = self.now();
        let mut claims = json!({
            "iss": party.id, "sub": party.id, "aud": self.issuer(),
            "jti": random_id::<16>(), "iat": now, "nbf": now, "exp": now + 60,
        });
        for (name, value) in changes.as_object().into_iter().flatten() {
            match value {
                Value::Null => drop(claims.as_object_mut().and_then(|all| all.remove(name))),
                value => claims[name] = value.clone(),
            }
        }
        let header = json!({ "alg": party.key.alg, "kid": "own" });
        party.key.sign(&header.to_string(), &claims.to_string())
    }

    /// A back-channel call of a client with a good assertion.
    pub fn called(&self, party: &Party, path: &str, form: &[(String, String)]) -> Call {
        self.called_with(&self.assertion(party, &json!({})), path, form)
    }

    pub fn called_with(&self, assertion: &str, path: &str, form: &[(String, String)]) -> Call {
        let mut form = form.to_vec();
        form.push((
            "client_assertion_type".to_owned(),
            ASSERTION_TYPE.to_owned(),
        ));
        form.push(("client_assertion".to_owned(), assertion.to_owned()));
        self.suite.house.post(path).form(&form)
    }

    /// Pushes a request without any proof.
    pub async fn push(&self, party: &Party, changes: Changes<'_>) -> Answer {
        self.called(party, paths::PAR, &party.request(changes))
            .await
    }

    /// A pushed request that is taken, as its URI.
    pub async fn pushed(&self, party: &Party, changes: Changes<'_>) -> String {
        let answer = self.push(party, changes).await;
        accepted(&answer)
    }

    /// Where a browser goes with a pushed request.
    pub fn url(&self, party: &Party, request_uri: &str, more: &[(&str, &str)]) -> String {
        let mut url: Url = self.suite.house.url(paths::AUTHORIZE);
        url.query_pairs_mut()
            .append_pair("client_id", &party.id)
            .append_pair("request_uri", request_uri)
            .extend_pairs(more);
        url.into()
    }

    /// Lets the person answer a pushed request. The members of the response.
    pub async fn answered(
        &self,
        party: &Party,
        browser: &mut Browser<'_>,
        request_uri: &str,
        more: &[(&str, &str)],
    ) -> Vec<(String, String)> {
        browser
            .get_from_stranger(&self.url(party, request_uri, more))
            .await;
        finish(browser).await;
        self.response(party, browser.last())
    }

    /// The members of a response at the client's redirect URI.
    #[track_caller]
    pub fn response(&self, party: &Party, answer: &Answer) -> Vec<(String, String)> {
        answer.is(303);
        let to = answer.location().expect("a Location");
        let whole = to.as_str().trim_end_matches('#');
        let rest = whole.strip_prefix(&party.redirect_uri);
        let rest = rest.unwrap_or_else(|| panic!("{whole} is not {}", party.redirect_uri));
        let pairs = url::form_urlencoded::parse(rest.trim_start_matches(['?', '&']).as_bytes());
        let pairs: Vec<_> = pairs.into_owned().collect();
        assert_eq!(member(&pairs, "iss").as_deref(), Some(self.issuer()));
        pairs
    }

    /// A code, for a request with these changes.
    pub async fn code(&self, party: &Party, changes: Changes<'_>) -> String {
        let uri = self.pushed(party, changes).await;
        let mut browser = self.suite.browser();
        let answer = self.answered(party, &mut browser, &uri, &[]).await;
        member(&answer, "code").unwrap_or_else(|| panic!("no code: {answer:?}"))
    }

    /// The form that redeems a code.
    pub fn redemption(&self, party: &Party, code: &str) -> Vec<(String, String)> {
        owned(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &party.redirect_uri),
            ("code_verifier", &party.code_verifier),
        ])
    }

    /// A proof for the token endpoint by the house's clock.
    pub fn proof(&self, key: &DpopKey, path: &str) -> String {
        let options = Options {
            iat: Some(self.now()),
            ..Options::default()
        };
        key.proof("POST", &self.endpoint(path), options)
    }

    /// A token request with a proof of this key.
    pub async fn redeem(&self, party: &Party, key: &DpopKey, form: &[(String, String)]) -> Answer {
        let proof = self.proof(key, paths::TOKEN);
        self.called(party, paths::TOKEN, form)
            .header("DPoP", &proof)
            .await
    }

    /// Everything in order: the answer of the token endpoint.
    pub async fn tokens(&self, party: &Party, changes: Changes<'_>) -> Value {
        let code = self.code(party, changes).await;
        let form = self.redemption(party, &code);
        let answer = self.redeem(party, &party.dpop, &form).await;
        let tokens = answer.ok();
        assert_eq!(tokens["token_type"], "DPoP", "{tokens}");
        assert_eq!(tokens["id_token"].is_string(), self.plan.openid, "{tokens}");
        tokens
    }

    /// A protected resource, asked with a token and a proof that says what `options` say.
    pub fn resource(&self, scheme: &str, token: &str, key: &DpopKey, options: Options<'_>) -> Call {
        let options = Options {
            access_token: Some(token),
            iat: options.iat.or(Some(self.now())),
            ..options
        };
        let proof = key.proof("GET", &self.endpoint(paths::USERINFO), options);
        let call = self.suite.house.get(paths::USERINFO);
        call.header("Authorization", &format!("{scheme} {token}"))
            .header("DPoP", &proof)
    }
}

/// The URI of a pushed request that was taken (RFC 9126 §2.2).
#[track_caller]
pub fn accepted(answer: &Answer) -> String {
    assert_eq!(answer.status, 201, "{}", answer.told());
    let json = answer.json();
    assert!(
        json["expires_in"]
            .as_i64()
            .is_some_and(|life| (5..=90).contains(&life)),
        "{json}"
    );
    json["request_uri"]
        .as_str()
        .expect("a request_uri")
        .to_owned()
}

/// A member of a response.
pub fn member(pairs: &[(String, String)], name: &str) -> Option<String> {
    pairs
        .iter()
        .find(|(own, _)| own == name)
        .map(|(_, value)| value.clone())
}

pub fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// An OAuth error of one of these kinds, by status.
#[track_caller]
pub fn refused(answer: &Answer, allowed: &[(u16, &str)]) {
    let error = answer.json()["error"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let fits = allowed
        .iter()
        .any(|(status, code)| *status == answer.status && *code == error);
    assert!(fits, "not one of {allowed:?}: {}", answer.told());
}
