//! `response_type` and `response_mode`: who may ask for what, and where an error goes
//! (OAuth 2.0 Multiple Response Type Encoding Practices, OpenID Connect Core §3.2, §3.3).

use std::collections::BTreeMap;

use doorward::paths;
use entity::value::{Profile, ResponseType};
use url::{Url, form_urlencoded};

use super::{
    granted::{change_client, client_row, sqlite},
    pushing::{answer, pushed},
};
use crate::support::{answer::Answer, browser::Browser, database::both, house::House, rp::Rp};

/// What an answer says.
pub type Said = BTreeMap<String, String>;

pub const ALL: [ResponseType; 6] = [
    ResponseType::Code,
    ResponseType::IdToken,
    ResponseType::IdTokenToken,
    ResponseType::CodeIdToken,
    ResponseType::CodeToken,
    ResponseType::CodeIdTokenToken,
];

/// A client of the profile `oidc` with these response types.
pub async fn front<'a>(house: &'a House, kinds: &[ResponseType]) -> Rp<'a> {
    Rp::with(house, |new| {
        new.profile = Profile::Oidc;
        new.response_types = kinds.to_vec();
    })
    .await
}

/// Asks with these changes; the person signs in and allows as far as pages are shown.
pub async fn ask<'b>(
    rp: &Rp<'_>,
    browser: &'b mut Browser<'_>,
    changes: &[(&str, Option<&str>)],
) -> &'b Answer {
    let url = rp.authorize_url(changes);
    answer(browser, rp.house, &url).await.last()
}

/// What an answer says, which must be in this place and in no other.
#[track_caller]
pub fn said(rp: &Rp<'_>, answer: &Answer, place: &str) -> Said {
    let pairs: Vec<(String, String)> = if place == "form_post" {
        answer.is(200);
        let form = answer.page().form("#form-post");
        assert_eq!(
            (form.method.as_str(), &form.action),
            ("post", &rp.redirect_uri)
        );
        form.pairs()
    } else {
        let to = answer.is(303).location().expect("a Location");
        let own = Url::parse(&rp.redirect_uri).expect("a redirect URI");
        assert_eq!((to.origin(), to.path()), (own.origin(), own.path()), "{to}");
        let (query, fragment) = (
            to.query().unwrap_or_default(),
            to.fragment().unwrap_or_default(),
        );
        let (full, empty) = match place {
            "query" => (query, fragment),
            _ => (fragment, query),
        };
        assert_eq!(empty, "", "{to}");
        form_urlencoded::parse(full.as_bytes())
            .into_owned()
            .collect()
    };
    let all: Said = pairs.iter().cloned().collect();
    assert_eq!(all.len(), pairs.len(), "a member twice: {pairs:?}");
    assert_eq!(
        all.get("iss"),
        Some(&rp.house.app.config.server.issuer),
        "{pairs:?}"
    );
    all
}

/// The error that an answer is, and nothing with it.
#[track_caller]
pub fn refused(rp: &Rp<'_>, answer: &Answer, place: &str, error: &str) {
    let said = said(rp, answer, place);
    let names: Vec<&str> = said.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["error", "error_description", "iss", "state"],
        "{}",
        answer.told()
    );
    assert_eq!(
        (said["error"].as_str(), &said["state"]),
        (error, &rp.state),
        "{}",
        answer.told()
    );
}

/// `name=value`, or nothing where it is empty.
fn given<'v>(name: &'v str, value: &'v str) -> (&'v str, Option<&'v str>) {
    (name, Some(value).filter(|value| !value.is_empty()))
}

