//! Layout: how another system calls its tables and columns. Every tool that makes them spells the same
//! names in its own way: `emailVerified`, `email_verified`, `user`, `User`, `users`.

/// The tables that are read; of all others nothing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    User,
    Account,
}

/// What the operator says is called otherwise.
#[derive(Clone, Debug, Default)]
pub struct Renamed {
    /// The table, and its name in the database, perhaps with its schema in front.
    pub tables: Vec<(Table, String)>,
    /// The table, a field of [`Table::fields`] in any spelling, and the name of the column.
    pub columns: Vec<(Table, String, String)>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    pub user: Found,
    pub account: Found,
}

/// A table, and the columns that it has for our fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub schema: Option<String>,
    pub name: String,
    pub columns: Vec<(&'static str, String)>,
}

/// A column that a database has.
#[derive(Clone, Debug)]
pub struct Column {
    pub schema: Option<String>,
    pub table: String,
    pub name: String,
}

/// Why nothing can be read from the database. Each line says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    #[error(
        "there is no table {0} with the columns {1}; if it is called otherwise, say so: --table \
         {0}=NAME, --column {0}.FIELD=NAME"
    )]
    NoTable(&'static str, String),
    #[error("{0} has no column {1}")]
    NoColumn(String, String),
    #[error("{0} is no field that is read; those of {1} are: {2}")]
    NoField(String, &'static str, String),
    #[error("it is a database of Doorward; take people out of it with: doorward user export")]
    Ours,
}

/// A field, and the spellings of its column, without underscores and in lower case.
type Field = (&'static str, &'static [&'static str]);

const USER: &[Field] = &[
    ("id", &["id"]),
    ("email", &["email"]),
    ("email_verified", &["emailverified"]),
    ("name", &["name"]),
    ("image", &["image"]),
    ("password", &["passwordhash", "hashedpassword", "password"]),
    ("banned", &["banned"]),
    ("ban_expires", &["banexpires"]),
    ("two_factor", &["twofactorenabled"]),
    ("created_at", &["createdat"]),
    ("updated_at", &["updatedat"]),
];

const ACCOUNT: &[Field] = &[
    ("user", &["userid"]),
    ("provider", &["providerid", "provider"]),
    ("subject", &["provideraccountid", "accountid"]),
    ("type", &["type"]),
    ("password", &["password"]),
    ("access_token", &["accesstoken"]),
    ("refresh_token", &["refreshtoken"]),
    ("id_token", &["idtoken"]),
    ("expires_at", &["accesstokenexpiresat", "expiresat"]),
    ("token_type", &["tokentype"]),
    ("scope", &["scope"]),
    ("session_state", &["sessionstate"]),
    ("created_at", &["createdat"]),
];

impl Table {
    pub const ALL: [Self; 2] = [Self::User, Self::Account];

    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Account => "account",
        }
    }

    /// The names of what is read of a row.
    pub fn fields(self) -> Vec<&'static str> {
        self.spelt().iter().map(|(field, _)| *field).collect()
    }

    fn spelt(self) -> &'static [Field] {
        match self {
            Self::User => USER,
            Self::Account => ACCOUNT,
        }
    }

    /// Without these there is nobody to be found.
    fn needed(self) -> &'static [&'static str] {
        match self {
            Self::User => &["id", "email"],
            Self::Account => &["user", "provider", "subject"],
        }
    }

    fn field(self, written: &str) -> Option<&'static str> {
        let plain = plain(written);
        let fits = |(field, spelt): &&Field| *field == written || spelt.contains(&plain.as_str());
        self.spelt().iter().find(fits).map(|(field, _)| *field)
    }
}

impl Layout {
    /// Finds both tables among the columns of a database.
    pub(super) fn of(columns: &[Column], renamed: &Renamed) -> Result<Self, LayoutError> {
        if columns.iter().any(|column| column.table == "token_family") {
            return Err(LayoutError::Ours);
        }
        for (table, written, _) in &renamed.columns {
            if table.field(written).is_none() {
                let all = table.fields().join(", ");
                return Err(LayoutError::NoField(written.clone(), table.name(), all));
            }
        }
        Ok(Self {
            user: find(Table::User, columns, renamed)?,
            account: find(Table::Account, columns, renamed)?,
        })
    }
}

impl Found {
    pub fn column(&self, field: &str) -> Option<&str> {
        let (_, column) = self.columns.iter().find(|(own, _)| *own == field)?;
        Some(column)
    }
}

fn find(table: Table, columns: &[Column], renamed: &Renamed) -> Result<Found, LayoutError> {
    let named = renamed.tables.iter().find(|(own, _)| *own == table);
    let mut candidates: Vec<(Option<String>, String)> = columns
        .iter()
        .filter(|column| match named {
            Some((_, name)) => is_called(column, name),
            None => rank(table, &column.table).is_some(),
        })
        .map(|column| (column.schema.clone(), column.table.clone()))
        .collect();
    // The plainest name first, wherever it stands in the catalogue.
    candidates.sort_by_key(|(_, name)| rank(table, name));
    candidates.dedup();
    for (schema, name) in candidates {
        let own: Vec<&str> = columns
            .iter()
            .filter(|column| column.schema == schema && column.table == name)
            .map(|column| column.name.as_str())
            .collect();
        let found = matched(table, &name, &own, renamed)?;
        let has = |field: &&&str| found.iter().any(|(own, _)| own == *field);
        if table.needed().iter().all(|field| has(&field)) {
            return Ok(Found {
                schema,
                name,
                columns: found,
            });
        }
    }
    let needed = table.needed().join(", ");
    Err(LayoutError::NoTable(table.name(), needed))
}

/// The columns of a table for our fields.
fn matched(
    table: Table,
    name: &str,
    own: &[&str],
    renamed: &Renamed,
) -> Result<Vec<(&'static str, String)>, LayoutError> {
    let mut found = Vec::new();
    for (field, spelt) in table.spelt() {
        let told = renamed
            .columns
            .iter()
            .find(|(of, written, _)| *of == table && table.field(written) == Some(*field));
        let column = match told {
            Some((_, _, column)) if own.contains(&column.as_str()) => Some(column.as_str()),
            Some((_, _, column)) => {
                return Err(LayoutError::NoColumn(name.to_owned(), column.clone()));
            }
            None => spelt.iter().find_map(|spelling| {
                let mut own = own.iter();
                own.find(|column| plain(column) == *spelling).copied()
            }),
        };
        found.extend(column.map(|column| (*field, column.to_owned())));
    }
    Ok(found)
}

/// `table`, or `schema.table`.
fn is_called(column: &Column, name: &str) -> bool {
    let whole = column
        .schema
        .as_ref()
        .map(|schema| format!("{schema}.{}", column.table));
    column.table == name || whole.as_deref() == Some(name)
}

/// How near a name is to that of the table.
fn rank(table: Table, name: &str) -> Option<usize> {
    let (one, plain) = (table.name(), plain(name));
    let ranks = [
        name == one,
        name.strip_suffix('s') == Some(one),
        plain == one,
        plain.strip_suffix('s') == Some(one),
    ];
    ranks.into_iter().position(|fits| fits)
}

fn plain(name: &str) -> String {
    name.replace('_', "").to_lowercase()
}
