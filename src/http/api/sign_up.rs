//! `POST /sign-up/email`: makes an account and signs the browser in.

use poem_openapi::{Object, OpenApi};

use super::{
    Tag,
    answer::Answer,
    body::JsonBody,
    caller::Caller,
    objects::{User, handle},
    refusal::{BODY, CHOICE, Codes, Refusal},
};
use crate::{
    accounts::register::{self, Typed},
    app::App,
    http::kit::problem::Code,
};

#[derive(Debug)]
pub struct SignUp {
    pub app: App,
}

/// Who wants an account.
#[derive(Object)]
#[oai(rename_all = "camelCase")]
struct SignUpEmail {
    /// May be empty.
    name: String,
    email: String,
    /// At least 8 bytes, at most 1024, and not one that guessers try early.
    password: String,
    /// False: stay signed in only until the browser closes.
    remember_me: Option<bool>,
    /// Checked; where to go on is the page's own decision.
    #[oai(rename = "callbackURL")]
    callback_url: Option<String>,
}

/// A person who has just been signed in.
#[derive(Debug, Object)]
struct SignedUp {
    /// The handle of the session, as in `session.token`.
    token: String,
    user: User,
}

struct Refused;

impl Codes for Refused {
    const CODES: &'static [&'static [Code]] = &[
        BODY,
        CHOICE,
        &[
            Code::CrossSiteNavigationLoginBlocked,
            Code::InvalidEmail,
            Code::UserAlreadyExistsUseAnotherEmail,
        ],
    ];
}

#[OpenApi(prefix_path = "/api/auth", tag = "Tag::Accounts")]
impl SignUp {
    /// Make an account with e-mail and password.
    ///
    /// Signs the browser in and sends a letter by which the address is proven.
    #[oai(path = "/sign-up/email", method = "post", operation_id = "signUpEmail")]
    async fn email(
        &self,
        caller: Caller<'_, false>,
        body: JsonBody<SignUpEmail>,
    ) -> Result<Answer<SignedUp>, Refusal<Refused>> {
        let app = &self.app;
        let sent = body.take(app)?;
        let visitor = caller.visitor(app).await?;
        let typed = Typed {
            email: &sent.email,
            password: &sent.password,
            name: &sent.name,
        };
        let before = visitor.signed_in.as_ref();
        let (session, own) = register::register(app, typed, before, &visitor.browser).await?;
        let signed_up = SignedUp {
            token: handle(&own.session),
            user: User::from(&own.user),
        };
        let remember = sent.remember_me.unwrap_or(true);
        Ok(Answer::new(signed_up).welcoming(app, &visitor, (&session, remember)))
    }
}
