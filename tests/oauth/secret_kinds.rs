//! CO-4: a secret of one kind is nothing in the place of another, and presenting it there costs it
//! nothing. Every kind in every place, but its own.

use doorward::{
    accounts::verify::{self, Confirmed},
    crypto::secret::SecretKind,
    paths, sessions,
};
use entity::{
    value::{GrantType, TokenKind},
    verification_token::{self, Whose},
};
use sea_orm::Set;
use serde_json::json;

use super::granted::{Granted, rows_but_events};
use crate::support::{
    answer::Answer, browser::Browser, database::both, device::GRANT, house::House, rp::Rp,
};

/// Where a secret is presented, with the kinds that belong there.
const PLACES: [(&str, &[&str]); 14] = [
    ("code", &["code"]),
    ("code_verifier", &["code_verifier"]),
    ("refresh_token", &["refresh_token"]),
    ("client_secret", &["client_secret"]),
    ("client_secret in Basic", &["client_secret"]),
    ("access token", &["access_token"]),
    ("introspected token", &["access_token", "refresh_token"]),
    ("revoked token", &["access_token", "refresh_token"]),
    ("session cookie", &["session"]),
    ("visitor cookie", &["visitor"]),
    ("flow", &["flow"]),
    ("csrf", &["csrf"]),
    ("id_token_hint", &["id_token"]),
    ("device_code", &["device_code"]),
];

/// Everything that one house has given out.
struct Given<'a> {
    granted: Granted<'a>,
    /// A browser in which somebody is about to sign in.
    signing_in: Browser<'a>,
    secrets: Vec<(&'static str, String)>,
}

impl<'a> Given<'a> {
    async fn by(house: &'a House) -> Self {
        let rp = Rp::with(house, |new| {
            new.grant_types = Some(vec![
                GrantType::AuthorizationCode,
                GrantType::RefreshToken,
                GrantType::ClientCredentials,
                GrantType::DeviceCode,
            ]);
        });
        let mut granted = Granted::to(house, rp.await).await;
        let device = granted.rp.post(paths::DEVICE_AUTHORIZATION, &[]).await.ok();
        let device = |name: &str| device[name].as_str().expect("a code").to_owned();
        let code = granted.code().await;
        let tokens = granted.tokens().await;
        let mut signing_in = house.browser();
        signing_in
            .get_from_stranger(&granted.rp.authorize_url(&[]))
            .await;
        let form = signing_in.follow().await.page().form("#login-form").pairs();
        let hidden = |name: &str| {
            let found = form.iter().find(|(own, _)| own == name);
            found.expect("a hidden field").1.clone()
        };
        let cookie = |browser: &Browser<'_>, name: &str| {
            browser.jar.value(name).expect("a cookie").to_owned()
        };
        let secrets = vec![
            ("code", code),
            ("device_code", device("device_code")),
            ("user_code", device("user_code")),
            ("code_verifier", granted.rp.code_verifier.clone()),
            (
                "refresh_token",
                tokens.refresh_token.expect("a refresh token"),
            ),
            (
                "client_secret",
                granted.rp.client_secret.clone().expect("a secret"),
            ),
            ("access_token", tokens.access_token),
            ("id_token", tokens.id_token.expect("an ID token")),
            ("session", cookie(&granted.browser, "doorward_session")),
            ("visitor", cookie(&signing_in, "doorward_visitor")),
            ("flow", hidden("flow")),
            ("csrf", hidden("csrf")),
            ("verify_email", mailed(house, &granted).await),
        ];
        Self {
            granted,
            signing_in,
            secrets,
        }
    }

    fn of(&self, kind: &str) -> &str {
        let found = self.secrets.iter().find(|(own, _)| *own == kind);
        &found.expect("a kind of secret").1
    }

    /// Presents any secret in any place, everything else being right.
    async fn present(&mut self, place: &str, secret: &str) -> Answer {
        let (house, rp) = (self.granted.house, &self.granted.rp);
        let itself = ("grant_type", "client_credentials");
        let id = ("client_id", rp.client_id.as_str());
        let silent = rp.authorize_url(&[("prompt", Some("none"))]);
        let flow = format!("{}?flow={}", paths::AUTHORIZE, self.of("flow"));
        match place {
            "code" => rp.exchange(secret).await,
            "device_code" => {
                rp.token(&[("grant_type", GRANT), ("device_code", secret)])
                    .await
            }
            "code_verifier" => {
                let form = [
                    ("grant_type", "authorization_code"),
                    ("code", self.of("code")),
                    ("redirect_uri", &rp.redirect_uri),
                    ("code_verifier", secret),
                ];
                rp.token(&form).await
            }
            "refresh_token" => rp.refresh(secret).await,
            "client_secret" => {
                let form = [itself, id, ("client_secret", secret)];
                house.post(paths::TOKEN).form(&form).await
            }
            "client_secret in Basic" => {
                let call = house.post(paths::TOKEN).basic(&rp.client_id, secret);
                call.form(&[itself]).await
            }
            "access token" => house.get(paths::USERINFO).bearer(secret).await,
            "introspected token" => rp.post(paths::INTROSPECT, &[("token", secret)]).await,
            "revoked token" => rp.post(paths::REVOKE, &[("token", secret)]).await,
            "session cookie" => {
                let cookie = format!("doorward_session={secret}");
                house.get(&silent).header("Cookie", &cookie).await
            }
            "visitor cookie" => {
                let cookie = format!("doorward_visitor={secret}");
                house.get(&flow).header("Cookie", &cookie).await
            }
            "flow" => {
                let url = format!("{}?flow={secret}", paths::AUTHORIZE);
                self.signing_in.get(&url).await.clone()
            }
            "csrf" => {
                let person = house.person().await;
                let form = [
                    ("csrf", secret),
                    ("flow", self.of("flow")),
                    ("email", person.email),
                    ("password", person.password),
                ];
                let form = form.map(|(name, value)| (name, value.to_owned()));
                let form = form.each_ref().map(|(name, value)| (*name, value.as_str()));
                self.signing_in.post_form(paths::LOGIN, &form).await.clone()
            }
            "id_token_hint" => {
                let url = rp.authorize_url(&[("id_token_hint", Some(secret))]);
                self.granted.browser.get_from_stranger(&url).await.clone()
            }
            _ => unreachable!("{place}"),
        }
    }
}

