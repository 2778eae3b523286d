//! `doorward serve`: the first start, the next one, and the end.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, ChildStderr, Command},
};

use doorward::server::development::DEMO_EMAIL;
use serde_json::Value;

use super::Cli;

/// A server that was started and has said where it listens.
pub(super) struct Running {
    child: Child,
    address: SocketAddr,
    logs: BufReader<ChildStderr>,
}

impl Running {
    pub(super) fn start(cli: &Cli, flags: &[&str]) -> Self {
        let arguments = [&["--listen", "127.0.0.1:0"], flags].concat();
        let mut child = cli.command(&arguments).spawn().expect("a server");
        let mut logs = BufReader::new(child.stderr.take().expect("its logs"));
        let mut line = String::new();
        while !line.contains("\"listening\"") {
            line.clear();
            let read = logs.read_line(&mut line).expect("a line");
            assert!(read > 0, "ended early: {:?}", child.wait_with_output());
        }
        let log: Value = serde_json::from_str(&line).expect("a log line in JSON");
        let address = log["fields"]["address"].as_str().expect("an address");
        Self {
            address: address.parse().expect("an address"),
            child,
            logs,
        }
    }

    /// The answer to a GET, from a connection of its own.
    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(self.address).expect("a connection");
        let ask = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(ask.as_bytes()).expect("a listener");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    }

    /// The number of its process.
    pub(super) fn id(&self) -> String {
        self.child.id().to_string()
    }

    /// Waits until it logs a line with `words`.
    pub(super) fn has_logged(&mut self, words: &str) {
        let mut line = String::new();
        while !line.contains(words) {
            line.clear();
            let read = self.logs.read_line(&mut line).expect("a line");
            assert!(read > 0, "ended without {words:?}");
        }
    }

    /// Asks it to stop, and answers what it printed.
    pub(super) fn stop(self, signal: &str) -> String {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &pid]).status();
        assert!(sent.expect("a signal").success());
        let output = self.child.wait_with_output().expect("an end");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("text")
    }
}

#[test]
fn the_first_start_makes_everything_and_says_where_to_click() {
    let cli = Cli::new();
    let server = Running::start(&cli, &["--issuer", "http://localhost:8080"]);
    assert!(server.get("/readyz").starts_with("HTTP/1.1 200"));
    let client = cli.json(&["client", "show", "playground"]);
    assert_eq!(
        client["redirect_uris"][0],
        "http://localhost:8080/playground/callback"
    );
    let said = server.stop("TERM");
    assert!(said.lines().count() <= 15, "{said}");
    for word in [
        "http://localhost:8080\n",
        "http://localhost:8080/.well-known/openid-configuration",
        "http://localhost:8080/playground",
        "http://localhost:8080/dev/mail",
        "http://localhost:8080/api/docs",
        DEMO_EMAIL,
        "/data",
        "Ctrl+C",
    ] {
        assert!(said.contains(word), "no {word}: {said}");
    }
    assert_eq!(cli.mode("data"), 0o700);
    for secret in ["data/root.secret", "data/doorward.db"] {
        assert_eq!(cli.mode(secret), 0o600, "{secret}");
    }
}

#[test]
fn the_next_start_finds_what_the_first_one_made() {
    let cli = Cli::new();
    let issuer = ["--issuer", "http://localhost:8080"];
    let first = Running::start(&cli, &issuer).stop("INT");
    let keys = cli.json(&["key", "list"]);
    let second = Running::start(&cli, &["--issuer", "http://localhost:9090"]).stop("INT");
    assert_eq!(cli.json(&["key", "list"]), keys);
    assert_ne!(first, second);
    // The playground moves with the issuer.
    let client = cli.json(&["client", "show", "playground"]);
    assert_eq!(
        client["redirect_uris"][0],
        "http://localhost:9090/playground/callback"
    );
    let users = cli.json(&["user", "list"]);
    assert_eq!(users["users"].as_array().map(Vec::len), Some(1));
}

#[test]
fn production_says_one_line_and_has_no_demo() {
    let cli = Cli::new();
    cli.write(
        "doorward.toml",
        "[server]\nissuer = \"https://id.example\"\n",
    );
    let server = Running::start(&cli, &[]);
    let said = server.stop("TERM");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("https://id.example"), "{said}");
    assert_eq!(
        cli.json(&["user", "list"])["users"]
            .as_array()
            .map(Vec::len),
        Some(0)
    );
    assert_eq!(
        cli.json(&["client", "list"])["clients"]
            .as_array()
            .map(Vec::len),
        Some(0)
    );
}

#[test]
fn a_taken_port_is_named_with_what_to_do() {
    let cli = Cli::new();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let port = address.rsplit(':').next().expect("a port");
    cli.run(&["--listen", &address])
        .refused(1, &["port", port, "--listen"]);
    assert!(!cli.path("data").exists());
}

/// Whoever else opens the file, such as `sqlite3` or a backup, clears up what lies beside it if nobody
/// seems to be at home; a server without a lock on it would lose what it writes afterwards.
#[cfg(target_os = "linux")]
#[test]
fn the_server_holds_the_lock_of_its_database() {
    use std::os::unix::fs::MetadataExt;
    let cli = Cli::new();
    let server = Running::start(&cli, &["--issuer", "http://localhost:8080"]);
    assert!(server.get("/readyz").contains("200"));
    let file = std::fs::metadata(cli.path("data/doorward.db")).expect("the database");
    let locks = std::fs::read_to_string("/proc/locks").expect("the locks");
    let (process, inode) = (server.id(), format!(":{}", file.ino()));
    let held = locks.lines().any(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        words.contains(&"POSIX")
            && words.get(4) == Some(&process.as_str())
            && words.get(5).is_some_and(|place| place.ends_with(&inode))
    });
    server.stop("TERM");
    assert!(held, "no lock of {process} on {inode} in:\n{locks}");
}
