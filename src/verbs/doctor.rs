//! `doctor`: looks at everything that this server needs, changes nothing, and says what to do.

mod checks;
mod keys;
mod letters;
mod providers;
mod reach;
mod tls;

use doorward::{clock::Clock, config::Config};
use serde::Serialize;
use serde_json::json;

use super::{Failure, Global, print};

/// How one check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Ok,
    Warn,
    Fail,
}

/// One line of the report.
#[derive(Debug, Serialize)]
pub struct Finding {
    check: &'static str,
    status: Status,
    text: String,
}

pub async fn run(global: &Global) -> Result<(), Failure> {
    let findings = match global.settings() {
        Ok(config) => examine(&config).await,
        Err(failure) => vec![fail("settings", failure.line)],
    };
    let failed = findings
        .iter()
        .filter(|finding| finding.status == Status::Fail)
        .count();
    if global.json {
        print::json(&json!({ "ok": failed == 0, "checks": findings }))?;
    } else {
        let rows: Vec<[String; 3]> = findings.into_iter().map(row).collect();
        print::table(["", "CHECK", ""], &rows);
    }
    match failed {
        0 => Ok(()),
        1 => Err(Failure::failed("one check failed")),
        failed => Err(Failure::failed(format!("{failed} checks failed"))),
    }
}

async fn examine(config: &Config) -> Vec<Finding> {
    let now = Clock::default().now();
    let mut findings = vec![
        checks::settings(config),
        checks::data_folder(config),
        checks::root_secret(config),
    ];
    findings.extend(checks::breached(config));
    findings.extend(checks::database(config, now).await);
    findings.push(checks::clock(now));
    findings.extend(tls::certificate(config, now));
    findings.push(reach::listener(config).await);
    findings.push(reach::issuer(config).await);
    findings.extend(reach::proxy(config));
    findings.push(letters::server(config).await);
    findings.extend(providers::all(config, now).await);
    findings
}

pub fn ok(check: &'static str, text: impl Into<String>) -> Finding {
    Finding {
        check,
        status: Status::Ok,
        text: text.into(),
    }
}

pub fn warn(check: &'static str, text: impl Into<String>) -> Finding {
    Finding {
        check,
        status: Status::Warn,
        text: text.into(),
    }
}

pub fn fail(check: &'static str, text: impl Into<String>) -> Finding {
    Finding {
        check,
        status: Status::Fail,
        text: text.into(),
    }
}

fn row(finding: Finding) -> [String; 3] {
    let word = match finding.status {
        Status::Ok => "ok",
        Status::Warn => "warn",
        Status::Fail => "FAIL",
    };
    [word.to_owned(), finding.check.to_owned(), finding.text]
}
