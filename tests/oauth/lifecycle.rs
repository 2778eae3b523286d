//! LC: what is switched off or removed is so everywhere and at once, comes back under no other name,
//! and leaves nothing behind that was made at the same moment.

use std::sync::Arc;

use doorward::{
    accounts::{operate, profile},
    app::App,
    clients::update::{self, Changes},
    clock::Clock,
    events::About,
    http,
    keys::rotation::{self, Wanted},
    paths, sessions,
};
use entity::{Db, user};
use poem::{EndpointExt, http::Method};

use super::{
    granted::{Granted, client_row, inactive, introspected},
    jwt::claims,
};
use crate::support::{
    call::{Call, Doors, at_once},
    database::both,
    device::signed_in,
    expect::Tokens,
    house::House,
    rp::Rp,
};

async fn person(house: &House) -> user::Model {
    let found = operate::find(&house.app, house.person().await.email).await;
    found.expect("a look-up").expect("the person")
}

/// A second process on the same database.
async fn second(house: &House, url: &str) -> Doors {
    let db = Db::connect(url, 4).await.expect("a connection");
    let app = App::open(house.app.config.clone(), db, Clock::default()).await;
    let doors = http::routes(app.expect("a second process"));
    Arc::new(doors.map_to_response().boxed())
}

/// How a grant can end, each by itself.
const ENDS: [&str; 7] = [
    "the user is disabled",
    "the password is set",
    "every session is ended",
    "the consent is taken back",
    "the client is disabled",
    "the key is forgotten",
    "the user is removed",
];

async fn end(house: &House, granted: &Granted<'_>, tokens: &Tokens, how: &str) {
    let (app, user) = (&house.app, person(house).await);
    let client = client_row(house, &granted.rp).await;
    match how {
        "the user is disabled" => assert!(operate::disable(app, &user).await.expect("disabled")),
        "the password is set" => {
            let set = operate::set_password(app, &user, "eleven other swallows").await;
            set.expect("a new password");
        }
        "every session is ended" => {
            sessions::revoke_all(app, user.id, None)
                .await
                .expect("ended");
        }
        "the consent is taken back" => {
            let own = signed_in(house, &granted.browser).await;
            let gone = profile::revoke_app(app, &own, client.id).await;
            assert!(gone.expect("taken back"));
        }
        "the client is disabled" => {
            let changes = Changes {
                disabled: Some(true),
                ..Changes::default()
            };
            update::update(app, client, changes)
                .await
                .expect("disabled");
        }
        "the key is forgotten" => {
            let header = jsonwebtoken::decode_header(&tokens.access_token).expect("a header");
            let wanted = Wanted {
                algs: vec![entity::value::SigningAlg::ES256],
                now: true,
                forget: header.kid.into_iter().collect(),
            };
            rotation::rotate(app, &wanted, &About::default())
                .await
                .expect("turned");
        }
        "the user is removed" => assert!(operate::remove(app, &user).await.expect("removed")),
        _ => unreachable!("{how}"),
    }
}