both! {
    async fn words_come_in_any_order(db: Database) {
        let house = House::new(db).await;
        let rp = front(&house, &ALL).await;
        let mut browser = house.browser();
        for (kind, members) in [
            ("id_token token", &["access_token", "id_token"][..]),
            ("token id_token", &["access_token", "id_token"]),
            ("id_token code", &["code", "id_token"]),
            ("token code", &["access_token", "code"]),
            ("token code id_token", &["access_token", "code", "id_token"]),
            ("id_token token code", &["access_token", "code", "id_token"]),
        ] {
            let answer = ask(&rp, &mut browser, &[("response_type", Some(kind))]).await;
            let said = said(&rp, answer, "fragment");
            let given = ["access_token", "code", "id_token"];
            let given: Vec<&str> = given.into_iter().filter(|name| said.contains_key(*name)).collect();
            assert_eq!(given, members, "{kind}");
        }
    }

    async fn what_the_client_may_not_have_is_refused_where_the_answer_would_have_gone(db: Database) {
        let house = House::new(db).await;
        let rp = front(&house, &[ResponseType::Code, ResponseType::CodeIdToken]).await;
        let (other, unknown) = ("unauthorized_client", "unsupported_response_type");
        let before = house.rows().await;
        for (kind, mode, place, error) in [
            ("id_token", "", "fragment", other),
            ("token id_token", "", "fragment", other),
            ("code token", "fragment", "fragment", other),
            ("code id_token token", "query", "fragment", other),
            ("id_token", "form_post", "form_post", other),
            ("token", "", "fragment", unknown),
            ("token", "form_post", "form_post", unknown),
            ("token", "query", "fragment", unknown),
            ("none", "", "query", unknown),
            ("code code", "", "query", unknown),
            ("code none", "", "query", unknown),
            ("CODE", "fragment", "fragment", unknown),
            ("code  id_token", "", "fragment", unknown),
            ("code id_token code", "", "fragment", unknown),
            ("id_token id_token", "form_post", "form_post", unknown),
            ("code,id_token", "", "query", unknown),
            ("", "", "query", "invalid_request"),
            ("", "fragment", "fragment", "invalid_request"),
            ("", "form_post", "form_post", "invalid_request"),
            ("code id_token", "query", "fragment", "invalid_request"),
            ("code id_token", "web_message", "fragment", "invalid_request"),
            ("code", "Form_Post", "query", "invalid_request"),
        ] {
            let changes = [given("response_type", kind), given("response_mode", mode)];
            let mut browser = house.browser();
            let answer = browser.get_from_stranger(&rp.authorize_url(&changes)).await;
            refused(&rp, answer, place, error);
            answer.has("Set-Cookie", str::is_empty);
        }
        assert_eq!(house.rows().await, before);
    }

    async fn other_profiles_never_get_them_whatever_is_in_the_row(db: Database) {
        let house = House::new(db).await;
        for profile in [Profile::Oauth21, Profile::Fapi2] {
            let rp = front(&house, &ALL).await;
            let mut browser = house.browser();
            ask(&rp, &mut browser, &[]).await.code();
            for kind in &ALL[1..] {
                change_client(&house, &rp, |row| row.profile = Profile::Oidc).await;
                let changes = [("response_type", Some(kind.name()))];
                let url = pushed(&house, &rp, &changes).await;
                change_client(&house, &rp, |row| row.profile = profile).await;
                assert!(client_row(&house, &rp).await.response_types.0.contains(kind));
                let answer = browser.get_from_stranger(&url).await;
                refused(&rp, answer, "fragment", "unauthorized_client");
            }
        }
        // Nor does who had begun before.
        let rp = front(&house, &ALL).await;
        let mut browser = house.browser();
        browser.get_from_stranger(&rp.authorize_url(&[("response_type", Some("id_token"))])).await;
        browser.follow().await.shown(200, "Sign in");
        change_client(&house, &rp, |row| row.profile = Profile::Oauth21).await;
        let person = house.person().await;
        let typed = [("email", person.email), ("password", person.password)];
        browser.submit("#login-form", &typed).await;
        browser.follow().await.is(400);
    }
}

#[tokio::test]
async fn no_token_that_must_be_bound_comes_from_here() {
    let house = sqlite().await;
    let rp = front(&house, &ALL).await;
    change_client(&house, &rp, |row| {
        row.metadata.dpop_bound_access_tokens = Some(true)
    })
    .await;
    let mut browser = house.browser();
    for kind in ["id_token token", "code token", "code id_token token"] {
        let url = rp.authorize_url(&[("response_type", Some(kind))]);
        let answer = browser.get_from_stranger(&url).await;
        refused(&rp, answer, "fragment", "unauthorized_client");
    }
    let answer = ask(
        &rp,
        &mut browser,
        &[("response_type", Some("code id_token"))],
    )
    .await;
    assert!(said(&rp, answer, "fragment").contains_key("id_token"));
}

#[tokio::test]
async fn where_an_id_token_comes_from_here_a_nonce_and_openid_are_needed() {
    let house = sqlite().await;
    let rp = front(&house, &ALL).await;
    let mut browser = house.browser();
    for kind in [
        "id_token",
        "id_token token",
        "code id_token",
        "code id_token token",
    ] {
        let kind = ("response_type", Some(kind));
        for (changes, error) in [
            ([kind, ("nonce", None)], "invalid_request"),
            ([kind, ("nonce", Some(""))], "invalid_request"),
            ([kind, ("scope", Some("email"))], "invalid_scope"),
        ] {
            let answer = browser.get_from_stranger(&rp.authorize_url(&changes)).await;
            refused(&rp, answer, "fragment", error);
        }
    }
    let changes = [("response_type", Some("code token")), ("nonce", None)];
    let answer = ask(&rp, &mut browser, &changes).await;
    assert!(said(&rp, answer, "fragment").contains_key("access_token"));
}

/// What pages refuse goes the same way as what is refused at once.
#[tokio::test]
async fn a_person_who_refuses_is_told_of_in_the_right_place() {
    let house = sqlite().await;
    let rp = front(&house, &ALL).await;
    let mut browser = house.browser();
    browser.get(paths::LOGIN).await;
    let person = house.person().await;
    let typed = [("email", person.email), ("password", person.password)];
    browser.submit("#login-form", &typed).await;
    for (kind, mode, place) in [
        ("id_token", "", "fragment"),
        ("code", "fragment", "fragment"),
        ("code", "form_post", "form_post"),
        ("code id_token", "form_post", "form_post"),
    ] {
        let changes = [given("response_type", kind), given("response_mode", mode)];
        let url = rp.authorize_url(&changes);
        let silent = browser
            .get_from_stranger(&format!("{url}&prompt=none"))
            .await;
        refused(&rp, silent, place, "consent_required");
        browser.get_from_stranger(&url).await;
        browser.follow().await;
        let denied = browser.submit("#consent-deny", &[]).await;
        refused(&rp, denied, place, "access_denied");
    }
}
