//! Expect: sentences about an answer, in the words of the protocol. Each fails with the answer.

use serde_json::Value;
use url::Url;

use super::answer::Answer;

impl Answer {
    /// An HTML page of this status that says `text`, and sends the browser nowhere.
    #[track_caller]
    pub fn shown(&self, status: u16, text: &str) -> &Self {
        self.is(status);
        self.has("Content-Type", |kind| kind.starts_with("text/html"));
        self.has("Location", str::is_empty);
        let page = self.page();
        assert!(
            page.text.contains(text),
            "no \"{text}\" in: {}",
            self.told()
        );
        self
    }

    /// 303 to a page of the house, whatever query it carries.
    #[track_caller]
    pub fn sent_to(&self, path: &str) -> &Self {
        self.is(303);
        let to = self
            .location()
            .unwrap_or_else(|| panic!("no Location: {}", self.told()));
        assert_eq!(to.origin(), self.url.origin(), "{}", self.told());
        assert_eq!(to.path(), path, "{}", self.told());
        self
    }

    /// An OAuth error in JSON (RFC 6749 §5.2) that gives nothing away and is kept nowhere.
    #[track_caller]
    pub fn oauth_error(&self, status: u16, code: &str) -> &Self {
        self.is(status);
        let json = self.kept_nowhere();
        assert_eq!(json["error"], code, "{}", self.told());
        if let Some(description) = json["error_description"].as_str() {
            self.is_sendable(description);
        }
        for token in ["access_token", "refresh_token", "id_token", "code"] {
            assert!(
                json.get(token).is_none(),
                "an error with {token}: {}",
                self.told()
            );
        }
        self
    }

    /// 401 `invalid_client`, with the challenge that a 401 must have (RFC 9110 §15.5.2).
    #[track_caller]
    pub fn client_401(&self) -> &Self {
        self.oauth_error(401, "invalid_client");
        self.has("WWW-Authenticate", |challenge| {
            challenge.starts_with("Basic ")
        });
        self
    }

    /// 401 or 403 of a resource (RFC 6750 §3): the error is in the challenge. An empty `code` is
    /// what a request without any token gets.
    #[track_caller]
    pub fn bearer_error(&self, status: u16, code: &str) -> &Self {
        self.is(status);
        let named = format!("error=\"{code}\"");
        self.has("WWW-Authenticate", |challenge| {
            challenge.starts_with("Bearer")
                && if code.is_empty() {
                    !challenge.contains("error")
                } else {
                    challenge.contains(&named)
                }
        });
        self
    }

    /// Problem details (RFC 9457) of this status.
    #[track_caller]
    pub fn problem(&self, status: u16) -> Value {
        self.is(status);
        self.has("Content-Type", |kind| {
            kind.starts_with("application/problem+json")
        });
        let json = self.json();
        assert_eq!(json["status"], status, "{}", self.told());
        json
    }

    /// 200 and JSON.
    #[track_caller]
    pub fn ok(&self) -> Value {
        self.is(200);
        self.has("Content-Type", |kind| kind.starts_with("application/json"));
        self.json()
    }

    /// A token response (RFC 6749 §5.1).
    #[track_caller]
    pub fn tokens(&self) -> Tokens {
        self.tokens_of("Bearer")
    }

    #[track_caller]
    pub(super) fn tokens_of(&self, token_type: &str) -> Tokens {
        self.is(200);
        let json = self.kept_nowhere();
        let text = |name: &str| json[name].as_str().map(str::to_owned);
        assert_eq!(
            text("token_type").as_deref(),
            Some(token_type),
            "{}",
            self.told()
        );
        assert!(
            json["expires_in"].as_i64().is_some_and(|life| life > 0),
            "{}",
            self.told()
        );
        Tokens {
            access_token: text("access_token").unwrap_or_else(|| panic!("{}", self.told())),
            refresh_token: text("refresh_token"),
            id_token: text("id_token"),
            scope: text("scope"),
        }
    }

