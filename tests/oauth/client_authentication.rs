//! Client authentication (RFC 6749 §2.3, §3.2.1): the same at every endpoint, before anything else
//! is looked at, in one way at a time.

use chrono::TimeDelta;
use doorward::{clients::register, paths};
use secrecy::ExposeSecret;

use super::granted::{Granted, client_row, sqlite};
use crate::support::{database::both, house::House, rp::Rp};

/// The form of a request that needs nothing but a client.
const FOR_ITSELF: [(&str, &str); 1] = [("grant_type", "client_credentials")];

/// Ways in which somebody who is not the client may come. Basic credentials, and what the form
/// says besides.
type Posing<'a> = (Option<(&'a str, &'a str)>, Vec<(&'a str, &'a str)>);

both! {
    async fn ca_1_nothing_is_done_for_a_client_that_does_not_prove_itself(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let other = Rp::confidential(&house).await;
        let public = Rp::public(&house).await;
        let tokens = granted.tokens().await;
        let code = granted.code().await;
        let refresh_token = tokens.refresh_token.expect("a refresh token");
        let rp = &granted.rp;
        let (id, others) = (rp.client_id.as_str(), other.client_secret.as_deref());
        let (others, made_up) = (others.expect("a secret"), format!("cs_{}", "A".repeat(43)));
        let requests: [(&str, Vec<(&str, &str)>); 5] = [
            (paths::TOKEN, vec![
                ("grant_type", "authorization_code"),
                ("code", &code),
                ("redirect_uri", &rp.redirect_uri),
                ("code_verifier", &rp.code_verifier),
            ]),
            (paths::TOKEN, vec![
                ("grant_type", "refresh_token"),
                ("refresh_token", &refresh_token),
            ]),
            (paths::TOKEN, FOR_ITSELF.to_vec()),
            (paths::REVOKE, vec![("token", &refresh_token)]),
            (paths::INTROSPECT, vec![("token", &tokens.access_token)]),
        ];
        let posing: Vec<Posing<'_>> = vec![
            (None, vec![]),
            (None, vec![("client_id", id)]),
            (None, vec![("client_id", id), ("client_secret", "")]),
            (None, vec![("client_id", id), ("client_secret", "wrong")]),
            (None, vec![("client_id", id), ("client_secret", &made_up)]),
            (None, vec![("client_id", id), ("client_secret", others)]),
            (None, vec![("client_id", "nobody"), ("client_secret", others)]),
            (None, vec![("client_secret", rp.client_secret.as_deref().expect("a secret"))]),
            (Some((id, "")), vec![]),
            (Some((id, "wrong")), vec![]),
            (Some((id, &made_up)), vec![]),
            (Some((id, others)), vec![]),
            (Some((id, id)), vec![]),
            (Some(("nobody", others)), vec![]),
            (Some((&public.client_id, others)), vec![]),
            (Some((&other.client_id, others)), vec![("client_id", id)]),
        ];
        house.forget_counts().await;
        let before = house.rows().await;
        for (path, form) in &requests {
            // Who is wrong so often is told to wait, which is not what this is about.
            house.forget_counts().await;
            for (basic, more) in &posing {
                let call = house.post(path).form(&[&form[..], &more[..]].concat());
                let call = match basic {
                    Some((id, secret)) => call.basic(id, secret),
                    None => call,
                };
                call.await.client_401();
            }
        }
        house.forget_counts().await;
        assert_eq!(house.rows().await, before);
        // And nothing is spent.
        for (path, form) in &requests {
            rp.post(path, form).await.is(200);
        }
    }

    async fn a_secret_works_for_a_day_after_its_successor_was_made(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let row = client_row(&house, &rp).await;
        let new = register::rotate_secret(&house.app, &row).await.expect("a rotation");
        let new = new.expect("a secret");
        let with = |secret: &str| {
            house.post(paths::TOKEN).basic(&rp.client_id, secret).form(&FOR_ITSELF)
        };
        let old = rp.client_secret.as_deref().expect("a secret");
        with(old).await.tokens();
        with(new.expose_secret()).await.tokens();
        house.turn(TimeDelta::hours(24));
        with(old).await.client_401();
        with(new.expose_secret()).await.tokens();
    }
}

#[tokio::test]
async fn ca_6_a_public_client_has_no_secret() {
    let house = sqlite().await;
    let mut granted = Granted::public(&house).await;
    let token = granted
        .tokens()
        .await
        .refresh_token
        .expect("a refresh token");
    assert_eq!(granted.rp.client_secret, None);
    let id = granted.rp.client_id.as_str();
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", token.as_str()),
    ];
    house.forget_counts().await;
    let before = house.rows().await;
    for secret in ["", "wrong", &format!("cs_{}", "A".repeat(43))] {
        let call = house.post(paths::TOKEN).basic(id, secret).form(&form);
        call.await.client_401();
        let in_form = [("client_id", id), ("client_secret", secret)];
        let call = house
            .post(paths::TOKEN)
            .form(&[&form[..], &in_form].concat());
        call.await.client_401();
    }
    house.forget_counts().await;
    assert_eq!(house.rows().await, before);
    granted.rp.refresh(&token).await.tokens();
}

/// An error about the client says nothing about it, and nothing about the grant.
#[tokio::test]
async fn en_4_what_is_wrong_with_a_client_is_nobodys_business() {
    let house = sqlite().await;
    let mut granted = Granted::confidential(&house).await;
    let code = granted.code().await;
    let known = granted.rp.client_id.clone();
    let mut told = Vec::new();
    for (id, code) in [
        (known.as_str(), code.as_str()),
        (&known, "ac_nothing"),
        ("nobody", &code),
    ] {
        let form = [("grant_type", "authorization_code"), ("code", code)];
        let call = house.post(paths::TOKEN).basic(id, "wrong").form(&form);
        told.push(call.await.client_401().body.clone());
    }
    told.dedup();
    assert_eq!(told.len(), 1, "{told:?}");
}
