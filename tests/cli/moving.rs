//! `doorward user import` and `doorward user export`.

use std::fs;

use serde_json::{Value, json};

use super::Cli;
use crate::moving::{EMAIL, SUB, ada, github, somebody, with};

fn lines(rows: &[Value]) -> String {
    rows.iter().map(|row| format!("{row}\n")).collect()
}

/// What an import says with `--json`, whatever its exit code.
fn told(cli: &Cli, arguments: &[&str], code: i32) -> Value {
    let ran = cli.run(&[&["user", "import", "--json"], arguments].concat());
    assert_eq!(ran.code, code, "{ran:?}");
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

#[test]
fn people_are_imported_from_a_file_or_stdin() {
    let cli = Cli::new();
    cli.write("people.ndjson", &lines(&[ada(), somebody(1)]));
    let report = told(&cli, &["people.ndjson"], 0);
    let expected = json!({
        "rows": [],
        "dry_run": false, "read": 2, "imported": 2, "unchanged": 0, "kept": 0, "refused": 0,
        "accounts": 1, "accounts_refused": 0, "passwords": { "better-auth scrypt": 1 }, "must_reset": 0,
    });
    assert_eq!(report, expected);
    assert_eq!(cli.json(&["user", "show", SUB])["email"], EMAIL);
    let looked = cli.run(&["doctor"]);
    let hashes = "1, of which 1 are hashed as another system did it";
    assert!(looked.out.contains(hashes), "{looked:?}");
    let more = lines(&[somebody(1), somebody(2)]);
    cli.told(&["user", "import", "-"], &more)
        .done(&["imported   1", "unchanged  1"]);
    cli.told(&["user", "import"], "\u{feff}\n\n")
        .done(&["read      0"]);
}

#[test]
fn each_bad_line_is_told_and_the_exit_code_is_one() {
    let cli = Cli::new();
    let long = format!("{{\"sub\": \"{}\"}}", "x".repeat(1024 * 1024));
    let text = [
        ada().to_string(),
        "{\"sub\": \"b\", \"email\" \"b@example.com\"}".to_owned(),
        String::new(),
        "{\"sub\": \"c\"".to_owned(),
        long,
        with(somebody(1), "email", json!("nobody")).to_string(),
        with(somebody(2), "accounts", json!([github("583231")])).to_string(),
        somebody(3).to_string(),
    ];
    cli.write("people", &text.join("\n"));
    let ran = cli.run(&["user", "import", "people", "--dry-run"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert_eq!(
        ran.err, "doorward: not taken: 4 people and one account\n",
        "{ran:?}"
    );
    for line in [
        "line 2, column 22: no JSON (not taken)",
        "line 4, column 11: the JSON object does not end (not taken)",
        "line 5: longer than 1 MiB (not taken)",
        "line 6: email: the address is not one that mail can be sent to (not taken)",
        "line 7: accounts[0]: an earlier row has the same account at this provider (account not taken)",
        "would be imported",
        "Nothing was written.",
    ] {
        assert!(ran.out.contains(line), "no {line:?}: {}", ran.out);
    }
    assert_eq!(cli.json(&["user", "list"])["users"], json!([]));

    let report = told(&cli, &["people"], 1);
    assert_eq!([&report["imported"], &report["refused"]], [3, 4]);
    let rows = report["rows"].as_array().expect("rows");
    assert_eq!(
        rows[0],
        json!({ "what": "refused", "line": 2, "column": 22, "reason": "no JSON" })
    );
    assert_eq!(rows[3]["sub"], "user-1");
    assert_eq!(rows[3]["field"], "email");
    assert_eq!(
        cli.json(&["user", "list"])["users"]
            .as_array()
            .map(Vec::len),
        Some(3)
    );
}

#[test]
fn what_was_exported_is_imported_elsewhere_and_is_the_same() {
    let cli = Cli::new();
    cli.write("people", &lines(&[ada(), somebody(1)]));
    told(&cli, &["people"], 0);
    let done = cli.json(&["user", "export", "--output", "out.ndjson"]);
    assert_eq!(done, json!({ "output": "out.ndjson", "users": 2 }));
    assert_eq!(cli.mode("out.ndjson"), 0o600);
    // Nothing that is there is written over.
    cli.run(&["user", "export", "--output", "out.ndjson"])
        .refused(2, &["out.ndjson", "there already"]);
    let file = fs::read_to_string(cli.path("out.ndjson")).expect("a file");
    let ran = cli.run(&["user", "export"]);
    ran.done(&[]);
    assert_eq!(ran.out, file);

    let other = Cli::new();
    other.write("in.ndjson", &file);
    let report = told(&other, &["in.ndjson"], 0);
    assert_eq!(report["imported"], 2);
    assert_eq!(other.run(&["user", "export"]).out, file);
}

#[test]
fn a_password_of_a_database_is_never_on_the_command_line() {
    let cli = Cli::new();
    let import = ["user", "import", "--from", "better-auth"];
    let given = [&import[..], &["postgres://ada:secret@127.0.0.1:1/auth"]].concat();
    cli.run(&given)
        .refused(2, &["password", "--source-file", "DOORWARD_IMPORT_SOURCE"]);
    cli.write("url", "postgres://ada:secret@127.0.0.1:1/auth\n");
    // Nobody listens there; what is said does not hold the password.
    let by_file = [&import[..], &["--source-file", "url"]].concat();
    let ran = cli.run(&by_file);
    ran.refused(1, &["the other database"]);
    assert!(!ran.err.contains("secret"), "{ran:?}");
    let piped = [&import[..], &["-"]].concat();
    cli.told(&piped, "postgres://ada:secret@127.0.0.1:1/auth")
        .refused(1, &["the other database"]);
    let cli = Cli::new().with(
        "DOORWARD_IMPORT_SOURCE",
        "postgres://ada:secret@127.0.0.1:1/auth",
    );
    cli.run(&import).refused(1, &["the other database"]);
}

#[test]
fn what_is_wrong_on_the_command_line_is_said_in_one_line() {
    let cli = Cli::new();
    let of = |arguments: &[&str]| cli.run(&[&["user", "import"], arguments].concat());
    of(&["nowhere.ndjson"]).refused(2, &["nowhere.ndjson"]);
    of(&["--from", "better-auth"]).refused(2, &["say where the database is"]);
    of(&["--from", "better-auth", "nowhere.db"]).refused(2, &["nowhere.db", "no such file"]);
    of(&["--from", "auth-js", "mysql://localhost/auth"]).refused(2, &["neither PostgreSQL nor"]);
    of(&["--from", "clerk", "x"]).refused(2, &["clerk"]);
    of(&["--table", "user=people", "x"]).refused(2, &["--from better-auth"]);
    cli.write("empty.db", "");
    let database = ["--from", "better-auth", "empty.db"];
    of(&database).refused(2, &["no table user", "--table user=NAME"]);
    for odd in ["people", "person=people"] {
        of(&[&database[..], &["--table", odd]].concat()).refused(2, &["user=NAME"]);
        of(&[&database[..], &["--column", odd]].concat()).refused(2, &["user.FIELD=NAME"]);
    }
    cli.write(
        "text.db",
        "not a database, but long enough to be looked at as one",
    );
    of(&["--from", "better-auth", "text.db"]).refused(1, &["the other database"]);
}
