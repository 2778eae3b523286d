//! Telling: a call of which no more is read than its status.

use doorward::fetch::FetchError;

use super::{
    at_home, named,
    other::{Other, response},
};

#[tokio::test]
async fn the_status_is_all_that_is_read() {
    for (status, body) in [
        ("200 OK", "a".repeat(10 << 20)),
        ("204 No Content", String::new()),
        ("400 Bad Request", "{}".to_owned()),
        ("503 Not Now", "<html>".to_owned()),
    ] {
        let other = Other::saying(response(status, "text/plain", &body)).await;
        let told = named(&other).tell(&other.origin(), &[("a", "b&c")]).await;
        let expected: u16 = status[..3].parse().expect("a number");
        assert_eq!(told.expect("an answer"), expected);
        let heard = other.heard();
        assert!(heard[0].starts_with("POST / HTTP/1.1\r\n"), "{heard:?}");
        assert!(heard[0].ends_with("\r\n\r\na=b%26c"), "{heard:?}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_an_answer_and_not_followed() {
    let elsewhere = Other::saying_json("{}").await;
    let location = format!("Location: {}/\r\n", elsewhere.origin());
    let own = Other::saying(format!(
        "HTTP/1.1 307 Again\r\n{location}Connection: close\r\n\r\n"
    ))
    .await;
    let told = named(&own).tell(&own.origin(), &[("a", "b")]).await;
    assert!(matches!(told, Err(FetchError::Redirect)), "{told:?}");
    assert_eq!(elsewhere.heard(), [""; 0]);
}

/// SS-1.
#[tokio::test]
async fn a_private_address_is_not_told() {
    let (own, other) = (
        Other::saying_json("{}").await,
        Other::saying_json("{}").await,
    );
    let told = at_home(&own).tell(&other.origin(), &[("a", "b")]).await;
    assert!(matches!(told, Err(FetchError::Refused)), "{told:?}");
    assert_eq!(other.heard(), [""; 0]);
}
