//! Usage: what is said about a command line that is wrong, and what help says.

use super::Cli;

#[test]
fn a_wrong_word_is_refused_with_what_was_meant() {
    let cli = Cli::new();
    for (arguments, words) in [
        (
            &["--lisen", "127.0.0.1:1"][..],
            ["--lisen", "did you mean --listen"],
        ),
        (&["cleint", "list"], ["cleint", "did you mean client"]),
        (&["client", "lst"], ["lst", "did you mean list"]),
        (&["client", "show"], ["CLIENT_ID", "--help"]),
        (
            &["client", "add", "App", "--profile", "oauth2"],
            ["oauth2", "oauth21"],
        ),
        (
            &["--listen", "nowhere"],
            ["server.listen", "127.0.0.1:8080"],
        ),
    ] {
        cli.run(arguments).refused(2, &words);
    }
    assert!(!cli.path("data").exists());
}

#[test]
fn help_names_every_verb_and_every_exit_code() {
    let cli = Cli::new();
    cli.run(&["--help"]).done(&[
        "serve",
        "client",
        "user",
        "key",
        "migrate",
        "config",
        "openapi",
        "doctor",
        "--json",
        "0  done",
        "1  failed",
        "2  wrong usage or settings",
        "3  not found",
    ]);
    cli.run(&["--version"]).done(&[env!("CARGO_PKG_VERSION")]);
}

#[test]
fn the_document_is_printed_as_the_repository_keeps_it() {
    let cli = Cli::new();
    let ran = cli.run(&["openapi"]);
    ran.done(&["openapi: 3"]);
    assert_eq!(ran.out, doorward::openapi::document_yaml());
    assert_eq!(cli.json(&["openapi"]), doorward::openapi::document());
    assert!(!cli.path("data").exists());
}
