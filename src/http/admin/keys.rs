//! `/api/admin/v1/keys`: the keys that sign tokens.

use chrono::{DateTime, Utc};
use entity::{
    signing_key::{self, Model, Standing},
    value::SigningAlg,
};
use poem_openapi::{Enum, Object, OpenApi};
use sea_orm::{DbErr, Iterable};

use super::{Tag, guard::Administrator};
use crate::{
    app::App,
    http::{
        api::{
            answer::Answer,
            body::JsonBody,
            objects::Time,
            refusal::{Codes, Refusal},
        },
        kit::problem::{Code, Problem},
    },
    keys::rotation::{self, RotationError, Wanted},
};

#[derive(Debug)]
pub struct Keys {
    pub app: App,
}

/// Where a key stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub enum KeyState {
    /// Published, and does not sign yet.
    Next,
    /// Signs.
    Current,
    /// Signs no more; tokens that it signed still live.
    Retired,
    /// No longer published; it still recognises ID tokens that come back as hints.
    Remembered,
}

/// A key that signs tokens.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
struct SigningKey {
    /// Its thumbprint (RFC 7638).
    kid: String,
    alg: SigningAlg,
    state: KeyState,
    created_at: Time,
    /// From when it signs.
    signs_from: Time,
    /// Until when it is published, once it has a successor.
    #[oai(nullable)]
    published_until: Option<Time>,
}

/// All of them, in the order in which they sign.
#[derive(Debug, Object)]
struct SigningKeys {
    keys: Vec<SigningKey>,
}

/// Which keys are to be turned, and how.
#[derive(Debug, Object)]
struct Rotation {
    /// Only the key of this algorithm; all of them, if none is named.
    alg: Option<SigningAlg>,
    /// For emergencies: a new key signs at once and the one before stops at once. Whoever caches the
    /// keys does not know the new one yet. Otherwise the next key is published first.
    now: Option<bool>,
    /// With `now`: names of stolen keys, which vanish with everything that they signed.
    forget: Option<Vec<String>>,
}

/// What may be said before any door of this area is asked.
const ADMISSION: &[Code] = &[
    Code::InvalidRequest,
    Code::InvalidToken,
    Code::InsufficientScope,
    Code::NotAdministrator,
];

struct Listing;

impl Codes for Listing {
    const CODES: &'static [&'static [Code]] = &[ADMISSION];
}

struct Rotating;

impl Codes for Rotating {
    const CODES: &'static [&'static [Code]] = &[
        ADMISSION,
        &[
            Code::BadRequest,
            Code::ValidationError,
            Code::PayloadTooLarge,
            Code::UnsupportedMediaType,
        ],
    ];
}

#[OpenApi(prefix_path = "/api/admin/v1", tag = "Tag::Administration")]
impl Keys {
    /// The keys that sign tokens, have signed them, or will.
    #[oai(path = "/keys", method = "get", operation_id = "listKeys")]
    async fn list(&self, _who: Administrator) -> Result<Answer<SigningKeys>, Refusal<Listing>> {
        Ok(Answer::new(self.all().await?))
    }

    /// Turn the keys.
    ///
    /// Answers all keys as they stand afterwards. A next key that is published already is not made
    /// twice.
    #[oai(path = "/keys/rotate", method = "post", operation_id = "rotateKeys")]
    async fn rotate(
        &self,
        who: Administrator,
        body: JsonBody<Rotation>,
    ) -> Result<Answer<SigningKeys>, Refusal<Rotating>> {
        let sent = body.take(&self.app)?;
        let wanted = Wanted {
            algs: sent
                .alg
                .map_or_else(|| SigningAlg::iter().collect(), |alg| vec![alg]),
            now: sent.now.unwrap_or_default(),
            forget: sent.forget.unwrap_or_default(),
        };
        rotation::rotate(&self.app, &wanted, who.about())
            .await
            .map_err(problem)?;
        Ok(Answer::new(self.all().await?))
    }
}

impl Keys {
    async fn all(&self) -> Result<SigningKeys, DbErr> {
        let all = signing_key::all(&self.app.db.read).await?;
        let now = self.app.clock.now();
        let keys = all.iter().map(|key| SigningKey::of(key, &all, now));
        Ok(SigningKeys {
            keys: keys.collect(),
        })
    }
}

impl SigningKey {
    fn of(key: &Model, all: &[Model], now: DateTime<Utc>) -> Self {
        Self {
            kid: key.kid.clone(),
            alg: key.alg,
            state: match key.standing(all, now) {
                Standing::Next => KeyState::Next,
                Standing::Current => KeyState::Current,
                Standing::Retired => KeyState::Retired,
                Standing::Remembered => KeyState::Remembered,
            },
            created_at: Time(key.created_at),
            signs_from: Time(key.signs_from),
            published_until: key.published_until.map(Time),
        }
    }
}

fn problem(error: RotationError) -> Problem {
    match error {
        RotationError::Unexpected(error) => error.into(),
        error => Problem::new(Code::ValidationError, format!("[body.forget] {error}")),
    }
}
