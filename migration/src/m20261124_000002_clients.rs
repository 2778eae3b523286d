//! `client`, `client_origin`, `consent`.

use sea_orm_migration::{prelude::*, schema::*};

use super::{drop_all, index, owned_by};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let client = Table::create()
            .table("client")
            .col(pk_uuid("id"))
            .col(text_uniq("client_id"))
            .col(text("client_name"))
            .col(text("application_type"))
            .col(text("profile"))
            .col(text("token_endpoint_auth_method"))
            .col(boolean("strict_auth_method"))
            .col(text_null("client_secret"))
            .col(text_null("previous_secret"))
            .col(timestamp_with_time_zone_null("previous_secret_until"))
            .col(json("redirect_uris"))
            .col(json("post_logout_redirect_uris"))
            .col(json("grant_types"))
            .col(json("response_types"))
            .col(text("scope"))
            .col(json("audiences"))
            .col(text("id_token_signed_response_alg"))
            .col(text("access_token_signed_response_alg"))
            .col(boolean("claims_in_id_token"))
            .col(boolean("trusted"))
            .col(text_null("logo_uri"))
            .col(text_null("client_uri"))
            .col(text_null("policy_uri"))
            .col(text_null("tos_uri"))
            .col(timestamp_with_time_zone_null("disabled_at"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .to_owned();
        manager.create_table(client).await?;

        let origin = Table::create()
            .table("client_origin")
            .col(uuid("client_id"))
            .col(text("origin"))
            .primary_key(Index::create().col("client_id").col("origin"))
            .foreign_key(&mut owned_by("client_origin", "client_id", "client"))
            .to_owned();
        manager.create_table(origin).await?;
        index(manager, "client_origin", "origin").await?;

        let consent = Table::create()
            .table("consent")
            .col(uuid("user_id"))
            .col(uuid("client_id"))
            .col(text("scope"))
            .col(timestamp_with_time_zone("granted_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .primary_key(Index::create().col("user_id").col("client_id"))
            .foreign_key(&mut owned_by("consent", "user_id", "user"))
            .foreign_key(&mut owned_by("consent", "client_id", "client"))
            .to_owned();
        manager.create_table(consent).await?;
        index(manager, "consent", "client_id").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["client", "client_origin", "consent"]).await
    }
}