/// What a place answers to a secret that does not belong there.
#[track_caller]
fn refused(place: &str, answer: &Answer) {
    let sent_back = |error: &str| {
        let to = answer.location().expect("a Location");
        let error = ("error".into(), error.into());
        assert!(
            to.query_pairs().any(|pair| pair == error),
            "{}",
            answer.told()
        );
    };
    match place {
        "code" | "code_verifier" | "refresh_token" | "device_code" => {
            answer.oauth_error(400, "invalid_grant");
        }
        "client_secret" | "client_secret in Basic" => {
            answer.client_401();
        }
        "access token" => {
            answer.bearer_error(401, "invalid_token");
        }
        "introspected token" => assert_eq!(answer.ok(), json!({ "active": false })),
        "revoked token" => assert_eq!((answer.status, answer.body.as_str()), (200, "")),
        "session cookie" => sent_back("login_required"),
        "id_token_hint" => sent_back("invalid_request"),
        "visitor cookie" | "flow" => {
            answer.shown(400, "This sign-in cannot go on");
        }
        "csrf" => {
            answer.shown(403, "This form has expired");
        }
        _ => unreachable!("{place}"),
    }
}

/// A link that was mailed; the letter itself is another test's business.
async fn mailed(house: &House, granted: &Granted<'_>) -> String {
    let app = &house.app;
    let minted = app.secrets.mint(SecretKind::VerifyEmail);
    let (now, user_id) = (app.clock.now(), granted.session().await.user_id);
    let row = verification_token::ActiveModel {
        identifier: Set(house.person().await.email.to_owned()),
        token: Set(minted.digest.clone()),
        expires: Set(now + chrono::TimeDelta::hours(1)),
        kind: Set(TokenKind::VerifyEmail),
        user_id: Set(Some(user_id)),
        created_at: Set(now),
        ..Default::default()
    };
    let whose = (TokenKind::VerifyEmail, Whose::User(user_id));
    let added = verification_token::replace(&app.db.write, whose, row);
    added.await.expect("a link");
    minted.expose().to_owned()
}

both! {
    async fn co_4_every_secret_is_good_in_its_own_place_only(db: Database) {
        let house = House::new(db).await;
        let mut given = Given::by(&house).await;
        house.forget_counts().await;
        let before = house.rows().await;
        for (place, own) in PLACES {
            house.forget_counts().await;
            for (kind, secret) in given.secrets.clone() {
                if !own.contains(&kind) {
                    println!("{kind} as {place}");
                    refused(place, &given.present(place, &secret).await);
                }
            }
        }
        for (kind, secret) in &given.secrets {
            let found = verify::peek(&house.app, secret).await.expect("a look-up");
            assert_eq!(found.is_some(), *kind == "verify_email", "{kind}");
            if *kind != "verify_email" {
                let browser = sessions::Browser::default();
                let found = verify::confirm(&house.app, secret, None, &browser).await;
                assert!(matches!(found, Ok(Confirmed::Dead)), "{kind}: {found:?}");
            }
        }
        house.forget_counts().await;
        assert_eq!(house.rows().await, before);

        // Nothing was consumed: each is still good where it belongs.
        let id_token = given.of("id_token").to_owned();
        given.present("id_token_hint", &id_token).await.code();
        for (place, kind) in [
            ("code", "code"),
            ("client_secret", "client_secret"),
            ("client_secret in Basic", "client_secret"),
            ("refresh_token", "refresh_token"),
            ("access token", "access_token"),
            ("introspected token", "refresh_token"),
            ("introspected token", "access_token"),
            ("visitor cookie", "visitor"),
            ("flow", "flow"),
            ("csrf", "csrf"),
            ("session cookie", "session"),
        ] {
            let secret = given.of(kind).to_owned();
            let answer = given.present(place, &secret).await;
            assert!(matches!(answer.status, 200 | 303), "{kind} as {place}: {}", answer.told());
            assert!(!answer.body.contains("\"active\":false"), "{}", answer.told());
            assert!(!answer.header("Location").contains("error="), "{}", answer.told());
        }
        let link = given.of("verify_email").to_owned();
        let own = sessions::find(&house.app, given.of("session")).await.expect("a look-up");
        let browser = sessions::Browser::default();
        let proven = verify::confirm(&house.app, &link, own.as_ref(), &browser).await;
        let email = house.person().await.email;
        assert!(matches!(&proven, Ok(Confirmed::Done(proven)) if proven == email), "{proven:?}");

        // What is revoked is over, and only that.
        let rows = rows_but_events(&house).await;
        let token = given.of("refresh_token").to_owned();
        given.present("revoked token", &token).await.is(200);
        refused("refresh_token", &given.present("refresh_token", &token).await);
        assert_eq!(rows_but_events(&house).await, rows);
    }
}
