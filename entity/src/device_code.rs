//! `device_code`: a device that waits for a person to answer on another one (RFC 8628).

use chrono::TimeDelta;
use sea_orm::{
    Condition, SqlErr,
    entity::prelude::*,
    sea_query::{Expr, Query},
};

use crate::value::{Amr, Digest, Names, Scope};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "device_code")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(unique)]
    pub device_code: Digest,
    #[sea_orm(unique)]
    pub user_code: Digest,
    pub client_id: Uuid,
    pub scope: Scope,
    /// The resources that the tokens are for (RFC 8707 §2).
    #[sea_orm(default_value = "[]")]
    pub resources: Names,
    /// The session that looked the code up; nobody else may answer it.
    pub opened_by: Option<Uuid>,
    /// Where the device asked from, to be shown to whoever answers.
    #[sea_orm(column_type = "Text", nullable)]
    pub ip: Option<String>,
    /// Who answered, once somebody has.
    pub user_id: Option<Uuid>,
    pub session_id: Option<Uuid>,
    /// When and how the person who allowed it had signed in.
    pub auth_time: Option<DateTimeUtc>,
    pub amr: Option<Amr>,
    #[sea_orm(column_type = "Text", nullable)]
    pub acr: Option<String>,
    pub approved_at: Option<DateTimeUtc>,
    pub denied_at: Option<DateTimeUtc>,
    pub consumed_at: Option<DateTimeUtc>,
    pub last_polled_at: Option<DateTimeUtc>,
    /// Seconds that the device must leave between two polls.
    pub interval: i32,
    pub created_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    #[sea_orm(belongs_to, from = "client_id", to = "id", on_delete = "Cascade")]
    pub client: BelongsTo<super::client::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Seconds that are added to the interval of a device that asks too often (RFC 8628 §3.5).
const SLOWER: i32 = 5;

/// Adds a code. Answers whether both of its secrets were new.
pub async fn add(db: &impl ConnectionTrait, row: ActiveModel) -> Result<bool, DbErr> {
    match Entity::insert(row).exec_without_returning(db).await {
        Ok(_) => Ok(true),
        Err(error) => match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => Ok(false),
            _ => Err(error),
        },
    }
}

/// The code that a person typed, whatever has become of it.
pub async fn by_user_code(
    db: &impl ConnectionTrait,
    user_code: &Digest,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::UserCode.eq(user_code.clone()))
        .one(db)
        .await
}

/// The code that this session has opened, whatever has become of it.
pub async fn opened_in(
    db: &impl ConnectionTrait,
    user_code: &Digest,
    session_id: Uuid,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::UserCode.eq(user_code.clone()))
        .filter(Column::OpenedBy.eq(session_id))
        .one(db)
        .await
}

/// Opens a code for one session: of any number of sessions exactly one gets it. One that has ended
/// holds nothing any more.
pub async fn open(
    db: &impl ConnectionTrait,
    user_code: &Digest,
    session_id: Uuid,
    now: DateTimeUtc,
) -> Result<Option<Model>, DbErr> {
    use super::session;
    let live = Query::select()
        .column(session::Column::Id)
        .from(session::Entity)
        .and_where(session::Column::Expires.gt(now))
        .and_where(session::Column::EndsAt.gt(now))
        .to_owned();
    let free = Condition::any()
        .add(Column::OpenedBy.is_null())
        .add(Column::OpenedBy.eq(session_id))
        .add(Column::OpenedBy.not_in_subquery(live));
    let opened = Entity::update_many()
        .col_expr(Column::OpenedBy, Expr::value(session_id))
        .filter(Column::UserCode.eq(user_code.clone()))
        .filter(free)
        .filter(waiting(now))
        .exec_with_returning(db)
        .await?;
    Ok(opened.into_iter().next())
}

