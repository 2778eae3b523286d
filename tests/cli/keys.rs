//! `doorward key`: seeing the keys and turning them, also while a server runs.

use serde_json::Value;

use super::{Cli, is_time};

/// The kids of the keys of `alg` that stand so.
fn standing(cli: &Cli, alg: &str, state: &str) -> Vec<String> {
    let answer = cli.json(&["key", "list"]);
    let keys = answer["keys"].as_array().expect("keys").iter();
    let fits = keys.filter(|key| key["alg"] == alg && key["state"] == state);
    let kids = fits.map(|key| key["kid"].as_str().expect("a kid").to_owned());
    kids.collect()
}

#[test]
fn a_key_is_published_then_signs_and_is_published_once() {
    let cli = Cli::new();
    let old = standing(&cli, "EdDSA", "current");
    assert_eq!(old.len(), 1);
    let turned = cli.json(&["key", "rotate", "--alg", "eddsa"]);
    let new = &turned["rotated"][0];
    assert_eq!(
        (&new["state"], &new["is_new"]),
        (&"next".into(), &true.into())
    );
    assert_eq!(new["published_until"], Value::Null);
    is_time(&new["signs_from"]);
    assert_eq!(standing(&cli, "EdDSA", "current"), old);
    let again = cli.json(&["key", "rotate", "--alg", "EdDSA"]);
    assert_eq!(again["rotated"][0]["kid"], new["kid"]);
    assert_eq!(again["rotated"][0]["is_new"], false);
    assert_eq!(standing(&cli, "EdDSA", "next").len(), 1);
    cli.run(&["key", "rotate", "--alg", "EdDSA"])
        .done(&["was published before"]);
    cli.run(&["key", "list"])
        .done(&["STATE", "current", "next"]);
}

#[test]
fn in_an_emergency_a_new_key_signs_and_the_stolen_one_is_gone() {
    let cli = Cli::new();
    let stolen = standing(&cli, "ES256", "current").remove(0);
    let rotate = ["key", "rotate", "--alg", "ES256", "--now"];
    cli.run(&[&rotate[..], &["--forget", &stolen]].concat())
        .done(&["signs now", &format!("{stolen} is forgotten")]);
    let current = standing(&cli, "ES256", "current");
    assert!(current.len() == 1 && current[0] != stolen);
    assert!(standing(&cli, "ES256", "retired").is_empty());
    cli.run(&rotate).done(&["signs now"]);
    assert_eq!(standing(&cli, "ES256", "retired"), current);
}

#[test]
fn what_cannot_be_turned_is_said_in_one_line() {
    let cli = Cli::new();
    cli.run(&["key", "rotate", "--alg", "HS256"])
        .refused(2, &["HS256", "ES256", "EdDSA"]);
    cli.run(&["key", "rotate", "--forget", "x"])
        .refused(2, &["--now"]);
    // A thumbprint may begin with a hyphen, and is no flag.
    for unknown in ["x", "-n", "--now"] {
        cli.run(&["key", "rotate", "--now", "--forget", unknown])
            .refused(3, &[&format!("no key {unknown}")]);
    }
    cli.run(&["key", "rotate", "--now", "--forget", "-a", "--forget", "-b"])
        .refused(3, &["no key -a"]);
    let signs = standing(&cli, "ES256", "current").remove(0);
    cli.run(&[
        "key", "rotate", "--alg", "EdDSA", "--now", "--forget", &signs,
    ])
    .refused(2, &[&signs, "ES256"]);
}

#[test]
fn an_administrator_is_made_by_the_command_line_alone() {
    let cli = Cli::new();
    for (email, more, role) in [
        ("root@example.com", &["--admin"][..], "admin"),
        ("ada@example.com", &[], "user"),
    ] {
        let added = cli.json(&[&["user", "add", email], more].concat());
        assert_eq!(added["role"], role);
    }
}

#[test]
fn settings_that_would_lose_tokens_are_refused() {
    for (name, value, why) in [
        ("PUBLISH_HOURS", "0", "keys.publish_hours"),
        ("KEEP_HOURS", "24", "keys.keep_hours must be 25"),
        ("ROTATE_DAYS", "1", "less than keys.rotate_days"),
        ("HINT_DAYS", "5000", "keys.hint_days"),
    ] {
        let cli = Cli::new().with(&format!("DOORWARD__KEYS__{name}"), value);
        cli.run(&["config", "check"]).refused(2, &[why]);
    }
    let never = Cli::new().with("DOORWARD__KEYS__ROTATE_DAYS", "0");
    never.run(&["config", "check"]).done(&[]);
}

#[test]
fn doctor_says_how_old_the_keys_are_and_when_they_turn() {
    let cli = Cli::new();
    cli.run(&["client", "list"]).done(&[]);
    cli.run(&["doctor"])
        .done(&["4 published, the oldest has signed for 0 days; the next one signs from 20"]);
    let never = cli.with("DOORWARD__KEYS__ROTATE_DAYS", "0");
    never
        .run(&["doctor"])
        .done(&["none is turned by the calendar"]);
}
