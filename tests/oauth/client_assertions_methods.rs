//! Which client may assert, and how: the method and the algorithm are those that it registered, not
//! those that a request chooses (OpenID Connect Core §9).

use chrono::TimeDelta;
use doorward::{
    clients::{authenticate, register},
    paths,
};
use entity::value::{ClientAuthMethod, Profile};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::{
    forge::Signer,
    granted::{change_client, client_row, sqlite},
};
use crate::support::{
    asserting::{Asserting, TYPE, jwks, present, usual},
    call::{Call, at_once},
    database::both,
    dpop::DpopKey,
    house::House,
    rp::Rp,
};

const FOR_ITSELF: (&str, &str) = ("grant_type", "client_credentials");

/// A client that makes MACs with its secret.
async fn with_mac(house: &House) -> Rp<'_> {
    Rp::with(house, |new| {
        new.auth_method = Some(ClientAuthMethod::ClientSecretJwt);
    })
    .await
}

/// An assertion with a MAC by this secret.
fn mac(house: &House, rp: &Rp<'_>, secret: &[u8], changes: &Value) -> String {
    let header = json!({ "alg": "HS256", "typ": "JWT" });
    let claims = usual(house, &rp.client_id, changes);
    Signer::mac("HS256", secret).sign(&header.to_string(), &claims.to_string())
}

fn itself(house: &House, assertion: &str) -> Call {
    present(house, paths::TOKEN, &[FOR_ITSELF], assertion)
}

both! {
    async fn a_secret_makes_macs_at_every_endpoint_each_good_once(db: Database) {
        let house = House::new(db).await;
        let rp = with_mac(&house).await;
        let secret = rp.client_secret.clone().expect("a secret");
        let good = || mac(&house, &rp, secret.as_bytes(), &json!({}));
        let token = itself(&house, &good()).await.tokens().access_token;
        for path in [paths::INTROSPECT, paths::REVOKE] {
            present(&house, path, &[("token", &token)], &good()).await.is(200);
        }
        let once = good();
        let answers = at_once((0..64).map(|_| itself(&house, &once)).collect()).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
        assert_eq!(house.rows().await["seen_token"], 4);
    }

    async fn a_secret_that_makes_macs_works_for_a_day_after_its_successor_was_made(db: Database) {
        let house = House::new(db).await;
        let rp = with_mac(&house).await;
        let mut secrets = vec![SecretString::from(rp.client_secret.clone().expect("a secret"))];
        for _ in 0..2 {
            let row = client_row(&house, &rp).await;
            let new = register::rotate_secret(&house.app, &row).await.expect("a rotation");
            secrets.push(new.expect("a secret"));
        }
        let with = |secret: &SecretString| {
            itself(&house, &mac(&house, &rp, secret.expose_secret().as_bytes(), &json!({})))
        };
        with(&secrets[0]).await.client_401();
        with(&secrets[1]).await.tokens();
        with(&secrets[2]).await.tokens();
        house.turn(TimeDelta::hours(24));
        with(&secrets[1]).await.client_401();
        with(&secrets[2]).await.tokens();
    }

    async fn a_client_is_in_use_from_the_first_time_that_it_proves_itself(db: Database) {
        let house = House::new(db).await;
        let (client, rp) = (Asserting::new(&house).await, Rp::confidential(&house).await);
        let itself = [FOR_ITSELF];
        client.present("a.b.c").await.client_401();
        house.post(paths::TOKEN).basic(&rp.client_id, "wrong").form(&itself).await.client_401();
        for rp in [&client.rp, &rp] {
            assert_eq!(client_row(&house, rp).await.used_at, None);
        }
        let first = house.app.clock.now();
        client.ask(&json!({})).await.tokens();
        rp.token(&itself).await.tokens();
        house.turn(TimeDelta::hours(1));
        client.ask(&json!({})).await.tokens();
        rp.token(&itself).await.tokens();
        for rp in [&client.rp, &rp] {
            let used = client_row(&house, rp).await.used_at.expect("a time");
            assert!(used >= first && used < first + TimeDelta::minutes(1), "{used}");
        }
    }
}

/// CA-4: neither a leftover secret nor junk beside it makes a second way.
#[tokio::test]
async fn ca_4_a_client_with_a_key_has_no_secret() {
    let house = sqlite().await;
    let client = Asserting::new(&house).await;
    let minted = house
        .app
        .secrets
        .mint(doorward::crypto::secret::SecretKind::ClientSecret);
    let row = client_row(&house, &client.rp).await;
    let sealed = authenticate::sealed(&house.app, row.id, &minted.secret, None);
    change_client(&house, &client.rp, |row| {
        row.client_secret = Some(minted.digest.clone());
        row.sealed_secret = Some(sealed);
    })
    .await;
    let (id, secret) = (client.id(), minted.secret.expose_secret());
    let own = [FOR_ITSELF, ("client_id", id)];
    let in_form = [&own[..], &[("client_secret", secret)]].concat();
    let junk = [
        ("client_assertion_type", TYPE),
        ("client_assertion", "a.b.c"),
    ];
    let good = client.assertion(&json!({}));
    let proven = [
        ("client_assertion_type", TYPE),
        ("client_assertion", good.as_str()),
    ];
    let post = |form: &[(&str, &str)]| house.post(paths::TOKEN).form(form);
    house.forget_counts().await;
    let before = house.rows().await;
    post(&in_form).await.client_401();
    post(&own).await.client_401();
    post(&own).basic(id, secret).await.client_401();
    for more in [&junk[..], &junk[..1], &junk[1..], &proven] {
        post(&[&in_form, more].concat()).await.client_401();
        post(&[&own[..], more].concat())
            .basic(id, secret)
            .await
            .client_401();
    }
    let by_mac = mac(&house, &client.rp, secret.as_bytes(), &json!({}));
    itself(&house, &by_mac).await.client_401();
    house.forget_counts().await;
    assert_eq!(house.rows().await, before);
    client.present(&good).await.tokens();
}

