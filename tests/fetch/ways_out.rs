//! SS-1, the whole table: each way in which this server calls others, with each spelling of an address
//! that is not public; and what of it is off until somebody needs it (SS-2).

use doorward::{
    clock::Clock,
    config::{Config, Features},
    fetch::{Fetch, FetchError},
};

use super::{
    fetch,
    other::{Other, response},
};

/// Hosts that are somebody's own, or nobody's.
const PRIVATE: [&str; 48] = [
    "127.0.0.1",
    "127.0.0.2",
    "127.255.255.254",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "017700000001",
    "0.0.0.0",
    "0",
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "192.168.255.255",
    "169.254.169.254",
    "169.254.0.1",
    "100.64.0.1",
    "100.127.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:10.0.0.1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::a9fe:a9fe]",
    "[2002:7f00:1::]",
    "[2001:db8::1]",
    "[fe80::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[ff02::1]",
    "localhost",
    "LOCALHOST",
    "\u{ff11}27.0.0.1",
];

/// Every way out that an address of somebody else's choice can take: `request_uri` and `logo_uri` of a
/// client that the operator registered, `sector_identifier_uri`, `jwks_uri`, `backchannel_logout_uri`,
/// and the logo of a client that registered itself.
async fn every_way(fetch: &Fetch, url: &str) -> [(&'static str, Result<(), FetchError>); 5] {
    let now = Clock::default().now();
    [
        ("get_raw", fetch.get_raw(url, "*/*", 1024).await.map(drop)),
        ("get_named", fetch.get_named(url).await.map(drop)),
        ("document", fetch.document(url, now).await.map(drop)),
        (
            "tell",
            fetch.tell(url, &[("logout_token", "x")]).await.map(drop),
        ),
        (
            "get_public",
            fetch.get_public(url, "*/*", 1024).await.map(drop),
        ),
    ]
}

fn elsewhere(config: &mut Config) {
    config.server.issuer = "https://op.example".to_owned();
}

#[tokio::test]
async fn ss_1_no_way_out_leads_to_an_address_that_is_not_public() {
    let other = Other::saying_json("[]").await;
    let fetch = fetch(elsewhere);
    for host in PRIVATE {
        for scheme in ["http", "https"] {
            for port in [other.port.to_string(), "22".to_owned(), "443".to_owned()] {
                let url = format!("{scheme}://{host}:{port}/x");
                assert!(
                    !fetch.may_call(&url) || host.eq_ignore_ascii_case("localhost"),
                    "{url}"
                );
                for (way, answer) in every_way(&fetch, &url).await {
                    assert!(
                        matches!(answer, Err(FetchError::Refused)),
                        "{way} {url}: {answer:?}"
                    );
                }
            }
        }
    }
    for url in [
        "file:///etc/passwd",
        "gopher://app.example/",
        "ftp://app.example/",
        "data:application/json,[]",
        "unix:/run/x",
        "dict://app.example/",
        "ldap://app.example/",
        "jar:https://app.example/",
        "javascript:1",
        "about:blank",
        "https://user@app.example/",
        "https://user:word@app.example/",
        "https://@127.0.0.1/",
        "//app.example/",
        "http://app.example/",
        "",
        " ",
        "https://",
        "\u{0}",
        "https://app.example:99999/",
    ] {
        assert!(!fetch.may_call(url), "{url}");
        for (way, answer) in every_way(&fetch, url).await {
            assert!(
                matches!(answer, Err(FetchError::Refused)),
                "{way} {url}: {answer:?}"
            );
        }
    }
    assert_eq!(other.heard(), [""; 0]);
}

/// What is behind an address that may be called is not followed further, not decompressed, and not
/// waited for.
#[tokio::test]
async fn ss_1_no_answer_leads_further() {
    let target = Other::saying_json("[\"found\"]").await;
    for status in [
        "301 Moved",
        "302 Found",
        "303 See Other",
        "307 Temporary",
        "308 Permanent",
        "300 Choose",
    ] {
        let to = target.origin();
        let head = format!(
            "HTTP/1.1 {status}\r\nLocation: {to}/\r\nRefresh: 0; url={to}\r\nConnection: close\r\n\r\n"
        );
        let named = Other::saying(head).await;
        let fetch = fetch(|config| {
            elsewhere(config);
            config.fetch.private_origins = vec![named.origin()];
        });
        drop(every_way(&fetch, &named.origin()).await);
        assert!(!named.heard().is_empty(), "{status}");
    }
    assert_eq!(target.heard(), [""; 0]);
    // A small body that would be a large one.
    let bomb = response(
        "200 OK",
        "application/json\r\nContent-Encoding: gzip",
        "\u{1f}\u{8b}[]",
    );
    let named = Other::saying(bomb).await;
    let fetch = fetch(|config| {
        elsewhere(config);
        config.fetch.private_origins = vec![named.origin()];
    });
    let answer = fetch.get_named(&named.origin()).await;
    assert!(answer.is_err(), "{answer:?}");
    for heard in named.heard() {
        let heard = heard.to_lowercase();
        for header in ["accept-encoding", "cookie", "authorization", "referer"] {
            assert!(!heard.contains(header), "{heard}");
        }
    }
}

#[test]
fn ss_2_what_makes_this_server_call_others_is_off() {
    let features = Features::default();
    assert!(!features.request_uri);
    let config = Config::default();
    assert!(!config.registration.enabled && !config.registration.open);
    assert!(config.fetch.private_origins.is_empty());
    // A client is a row, never the address of a document that says what it is (CIMD).
    let document = doorward::http::document::document().to_string();
    assert!(!document.contains("client_id_metadata_document"));
}
