//! PA-1: pushed authorization requests (RFC 9126): who may push what, and what comes of it.

use doorward::{crypto::seal::Purpose, oauth::params::Params, paths};
use entity::value::{ClientAuthMethod, Profile, SigningAlg};
use serde_json::{Value, json};

use super::{
    granted::{Granted, rows_but_events},
    pushing::{Signing, URN, answer, form, push, refused, request_uri, row, url_of},
};
use crate::support::{
    database::{Database, both},
    dpop::{DpopKey, Options},
    house::House,
    rp::Rp,
};

both! {
    async fn pa_1_a_pushed_request_is_answered_once(db: Database) {
        let house = House::new(db).await;
        for rp in [Rp::confidential(&house).await, Rp::public(&house).await] {
            let kept = push(&rp, &[]).await;
            let uri = request_uri(&kept);
            let json = kept.json();
            assert!(uri.strip_prefix(URN).is_some_and(|random| random.len() >= 43), "{uri}");
            assert_eq!(json["expires_in"], 60);
            assert_eq!(json.as_object().map(serde_json::Map::len), Some(2), "{json}");
            kept.has("Cache-Control", |rule| rule.contains("no-store"));
            let mut browser = house.browser();
            browser.asks(&rp.redirect_uri, Some(&rp.state));
            let url = url_of(&house, &rp.client_id, &uri);
            let code = answer(&mut browser, &house, &url).await.last().code();
            let tokens = rp.exchange(&code).await.tokens();
            assert!(tokens.id_token.is_some());
            let before = rows_but_events(&house).await;
            refused(browser.get_from_stranger(&url).await);
            refused(house.browser().get_from_stranger(&url).await);
            assert_eq!(rows_but_events(&house).await, before);
        }
    }

    async fn pa_1_only_its_client_can_push(db: Database) {
        let house = House::new(db).await;
        let (rp, public) = (Rp::confidential(&house).await, Rp::public(&house).await);
        house.forget_counts().await;
        let before = house.rows().await;
        let usual = form(&rp, &[]);
        let post = || house.post(paths::PAR);
        let other = public.client_id.as_str();
        let secret = rp.client_secret.as_deref().expect("a secret");
        for call in [
            post().form(&usual),
            post().basic(&rp.client_id, "wrong").form(&usual),
            post().basic(other, secret).form(&usual),
            post().basic("nobody", secret).form(&usual),
            post().form(&form(&rp, &[("client_id", None)])),
            post().form(&form(&rp, &[("client_secret", Some("wrong"))])),
            post().form(&form(&rp, &[("client_id", Some("nobody"))])),
            // A client says who it is once, or twice the same.
            rp.post(paths::PAR, &[("client_id", other)]),
        ] {
            call.await.client_401();
        }
        let twice = form(&rp, &[("client_secret", Some(secret))]);
        let twice = post().basic(&rp.client_id, secret).form(&twice).await;
        twice.oauth_error(400, "invalid_request");
        house.forget_counts().await;
        assert_eq!(house.rows().await, before);
        // In the form will do, and then it is not kept with the request.
        let in_form = form(&rp, &[("client_secret", Some(secret))]);
        request_uri(&post().form(&in_form).await);
        let row = row(&house).await;
        let place = format!("pushed_request|request|{}", row.id);
        let purpose = Purpose::PushedRequest;
        let opened = house.app.sealer.open(purpose, &place, &row.request).expect("a request");
        let kept = Params::parse(&opened).expect("parameters");
        assert!(kept.raw("client_secret").is_none() && kept.get("state").is_some());
    }

    async fn pa_1_what_is_pushed_is_checked_at_once(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let before = house.rows().await;
        let long = "x".repeat(4000);
        for (name, value, error) in [
            // Also where the client has exactly one.
            ("redirect_uri", None, "invalid_request"),
            ("redirect_uri", Some("https://app.example/cb/"), "invalid_request"),
            ("redirect_uri", Some("https://evil.example/cb"), "invalid_request"),
            ("response_type", None, "invalid_request"),
            ("response_type", Some("token"), "unsupported_response_type"),
            ("response_type", Some("code id_token"), "unauthorized_client"),
            ("response_mode", Some("other"), "invalid_request"),
            ("code_challenge", None, "invalid_request"),
            ("code_challenge", Some("short"), "invalid_request"),
            ("code_challenge_method", Some("plain"), "invalid_request"),
            ("code_challenge_method", None, "invalid_request"),
            ("scope", Some("a\"b"), "invalid_scope"),
            ("prompt", Some("none login"), "invalid_request"),
            ("max_age", Some("soon"), "invalid_request"),
            ("id_token_hint", Some("x"), "invalid_request"),
            ("state", Some(&long), "invalid_request"),
            ("nonce", Some(&long), "invalid_request"),
            ("registration", Some("{}"), "registration_not_supported"),
            ("request", Some("x"), "invalid_request_object"),
            ("request_uri", Some("urn:x"), "invalid_request"),
            ("request_uri", Some(""), "invalid_request"),
            ("resource", Some("https://unknown.example"), "invalid_target"),
            ("dpop_jkt", Some("x"), "invalid_request"),
        ] {
            let answer = push(&rp, &[(name, value)]).await;
            assert_eq!(answer.status, 400, "{name}={value:?}");
            answer.oauth_error(400, error);
            assert_eq!(house.rows().await, before, "{name}={value:?}");
        }
        let twice = [form(&rp, &[]), vec![("state".to_owned(), "b".to_owned())]].concat();
        let secret = rp.client_secret.as_deref().expect("a secret");
        let twice = house.post(paths::PAR).basic(&rp.client_id, secret).form(&twice).await;
        twice.oauth_error(400, "invalid_request");
        let uri = request_uri(&push(&rp, &[]).await);
        push(&rp, &[("request_uri", Some(&uri))]).await.oauth_error(400, "invalid_request");
    }

    async fn pa_1_a_proof_binds_the_code_to_its_key(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let rp = &granted.rp;
        let (key, other) = (DpopKey::new(), DpopKey::new());
        let url = house.url(paths::PAR).to_string();
        let (jkt, others) = (key.jkt(), other.jkt());
        let proof = || key.proof("POST", &url, Options::default());
        let before = rows_but_events(&house).await;
        for (header, error) in [
            (proof(), "invalid_dpop_proof"),
            ("x".to_owned(), "invalid_dpop_proof"),
        ] {
            let call = push(rp, &[("dpop_jkt", Some(&others))]).header("DPoP", &header);
            call.await.oauth_error(400, error);
        }
        assert_eq!(rows_but_events(&house).await["pushed_request"], before["pushed_request"]);
        let browser = &mut granted.browser;
        browser.asks(&rp.redirect_uri, Some(&rp.state));
        for call in [
            push(rp, &[]).header("DPoP", &proof()),
            push(rp, &[("dpop_jkt", Some(&jkt))]).header("DPoP", &proof()),
            push(rp, &[("dpop_jkt", Some(&jkt))]),
        ] {
            let url = url_of(&house, &rp.client_id, &request_uri(&call.await));
            let code = browser.get_from_stranger(&url).await.code();
            let token_url = house.url(paths::TOKEN).to_string();
            let redeem = |key: Option<&DpopKey>| {
                let form = [
                    ("grant_type", "authorization_code"),
                    ("code", &code),
                    ("redirect_uri", &rp.redirect_uri),
                    ("code_verifier", &rp.code_verifier),
                ];
                let call = rp.token(&form);
                match key {
                    Some(key) => {
                        call.header("DPoP", &key.proof("POST", &token_url, Options::default()))
                    }
                    None => call,
                }
            };
            redeem(None).await.oauth_error(400, "invalid_grant");
            redeem(Some(&other)).await.oauth_error(400, "invalid_grant");
            let answer = redeem(Some(&key)).await;
            assert_eq!(answer.ok()["token_type"], "DPoP");
        }
    }
}

