//! What is kept of somebody who came from a provider, and for how long.

use chrono::TimeDelta;
use doorward::{crypto::seal::Purpose, jobs, paths};
use entity::{account, upstream_arrival, upstream_flow, value::Sealed};
use sea_orm::EntityTrait;
use serde_json::json;

use super::world::World;
use crate::{
    pages::world::{contents, production, signed_in},
    support::database::{Database, both},
};

/// A token of a row, opened.
fn opened(world: &World, row: &account::Model, column: &str, sealed: &Sealed) -> String {
    let place = format!("account|{column}|{}", row.id);
    let sealer = &world.house.app.sealer;
    let bytes = sealer.open(Purpose::ProviderToken, &place, sealed);
    String::from_utf8(bytes.expect("a token of this row")).expect("text")
}

both! {
    async fn tokens_lie_sealed_in_their_row_until_it_goes(db: Database) {
        let world = World::new(db).await;
        let mut browser = signed_in(&world.house).await;
        world.link(&mut browser, "google", &json!({})).await.sent_to(paths::ACCOUNT_LINKED);
        world.link(&mut browser, "github", &json!({})).await.sent_to(paths::ACCOUNT_LINKED);
        let [google, github] = &world.linked().await[..] else { panic!("two ways in") };
        let text = |row: &account::Model, column: &str| {
            let sealed = match column {
                "access_token" => &row.access_token,
                "refresh_token" => &row.refresh_token,
                _ => &row.id_token,
            };
            opened(&world, row, column, sealed.as_ref().expect("a token"))
        };
        let access = text(google, "access_token");
        let refresh = text(google, "refresh_token");
        let id_token = text(google, "id_token");
        assert!(refresh.starts_with("1//") && id_token.split('.').count() == 3);
        let ends = google.expires_at.expect("an end") - world.house.app.clock.now().timestamp();
        assert!((3500..3600).contains(&ends), "{ends}");
        assert_eq!(google.token_type.as_deref(), Some("bearer"));
        assert!(google.scope.as_deref().is_some_and(|scope| scope.starts_with("openid ")));
        assert!(text(github, "access_token").starts_with("gho_"));
        assert!(github.refresh_token.is_none() && github.expires_at.is_none());
        // A row is no place for the tokens of another, and nothing of them is readable anywhere.
        let place = format!("account|access_token|{}", github.id);
        let sealed = google.access_token.as_ref().expect("a token");
        assert!(world.house.app.sealer.open(Purpose::ProviderToken, &place, sealed).is_err());
        let all = contents(&world.house).await;
        for secret in [&access, &refresh, &id_token] {
            assert!(all.values().flatten().all(|row| !row.contains(secret.as_str())));
        }
        browser.follow().await;
        browser.submit("#unlink-1", &[]).await.sent_to(paths::ACCOUNT_LINKED);
        let [left] = &world.linked().await[..] else { panic!("one way in") };
        assert_eq!(left.id, github.id);
    }

    async fn whoever_does_not_come_back_is_forgotten(db: Database) {
        let world = World::new(db).await;
        world.house.person().await;
        let mut browser = world.house.browser();
        world.start(&mut browser, "google").await;
        world.come(&mut browser, "google", &json!({})).await.sent_to(paths::UPSTREAM_FINISH);
        let db = &world.house.app.db.read;
        let left = async || {
            let flows = upstream_flow::Entity::find().all(db).await.expect("flows").len();
            let arrivals = upstream_arrival::Entity::find().all(db).await.expect("arrivals").len();
            (flows, arrivals)
        };
        assert_eq!(left().await, (1, 1));
        for (minutes, expected) in [(9, (1, 1)), (2, (0, 1)), (20, (0, 0))] {
            world.house.turn(TimeDelta::minutes(minutes));
            let now = world.house.app.clock.now();
            jobs::sweep(&world.house.app, now).await.expect("a sweep");
            assert_eq!(left().await, expected);
        }
        browser.follow().await.shown(400, "This sign-in cannot go on");
    }
}

#[tokio::test]
async fn tokens_are_not_kept_where_the_operator_does_not_want_them() {
    let world = World::with(Database::sqlite().await, |config| {
        let mut google = config.providers.get("google").expect("google").1.clone();
        google.keep_tokens = false;
        config.providers.insert("google", google);
    })
    .await;
    let mut browser = world.house.browser();
    world
        .come(&mut browser, "google", &json!({}))
        .await
        .sent_to(paths::ACCOUNT);
    let [way] = &world.linked().await[..] else {
        panic!("one way in")
    };
    assert!(way.access_token.is_none() && way.refresh_token.is_none() && way.id_token.is_none());
    assert!(way.expires_at.is_none() && way.scope.is_none());
}

#[tokio::test]
async fn what_the_operator_asks_for_is_asked_for() {
    let world = World::with(Database::sqlite().await, |config| {
        let mut corp = config.providers.get("corp").expect("corp").1.clone();
        corp.scopes = vec!["groups".to_owned(), "email".to_owned()];
        corp.prompt = Some("consent".to_owned());
        corp.parameters = [("access_type".to_owned(), "offline & more".to_owned())].into();
        corp.claims = [("nickname".to_owned(), "alias".to_owned())].into();
        corp.display_name = Some("Our Corp".to_owned());
        config.providers.insert("corp", corp);
    })
    .await;
    let mut browser = world.house.browser();
    let page = browser.get(paths::LOGIN).await;
    page.shown(200, "Continue with Our Corp");
    let asked = world.press(&mut browser, "corp").await;
    assert_eq!(asked.get("scope"), "openid email profile groups");
    assert_eq!(asked.get("prompt"), "consent");
    assert_eq!(asked.get("access_type"), "offline & more");
    let claims = json!({ "alias": "Countess" });
    let answer = world.back(&mut browser, "corp", &asked, &claims).await;
    answer.sent_to(paths::ACCOUNT);
    let [ada] = &world.users().await[..] else {
        panic!("one user")
    };
    assert_eq!(ada.profile.nickname.as_deref(), Some("Countess"));
}

#[tokio::test]
async fn a_house_without_providers_has_no_trace_of_them() {
    let house = production(Database::sqlite().await).await;
    let mut browser = house.browser();
    let page = browser.get(paths::LOGIN).await;
    assert!(!page.body.contains("provider"));
    page.has("Content-Security-Policy", |policy| {
        policy.contains("form-action 'self';")
    });
    let answer = browser.get("/upstream/google").await;
    answer.shown(404, "There is no such page");
}