#[tokio::test]
async fn ca_4_a_client_with_a_secret_asserts_only_as_it_registered() {
    let house = sqlite().await;
    let (key, key_of_rp) = (DpopKey::new(), DpopKey::new());
    let by_mac = with_mac(&house).await;
    let by_secret = Rp::confidential(&house).await;
    let public = Rp::public(&house).await;
    let header = json!({ "alg": "ES256", "kid": "one" }).to_string();
    for rp in [&by_mac, &by_secret, &public] {
        // Its keys may be for something else.
        change_client(&house, rp, |row| {
            row.metadata.jwks = Some(jwks(&[("one", &key)]))
        })
        .await;
        let claims = usual(&house, &rp.client_id, &json!({}));
        for key in [&key, &key_of_rp] {
            let signed = key.sign(&header, &claims.to_string());
            itself(&house, &signed).await.client_401();
        }
    }
    let secret = |rp: &Rp<'_>| rp.client_secret.clone().expect("a secret");
    let of_secret = mac(
        &house,
        &by_secret,
        secret(&by_secret).as_bytes(),
        &json!({}),
    );
    itself(&house, &of_secret).await.client_401();
    // A secret that makes MACs never travels.
    by_mac.token(&[FOR_ITSELF]).await.client_401();
    let in_form = [
        FOR_ITSELF,
        ("client_id", &by_mac.client_id),
        ("client_secret", &secret(&by_mac)),
    ];
    house.post(paths::TOKEN).form(&in_form).await.client_401();
    by_secret.token(&[FOR_ITSELF]).await.tokens();
}

/// CA-10: a MAC by a secret that can be guessed proves nothing (RFC 7518 §3.2).
#[tokio::test]
async fn ca_10_a_short_or_empty_secret_makes_no_macs() {
    let house = sqlite().await;
    let rp = with_mac(&house).await;
    let row = client_row(&house, &rp).await;
    for secret in ["", "a", "secret", &"a".repeat(31)] {
        itself(&house, &mac(&house, &rp, secret.as_bytes(), &json!({})))
            .await
            .client_401();
        let sealed = SecretString::from(secret);
        let sealed = authenticate::sealed(&house.app, row.id, &sealed, None);
        change_client(&house, &rp, |row| row.sealed_secret = Some(sealed)).await;
        itself(&house, &mac(&house, &rp, secret.as_bytes(), &json!({})))
            .await
            .client_401();
    }
    change_client(&house, &rp, |row| row.sealed_secret = None).await;
    itself(&house, &mac(&house, &rp, b"", &json!({})))
        .await
        .client_401();
    let own = rp.client_secret.clone().expect("a secret");
    itself(&house, &mac(&house, &rp, own.as_bytes(), &json!({})))
        .await
        .client_401();
}

#[tokio::test]
async fn the_profile_and_the_client_say_which_algorithms_there_are() {
    let house = sqlite().await;
    let keys = || {
        [
            DpopKey::new(),
            DpopKey::ed25519(),
            DpopKey::rsa("PS256"),
            DpopKey::rsa("RS256"),
        ]
    };
    let revoke = async |client: &Asserting<'_>| {
        client
            .post(paths::REVOKE, &[("token", "nothing")])
            .await
            .status
    };
    for key in keys() {
        let alg = key.alg;
        let client = Asserting::with(&house, key, |_| ()).await;
        assert_eq!(revoke(&client).await, 200, "{alg}");
        let rp = &client.rp;
        let none = change_client(&house, rp, |row| row.profile = Profile::Fapi2);
        none.await;
        let strong = if alg == "RS256" { 401 } else { 200 };
        assert_eq!(revoke(&client).await, strong, "{alg}");
        for registered in ["RS256", "PS256", "ES256", "EdDSA", "HS256", "none"] {
            for profile in [Profile::Oauth21, Profile::Oidc, Profile::Fapi2] {
                change_client(&house, rp, |row| {
                    row.profile = profile;
                    row.metadata.token_endpoint_auth_signing_alg = Some(registered.to_owned());
                })
                .await;
                let fits = registered == alg && (alg != "RS256" || profile != Profile::Fapi2);
                let is = if fits { 200 } else { 401 };
                assert_eq!(revoke(&client).await, is, "{alg} {registered} {profile:?}");
            }
        }
    }
}

/// FAPI 2.0 §5.3.2.1: whatever it registered before, a client of that profile has no secret and is
/// not public.
#[tokio::test]
async fn ca_4_a_fapi_client_proves_itself_with_a_key() {
    let house = sqlite().await;
    let clients = [
        Rp::confidential(&house).await,
        Rp::public(&house).await,
        with_mac(&house).await,
    ];
    for rp in &clients {
        let ask = async || match rp.client_secret.as_deref() {
            Some(secret) if rp.client_id == clients[2].client_id => {
                let assertion = mac(&house, rp, secret.as_bytes(), &json!({}));
                present(&house, paths::REVOKE, &[("token", "a")], &assertion).await
            }
            _ => rp.post(paths::REVOKE, &[("token", "a")]).await,
        };
        ask().await.is(200);
        change_client(&house, rp, |row| row.profile = Profile::Fapi2).await;
        ask().await.client_401();
    }
}
