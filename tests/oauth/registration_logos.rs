//! What the pages show of a client: its logo, as a copy of ours, and its links (OpenID Connect Dynamic
//! Client Registration §2). The browser of somebody who signs in asks no stranger for anything.

use chrono::TimeDelta;
use doorward::{
    clients::links::Links,
    clients::update::{self, Changes},
    paths,
};
use entity::client;
use sea_orm::{ActiveModelTrait, Set};
use serde_json::json;

use super::registering::{Registered, registering, registering_with};
use crate::{
    fetch::other::{Other, response},
    support::{
        answer::Answer,
        call::at_once,
        database::{Database, both},
        house::House,
        rp::Rp,
    },
};

/// Bytes that begin as a picture of this kind does.
fn picture(kind: &str) -> Vec<u8> {
    let magic: &[u8] = match kind {
        "image/png" => b"\x89PNG\r\n\x1a\n",
        "image/jpeg" => b"\xff\xd8\xff\xe0",
        "image/gif" => b"GIF89a",
        _ => b"RIFF\x20\0\0\0WEBPVP8 ",
    };
    [magic, b"and so on"].concat()
}

fn answer(kind: &str, body: &[u8]) -> Vec<u8> {
    [response("200 OK", kind, "").as_bytes(), body].concat()
}

/// A house that may call `other`.
async fn beside(other: &Other, db: Database) -> House {
    let origin = other.origin();
    registering_with(db, |config| config.fetch.private_origins = vec![origin]).await
}

async fn with_logo<'a>(house: &'a House, other: &Other) -> Registered<'a> {
    let logo = format!("{}/logo.png", other.origin());
    let client = Registered::new(house, &json!({ "logo_uri": logo })).await;
    adopt(&client).await;
    client
}

/// Makes the client one that the operator added: of others nothing is shown that is on loopback.
async fn adopt(client: &Registered<'_>) {
    let row = client::ActiveModel {
        id: Set(client.row().await.id),
        dynamic: Set(false),
        ..Default::default()
    };
    row.update(&client.house.app.db.write)
        .await
        .expect("a change");
}

async fn logo_of(house: &House, client: &Registered<'_>) -> Answer {
    house
        .get(&format!("{}/{}", paths::CLIENT_LOGO, client.id()))
        .await
}

/// The forms that a person sees on the way to a client: signing in, signing up, consent.
async fn forms_on_the_way(house: &House, rp: &Rp<'_>) -> [String; 3] {
    let mut browser = house.browser();
    browser.get_from_stranger(&rp.authorize_url(&[])).await;
    let login = browser.follow().await.clone();
    assert_eq!(login.url.path(), paths::LOGIN);
    let register = login
        .url
        .as_str()
        .replacen(paths::LOGIN, paths::REGISTER, 1);
    let register = browser.get(&register).await.body.clone();
    browser.get(login.url.as_str()).await;
    let person = house.person().await;
    let typed = [("email", person.email), ("password", person.password)];
    browser.submit("#login-form", &typed).await;
    let consent = browser.follow().await;
    assert_eq!(consent.url.path(), paths::CONSENT);
    [
        form(&login.body, "login-form"),
        form(&register, "register-form"),
        form(&consent.body, "consent-form"),
    ]
}

/// A form as it is written on its page.
fn form(page: &str, id: &str) -> String {
    let begin = page.find(&format!("<form id=\"{id}\"")).expect("the form");
    let end = page[begin..].find("</form>").expect("its end");
    page[begin..begin + end].replace("&#x2f;", "/")
}