both! {
    /// SE-10 (and IN-3): whichever of the ends came, a token from before it is good for nothing, to
    /// whoever asks: its client, userinfo, and the server of the resource that it is for.
    async fn se_10_in_3_lc_1_whatever_ends_a_grant_ends_it_in_every_process(db: Database) {
        let url = db.url.clone();
        let house = House::new(db).await;
        let doors = second(&house, &url).await;
        let there = |method, path: &str| Call::new(Arc::clone(&doors), method, house.url(path));
        for how in ENDS {
            if how != ENDS[0] {
                // A person like the one before, of whom nothing is left.
                let before = operate::find(&house.app, house.person().await.email).await;
                if let Some(before) = before.expect("a look-up") {
                    operate::remove(&house.app, &before).await.expect("removed");
                }
                again(&house).await;
            }
            let mut granted = Granted::confidential(&house).await;
            let tokens = granted.tokens().await;
            let userinfo = || there(Method::GET, paths::USERINFO).bearer(&tokens.access_token);
            userinfo().await.ok();
            end(&house, &granted, &tokens, how).await;
            println!("{how}");
            // The other process, and this one. A key that is forgotten the other one forgets when it
            // looks at the calendar, twice a minute.
            let at_once = how != "the key is forgotten";
            if at_once {
                userinfo().await.bearer_error(401, "invalid_token");
            }
            let here = house.get(paths::USERINFO).bearer(&tokens.access_token);
            here.await.bearer_error(401, "invalid_token");
            if how == "the client is disabled" {
                granted.introspected(&tokens.access_token).await.client_401();
                let refresh = tokens.refresh_token.expect("a refresh token");
                granted.rp.refresh(&refresh).await.client_401();
                continue;
            }
            inactive(&granted.introspected(&tokens.access_token).await);
            if at_once {
                let form = [("token", tokens.access_token.as_str())];
                let secret = granted.rp.client_secret.as_deref().expect("a secret");
                let told = there(Method::POST, paths::INTROSPECT).basic(&granted.rp.client_id, secret);
                inactive(&told.form(&form).await);
            }
        }
    }

    async fn lc_2_a_person_who_comes_back_is_another_one(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let tokens = granted.tokens().await;
        let code = granted.code().await;
        let before = person(&house).await;
        assert!(operate::remove(&house.app, &before).await.expect("removed"));
        let rows = house.rows().await;
        for table in ["session", "account", "consent", "token_family", "refresh_token", "authorization_code", "known_device"] {
            assert_eq!(rows[table], 0, "{table}");
        }
        again(&house).await;
        let after = person(&house).await;
        assert_eq!(after.email, before.email);
        assert_ne!(after.subject, before.subject);
        assert_ne!(after.id, before.id);
        // Nothing of the one before is theirs.
        let refresh = tokens.refresh_token.expect("a refresh token");
        granted.rp.refresh(&refresh).await.oauth_error(400, "invalid_grant");
        granted.rp.exchange(&code).await.oauth_error(400, "invalid_grant");
        inactive(&introspected(&granted.rp, &tokens.access_token).await);
        granted.browser.get_from_stranger(&granted.rp.authorize_url(&[])).await;
        granted.browser.follow().await.shown(200, "Sign in");
        let typed = [("email", house.person().await.email), ("password", house.person().await.password)];
        granted.browser.submit("#login-form", &typed).await;
        granted.browser.follow().await.shown(200, "wants to use your account");
        let code = granted.browser.submit("#consent-approve", &[]).await.code();
        let id_token = granted.rp.exchange(&code).await.tokens().id_token.expect("an ID token");
        assert_eq!(claims(&id_token)["sub"], after.subject.as_str());
        // A client that comes back under its old name has nothing of the one before either (CN-9).
        let client = client_row(&house, &granted.rp).await;
        doorward::clients::register::remove(&house.app, &client).await.expect("removed");
        let same = Rp::with(&house, |new| new.client_id = Some(client.client_id.clone())).await;
        granted.browser.get_from_stranger(&same.authorize_url(&[])).await;
        granted.browser.follow().await.shown(200, "wants to use your account");
    }

    async fn lc_3_what_is_made_while_a_person_is_removed_goes_with_them(db: Database) {
        let house = House::new(db).await;
        for round in 0..5 {
            if round > 0 {
                again(&house).await;
            }
            let mut granted = Granted::public(&house).await;
            let mut calls = Vec::new();
            for at in 0..16 {
                let code = granted.code().await;
                let rp = &granted.rp;
                let form = [
                    ("grant_type", "authorization_code"),
                    ("code", &code),
                    ("redirect_uri", &rp.redirect_uri),
                    ("code_verifier", &rp.code_verifier),
                ];
                if at % 2 == 0 {
                    calls.push(rp.token(&form));
                    continue;
                }
                let first = rp.token(&form).await.tokens().refresh_token.expect("a refresh token");
                let form = [("grant_type", "refresh_token"), ("refresh_token", first.as_str())];
                calls.extend([rp.token(&form), rp.token(&form)]);
            }
            let cookie = granted.browser.jar.header("/", false, house.app.clock.now());
            let cookie = cookie.expect("cookies");
            for _ in 0..8 {
                let url = granted.rp.authorize_url(&[("prompt", Some("none"))]);
                calls.push(house.get(&url).header("Cookie", &cookie));
            }
            let user = person(&house).await;
            let (answers, removed) = tokio::join!(at_once(calls), operate::remove(&house.app, &user));
            assert!(removed.expect("removed"));
            for answer in answers {
                // 503 is for who waited for the removal while it waited for them: nothing of it was done.
                assert!([200, 303, 400, 503].contains(&answer.status), "{}", answer.told());
            }
            let rows = house.rows().await;
            for table in ["user", "session", "account", "consent", "token_family", "refresh_token", "authorization_code", "session_client"] {
                assert_eq!(rows[table], 0, "{table}, round {round}");
            }
        }
    }
}

/// The house's own person, once more.
async fn again(house: &House) {
    let person = house.person().await;
    let wanted = operate::Wanted {
        email: person.email,
        name: person.name,
        password: Some(person.password),
        email_verified: true,
        role: entity::value::Role::User,
        claims: None,
        image: None,
    };
    operate::add(&house.app, wanted).await.expect("a new user");
}
