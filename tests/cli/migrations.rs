//! `doorward migrate`, and what other verbs do about a schema that is not theirs.

use entity::Db;
use sea_orm::ConnectionTrait;

use super::Cli;
use crate::support::database::Database;

#[test]
fn looking_makes_no_database_and_going_up_does() {
    let cli = Cli::new();
    let before = cli.json(&["migrate", "status"]);
    let steps = before["migrations"].as_array().expect("steps").len();
    assert_eq!(before["pending"], steps);
    cli.run(&["migrate", "status"])
        .done(&["pending", "doorward migrate up"]);
    assert!(!cli.path("data").exists());

    let taken = cli.json(&["migrate", "up"]);
    assert_eq!(taken["applied"].as_array().map(Vec::len), Some(steps));
    assert_eq!(cli.json(&["migrate", "status"])["pending"], 0);
    cli.run(&["migrate", "up"]).done(&["up to date"]);
    assert!(!cli.path("data/root.secret").exists());
}

#[tokio::test]
async fn a_database_from_the_future_is_refused() {
    let cli = Cli::new();
    cli.run(&["migrate", "up"]).done(&[]);
    let url = format!("sqlite://{}", cli.path("data/doorward.db").display());
    let db = Db::connect(&url, 1).await.expect("a connection");
    let step = "INSERT INTO seaql_migrations VALUES ('m29991231_000001_future', 0)";
    db.write.execute_unprepared(step).await.expect("a step");
    db.read.close().await.expect("an end");
    db.write.close().await.expect("an end");
    for arguments in [
        &["migrate", "up"][..],
        &["client", "list"],
        &["--listen", "127.0.0.1:0"],
    ] {
        cli.run(arguments).refused(1, &["newer version"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_is_migrated_when_it_is_asked_for() {
    let Some(migrated) = Database::postgres().await else {
        return;
    };
    let empty = migrated.empty_like().await;
    let cli = Cli::new().with("DOORWARD__DATABASE__URL", &empty.url);
    cli.run(&["client", "list"])
        .refused(1, &["behind", "doorward migrate up"]);
    cli.run(&["migrate", "up"]).done(&["applied"]);
    cli.run(&["client", "list"]).done(&[]);
}

#[test]
fn several_first_starts_at_once_make_one_house() {
    let cli = Cli::new();
    let answers = at_once(&cli, &["key", "list", "--json"]);
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "{answers:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_first_starts_at_once_make_one_house_on_postgres() {
    let Some(migrated) = Database::postgres().await else {
        return;
    };
    let empty = migrated.empty_like().await;
    let cli = Cli::new().with("DOORWARD__DATABASE__URL", &empty.url);
    let taken = at_once(&cli, &["migrate", "up"]);
    let applied = |answer: &&String| answer.contains("applied");
    assert_eq!(taken.iter().filter(applied).count(), 1, "{taken:?}");
    let answers = at_once(&cli, &["key", "list", "--json"]);
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "{answers:?}"
    );
}

/// What four processes answer that were started together.
fn at_once(cli: &Cli, arguments: &[&str]) -> Vec<String> {
    let runs: Vec<_> = (0..4)
        .map(|_| cli.command(arguments).spawn().expect("a run"))
        .collect();
    let answer = |run: std::process::Child| {
        let output = run.wait_with_output().expect("an end");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("text")
    };
    runs.into_iter().map(answer).collect()
}
