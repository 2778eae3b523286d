//! People who come from elsewhere: those on their way to a provider, those who have come back and have
//! no place yet, and what is known of a way in beside the tokens.

use sea_orm_migration::{prelude::*, schema::*};

use super::{drop_all, index, owned_by};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// The columns that `account` gets.
fn columns() -> Vec<ColumnDef> {
    vec![
        text_null("issuer"),
        text_null("display"),
        timestamp_with_time_zone_null("linked_at"),
    ]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for mut column in columns() {
            let alter = Table::alter()
                .table("account")
                .add_column(&mut column)
                .to_owned();
            manager.alter_table(alter).await?;
        }

        let flow = Table::create()
            .table("upstream_flow")
            .col(pk_uuid("id"))
            .col(text_uniq("state"))
            .col(text("provider"))
            .col(text("visitor"))
            .col(text("intent"))
            .col(uuid_null("user_id"))
            .col(uuid_null("session_id"))
            .col(text("nonce"))
            .col(blob("verifier"))
            .col(boolean("fresh"))
            .col(text_null("flow"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("expires_at"))
            .foreign_key(&mut owned_by("upstream_flow", "user_id", "user"))
            .foreign_key(&mut owned_by("upstream_flow", "session_id", "session"))
            .to_owned();
        manager.create_table(flow).await?;
        for column in ["user_id", "session_id", "expires_at"] {
            index(manager, "upstream_flow", column).await?;
        }

        let arrival = Table::create()
            .table("upstream_arrival")
            .col(text("token").primary_key())
            .col(text("provider"))
            .col(text("issuer"))
            .col(text("subject"))
            .col(text("visitor"))
            .col(uuid_null("user_id"))
            .col(text_null("email"))
            .col(text_null("code"))
            .col(integer("tries").default(0).take())
            .col(blob("payload"))
            .col(text_null("flow"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("expires_at"))
            .foreign_key(&mut owned_by("upstream_arrival", "user_id", "user"))
            .to_owned();
        manager.create_table(arrival).await?;
        for column in ["user_id", "subject", "expires_at"] {
            index(manager, "upstream_arrival", column).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["upstream_flow", "upstream_arrival"]).await?;
        for column in columns().into_iter().rev() {
            let name = column.get_column_name();
            let alter = Table::alter()
                .table("account")
                .drop_column(Alias::new(name))
                .to_owned();
            manager.alter_table(alter).await?;
        }
        Ok(())
    }
}