both! {
    async fn oidcc_registration_logo_policy_and_tos_uri(db: Database) {
        let other = Other::saying(answer("image/png", &picture("image/png"))).await;
        let house = beside(&other, db).await;
        let links = json!({
            "logo_uri": format!("{}/logo.png", other.origin()),
            "policy_uri": "https://app.example/policy",
            "tos_uri": "https://app.example/terms",
        });
        let client = Registered::new(&house, &links).await;
        adopt(&client).await;
        assert_eq!(other.heard().len(), 0);
        for form in forms_on_the_way(&house, &client.rp()).await {
            let src = format!("src=\"{}/{}?v=", paths::CLIENT_LOGO, client.id());
            for part in [
                "<img ",
                &src,
                "alt=\"Logo of My App\"",
                "href=\"https://app.example/policy\"",
                "href=\"https://app.example/terms\"",
            ] {
                assert!(form.contains(part), "no {part}: {form}");
            }
            assert!(!form.contains(&other.origin()), "{form}");
        }
        // A page alone makes nobody fetch anything.
        assert_eq!(other.heard().len(), 0);
        let logo = logo_of(&house, &client).await;
        logo.is(200).has("Content-Type", |kind| kind == "image/png");
        assert!(logo.body.ends_with("and so on"), "{:?}", logo.body);
        assert_eq!(other.heard().len(), 1);
    }

    async fn a_logo_is_fetched_once_and_again_when_it_is_another(db: Database) {
        let other = Other::saying(answer("image/gif", &picture("image/gif"))).await;
        let house = beside(&other, db).await;
        let client = with_logo(&house, &other).await;
        let path = format!("{}/{}", paths::CLIENT_LOGO, client.id());
        at_once((0..16).map(|_| house.get(&path)).collect()).await;
        logo_of(&house, &client).await.is(200).has("Content-Type", |kind| kind == "image/gif");
        assert_eq!(other.heard().len(), 1);
        house.turn(TimeDelta::days(3));
        let kept = logo_of(&house, &client).await;
        kept.has("Cache-Control", |rule| rule.contains("max-age"));
        assert_eq!(other.heard().len(), 1);
        let tag = kept.header("ETag").to_owned();
        let again = house.get(&path).header("If-None-Match", &tag).await;
        again.is(304);

        other.say(answer("image/webp", &picture("image/webp")));
        let links = Links {
            logo_uri: Some(format!("{}/other", other.origin())),
            ..Links::default()
        };
        let changes = Changes { links, ..Changes::default() };
        update::update(&house.app, client.row().await, changes).await.expect("a change");
        logo_of(&house, &client).await.has("Content-Type", |kind| kind == "image/webp");
        let heard = other.heard();
        assert_eq!(heard.len(), 2);
        assert!(heard[1].starts_with("GET /other "), "{heard:?}");
    }

    async fn xs_2_nothing_but_a_picture_is_shown(db: Database) {
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
        let big = [picture("image/png"), vec![0; 100 * 1024]].concat();
        let other = Other::saying("").await;
        let house = beside(&other, db).await;
        for (kind, body) in [
            ("image/svg+xml", &svg[..]),
            ("image/png", &svg[..]),
            ("text/html", b"<!DOCTYPE html><script>alert(1)</script>"),
            ("image/png", b"<!DOCTYPE html><script>alert(1)</script>"),
            ("image/bmp", b"BM...."),
            ("image/png", b""),
            ("image/png", &big),
        ] {
            other.say(answer(kind, body));
            let asked = other.heard().len();
            let client = with_logo(&house, &other).await;
            let shown = logo_of(&house, &client).await;
            // Our own neutral picture, and nobody is asked again at once.
            shown.is(200).has("Content-Type", |kind| kind == "image/svg+xml");
            assert!(!shown.body.contains("script"), "{kind}: {}", shown.body);
            sandboxed(&shown);
            logo_of(&house, &client).await.is(200);
            assert_eq!(other.heard().len(), asked + 1, "{kind}");
        }
    }

    async fn xs_2_a_picture_that_is_also_a_page_is_shown_as_a_picture_only(db: Database) {
        let both = [picture("image/png"), b"<script>alert(1)</script>".to_vec()].concat();
        let other = Other::saying(answer("text/html", &both)).await;
        let house = beside(&other, db).await;
        let client = with_logo(&house, &other).await;
        let shown = logo_of(&house, &client).await;
        shown.is(200).has("Content-Type", |kind| kind == "image/png");
        sandboxed(&shown);
        assert_eq!(shown.header("Set-Cookie"), "");
    }

    async fn a_logo_that_failed_is_tried_again_after_a_while(db: Database) {
        let other = Other::saying(response("500 No", "text/plain", "no")).await;
        let house = beside(&other, db).await;
        let client = with_logo(&house, &other).await;
        logo_of(&house, &client).await.has("Content-Type", |kind| kind == "image/svg+xml");
        other.say(answer("image/jpeg", &picture("image/jpeg")));
        house.turn(TimeDelta::minutes(9));
        logo_of(&house, &client).await.has("Content-Type", |kind| kind == "image/svg+xml");
        house.turn(TimeDelta::minutes(2));
        logo_of(&house, &client).await.has("Content-Type", |kind| kind == "image/jpeg");
        assert_eq!(other.heard().len(), 2);
    }

    async fn ss_1_a_logo_on_a_private_address_is_not_fetched_and_breaks_no_page(db: Database) {
        let other = Other::saying(answer("image/png", &picture("image/png"))).await;
        let house = registering(db).await;
        let client = with_logo(&house, &other).await;
        forms_on_the_way(&house, &client.rp()).await;
        let shown = logo_of(&house, &client).await;
        shown.is(200).has("Content-Type", |kind| kind == "image/svg+xml");
        assert_eq!(other.heard(), [""; 0]);
    }

    async fn ss_1_a_logo_of_a_client_that_registered_itself_is_public_or_not_fetched(db: Database) {
        let other = Other::saying(answer("image/png", &picture("image/png"))).await;
        let house = beside(&other, db).await;
        let picture_of = async |client: &Registered<'_>| {
            let shown = logo_of(&house, client).await;
            shown.is(200).has("Content-Type", |kind| kind == "image/svg+xml");
        };
        let logo = format!("{}/logo.png", other.origin());
        let client = Registered::new(&house, &json!({ "logo_uri": logo })).await;
        picture_of(&client).await;
        assert_eq!(other.heard(), [""; 0]);
        // Not what is ours either, for whomever.
        let own = house.url(&format!("{}/{}", paths::CLIENT_LOGO, client.id()));
        let second = Registered::new(&house, &json!({ "logo_uri": own.as_str() })).await;
        adopt(&second).await;
        picture_of(&second).await;
    }

    async fn there_is_no_logo_where_none_was_named(db: Database) {
        let house = registering(db).await;
        let client = Registered::new(&house, &json!({})).await;
        logo_of(&house, &client).await.is(404);
        house.get(&format!("{}/nobody", paths::CLIENT_LOGO)).await.is(404);
        for form in forms_on_the_way(&house, &client.rp()).await {
            assert!(!form.contains("<img"), "{form}");
        }
    }

    async fn no_page_of_a_flow_may_load_a_picture_of_a_stranger(db: Database) {
        let house = registering(db).await;
        let client = Registered::new(&house, &json!({ "logo_uri": "https://app.example/x" })).await;
        let mut browser = house.browser();
        browser.get_from_stranger(&client.rp().authorize_url(&[])).await;
        let page = browser.follow().await;
        page.has("Content-Security-Policy", |policy| policy.contains("img-src 'self' data:;"));
    }
}

/// Whoever opens it as a document has one that can do nothing.
#[track_caller]
fn sandboxed(answer: &Answer) {
    answer.has("Content-Security-Policy", |policy| {
        policy.starts_with("sandbox; default-src 'none'")
    });
    answer.has("X-Content-Type-Options", |rule| rule == "nosniff");
    answer.has("Content-Disposition", |rule| rule == "attachment");
}
