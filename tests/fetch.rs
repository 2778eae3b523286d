//! Fetch: who may be called, and how little of an answer is enough to stop listening.

pub mod other;
mod reach;
mod telling;
mod trust;
mod ways_out;

use doorward::{
    config::Config,
    fetch::{Fetch, FetchError},
};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use other::{Other, response};

fn fetch(change: impl FnOnce(&mut Config)) -> Fetch {
    let mut config = Config::default();
    change(&mut config);
    Fetch::new(&config).expect("settings that hold together")
}

/// A fetch whose own issuer is `other`.
fn at_home(other: &Other) -> Fetch {
    fetch(|config| config.server.issuer = other.origin())
}

/// A fetch for whose clients the operator named `other`.
fn named(other: &Other) -> Fetch {
    fetch(|config| config.fetch.private_origins = vec![other.origin()])
}

#[tokio::test]
async fn our_own_issuer_is_called_with_no_more_than_it_takes() {
    let other = Other::saying_json(r#"{"a":1}"#).await;
    let fetch = at_home(&other);
    let url = format!("{}/x?y=1", other.origin());
    let answer = fetch.get_json(&url, None).await.expect("an answer");
    assert_eq!((answer.status, &answer.json), (200, &json!({ "a": 1 })));
    let form = [("a", "b c"), ("d", "é&")];
    fetch
        .post_form(&url, &form, Some("t"))
        .await
        .expect("an answer");

    let [get, post] = &other.heard()[..] else {
        panic!("{:?}", other.heard())
    };
    assert!(get.starts_with("GET /x?y=1 HTTP/1.1\r\n"), "{get}");
    for line in ["accept: application/json\r\n", "user-agent: doorward/"] {
        assert!(get.contains(line) && post.contains(line), "{get}{post}");
    }
    for no in ["authorization", "cookie", "referer"] {
        assert!(!get.contains(no), "{get}");
    }
    assert!(post.contains("authorization: Bearer t\r\n"), "{post}");
    assert!(
        post.contains("content-type: application/x-www-form-urlencoded\r\n"),
        "{post}"
    );
    assert!(post.ends_with("\r\n\r\na=b+c&d=%C3%A9%26"), "{post}");
}

#[tokio::test]
async fn an_origin_that_the_operator_named_is_called() {
    let other = Other::saying_json("[]").await;
    let fetch = fetch(|config| config.fetch.private_origins = vec![other.origin()]);
    fetch
        .get_json(&other.origin(), None)
        .await
        .expect("an answer");
    assert_eq!(other.heard().len(), 1);
}

/// SS-1: no private address is connected to, however it is written.
#[tokio::test]
async fn ss_1_private_addresses_are_refused() {
    let other = Other::saying_json("[]").await;
    let fetch = fetch(|config| config.server.issuer = "https://op.example".to_owned());
    let port = other.port;
    let hosts = [
        "localhost",
        "LOCALHOST",
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fe80::1]",
        "[fc00::1]",
        "10.0.0.1",
        "100.64.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
    ];
    for host in hosts {
        for scheme in ["http", "https"] {
            let url = format!("{scheme}://{host}:{port}/");
            let refused = fetch.get_json(&url, None).await.expect_err(&url);
            assert!(matches!(refused, FetchError::Refused), "{url}: {refused:?}");
        }
    }
    // Not every resolver knows this one; whichever does must not help.
    let url = format!("https://localhost.:{port}/");
    fetch.get_json(&url, None).await.expect_err(&url);
    for url in [
        "http://op.example/",
        "http://93.184.216.34/",
        "https://user@op.example/",
        "https://user:word@op.example/",
        "file:///etc/passwd",
        "ftp://op.example/",
        "gopher://op.example/",
        "/relative",
        "",
    ] {
        let refused = fetch.get_json(url, None).await.expect_err(url);
        assert!(matches!(refused, FetchError::Refused), "{url}: {refused:?}");
    }
    assert_eq!(other.heard(), [""; 0]);
}

#[tokio::test]
async fn another_port_of_our_own_host_is_not_ours() {
    let (own, other) = (
        Other::saying_json("[]").await,
        Other::saying_json("[]").await,
    );
    let refused = at_home(&own).get_json(&other.origin(), None).await;
    assert!(matches!(refused, Err(FetchError::Refused)), "{refused:?}");
    assert_eq!(other.heard(), [""; 0]);
}

