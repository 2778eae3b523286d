//! `/request-password-reset` and `/reset-password`: a new password by way of a letter.

use poem::{Request, http::StatusCode};
use poem_openapi::{
    ApiResponse, Object, OpenApi,
    param::{Path, Query},
};
use url::Url;

use super::{
    Status, Tag,
    address::Address,
    answer::Answer,
    body::JsonBody,
    callback,
    caller::Caller,
    refusal::{BODY, CHOICE, Codes, Refusal},
};
use crate::{
    accounts::recover::{self, Onward},
    app::App,
    http::kit::{
        body,
        problem::{Code, Problem},
    },
    paths,
};

/// The words that Better Auth clients show as they are; the same for every address.
const SAID: &str = "If this email exists in our system, check your email for the reset link";

#[derive(Debug)]
pub struct Recover {
    pub app: App,
}

/// Who has forgotten the password.
#[derive(Object)]
#[oai(rename_all = "camelCase")]
struct RequestPasswordReset {
    email: Address,
    /// The page that the link leads to, with the token as `token`, or `error` if it no longer works.
    /// Without it, the link leads to a page of this server.
    redirect_to: Option<String>,
}

/// The letter was written, if there is somebody to read it.
#[derive(Debug, Object)]
struct Requested {
    /// True.
    status: bool,
    message: String,
}

/// The new password.
#[derive(Object)]
#[oai(rename_all = "camelCase")]
struct ResetPassword {
    /// At least 8 bytes, at most 1024, and not one that guessers try early.
    new_password: String,
    /// As the page of `redirectTo` was given it. May stand in the query instead.
    token: Option<String>,
}

struct Asking;

impl Codes for Asking {
    const CODES: &'static [&'static [Code]] = &[BODY, &[Code::TooManyRequests]];
}

struct Setting;

impl Codes for Setting {
    const CODES: &'static [&'static [Code]] = &[BODY, CHOICE, &[Code::InvalidToken]];

    fn status(code: Code) -> StatusCode {
        match code {
            Code::InvalidToken => DEAD,
            other => other.status(),
        }
    }
}

/// Here it is no access token, for which the status would be 401.
const DEAD: StatusCode = StatusCode::BAD_REQUEST;

struct Leading;

impl Codes for Leading {
    const CODES: &'static [&'static [Code]] = &[&[Code::ValidationError, Code::InvalidCallbackUrl]];
}

/// Where a link leads on to.
#[derive(ApiResponse)]
enum Led {
    /// To the page that takes the token.
    #[oai(status = 302)]
    On(#[oai(header = "Location")] String),
}

#[OpenApi(prefix_path = "/api/auth", tag = "Tag::Accounts")]
impl Recover {
    /// Ask for a letter with which a new password is chosen.
    ///
    /// The answer is the same whether or not there is such an account.
    #[oai(
        path = "/request-password-reset",
        method = "post",
        operation_id = "requestPasswordReset"
    )]
    async fn request(
        &self,
        caller: Caller<'_, false>,
        body: JsonBody<RequestPasswordReset>,
    ) -> Result<Answer<Requested>, Refusal<Asking>> {
        self.ask(caller, body).await
    }

    /// The same, by the name that older clients know.
    #[oai(
        path = "/forget-password",
        method = "post",
        operation_id = "forgetPassword"
    )]
    async fn forget(
        &self,
        caller: Caller<'_, false>,
        body: JsonBody<RequestPasswordReset>,
    ) -> Result<Answer<Requested>, Refusal<Asking>> {
        self.ask(caller, body).await
    }

    /// The link in the letter.
    ///
    /// Leads on to the page that takes the token, and uses nothing up.
    #[oai(
        path = "/reset-password/:token",
        method = "get",
        operation_id = "resetPasswordCallback"
    )]
    async fn lead(
        &self,
        token: Path<String>,
        /// Where to go on to; without it, to a page of this server.
        #[oai(name = "callbackURL")]
        callback_url: Query<Option<String>>,
        request: &Request,
    ) -> Result<Led, Refusal<Leading>> {
        let app = &self.app;
        let query = body::query(request)
            .map_err(|error| Problem::new(Code::ValidationError, format!("[query] {error}")))?;
        callback::check(&app.config, &query, &serde_json::Map::new())?;
        let origin = app.config.server.origin();
        let own = app.url(paths::RESET_PASSWORD);
        let to = callback_url.0.filter(|url| !url.is_empty()).unwrap_or(own);
        let mut to = Url::parse(&origin)
            .and_then(|origin| origin.join(&to))
            .map_err(|_| Code::InvalidCallbackUrl)?;
        match recover::peek(app, &token).await? {
            Some(_) => to.query_pairs_mut().append_pair("token", &token),
            None => to.query_pairs_mut().append_pair("error", "INVALID_TOKEN"),
        };
        Ok(Led::On(to.into()))
    }

    /// Set a new password with the token of a letter.
    ///
    /// Nobody is signed in by it. Every session and every refresh token of the account ends.
    #[oai(
        path = "/reset-password",
        method = "post",
        operation_id = "resetPassword"
    )]
    async fn reset(
        &self,
        caller: Caller<'_, false>,
        /// The token, if it is not in the body.
        token: Query<Option<String>>,
        body: JsonBody<ResetPassword>,
    ) -> Result<Answer<Status>, Refusal<Setting>> {
        let app = &self.app;
        let sent = body.take(app)?;
        let visitor = caller.visitor(app).await?;
        let token = sent.token.or(token.0).unwrap_or_default();
        let typed = (token.as_str(), sent.new_password.as_str());
        match recover::reset(app, typed, &visitor.browser).await? {
            Some(_) => Ok(Answer::new(Status::DONE)),
            None => Err(Problem::new(Code::InvalidToken, "Invalid token")
                .at(DEAD)
                .into()),
        }
    }
}

impl Recover {
    async fn ask(
        &self,
        caller: Caller<'_, false>,
        body: JsonBody<RequestPasswordReset>,
    ) -> Result<Answer<Requested>, Refusal<Asking>> {
        let app = &self.app;
        let sent = body.take(app)?;
        let visitor = caller.visitor(app).await?;
        let onward = Onward {
            flow: None,
            callback: sent.redirect_to.as_deref().filter(|url| !url.is_empty()),
        };
        recover::ask(app, &sent.email.0, onward, &visitor.browser).await?;
        Ok(Answer::new(Requested {
            status: true,
            message: SAID.to_owned(),
        }))
    }
}
