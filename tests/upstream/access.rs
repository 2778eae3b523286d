//! A provider's access token, for the person whose account it is and for nobody else; a new one when it
//! has ended.

use chrono::TimeDelta;
use doorward::paths;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::world::{World, grace};
use crate::{
    api::front::Front,
    support::{answer::Answer, database::both, house::House},
};

/// A browser in which somebody has come by `corp`.
async fn came<'a>(world: &'a World, claims: &Value) -> Front<'a> {
    let mut browser = world.house.browser();
    world
        .come(&mut browser, "corp", claims)
        .await
        .sent_to(paths::ACCOUNT);
    let mut front = Front::new(&world.house);
    front.jar = browser.jar.clone();
    front
}

fn asks() -> Value {
    json!({ "providerId": "corp" })
}

async fn ask(front: &mut Front<'_>) -> Answer {
    front.post("/get-access-token", asks()).await
}

/// A second browser of the same person.
fn again<'a>(house: &'a House, front: &Front<'_>) -> Front<'a> {
    let mut other = Front::new(house);
    other.jar = front.jar.clone();
    other
}

both! {
    async fn the_owner_has_it_and_nobody_else(db: Database) {
        let world = World::new(db).await;
        let mut grace_in = came(&world, &grace()).await;
        let told = ask(&mut grace_in).await.ok();
        assert!(told["accessToken"].as_str().is_some_and(|token| token.len() > 10), "{told}");
        assert!(told["idToken"].as_str().is_some_and(|token| token.split('.').count() == 3));
        assert!(told["accessTokenExpiresAt"].as_str().is_some_and(|at| at.ends_with('Z')));
        assert_eq!(told["scopes"][0], "openid");
        assert!(told.get("refreshToken").is_none());
        let [way] = &world.linked().await[..] else { panic!("one way in") };
        // The body of 1.7 clients names the row, and what older ones add about a user counts for nothing.
        let by_row = json!({ "accountId": way.id });
        assert_eq!(grace_in.post("/get-access-token", by_row.clone()).await.ok(), told);
        let claims = json!({ "sub": "another", "email": "lin@example.com" });
        let mut lin_in = came(&world, &claims).await;
        lin_in.post("/get-access-token", by_row).await.refused(400, "ACCOUNT_NOT_FOUND");
        let named = json!({ "providerId": "corp", "accountId": "999", "userId": way.user_id });
        lin_in.post("/get-access-token", named).await.refused(400, "ACCOUNT_NOT_FOUND");
        let other = ask(&mut lin_in).await.ok();
        assert_ne!(other["accessToken"], told["accessToken"]);
    }

    async fn one_that_has_ended_is_renewed_and_kept(db: Database) {
        let world = World::new(db).await;
        let mut front = came(&world, &grace()).await;
        let first = ask(&mut front).await.ok();
        assert_eq!(ask(&mut front).await.ok(), first);
        world.house.turn(TimeDelta::seconds(3596));
        let second = ask(&mut front).await.ok();
        assert_ne!(second["accessToken"], first["accessToken"]);
        // What the answer does not repeat is as it was.
        assert_eq!(second["scopes"], first["scopes"]);
        assert_eq!(second["idToken"], first["idToken"]);
        assert_eq!(ask(&mut front).await.ok(), second);
        let asked = world.corp.heard("/token");
        let renewals = asked.iter().filter(|heard| heard.body.contains("grant_type=refresh_token"));
        assert_eq!(renewals.count(), 1);
    }

    async fn of_many_who_ask_at_once_each_has_one_that_works(db: Database) {
        let world = World::new(db).await;
        let front = came(&world, &grace()).await;
        world.house.turn(TimeDelta::hours(2));
        let all = (0..8).map(|_| {
            let mut own = again(&world.house, &front);
            async move { ask(&mut own).await }
        });
        let answers = join_all(all).await;
        let good: Vec<Value> = answers.iter().filter(|answer| answer.status == 200).map(Answer::json).collect();
        assert!(!good.is_empty());
        // Whoever came too late for the refresh token was told so, or got the new one.
        let newest = ask(&mut again(&world.house, &front)).await.ok();
        for told in &good {
            assert_eq!(told["accessToken"], newest["accessToken"]);
        }
        for answer in answers.iter().filter(|answer| answer.status != 200) {
            answer.refused(400, "FAILED_TO_GET_ACCESS_TOKEN");
        }
    }

    async fn a_provider_that_gives_no_other_leaves_what_is_there(db: Database) {
        let world = World::new(db).await;
        let mut front = came(&world, &grace()).await;
        let before = world.linked().await;
        world.house.turn(TimeDelta::hours(2));
        for answer in [
            "HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 3\r\n\r\n<p>",
            "HTTP/1.1 400 No\r\ncontent-type: application/json\r\ncontent-length: 25\r\n\r\n{\"error\":\"invalid_grant\"}",
        ] {
            world.corp.say("/token", answer);
            ask(&mut front).await.refused(400, "FAILED_TO_GET_ACCESS_TOKEN");
            assert_eq!(world.linked().await, before);
        }
        world.corp.recover("/token");
        ask(&mut front).await.is(200);
    }

    async fn github_whose_tokens_do_not_end_is_asked_once(db: Database) {
        let world = World::new(db).await;
        let lin = json!([{ "email": "lin@example.com", "primary": true, "verified": true }]);
        world.github.emails(lin);
        let mut browser = world.house.browser();
        world.come(&mut browser, "github", &json!({})).await.sent_to(paths::ACCOUNT);
        let mut front = Front::new(&world.house);
        front.jar = browser.jar.clone();
        world.house.turn(TimeDelta::minutes(30));
        let told = front.post("/get-access-token", json!({ "providerId": "github" })).await.ok();
        assert!(told["accessToken"].as_str().is_some_and(|token| token.starts_with("gho_")));
        assert!(told.get("accessTokenExpiresAt").is_none() && told.get("idToken").is_none());
        assert_eq!(told["scopes"], json!(["read:user", "user:email"]));
        // The way in by password has none.
        let mut own = Front::signed_in(&world.house).await;
        let named = json!({ "providerId": "credential" });
        own.post("/get-access-token", named).await.refused(400, "ACCOUNT_NOT_FOUND");
    }
}