#[tokio::test]
async fn redirects_are_not_followed_and_cookies_are_not_kept() {
    let other = Other::saying_json("[]").await;
    for status in [
        "301 Moved",
        "302 Found",
        "303 See Other",
        "307 Again",
        "308 Again",
    ] {
        let head = format!(
            "HTTP/1.1 {status}\r\nLocation: {}/\r\nSet-Cookie: a=b\r\n",
            other.origin()
        );
        let own = Other::saying(format!("{head}Connection: close\r\n\r\n")).await;
        let fetch = fetch(|config| {
            config.server.issuer = own.origin();
            config.fetch.private_origins = vec![other.origin()];
        });
        for _ in 0..2 {
            let answer = fetch.get_json(&own.origin(), Some("t")).await;
            assert!(matches!(answer, Err(FetchError::Redirect)), "{answer:?}");
        }
        assert!(
            own.heard()
                .iter()
                .all(|request| !request.contains("cookie"))
        );
    }
    assert_eq!(other.heard(), [""; 0]);
}

#[tokio::test]
async fn an_answer_of_64_kib_is_read_and_one_byte_more_is_not() {
    let text = |length: usize| format!("\"{}\"", "a".repeat(length - 2));
    let fits = Other::saying_json(&text(64 * 1024)).await;
    assert!(at_home(&fits).get_json(&fits.origin(), None).await.is_ok());
    let long = Other::saying_json(&text(64 * 1024 + 1)).await;
    let answer = at_home(&long).get_json(&long.origin(), None).await;
    assert!(matches!(answer, Err(FetchError::TooLong)), "{answer:?}");
}

#[tokio::test]
async fn only_json_is_an_answer() {
    for (kind, body, is_json) in [
        ("application/json; charset=utf-8", "{}", true),
        ("application/jwk-set+json", "{}", true),
        ("Application/JSON", "{}", true),
        ("application/json", "{", false),
        ("application/json", "", false),
        ("text/html", "{}", false),
        ("text/json+json", "{}", false),
        ("application/jsonp", "{}", false),
    ] {
        let other = Other::saying(response("200 OK", kind, body)).await;
        let answer = at_home(&other).get_json(&other.origin(), None).await;
        match is_json {
            true => assert!(answer.is_ok(), "{kind} {body}: {answer:?}"),
            false => assert!(
                matches!(answer, Err(FetchError::NotJson)),
                "{kind} {body}: {answer:?}"
            ),
        }
    }
}

#[tokio::test]
async fn an_error_with_a_body_is_an_answer_but_no_success() {
    let other = Other::saying(response("400 Bad", "application/json", r#"{"error":"no"}"#)).await;
    let answer = at_home(&other)
        .get_json(&other.origin(), None)
        .await
        .expect("an answer");
    assert_eq!((answer.status, &answer.json["error"]), (400, &json!("no")));
    let read = answer.read::<serde_json::Value>();
    assert!(matches!(read, Err(FetchError::Unexpected)), "{read:?}");
}

#[tokio::test]
async fn whoever_does_not_answer_is_left() {
    // Takes the connection into its queue and never looks at it.
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = silent.local_addr().expect("an address").port();
    let origin = format!("http://127.0.0.1:{port}");
    let fetch = fetch(|config| {
        config.server.issuer = origin.clone();
        config.fetch.timeout_milliseconds = 50;
    });
    let answer = fetch.get_json(&origin, None).await;
    assert!(matches!(answer, Err(FetchError::Timeout)), "{answer:?}");

    // Begins to answer and never ends.
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{";
    let call = fetch.get_json(&origin, None);
    let (answer, _open) = tokio::join!(call, async {
        let (_first, _) = silent.accept().await.expect("the call before");
        let (mut stream, _) = silent.accept().await.expect("a call");
        // Hyper takes an answer that comes before its request for noise.
        let mut request = [0; 1024];
        let length = stream.read(&mut request).await.expect("a request");
        assert!(length > 0, "the caller is there");
        stream
            .write_all(head.as_bytes())
            .await
            .expect("half an answer");
        stream
    });
    assert!(matches!(answer, Err(FetchError::Timeout)), "{answer:?}");
}

#[tokio::test]
async fn nobody_there_is_an_error_that_names_no_address() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let origin = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let fetch = fetch(|config| config.server.issuer = origin.clone());
    let error = fetch
        .get_json(&origin, None)
        .await
        .expect_err("nobody is there");
    assert!(matches!(error, FetchError::Unreachable(_)), "{error:?}");
    assert_eq!(error.to_string(), "the server could not be reached");
}
