//! `POST /sign-up/email`: makes an account and signs the browser in.

use poem_openapi::{Object, OpenApi};

use super::{
    Tag,
    address::Address,
    answer::Answer,
    body::JsonBody,
    caller::Caller,
    objects::{User, told},
    refusal::{BODY, CHOICE, Codes, Refusal},
};
use crate::{
    accounts::{
        newcomer,
        register::{self, Typed},
    },
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
    email: Address,
    /// At least 8 bytes, at most 1024, and not one that guessers try early.
    password: String,
    /// False: stay signed in only until the browser closes.
    remember_me: Option<bool>,
    /// The address of a picture: https or http.
    image: Option<String>,
    /// The page to which the link in the letter leads on: a path, or a page of a trusted origin.
    #[oai(rename = "callbackURL")]
    callback_url: Option<String>,
}

/// A person who has just signed up.
#[derive(Debug, Object)]
struct SignedUp {
    /// The handle of the session, as in `session.token`, or where `api.bearer` is on, its secret; null
    /// where the address has to be proven first.
    #[oai(nullable)]
    token: Option<String>,
    user: User,
}

struct Refused;

impl Codes for Refused {
    const CODES: &'static [&'static [Code]] = &[
        BODY,
        CHOICE,
        &[
            Code::CrossSiteNavigationLoginBlocked,
            Code::EmailPasswordSignUpDisabled,
            Code::UserAlreadyExistsUseAnotherEmail,
            Code::TooManyRequests,
        ],
    ];
}

#[OpenApi(prefix_path = "/api/auth", tag = "Tag::Accounts")]
impl SignUp {
    /// Make an account with e-mail and password.
    ///
    /// Signs the browser in and sends a letter by which the address is proven. Where people have to
    /// prove their address first, nobody is signed in and the account is made by way of the letter; then
    /// the answer is the same for an address that has an account.
    #[oai(path = "/sign-up/email", method = "post", operation_id = "signUpEmail")]
    async fn email(
        &self,
        caller: Caller<'_, false>,
        body: JsonBody<SignUpEmail, true>,
    ) -> Result<Answer<SignedUp>, Refusal<Refused>> {
        let app = &self.app;
        let sent = body.take(app)?;
        let visitor = caller.visitor(app).await?;
        let typed = Typed {
            email: &sent.email.0,
            password: &sent.password,
            name: &sent.name,
            image: sent.image.as_deref(),
            callback: sent.callback_url.as_deref().filter(|url| !url.is_empty()),
        };
        if app.config.accounts.verified_email_only {
            let begun = newcomer::begin(app, typed, None, &visitor.browser).await?;
            let waiting = SignedUp {
                token: None,
                user: User::to_be(begun),
            };
            return Ok(Answer::new(waiting).awaiting_letter(app, &visitor));
        }
        let before = visitor.signed_in.as_ref();
        let (session, own) = register::register(app, typed, before, &visitor.browser).await?;
        let signed_up = SignedUp {
            token: Some(told(app, &session, &own.session)),
            user: User::from(&own.user),
        };
        let remember = sent.remember_me.unwrap_or(true);
        Ok(Answer::new(signed_up).welcoming(app, &visitor, (&session, remember)))
    }
}
