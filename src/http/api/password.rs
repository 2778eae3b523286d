//! `POST /change-password` and `POST /verify-password`.

use poem_openapi::{Object, OpenApi};

use super::{
    Status, Tag,
    answer::Answer,
    body::JsonBody,
    caller::Caller,
    objects::{User, told},
    refusal::{BODY, CHOICE, Codes, Refusal},
};
use crate::{
    accounts::{AccountError, password},
    app::App,
    http::kit::problem::{Code, Problem},
    sessions,
};

#[derive(Debug)]
pub struct Password {
    pub app: App,
}

/// A new password, and the one that it replaces.
#[derive(Object)]
#[oai(rename_all = "camelCase")]
struct ChangePassword {
    current_password: String,
    /// At least 8 bytes, at most 1024, and not one that guessers try early.
    new_password: String,
    /// They end in any case; true asks for the handle of this session.
    revoke_other_sessions: Option<bool>,
}

/// A password that may be the person's.
#[derive(Object)]
struct VerifyPassword {
    password: String,
}

/// The password is changed.
#[derive(Debug, Object)]
struct Changed {
    /// The handle of this session, or where `api.bearer` is on its new secret, if the others were
    /// asked to end.
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
            Code::Unauthorized,
            Code::InvalidPassword,
            Code::CredentialAccountNotFound,
            Code::TooManyRequests,
        ],
    ];
}

struct Wrong;

impl Codes for Wrong {
    const CODES: &'static [&'static [Code]] = &[
        BODY,
        &[
            Code::Unauthorized,
            Code::InvalidPassword,
            Code::TooManyRequests,
            Code::ServiceUnavailable,
        ],
    ];
}

/// Here it is known whose account it is, so only the password can be wrong.
pub(super) fn not_it(error: AccountError) -> Problem {
    match error {
        AccountError::NotRecognised => Code::InvalidPassword.into(),
        other => other.into(),
    }
}

#[OpenApi(prefix_path = "/api/auth", tag = "Tag::Accounts")]
impl Password {
    /// Change the password.
    ///
    /// Whoever was signed in with the old one is not any more: other sessions and all refresh
    /// tokens end, and this browser gets a new cookie.
    #[oai(
        path = "/change-password",
        method = "post",
        operation_id = "changePassword"
    )]
    async fn change(
        &self,
        caller: Caller<'_, true>,
        body: JsonBody<ChangePassword>,
    ) -> Result<Answer<Changed>, Refusal<Refused>> {
        let app = &self.app;
        let sent = body.take(app)?;
        let person = caller.person(app).await?;
        if person.signed_in.user.password_hash.is_none() {
            return Err(Code::CredentialAccountNotFound.into());
        }
        let typed = (sent.current_password.as_str(), sent.new_password.as_str());
        let session = password::change(app, &person.signed_in, typed, &person.visitor.browser)
            .await
            .map_err(not_it)?;
        // None if somebody ended the session since; the password is changed all the same.
        let own = sessions::find(app, session.expose())
            .await?
            .unwrap_or(person.signed_in);
        let ask = sent.revoke_other_sessions.unwrap_or(false);
        let changed = Changed {
            token: ask.then(|| told(app, &session, &own.session)),
            user: User::from(&own.user),
        };
        Ok(Answer::new(changed).welcoming_again(app, &person.visitor, &session))
    }

    /// Whether a password is that of the person who is signed in.
    ///
    /// Wrong ones count like those of a sign-in.
    #[oai(
        path = "/verify-password",
        method = "post",
        operation_id = "verifyPassword"
    )]
    async fn verify(
        &self,
        caller: Caller<'_, true>,
        body: JsonBody<VerifyPassword>,
    ) -> Result<Answer<Status>, Refusal<Wrong>> {
        let app = &self.app;
        let sent = body.take(app)?;
        let person = caller.person(app).await?;
        password::verify(
            app,
            &person.signed_in,
            &sent.password,
            &person.visitor.browser,
        )
        .await
        .map_err(not_it)?;
        Ok(Answer::new(Status::DONE))
    }
}
