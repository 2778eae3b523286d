//! PA-2: request objects by value (OpenID Connect Core §6.1, RFC 9101): whose they are, what they
//! win over, and where an error may go.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    forge::Signer,
    granted::Granted,
    jwt::claims,
    pushing::{Signing, object, oidc, push, request_uri, url_of},
};
use crate::support::{answer::Answer, database::both, house::House};

/// Sent back to this URI with this error and nothing that could be tampered with.
#[track_caller]
fn sent_back(answer: &Answer, redirect_uri: &str, error: &str) {
    let to = answer
        .location()
        .unwrap_or_else(|| panic!("{}", answer.told()));
    assert!(to.as_str().starts_with(redirect_uri), "{}", answer.told());
    // In the fragment, where the answer to what was asked for would have been.
    let said = [to.query(), to.fragment()]
        .map(Option::unwrap_or_default)
        .join("&");
    let mut said = url::form_urlencoded::parse(said.as_bytes());
    let found = said.find(|(name, _)| name == "error");
    assert_eq!(found.expect("an error").1, error, "{}", answer.told());
}

both! {
    async fn pa_2_what_is_inside_wins(db: Database) {
        let house = House::new(db).await;
        let signing = Signing::es256();
        let mut granted = Granted::to(&house, signing.client(&house, |_| ()).await).await;
        let rp = &granted.rp;
        let browser = &mut granted.browser;
        browser.asks(&rp.redirect_uri, Some("inside"));
        let inside = json!({ "state": "inside", "nonce": "n-inside", "prompt": "none" });
        let signed = signing.sign(&object(&house, rp, &inside));
        for outer in [
            // Only what OpenID Connect wants outside.
            vec![("state", None), ("nonce", None), ("code_challenge", None), ("code_challenge_method", None)],
            // Other things outside.
            vec![("state", Some("outside")), ("nonce", Some("outside")), ("prompt", Some("login"))],
            vec![("redirect_uri", Some("https://evil.example/cb"))],
            vec![("redirect_uri", None)],
            vec![("response_type", None), ("scope", None)],
        ] {
            let changes = [&outer[..], &[("request", Some(signed.as_str()))]].concat();
            let answer = browser.get_from_stranger(&rp.authorize_url(&changes)).await;
            let tokens = rp.exchange(&answer.code()).await.tokens();
            assert_eq!(claims(&tokens.id_token.expect("an ID token"))["nonce"], "n-inside");
        }
        // What stands only outside counts where nothing inside says otherwise.
        let without = object(&house, rp, &json!({ "state": null }));
        let url = rp.authorize_url(&[
            ("request", Some(&signing.sign(&without))),
            ("state", Some("inside")),
            ("prompt", Some("none")),
        ]);
        browser.get_from_stranger(&url).await.code();
    }

    async fn pa_2_an_object_that_does_not_fit_is_refused(db: Database) {
        let house = House::new(db).await;
        let signing = Signing::es256();
        let rp = signing.client(&house, |_| ()).await;
        let now = house.app.clock.now().timestamp();
        let before = house.rows().await;
        let mut browser = house.browser();
        for changes in [
            json!({ "iss": "somebody" }),
            json!({ "client_id": "somebody" }),
            json!({ "iss": 1 }),
            json!({ "aud": "https://other.example" }),
            json!({ "aud": ["https://other.example"] }),
            json!({ "aud": [] }),
            json!({ "aud": format!("{}/", house.app.config.server.issuer) }),
            json!({ "exp": now }),
            json!({ "exp": now - 300 }),
            json!({ "exp": "soon" }),
            json!({ "nbf": now + 300 }),
            json!({ "nbf": now + 30_000 }),
            json!({ "nbf": {} }),
            json!({ "response_type": "code id_token" }),
            json!({ "response_type": "token" }),
            json!({ "request": "x" }),
            json!({ "request_uri": "https://app.example/r" }),
            json!({ "sub": rp.client_id }),
            json!({ "login_hint": "a\u{0}b" }),
        ] {
            let signed = signing.sign(&object(&house, &rp, &changes));
            let url = rp.authorize_url(&[("request", Some(&signed))]);
            let answer = browser.get_from_stranger(&url).await;
            sent_back(answer, &rp.redirect_uri, "invalid_request_object");
            push(&rp, &[("request", Some(&signed))]).await.oauth_error(400, match changes.get("response_type") {
                // Nothing stands beside a pushed object, so it is judged by itself.
                Some(kind) if *kind == "token" => "unsupported_response_type",
                Some(_) => "unauthorized_client",
                None => "invalid_request_object",
            });
        }
        assert_eq!(house.rows().await, before);
        // What is on the edge is good.
        for changes in [
            json!({ "nbf": now + 59 }),
            json!({ "exp": now + 300 }),
            json!({ "aud": ["https://other.example", house.app.config.server.issuer] }),
            json!({ "aud": null, "iss": null, "exp": null, "nbf": null, "iat": null }),
            json!({ "client_id": null }),
            json!({ "unknown": { "a": [1, null] } }),
        ] {
            let signed = signing.sign(&object(&house, &rp, &changes));
            let url = rp.authorize_url(&[("request", Some(&signed))]);
            browser.get_from_stranger(&url).await.sent_to(doorward::paths::LOGIN);
        }
    }

    async fn pa_2_an_error_goes_only_where_the_client_is(db: Database) {
        let house = House::new(db).await;
        let signing = Signing::es256();
        let rp = signing.client(&house, |new| {
            new.redirect_uris.push("https://app.example/two".to_owned());
        }).await;
        let mut browser = house.browser();
        let at = |changes: &Value| signing.sign(&object(&house, &rp, changes));
        let late = json!({ "exp": 1, "redirect_uri": "https://app.example/two" });
        let evil = json!({ "redirect_uri": "https://evil.example/cb" });
        let broken = format!("{}x", at(&json!({})));
        let (late, evil) = (at(&late), at(&evil));
        let (two, wrong) = ("https://app.example/two", "https://evil.example/cb");
        // Of a proven object, its own; also if the one outside is wrong.
        for outer in [Some(wrong), None, Some(rp.redirect_uri.as_str())] {
            let url = rp.authorize_url(&[("request", Some(&late)), ("redirect_uri", outer)]);
            sent_back(browser.get_from_stranger(&url).await, two, "invalid_request_object");
        }
        // Of one that is not proven, the one outside, if it is the client's.
        let url = rp.authorize_url(&[("request", Some(&broken))]);
        browser.get_from_stranger(&url).await.answered("invalid_request_object");
        for (request, outer) in [
            (&broken, Some(wrong)),
            (&broken, None),
            (&evil, Some(rp.redirect_uri.as_str())),
            (&evil, Some(wrong)),
        ] {
            let url = rp.authorize_url(&[("request", Some(request)), ("redirect_uri", outer)]);
            browser.get_from_stranger(&url).await.shown(400, "Authorization error");
        }
    }

    async fn pa_2_where_objects_must_be_signed_nothing_else_counts(db: Database) {
        let house = House::new(db).await;
        let signing = Signing::es256();
        let rp = signing.client(&house, |new| {
            oidc(new);
            new.metadata.require_signed_request_object = Some(true);
            new.trusted = true;
        }).await;
        let mut granted = Granted { house: &house, browser: house.browser(), rp };
        let (rp, browser) = (&granted.rp, &mut granted.browser);
        browser.get_from_stranger(&rp.authorize_url(&[])).await.answered("invalid_request");
        let all = push(rp, &[]).await;
        all.oauth_error(400, "invalid_request");
        let nothing = Signer::Nobody;
        let usual = object(&house, rp, &json!({}));
        let unsigned = nothing.token("JWT", &json!({ "kid": null }), &usual);
        let url = rp.authorize_url(&[("request", Some(&unsigned))]);
        browser.get_from_stranger(&url).await.answered("invalid_request_object");
        // A state beside it is not the client's: anybody could have put it there.
        let bare = object(&house, rp, &json!({ "state": null, "prompt": "none" }));
        browser.asks(&rp.redirect_uri, None);
        let url = rp.authorize_url(&[("request", Some(&signing.sign(&bare)))]);
        browser.get_from_stranger(&url).await.answered("login_required");
    }

    async fn pa_2_an_object_can_be_pushed_and_then_nothing_beside_it_counts(db: Database) {
        let house = House::new(db).await;
        let signing = Signing::es256();
        let mut granted = Granted::to(&house, signing.client(&house, |_| ()).await).await;
        let (rp, browser) = (&granted.rp, &mut granted.browser);
        let whole = signing.sign(&object(&house, rp, &json!({ "state": "inside" })));
        let beside = [("request", Some(whole.as_str())), ("state", Some("outside")), ("redirect_uri", Some("https://evil.example/cb"))];
        let uri = request_uri(&push(rp, &beside).await);
        // Its own times were met when it was pushed.
        house.turn(TimeDelta::seconds(59));
        browser.asks(&rp.redirect_uri, Some("inside"));
        let url = url_of(&house, &rp.client_id, &uri);
        let code = browser.get_from_stranger(&url).await.code();
        rp.exchange(&code).await.tokens();
        let half = signing.sign(&object(&house, rp, &json!({ "redirect_uri": null })));
        push(rp, &[("request", Some(&half))]).await.oauth_error(400, "invalid_request");
        let half = signing.sign(&object(&house, rp, &json!({ "code_challenge": null })));
        push(rp, &[("request", Some(&half))]).await.oauth_error(400, "invalid_request");
    }
}
