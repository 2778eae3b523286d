//! Ways in and what guards them (LK-7 … LK-9, LK-11, LK-12, LK-15, LK-17).

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use doorward::{app::App, config::Config, http, paths};
use entity::{
    session,
    value::{EventKind, LetterKind},
};
use poem::{Endpoint, EndpointExt, Request, Response, endpoint::BoxEndpoint};
use sea_orm::EntityTrait;
use serde_json::json;
use tokio::sync::OnceCell;

use super::world::{World, grace, is_in};
use crate::{
    pages::world::{GRACE, run, signed_in, signed_up, user},
    support::database::{Database, both},
};

both! {
    async fn lk_7_a_subject_is_one_of_its_provider_and_its_issuer(db: Database) {
        let world = World::new(db).await;
        let mut browser = world.house.browser();
        world.come(&mut browser, "google", &json!({})).await.sent_to(paths::ACCOUNT);
        // The same subject elsewhere is somebody else.
        let same = json!({ "email": "other@example.com" });
        let mut other = world.house.browser();
        world.come(&mut other, "corp", &same).await.sent_to(paths::ACCOUNT);
        assert_eq!(world.users().await.len(), 2);
        // So is the same subject of the same name, once another issuer stands behind it.
        run(&world.house, "UPDATE account SET issuer = 'https://before.example' WHERE provider = 'corp'").await;
        let mut again = world.house.browser();
        world.come(&mut again, "corp", &same).await.sent_to(paths::LOGIN);
        again.follow().await.shown(200, "was set up anew");
        assert!(!is_in(&mut again).await);
        // Nobody who comes chooses the issuer.
        again.get("/upstream/unknown/callback?code=x&state=y&iss=https://evil.example").await
            .shown(404, "There is no such page");
        again.get("/upstream/unknown").await.shown(404, "There is no such page");
    }

    async fn lk_17_nobody_locks_themselves_out(db: Database) {
        let world = World::new(db).await;
        let house = &world.house;
        let mut browser = house.browser();
        world.come(&mut browser, "google", &json!({})).await.sent_to(paths::ACCOUNT);
        browser.get(paths::ACCOUNT_LINKED).await.shown(200, "no password");
        browser.submit("#unlink-1", &[]).await.shown(422, "the last way in");
        assert_eq!(world.linked().await.len(), 1);
        world.link(&mut browser, "github", &json!({})).await.sent_to(paths::ACCOUNT_LINKED);
        let before = session::Entity::find().all(&house.app.db.read).await.expect("sessions").len();
        browser.follow().await;
        browser.submit("#unlink-1", &[]).await.sent_to(paths::ACCOUNT_LINKED);
        browser.follow().await.shown(200, "not linked any more");
        let [way] = &world.linked().await[..] else { panic!("one way in") };
        assert_eq!(way.provider, "github");
        assert_eq!(world.events(EventKind::ProviderUnlinked).await, 1);
        let [(to, letter)] = &world.letters(LetterKind::ProviderUnlinked).await[..] else {
            panic!("one letter")
        };
        assert!(to == "ada@example.com" && letter.text.contains("Google"));
        let after = session::Entity::find().all(&house.app.db.read).await.expect("sessions").len();
        assert_eq!(before, after, "nothing ends without a word");
        browser.submit("#unlink-1", &[]).await.shown(422, "the last way in");
        // Somebody with a password has one more.
        let mut grace_in = signed_up(house, GRACE).await;
        world.link(&mut grace_in, "corp", &grace()).await.sent_to(paths::ACCOUNT_LINKED);
        grace_in.follow().await;
        grace_in.submit("#unlink-1", &[]).await.sent_to(paths::ACCOUNT_LINKED);
    }
}

#[tokio::test]
async fn lk_8_what_is_somebody_elses_is_not_given_or_taken() {
    let world = World::new(Database::sqlite().await).await;
    let house = &world.house;
    let mut ada = signed_in(house).await;
    world
        .link(&mut ada, "google", &json!({}))
        .await
        .sent_to(paths::ACCOUNT_LINKED);
    let before = world.linked().await;
    let id = before[0].id.to_string();
    let grace_id = {
        let mut browser = signed_up(house, GRACE).await;
        world
            .link(&mut browser, "corp", &grace())
            .await
            .sent_to(paths::ACCOUNT_LINKED);
        browser.follow().await;
        let form = browser.last().page().form("#unlink-1").pairs();
        let token = form.iter().find(|(name, _)| name == "csrf");
        let (token, id) = (token.expect("a token").1.as_str(), id.as_str());
        for forged in [
            vec![("csrf", token), ("id", id)],
            vec![("csrf", token), ("id", id), ("user_id", "x")],
            vec![("csrf", token), ("id", "x")],
            vec![("csrf", token)],
        ] {
            let answer = browser
                .post_form(paths::ACCOUNT_LINKED_UNLINK, &forged)
                .await;
            answer.sent_to(paths::ACCOUNT_LINKED);
        }
        user(house, GRACE.email).await.id
    };
    let after = world.linked().await;
    assert_eq!(after.len(), 2);
    assert_eq!(
        after.iter().filter(|way| way.user_id == grace_id).count(),
        1
    );
    assert!(after.contains(&before[0]));
    assert_eq!(world.events(EventKind::ProviderUnlinked).await, 0);
}

/// The doors of a house whose operator takes a provider away while it runs.
struct Switch {
    app: App,
    before: BoxEndpoint<'static, Response>,
    off: Arc<AtomicBool>,
    after: OnceCell<BoxEndpoint<'static, Response>>,
}

