//! Pairwise subjects (OpenID Connect Core §8): one person has another name in each sector, the same
//! name wherever that sector is told of them, and nobody can tell that two names are one person's.

use doorward::{clients::register::NewClient, paths};
use entity::value::SubjectType;
use jsonwebtoken::{DecodingKey, Validation, jwk::JwkSet};
use serde_json::Value;

use super::{
    granted::{Granted, change_client, introspected},
    jwt::claims,
};
use crate::support::{browser::Browser, database::both, house::House, rp::Rp};

async fn pairwise<'a>(house: &'a House, redirect_uri: &str) -> Rp<'a> {
    Rp::with(house, |new: &mut NewClient| {
        new.subject_type = SubjectType::Pairwise;
        new.redirect_uris = vec![redirect_uri.to_owned()];
        new.post_logout_redirect_uris = vec!["https://app.example/bye".to_owned()];
    })
    .await
}

/// What a client calls the person, in every place in which it does.
async fn names(house: &House, granted: &mut Granted<'_>) -> Vec<String> {
    let tokens = granted.tokens().await;
    let id_token = tokens.id_token.clone().expect("an ID token");
    let refresh = tokens.refresh_token.clone().expect("a refresh token");
    let own = &granted.rp.client_id;
    let userinfo = house
        .get(paths::USERINFO)
        .bearer(&tokens.access_token)
        .await
        .ok();
    let mut said = vec![
        claims(&id_token),
        claims(&tokens.access_token),
        userinfo,
        introspected(&granted.rp, &tokens.access_token).await.ok(),
        introspected(&granted.rp, &refresh).await.ok(),
    ];
    assert_eq!(said[0]["aud"], own.as_str());
    let again = granted.rp.refresh(&refresh).await.tokens();
    said.push(claims(&again.id_token.expect("an ID token")));
    said.push(claims(&again.access_token));
    let name = |said: &Value| said["sub"].as_str().expect("a sub").to_owned();
    said.iter().map(name).collect()
}

async fn name(house: &House, granted: &mut Granted<'_>) -> String {
    let mut names = names(house, granted).await;
    names.dedup();
    assert_eq!(names.len(), 1, "{names:?}");
    names.remove(0)
}

