//! Client assertions (RFC 7523 §3): what one must say, for how long it is good, and that it is good
//! once.

use chrono::TimeDelta;
use doorward::{jobs, paths};
use entity::value::{Profile, SigningAlg};
use serde_json::{Value, json};

use super::granted::{change_client, sqlite};
use crate::support::{
    answer::Answer,
    asserting::{Asserting, TYPE, present},
    call::at_once,
    database::both,
    dpop::DpopKey,
    house::House,
    rp::Rp,
};

/// How many come at once, and how often.
const MANY: usize = 64;
const ROUNDS: i64 = 5;

const FOR_ITSELF: (&str, &str) = ("grant_type", "client_credentials");

/// Those who were served; everybody else was told `invalid_client`.
#[track_caller]
fn served(answers: &[Answer]) -> usize {
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    for answer in lost {
        answer.client_401();
    }
    won.len()
}

both! {
    async fn ca_2_of_sixty_four_with_one_assertion_one_is_served(db: Database) {
        let house = House::new(db).await;
        let client = Asserting::new(&house).await;
        for round in 1..=ROUNDS {
            let assertion = client.assertion(&json!({}));
            let calls = |path| (0..MANY).map(move |_| path).collect::<Vec<_>>();
            let calls = calls(paths::TOKEN)
                .into_iter()
                .map(|path| present(&house, path, &[FOR_ITSELF], &assertion))
                .collect();
            assert_eq!(served(&at_once(calls).await), 1);
            assert_eq!(house.rows().await["seen_token"], round);
            client.present(&assertion).await.client_401();
            // What was used at one endpoint is used at all of them.
            let elsewhere = [("token", "nothing")];
            for path in [paths::REVOKE, paths::INTROSPECT] {
                present(&house, path, &elsewhere, &assertion).await.client_401();
            }
        }
    }

    async fn ca_2_a_name_is_used_once_by_each_client_and_as_long_as_it_could_be_used(
        db: Database
    ) {
        let house = House::new(db).await;
        let (one, other) = (Asserting::new(&house).await, Asserting::new(&house).await);
        let same = json!({ "jti": "the same" });
        one.ask(&same).await.tokens();
        one.ask(&same).await.client_401();
        other.ask(&same).await.tokens();
        // Remembered until the first one has ended, clocks that are apart included.
        let sweep = || async { jobs::sweep(&house.app, house.app.clock.now()).await.expect("a sweep") };
        house.turn(TimeDelta::seconds(68));
        sweep().await;
        one.ask(&same).await.client_401();
        assert_eq!(house.rows().await["seen_token"], 2);
        house.turn(TimeDelta::seconds(3));
        sweep().await;
        assert_eq!(house.rows().await["seen_token"], 0);
        one.ask(&same).await.tokens();
    }

    async fn ca_1_a_client_with_a_key_proves_it_at_every_endpoint(db: Database) {
        let house = House::new(db).await;
        let client = Asserting::new(&house).await;
        let thief = DpopKey::new();
        let other = Asserting::new(&house).await;
        let public = Rp::public(&house).await;
        let token = client.post(paths::TOKEN, &[FOR_ITSELF]).await.tokens().access_token;
        let requests = [
            (paths::TOKEN, FOR_ITSELF),
            (paths::INTROSPECT, ("token", token.as_str())),
            (paths::REVOKE, ("token", &token)),
        ];
        let id = ("client_id", client.id());
        let header = json!({ "alg": "ES256", "typ": "JWT", "kid": client.kid }).to_string();
        let before = house.rows().await;
        for (path, form) in requests {
            let by = |assertion: &str, more: &[(&str, &str)]| {
                let form = [&[form][..], more].concat();
                present(&house, path, &form, assertion)
            };
            house.post(path).form(&[form, id]).await.client_401();
            let forged = thief.sign(&header, &client.claims(&json!({})).to_string());
            by(&forged, &[]).await.client_401();
            by(&forged, &[id]).await.client_401();
            by(&other.assertion(&json!({ "sub": client.id() })), &[]).await.client_401();
            by(&other.assertion(&json!({ "iss": client.id() })), &[]).await.client_401();
            by(&other.assertion(&json!({ "iss": client.id(), "sub": client.id() })), &[id])
                .await
                .client_401();
            by(&other.assertion(&json!({})), &[id]).await.client_401();
            for nobody in ["nobody", public.client_id.as_str()] {
                let claims = json!({ "iss": nobody, "sub": nobody });
                by(&client.assertion(&claims), &[]).await.client_401();
            }
            // Neither half of the pair is enough, and no other type is ours (RFC 7521 §4.2).
            let good = client.assertion(&json!({}));
            house.post(path).form(&[form, id, ("client_assertion", &good)]).await.client_401();
            house.post(path).form(&[form, id, ("client_assertion_type", TYPE)]).await.client_401();
            for kind in ["", "jwt", &TYPE.to_uppercase(), &TYPE.replace("jwt", "saml2")] {
                let form = [form, ("client_assertion_type", kind), ("client_assertion", &good)];
                house.post(path).form(&form).await.client_401();
            }
            let twice = [form, ("client_assertion", &good)];
            present(&house, path, &twice, &good).await.oauth_error(400, "invalid_request");
            assert_eq!(house.rows().await, before);
        }
        for (path, form) in requests {
            client.post(path, &[form, id]).await.is(200);
        }
    }
}

