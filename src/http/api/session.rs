//! `/get-session`, `/update-session`, `/list-sessions` and the ways to end one: which browsers a person is signed in
//! with.

use chrono::TimeDelta;
use poem_openapi::{Object, OpenApi};
use uuid::Uuid;

use super::{
    Nothing, Status, Tag,
    answer::Answer,
    body::JsonBody,
    caller::Caller,
    objects::{Session, User},
    refusal::{BODY, Codes, Refusal},
};
use crate::{
    app::App,
    http::kit::problem::{Code, Problem},
    sessions,
    tokens::first_party,
};

#[derive(Debug)]
pub struct Sessions {
    pub app: App,
}

/// Who is signed in, and in which browser.
#[derive(Debug, Object)]
struct SessionAndUser {
    session: Session,
    user: User,
}

/// Which session is to end.
#[derive(Object)]
struct RevokeSession {
    /// The `token` of the session, as `/list-sessions` has it.
    token: String,
}

struct Unexpected;

impl Codes for Unexpected {
    const CODES: &'static [&'static [Code]] = &[];
}

struct Reading;

impl Codes for Reading {
    const CODES: &'static [&'static [Code]] = &[&[Code::Unauthorized, Code::SessionNotFresh]];
}

struct Updating;

impl Codes for Updating {
    const CODES: &'static [&'static [Code]] =
        &[BODY, &[Code::Unauthorized, Code::NoFieldsToUpdate]];
}

/// After so long since somebody proved who they are they are not told where else they are signed in:
/// the contract's own time, which is no setting.
const FRESH: TimeDelta = TimeDelta::hours(24);

/// What is to change of a session.
#[derive(Object)]
struct UpdateSession {}

/// A session that was changed.
#[derive(Debug, Object)]
struct Updated {
    session: Session,
}

struct Changing;

impl Codes for Changing {
    const CODES: &'static [&'static [Code]] = &[BODY, &[Code::Unauthorized]];
}

#[OpenApi(prefix_path = "/api/auth", tag = "Tag::Sessions")]
impl Sessions {
    /// Who is signed in.
    ///
    /// `null` if nobody is. Where `api.session_jwt` is on, the header `set-auth-jwt` holds a token for
    /// the back end, as `/token` answers with.
    #[oai(path = "/get-session", method = "get", operation_id = "getSession")]
    async fn get(
        &self,
        caller: Caller<'_, false>,
    ) -> Result<Answer<Option<SessionAndUser>>, Refusal<Unexpected>> {
        let app = &self.app;
        let own = caller.visitor(app).await?.signed_in;
        let answer = Answer::new(own.as_ref().map(|own| SessionAndUser {
            session: Session::of(&own.user, &own.session),
            user: User::from(&own.user),
        }));
        let mut answer = answer.with("pragma", "no-cache");
        if let Some(own) = own.as_ref().filter(|_| app.config.api.session_jwt) {
            let token = first_party::token(app, own).await.map_err(Problem::from)?;
            answer = answer.with("set-auth-jwt", &token.unwrap_or_default());
        }
        match own.is_none() && caller.has_cookie(app) {
            true => Ok(answer.forgetting(app)),
            false => Ok(answer),
        }
    }

    /// Every browser in which the person is signed in.
    #[oai(path = "/list-sessions", method = "get", operation_id = "listSessions")]
    async fn list(
        &self,
        caller: Caller<'_, true>,
    ) -> Result<Answer<Vec<Session>>, Refusal<Reading>> {
        let app = &self.app;
        let own = caller.person(app).await?.signed_in;
        if app.clock.now() - own.session.auth_time > FRESH {
            return Err(Code::SessionNotFresh.into());
        }
        let user = own.user;
        let live = entity::session::of_user(&app.db.read, user.id, app.clock.now()).await?;
        Ok(Answer::new(
            live.iter().map(|one| Session::of(&user, one)).collect(),
        ))
    }

    /// Sign one browser out.
    ///
    /// A session that is not there, or not the person's, is left alone without a word.
    #[oai(
        path = "/revoke-session",
        method = "post",
        operation_id = "revokeSession"
    )]
    async fn revoke(
        &self,
        caller: Caller<'_, true>,
        body: JsonBody<RevokeSession>,
    ) -> Result<Answer<Status>, Refusal<Changing>> {
        let app = &self.app;
        let sent = body.take(app)?;
        let own = caller.person(app).await?.signed_in;
        // By its secret too, for whoever keeps that.
        let id = match sent.token.parse::<Uuid>() {
            Ok(id) => Some(id),
            Err(_) => {
                let named = sessions::find(app, &sent.token).await?;
                named.map(|named| named.session.id)
            }
        };
        let Some(id) = id else {
            return Ok(Answer::new(Status::DONE));
        };
        sessions::revoke(app, own.user.id, id).await?;
        match id == own.session.id {
            true => Ok(Answer::new(Status::DONE).forgetting(app)),
            false => Ok(Answer::new(Status::DONE)),
        }
    }

    /// Change what a session holds of its own.
    ///
    /// There is nothing of the kind here: the answer is that nothing was sent that could change.
    #[oai(
        path = "/update-session",
        method = "post",
        operation_id = "updateSession"
    )]
    async fn update(
        &self,
        caller: Caller<'_, true>,
        body: JsonBody<UpdateSession>,
    ) -> Result<Answer<Updated>, Refusal<Updating>> {
        body.take(&self.app)?;
        caller.person(&self.app).await?;
        Err(Code::NoFieldsToUpdate.into())
    }

    /// Sign out everywhere.
    #[oai(
        path = "/revoke-sessions",
        method = "post",
        operation_id = "revokeSessions"
    )]
    async fn revoke_all(
        &self,
        caller: Caller<'_, true>,
        body: JsonBody<Nothing>,
    ) -> Result<Answer<Status>, Refusal<Changing>> {
        let app = &self.app;
        body.take(app)?;
        let own = caller.person(app).await?.signed_in;
        sessions::revoke_all(app, own.user.id, None).await?;
        Ok(Answer::new(Status::DONE).forgetting(app))
    }

    /// Sign out everywhere else.
    #[oai(
        path = "/revoke-other-sessions",
        method = "post",
        operation_id = "revokeOtherSessions"
    )]
    async fn revoke_others(
        &self,
        caller: Caller<'_, true>,
        body: JsonBody<Nothing>,
    ) -> Result<Answer<Status>, Refusal<Changing>> {
        let app = &self.app;
        body.take(app)?;
        let own = caller.person(app).await?.signed_in;
        sessions::revoke_others(app, &own).await?;
        Ok(Answer::new(Status::DONE))
    }
}
