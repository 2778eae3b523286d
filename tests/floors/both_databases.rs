//! CO-10: what is used once is used once on every database that we run on. What one of them calls a row
//! that was changed, another does not; so each race is run on both, and none on one alone.

use super::reading::sources;

/// Races about what no row decides.
const ALONE: [&str; 3] = [
    "an_unknown_key_is_asked_for_every_ten_seconds_at_most",
    "sixty_four_at_once_wait_for_one_answer",
    // The other half of a pair.
    "several_first_starts_at_once_make_one_house_on_postgres",
];

/// The name of the function in which this place is, and whether it is run on both databases.
fn around(text: &str) -> Option<(&str, bool)> {
    let (_, function) = text.rsplit_once("fn ")?;
    let (name, rest) = function.split_once('(')?;
    Some((name, rest.starts_with("db: Database)")))
}

#[test]
fn co_10_every_race_is_run_on_both_databases() {
    let mut races = Vec::new();
    for source in sources(&["tests"]) {
        if source.file.starts_with("tests/support/") || source.file.starts_with("tests/floors/") {
            continue;
        }
        for (at, _) in source.text.match_indices("at_once(") {
            // Not where it is the end of a name.
            if source.text[..at].ends_with(|c: char| c == '_' || c.is_alphanumeric()) {
                continue;
            }
            let Some((name, on_both)) = around(&source.text[..at]) else {
                continue;
            };
            // A helper is as good as whoever calls it.
            let is_test = on_both
                || ["test]", ")]"]
                    .iter()
                    .any(|end| source.text.contains(&format!("{end}\nasync fn {name}(")));
            if is_test {
                let place = format!("{} {name}", source.file);
                assert!(
                    on_both || ALONE.contains(&name),
                    "{place} runs on one database"
                );
                races.push(name.to_owned());
            }
        }
    }
    races.sort();
    races.dedup();
    assert!(races.len() > 20, "{races:?}");
    for id in ["co_1_", "rt_1_", "pa_1_", "dv_3_", "ca_2_"] {
        assert!(
            races.iter().any(|name| name.starts_with(id)),
            "{id} has no race: {races:?}"
        );
    }
}

/// The one way in which something is used once, looked for in the tables: an update or a delete whose
/// answer says whether there was such a row, never a row that is read and written back.
#[test]
fn co_10_being_used_is_one_statement() {
    for (file, function) in [
        ("entity/src/authorization_code.rs", "consume"),
        ("entity/src/pushed_request.rs", "consume"),
        ("entity/src/refresh_token.rs", "spend"),
        ("entity/src/verification_token.rs", "consume"),
    ] {
        let source = sources(&[file]).into_iter().next().expect("a table");
        let (_, body) = source
            .text
            .split_once(&format!("pub async fn {function}("))
            .unwrap_or_else(|| panic!("{file}: no {function}"));
        let (body, _) = body.split_once("\n}\n").expect("its end");
        let one = ["update_many()", "delete_many()"]
            .iter()
            .any(|word| body.contains(word));
        let told = ["exec_with_returning", "rows_affected"]
            .iter()
            .any(|word| body.contains(word));
        assert!(one && told, "{file}: {body}");
        assert!(
            !body.contains(".one(") && !body.contains("find("),
            "{file}: {body}"
        );
    }
}
