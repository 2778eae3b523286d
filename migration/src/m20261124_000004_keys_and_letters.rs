//! `signing_key`, `outbox`, `event`.

use sea_orm_migration::{prelude::*, schema::*};

use super::{drop_all, index};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let signing_key = Table::create()
            .table("signing_key")
            .col(text("kid").primary_key())
            .col(text("alg"))
            .col(blob("private_key"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("signs_from"))
            .col(timestamp_with_time_zone_null("published_until"))
            .to_owned();
        manager.create_table(signing_key).await?;

        let outbox = Table::create()
            .table("outbox")
            .col(pk_uuid("id"))
            .col(text("kind"))
            .col(text("recipient"))
            .col(blob("letter"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("expires_at"))
            .col(integer("attempts"))
            .col(timestamp_with_time_zone_null("next_attempt_at"))
            .col(timestamp_with_time_zone_null("sent_at"))
            .col(timestamp_with_time_zone_null("failed_at"))
            .to_owned();
        manager.create_table(outbox).await?;
        index(manager, "outbox", "expires_at").await?;
        index(manager, "outbox", "next_attempt_at").await?;

        let event = Table::create()
            .table("event")
            .col(pk_uuid("id"))
            .col(timestamp_with_time_zone("at"))
            .col(text("kind"))
            .col(uuid_null("user_id"))
            .col(uuid_null("client_id"))
            .col(text_null("ip"))
            .to_owned();
        manager.create_table(event).await?;
        index(manager, "event", "user_id").await?;
        index(manager, "event", "at").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["signing_key", "outbox", "event"]).await
    }
}
