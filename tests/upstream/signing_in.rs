//! Signing in with a provider: the whole way, and back to the application that somebody came from.

use doorward::paths;
use entity::value::{AccountType, EventKind, LetterKind};
use serde_json::json;

use super::{
    standin::{CLIENT_ID, SECRET},
    world::{World, grace, is_in},
};
use crate::support::{
    database::{Database, both},
    rp::Rp,
};

both! {
    async fn whoever_comes_first_gets_an_account_and_comes_back_to_it(db: Database) {
        let world = World::new(db).await;
        let first = json!([{ "email": "lin@example.com", "primary": true, "verified": true }]);
        world.github.emails(first);
        let people = [
            ("google", "ada@example.com", json!({}), "110169484474386276334"),
            ("github", "lin@example.com", json!({}), "583231"),
            ("corp", "grace@example.com", grace(), "999"),
        ];
        for (count, (name, email, claims, subject)) in (1..).zip(people) {
            let mut browser = world.house.browser();
            world.come(&mut browser, name, &claims).await.sent_to(paths::ACCOUNT);
            browser.follow().await.shown(200, email);
            let users = world.users().await;
            let user = users.iter().find(|user| user.email == email).expect("a user");
            assert!(user.email_verified.is_some() && user.password_hash.is_none());
            assert!(user.name.is_some());
            assert!(user.image.as_deref().is_some_and(|image| image.starts_with("https://")));
            let linked = world.linked().await;
            let way = linked.iter().find(|way| way.provider == name).expect("a way in");
            let kind = match name {
                "github" => AccountType::Oauth,
                _ => AccountType::Oidc,
            };
            assert_eq!((way.user_id, way.account_type), (user.id, kind));
            assert_eq!(way.provider_account_id, subject);

            let mut other = world.house.browser();
            world.come(&mut other, name, &claims).await.sent_to(paths::ACCOUNT);
            assert!(is_in(&mut other).await);
            assert_eq!((world.users().await.len(), world.linked().await.len()), (count, count));
            assert_eq!(world.events(EventKind::ProviderLinked).await, count);
            assert_eq!(world.letters(LetterKind::ProviderLinked).await.len(), count);
        }
    }
}

#[tokio::test]
async fn the_application_that_somebody_came_from_notices_nothing() {
    for name in ["google", "github", "corp"] {
        let world = World::new(Database::sqlite().await).await;
        let rp = Rp::confidential(&world.house).await;
        let mut browser = world.house.browser();
        browser.get_from_stranger(&rp.authorize_url(&[])).await;
        browser.follow().await.shown(200, "Sign in");
        let asked = world.press(&mut browser, name).await;
        world
            .back(&mut browser, name, &asked, &json!({}))
            .await
            .sent_to(paths::AUTHORIZE);
        browser.follow().await.shown(200, "Example");
        let code = browser.submit("#consent-approve", &[]).await.clone();
        let code = match code.location() {
            Some(to) if to.path() == paths::AUTHORIZE => browser.follow().await.code(),
            _ => browser.last().code(),
        };
        let tokens = rp.exchange(&code).await.tokens();
        let claims = crate::oauth::jwt::claims(&tokens.id_token.expect("an ID token"));
        assert_eq!(claims["acr"], "urn:doorward:acr:provider");
        assert_eq!(claims.get("amr"), None);
    }
}

#[tokio::test]
async fn what_is_asked_of_a_provider_is_what_it_documents() {
    let world = World::new(Database::sqlite().await).await;
    for name in ["google", "github", "corp"] {
        let mut browser = world.house.browser();
        let asked = world.start(&mut browser, name).await;
        let scope = match name {
            "github" => "read:user user:email",
            _ => "openid email profile",
        };
        assert_eq!(asked.get("scope"), scope);
        let callback = format!("http://localhost:8080/upstream/{name}/callback");
        assert_eq!(asked.get("redirect_uri"), callback);
        assert_eq!(asked.get("code_challenge").len(), 43);
        assert_eq!(asked.get("state").len(), 46);
        assert_eq!(asked.get("nonce").is_empty(), name == "github");
        world
            .back(&mut browser, name, &asked, &json!({}))
            .await
            .is(303);
    }
    // Basic where it is taken, and the form where that is all that is documented.
    let [token] = &world.google.heard("/token")[..] else {
        panic!("one call")
    };
    assert!(token.authorization.starts_with("Basic ") && !token.body.contains("client_secret"));
    let [token] = &world.github.heard("/login/oauth/access_token")[..] else {
        panic!("one call")
    };
    assert!(token.authorization.is_empty() && token.body.contains(CLIENT_ID));
    assert!(!token.head.contains(SECRET));
}
