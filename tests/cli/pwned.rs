//! `doorward pwned build`, and the servers that are started on what it makes.

use std::fs;

use serde_json::Value;

use super::Cli;

/// The hash of `password`, and that of nothing.
const LIST: &str = "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:3861493\r\n\
                    DA39A3EE5E6B4B0D3255BFEF95601890AFD80709:1\r\n";

#[test]
fn a_filter_is_built_and_used() {
    let cli = Cli::new();
    cli.write("list", LIST);
    cli.run(&["pwned", "build", "list"]).done(&[
        "data/pwned.filter",
        "entries",
        "2",
        "bits per entry",
        "false positives",
        "passwords.breached_file",
    ]);
    assert_eq!(cli.mode("data"), 0o700);
    let built = cli.json(&[
        "pwned", "build", "list", "--output", "other", "--bits", "24",
    ]);
    assert_eq!(
        (&built["entries"], &built["output"]),
        (&2.into(), &"other".into())
    );
    assert_eq!(
        built["bytes"],
        fs::metadata(cli.path("other")).expect("a file").len()
    );
    assert!(
        built["bits_per_entry"]
            .as_f64()
            .is_some_and(|bits| bits >= 24.0),
        "{built}"
    );
    assert!(
        built["false_positive_rate"]
            .as_f64()
            .is_some_and(|rate| rate < 0.01),
        "{built}"
    );
    assert!(!cli.path("other.part").exists());

    let cli = cli.with("DOORWARD__PASSWORDS__BREACHED_FILE", "other");
    cli.run(&["pwned", "build", "list"])
        .done(&["other", "next start"]);
    let settings = cli.json(&["config", "check"])["settings"].take();
    assert_eq!(settings["passwords"]["breached_file"], "other");
    cli.run(&["doctor"])
        .done(&["ok    leaked passwords", "other, 2 hashes"]);
}

#[test]
fn a_password_of_the_list_cannot_be_set() {
    let cli = Cli::new().with("DOORWARD__PASSWORDS__BREACHED_FILE", "filter");
    // Nobody would guess it.
    let herons = "eleven herons by the mill";
    let hash = doorward::crypto::sha1(herons.as_bytes());
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    cli.write("list", &hex);
    cli.run(&["pwned", "build", "list"]).done(&["filter"]);
    let add = ["user", "add", "ada@example.com", "--password-stdin"];
    cli.told(&add, herons)
        .refused(2, &["appeared in a leak of passwords"]);
    cli.told(&add, "eleven herons by the lake").done(&[]);
}

#[test]
fn a_list_that_is_none_builds_nothing_and_exits_with_1() {
    let cli = Cli::new();
    cli.write("bad", &format!("{LIST}hunter2\n{LIST}"));
    cli.write("empty", "");
    fs::create_dir(cli.path("folder")).expect("a folder");
    for (list, words) in [
        ("bad", &["bad: line 3 is not", "Nothing was written"][..]),
        ("empty", &["empty holds no hashes"]),
        ("folder", &["folder is not a file"]),
        ("nowhere", &["nowhere: No such file"]),
    ] {
        let ran = cli.run(&["pwned", "build", list, "--output", "filter"]);
        ran.refused(1, words);
        assert!(!ran.err.contains("hunter2"), "{ran:?}");
        assert!(!cli.path("filter").exists() && !cli.path("filter.part").exists());
    }
    cli.write("good", LIST);
    let nowhere = ["pwned", "build", "good", "--output", "no/such/folder"];
    cli.run(&nowhere).refused(1, &["no/such/folder"]);
    for bits in ["5", "33", "x"] {
        cli.run(&["pwned", "build", "good", "--bits", bits])
            .refused(2, &["--bits"]);
    }
}

#[test]
fn a_filter_that_is_missing_or_damaged_is_told_by_every_door() {
    let cli = Cli::new().with("DOORWARD__PASSWORDS__BREACHED_FILE", "filter");
    cli.write("list", LIST);
    let refused = |words: &[&str]| {
        for verb in [
            &["config", "check"][..],
            &["user", "list"],
            &["serve", "--listen", "127.0.0.1:0"],
        ] {
            cli.run(verb)
                .refused(2, &[words, &["passwords.breached_file"]].concat());
        }
        let ran = cli.run(&["doctor", "--json"]);
        let report: Value = serde_json::from_str(&ran.out).expect("an object");
        let checks = report["checks"].as_array().expect("checks");
        let own = checks
            .iter()
            .find(|check| check["check"] == "leaked passwords");
        let own = own.expect("a check of the filter");
        assert_eq!((ran.code, &own["status"]), (1, &"fail".into()), "{own}");
        for word in words {
            assert!(
                own["text"].as_str().is_some_and(|text| text.contains(word)),
                "{own}"
            );
        }
    };
    refused(&["filter: No such file"]);
    cli.write("filter", LIST);
    refused(&["is not a filter of ours", "doorward pwned build"]);
    cli.run(&["pwned", "build", "list"]).done(&[]);
    let whole = fs::read(cli.path("filter")).expect("a filter");
    fs::write(cli.path("filter"), &whole[..whole.len() - 64]).expect("a shorter one");
    refused(&["filter is damaged", "build it anew"]);
    fs::write(cli.path("filter"), &whole).expect("the whole one");
    cli.run(&["config", "check"]).done(&[]);
}
