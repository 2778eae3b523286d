//! What the whole protocol needs: more of a client, of codes and grants; `session_client`,
//! `seen_token`, `client_logo`.

use sea_orm_migration::{prelude::*, schema::*};

use super::{add_columns, drop_all, drop_columns, index, owned_by};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// The columns that are added, each with its table. Made anew for each use: a definition is spent
/// when a statement takes it.
fn columns() -> Vec<(&'static str, ColumnDef)> {
    vec![
        ("client", blob_null("sealed_secret")),
        ("client", text("subject_type").default("public").take()),
        ("client", json("metadata").default("{}").take()),
        ("client", text_null("registration_access_token")),
        ("client", boolean("dynamic").default(false).take()),
        ("client", timestamp_with_time_zone_null("used_at")),
        ("authorization_code", json_null("claims")),
        ("authorization_code", json("resources").default("[]").take()),
        ("authorization_code", text_null("dpop_jkt")),
        ("token_family", json_null("claims")),
        ("token_family", json("resources").default("[]").take()),
        ("token_family", json_null("confirmation")),
        ("consent", json("resources").default("[]").take()),
        ("device_code", json("resources").default("[]").take()),
        ("device_code", uuid_null("opened_by")),
        ("device_code", text_null("ip")),
        ("device_code", timestamp_with_time_zone_null("auth_time")),
        ("device_code", json_null("amr")),
        ("device_code", text_null("acr")),
    ]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_columns(manager, columns()).await?;

        let session_client = Table::create()
            .table("session_client")
            .col(uuid("session_id"))
            .col(uuid("client_id"))
            .primary_key(Index::create().col("session_id").col("client_id"))
            .foreign_key(&mut owned_by("session_client", "session_id", "session"))
            .foreign_key(&mut owned_by("session_client", "client_id", "client"))
            .to_owned();
        manager.create_table(session_client).await?;
        index(manager, "session_client", "client_id").await?;

        let seen_token = Table::create()
            .table("seen_token")
            .col(text("token").primary_key())
            .col(timestamp_with_time_zone("expires_at"))
            .to_owned();
        manager.create_table(seen_token).await?;
        index(manager, "seen_token", "expires_at").await?;

        let limit_counter = Table::create()
            .table("limit_counter")
            .col(text("key").primary_key())
            .col(integer("count"))
            .col(timestamp_with_time_zone("window_ends_at"))
            .to_owned();
        manager.create_table(limit_counter).await?;
        index(manager, "limit_counter", "window_ends_at").await?;

        let client_logo = Table::create()
            .table("client_logo")
            .col(pk_uuid("client_id"))
            .col(text("logo_uri"))
            .col(text_null("content_type"))
            .col(blob_null("image"))
            .col(timestamp_with_time_zone("tried_at"))
            .foreign_key(&mut owned_by("client_logo", "client_id", "client"))
            .to_owned();
        manager.create_table(client_logo).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(
            manager,
            &[
                "session_client",
                "seen_token",
                "limit_counter",
                "client_logo",
            ],
        )
        .await?;
        drop_columns(manager, columns()).await
    }
}