/// Claims that are refused, or taken, at a time that a test can tell.
async fn judged(client: &Asserting<'_>, good: &[Value], bad: &[Value]) {
    for claims in bad {
        println!("{claims}");
        let before = client.house.rows().await;
        client.ask(claims).await.client_401();
        // Nothing is remembered of what was refused.
        assert_eq!(client.house.rows().await, before);
    }
    for claims in good {
        println!("{claims}");
        client.ask(claims).await.tokens();
    }
}

#[tokio::test]
async fn ca_3_an_assertion_ends_soon_and_has_begun() {
    let house = sqlite().await;
    let client = Asserting::new(&house).await;
    let now = house.app.clock.now().timestamp();
    let good = [
        json!({ "exp": now + 300 }),
        json!({ "exp": now - 5 }),
        json!({ "exp": f64::from(i32::try_from(now).expect("a time before 2038")) + 9.5 }),
        json!({ "iat": now + 8, "nbf": now + 8 }),
        json!({ "iat": null }),
        json!({ "iat": now - 3000, "nbf": now - 3000 }),
        json!({ "iat": f64::from(i32::try_from(now).expect("a time before 2038")) + 0.5 }),
    ];
    let bad = [
        json!({ "exp": null }),
        json!({ "exp": now - 300 }),
        json!({ "exp": now - 12 }),
        json!({ "exp": 0 }),
        json!({ "exp": -1 }),
        json!({ "exp": now + 360 }),
        json!({ "exp": now + 3600 }),
        json!({ "exp": 1e11 }),
        json!({ "exp": 1e300 }),
        json!({ "exp": u64::MAX }),
        json!({ "exp": i64::MAX }),
        json!({ "exp": (now + 60).to_string() }),
        json!({ "exp": [now + 60] }),
        json!({ "exp": true }),
        json!({ "iat": now + 61 }),
        json!({ "nbf": now + 61 }),
        json!({ "iat": now.to_string() }),
        json!({ "nbf": 1e300 }),
        json!({ "nbf": {} }),
    ];
    judged(&client, &good, &bad).await;
}

#[tokio::test]
async fn ca_3_the_operator_says_how_long_one_may_live() {
    let house = House::with(
        crate::support::database::Database::sqlite().await,
        |config| {
            config.tokens.client_assertion_seconds = 3600;
        },
    )
    .await;
    let client = Asserting::new(&house).await;
    let now = house.app.clock.now().timestamp();
    let good = [json!({ "exp": now + 3600 })];
    judged(&client, &good, &[json!({ "exp": now + 3700 })]).await;
}

