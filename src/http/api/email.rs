//! `/send-verification-email`, `/verify-email` and `/change-email`: proving an address by way of a
//! letter.

use poem::Request;
use poem_openapi::{Object, OpenApi, param::Query};

use super::{
    Status, Tag,
    address::Address,
    answer::{Answer, Onward},
    body::JsonBody,
    callback,
    caller::Caller,
    objects::User,
    proof::{self, Proven},
    refusal::{BODY, Codes, Refusal},
};
use crate::{
    accounts::{
        change_email::{self, Asked},
        email, newcomer, verify,
    },
    app::App,
    http::kit::{
        body,
        callback::with_error,
        problem::{Code, Problem},
    },
    sessions,
};

#[derive(Debug)]
pub struct Email {
    pub app: App,
}

/// Whose address is to be proven.
#[derive(Object)]
struct SendVerificationEmail {
    email: Address,
    /// The page that the link leads on to: a path, or a page of a trusted origin.
    #[oai(rename = "callbackURL")]
    callback_url: Option<String>,
}

/// Which address is wanted instead.
#[derive(Object)]
#[oai(rename_all = "camelCase")]
struct ChangeEmail {
    new_email: Address,
    /// The page that the link leads on to: a path, or a page of a trusted origin.
    #[oai(rename = "callbackURL")]
    callback_url: Option<String>,
}

/// The address is proven.
#[derive(Debug, Object)]
struct Verified {
    /// True.
    status: bool,
    /// Whose address was changed; null where it was only proven.
    #[oai(nullable)]
    user: Option<User>,
}

struct Sending;

impl Codes for Sending {
    const CODES: &'static [&'static [Code]] = &[
        BODY,
        &[
            Code::EmailMismatch,
            Code::EmailAlreadyVerified,
            Code::TooManyRequests,
        ],
    ];
}

struct Verifying;

impl Codes for Verifying {
    const CODES: &'static [&'static [Code]] = &[&[
        Code::ValidationError,
        Code::InvalidCallbackUrl,
        Code::InvalidToken,
        Code::Unauthorized,
        Code::TooManyRequests,
    ]];
}

struct Changing;

impl Codes for Changing {
    const CODES: &'static [&'static [Code]] = &[
        BODY,
        &[
            Code::Unauthorized,
            Code::SessionNotFresh,
            Code::EmailIsTheSame,
            Code::TooManyRequests,
        ],
    ];
}

#[OpenApi(prefix_path = "/api/auth", tag = "Tag::Accounts")]
impl Email {
    /// Ask for the letter by which an address is proven.
    ///
    /// Without a session the answer is the same for every address.
    #[oai(
        path = "/send-verification-email",
        method = "post",
        operation_id = "sendVerificationEmail"
    )]
    async fn send(
        &self,
        caller: Caller<'_, false>,
        body: JsonBody<SendVerificationEmail>,
    ) -> Result<Answer<Status>, Refusal<Sending>> {
        let app = &self.app;
        let sent = body.take(app)?;
        let visitor = caller.visitor(app).await?;
        let (typed, browser) = (sent.email.0.as_str(), &visitor.browser);
        let callback = sent.callback_url.as_deref().filter(|url| !url.is_empty());
        match &visitor.signed_in {
            Some(own) if email::canonical(typed)? != own.user.email => {
                return Err(Code::EmailMismatch.into());
            }
            Some(own) if own.user.email_verified.is_some() => {
                return Err(Code::EmailAlreadyVerified.into());
            }
            Some(own) => verify::send_again(app, (&own.user, callback), browser).await?,
            None => {
                newcomer::post_again_to(app, (typed, callback), browser).await?;
                verify::ask(app, (typed, callback), browser).await?;
            }
        }
        Ok(Answer::new(Status::DONE))
    }

    /// The link in the letter.
    ///
    /// A browser that opens it is led to a page of this server whose button proves the address and
    /// leads on to `callbackURL`: programs that look into mail open links too. A request of a script
    /// or a program proves it at once, with the session (or in the browser) of whoever asked for the
    /// letter: reading the letter does not show who chose the account's password.
    #[oai(path = "/verify-email", method = "get", operation_id = "verifyEmail")]
    async fn verify(
        &self,
        caller: Caller<'_, false>,
        /// The secret of the letter.
        token: Query<Option<String>>,
        /// Where to go on to; with `error` if the link does not work.
        #[oai(name = "callbackURL")]
        callback_url: Query<Option<String>>,
        request: &Request,
    ) -> Result<Onward<Verified>, Refusal<Verifying>> {
        let app = &self.app;
        let query = body::query(request)
            .map_err(|error| Problem::new(Code::ValidationError, format!("[query] {error}")))?;
        callback::check(&app.config, &query, &serde_json::Map::new())?;
        let Some(token) = token.0 else {
            let detail = "[query.token] Invalid input: expected string, received undefined";
            return Err(Problem::new(Code::ValidationError, detail).into());
        };
        let callback = callback_url.0.filter(|url| !url.is_empty());
        let answer = Answer::new(Verified {
            status: true,
            user: None,
        });
        let visitor = caller.visitor(app).await?;
        if proof::is_opened(request.headers(), &app.config)
            && let Some(page) = proof::page(app, &token, callback.as_deref(), &visitor).await?
        {
            return Ok(Onward(answer.leading_to(&page)));
        }
        let (code, answer) = match proof::take(app, &token, &visitor).await? {
            Proven::Done => (None, answer),
            Proven::Welcome(session) => {
                let answer = answer.welcoming(app, &visitor, (&session, visitor.is_kept()));
                (None, answer)
            }
            Proven::Changed(session) => {
                let found = sessions::find(app, session.expose()).await?;
                let changed = Answer::new(Verified {
                    status: true,
                    user: found.map(|own| User::from(&own.user)),
                });
                (None, changed.welcoming_again(app, &visitor, &session))
            }
            Proven::NotYours => (Some(Code::Unauthorized), answer),
            Proven::Dead => (Some(Code::InvalidToken), answer),
        };
        match (code, callback) {
            (None, None) => Ok(Onward(answer)),
            (None, Some(url)) => Ok(Onward(answer.leading_to(&url))),
            (Some(code), Some(url)) => {
                Ok(Onward(answer.leading_to(&with_error(&url, &code.name()))))
            }
            (Some(Code::InvalidToken), None) => {
                Err(Problem::new(Code::InvalidToken, "Invalid token").into())
            }
            (Some(code), None) => Err(code.into()),
        }
    }

    /// Ask for another address.
    ///
    /// A letter goes there first, and the account has the new address once its link is used. The answer
    /// is the same for an address that has an account. For somebody who has signed in within
    /// `sessions.fresh_seconds`.
    #[oai(path = "/change-email", method = "post", operation_id = "changeEmail")]
    async fn change(
        &self,
        caller: Caller<'_, true>,
        body: JsonBody<ChangeEmail>,
    ) -> Result<Answer<Status>, Refusal<Changing>> {
        let app = &self.app;
        let sent = body.take(app)?;
        let person = caller.person(app).await?;
        let own = &person.signed_in;
        if !sessions::is_fresh(app, own) {
            return Err(Code::SessionNotFresh.into());
        }
        let callback = sent.callback_url.as_deref().filter(|url| !url.is_empty());
        let asked = (sent.new_email.0.as_str(), callback);
        match change_email::ask(app, own, asked, &person.visitor.browser).await? {
            Asked::Sent => Ok(Answer::new(Status::DONE)),
            Asked::Own => Err(Code::EmailIsTheSame.into()),
        }
    }
}
