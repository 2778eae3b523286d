//! World: a house that knows three providers, and what people do in front of it.

use doorward::{
    app::App,
    config::{Config, Kind},
    http,
    mail::{self, Letter},
    paths,
};
use entity::{
    account, event, outbox, session, upstream_arrival, upstream_flow, user,
    value::{EventKind, LetterKind},
};
use poem::Endpoint;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::standin::{Asked, StandIn};
use crate::support::{answer::Answer, browser::Browser, database::Database, house::House};

/// A house and those who send people to it.
pub struct World {
    pub house: House,
    pub google: StandIn,
    pub github: StandIn,
    /// Any OpenID provider, `corp` by name.
    pub corp: StandIn,
}

impl World {
    pub async fn new(db: Database) -> Self {
        Self::with(db, |_| ()).await
    }

    pub async fn with(db: Database, change: impl FnOnce(&mut Config)) -> Self {
        Self::behind(db, change, http::routes).await
    }

    /// The same behind other doors.
    pub async fn behind<D: Endpoint + 'static>(
        db: Database,
        change: impl FnOnce(&mut Config),
        doors: impl FnOnce(App) -> D,
    ) -> Self {
        let google = StandIn::new(Kind::Google).await;
        let github = StandIn::new(Kind::Github).await;
        let corp = StandIn::new(Kind::Oidc).await;
        let set = |config: &mut Config| {
            let all = [("google", &google), ("github", &github), ("corp", &corp)];
            for (name, provider) in all {
                config.providers.insert(name, provider.settings());
                config.fetch.private_origins.push(provider.origin.clone());
            }
            change(config);
        };
        let house = House::behind(db, set, doors).await;
        Self {
            house,
            google,
            github,
            corp,
        }
    }

    pub fn provider(&self, name: &str) -> &StandIn {
        match name {
            "google" => &self.google,
            "github" => &self.github,
            _ => &self.corp,
        }
    }

    /// Presses the button of a provider on the sign-in page.
    pub async fn start(&self, browser: &mut Browser<'_>, name: &str) -> Asked {
        browser.get(paths::LOGIN).await.shown(200, "Sign in");
        self.press(browser, name).await
    }

    /// Presses the button of a provider on the page that is open.
    pub async fn press(&self, browser: &mut Browser<'_>, name: &str) -> Asked {
        let answer = browser.submit(&format!("#provider-{name}"), &[]).await;
        answer.is(303);
        let to = answer.location().expect("a way to the provider");
        let origin = to.origin().ascii_serialization();
        assert_eq!(origin, self.provider(name).origin, "{}", answer.told());
        Asked::of(&to)
    }

    /// Goes the whole way: to the provider, where somebody with these claims says yes, and back.
    pub async fn come<'b>(
        &self,
        browser: &'b mut Browser<'_>,
        name: &str,
        claims: &Value,
    ) -> &'b Answer {
        let asked = self.start(browser, name).await;
        self.back(browser, name, &asked, claims).await
    }

    /// Comes back from where somebody was sent.
    pub async fn back<'b>(
        &self,
        browser: &'b mut Browser<'_>,
        name: &str,
        asked: &Asked,
        claims: &Value,
    ) -> &'b Answer {
        let code = self.provider(name).approve(&self.house, asked, claims);
        browser.get_from_stranger(&asked.back(&code)).await
    }

    /// Links a provider on the account's page, for whoever is signed in.
    pub async fn link<'b>(
        &self,
        browser: &'b mut Browser<'_>,
        name: &str,
        claims: &Value,
    ) -> &'b Answer {
        browser
            .get(paths::ACCOUNT_LINKED)
            .await
            .shown(200, "Linked accounts");
        let asked = self.press(browser, name).await;
        self.back(browser, name, &asked, claims).await
    }

    /// The accounts elsewhere by which people sign in.
    pub async fn linked(&self) -> Vec<account::Model> {
        let all = account::Entity::find().all(&self.house.app.db.read).await;
        let mut all = all.expect("accounts");
        all.retain(|row| row.provider != account::EMAIL);
        all.sort_by_key(|row| row.id);
        all
    }

    pub async fn users(&self) -> Vec<user::Model> {
        let all = user::Entity::find().all(&self.house.app.db.read).await;
        all.expect("users")
    }

    /// Whether nobody is let in, and nothing but events is left behind.
    pub async fn nobody_came(&self, users: usize) {
        let db = &self.house.app.db.read;
        assert_eq!(self.users().await.len(), users);
        let sessions = session::Entity::find().all(db).await.expect("sessions");
        let flows = upstream_flow::Entity::find().all(db).await.expect("flows");
        let arrivals = upstream_arrival::Entity::find()
            .all(db)
            .await
            .expect("arrivals");
        let left = (
            self.linked().await.len(),
            sessions.len(),
            flows.len(),
            arrivals.len(),
        );
        assert_eq!(left, (0, 0, 0, 0));
    }

    /// How often something was recorded.
    pub async fn events(&self, kind: EventKind) -> usize {
        let all = event::Entity::find().all(&self.house.app.db.read).await;
        all.expect("events")
            .iter()
            .filter(|row| row.kind == kind)
            .count()
    }

    /// The letters of a kind, each with whom it is to.
    pub async fn letters(&self, kind: LetterKind) -> Vec<(String, Letter)> {
        let rows = outbox::newest(&self.house.app.db.read, 100).await;
        let of_kind = rows
            .expect("letters")
            .into_iter()
            .filter(|row| row.kind == kind);
        of_kind
            .map(|row| {
                let letter = mail::open(&self.house.app.sealer, &row);
                (row.recipient, letter.expect("a letter of ours"))
            })
            .collect()
    }
}

/// Somebody else than the one in the documentation.
pub fn grace() -> Value {
    json!({ "sub": "999", "email": "grace@example.com", "name": "Grace Hopper" })
}

/// Whether the browser is signed in.
pub async fn is_in(browser: &mut Browser<'_>) -> bool {
    let answer = browser.get(paths::ACCOUNT).await;
    match answer.status {
        200 => true,
        _ => {
            answer.sent_to(paths::LOGIN);
            false
        }
    }
}