impl Endpoint for Switch {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        if !self.off.load(Ordering::Relaxed) {
            return self.before.call(request).await;
        }
        let after = self.after.get_or_init(|| async {
            let mut config: Config = self.app.config.clone();
            config.providers.remove("google");
            let app = App::open(config, self.app.db.clone(), self.app.clock.clone()).await;
            http::routes(app.expect("an app")).map_to_response().boxed()
        });
        after.await.call(request).await
    }
}

#[tokio::test]
async fn lk_9_a_provider_that_is_taken_away_lets_nobody_in_any_more() {
    let off = Arc::new(AtomicBool::new(false));
    let switch = Arc::clone(&off);
    let world = World::behind(
        Database::sqlite().await,
        |_| (),
        move |app| Switch {
            before: http::routes(app.clone()).map_to_response().boxed(),
            app,
            off: switch,
            after: OnceCell::new(),
        },
    )
    .await;
    world.house.person().await;
    let (mut browser, mut waiting) = (world.house.browser(), world.house.browser());
    let asked = world.start(&mut browser, "google").await;
    let code = world.google.approve(&world.house, &asked, &grace());
    world
        .come(&mut waiting, "google", &json!({}))
        .await
        .sent_to(paths::UPSTREAM_FINISH);
    let finish = waiting.last().header("Location").to_owned();
    off.store(true, Ordering::Relaxed);
    browser
        .get_from_stranger(&asked.back(&code))
        .await
        .shown(404, "There is no such page");
    waiting.get(&finish).await.shown(400, "cannot go on");
    let page = browser.get(paths::LOGIN).await;
    assert!(!page.body.contains("provider-google"));
    assert_eq!(
        (world.users().await.len(), world.linked().await.len()),
        (1, 0)
    );
    assert!(!is_in(&mut browser).await);
}

#[tokio::test]
async fn lk_11_a_way_back_is_used_once_and_in_one_browser() {
    let world = World::new(Database::sqlite().await).await;
    let mut browser = signed_in(&world.house).await;
    browser.get(paths::ACCOUNT_LINKED).await;
    let asked = world.press(&mut browser, "github").await;
    let code = world.github.approve(&world.house, &asked, &json!({}));
    let mut other = signed_in(&world.house).await;
    other
        .get_from_stranger(&asked.back(&code))
        .await
        .shown(400, "cannot go on");
    browser
        .get_from_stranger(&asked.back(&code))
        .await
        .sent_to(paths::ACCOUNT_LINKED);
    for _ in 0..2 {
        browser
            .get_from_stranger(&asked.back(&code))
            .await
            .shown(400, "cannot go on");
    }
    assert_eq!(world.linked().await.len(), 1);
    assert_eq!(world.github.heard("/login/oauth/access_token").len(), 1);
}

#[tokio::test]
async fn lk_12_a_provider_says_nothing_about_what_somebody_may_do_here() {
    let world = World::new(Database::sqlite().await).await;
    let mut browser = world.house.browser();
    let claims = json!({
        "role": "admin", "roles": ["admin"], "disabled": true, "phone_number": "+44 1", "scope": "admin",
        "phone_number_verified": true, "id": "00000000-0000-0000-0000-000000000001", "picture": "javascript:x",
        "profile": "http://ada.example/", "gender": "x\u{0}y", "nickname": "x".repeat(300),
    });
    world
        .come(&mut browser, "corp", &claims)
        .await
        .sent_to(paths::ACCOUNT);
    let ada = user(&world.house, "ada@example.com").await;
    assert_eq!(ada.role, entity::value::Role::User);
    assert!(ada.disabled_at.is_none() && ada.image.is_none());
    let profile = &ada.profile;
    assert!(profile.phone_number.is_none() && profile.phone_number_verified.is_none());
    assert!(profile.profile.is_none() && profile.gender.is_none() && profile.nickname.is_none());
}

#[tokio::test]
async fn lk_15_of_a_way_back_four_parameters_are_read() {
    let world = World::new(Database::sqlite().await).await;
    let mut browser = world.house.browser();
    let asked = world.start(&mut browser, "corp").await;
    let code = world.corp.approve(&world.house, &asked, &json!({}));
    let told = asked.back_with(&[
        ("code", &code),
        ("state", &asked.get("state")),
        (
            "user",
            r#"{"name":{"firstName":"Eve"},"email":"eve@evil.example"}"#,
        ),
        ("email", "eve@evil.example"),
        ("id_token", "x.y.z"),
        ("access_token", "eve"),
        ("sub", "eve"),
        ("error_description", "eve"),
        ("flow", "eve"),
    ]);
    browser
        .get_from_stranger(&told)
        .await
        .sent_to(paths::ACCOUNT);
    let [ada] = &world.users().await[..] else {
        panic!("one user")
    };
    assert_eq!(
        (ada.email.as_str(), ada.name.as_deref()),
        ("ada@example.com", Some("Ada Lovelace"))
    );
    // A form is no way back, whoever sends it.
    let mut other = world.house.browser();
    let asked = world.start(&mut other, "corp").await;
    let code = world.corp.approve(&world.house, &asked, &json!({}));
    let form = [
        ("code", code.as_str()),
        ("state", &asked.get("state")),
        ("user", "{}"),
    ];
    let answer = other
        .post_from_stranger("/upstream/corp/callback", &form)
        .await;
    assert_eq!(answer.status, 403, "{}", answer.told());
    let answer = other.post_form("/upstream/corp/callback", &form).await;
    assert_eq!(answer.status, 403, "{}", answer.told());
    assert!(!is_in(&mut other).await);
}
