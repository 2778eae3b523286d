//! `user`, `account`, `session`, `verification_token`: the four tables of the seed.

use sea_orm_migration::{prelude::*, schema::*};

use super::{drop_all, index, owned_by};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let user = Table::create()
            .table("user")
            .col(pk_uuid("id"))
            .col(text_uniq("subject"))
            .col(text_uniq("email"))
            .col(timestamp_with_time_zone_null("email_verified"))
            .col(text_null("name"))
            .col(text_null("password_hash"))
            .col(text_null("image"))
            .col(json("profile"))
            .col(text("role"))
            .col(timestamp_with_time_zone_null("disabled_at"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .to_owned();
        manager.create_table(user).await?;

        let account = Table::create()
            .table("account")
            .col(pk_uuid("id"))
            .col(uuid("user_id"))
            .col(text("provider"))
            .col(text("provider_account_id"))
            .col(text("type"))
            .col(blob_null("refresh_token"))
            .col(blob_null("access_token"))
            .col(big_integer_null("expires_at"))
            .col(text_null("token_type"))
            .col(text_null("scope"))
            .col(blob_null("id_token"))
            .col(text_null("session_state"))
            .foreign_key(&mut owned_by("account", "user_id", "user"))
            .to_owned();
        manager.create_table(account).await?;
        index(manager, "account", "user_id").await?;
        let way_in = Index::create()
            .name("idx-account-way_in")
            .table("account")
            .col("provider")
            .col("provider_account_id")
            .unique()
            .to_owned();
        manager.create_index(way_in).await?;

        let session = Table::create()
            .table("session")
            .col(pk_uuid("id"))
            .col(uuid("user_id"))
            .col(timestamp_with_time_zone("expires"))
            .col(text_uniq("session_token"))
            .col(timestamp_with_time_zone("ends_at"))
            .col(timestamp_with_time_zone("auth_time"))
            .col(json("amr"))
            .col(text("acr"))
            .col(text_null("ip"))
            .col(text_null("user_agent"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("last_seen"))
            .foreign_key(&mut owned_by("session", "user_id", "user"))
            .to_owned();
        manager.create_table(session).await?;
        index(manager, "session", "user_id").await?;
        index(manager, "session", "expires").await?;

        let token = Table::create()
            .table("verification_token")
            .col(text("identifier"))
            .col(text("token").primary_key())
            .col(timestamp_with_time_zone("expires"))
            .col(text("kind"))
            .col(uuid("user_id"))
            .col(timestamp_with_time_zone("created_at"))
            .foreign_key(&mut owned_by("verification_token", "user_id", "user"))
            .to_owned();
        manager.create_table(token).await?;
        index(manager, "verification_token", "user_id").await?;
        index(manager, "verification_token", "expires").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(
            manager,
            &["user", "account", "session", "verification_token"],
        )
        .await
    }
}
