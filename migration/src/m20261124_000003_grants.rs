//! `authorization_code`, `token_family`, `refresh_token`, `revoked_token`, `pushed_request`,
//! `device_code`: what is given out and may come back.

use sea_orm_migration::{prelude::*, schema::*};

use super::{drop_all, index, owned_by};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(authorization_code()).await?;
        index(manager, "authorization_code", "user_id").await?;
        index(manager, "authorization_code", "session_id").await?;
        index(manager, "authorization_code", "expires_at").await?;
        index(manager, "authorization_code", "code_challenge").await?;
        index(manager, "authorization_code", "nonce").await?;

        manager.create_table(token_family()).await?;
        index(manager, "token_family", "user_id").await?;
        index(manager, "token_family", "session_id").await?;
        index(manager, "token_family", "expires_at").await?;

        let refresh_token = Table::create()
            .table("refresh_token")
            .col(pk_uuid("id"))
            .col(text_uniq("token"))
            .col(uuid("family_id"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("expires_at"))
            .col(timestamp_with_time_zone_null("spent_at"))
            .foreign_key(&mut owned_by("refresh_token", "family_id", "token_family"))
            .to_owned();
        manager.create_table(refresh_token).await?;
        index(manager, "refresh_token", "family_id").await?;

        let revoked_token = Table::create()
            .table("revoked_token")
            .col(text("jti").primary_key())
            .col(timestamp_with_time_zone("expires_at"))
            .col(timestamp_with_time_zone("revoked_at"))
            .to_owned();
        manager.create_table(revoked_token).await?;
        index(manager, "revoked_token", "expires_at").await?;

        let pushed_request = Table::create()
            .table("pushed_request")
            .col(pk_uuid("id"))
            .col(text_uniq("request_uri"))
            .col(uuid("client_id"))
            .col(blob("request"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("expires_at"))
            .col(timestamp_with_time_zone_null("consumed_at"))
            .foreign_key(&mut owned_by("pushed_request", "client_id", "client"))
            .to_owned();
        manager.create_table(pushed_request).await?;
        index(manager, "pushed_request", "expires_at").await?;

        manager.create_table(device_code()).await?;
        index(manager, "device_code", "expires_at").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let made = [
            "authorization_code",
            "token_family",
            "refresh_token",
            "revoked_token",
            "pushed_request",
            "device_code",
        ];
        drop_all(manager, &made).await
    }
}

fn authorization_code() -> TableCreateStatement {
    Table::create()
        .table("authorization_code")
        .col(pk_uuid("id"))
        .col(text_uniq("code"))
        .col(uuid("client_id"))
        .col(uuid("user_id"))
        .col(uuid_null("session_id"))
        .col(uuid("family_id"))
        .col(text("redirect_uri"))
        .col(text_null("code_challenge"))
        .col(text_null("nonce"))
        .col(text("scope"))
        .col(timestamp_with_time_zone("auth_time"))
        .col(json("amr"))
        .col(text("acr"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("expires_at"))
        .col(timestamp_with_time_zone_null("consumed_at"))
        .foreign_key(&mut owned_by("authorization_code", "client_id", "client"))
        .foreign_key(&mut owned_by("authorization_code", "user_id", "user"))
        .foreign_key(
            ForeignKey::create()
                .name("fk-authorization_code-session_id")
                .from("authorization_code", "session_id")
                .to("session", "id")
                .on_delete(ForeignKeyAction::SetNull),
        )
        .to_owned()
}

fn token_family() -> TableCreateStatement {
    Table::create()
        .table("token_family")
        .col(pk_uuid("id"))
        .col(uuid("client_id"))
        .col(uuid("user_id"))
        .col(uuid("session_id"))
        .col(boolean("offline"))
        .col(text("scope"))
        .col(timestamp_with_time_zone("auth_time"))
        .col(json("amr"))
        .col(text("acr"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("expires_at"))
        .col(timestamp_with_time_zone_null("revoked_at"))
        .foreign_key(&mut owned_by("token_family", "client_id", "client"))
        .foreign_key(&mut owned_by("token_family", "user_id", "user"))
        .to_owned()
}

fn device_code() -> TableCreateStatement {
    Table::create()
        .table("device_code")
        .col(pk_uuid("id"))
        .col(text_uniq("device_code"))
        .col(text_uniq("user_code"))
        .col(uuid("client_id"))
        .col(text("scope"))
        .col(uuid_null("user_id"))
        .col(uuid_null("session_id"))
        .col(timestamp_with_time_zone_null("approved_at"))
        .col(timestamp_with_time_zone_null("denied_at"))
        .col(timestamp_with_time_zone_null("consumed_at"))
        .col(timestamp_with_time_zone_null("last_polled_at"))
        .col(integer("interval"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("expires_at"))
        .foreign_key(&mut owned_by("device_code", "client_id", "client"))
        .to_owned()
}
