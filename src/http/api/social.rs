//! `POST /sign-in/social` and `POST /link-social`: the way to a provider, for front ends; and the way
//! back that they register there.

use entity::value::Intent;
use poem::Request;
use poem_openapi::{Object, OpenApi, param::Path};
use serde_json::Value;

use super::{
    Tag,
    answer::Answer,
    body::JsonBody,
    caller::Caller,
    refusal::{BODY, Codes, Refusal},
};
use crate::{
    app::App,
    http::kit::{
        errand::{Errand, FrontEnd},
        problem::{Code, Problem},
        visitor::Visitor,
    },
    upstream::{self, Begin, Failure, Here, UpstreamError},
};

#[derive(Debug)]
pub struct Social {
    pub app: App,
}

/// With which provider, and where to go on to afterwards: paths, or pages of trusted origins.
#[derive(Object)]
#[oai(rename_all = "camelCase")]
struct Elsewhere {
    /// The name of the provider in the settings.
    provider: String,
    /// `/` if it is missing.
    #[oai(rename = "callbackURL")]
    callback_url: Option<String>,
    /// For whoever has an account since a moment ago.
    #[oai(rename = "newUserCallbackURL")]
    new_user_callback_url: Option<String>,
    /// When it failed, with `error` in the query. If it is missing, a page of this server says what
    /// happened.
    #[oai(rename = "errorCallbackURL")]
    error_callback_url: Option<String>,
    /// The client is not to go there by itself.
    disable_redirect: Option<bool>,
    /// Not read here: sending one is an error.
    id_token: Option<Value>,
}

/// Where the browser is to go.
#[derive(Debug, Object)]
struct Onward {
    url: String,
    /// Whether the client is to go there by itself.
    redirect: bool,
}

struct Leaving;

impl Codes for Leaving {
    const CODES: &'static [&'static [Code]] = &[
        BODY,
        &[
            Code::ProviderNotFound,
            Code::IdTokenNotSupported,
            Code::SignInNotAllowed,
            Code::TooManyRequests,
            Code::ServiceUnavailable,
        ],
    ];
}

struct Linking;

impl Codes for Linking {
    const CODES: &'static [&'static [Code]] = &[
        BODY,
        &[
            Code::Unauthorized,
            Code::SessionNotFresh,
            Code::ProviderNotFound,
            Code::IdTokenNotSupported,
            Code::LinkingNotAllowed,
            Code::TooManyRequests,
            Code::ServiceUnavailable,
        ],
    ];
}

struct ComingBack;

impl Codes for ComingBack {
    const CODES: &'static [&'static [Code]] = &[&[Code::ProviderNotFound]];
}

#[OpenApi(prefix_path = "/api/auth", tag = "Tag::Accounts")]
impl Social {
    /// Sign in with a provider.
    ///
    /// The answer says where the browser goes: to the provider, back to this server, and on to
    /// `callbackURL`. Whoever is missing something on the way (a sign-in to the account that has their
    /// address, a proof of an address) is asked for it by a page of this server.
    #[oai(
        path = "/sign-in/social",
        method = "post",
        operation_id = "signInSocial"
    )]
    async fn sign_in(
        &self,
        caller: Caller<'_, false>,
        body: JsonBody<Elsewhere>,
    ) -> Result<Answer<Onward>, Refusal<Leaving>> {
        let sent = body.take(&self.app)?;
        let visitor = caller.visitor(&self.app).await?;
        Ok(self.leave(&visitor, sent, Intent::SignIn).await?)
    }

    /// Link an account elsewhere to the person's own.
    ///
    /// For somebody who has signed in within `sessions.fresh_seconds`.
    #[oai(path = "/link-social", method = "post", operation_id = "linkSocial")]
    async fn link(
        &self,
        caller: Caller<'_, true>,
        body: JsonBody<Elsewhere>,
    ) -> Result<Answer<Onward>, Refusal<Linking>> {
        let sent = body.take(&self.app)?;
        let visitor = caller.person(&self.app).await?.visitor;
        Ok(self.leave(&visitor, sent, Intent::Link).await?)
    }

    /// Come back from a provider.
    ///
    /// For redirect URIs that were registered for a Better Auth service: the browser goes on to the
    /// provider's redirect URI of this server.
    #[oai(
        path = "/callback/:provider",
        method = "get",
        operation_id = "callback"
    )]
    async fn come_back(
        &self,
        provider: Path<String>,
        request: &Request,
    ) -> Result<Answer<Onward>, Refusal<ComingBack>> {
        let provider = upstream::find(&self.app, &provider.0).ok_or(Code::ProviderNotFound)?;
        let query = request.original_uri().query().unwrap_or_default();
        let url = format!("{}?{query}", provider.redirect_uri(&self.app));
        let onward = Onward {
            url: url.clone(),
            redirect: true,
        };
        Ok(Answer::new(onward).leading_to(&url))
    }
}

impl Social {
    async fn leave(
        &self,
        visitor: &Visitor,
        sent: Elsewhere,
        intent: Intent,
    ) -> Result<Answer<Onward>, Problem> {
        let app = &self.app;
        let provider = upstream::find(app, &sent.provider).ok_or(Code::ProviderNotFound)?;
        if sent.id_token.is_some() {
            return Err(Code::IdTokenNotSupported.into());
        }
        let place = |url: Option<String>| url.filter(|url| !url.is_empty());
        let front_end = FrontEnd {
            callback: place(sent.callback_url).unwrap_or_else(|| "/".to_owned()),
            new_user: place(sent.new_user_callback_url),
            error: place(sent.error_callback_url),
        };
        let flow = Errand::FrontEnd(front_end).seal(app, visitor);
        let flow = flow.map_err(|_| Code::InternalServerError)?;
        let begin = Begin {
            intent,
            flow: Some(&flow),
        };
        let url = match upstream::begin(app, provider, begin, here(visitor)).await? {
            Ok(url) => url,
            Err(why) => return Err(refused(why)),
        };
        let onward = Onward {
            url: url.clone(),
            redirect: !sent.disable_redirect.unwrap_or(false),
        };
        Ok(Answer::new(onward)
            .with("location", &url)
            .greeting(app, visitor))
    }
}

/// Why nobody is sent there.
fn refused(why: Failure) -> Problem {
    match why {
        Failure::NoSignIn => Code::SignInNotAllowed.into(),
        Failure::NoLink => Code::LinkingNotAllowed.into(),
        Failure::NotFresh => Code::SessionNotFresh.into(),
        _ => Problem::new(
            Code::ServiceUnavailable,
            "The provider does not answer as it should; try again in a few minutes",
        ),
    }
}

pub(super) fn here(visitor: &Visitor) -> Here<'_> {
    Here {
        visitor: &visitor.digest,
        signed_in: visitor.signed_in.as_ref(),
        browser: &visitor.browser,
    }
}

impl From<UpstreamError> for Problem {
    fn from(error: UpstreamError) -> Self {
        match error {
            UpstreamError::TooOften(often) => crate::accounts::AccountError::TooOften(often).into(),
            UpstreamError::Unexpected(error) => {
                tracing::error!(error = ?error, "unexpected");
                Code::InternalServerError.into()
            }
        }
    }
}
