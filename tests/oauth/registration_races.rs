//! Changing a client while somebody else changes it: whatever the operator takes back stays taken, and
//! a client that is slow on purpose wins nothing.

use doorward::clients::{
    register::{self, RegisterError},
    update::{self, Changes},
};
use entity::value::EventKind;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::{
    granted::events,
    registering::{CALLBACK, Registered, registering, registering_with, usual},
};
use crate::{
    fetch::other::response,
    support::{
        call::at_once,
        database::{Database, both},
        house::House,
    },
};

/// The server of a sector, which answers when the test says so.
struct Slow {
    listener: TcpListener,
    origin: String,
}

impl Slow {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let origin = format!("http://{}", listener.local_addr().expect("an address"));
        Self { listener, origin }
    }

    async fn house(&self, db: Database) -> House {
        let origin = self.origin.clone();
        registering_with(db, |config| {
            config.fetch.private_origins = vec![origin];
            config.fetch.timeout_milliseconds = 30_000;
        })
        .await
    }

    /// Waits until it is asked.
    async fn asked(&self) -> TcpStream {
        let (mut stream, _) = self.listener.accept().await.expect("a call");
        let length = stream.read(&mut [0; 4096]).await.expect("a request");
        assert!(length > 0, "the caller is there");
        stream
    }

    async fn answer(&self, mut stream: TcpStream) {
        let listed = json!([CALLBACK]).to_string();
        let answer = response("200 OK", "application/json", &listed);
        stream
            .write_all(answer.as_bytes())
            .await
            .expect("an answer");
    }
}

/// What makes the client wait for its sector.
fn members(client: &Registered<'_>, slow: &Slow) -> Value {
    usual(&json!({
        "client_id": client.id(),
        "client_name": "Changed",
        "sector_identifier_uri": format!("{}/sector", slow.origin),
    }))
}

async fn operator(client: &Registered<'_>, changes: Changes) {
    let changed = update::update(&client.house.app, client.row().await, changes).await;
    changed.expect("a change");
}

both! {
    async fn dr_2_a_client_that_is_disabled_while_it_changes_itself_stays_disabled(db: Database) {
        let slow = Slow::new().await;
        let house = slow.house(db).await;
        let client = Registered::new(&house, &json!({})).await;
        let members = members(&client, &slow);
        let (answer, ()) = tokio::join!(client.replace(&members), async {
            let asked = slow.asked().await;
            operator(&client, Changes { disabled: Some(true), ..Changes::default() }).await;
            slow.answer(asked).await;
        });
        answer.bearer_error(401, "invalid_token");
        let row = client.row().await;
        assert!(row.disabled_at.is_some());
        assert_eq!(row.client_name, "My App");
    }

    async fn dr_2_what_is_taken_back_while_a_client_changes_itself_stays_taken(db: Database) {
        let slow = Slow::new().await;
        let house = slow.house(db).await;
        let client = Registered::new(&house, &json!({})).await;
        let given = Changes {
            trusted: Some(true),
            audiences: Some(vec!["https://api.example".to_owned()]),
            scope: Some("openid orders:read".parse().expect("a scope")),
            ..Changes::default()
        };
        operator(&client, given).await;
        let mut members = members(&client, &slow);
        members["scope"] = json!("openid orders:read");
        let (answer, ()) = tokio::join!(client.replace(&members), async {
            let asked = slow.asked().await;
            let taken = Changes {
                trusted: Some(false),
                audiences: Some(Vec::new()),
                scope: Some("openid".parse().expect("a scope")),
                ..Changes::default()
            };
            operator(&client, taken).await;
            slow.answer(asked).await;
            // It is judged again by what it is now.
            slow.answer(slow.asked().await).await;
        });
        assert_eq!(answer.ok()["scope"], "openid");
        let row = client.row().await;
        assert!(!row.trusted);
        assert_eq!(row.audiences.0, [""; 0]);
        assert_eq!((row.scope.to_string().as_str(), row.client_name.as_str()), ("openid", "Changed"));
    }

    async fn dr_2_a_client_that_loses_twice_is_told_to_try_again(db: Database) {
        let slow = Slow::new().await;
        let house = slow.house(db).await;
        let client = Registered::new(&house, &json!({})).await;
        let members = members(&client, &slow);
        let (answer, ()) = tokio::join!(client.replace(&members), async {
            for trusted in [true, false] {
                let asked = slow.asked().await;
                operator(&client, Changes { trusted: Some(trusted), ..Changes::default() }).await;
                slow.answer(asked).await;
            }
        });
        answer.oauth_error(400, "invalid_request");
        assert_eq!(client.row().await.client_name, "My App");
    }

    async fn a_secret_that_is_rotated_while_a_client_changes_itself_stays(db: Database) {
        let slow = Slow::new().await;
        let house = slow.house(db).await;
        let client = Registered::new(&house, &json!({})).await;
        let members = members(&client, &slow);
        let (answer, rotated) = tokio::join!(client.replace(&members), async {
            let asked = slow.asked().await;
            let secret = register::rotate_secret(&house.app, &client.row().await).await;
            let rotated = client.row().await;
            slow.answer(asked).await;
            slow.answer(slow.asked().await).await;
            secret.expect("a change").expect("a secret");
            rotated
        });
        answer.ok();
        let row = client.row().await;
        assert_eq!(row.client_secret, rotated.client_secret);
        assert_eq!(row.previous_secret, rotated.previous_secret);
        assert_eq!(row.client_name, "Changed");
    }

    async fn the_operator_does_not_write_what_was_read_before_somebody_elses_change(db: Database) {
        let house = registering(db).await;
        let client = Registered::new(&house, &json!({})).await;
        let read = client.row().await;
        operator(&client, Changes { disabled: Some(true), ..Changes::default() }).await;
        let changes = Changes { name: Some("Other".to_owned()), ..Changes::default() };
        let refused = update::update(&house.app, read.clone(), changes.clone()).await;
        assert!(matches!(refused, Err(RegisterError::Changed)), "{refused:?}");
        let row = client.row().await;
        assert!(row.disabled_at.is_some() && row.client_name == "My App", "{row:?}");
        assert!(register::remove(&house.app, &row).await.expect("removed"));
        let gone = update::update(&house.app, read, changes).await;
        assert!(matches!(gone, Err(RegisterError::Gone)), "{gone:?}");
    }

    async fn sixty_four_changes_at_once_and_one_that_ends_them(db: Database) {
        let house = registering(db).await;
        let client = Registered::new(&house, &json!({})).await;
        let calls = (0..64).map(|number| {
            let members = usual(&json!({ "client_id": client.id(), "client_name": format!("N{number}") }));
            client
                .at_home(poem::http::Method::PUT)
                .bearer(&client.token())
                .body("application/json", members.to_string())
        });
        let end = async {
            loop {
                let changes = Changes { disabled: Some(true), ..Changes::default() };
                match update::update(&house.app, client.row().await, changes).await {
                    Err(RegisterError::Changed) => {}
                    done => break done.expect("a change"),
                }
            }
        };
        let (answers, ended) = tokio::join!(at_once(calls.collect()), end);
        let won = answers.iter().filter(|answer| answer.status == 200).count();
        for answer in answers.iter().filter(|answer| answer.status != 200) {
            assert!([400, 401].contains(&answer.status), "{}", answer.told());
        }
        // Nothing was written after it, and each change has a time of its own.
        assert_eq!(client.row().await, ended.client);
        assert_eq!(events(&house, EventKind::ClientChanged).await, 1 + won + 1);
    }
}
