//! `POST /sign-in/email` and `POST /sign-out`.

use poem_openapi::{Object, OpenApi};

use super::{
    Tag,
    answer::Answer,
    body::JsonBody,
    caller::Caller,
    objects::{User, told},
    refusal::{BODY, Codes, Refusal},
};
use crate::{
    accounts::{AccountError, email, login, recover::Onward, verify},
    app::App,
    http::kit::problem::Code,
    sessions,
};

#[derive(Debug)]
pub struct SignIn {
    pub app: App,
}

/// Who wants to be signed in.
#[derive(Object)]
#[oai(rename_all = "camelCase")]
struct SignInEmail {
    email: String,
    password: String,
    /// False: stay signed in only until the browser closes.
    remember_me: Option<bool>,
    /// Where the client is to go on to: a path, or a page of a trusted origin.
    #[oai(rename = "callbackURL")]
    callback_url: Option<String>,
}

/// A person who has just been signed in.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
struct SignedIn {
    /// Whether the client is to go on to `url`.
    redirect: bool,
    /// The handle of the session, as in `session.token`; where `api.bearer` is on, its secret.
    token: String,
    /// The `callbackURL` that was asked for.
    url: Option<String>,
    user: User,
}

/// What a client may say when it signs out.
#[derive(Object)]
struct SignOut {
    /// Checked; where to go on is the page's own decision.
    #[oai(rename = "callbackURL")]
    callback_url: Option<String>,
}

/// Done.
#[derive(Debug, Object)]
struct Success {
    /// True.
    success: bool,
}

struct RefusedIn;

impl Codes for RefusedIn {
    const CODES: &'static [&'static [Code]] = &[
        BODY,
        &[
            Code::CrossSiteNavigationLoginBlocked,
            Code::InvalidEmail,
            Code::InvalidEmailOrPassword,
            Code::TooManyRequests,
            Code::EmailNotVerified,
            Code::ServiceUnavailable,
        ],
    ];
}

struct RefusedOut;

impl Codes for RefusedOut {
    const CODES: &'static [&'static [Code]] = &[BODY];
}

#[OpenApi(prefix_path = "/api/auth", tag = "Tag::Accounts")]
impl SignIn {
    /// Sign in with e-mail and password.
    ///
    /// An unknown address and a wrong password get the same answer. Where people have to prove their
    /// address before they sign in, the right password of somebody who has not gets
    /// `EMAIL_NOT_VERIFIED`, and a letter with a link to the page on which that is done.
    #[oai(path = "/sign-in/email", method = "post", operation_id = "signInEmail")]
    async fn sign_in(
        &self,
        caller: Caller<'_, false>,
        body: JsonBody<SignInEmail, true>,
    ) -> Result<Answer<SignedIn>, Refusal<RefusedIn>> {
        let app = &self.app;
        let sent = body.take(app)?;
        // Clients tell people of a slip in the address before they try the password again.
        email::canonical(&sent.email)?;
        let callback = sent.callback_url.filter(|url| !url.is_empty());
        let visitor = caller.visitor(app).await?;
        let typed = (sent.email.as_str(), sent.password.as_str());
        let before = visitor.signed_in.as_ref();
        let browser = &visitor.browser;
        let (session, own) = match login::sign_in(app, typed, before, browser).await {
            Err(AccountError::NotProven(user_id)) => {
                let onward = Onward {
                    flow: None,
                    callback: callback.as_deref(),
                };
                verify::stop_at_the_door(app, user_id, onward, browser).await?;
                return Err(Code::EmailNotVerified.into());
            }
            other => other?,
        };
        let signed_in = SignedIn {
            redirect: callback.is_some(),
            token: told(app, &session, &own.session),
            url: callback.clone(),
            user: User::from(&own.user),
        };
        let remember = sent.remember_me.unwrap_or(true);
        let answer = Answer::new(signed_in).welcoming(app, &visitor, (&session, remember));
        Ok(match callback {
            Some(url) => answer.with("location", &url),
            None => answer,
        })
    }

    /// Sign out.
    ///
    /// Also for those who are not signed in.
    #[oai(path = "/sign-out", method = "post", operation_id = "signOut")]
    async fn sign_out(
        &self,
        caller: Caller<'_, false>,
        body: JsonBody<SignOut>,
    ) -> Result<Answer<Success>, Refusal<RefusedOut>> {
        let app = &self.app;
        body.take(app)?;
        if let Some(signed_in) = caller.visitor(app).await?.signed_in {
            sessions::sign_out(app, &signed_in).await?;
        }
        Ok(Answer::new(Success { success: true }).forgetting(app))
    }
}
