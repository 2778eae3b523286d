//! The curl lines of `docs/device-flow.md` and `docs/token-exchange.md`, sent as they stand there.

use std::fs;

use serde_json::Value;
use url::Url;

use super::{
    granted::sqlite,
    token_exchange::{granted, house, service, subject},
};
use crate::support::{
    answer::Answer,
    database::Database,
    device::{browser_of, type_code, with_devices},
    house::House,
    rp::Rp,
};

/// The curl commands of a document, in their order, each in one line.
fn commands(document: &str) -> Vec<String> {
    let whole = format!("{}/docs/{document}", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(&whole).expect("the document");
    let text = text.replace("\\\n", " ");
    let lines = text.lines().filter(|line| line.starts_with("curl "));
    lines.map(str::to_owned).collect()
}

/// Sends a command with values in the place of its variables, as curl would.
async fn curl(house: &House, command: &str, values: &[(&str, &str)]) -> Answer {
    let mut filled = command.to_owned();
    for (name, value) in values {
        filled = filled.replace(name, value);
    }
    assert!(!filled.contains('$'), "{filled}");
    // Only quotes around a whole value, as in `scope='openid email'`.
    let mut words: Vec<String> = Vec::new();
    for (at, part) in filled.split('\'').enumerate() {
        match at % 2 {
            0 => words.extend(part.split_whitespace().map(str::to_owned)),
            _ => words
                .last_mut()
                .expect("a name before the quote")
                .push_str(part),
        }
    }
    let after = |flag: &'static str| {
        let pairs = words.windows(2).filter(move |pair| pair[0] == flag);
        pairs.map(|pair| pair[1].clone())
    };
    let form: Vec<(String, String)> = after("-d")
        .map(|pair| {
            let (name, value) = pair.split_once('=').expect("a name and a value");
            (name.to_owned(), value.to_owned())
        })
        .collect();
    let url = Url::parse(words.last().expect("an address")).expect("an address");
    let call = house.post(url.path());
    match after("-u").next() {
        Some(credentials) => {
            let (id, secret) = credentials.split_once(':').expect("id and secret");
            call.basic(id, secret).form(&form).await
        }
        None => call.form(&form).await,
    }
}

fn text<'a>(answer: &'a Value, name: &str) -> &'a str {
    answer[name].as_str().expect("a text")
}

#[tokio::test]
async fn the_device_flow_works_as_documented() {
    let house = sqlite().await;
    let rp = Rp::with(&house, |new| {
        with_devices(new);
        new.public = true;
    })
    .await;
    let commands = commands("device-flow.md");
    let [begin, poll] = commands.as_slice() else {
        panic!("{commands:?}");
    };
    let id = ("$CLIENT_ID", rp.client_id.as_str());
    let begun = curl(&house, begin, &[id]).await.ok();
    let code = ("$DEVICE_CODE", text(&begun, "device_code"));
    let pending = curl(&house, poll, &[id, code]).await;
    pending.oauth_error(400, "authorization_pending");
    let mut browser = browser_of(&house, house.person().await).await;
    type_code(&mut browser, text(&begun, "user_code")).await;
    browser.follow().await;
    browser.submit("#device-approve", &[]).await;
    let tokens = curl(&house, poll, &[id, code]).await.tokens();
    assert!(tokens.refresh_token.is_some() && tokens.id_token.is_some());
}

#[tokio::test]
async fn token_exchange_works_as_documented() {
    let house = house(Database::sqlite().await).await;
    let mut granted = granted(&house).await;
    let (token, _) = subject(&mut granted).await;
    let rp = service(&house, "https://front.example").await;
    let commands = commands("token-exchange.md");
    let [exchange] = commands.as_slice() else {
        panic!("{commands:?}");
    };
    let values = [
        ("$CLIENT_ID", rp.client_id.as_str()),
        (
            "$CLIENT_SECRET",
            rp.client_secret.as_deref().expect("a secret"),
        ),
        ("$ACCESS_TOKEN", &token),
    ];
    let tokens = curl(&house, exchange, &values).await.tokens();
    assert_eq!(tokens.scope.as_deref(), Some("api:read"));
}
