//! The schema, step by step. Names are strings: a step says what it did on the day it was written,
//! whatever the entities look like today.

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;

mod m20261124_000001_people;
mod m20261124_000002_clients;
mod m20261124_000003_grants;
mod m20261124_000004_keys_and_letters;
mod m20261125_000005_provider;
mod m20261126_000006_accounts;
mod m20261126_000007_upstream;

/// All steps in their order.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261124_000001_people::Migration),
            Box::new(m20261124_000002_clients::Migration),
            Box::new(m20261124_000003_grants::Migration),
            Box::new(m20261124_000004_keys_and_letters::Migration),
            Box::new(m20261125_000005_provider::Migration),
            Box::new(m20261126_000006_accounts::Migration),
            Box::new(m20261126_000007_upstream::Migration),
        ]
    }
}

/// A foreign key that takes its rows along when their owner goes.
fn owned_by(
    table: &'static str,
    column: &'static str,
    owner: &'static str,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("fk-{table}-{column}"))
        .from(table, column)
        .to(owner, "id")
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}

/// A plain index, for a column by which rows are found or swept.
async fn index(
    manager: &SchemaManager<'_>,
    table: &'static str,
    column: &'static str,
) -> Result<(), DbErr> {
    let index = Index::create()
        .name(format!("idx-{table}-{column}"))
        .table(table)
        .col(column)
        .to_owned();
    manager.create_index(index).await
}

/// Adds columns, each to its table, one at a time: SQLite takes no more.
async fn add_columns(
    manager: &SchemaManager<'_>,
    columns: Vec<(&'static str, ColumnDef)>,
) -> Result<(), DbErr> {
    for (table, mut column) in columns {
        let alter = Table::alter()
            .table(table)
            .add_column(&mut column)
            .to_owned();
        manager.alter_table(alter).await?;
    }
    Ok(())
}

/// Drops the same columns, the last one that was added first.
async fn drop_columns(
    manager: &SchemaManager<'_>,
    columns: Vec<(&'static str, ColumnDef)>,
) -> Result<(), DbErr> {
    for (table, column) in columns.into_iter().rev() {
        let alter = Table::alter()
            .table(table)
            .drop_column(Alias::new(column.get_column_name()))
            .to_owned();
        manager.alter_table(alter).await?;
    }
    Ok(())
}

/// Drops tables, the last one that was made first.
async fn drop_all(manager: &SchemaManager<'_>, made: &[&'static str]) -> Result<(), DbErr> {
    for table in made.iter().rev() {
        manager
            .drop_table(Table::drop().table(*table).to_owned())
            .await?;
    }
    Ok(())
}
