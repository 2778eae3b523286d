//! Docs: what the documents promise is there, and what is there is in the documents.

use std::fs;

use doorward::config::Config;
use serde_json::Value;

fn read(path: &str) -> String {
    let whole = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(&whole).unwrap_or_else(|error| panic!("{whole}: {error}"))
}

/// The settings by their full names.
fn settings(prefix: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(section) => {
            for (key, value) in section {
                let name = if prefix.is_empty() {
                    key.clone()
                } else {
                    format!("{prefix}.{key}")
                };
                settings(&name, value, found);
            }
        }
        _ => found.push(prefix.to_owned()),
    }
}

#[test]
fn every_setting_is_documented_and_no_other() {
    let mut known = Vec::new();
    settings(
        "",
        &serde_json::to_value(Config::default()).expect("settings"),
        &mut known,
    );
    let text = read("docs/configuration.md");
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `"));
    let mut documented: Vec<String> = rows
        .filter_map(|row| Some(row.split_once('`')?.0.to_owned()))
        .collect();
    known.sort();
    documented.sort();
    assert_eq!(
        documented, known,
        "docs/configuration.md has a row for each setting"
    );
}

#[test]
fn the_readme_begins_with_two_commands_and_ends_before_120_lines() {
    let readme = read("README.md");
    assert!(
        readme.lines().count() <= 120,
        "{} lines",
        readme.lines().count()
    );
    let start: String = readme.lines().take(20).collect::<Vec<_>>().join("\n");
    assert!(
        start.contains("cargo run") && start.contains("make test"),
        "{start}"
    );
}

#[test]
fn every_link_between_documents_leads_somewhere() {
    let documents = [
        "README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "CHANGELOG.md",
        "docs/architecture.md",
        "docs/configuration.md",
        "docs/performance.md",
    ];
    for document in documents {
        let text = read(document);
        let folder = document.rsplit_once('/').map_or("", |(folder, _)| folder);
        let targets = text
            .split("](")
            .skip(1)
            .filter_map(|rest| Some(rest.split_once(')')?.0));
        for target in targets.filter(|target| !target.contains("://") && !target.starts_with('#')) {
            let file = target.split('#').next().unwrap_or_default();
            let path = format!("{}/{folder}/{file}", env!("CARGO_MANIFEST_DIR"));
            assert!(fs::metadata(&path).is_ok(), "{document} links to {target}");
        }
    }
}
