//! Front ends that sign people in with providers and link them, by the JSON API: to the provider, back
//! to us, and on to the page that they asked for.

use std::mem;

use doorward::paths;
use serde_json::{Value, json};
use url::Url;

use super::{
    standin::Asked,
    world::{World, grace},
};
use crate::{
    api::front::Front,
    support::{
        browser::Browser,
        database::{Database, both},
    },
};

const APP: &str = "https://app.example";

async fn world(db: Database) -> World {
    World::with(db, |config| {
        config.api.trusted_origins = vec![APP.to_owned()].into();
    })
    .await
}

/// Follows the answer of the API to the provider and back, in the browser of the front end; then on, as
/// far as this server leads. Answers where it leads to.
async fn there_and_back(
    world: &World,
    front: &mut Front<'_>,
    (name, answer): (&str, &Value),
    claims: &Value,
) -> Url {
    let url = Url::parse(answer["url"].as_str().expect("a url")).expect("a URL");
    let asked = Asked::of(&url);
    let mut browser = Browser::new(&world.house);
    browser.jar = mem::take(&mut front.jar);
    let back = world.back(&mut browser, name, &asked, claims).await;
    let mut to = back.location().expect("a way on");
    if to.path() == paths::UPSTREAM_ONWARD {
        let last = browser.follow().await;
        to = last.location().unwrap_or_else(|| last.url.clone());
    }
    front.jar = mem::take(&mut browser.jar);
    to
}

fn pages() -> Value {
    json!({
        "provider": "corp",
        "callbackURL": format!("{APP}/in?x=1"),
        "newUserCallbackURL": format!("{APP}/welcome"),
        "errorCallbackURL": format!("{APP}/oh?y=2"),
    })
}

