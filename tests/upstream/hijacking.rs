//! Accounts that somebody else made first (LK-1 … LK-3): an address opens none of them, and gives
//! nobody one.

use doorward::paths;
use entity::value::LetterKind;
use serde_json::json;

use super::world::{World, is_in};
use crate::{
    pages::world::{signed_up, user},
    support::{
        database::{Database, both},
        house::Person,
    },
};

/// Somebody who signed up with an address that is not theirs.
const MALLORY: Person = Person {
    email: "ada@example.com",
    password: "mallory waits behind the door",
    name: "Ada Lovelace",
};

both! {
    async fn lk_1_an_address_that_nobody_has_proven_is_linked_to_nobody(db: Database) {
        let world = World::new(db).await;
        let mut mallory = signed_up(&world.house, MALLORY).await;
        for name in ["google", "github", "corp"] {
            let mut browser = world.house.browser();
            world.come(&mut browser, name, &json!({})).await.sent_to(paths::LOGIN);
            browser.follow().await.shown(200, "we cannot know that both are yours");
            assert!(!is_in(&mut browser).await);
        }
        assert_eq!((world.users().await.len(), world.linked().await.len()), (1, 0));
        // Neither is whoever made it signed in as somebody whose address it is.
        assert!(is_in(&mut mallory).await);
        assert!(user(&world.house, "ada@example.com").await.email_verified.is_none());
    }
}

#[tokio::test]
async fn lk_2_only_the_word_true_in_the_id_token_vouches_for_an_address() {
    let world = World::new(Database::sqlite().await).await;
    let house = &world.house;
    house.person().await;
    for verified in [
        json!(false),
        json!(null),
        json!("true"),
        json!(1),
        json!({ "null": true }),
        json!([true]),
    ] {
        let mut browser = house.browser();
        let claims = json!({ "email_verified": verified });
        world
            .come(&mut browser, "corp", &claims)
            .await
            .sent_to(paths::UPSTREAM_FINISH);
        browser.follow().await.shown(200, "Which address is yours?");
        assert!(!is_in(&mut browser).await);
    }
    // What is said at userinfo finds nobody.
    let world = World::new(Database::sqlite().await).await;
    let at = format!("{}/userinfo", world.corp.origin);
    world.corp.announce(&json!({ "userinfo_endpoint": at }));
    world.corp.userinfo(json!({
        "sub": "110169484474386276334", "email": "ada@example.com", "email_verified": true,
    }));
    world.house.person().await;
    let thin = json!({ "email": null, "email_verified": null, "name": null });
    let mut browser = world.house.browser();
    world
        .come(&mut browser, "corp", &thin)
        .await
        .sent_to(paths::LOGIN);
    browser
        .follow()
        .await
        .shown(200, "we cannot know that both are yours");
    assert_eq!(world.linked().await.len(), 0);
    // For somebody new it is enough; of somebody else it says nothing.
    world
        .corp
        .userinfo(json!({ "sub": "7", "email": "new@example.com", "email_verified": true }));
    world
        .come(&mut browser, "corp", &thin)
        .await
        .sent_to(paths::LOGIN);
    let seven = json!({ "sub": "7", "email": null, "email_verified": null, "name": null });
    world
        .come(&mut browser, "corp", &seven)
        .await
        .sent_to(paths::ACCOUNT);
    assert!(
        user(&world.house, "new@example.com")
            .await
            .email_verified
            .is_some()
    );
}

#[tokio::test]
async fn lk_3_whoever_was_there_first_gains_nothing_from_who_comes_with_the_address() {
    let world = World::new(Database::sqlite().await).await;
    let house = &world.house;
    // Mallory has the address, a session, and a way in of their own.
    let mut mallory = signed_up(house, MALLORY).await;
    let own = json!({ "sub": "mallory", "email": "mallory@evil.example" });
    world
        .link(&mut mallory, "corp", &own)
        .await
        .sent_to(paths::ACCOUNT_LINKED);
    let mut ada = house.browser();
    for name in ["google", "corp", "github"] {
        world
            .come(&mut ada, name, &json!({}))
            .await
            .sent_to(paths::LOGIN);
        assert!(!is_in(&mut ada).await);
    }
    let linked = world.linked().await;
    assert_eq!(linked.len(), 1);
    assert_eq!(linked[0].provider_account_id, "mallory");
    // Nobody is told at an address that is not proven.
    assert!(world.letters(LetterKind::ProviderLinked).await.is_empty());
    // A provider that proves no addresses leads to none.
    let world = World::with(Database::sqlite().await, |config| {
        for name in ["google", "github", "corp"] {
            let mut provider = config.providers.get(name).expect("a provider").1.clone();
            provider.trust_email = false;
            config.providers.insert(name, provider);
        }
    })
    .await;
    world.house.person().await;
    for name in ["google", "github", "corp"] {
        let mut browser = world.house.browser();
        world
            .come(&mut browser, name, &json!({}))
            .await
            .sent_to(paths::UPSTREAM_FINISH);
        browser.follow().await.shown(200, "Which address is yours?");
    }
}