both! {
    async fn one_sector_has_one_name_and_another_has_another(db: Database) {
        let house = House::new(db).await;
        let mut public = Granted::confidential(&house).await;
        let subject = name(&house, &mut public).await;
        let mut all = vec![subject.clone()];
        for redirect_uri in ["https://one.example/cb", "https://two.example/cb", "https://one.example.org/cb"] {
            let rp = pairwise(&house, redirect_uri).await;
            let own = name(&house, &mut Granted::to(&house, rp).await).await;
            // OpenID Connect Core §2: at most 255 ASCII characters.
            assert!(own.is_ascii() && own.len() == 43, "{own}");
            all.push(own);
        }
        let mut distinct = all.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), all.len(), "{all:?}");
        // The same host is the same sector, whatever its path and port.
        let rp = pairwise(&house, "https://one.example:8443/other").await;
        assert_eq!(name(&house, &mut Granted::to(&house, rp).await).await, all[1]);
    }

    async fn a_sector_identifier_names_the_sector(db: Database) {
        let house = House::new(db).await;
        let rp = pairwise(&house, "https://one.example/cb").await;
        let first = name(&house, &mut Granted::to(&house, rp).await).await;
        // Its document was read when it was registered; here only the row counts.
        let rp = pairwise(&house, "https://elsewhere.example/cb").await;
        change_client(&house, &rp, |client| {
            let uri = "https://one.example/sector.json".to_owned();
            client.metadata.sector_identifier_uri = Some(uri);
        })
        .await;
        assert_eq!(name(&house, &mut Granted::to(&house, rp).await).await, first);
    }

    async fn a_hint_with_a_pairwise_name_is_understood(db: Database) {
        let house = House::new(db).await;
        let rp = pairwise(&house, "https://app.example/cb").await;
        let mut granted = Granted::to(&house, rp).await;
        let hint = granted.tokens().await.id_token.expect("an ID token");
        granted.code_for(&[("id_token_hint", Some(&hint))]).await;
        let login = granted.rp.authorize_url(&[("id_token_hint", Some(&hint)), ("prompt", Some("login"))]);
        granted.browser.get_from_stranger(&login).await;
        let page = granted.browser.follow().await;
        // The page knows that it is about the person who is signed in.
        page.shown(200, "Confirm it is you");
        let person = house.person().await;
        granted.browser.submit("#login-form", &[("password", person.password)]).await;
        granted.browser.follow().await.code();
    }

    async fn a_hint_about_somebody_else_is_not_met(db: Database) {
        let house = House::new(db).await;
        let rp = pairwise(&house, "https://app.example/cb").await;
        let mut granted = Granted::to(&house, rp).await;
        let hint = granted.tokens().await.id_token.expect("an ID token");
        let mut browser = signed_up(&house, "grace@example.com").await;
        let asked = [("id_token_hint", Some(hint.as_str())), ("prompt", Some("none"))];
        let url = granted.rp.authorize_url(&asked);
        browser.get_from_stranger(&url).await.answered("login_required");
        // A name of one sector is nobody in another.
        let other = pairwise(&house, "https://two.example/cb").await;
        let mut elsewhere = Granted::to(&house, other).await;
        let url = elsewhere.rp.authorize_url(&asked);
        elsewhere.browser.get_from_stranger(&url).await.answered("login_required");
    }

    async fn a_name_that_is_not_the_clients_own_tells_it_nothing(db: Database) {
        let house = House::new(db).await;
        let mut public = Granted::confidential(&house).await;
        let theirs = public.tokens().await.id_token.expect("an ID token");
        let global = claims(&theirs)["sub"].as_str().expect("a sub").to_owned();
        let rp = pairwise(&house, "https://app.example/cb").await;
        let mut granted = Granted::to(&house, rp).await;
        let hint = granted.tokens().await.id_token.expect("an ID token");
        let own = claims(&hint)["sub"].as_str().expect("a sub").to_owned();
        let wish = |sub: &str| serde_json::json!({ "id_token": { "sub": { "value": sub } } }).to_string();
        let (by_global, by_own) = (wish(&global), wish(&own));
        let mut grace = signed_up(&house, "grace@example.com").await;
        // Whoever is signed in: the answer is the same.
        for asked in [("id_token_hint", theirs.as_str()), ("claims", &by_global)] {
            let silent = [(asked.0, Some(asked.1)), ("prompt", Some("none"))];
            let url = granted.rp.authorize_url(&silent);
            for browser in [&mut granted.browser, &mut grace] {
                browser.get_from_stranger(&url).await.answered("login_required");
            }
            let url = granted.rp.authorize_url(&[(asked.0, Some(asked.1))]);
            for browser in [&mut granted.browser, &mut grace] {
                browser.get_from_stranger(&url).await;
                let page = browser.follow().await.page().text;
                assert!(!page.contains("Confirm it is you"), "{page}");
            }
        }
        for asked in [("id_token_hint", hint.as_str()), ("claims", &by_own)] {
            granted.code_for(&[(asked.0, Some(asked.1))]).await;
            // Nor is it the name by which another client knows anybody.
            let silent = [(asked.0, Some(asked.1)), ("prompt", Some("none"))];
            let url = public.rp.authorize_url(&silent);
            public.browser.get_from_stranger(&url).await.answered("login_required");
        }
        // Between clients that know everybody by the same name a hint is a hint.
        let mut other = Granted::public(&house).await;
        other.code_for(&[("id_token_hint", Some(&theirs))]).await;
        other.code_for(&[("claims", Some(&by_global))]).await;
    }

    async fn a_pairwise_hint_signs_its_person_out(db: Database) {
        let house = House::new(db).await;
        let rp = pairwise(&house, "https://app.example/cb").await;
        let mut granted = Granted::to(&house, rp).await;
        let hint = granted.tokens().await.id_token.expect("an ID token");
        let mut url = house.url(paths::END_SESSION);
        url.query_pairs_mut()
            .append_pair("id_token_hint", &hint)
            .append_pair("post_logout_redirect_uri", "https://app.example/bye");
        granted.browser.get_from_stranger(url.as_str()).await;
        let silent = granted.rp.authorize_url(&[("prompt", Some("none"))]);
        granted.browser.get_from_stranger(&silent).await.answered("login_required");
    }

    async fn signed_userinfo_names_the_person_as_the_id_token_does(db: Database) {
        let house = House::new(db).await;
        let rp = pairwise(&house, "https://app.example/cb").await;
        let mut granted = Granted::to(&house, rp).await;
        for alg in ["RS256", "ES256", "PS256", "EdDSA"] {
            change_client(&house, &granted.rp, |client| {
                client.metadata.userinfo_signed_response_alg = Some(alg.to_owned());
            })
            .await;
            let tokens = granted.tokens().await;
            let id_token = claims(&tokens.id_token.expect("an ID token"));
            for call in [house.get(paths::USERINFO), house.post(paths::USERINFO)] {
                let answer = call.bearer(&tokens.access_token).await;
                answer.is(200).has("Content-Type", |kind| kind == "application/jwt");
                let said = signed(&house, &answer.body, (&granted.rp.client_id, alg)).await;
                assert_eq!(said["iss"], house.app.config.server.issuer.as_str());
                assert_eq!(said["aud"], granted.rp.client_id.as_str());
                assert_eq!(said["sub"], id_token["sub"]);
                assert_eq!(said["email"], "ada@example.com");
                assert_eq!(said.get("nonce"), None);
                let hint = [("id_token_hint", Some(answer.body.as_str()))];
                let url = granted.rp.authorize_url(&hint);
                granted.browser.get_from_stranger(&url).await.answered("invalid_request");
            }
        }
    }
}

/// A browser in which somebody new has signed up.
async fn signed_up<'a>(house: &'a House, email: &str) -> Browser<'a> {
    let mut browser = house.browser();
    browser.get(house.url(paths::REGISTER).as_str()).await;
    let typed = [
        ("email", email),
        ("password", "seven tall ships at dawn"),
        ("name", ""),
    ];
    browser.submit("#register-form", &typed).await;
    assert_eq!(browser.follow().await.url.path(), paths::ACCOUNT);
    browser
}

/// The claims of a JWT that a published key signed with `alg` for `audience`. It says nothing of its
/// type, so that it is nothing in the place of an ID token.
async fn signed(house: &House, token: &str, (audience, alg): (&str, &str)) -> Value {
    let header = jsonwebtoken::decode_header(token).expect("a header");
    assert_eq!(header.typ, None);
    let keys = house.get(paths::JWKS).await.ok();
    let keys: JwkSet = serde_json::from_value(keys).expect("a key set");
    let key = keys
        .find(&header.kid.expect("a kid"))
        .expect("a published key");
    let mut rules = Validation::new(alg.parse().expect("an algorithm"));
    rules.set_audience(&[audience]);
    rules.set_required_spec_claims(&["iss", "sub", "aud"]);
    let key = DecodingKey::from_jwk(key).expect("a public key");
    let read = jsonwebtoken::decode::<Value>(token, &key, &rules);
    read.expect("a token that verifies").claims
}
