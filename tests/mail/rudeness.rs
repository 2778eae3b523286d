//! Post offices that stall, talk nonsense, hang up or turn us away: whatever they do, the letter
//! waits for one that takes it.

use super::{
    GRACE, house_with,
    post_office::{Does, Manner, POLITE, PostOffice, does, says},
    seconds, sign_up,
};
use crate::support::database::Database;

/// Every way to be rude that is not about the letter.
const RUDE: &[Manner] = &[
    does("connect", Does::Stalls),
    does("EHLO", Does::Stalls),
    does("AUTH", Does::Stalls),
    does("DATA", Does::Stalls),
    does("text", Does::Stalls),
    does("connect", Does::Closes),
    does("EHLO", Does::Closes),
    does("RCPT", Does::Closes),
    does("text", Does::Closes),
    does("connect", Does::Floods),
    does("EHLO", Does::Floods),
    says("connect", b"HTTP/1.1 400 Bad Request\r\n\r\n<html>"),
    says("connect", b"\xff\xfe\x00\x80"),
    says("connect", b""),
    says("connect", b"999 what"),
    says("connect", b"220-and\r\n250 so on"),
    says("connect", &[b'2'; 70_000]),
    says("EHLO", b"250-\r\n250"),
    says("MAIL", b"\r\n\r\n\r\n"),
    says("RCPT", b"5"),
    says("DATA", b"\x1b[2J250"),
    says("text", b"maybe"),
    // About us, which an operator can mend.
    says("connect", b"554 not you"),
    says("EHLO", b"550 not you"),
    says("AUTH", b"535 5.7.8 wrong password"),
    says("MAIL", b"553 5.7.1 not your mailbox"),
    says("RCPT", b"530 5.7.0 sign in first"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_a_post_office_does_the_letter_waits_for_a_better_one() {
    for manner in RUDE {
        let office = PostOffice::with(&[*manner, POLITE]).await;
        let house = house_with(Database::sqlite().await, &office, |config| {
            // Who stalls is left after this long; so is who seems to have more to say.
            config.mail.timeout_milliseconds = match manner.does {
                Does::Stalls => 250,
                _ => 2_000,
            };
            config.mail.username = Some("ada".to_owned());
            config.mail.password = Some("swallow".into());
        })
        .await;
        sign_up(&house, GRACE).await;
        assert_eq!(house.deliver().await, 0, "{manner:?}");
        let row = house.letter().await;
        assert_eq!((row.sent_at, row.failed_at), (None, None), "{manner:?}");
        assert_eq!(office.visits(), 1, "{manner:?}");
        // What is on the way between two sockets counts too.
        assert!(
            office.flooded() < 16 << 20,
            "{manner:?}: {}",
            office.flooded()
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_rudeness_the_next_attempt_arrives() {
    let office = PostOffice::with(&[
        does("connect", Does::Closes),
        says("EHLO", b"250-\r\n250"),
        says("AUTH", b"535 wrong password"),
        POLITE,
    ])
    .await;
    let house = house_with(Database::sqlite().await, &office, |config| {
        config.mail.username = Some("ada".to_owned());
        config.mail.password = Some("swallow".into());
    })
    .await;
    sign_up(&house, GRACE).await;
    for wait in [0, 10, 60] {
        house.turn(seconds(wait));
        assert_eq!(house.deliver().await, 0);
    }
    house.turn(seconds(300));
    assert_eq!((house.deliver().await, office.visits()), (1, 4));
}

/// What a server makes of our goodbye is not what became of the letter.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_letter_that_was_taken_is_not_sent_twice_for_a_rude_goodbye() {
    for goodbye in [
        does("QUIT", Does::Closes),
        does("QUIT", Does::Stalls),
        says("QUIT", b"500 stay"),
    ] {
        let office = PostOffice::with(&[goodbye]).await;
        let house = house_with(Database::sqlite().await, &office, |_| ()).await;
        sign_up(&house, GRACE).await;
        assert_eq!(house.deliver().await, 1, "{goodbye:?}");
        house.turn(seconds(7_200));
        assert_eq!((house.deliver().await, office.taken().len()), (0, 1));
    }
}

/// Nobody listens at all.
#[tokio::test]
async fn a_post_office_that_is_closed_is_tried_again() {
    let office = PostOffice::polite().await;
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let port = nobody
        .expect("a port")
        .local_addr()
        .expect("an address")
        .port();
    let house = house_with(Database::sqlite().await, &office, |config| {
        config.mail.port = Some(port);
    })
    .await;
    sign_up(&house, GRACE).await;
    assert_eq!(house.deliver().await, 0);
    assert!(house.letter().await.next_attempt_at.is_some());
}
