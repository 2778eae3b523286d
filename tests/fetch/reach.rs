//! Reach: for whom who is called.

use doorward::{clock::Clock, fetch::FetchError};

use super::{fetch, named, other::Other};

/// SS-1: what clients name is never ourselves, not even where the operator named us.
#[tokio::test]
async fn nothing_that_a_client_names_is_asked_of_ourselves() {
    let own = Other::saying_json("[]").await;
    let fetch = fetch(|config| {
        config.server.issuer = own.origin();
        config.fetch.private_origins = vec![own.origin()];
    });
    let (url, now) = (format!("{}/x", own.origin()), Clock::default().now());
    assert!(!fetch.may_call(&url));
    let answers = [
        fetch.get_named(&url).await.map(drop),
        fetch.get_raw(&url, "*/*", 9).await.map(drop),
        fetch.get_public(&url, "*/*", 9).await.map(drop),
        fetch.document(&url, now).await.map(drop),
        fetch.tell(&url, &[]).await.map(drop),
    ];
    for answer in answers {
        assert!(matches!(answer, Err(FetchError::Refused)), "{answer:?}");
    }
    assert_eq!(own.heard(), [""; 0]);
}

/// SS-1: whoever registers itself has no way into the network of the operator.
#[tokio::test]
async fn the_origins_that_the_operator_named_are_not_public() {
    let other = Other::saying_json("[]").await;
    let fetch = named(&other);
    let url = other.origin();
    let answer = fetch.get_public(&url, "*/*", 9).await;
    assert!(matches!(answer, Err(FetchError::Refused)), "{answer:?}");
    assert_eq!(other.heard(), [""; 0]);
    fetch.get_raw(&url, "*/*", 9).await.expect("an answer");
}
