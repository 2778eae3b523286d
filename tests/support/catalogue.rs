//! Catalogue: what a database says about its own tables, in the same words for SQLite and
//! PostgreSQL. Names of constraints and the order of columns mean nothing and are left out.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, DatabaseBackend, Statement};

/// One sentence per fact, such as `session: column expires, text, not null`.
pub type Catalogue = BTreeSet<String>;

/// How the sentence about an index begins that is there for speed only.
pub const INDEX: &str = "index for speed";

/// The book-keeping of sea-orm-migration is no table of ours.
const BOOK_KEEPING: &str = "seaql_migrations";

/// Queries with one text column, `fact`. All but the first are about `{table}`.
struct Queries {
    tables: &'static str,
    facts: [&'static str; 3],
}

const SQLITE: Queries = Queries {
    tables: "SELECT name AS fact FROM sqlite_schema
        WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    facts: [
        r#"SELECT 'column ' || name || ', ' || lower(type)
                || CASE "notnull" WHEN 0 THEN ', null' ELSE ', not null' END
                || CASE WHEN dflt_value IS NULL THEN '' ELSE ', default ' || dflt_value END AS fact
            FROM pragma_table_info('{table}')"#,
        r#"SELECT CASE WHEN origin = 'pk' THEN 'primary key' WHEN "unique" = 1 THEN 'unique'
                    ELSE 'index for speed' END
                || ' (' || (SELECT group_concat(name, ', ') FROM
                    (SELECT name FROM pragma_index_info(list.name) ORDER BY seqno)) || ')' AS fact
            FROM pragma_index_list('{table}') AS list"#,
        r#"SELECT 'foreign key ' || "from" || ' to ' || "table" || '.' || "to" || ' on delete '
                || lower(on_delete) AS fact
            FROM pragma_foreign_key_list('{table}')"#,
    ],
};

const POSTGRES: Queries = Queries {
    tables: "SELECT table_name::text AS fact FROM information_schema.tables
        WHERE table_schema = current_schema() ORDER BY table_name",
    facts: [
        "SELECT 'column ' || column_name || ', ' || data_type
                || CASE is_nullable WHEN 'YES' THEN ', null' ELSE ', not null' END
                || coalesce(', default ' || column_default, '') AS fact
            FROM information_schema.columns
            WHERE table_schema = current_schema() AND table_name = '{table}'",
        r#"SELECT CASE WHEN i.indisprimary THEN 'primary key' WHEN i.indisunique THEN 'unique'
                    ELSE 'index for speed' END
                || ' (' || (SELECT string_agg(a.attname, ', ' ORDER BY k.place)
                    FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
                    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum)
                || ')' AS fact
            FROM pg_index i WHERE i.indrelid = '"{table}"'::regclass"#,
        r#"SELECT 'foreign key ' || a.attname || ' to ' || t.relname || '.' || b.attname
                || ' on delete ' || CASE c.confdeltype WHEN 'c' THEN 'cascade'
                    WHEN 'n' THEN 'set null' WHEN 'd' THEN 'set default' WHEN 'r' THEN 'restrict'
                    ELSE 'no action' END AS fact
            FROM pg_constraint c
            JOIN pg_class t ON t.oid = c.confrelid
            JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)
            JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = ANY (c.confkey)
            WHERE c.contype = 'f' AND c.conrelid = '"{table}"'::regclass"#,
    ],
};

/// The names of our tables, in order.
pub async fn tables(db: &impl ConnectionTrait) -> Vec<String> {
    let mut names = ask(db, queries(db).tables.to_owned()).await;
    names.retain(|name| name != BOOK_KEEPING);
    names
}

/// Every fact about every table.
pub async fn catalogue(db: &impl ConnectionTrait) -> Catalogue {
    let mut catalogue = Catalogue::new();
    for table in tables(db).await {
        for query in queries(db).facts {
            let facts = ask(db, query.replace("{table}", &table)).await;
            catalogue.extend(facts.iter().map(|fact| format!("{table}: {fact}")));
        }
    }
    catalogue
}

fn queries(db: &impl ConnectionTrait) -> &'static Queries {
    match db.get_database_backend() {
        DatabaseBackend::Postgres => &POSTGRES,
        _ => &SQLITE,
    }
}

async fn ask(db: &impl ConnectionTrait, sql: String) -> Vec<String> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(statement).await.expect("a catalogue");
    rows.iter()
        .map(|row| row.try_get("", "fact").expect("a fact"))
        .collect()
}
