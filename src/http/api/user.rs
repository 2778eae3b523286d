//! `POST /update-user` and `GET /list-accounts`: what a person says about themselves, and how they
//! can sign in.

use poem_openapi::{Object, OpenApi, types::MaybeUndefined};
use serde_json::Value;

use super::{
    Status, Tag,
    answer::Answer,
    body::JsonBody,
    caller::Caller,
    objects::Account,
    refusal::{BODY, Codes, Refusal},
};
use crate::{
    accounts::{AccountError, profile},
    app::App,
    http::kit::problem::{Code, Problem},
};

#[derive(Debug)]
pub struct Users {
    pub app: App,
}

/// What is to change. What is not sent stays.
#[derive(Object)]
struct UpdateUser {
    /// At most 200 characters; empty takes the name away.
    name: Option<String>,
    /// The address of a picture: https or http. Null or empty takes it away.
    image: MaybeUndefined<String>,
    /// Cannot be changed here: sending it is an error.
    email: Option<Value>,
}

struct Updating;

impl Codes for Updating {
    const CODES: &'static [&'static [Code]] = &[
        BODY,
        &[
            Code::Unauthorized,
            Code::EmailCanNotBeUpdated,
            Code::NoFieldsToUpdate,
        ],
    ];
}

struct Listing;

impl Codes for Listing {
    const CODES: &'static [&'static [Code]] = &[&[Code::Unauthorized]];
}

#[OpenApi(prefix_path = "/api/auth", tag = "Tag::Accounts")]
impl Users {
    /// Change the profile.
    #[oai(path = "/update-user", method = "post", operation_id = "updateUser")]
    async fn update(
        &self,
        caller: Caller<'_, true>,
        body: JsonBody<UpdateUser>,
    ) -> Result<Answer<Status>, Refusal<Updating>> {
        let app = &self.app;
        let sent = body.take(app)?;
        let own = caller.person(app).await?.signed_in;
        if sent.email.is_some() {
            return Err(Code::EmailCanNotBeUpdated.into());
        }
        let name = sent.name.as_deref().map(|name| ("name", name));
        let image = match &sent.image {
            MaybeUndefined::Undefined => None,
            MaybeUndefined::Null => Some(("picture", "")),
            MaybeUndefined::Value(url) => Some(("picture", url.as_str())),
        };
        let stated: Vec<(&str, &str)> = [name, image].into_iter().flatten().collect();
        if stated.is_empty() {
            return Err(Code::NoFieldsToUpdate.into());
        }
        if let Err(unfit) = profile::state(app, &own, &stated).await? {
            let issue = |(claim, _)| match claim {
                "picture" => format!("[body.image] {}", AccountError::BadPicture),
                _ => format!("[body.name] {}", AccountError::BadName),
            };
            let issues: Vec<String> = unfit.into_iter().map(issue).collect();
            return Err(Problem::new(Code::ValidationError, issues.join("; ")).into());
        }
        Ok(Answer::new(Status::DONE))
    }

    /// The ways in which the person can sign in.
    #[oai(path = "/list-accounts", method = "get", operation_id = "listAccounts")]
    async fn accounts(
        &self,
        caller: Caller<'_, true>,
    ) -> Result<Answer<Vec<Account>>, Refusal<Listing>> {
        let app = &self.app;
        let user = caller.person(app).await?.signed_in.user;
        let ways = entity::account::of_user(&app.db.read, user.id).await?;
        Ok(Answer::new(
            ways.iter().map(|way| Account::of(&user, way)).collect(),
        ))
    }
}
