//! The objects of the JSON API, in the shapes that Better Auth clients know.

use std::borrow::Cow;

use chrono::{DateTime, SecondsFormat, Utc};
use entity::{account, session, user};
use poem_openapi::{
    Object,
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde_json::Value;
use uuid::Uuid;

use crate::{accounts::newcomer::Begun, app::App, crypto::secret::Minted};

/// A point in time; in JSON with exactly three fractional digits and `Z`, which every client reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time(pub DateTime<Utc>);

/// A person with an account.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct User {
    /// Never changes and never belongs to anybody else: the `sub` of tokens.
    pub id: String,
    /// Empty if the person has given none.
    pub name: String,
    /// In lower case.
    pub email: String,
    /// Whether the address was proven.
    pub email_verified: bool,
    #[oai(nullable)]
    pub image: Option<String>,
    pub created_at: Time,
    pub updated_at: Time,
}

/// One browser in which a person is signed in.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct Session {
    pub id: Uuid,
    /// The `id` of the user.
    pub user_id: String,
    /// What `/revoke-session` takes. Not the value of the cookie, and no secret.
    pub token: String,
    /// When the session ends if it is not used.
    pub expires_at: Time,
    pub created_at: Time,
    /// When it was last used, to the minute.
    pub updated_at: Time,
    /// Empty if it is not known.
    pub ip_address: String,
    #[oai(nullable)]
    pub user_agent: Option<String>,
}

/// What the way in by e-mail and password is called here.
pub const CREDENTIAL: &str = "credential";

/// One way in of a person.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct Account {
    pub id: Uuid,
    /// The `id` of the user.
    pub user_id: String,
    /// `credential` for e-mail and password.
    pub provider_id: String,
    /// The provider's name for the person; for `credential` the `id` of the user.
    pub account_id: String,
    pub created_at: Time,
    pub updated_at: Time,
    /// What the provider lets us do.
    pub scopes: Vec<String>,
}

impl From<&user::Model> for User {
    fn from(user: &user::Model) -> Self {
        Self {
            id: user.subject.clone(),
            name: user.name.clone().unwrap_or_default(),
            email: user.email.clone(),
            email_verified: user.email_verified.is_some(),
            image: user.image.clone(),
            created_at: Time(user.created_at),
            updated_at: Time(user.updated_at),
        }
    }
}

impl User {
    /// Somebody who will be one once the address is proven, if it is not somebody else's.
    pub fn to_be(begun: Begun) -> Self {
        Self {
            id: begun.id.to_string(),
            name: begun.name.unwrap_or_default(),
            email: begun.email,
            email_verified: false,
            image: begun.image,
            created_at: Time(begun.at),
            updated_at: Time(begun.at),
        }
    }
}

impl Session {
    pub fn of(user: &user::Model, session: &session::Model) -> Self {
        Self {
            id: session.id,
            user_id: user.subject.clone(),
            token: handle(session),
            expires_at: Time(session.expires),
            created_at: Time(session.created_at),
            updated_at: Time(session.last_seen),
            ip_address: session.ip.clone().unwrap_or_default(),
            user_agent: session.user_agent.clone(),
        }
    }
}

/// What is told of a session that was just started: its handle, or its secret where the operator lets
/// scripts have it.
pub fn told(app: &App, secret: &Minted, session: &session::Model) -> String {
    match app.config.api.bearer {
        true => secret.expose().to_owned(),
        false => handle(session),
    }
}

/// What a session goes by in JSON. Whoever reads it can ask for the session to end, as its owner
/// only, and nothing else: the secret is in the cookie, where no script reads it.
pub fn handle(session: &session::Model) -> String {
    session.id.to_string()
}

impl Account {
    pub fn of(user: &user::Model, account: &account::Model) -> Self {
        let is_password = account.provider == account::EMAIL;
        // The seed's table has no times; the id of a row says when it was made.
        let made = account.id.get_timestamp().and_then(|made| {
            let (seconds, nanos) = made.to_unix();
            DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanos)
        });
        let made = Time(made.unwrap_or(user.created_at));
        Self {
            id: account.id,
            user_id: user.subject.clone(),
            provider_id: match is_password {
                true => CREDENTIAL.to_owned(),
                false => account.provider.clone(),
            },
            account_id: match is_password {
                true => user.subject.clone(),
                false => account.provider_account_id.clone(),
            },
            created_at: made,
            updated_at: made,
            scopes: scopes_of(account),
        }
    }
}

/// What a provider lets us do.
pub fn scopes_of(account: &account::Model) -> Vec<String> {
    let scopes = account.scope.as_deref().unwrap_or_default();
    // Some separate them by commas, against RFC 6749 §3.3.
    let words = scopes.split([' ', ',']).filter(|one| !str::is_empty(one));
    words.map(str::to_owned).collect()
}

impl Type for Time {
    const IS_REQUIRED: bool = true;

    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "string_date-time".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format("string", "date-time")))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(self.as_raw_value().into_iter())
    }
}

impl ToJSON for Time {
    fn to_json(&self) -> Option<Value> {
        Some(self.0.to_rfc3339_opts(SecondsFormat::Millis, true).into())
    }
}

impl ParseFromJSON for Time {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value {
            Some(Value::String(text)) => Ok(Self(text.parse()?)),
            other => Err(ParseError::expected_type(other.unwrap_or_default())),
        }
    }
}