both! {
    async fn a_front_end_gets_people_back_on_the_page_that_it_named(db: Database) {
        let world = world(db).await;
        let mut front = Front::elsewhere(&world.house, APP);
        for page in ["/welcome", "/in?x=1"] {
            let answer = front.post("/sign-in/social", pages()).await;
            let told = answer.ok();
            assert_eq!(told["redirect"], true);
            assert_eq!(answer.header("Location"), told["url"].as_str().expect("a url"));
            let to = there_and_back(&world, &mut front, ("corp", &told), &grace()).await;
            assert_eq!(to.as_str(), format!("{APP}{page}"));
            let session = front.session().await;
            assert_eq!(session["user"]["email"], "grace@example.com");
            assert_eq!(session["user"]["emailVerified"], true);
            front.post("/sign-out", json!({})).await.is(200);
        }
        assert_eq!(world.users().await.len(), 1);
    }

    async fn what_went_wrong_is_told_to_the_page_for_that(db: Database) {
        let world = world(db).await;
        let mut front = Front::elsewhere(&world.house, APP);
        let told = front.post("/sign-in/social", pages()).await.ok();
        let asked = Asked::of(&Url::parse(told["url"].as_str().expect("a url")).expect("a URL"));
        let state = asked.get("state");
        let mut browser = Browser::new(&world.house);
        browser.jar = mem::take(&mut front.jar);
        let cancelled = asked.back_with(&[("error", "access_denied"), ("state", &state)]);
        let to = browser.get_from_stranger(&cancelled).await.location().expect("a way on");
        assert_eq!(to.as_str(), format!("{APP}/oh?y=2&error=access_denied"));
        // Without such a page, ours says it, and leads on to the front end in another way.
        front.jar = mem::take(&mut browser.jar);
        let sent = json!({ "provider": "corp", "callbackURL": format!("{APP}/in") });
        let told = front.post("/sign-in/social", sent).await.ok();
        let asked = Asked::of(&Url::parse(told["url"].as_str().expect("a url")).expect("a URL"));
        let person = world.house.person().await;
        browser.jar = mem::take(&mut front.jar);
        let state = asked.get("state");
        let cancelled = asked.back_with(&[("error", "access_denied"), ("state", &state)]);
        browser.get_from_stranger(&cancelled).await.sent_to(paths::LOGIN);
        let page = browser.follow().await;
        page.shown(200, "You did not go on at corp");
        page.has("Content-Security-Policy", |policy| policy.contains(APP));
        let typed = [("email", person.email), ("password", person.password)];
        browser.submit("#login-form", &typed).await.sent_to(paths::UPSTREAM_ONWARD);
        let to = browser.follow().await.location().expect("a way on");
        assert_eq!(to.as_str(), format!("{APP}/in"));
    }

    async fn what_is_not_fit_is_refused_before_anybody_is_sent_away(db: Database) {
        let world = world(db).await;
        let mut front = Front::elsewhere(&world.house, APP);
        let sent = |changes: Value| {
            let mut sent = pages();
            let fields = sent.as_object_mut().expect("an object");
            fields.extend(changes.as_object().cloned().expect("an object"));
            sent
        };
        for (changes, status, code) in [
            (json!({ "provider": "nobody" }), 404, "PROVIDER_NOT_FOUND"),
            (json!({ "provider": null }), 400, "VALIDATION_ERROR"),
            (json!({ "idToken": { "token": "x" } }), 404, "ID_TOKEN_NOT_SUPPORTED"),
            (json!({ "callbackURL": "https://evil.example" }), 403, "INVALID_CALLBACK_URL"),
            (json!({ "newUserCallbackURL": "//evil.example" }), 403, "INVALID_NEW_USER_CALLBACK_URL"),
            (json!({ "errorCallbackURL": "/\\evil" }), 403, "INVALID_ERROR_CALLBACK_URL"),
        ] {
            front.post("/sign-in/social", sent(changes)).await.refused(status, code);
        }
        front.post("/link-social", pages()).await.refused(401, "UNAUTHORIZED");
        front.post("/unlink-account", json!({})).await.refused(401, "UNAUTHORIZED");
        front.post("/get-access-token", json!({ "accountId": "x" })).await.refused(401, "UNAUTHORIZED");
        world.corp.say("/.well-known/openid-configuration", "HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n");
        front.post("/sign-in/social", pages()).await.refused(503, "SERVICE_UNAVAILABLE");
        world.nobody_came(0).await;
        // Another browser cannot come back with what this one was given.
        world.corp.recover("/.well-known/openid-configuration");
        world.house.turn(chrono::TimeDelta::minutes(2));
        let told = front.post("/sign-in/social", pages()).await.ok();
        let asked = Asked::of(&Url::parse(told["url"].as_str().expect("a url")).expect("a URL"));
        let mut stranger = world.house.browser();
        world.back(&mut stranger, "corp", &asked, &grace()).await.is(400);
        assert!(world.users().await.is_empty());
    }

    async fn a_person_links_lists_and_unlinks(db: Database) {
        let world = world(db).await;
        let mut front = Front::signed_in(&world.house).await;
        let mut sent = pages();
        sent["callbackURL"] = json!("/settings");
        sent["disableRedirect"] = json!(true);
        let told = front.post("/link-social", sent).await.ok();
        assert_eq!(told["redirect"], false);
        let to = there_and_back(&world, &mut front, ("corp", &told), &grace()).await;
        assert_eq!(to.path(), "/settings");
        let accounts = front.get("/list-accounts").await.ok();
        let row = |provider: &str| {
            let rows = accounts.as_array().expect("a list").iter();
            let mut found = rows.filter(|row| row["providerId"] == provider);
            found.next().cloned().expect("a row")
        };
        let (own, corp) = (row("credential"), row("corp"));
        assert_eq!(corp["accountId"], "999");
        assert_eq!(corp["userId"], own["userId"]);
        assert!(corp["scopes"].as_array().is_some_and(|scopes| !scopes.is_empty()));

        for (named, status, code) in [
            (json!({}), 400, "VALIDATION_ERROR"),
            (json!({ "accountId": "999" }), 400, "ACCOUNT_NOT_FOUND"),
            (json!({ "providerId": "google" }), 400, "ACCOUNT_NOT_FOUND"),
            (json!({ "providerId": "corp", "accountId": "1000" }), 400, "ACCOUNT_NOT_FOUND"),
            (json!({ "accountId": own["id"] }), 400, "ACCOUNT_NOT_FOUND"),
        ] {
            front.post("/unlink-account", named).await.refused(status, code);
        }
        assert_eq!(world.linked().await.len(), 1);
        // As older clients name it.
        let named = json!({ "providerId": "corp", "accountId": "999" });
        front.post("/unlink-account", named).await.is(200);
        assert!(world.linked().await.is_empty());
        for named in [json!({ "accountId": own["id"] }), json!({ "providerId": "credential" })] {
            front.post("/unlink-account", named).await.refused(400, "FAILED_TO_UNLINK_LAST_ACCOUNT");
        }

        world.house.turn(chrono::TimeDelta::hours(1));
        front.post("/link-social", pages()).await.refused(403, "SESSION_NOT_FRESH");
        let named = json!({ "accountId": own["id"] });
        front.post("/unlink-account", named).await.refused(403, "SESSION_NOT_FRESH");
    }

    async fn the_redirect_uri_of_a_better_auth_service_leads_to_ours(db: Database) {
        let world = world(db).await;
        let answer = world.house.get("/api/auth/callback/corp?code=a%2Fb&state=c").await;
        answer.is(302);
        let to = answer.location().expect("a way on");
        assert_eq!((to.path(), to.query()), ("/upstream/corp/callback", Some("code=a%2Fb&state=c")));
        world.house.get("/api/auth/callback/nobody?code=a").await.refused(404, "PROVIDER_NOT_FOUND");
    }
}
