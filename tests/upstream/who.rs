//! LK-16: who somebody is at GitHub and Google, and which of their addresses is theirs.

use doorward::paths;
use serde_json::{Value, json};

use super::world::World;
use crate::support::database::Database;

#[tokio::test]
async fn lk_16_somebody_at_github_is_a_number() {
    let world = World::new(Database::sqlite().await).await;
    let mut browser = world.house.browser();
    world
        .come(&mut browser, "github", &json!({}))
        .await
        .sent_to(paths::ACCOUNT);
    // Another name is the same person, and the same name another one.
    world.github.user(&json!({ "login": "countess" }));
    let mut again = world.house.browser();
    world
        .come(&mut again, "github", &json!({}))
        .await
        .sent_to(paths::ACCOUNT);
    assert_eq!(world.users().await.len(), 1);
    world
        .github
        .user(&json!({ "login": "ada-l", "id": 999_999 }));
    let mut other = world.house.browser();
    world
        .come(&mut other, "github", &json!({}))
        .await
        .sent_to(paths::UPSTREAM_FINISH);
    other
        .follow()
        .await
        .shown(200, "You have an account already");
    assert_eq!(world.linked().await.len(), 1);
    for id in [
        json!(null),
        json!("583231"),
        json!(-1),
        json!(1.5),
        json!({ "null": true }),
    ] {
        world.github.user(&json!({ "id": id }));
        world
            .come(&mut other, "github", &json!({}))
            .await
            .sent_to(paths::LOGIN);
    }
}

#[tokio::test]
async fn lk_16_of_the_addresses_at_github_the_first_counts_if_it_is_proven() {
    let mail = |email: &str, primary: Value, verified: Value| json!({ "email": email, "primary": primary, "verified": verified });
    let (yes, no) = (json!(true), json!(false));
    let noreply = "583231+ada-l@users.noreply.github.com";
    for (emails, known) in [
        (
            json!([mail("ada@example.com", yes.clone(), yes.clone())]),
            true,
        ),
        (
            json!([mail("ada@example.com", no.clone(), yes.clone())]),
            false,
        ),
        (
            json!([mail("ada@example.com", yes.clone(), no.clone())]),
            false,
        ),
        (
            json!([mail("ada@example.com", yes.clone(), json!("true"))]),
            false,
        ),
        (
            json!([mail("ada@example.com", json!(1), yes.clone())]),
            false,
        ),
        (
            json!([
                mail(noreply, yes.clone(), yes.clone()),
                mail("ada@example.com", no, yes)
            ]),
            false,
        ),
        (json!([]), false),
        (json!({ "message": "Not Found" }), false),
    ] {
        let world = World::new(Database::sqlite().await).await;
        world.house.person().await;
        world.github.emails(emails.clone());
        let mut browser = world.house.browser();
        world
            .come(&mut browser, "github", &json!({}))
            .await
            .sent_to(paths::UPSTREAM_FINISH);
        let sentence = match known {
            true => "You have an account already",
            false => "Which address is yours?",
        };
        browser.follow().await.shown(200, sentence);
        assert_eq!(world.linked().await.len(), 0, "{emails}");
    }
}

#[tokio::test]
async fn lk_16_google_is_believed_where_it_can_know_and_lets_in_one_domain_if_set() {
    let world = World::new(Database::sqlite().await).await;
    world.house.person().await;
    for (number, (mut claims, known)) in [
        (json!({}), true),
        (json!({ "hd": null }), false),
        (json!({ "hd": "" }), false),
        (json!({ "hd": 1 }), false),
        (json!({ "hd": null, "email": "Ada@Gmail.com" }), true),
        (
            json!({ "hd": null, "email": "ada@gmail.com.example" }),
            false,
        ),
        (json!({ "hd": null, "email": "ada@notgmail.com" }), false),
        (
            json!({ "hd": null, "email": "ada@gmail.com", "email_verified": false }),
            false,
        ),
    ]
    .into_iter()
    .enumerate()
    {
        // Somebody else each time.
        claims["sub"] = json!(format!("person-{number}"));
        let mut browser = world.house.browser();
        let gmail = claims["email"] == "Ada@Gmail.com";
        let answer = world.come(&mut browser, "google", &claims).await;
        match (known, gmail) {
            (true, true) => {
                answer.sent_to(paths::ACCOUNT);
            }
            (known, _) => {
                answer.sent_to(paths::UPSTREAM_FINISH);
                let sentence = match known {
                    true => "You have an account already",
                    false => "Which address is yours?",
                };
                browser.follow().await.shown(200, sentence);
            }
        }
    }
    let world = World::with(Database::sqlite().await, |config| {
        let mut google = config.providers.get("google").expect("google").1.clone();
        google.hosted_domain = Some("example.com".to_owned());
        config.providers.insert("google", google);
    })
    .await;
    for hd in [
        json!(null),
        json!("other.example"),
        json!("sub.example.com"),
        json!(""),
    ] {
        let mut browser = world.house.browser();
        world
            .come(&mut browser, "google", &json!({ "hd": hd }))
            .await
            .sent_to(paths::LOGIN);
        browser
            .follow()
            .await
            .shown(200, "Only people of one organisation");
        world.nobody_came(0).await;
    }
    let mut browser = world.house.browser();
    let asked = world.start(&mut browser, "google").await;
    assert_eq!(asked.get("hd"), "example.com");
    world
        .back(&mut browser, "google", &asked, &json!({}))
        .await
        .sent_to(paths::ACCOUNT);
}