    /// The browser goes back to the relying party with this error (RFC 6749 §4.1.2.1).
    #[track_caller]
    pub fn answered(&self, error: &str) -> &Self {
        let answer = self.authorization_response();
        let of = |name: &str| {
            answer
                .iter()
                .find(|(own, _)| own == name)
                .map(|(_, value)| value)
        };
        assert_eq!(
            of("error").map(String::as_str),
            Some(error),
            "{}",
            self.told()
        );
        assert!(
            of("code").is_none(),
            "an error with a code: {}",
            self.told()
        );
        if let Some(description) = of("error_description") {
            self.is_sendable(description);
        }
        self
    }

    /// The code with which the browser goes back to the relying party (RFC 6749 §4.1.2).
    #[track_caller]
    pub fn code(&self) -> String {
        let answer = self.authorization_response();
        assert!(
            answer.iter().all(|(name, _)| name != "error"),
            "{}",
            self.told()
        );
        match answer.into_iter().find(|(name, _)| name == "code") {
            Some((_, code)) => code,
            None => panic!("no code: {}", self.told()),
        }
    }

    /// The parameters of an authorization response: a 303 to the redirect URI that was asked for,
    /// with the state that was sent, byte for byte, and our `iss` (RFC 9207 §2).
    #[track_caller]
    fn authorization_response(&self) -> Vec<(String, String)> {
        self.is(303);
        let asked = self
            .asked
            .as_ref()
            .unwrap_or_else(|| panic!("nothing was asked for"));
        let to = self
            .location()
            .unwrap_or_else(|| panic!("no Location: {}", self.told()));
        let registered = Url::parse(&asked.redirect_uri).expect("a redirect URI");
        let place = |url: &Url| url[..url::Position::AfterPath].to_owned();
        assert_eq!(place(&to), place(&registered), "{}", self.told());
        assert!(
            to.fragment().unwrap_or_default().is_empty(),
            "{}",
            self.told()
        );
        let mut answer: Vec<(String, String)> = to.query_pairs().into_owned().collect();
        for own in registered.query_pairs().into_owned() {
            let kept = answer.iter().position(|pair| *pair == own);
            answer.remove(kept.unwrap_or_else(|| panic!("{own:?} is lost: {}", self.told())));
        }
        let all = |name: &str| -> Vec<&str> {
            let own = answer.iter().filter(|(own, _)| own == name);
            own.map(|(_, value)| value.as_str()).collect()
        };
        let state: Vec<&str> = asked.state.as_deref().into_iter().collect();
        assert_eq!(all("state"), state, "{}", self.told());
        let issuer = self.url.origin().ascii_serialization();
        assert_eq!(all("iss"), [issuer.as_str()], "{}", self.told());
        let known = [
            "code",
            "error",
            "error_description",
            "error_uri",
            "state",
            "iss",
        ];
        for (name, _) in &answer {
            assert!(
                known.contains(&name.as_str()) && all(name).len() == 1,
                "{name}: {}",
                self.told()
            );
        }
        answer
    }

    #[track_caller]
    pub fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{}", self.told());
        self
    }

    /// Checks a header; one that is absent reads as empty.
    #[track_caller]
    pub fn has(&self, header: &str, fits: impl Fn(&str) -> bool) -> &Self {
        let value = self.header(header);
        assert!(fits(value), "{header}: {value}\n{}", self.told());
        self
    }

    /// JSON that no cache may keep (RFC 6749 §5.1).
    #[track_caller]
    fn kept_nowhere(&self) -> Value {
        self.has("Content-Type", |kind| kind.starts_with("application/json"));
        self.has("Cache-Control", |rule| rule.contains("no-store"));
        self.json()
    }

    /// RFC 6749 §5.2: no quotation mark, no backslash, nothing outside of printable ASCII.
    #[track_caller]
    fn is_sendable(&self, description: &str) {
        let fits = |c: char| matches!(c, ' '..='!' | '#'..='[' | ']'..='~');
        assert!(
            description.chars().all(fits),
            "{description:?}: {}",
            self.told()
        );
    }
}

/// What a token response holds.
#[derive(Clone, Debug)]
pub struct Tokens {
    pub access_token: String,
    pub refresh_token: Option<String>,
    pub id_token: Option<String>,
    pub scope: Option<String>,
}
