//! The way back to a client: a redirect URI that is proven to be the client's, with how and with
//! what the answer goes there.

use entity::value::{ResponseMode, ResponseType};
use url::form_urlencoded::Serializer;

use crate::{
    app::App,
    oauth::{error::OauthError, params::Params},
};

/// A redirect URI that is proven to be the client's, with the state that goes back. Nothing else
/// in this program can send a browser to a URI of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnTo {
    redirect_uri: String,
    state: Option<String>,
    mode: ResponseMode,
}

/// An authorization response, ready to be carried by the browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// To this URL.
    Redirect(String),
    /// By a form (OAuth 2.0 Form Post Response Mode §2).
    Post(FormPost),
}

/// A form that the browser posts to the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormPost {
    /// The proven redirect URI.
    pub action: String,
    /// Names and values.
    pub fields: Vec<(&'static str, String)>,
}

impl ReturnTo {
    /// Only for what was found among the client's registered URIs.
    pub(super) fn proven(redirect_uri: String, state: Option<String>, mode: ResponseMode) -> Self {
        Self {
            redirect_uri,
            state,
            mode,
        }
    }

    /// The answer with `state` and `iss` (RFC 9207 §2).
    pub(super) fn with(&self, app: &App, mut answer: Vec<(&'static str, String)>) -> Answer {
        if let Some(state) = &self.state {
            answer.push(("state", state.clone()));
        }
        answer.push(("iss", app.config.server.issuer.clone()));
        if self.mode == ResponseMode::FormPost {
            return Answer::Post(FormPost {
                action: self.redirect_uri.clone(),
                fields: answer,
            });
        }
        let text = Serializer::new(String::new()).extend_pairs(answer).finish();
        // RFC 6749 §3.1.2: a query that was registered is kept.
        let joint = match self.redirect_uri.contains('?') {
            true if self.redirect_uri.ends_with(['?', '&']) => "",
            true => "&",
            false => "?",
        };
        Answer::Redirect(match self.mode {
            ResponseMode::Fragment => format!("{}#{text}", self.redirect_uri),
            // Our own, empty fragment keeps a browser from carrying over the one it came with.
            _ => format!("{}{joint}{text}#", self.redirect_uri),
        })
    }
}

/// The answer that tells the client of an error.
pub fn refuse(app: &App, to: &ReturnTo, error: &OauthError) -> Answer {
    let answer = vec![
        ("error", error.code.name().to_owned()),
        ("error_description", error.description().to_owned()),
    ];
    to.with(app, answer)
}

/// Where an error goes before the request is understood: as the answer would have gone, as far as
/// the request says (OAuth 2.0 Multiple Response Type Encoding Practices §2.1, §5).
pub(super) fn mode_of_errors(params: &Params) -> ResponseMode {
    let kind = params.get("response_type").unwrap_or_default();
    // Also for what we do not know, such as a lone `token` (RFC 6749 §4.2.2.1).
    let with_tokens = kind
        .split(' ')
        .any(|word| matches!(word, "token" | "id_token"));
    let usual = match (ResponseType::named(kind), with_tokens) {
        (Some(kind), _) => kind.default_mode(),
        (None, true) => ResponseMode::Fragment,
        (None, false) => ResponseMode::Query,
    };
    match params.get("response_mode").and_then(ResponseMode::named) {
        Some(ResponseMode::Query) | None => usual,
        Some(other) => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_goes_where_the_answer_would_have_gone() {
        for (query, mode) in [
            ("", ResponseMode::Query),
            ("response_type=code", ResponseMode::Query),
            ("response_type=nonsense", ResponseMode::Query),
            ("response_type=token", ResponseMode::Fragment),
            ("response_type=id_token+token", ResponseMode::Fragment),
            (
                "response_type=id_token&response_mode=query",
                ResponseMode::Fragment,
            ),
            (
                "response_type=code&response_mode=fragment",
                ResponseMode::Fragment,
            ),
            ("response_mode=form_post", ResponseMode::FormPost),
            (
                "response_type=id_token&response_mode=form_post",
                ResponseMode::FormPost,
            ),
            (
                "response_type=code&response_mode=nonsense",
                ResponseMode::Query,
            ),
        ] {
            let params = Params::parse(query.as_bytes()).unwrap();
            assert_eq!(mode_of_errors(&params), mode, "{query}");
        }
    }
}
