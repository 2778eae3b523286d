//! Granted: where most tests of a grant begin: a person in a browser who has allowed a client.

use std::collections::BTreeMap;

use doorward::crypto::secret::SecretKind;
use entity::{
    client, event, refresh_token, session, token_family,
    value::{Digest, EventKind},
};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde_json::Value;

use crate::support::{
    answer::Answer, browser::Browser, database::Database, expect::Tokens, house::House, rp::Rp,
};

/// A client, and a browser in which a person has allowed it everything it asks for.
pub struct Granted<'a> {
    pub house: &'a House,
    pub rp: Rp<'a>,
    pub browser: Browser<'a>,
}

impl<'a> Granted<'a> {
    pub async fn confidential(house: &'a House) -> Self {
        Self::to(house, Rp::confidential(house).await).await
    }

    pub async fn public(house: &'a House) -> Self {
        Self::to(house, Rp::public(house).await).await
    }

    pub async fn to(house: &'a House, rp: Rp<'a>) -> Self {
        let mut browser = house.browser();
        rp.sign_in(&mut browser).await;
        Self { house, rp, browser }
    }

    /// One more code; no page is needed for it.
    pub async fn code(&mut self) -> String {
        self.code_for(&[]).await
    }

    /// A code for a request with these changes, for which no page is needed either.
    pub async fn code_for(&mut self, changes: &[(&str, Option<&str>)]) -> String {
        let mut changes = changes.to_vec();
        changes.push(("prompt", Some("none")));
        let url = self.rp.authorize_url(&changes);
        self.browser.get_from_stranger(&url).await.code()
    }

    /// The tokens for one more code.
    pub async fn tokens(&mut self) -> Tokens {
        let code = self.code().await;
        self.rp.exchange(&code).await.tokens()
    }

    /// What the client is told of a token of its own.
    pub async fn introspected(&self, token: &str) -> Answer {
        introspected(&self.rp, token).await
    }

    /// The session of the browser.
    pub async fn session(&self) -> session::Model {
        let cookie = self.browser.jar.value("doorward_session");
        let cookie = cookie.expect("a session cookie");
        let app = &self.house.app;
        let digest = digest(self.house, SecretKind::Session, cookie);
        let live = session::live(&app.db.read, &digest, app.clock.now()).await;
        live.expect("a look-up").expect("a live session").session
    }
}

/// A house of its own on SQLite, for what depends on no database.
pub async fn sqlite() -> House {
    House::new(Database::sqlite().await).await
}

/// What `rp` is told of a token.
pub async fn introspected(rp: &Rp<'_>, token: &str) -> Answer {
    let form = [("token", token)];
    rp.post(doorward::paths::INTROSPECT, &form).await
}

/// Fails unless this is exactly what a token that is no good is told of (RFC 7662 §2.2).
#[track_caller]
pub fn inactive(answer: &Answer) {
    assert_eq!(
        answer.ok(),
        serde_json::json!({ "active": false }),
        "{}",
        answer.told()
    );
}

/// The digest under which a secret is kept.
#[track_caller]
pub fn digest(house: &House, kind: SecretKind, secret: &str) -> Digest {
    let digest = house.app.secrets.digest(kind, secret);
    digest.expect("a secret of that kind")
}

/// The family of a refresh token.
pub async fn family_of(house: &House, refresh_token: &str) -> token_family::Model {
    let digest = digest(house, SecretKind::RefreshToken, refresh_token);
    let found = refresh_token::find(&house.app.db.read, &digest).await;
    found.expect("a look-up").expect("a refresh token").1
}

/// How many links of the token's family could be redeemed.
pub async fn live_links(house: &House, refresh_token: &str) -> u64 {
    let family = family_of(house, refresh_token).await;
    let app = &house.app;
    let links = refresh_token::live_links(&app.db.read, family.id, app.clock.now()).await;
    links.expect("a count")
}

/// How many events of a kind were recorded.
pub async fn events(house: &House, kind: EventKind) -> usize {
    let all = event::Entity::find().all(&house.app.db.read).await;
    let all = all.expect("the events");
    all.iter().filter(|event| event.kind == kind).count()
}

/// The rows of all tables but the event log.
pub async fn rows_but_events(house: &House) -> BTreeMap<String, i64> {
    let mut rows = house.rows().await;
    rows.remove("event");
    rows
}

/// The row of a client.
pub async fn client_row(house: &House, rp: &Rp<'_>) -> client::Model {
    let found = client::by_client_id(&house.app.db.read, &rp.client_id).await;
    found.expect("a look-up").expect("a client")
}

/// Changes a client as no page or command does yet.
pub async fn change_client(house: &House, rp: &Rp<'_>, change: impl FnOnce(&mut client::Model)) {
    let mut row = client_row(house, rp).await;
    change(&mut row);
    let row = row.into_active_model().reset_all();
    row.update(&house.app.db.write).await.expect("a change");
}

/// The names of the members of a JSON object, sorted.
#[track_caller]
pub fn names(json: &Value) -> Vec<&str> {
    let object = json.as_object().expect("a JSON object");
    let mut names: Vec<&str> = object.keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}
