//! `/oauth2/userinfo` (OpenID Connect Core §5.3): the claims that the scope bought, for whoever has
//! a token that is good now.

use doorward::{accounts::operate, paths};
use entity::{
    user,
    value::{Address, StandardClaims},
};
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use serde_json::{Value, json};

use super::{
    granted::{Granted, names, sqlite},
    jwt,
};
use crate::support::{
    database::{Database, both},
    house::House,
    rp::Rp,
};

/// Fills in everything that a person can say about themselves.
async fn fill(house: &House) -> user::Model {
    let text = |text: &str| Some(text.to_owned());
    let email = house.person().await.email;
    let found = operate::find(&house.app, email).await.expect("a look-up");
    let mut user = found.expect("the person");
    user.image = text("https://ada.example/ada.png");
    user.profile = StandardClaims {
        given_name: text("Ada"),
        family_name: text("Lovelace"),
        middle_name: text("King"),
        nickname: text("Addie"),
        preferred_username: text("ada"),
        profile: text("https://ada.example/"),
        website: text("https://ada.example/notes"),
        gender: text("female"),
        birthdate: text("1815-12-10"),
        zoneinfo: text("Europe/London"),
        locale: text("en-GB"),
        phone_number: text("+442079460123"),
        phone_number_verified: Some(true),
        address: Some(Address {
            street_address: text("12 St James's Square"),
            locality: text("London"),
            country: text("England"),
            ..Address::default()
        }),
    };
    let row = user.into_active_model().reset_all();
    row.update(&house.app.db.write).await.expect("a change")
}

async fn told(granted: &mut Granted<'_>, scope: &str) -> Value {
    let code = granted.code_for(&[("scope", Some(scope))]).await;
    let tokens = granted.rp.exchange(&code).await.tokens();
    assert_eq!(tokens.scope.as_deref(), Some(scope));
    let call = granted
        .house
        .get(paths::USERINFO)
        .bearer(&tokens.access_token);
    let answer = call.await;
    answer.has("Cache-Control", |rule| rule.contains("no-store"));
    let told = answer.ok();
    assert_eq!(
        told["sub"],
        jwt::claims(&tokens.id_token.expect("an ID token"))["sub"]
    );
    told
}

