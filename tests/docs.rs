//! Docs: what the documents promise is there, and what is there is in the documents.

use std::fs;

use doorward::config::{Config, Kind, Provider};
use serde_json::Value;

fn read(path: &str) -> String {
    let whole = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(&whole).unwrap_or_else(|error| panic!("{whole}: {error}"))
}

/// All files of a folder and of those in it, by their paths from here.
fn files(folder: &str) -> Vec<String> {
    let whole = format!("{}/{folder}", env!("CARGO_MANIFEST_DIR"));
    let entries = fs::read_dir(&whole).unwrap_or_else(|error| panic!("{whole}: {error}"));
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.expect("an entry");
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        match entry.file_type().expect("a kind").is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found
}

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

fn is_file(path: &str) -> bool {
    fs::metadata(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).is_ok()
}

/// Whether a source holds a test of this name: one with the attribute, or one for both databases.
fn has_test(source: &str, name: &str) -> bool {
    let text = read(source);
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let head = format!("fn {name}(");
    lines.iter().enumerate().any(|(at, line)| {
        let above = lines[..at].iter().rev();
        let mut attributes = above.take_while(|line| line.starts_with("#["));
        let marked = attributes.any(|line| line.contains("test"));
        line.contains(&head) && (marked || line.contains(": Database)"))
    })
}

/// Whether the suite's plans run a module of this name, and there is one.
fn is_module(name: &str) -> bool {
    let sources = files("tests/conformance");
    let (plans, others): (Vec<_>, Vec<_>) =
        sources.iter().partition(|path| path.contains("/plans"));
    let word = |text: &str| {
        let of_a_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        text.split(|c| !of_a_name(c)).any(|word| word == name)
    };
    let head = format!("pub async fn {name}(");
    plans.iter().any(|path| word(&read(path)))
        && others.iter().any(|path| read(path).contains(&head))
}

/// Whether there is a test of this path, or such a file.
fn is_test(path: &str) -> bool {
    if path.starts_with("tests/") {
        return is_file(path);
    }
    let Some((module, name)) = path.rsplit_once("::") else {
        return false;
    };
    if module == "conformance" {
        return is_module(name);
    }
    let sources = match module.strip_suffix("::tests") {
        None => vec![format!("tests/{module}"), format!("tests/{module}/mod")],
        Some(module) => ["src", "entity/src"]
            .iter()
            .flat_map(|root| [format!("{root}/{module}"), format!("{root}/{module}/tests")])
            .collect(),
    };
    let sources = sources
        .iter()
        .map(|source| format!("{}.rs", source.replace("::", "/")));
    sources
        .filter(|source| is_file(source))
        .any(|source| has_test(&source, name))
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
    // Any number of them, each with a name that the operator chose.
    let provider = serde_json::to_value(Provider::new(Kind::Oidc, "")).expect("settings");
    for name in provider.as_object().expect("settings").keys() {
        known.push(format!("providers.NAME.{name}"));
    }
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
    let own = [
        "README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "CHANGELOG.md",
    ];
    let docs = files("docs")
        .into_iter()
        .filter(|path| path.ends_with(".md"));
    let documents = own.iter().map(|path| (*path).to_owned()).chain(docs);
    for document in documents {
        let text = read(&document);
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

#[test]
fn every_test_that_the_standards_name_is_there() {
    let page = read("docs/standards.md");
    let mut missing: Vec<&str> = Vec::new();
    for row in page.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        assert_eq!(cells.len(), 3, "{row}");
        if cells[2] == "test" {
            continue;
        }
        assert!(
            quoted(cells[2]).next().is_some(),
            "no test shows this: {row}"
        );
        missing.extend(quoted(cells[2]).filter(|path| !is_test(path)));
    }
    let files = quoted(&page).filter(|path| path.starts_with("tests/"));
    missing.extend(files.filter(|path| !is_file(path)));
    assert!(
        missing.is_empty(),
        "docs/standards.md names what is not there: {missing:#?}"
    );
}
