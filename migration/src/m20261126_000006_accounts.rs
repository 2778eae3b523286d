//! What accounts need over the years: mailed secrets with codes and for people who are none yet,
//! devices that are known, failures that are counted, leaving with a way back.

use sea_orm_migration::{prelude::*, schema::*};

use super::{add_columns, drop_all, drop_columns, index, owned_by};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// The columns that are added, each with its table.
fn columns() -> Vec<(&'static str, ColumnDef)> {
    vec![
        ("user", timestamp_with_time_zone_null("deletes_at")),
        ("event", text_null("user_agent")),
    ]
}

/// `verification_token` before this step (`m20261124_000001_people`).
fn narrow_token() -> TableCreateStatement {
    Table::create()
        .table("verification_token")
        .col(text("identifier"))
        .col(text("token").primary_key())
        .col(timestamp_with_time_zone("expires"))
        .col(text("kind"))
        .col(uuid("user_id"))
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(&mut owned_by("verification_token", "user_id", "user"))
        .to_owned()
}

/// The same with a code beside the link, bound to a browser, and perhaps to nobody yet.
fn wide_token() -> TableCreateStatement {
    Table::create()
        .table("verification_token")
        .col(text("identifier"))
        .col(text("token").primary_key())
        .col(timestamp_with_time_zone("expires"))
        .col(text("kind"))
        .col(uuid_null("user_id"))
        .col(text_null("code"))
        .col(integer("tries").default(0).take())
        .col(text_null("visitor"))
        .col(text_null("flow"))
        .col(blob_null("payload"))
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(&mut owned_by("verification_token", "user_id", "user"))
        .to_owned()
}

/// Makes the table anew: SQLite cannot make a column nullable, and what is in it dies within a day
/// anyway. Links that are on their way when a server is upgraded no longer work.
async fn remake(
    manager: &SchemaManager<'_>,
    table: TableCreateStatement,
    indexed: &[&'static str],
) -> Result<(), DbErr> {
    drop_all(manager, &["verification_token"]).await?;
    manager.create_table(table).await?;
    for column in indexed {
        index(manager, "verification_token", column).await?;
    }
    Ok(())
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_columns(manager, columns()).await?;
        index(manager, "user", "deletes_at").await?;
        remake(manager, wide_token(), &["user_id", "expires", "identifier"]).await?;

        let known_device = Table::create()
            .table("known_device")
            .col(text("device"))
            .col(uuid("user_id"))
            .col(timestamp_with_time_zone("seen_at"))
            .primary_key(Index::create().col("device").col("user_id"))
            .foreign_key(&mut owned_by("known_device", "user_id", "user"))
            .to_owned();
        manager.create_table(known_device).await?;
        index(manager, "known_device", "user_id").await?;
        index(manager, "known_device", "seen_at").await?;

        let failure_counter = Table::create()
            .table("failure_counter")
            .col(text("key").primary_key())
            .col(integer("failures"))
            .col(timestamp_with_time_zone("not_before"))
            .col(timestamp_with_time_zone("forgotten_at"))
            .to_owned();
        manager.create_table(failure_counter).await?;
        index(manager, "failure_counter", "forgotten_at").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["known_device", "failure_counter"]).await?;
        remake(manager, narrow_token(), &["user_id", "expires"]).await?;
        let index = Index::drop()
            .name("idx-user-deletes_at")
            .table("user")
            .to_owned();
        manager.drop_index(index).await?;
        drop_columns(manager, columns()).await
    }
}