both! {
    async fn each_scope_buys_its_claims_and_no_others(db: Database) {
        let house = House::new(db).await;
        let user = fill(&house).await;
        let rp = Rp::with(&house, |new| new.trusted = true).await;
        let mut granted = Granted::to(&house, rp).await;
        let profile = "birthdate family_name gender given_name locale middle_name name nickname \
            picture preferred_username profile sub updated_at website zoneinfo";
        for (scope, bought) in [
            ("openid", "sub"),
            ("openid email", "email email_verified sub"),
            ("openid phone", "phone_number phone_number_verified sub"),
            ("openid address", "address sub"),
            ("openid profile", profile),
            ("openid offline_access", "sub"),
        ] {
            let told = told(&mut granted, scope).await;
            assert_eq!(names(&told).join(" "), bought, "{scope}");
        }
        let told = told(&mut granted, "openid profile email address phone").await;
        assert_eq!(names(&told).len(), 20);
        let expected = json!({
            "sub": user.subject,
            "name": "Ada Lovelace",
            "given_name": "Ada",
            "family_name": "Lovelace",
            "middle_name": "King",
            "nickname": "Addie",
            "preferred_username": "ada",
            "profile": "https://ada.example/",
            "picture": "https://ada.example/ada.png",
            "website": "https://ada.example/notes",
            "gender": "female",
            "birthdate": "1815-12-10",
            "zoneinfo": "Europe/London",
            "locale": "en-GB",
            "updated_at": user.updated_at.timestamp(),
            "email": "ada@example.com",
            "email_verified": true,
            "address": {
                "street_address": "12 St James's Square",
                "locality": "London",
                "country": "England",
            },
            "phone_number": "+442079460123",
            "phone_number_verified": true,
        });
        assert_eq!(told, expected);
    }

    async fn what_nobody_has_said_is_left_out(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::with(&house, |new| new.trusted = true).await;
        let mut granted = Granted::to(&house, rp).await;
        let told = told(&mut granted, "openid profile email address phone").await;
        assert_eq!(names(&told), ["email", "email_verified", "name", "sub", "updated_at"]);
    }

    async fn tl_2_ij_8_a_token_comes_in_one_of_three_ways(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let token = granted.tokens().await.access_token;
        let before = house.rows().await;
        let get = || house.get(paths::USERINFO);
        let post = || house.post(paths::USERINFO);
        let form = [("access_token", token.as_str())];
        let expected = get().bearer(&token).await.ok();
        assert_eq!(names(&expected), ["email", "email_verified", "sub"]);
        for call in [
            get().header("Authorization", &format!("bEaReR {token}")),
            get().bearer(&token).header("Accept", "application/jwt, */*;q=0.1"),
            post().bearer(&token),
            post().bearer(&token).form(&[("other", "x")]),
            post().bearer(&token).body("application/json", "{}"),
            post().form(&form),
        ] {
            assert_eq!(call.await.ok(), expected);
        }

        // RFC 6750 §2: not more than one way, and never the query (RFC 9700 §4.3.2).
        let query = format!("{}?access_token={token}", paths::USERINFO);
        for call in [
            house.get(&query),
            house.get(&query).bearer(&token),
            house.post(&query).form(&form),
            get().bearer(&token).bearer(&token),
            post().bearer(&token).form(&form),
            post().form(&[form, form].concat()),
            post().form(&[("access_token", "")]),
            get().header("Authorization", &format!("Basic {token}")),
            get().header("Authorization", &format!("Bearer {token}, Bearer {token}")),
            get().header("Authorization", "Bearer"),
            get().header("Authorization", "Bearer "),
        ] {
            call.await.oauth_error(400, "invalid_request");
        }
        post().form(&[("access_token", "x".repeat(64 * 1024))]).await.is(413);
        let without = post().form(&[("other", "x")]);
        for call in [get(), post(), without, post().body("text/plain", "x")] {
            call.await.bearer_error(401, "");
        }
        assert_eq!(house.rows().await, before);
    }

    async fn what_is_no_access_token_opens_nothing(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let code = granted.code().await;
        let tokens = granted.tokens().await;
        let (signed, signature) = tokens.access_token.rsplit_once('.').expect("a JWS");
        let (header, claims) = signed.split_once('.').expect("a JWS");
        let others = [
            "x",
            "a.b.c",
            &code,
            &tokens.id_token.expect("an ID token"),
            &tokens.refresh_token.expect("a refresh token"),
            granted.rp.client_secret.as_deref().expect("a secret"),
            signed,
            &format!("{signed}."),
            &format!("{header}..{signature}"),
            &format!(".{claims}.{signature}"),
            &format!("{}.x", tokens.access_token),
            &"a".repeat(20_000),
        ]
        .map(str::to_owned);
        let before = house.rows().await;
        for other in others {
            let answer = house.get(paths::USERINFO).bearer(&other).await;
            answer.bearer_error(401, "invalid_token");
        }
        assert_eq!(house.rows().await, before);
    }
}

/// RFC 9068 §4: a token for somebody else's API opens nothing here, and one for a person's claims
/// names us too.
#[tokio::test]
async fn a_token_must_be_meant_for_us() {
    let audience = |config: &mut doorward::config::Config| {
        config.tokens.audience = Some("https://api.example".to_owned());
    };
    let house = House::with(Database::sqlite().await, audience).await;
    let mut granted = Granted::confidential(&house).await;
    let token = granted.tokens().await.access_token;
    let issuer = house.app.config.server.issuer.as_str();
    assert_eq!(
        jwt::claims(&token)["aud"],
        json!(["https://api.example", issuer])
    );
    house.get(paths::USERINFO).bearer(&token).await.ok();

    let form = [("grant_type", "client_credentials")];
    let token = granted.rp.token(&form).await.tokens().access_token;
    assert_eq!(jwt::claims(&token)["aud"], "https://api.example");
    let answer = house.get(paths::USERINFO).bearer(&token).await;
    answer.bearer_error(401, "invalid_token");
}

/// A grant without `openid` is about no person's claims.
#[tokio::test]
async fn a_token_without_openid_is_not_enough() {
    let house = sqlite().await;
    let rp = Rp::with(&house, |new| {
        new.trusted = true;
        new.scope = "openid email offline_access api:read"
            .parse()
            .expect("a scope");
    });
    let mut granted = Granted::to(&house, rp.await).await;
    let code = granted.code_for(&[("scope", Some("api:read"))]).await;
    let tokens = granted.rp.exchange(&code).await.tokens();
    assert_eq!(
        (tokens.id_token, tokens.scope.as_deref()),
        (None, Some("api:read"))
    );
    let answer = house
        .get(paths::USERINFO)
        .bearer(&tokens.access_token)
        .await;
    answer.bearer_error(403, "insufficient_scope");
    answer.has("WWW-Authenticate", |challenge| {
        challenge.contains("scope=\"openid\"")
    });
}
