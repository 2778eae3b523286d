//! The statements that read a database of another system. Both databases make JSON of a row by
//! themselves, so that what a column is made of need not be known.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};

use super::layout::{Column, Found, Layout};

/// What is said before anything is read: nothing is to be written, and times are to be in UTC.
pub(super) fn settings(backend: DbBackend) -> &'static [&'static str] {
    match backend {
        DbBackend::Postgres => &[
            "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
            "SET TIME ZONE 'UTC'",
        ],
        // Opened for reading only.
        _ => &["PRAGMA query_only = true"],
    }
}

/// Every column of every table that is not the database's own.
pub(super) async fn columns(db: &DatabaseConnection) -> Result<Vec<Column>, DbErr> {
    let backend = db.get_database_backend();
    let ask = match backend {
        DbBackend::Postgres => {
            "SELECT table_schema::text AS schema, table_name::text AS name, column_name::text AS own
             FROM information_schema.columns
             WHERE table_schema NOT IN ('information_schema', 'pg_catalog')
             ORDER BY array_position(current_schemas(false), table_schema::name), table_schema,
                 table_name, ordinal_position"
        }
        _ => {
            "SELECT NULL AS schema, list.name AS name, info.name AS own
             FROM sqlite_schema AS list, pragma_table_info(list.name) AS info
             WHERE list.type IN ('table', 'view')"
        }
    };
    let rows = db
        .query_all_raw(Statement::from_string(backend, ask))
        .await?;
    let column = |row: &sea_orm::QueryResult| {
        Ok(Column {
            schema: row.try_get("", "schema")?,
            table: row.try_get("", "name")?,
            name: row.try_get("", "own")?,
        })
    };
    rows.iter().map(column).collect()
}

/// One statement for everybody and their ways in: they are of one moment, and nobody has to hold more
/// than one row.
pub(super) fn everybody(backend: DbBackend, layout: &Layout) -> Statement {
    let (user, account) = (&layout.user, &layout.account);
    let of_user = |field| column("u", user, field);
    let of_account = |field| column("a", account, field);
    let owner = of_account("user");
    let sql = format!(
        "SELECT {person} AS person, CASE WHEN {owner} IS NULL THEN NULL ELSE {way_in} END AS way_in
         FROM {users} AS u LEFT JOIN {accounts} AS a ON {owner} = {id}
         ORDER BY {id}, {provider}, {subject}",
        person = object(backend, "u", user),
        way_in = object(backend, "a", account),
        users = table(user),
        accounts = table(account),
        id = of_user("id"),
        provider = of_account("provider"),
        subject = of_account("subject"),
    );
    Statement::from_string(backend, sql)
}

/// A row as the bytes of a JSON object. In SQLite a column holds whatever was put there; bytes are no
/// JSON, and would stop the whole statement.
fn object(backend: DbBackend, alias: &str, found: &Found) -> String {
    let members = found.columns.iter().map(|(field, own)| {
        let column = format!("{alias}.{}", quoted(own));
        match backend {
            DbBackend::Postgres => format!("'{field}', {column}"),
            _ => format!(
                "'{field}', CASE typeof({column}) WHEN 'blob' THEN 'x' || hex({column}) ELSE {column} END"
            ),
        }
    });
    let members: Vec<String> = members.collect();
    let members = members.join(", ");
    match backend {
        DbBackend::Postgres => {
            format!("convert_to(json_build_object({members})::text, 'UTF8')")
        }
        _ => format!("CAST(json_object({members}) AS BLOB)"),
    }
}

fn column(alias: &str, found: &Found, field: &str) -> String {
    format!("{alias}.{}", quoted(found.column(field).unwrap_or(field)))
}

fn table(found: &Found) -> String {
    match &found.schema {
        Some(schema) => format!("{}.{}", quoted(schema), quoted(&found.name)),
        None => quoted(&found.name),
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