#[tokio::test]
async fn an_assertion_names_its_client_twice_and_itself_once() {
    let house = sqlite().await;
    let client = Asserting::new(&house).await;
    let bad = [
        json!({ "jti": null }),
        json!({ "jti": "" }),
        json!({ "jti": 7 }),
        json!({ "jti": ["a"] }),
        json!({ "iss": null }),
        json!({ "sub": null }),
        json!({ "iss": [client.id()] }),
        json!({ "sub": [client.id()] }),
        json!({ "iss": house.app.config.server.issuer }),
        json!({ "iss": client.id().to_uppercase() }),
        json!({ "sub": format!("{} ", client.id()) }),
    ];
    judged(&client, &[json!({ "more": "is ignored" })], &bad).await;
}

#[tokio::test]
async fn ca_11_an_assertion_is_meant_for_us_and_for_nobody_else() {
    let house = sqlite().await;
    let client = Asserting::new(&house).await;
    let issuer = house.app.config.server.issuer.as_str();
    let url = |path: &str| house.app.url(path);
    let bad = [
        json!(null),
        json!(""),
        json!([]),
        json!({}),
        json!([issuer, "https://other.example"]),
        json!(["https://other.example", issuer]),
        json!([issuer, 1]),
        json!([[issuer]]),
        json!("https://other.example"),
        json!(format!("{issuer}/")),
        json!(issuer.to_uppercase()),
        json!(issuer.replace("http", "https")),
        json!(format!("{issuer}.evil.example")),
        json!(client.id()),
        json!(url(paths::USERINFO)),
        json!(url(paths::REVOKE)),
        json!(format!("{}?a=b", url(paths::TOKEN))),
    ];
    let good = [
        json!(issuer),
        json!(url(paths::TOKEN)),
        json!([issuer]),
        json!([url(paths::TOKEN), issuer]),
    ];
    let aud = |all: &[Value]| {
        all.iter()
            .map(|aud| json!({ "aud": aud }))
            .collect::<Vec<_>>()
    };
    judged(&client, &aud(&good), &aud(&bad)).await;
    // By the endpoint that is called, and by no other.
    for path in [paths::REVOKE, paths::INTROSPECT] {
        let form = [("token", "nothing")];
        for (aud, is) in [
            (url(path), 200),
            (url(paths::TOKEN), 200),
            (url(paths::JWKS), 401),
        ] {
            let assertion = client.assertion(&json!({ "aud": aud }));
            present(&house, path, &form, &assertion).await.is(is);
        }
    }
    // FAPI 2.0 §5.3.2.1.
    let bank = Asserting::with(&house, DpopKey::new(), |new| {
        new.profile = Profile::Fapi2;
        new.id_token_alg = SigningAlg::ES256;
    })
    .await;
    for aud in &good[1..] {
        bank.ask(&json!({ "aud": aud })).await.client_401();
    }
    let assertion = bank.assertion(&json!({}));
    let revoked = present(&house, paths::REVOKE, &[("token", "nothing")], &assertion);
    revoked.await.is(200);
}

/// CA-9: within one request of the switch.
#[tokio::test]
async fn ca_9_a_disabled_client_asserts_in_vain() {
    let house = sqlite().await;
    let client = Asserting::new(&house).await;
    client.ask(&json!({})).await.tokens();
    let rp = &client.rp;
    change_client(&house, rp, |row| {
        row.disabled_at = Some(house.app.clock.now())
    })
    .await;
    let token = [("token", "nothing")];
    client.ask(&json!({})).await.client_401();
    for path in [paths::REVOKE, paths::INTROSPECT] {
        client.post(path, &token).await.client_401();
    }
    change_client(&house, rp, |row| row.disabled_at = None).await;
    client.ask(&json!({})).await.tokens();
}