/// The profile of FAPI 2.0: keys instead of secrets, pushed, bound to a key.
#[tokio::test]
async fn a_client_of_fapi_2_pushes_and_gets_bound_tokens() {
    let house = House::new(Database::sqlite().await).await;
    let signing = Signing::es256();
    let rp = signing
        .client(&house, |new| {
            new.profile = Profile::Fapi2;
            new.auth_method = Some(ClientAuthMethod::PrivateKeyJwt);
            new.id_token_alg = SigningAlg::ES256;
        })
        .await;
    let issuer = house.app.config.server.issuer.clone();
    let proven = |form: &[(String, String)]| -> Vec<(String, String)> {
        let now = house.app.clock.now().timestamp();
        let claims = json!({
            "iss": rp.client_id,
            "sub": rp.client_id,
            "aud": issuer,
            "jti": doorward::crypto::secret::random_id::<16>(),
            "iat": now,
            "exp": now + 60,
        });
        let assertion = signing.sign_with(&json!({ "typ": Value::Null }), &claims);
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        let mut all = form.to_vec();
        all.push(("client_assertion_type".to_owned(), kind.to_owned()));
        all.push(("client_assertion".to_owned(), assertion));
        all
    };
    let key = DpopKey::new();
    let proof = |path: &str| key.proof("POST", house.url(path).as_str(), Options::default());
    let mut browser = house.browser();
    browser
        .get_from_stranger(&rp.authorize_url(&[]))
        .await
        .answered("invalid_request");
    let kept = house.post(paths::PAR).form(&proven(&form(&rp, &[])));
    let kept = kept.header("DPoP", &proof(paths::PAR)).await;
    let url = url_of(&house, &rp.client_id, &request_uri(&kept));
    browser.asks(&rp.redirect_uri, Some(&rp.state));
    let code = answer(&mut browser, &house, &url).await.last().code();
    let form: Vec<(String, String)> = [
        ("grant_type", "authorization_code"),
        ("client_id", &rp.client_id),
        ("code", &code),
        ("redirect_uri", &rp.redirect_uri),
        ("code_verifier", &rp.code_verifier),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec();
    let bare = house.post(paths::TOKEN).form(&proven(&form)).await;
    assert_eq!(bare.status, 400, "{}", bare.told());
    let bound = house.post(paths::TOKEN).form(&proven(&form));
    let bound = bound.header("DPoP", &proof(paths::TOKEN)).await;
    assert_eq!(bound.ok()["token_type"], "DPoP");
}

#[tokio::test]
async fn where_pushing_is_off_nothing_can_be_pushed_or_brought() {
    let database = Database::sqlite().await;
    let house = House::with(database, |config| config.features.pushed_requests = false).await;
    let rp = Rp::confidential(&house).await;
    push(&rp, &[]).await.oauth_error(404, "invalid_request");
    let made_up = format!("{URN}pr_{}", "A".repeat(43));
    let url = url_of(&house, &rp.client_id, &made_up);
    refused(house.browser().get_from_stranger(&url).await);
    let metadata = house.get(paths::DISCOVERY_OPENID).await.ok();
    assert!(
        metadata
            .get("pushed_authorization_request_endpoint")
            .is_none()
    );
}
