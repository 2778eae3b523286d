//! Metadata: it is true. What discovery lists is accepted, what it does not list is refused, and
//! what it denies is denied (OpenID Connect Discovery 1.0 §3).

use std::collections::BTreeSet;

use doorward::{clients::register::NewClient, paths};
use entity::{
    user,
    value::{Address, GrantType, Profile, ResponseType, StandardClaims},
};
use sea_orm::{ActiveModelTrait, IntoActiveModel, Iterable};
use serde_json::Value;

use super::{
    granted::{Granted, sqlite},
    jwt::claims,
};
use crate::support::{database::Database, house::House, rp::Rp};

/// The words that discovery lists under `name`.
pub(super) async fn listed(house: &House, name: &str) -> Vec<String> {
    let document = house.get(paths::DISCOVERY_OPENID).await.ok();
    let list = document[name].as_array().expect("a list");
    let word = |word: &Value| word.as_str().expect("a word").to_owned();
    list.iter().map(word).collect()
}

/// Gives the person something to say to each claim.
async fn fill_in(house: &House) {
    let email = house.person().await.email;
    let known = user::by_email(&house.app.db.read, email).await;
    let mut person = known.expect("a look-up").expect("a person");
    let some = |text: &str| Some(text.to_owned());
    person.image = some("https://ada.example/me.png");
    person.profile = StandardClaims {
        given_name: some("Ada"),
        family_name: some("Lovelace"),
        middle_name: some("King"),
        nickname: some("Countess"),
        preferred_username: some("ada"),
        profile: some("https://ada.example/"),
        website: some("https://ada.example/engine"),
        gender: some("female"),
        birthdate: some("1815-12-10"),
        zoneinfo: some("Europe/London"),
        locale: some("en-GB"),
        phone_number: some("+44 20 7946 0000"),
        phone_number_verified: Some(true),
        address: Some(Address {
            locality: some("London"),
            ..Address::default()
        }),
    };
    let row = person.into_active_model().reset_all();
    row.update(&house.app.db.write).await.expect("a change");
}

#[tokio::test]
async fn scopes_and_claims_are_those_that_are_given() {
    let house = sqlite().await;
    fill_in(&house).await;
    let scopes = listed(&house, "scopes_supported").await.join(" ");
    let rp = Rp::confidential(&house).await;
    let mut browser = house.browser();
    let all = rp.authorize_url(&[("scope", Some(&scopes))]);
    browser.get_from_stranger(&all).await;
    browser.follow().await;
    let person = house.person().await;
    let typed = [("email", person.email), ("password", person.password)];
    browser.submit("#login-form", &typed).await;
    browser.follow().await;
    let code = browser.submit("#consent-approve", &[]).await.code();
    let tokens = rp.exchange(&code).await.tokens();
    assert_eq!(tokens.scope.as_deref(), Some(scopes.as_str()));

    let userinfo = house
        .get(paths::USERINFO)
        .bearer(&tokens.access_token)
        .await
        .ok();
    let id_token = claims(&tokens.id_token.expect("an ID token"));
    let of = |json: &Value| -> BTreeSet<String> {
        json.as_object().expect("claims").keys().cloned().collect()
    };
    let given: BTreeSet<String> = of(&userinfo).union(&of(&id_token)).cloned().collect();
    let promised = listed(&house, "claims_supported").await;
    for claim in &promised {
        assert!(given.contains(claim), "{claim} is listed and not given");
    }
    let unsaid: Vec<_> = given
        .iter()
        .filter(|claim| !promised.contains(claim))
        .collect();
    // Of the protocol, not of the person.
    assert_eq!(unsaid, ["at_hash", "sid"]);
    let acr = listed(&house, "acr_values_supported").await;
    assert!(
        acr.iter().any(|acr| id_token["acr"] == acr.as_str()),
        "{id_token}"
    );
}

#[tokio::test]
async fn every_person_has_one_subject_for_all_clients() {
    let house = sqlite().await;
    let kinds = listed(&house, "subject_types_supported").await;
    assert_eq!(kinds, ["public", "pairwise"]);
    let mut subjects = BTreeSet::new();
    for _ in 0..2 {
        let tokens = Granted::confidential(&house).await.tokens().await;
        let id_token = claims(&tokens.id_token.expect("an ID token"));
        subjects.insert(id_token["sub"].as_str().expect("a subject").to_owned());
    }
    assert_eq!(subjects.len(), 1);
}

#[tokio::test]
async fn response_types_modes_and_prompts_are_those_that_are_answered() {
    let house = sqlite().await;
    let all = |new: &mut NewClient| {
        new.profile = Profile::Oidc;
        new.response_types = ResponseType::iter().collect();
        new.grant_types = Some(vec![GrantType::AuthorizationCode, GrantType::Implicit]);
    };
    let mut granted = Granted::to(&house, Rp::with(&house, all).await).await;
    for (parameter, list, others) in [
        (
            "response_type",
            "response_types_supported",
            &["token", "none", "code code", "id_token none"][..],
        ),
        (
            "response_mode",
            "response_modes_supported",
            &["query.jwt", "fragment.jwt", "jwt", "web_message"],
        ),
        ("prompt", "prompt_values_supported", &["signup", "None"]),
        (
            "code_challenge_method",
            "code_challenge_methods_supported",
            &["plain", "S512"],
        ),
    ] {
        let supported = listed(&house, list).await;
        for value in &supported {
            let url = granted.rp.authorize_url(&[(parameter, Some(value))]);
            let answer = granted.browser.get_from_stranger(&url).await;
            // A form that goes to the client is an answer too.
            let told = format!("{} {}", answer.header("Location"), answer.body);
            assert!([200, 303].contains(&answer.status), "{}", answer.told());
            assert!(!told.contains("error"), "{parameter}={value}: {told}");
        }
        for value in others {
            assert!(!supported.iter().any(|own| own == value), "{value}");
            let url = granted.rp.authorize_url(&[(parameter, Some(value))]);
            let answer = granted.browser.get_from_stranger(&url).await;
            let to = answer.is(303).location().expect("a Location");
            assert!(to.as_str().contains("error="), "{parameter}={value}: {to}");
        }
    }
}

#[tokio::test]
async fn what_it_says_of_parameters_is_so() {
    let house = House::with(Database::sqlite().await, |config| {
        config.features.request_objects = false;
        config.features.claims_parameter = false;
    });
    let house = house.await;
    let document = house.get(paths::DISCOVERY_OPENID).await.ok();
    let mut granted = Granted::confidential(&house).await;
    for (flag, parameter, error) in [
        (
            "request_parameter_supported",
            "request",
            "request_not_supported",
        ),
        (
            "request_uri_parameter_supported",
            "request_uri",
            "request_uri_not_supported",
        ),
    ] {
        assert_eq!(document[flag], false);
        let url = granted.rp.authorize_url(&[(parameter, Some("x"))]);
        granted
            .browser
            .get_from_stranger(&url)
            .await
            .answered(error);
    }
    // Not supported means ignored (OpenID Connect Core §5.5), and `iss` is in every answer, which
    // the sentences see to.
    assert_eq!(document["claims_parameter_supported"], false);
    assert_eq!(
        document["authorization_response_iss_parameter_supported"],
        true
    );
    let wanted = r#"{"id_token":{"email":{"essential":true}}}"#;
    let code = granted.code_for(&[("claims", Some(wanted))]).await;
    let id_token = granted.rp.exchange(&code).await.tokens().id_token;
    assert!(
        claims(&id_token.expect("an ID token"))
            .get("email")
            .is_none()
    );
}
