//! `POST /change-password`.

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

/// The password is changed.
#[derive(Debug, Object)]
struct Changed {
    /// The handle of this session, if the others were asked to end.
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
            .map_err(|error| match error {
                AccountError::NotRecognised => Code::InvalidPassword.into(),
                other => Problem::from(other),
            })?;
        // None if somebody ended the session since; the password is changed all the same.
        let own = sessions::find(app, session.expose())
            .await?
            .unwrap_or(person.signed_in);
        let ask = sent.revoke_other_sessions.unwrap_or(false);
        let changed = Changed {
            token: ask.then(|| handle(&own.session)),
            user: User::from(&own.user),
        };
        Ok(Answer::new(changed).welcoming(app, &person.visitor, (&session, true)))
    }
}
