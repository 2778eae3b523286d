//! CA-7: a client proves who it is in one way at a time, and in every spelling that RFC 6749 §2.3.1
//! allows; nothing is guessed, and never does the first of two win.

use base64::{Engine, engine::general_purpose::STANDARD};
use doorward::paths;
use url::form_urlencoded::byte_serialize;

use super::granted::{change_client, sqlite};
use crate::support::{answer::Answer, house::House, rp::Rp};

/// The form of a request that needs nothing but a client.
const FOR_ITSELF: (&str, &str) = ("grant_type", "client_credentials");

/// An id that needs escaping (RFC 6749 Appendix A.1 allows what can be printed).
const ID: &str = "a tool: +1/b&c=%d";

/// `Authorization` headers, and what is in the form.
type Asked<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)]);

/// A token request with these `Authorization` headers and this in the form.
async fn asked(house: &House, headers: &[&str], form: &[(&str, &str)]) -> Answer {
    let form = [&[FOR_ITSELF], form].concat();
    let mut call = house.post(paths::TOKEN).form(&form);
    for header in headers {
        call = call.header("Authorization", header);
    }
    println!("{headers:?} {form:?}");
    call.await
}

fn escaped(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

fn basic(text: impl AsRef<[u8]>) -> String {
    format!("Basic {}", STANDARD.encode(text))
}

async fn tool(house: &House) -> (Rp<'_>, String) {
    let rp = Rp::with(house, |new| new.client_id = Some(ID.to_owned())).await;
    let secret = rp.client_secret.clone().expect("a secret");
    (rp, secret)
}

#[tokio::test]
async fn ca_7_every_right_spelling_is_taken() {
    let house = sqlite().await;
    let (_, secret) = tool(&house).await;
    let every_byte = |text: &str| -> String { text.bytes().map(|b| format!("%{b:02x}")).collect() };
    let id = escaped(ID);
    let before = house.rows().await;
    for header in [
        basic(format!("{id}:{secret}")),
        basic(format!("{id}:{secret}")).replacen("Basic", "bAsIC", 1),
        basic(format!("{}:{secret}", id.replace('+', "%20"))),
        basic(format!("{}:{}", every_byte(ID), every_byte(&secret))),
    ] {
        asked(&house, &[&header], &[]).await.tokens();
        let same = [("client_id", ID)];
        asked(&house, &[&header], &same).await.tokens();
    }
    let form = [("client_id", ID), ("client_secret", &secret)];
    asked(&house, &[], &form).await.tokens();
    assert_eq!(house.rows().await, before);
}

#[tokio::test]
async fn ca_7_no_other_spelling_is() {
    let house = sqlite().await;
    let (_, secret) = tool(&house).await;
    let id = escaped(ID);
    let right = basic(format!("{id}:{secret}"));
    assert!(
        right.ends_with('='),
        "this one shows nothing about padding: {right}"
    );
    let before = house.rows().await;
    for header in [
        basic(format!("{ID}:{secret}")),
        basic(format!("{}:{secret}", escaped(&id))),
        basic(&id),
        basic(format!("{id}:")),
        basic(format!(":{secret}")),
        basic(":"),
        basic(""),
        basic(format!("{id}%3A{secret}")),
        basic(format!("{id}:{secret}:")),
        basic(format!("{id}:{secret} ")),
        basic(format!(" {id}:{secret}")),
        basic(b"\xff\xfe:a"),
        basic(format!("%ff:{secret}")),
        basic(format!("{id}%00:{secret}")),
        right.trim_end_matches('=').to_owned(),
        "Basic !!!!".to_owned(),
        format!("{right}, Basic a"),
        format!("{right} "),
        "Basic".to_owned(),
        "Basic ".to_owned(),
        right.replacen(' ', "  ", 1),
        right.replacen(' ', "\t", 1),
        right.replacen("Basic", "Bearer", 1),
        right.replacen("Basic ", "", 1),
        String::new(),
    ] {
        asked(&house, &[&header], &[]).await.client_401();
        asked(&house, &[&header], &[("client_id", ID)])
            .await
            .client_401();
    }
    // In the query it is nothing but leaked.
    let query = format!("{}?client_id={id}&client_secret={secret}", paths::TOKEN);
    house.post(&query).form(&[FOR_ITSELF]).await.client_401();
    house.forget_counts().await;
    assert_eq!(house.rows().await, before);
}

#[tokio::test]
async fn ca_7_two_ways_at_once_are_none() {
    let house = sqlite().await;
    let (_, secret) = tool(&house).await;
    let other = Rp::confidential(&house).await;
    let right = basic(format!("{}:{secret}", escaped(ID)));
    let (right, id, secret) = (
        right.as_str(),
        ("client_id", ID),
        ("client_secret", secret.as_str()),
    );
    let before = house.rows().await;

    let malformed: [Asked<'_>; 10] = [
        (&[right], &[secret]),
        (&[right], &[id, secret]),
        (&[right], &[("client_id", "")]),
        (&["Basic !!!!"], &[id, secret]),
        (&["Bearer a"], &[id, secret]),
        (&[right, right], &[]),
        (&[right, "Bearer a"], &[]),
        (&["", right], &[]),
        (&[], &[id, id, secret]),
        (&[], &[id, secret, secret]),
    ];
    for (headers, form) in malformed {
        let answer = asked(&house, headers, form).await;
        answer.oauth_error(400, "invalid_request");
    }

    let refused: [Asked<'_>; 9] = [
        (&[], &[]),
        (&[], &[id]),
        (&[], &[secret]),
        (&[right], &[("client_id", &other.client_id)]),
        (&[right], &[("client_id", &escaped(ID))]),
        (&[right], &[("client_secret", "")]),
        (&[right], &[("client_assertion", "a.b.c")]),
        (&[], &[id, secret, ("client_assertion_type", "x")]),
        (
            &[],
            &[id, ("client_assertion", ""), ("client_assertion_type", "")],
        ),
    ];
    for (headers, form) in refused {
        asked(&house, headers, form).await.client_401();
    }
    assert_eq!(house.rows().await, before);
}

#[tokio::test]
async fn ca_7_a_strict_client_has_one_way() {
    let house = sqlite().await;
    let rp = Rp::confidential(&house).await;
    change_client(&house, &rp, |row| row.strict_auth_method = true).await;
    rp.token(&[FOR_ITSELF]).await.tokens();
    let secret = rp.client_secret.as_deref().expect("a secret");
    let in_form = [
        ("client_id", rp.client_id.as_str()),
        ("client_secret", secret),
    ];
    let call = house
        .post(paths::TOKEN)
        .form(&[&[FOR_ITSELF][..], &in_form].concat());
    call.await.client_401();
}
