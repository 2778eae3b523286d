//! `POST /delete-user` and `GET /delete-user/callback`: somebody leaves.

use poem::{Request, http::StatusCode};
use poem_openapi::{Object, OpenApi, param::Query};

use super::{
    Tag,
    answer::Answer,
    body::JsonBody,
    callback,
    caller::Caller,
    password::not_it,
    refusal::{BODY, Codes, Refusal},
};
use crate::{
    accounts::{password, removal},
    app::App,
    http::kit::{
        body,
        problem::{Code, Problem},
    },
    sessions,
};

#[derive(Debug)]
pub struct Leave {
    pub app: App,
}

/// Who leaves proves that it is them: by the password, or by having signed in a moment ago.
#[derive(Object)]
struct DeleteUser {
    password: Option<String>,
    /// Of a letter; there is none that asks, so none works.
    token: Option<String>,
    /// Checked; where to go on is the page's own decision.
    #[oai(rename = "callbackURL")]
    callback_url: Option<String>,
}

/// The account is shut.
#[derive(Debug, Object)]
struct Deleted {
    /// True.
    success: bool,
    message: String,
}

/// There is no such token: in the contract's words, not here.
const NO_SUCH: StatusCode = StatusCode::NOT_FOUND;

struct Leaving;

impl Codes for Leaving {
    const CODES: &'static [&'static [Code]] = &[
        BODY,
        &[
            Code::Unauthorized,
            Code::InvalidPassword,
            Code::CredentialAccountNotFound,
            Code::SessionExpired,
            Code::InvalidToken,
            Code::TooManyRequests,
            Code::ServiceUnavailable,
        ],
    ];

    fn status(code: Code) -> StatusCode {
        match code {
            Code::InvalidToken => NO_SUCH,
            other => other.status(),
        }
    }
}

struct Leading;

impl Codes for Leading {
    const CODES: &'static [&'static [Code]] = &[&[
        Code::ValidationError,
        Code::InvalidCallbackUrl,
        Code::FailedToGetUserInfo,
        Code::InvalidToken,
    ]];

    fn status(code: Code) -> StatusCode {
        Leaving::status(code)
    }
}

#[OpenApi(prefix_path = "/api/auth", tag = "Tag::Accounts")]
impl Leave {
    /// Leave.
    ///
    /// With the password, or within `sessions.fresh_seconds` of signing in. The account is shut at
    /// once, everything that it had begun ends, and after `accounts.removal_days` it is removed; until
    /// then its owner may come back by the letter that says so.
    #[oai(path = "/delete-user", method = "post", operation_id = "deleteUser")]
    async fn delete(
        &self,
        caller: Caller<'_, true>,
        body: JsonBody<DeleteUser>,
    ) -> Result<Answer<Deleted>, Refusal<Leaving>> {
        let app = &self.app;
        let sent = body.take(app)?;
        let person = caller.person(app).await?;
        let (own, browser) = (&person.signed_in, &person.visitor.browser);
        let typed = sent.password.as_deref().filter(|typed| !typed.is_empty());
        if let Some(typed) = typed {
            if own.user.password_hash.is_none() {
                return Err(Code::CredentialAccountNotFound.into());
            }
            password::verify(app, own, typed, browser)
                .await
                .map_err(not_it)?;
        }
        if sent.token.is_some_and(|token| !token.is_empty()) {
            return Err(no_such());
        }
        if typed.is_none() && !sessions::is_fresh(app, own) {
            return Err(Code::SessionExpired.into());
        }
        if removal::ask(app, own, browser).await?.is_none() {
            // Shut or signed out a moment ago, from elsewhere.
            return Err(Code::Unauthorized.into());
        }
        let deleted = Deleted {
            success: true,
            message: "User deleted".to_owned(),
        };
        Ok(Answer::new(deleted).forgetting(app))
    }

    /// The link of a letter that asks.
    ///
    /// No such letter is written here, so no token works.
    #[oai(
        path = "/delete-user/callback",
        method = "get",
        operation_id = "deleteUserCallback"
    )]
    async fn lead(
        &self,
        caller: Caller<'_, false>,
        token: Query<Option<String>>,
        #[oai(name = "callbackURL")] callback_url: Query<Option<String>>,
        request: &Request,
    ) -> Result<Answer<Deleted>, Refusal<Leading>> {
        let app = &self.app;
        let query = body::query(request)
            .map_err(|error| Problem::new(Code::ValidationError, format!("[query] {error}")))?;
        callback::check(&app.config, &query, &serde_json::Map::new())?;
        drop((token, callback_url));
        match caller.visitor(app).await?.signed_in {
            Some(_) => Err(no_such()),
            None => Err(Code::FailedToGetUserInfo.into()),
        }
    }
}

fn no_such<C>() -> Refusal<C>
where
    Refusal<C>: From<Problem>,
{
    Problem::new(Code::InvalidToken, "Invalid token")
        .at(NO_SUCH)
        .into()
}
