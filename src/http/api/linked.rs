//! `POST /unlink-account` and `POST /get-access-token`: the accounts elsewhere that a person has linked.

use chrono::{DateTime, Utc};
use entity::account;
use poem_openapi::{Object, OpenApi};
use uuid::Uuid;

use super::{
    Status, Tag,
    answer::Answer,
    body::JsonBody,
    caller::Caller,
    objects::{CREDENTIAL, Time, scopes_of},
    refusal::{BODY, Codes, Refusal},
    social::here,
};
use crate::{
    app::App,
    http::kit::problem::{Code, Problem},
    upstream::{
        access::{self, NoAccess, Which},
        unlink::{self, Unlinked},
    },
};

#[derive(Debug)]
pub struct Linked {
    pub app: App,
}

/// Which of the person's accounts. By its `id` in the list of accounts; or, as older clients say it,
/// by the provider, with the provider's own id of the person where there are several.
#[derive(Object)]
#[oai(rename_all = "camelCase")]
struct Named {
    account_id: Option<String>,
    provider_id: Option<String>,
}

/// A provider's access token, and what came with it.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
struct Access {
    access_token: String,
    access_token_expires_at: Option<Time>,
    scopes: Vec<String>,
    id_token: Option<String>,
}

struct Unlinking;

impl Codes for Unlinking {
    const CODES: &'static [&'static [Code]] = &[
        BODY,
        &[
            Code::Unauthorized,
            Code::SessionNotFresh,
            Code::AccountNotFound,
            Code::FailedToUnlinkLastAccount,
        ],
    ];
}

struct Getting;

impl Codes for Getting {
    const CODES: &'static [&'static [Code]] = &[
        BODY,
        &[
            Code::Unauthorized,
            Code::AccountNotFound,
            Code::ProviderNotSupported,
            Code::FailedToGetAccessToken,
            Code::TooManyRequests,
        ],
    ];
}

#[OpenApi(prefix_path = "/api/auth", tag = "Tag::Accounts")]
impl Linked {
    /// Take a linked account away.
    ///
    /// For somebody who has signed in within `sessions.fresh_seconds`; never the last way in.
    #[oai(
        path = "/unlink-account",
        method = "post",
        operation_id = "unlinkAccount"
    )]
    async fn unlink(
        &self,
        caller: Caller<'_, true>,
        body: JsonBody<Named>,
    ) -> Result<Answer<Status>, Refusal<Unlinking>> {
        let app = &self.app;
        let named = body.take(app)?;
        let person = caller.person(app).await?;
        let own = &person.signed_in;
        let id = match named.which()? {
            Which::Row(id) => Some(id),
            at => access::find_way(app, own, at)
                .await
                .map_err(Problem::from)?
                .map(|way| way.id),
        };
        let id = id.ok_or(Code::AccountNotFound)?;
        let done = unlink::unlink(app, own, id, here(&person.visitor)).await;
        match done.map_err(Problem::from)? {
            Unlinked::Done => Ok(Answer::new(Status::DONE)),
            Unlinked::Nothing => Err(Code::AccountNotFound.into()),
            Unlinked::TheLast => Err(Code::FailedToUnlinkLastAccount.into()),
            Unlinked::NotFresh => Err(Code::SessionNotFresh.into()),
        }
    }

    /// A provider's access token, for calls of its API.
    ///
    /// For the owner of the account only, and only where `keep_tokens` of the provider is on. One that
    /// is about to end is renewed first.
    #[oai(
        path = "/get-access-token",
        method = "post",
        operation_id = "getAccessToken"
    )]
    async fn access_token(
        &self,
        caller: Caller<'_, true>,
        body: JsonBody<Named>,
    ) -> Result<Answer<Access>, Refusal<Getting>> {
        let app = &self.app;
        let named = body.take(app)?;
        let person = caller.person(app).await?;
        let asked = (named.which()?, false);
        let got = access::access(app, &person.signed_in, asked, here(&person.visitor)).await;
        let access = got.map_err(Problem::from)?.map_err(|why| match why {
            NoAccess::NotTheirs => Code::AccountNotFound,
            NoAccess::NoProvider => Code::ProviderNotSupported,
            NoAccess::NotKept | NoAccess::NoRefresh | NoAccess::Refused => {
                Code::FailedToGetAccessToken
            }
        })?;
        Ok(Answer::new(Access {
            access_token: access.access_token,
            access_token_expires_at: access.expires_at.map(|at: DateTime<Utc>| Time(at)),
            scopes: scopes_of(&access.account),
            id_token: access.id_token,
        }))
    }
}

impl Named {
    fn which(&self) -> Result<Which<'_>, Problem> {
        match (text(&self.provider_id), text(&self.account_id)) {
            (Some(CREDENTIAL), _) => Ok(Which::At(account::EMAIL, None)),
            (Some(provider), subject) => Ok(Which::At(provider, subject)),
            // What is no id is nobody's.
            (None, Some(id)) => Ok(Which::Row(id.parse().unwrap_or(Uuid::nil()))),
            (None, None) => Err(Problem::new(
                Code::ValidationError,
                "[body.accountId] Invalid input: expected string, received undefined",
            )),
        }
    }
}

fn text(sent: &Option<String>) -> Option<&str> {
    sent.as_deref().filter(|text| !text.is_empty())
}
