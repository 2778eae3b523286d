//! `user import`: people who had an account elsewhere.

use clap::{Args, ValueEnum};
use doorward::{
    accounts::moving::{
        import::{self, BATCH},
        other,
        report::{Entry, Report},
    },
    app::App,
};
use entity::foreign::{Foreign, ForeignError};
use serde_json::json;

use super::{lines::Lines, source::Source};
use crate::verbs::{Failure, Global, print};

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct Import {
    /// What the people come from.
    #[arg(long, value_enum, default_value_t = From::Ndjson)]
    from: From,
    #[command(flatten)]
    source: Source,
    /// Say what would be done, and write nothing.
    #[arg(long)]
    dry_run: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum From {
    /// A database of Better Auth, SQLite or PostgreSQL.
    BetterAuth,
    /// A database of Auth.js (NextAuth), SQLite or PostgreSQL.
    AuthJs,
    /// JSON, a person on each line, as `doorward user export` writes it.
    Ndjson,
}

const AFTER_HELP: &str = "\
Whoever is here already is not touched, so that it can be run again. Sessions, letters and keys are never
taken. A row that cannot be taken is told with its line or id, its field and the reason; everybody else is
taken, and the exit code is 1.";

/// Tells of the rows: to people a line each, in JSON as one object that is never held whole.
struct Telling {
    json: bool,
    told: bool,
}

pub async fn run(global: &Global, app: &App, wanted: Import) -> Result<(), Failure> {
    let mut telling = Telling {
        json: global.json,
        told: false,
    };
    let mut import = import::Import::new(app, wanted.dry_run);
    let read = match wanted.from {
        From::Ndjson => {
            let lines = Lines::open(wanted.source.file()?)?;
            telling.begin();
            of_lines(&mut import, lines, &mut telling).await
        }
        From::BetterAuth | From::AuthJs => {
            let url = wanted.source.url()?;
            let foreign = Foreign::open(&url, &wanted.source.renamed()?).await?;
            telling.begin();
            of_database(app, &mut import, &foreign, &mut telling).await
        }
    };
    telling.end(import.report(), &read)?;
    read?;
    match import.report() {
        report if report.is_short() => Err(Failure::failed(short(report))),
        _ => Ok(()),
    }
}

async fn of_lines(
    import: &mut import::Import<'_>,
    mut lines: Lines,
    telling: &mut Telling,
) -> Result<(), Failure> {
    loop {
        let page = lines.page(BATCH)?;
        if page.is_empty() {
            return Ok(());
        }
        import.take(page, &mut |entry| telling.tell(entry)).await?;
    }
}

async fn of_database(
    app: &App,
    import: &mut import::Import<'_>,
    foreign: &Foreign,
    telling: &mut Telling,
) -> Result<(), Failure> {
    let read = |error| Failure::failed(format!("the other database failed: {error}"));
    let mut everybody = foreign.everybody().await.map_err(read)?;
    loop {
        let page = everybody.page(BATCH).await.map_err(read)?;
        if page.is_empty() {
            return Ok(());
        }
        let now = app.clock.now();
        let rows = page.iter().map(|person| other::row(person, now)).collect();
        import.take(rows, &mut |entry| telling.tell(entry)).await?;
    }
}

impl Telling {
    fn begin(&self) {
        if self.json {
            print::part(r#"{"rows":["#);
        }
    }

    fn tell(&mut self, entry: &Entry) {
        match (self.json, serde_json::to_string(entry)) {
            (true, Ok(text)) => print::part(&format!("{}{text}", if self.told { "," } else { "" })),
            _ => print::say(&entry.to_string()),
        }
        self.told = true;
    }

    fn end(&self, report: &Report, read: &Result<(), Failure>) -> Result<(), Failure> {
        if self.json {
            let mut counts = json!(report);
            if let Err(failure) = read {
                counts["stopped"] = json!(failure.line);
            }
            let counts = counts.to_string();
            print::say(&format!("],{}", counts.trim_start_matches('{')));
            return Ok(());
        }
        if self.told {
            print::say("");
        }
        print::pairs(&pairs(report));
        if report.dry_run {
            print::say("\nNothing was written.");
        }
        Ok(())
    }
}

fn pairs(report: &Report) -> Vec<(&'static str, String)> {
    let some = |count: u64| match count {
        0 => String::new(),
        count => count.to_string(),
    };
    let passwords: Vec<String> = report
        .passwords
        .iter()
        .map(|(kind, count)| format!("{count} {kind}"))
        .collect();
    let imported = match report.dry_run {
        true => "would be imported",
        false => "imported",
    };
    vec![
        ("read", report.read.to_string()),
        (imported, report.imported.to_string()),
        ("unchanged", some(report.unchanged)),
        ("kept as they are here", some(report.kept)),
        ("not taken", some(report.refused)),
        ("accounts at providers", some(report.accounts)),
        ("accounts not taken", some(report.accounts_refused)),
        ("passwords", passwords.join(", ")),
        ("must set a new password", some(report.must_reset)),
    ]
}

fn short(report: &Report) -> String {
    let count = |count, one, many| match count {
        1 => format!("one {one}"),
        count => format!("{count} {many}"),
    };
    format!(
        "not taken: {} and {}",
        count(report.refused, "person", "people"),
        count(report.accounts_refused, "account", "accounts"),
    )
}

impl std::convert::From<ForeignError> for Failure {
    fn from(error: ForeignError) -> Self {
        match error {
            ForeignError::Layout(error) => Self::wrong(error.to_string()),
            ForeignError::Db(error) => Self::failed(format!("the other database: {error}")),
        }
    }
}