/// Answers a code as `answer` says, for the session that opened it; once.
pub async fn answer(
    db: &impl ConnectionTrait,
    user_code: &Digest,
    session_id: Uuid,
    answer: ActiveModel,
    now: DateTimeUtc,
) -> Result<Option<Model>, DbErr> {
    let answered = Entity::update_many()
        .set(answer)
        .filter(Column::UserCode.eq(user_code.clone()))
        .filter(Column::OpenedBy.eq(session_id))
        .filter(waiting(now))
        .exec_with_returning(db)
        .await?;
    Ok(answered.into_iter().next())
}

/// Redeems an approved code for its client; of any number of callers exactly one gets the row.
pub async fn consume(
    db: &impl ConnectionTrait,
    client_id: Uuid,
    device_code: &Digest,
    now: DateTimeUtc,
) -> Result<Option<Model>, DbErr> {
    let taken = Entity::update_many()
        .col_expr(Column::ConsumedAt, Expr::value(now))
        .filter(Column::DeviceCode.eq(device_code.clone()))
        .filter(Column::ClientId.eq(client_id))
        .filter(Column::ApprovedAt.is_not_null())
        .filter(Column::ConsumedAt.is_null())
        .filter(Column::ExpiresAt.gt(now))
        .exec_with_returning(db)
        .await?;
    Ok(taken.into_iter().next())
}

/// The code that its own client presents, whatever has become of it.
pub async fn of_client(
    db: &impl ConnectionTrait,
    client_id: Uuid,
    device_code: &Digest,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::DeviceCode.eq(device_code.clone()))
        .filter(Column::ClientId.eq(client_id))
        .one(db)
        .await
}

/// Notes that the device asked. Answers whether it had waited long enough, save `early`; of those
/// who ask at the same time at most one has.
pub async fn polled_in_time(
    db: &impl ConnectionTrait,
    row: &Model,
    early: TimeDelta,
    now: DateTimeUtc,
) -> Result<bool, DbErr> {
    let since = now - TimeDelta::seconds(row.interval.into()) + early;
    let waited = Condition::any()
        .add(Column::LastPolledAt.is_null())
        .add(Column::LastPolledAt.lte(since));
    let noted = Entity::update_many()
        .col_expr(Column::LastPolledAt, Expr::value(now))
        .filter(Column::Id.eq(row.id))
        .filter(Column::Interval.eq(row.interval))
        .filter(waited)
        .exec(db)
        .await?;
    Ok(noted.rows_affected == 1)
}

/// Makes the device wait longer from now on.
pub async fn slow_down(db: &impl ConnectionTrait, id: Uuid, now: DateTimeUtc) -> Result<(), DbErr> {
    let longer = sea_orm::sea_query::ExprTrait::add(Expr::col(Column::Interval), SLOWER);
    Entity::update_many()
        .col_expr(Column::Interval, longer)
        .col_expr(Column::LastPolledAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        .exec(db)
        .await
        .map(drop)
}

/// Takes back what a user allowed a client's devices that have not fetched it.
pub async fn forget(
    db: &impl ConnectionTrait,
    user_id: Uuid,
    client_id: Uuid,
) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::UserId.eq(user_id))
        .filter(Column::ClientId.eq(client_id))
        .filter(Column::ConsumedAt.is_null())
        .exec(db)
        .await
        .map(drop)
}

/// Takes back what a user allowed devices that have not fetched it.
pub async fn forget_user(db: &impl ConnectionTrait, user_id: Uuid) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::UserId.eq(user_id))
        .filter(Column::ConsumedAt.is_null())
        .exec(db)
        .await
        .map(drop)
}

/// Forgets codes that expired before `before`.
pub async fn sweep(db: &impl ConnectionTrait, before: DateTimeUtc) -> Result<u64, DbErr> {
    Ok(Entity::delete_many()
        .filter(Column::ExpiresAt.lte(before))
        .exec(db)
        .await?
        .rows_affected)
}

/// Nobody has answered, and somebody still may.
fn waiting(now: DateTimeUtc) -> Condition {
    Condition::all()
        .add(Column::ApprovedAt.is_null())
        .add(Column::DeniedAt.is_null())
        .add(Column::ExpiresAt.gt(now))
}
