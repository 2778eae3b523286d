//! End session: `/oauth2/logout` (OpenID Connect RP-Initiated Logout 1.0): who is signed out, who is
//! asked first, and where the browser goes on, which is never to an address that is not the client's.

use chrono::TimeDelta;
use doorward::paths;
use entity::value::SigningAlg;
use serde_json::json;

use super::{forge::Signer, granted::Granted, jws_inputs::GOODBYE, jwt::claims};
use crate::support::{answer::Answer, database::both, house::House, rp::Rp};

/// What a relying party may send as `state`, punctuation and all.
pub(super) const STATE: &str = "a b+c%20d&e=f#g?h/i;j\"k'l<m>n\\o~p";

pub(super) async fn signed_in(house: &House) -> (Granted<'_>, String) {
    let rp = Rp::with(house, |new| {
        new.post_logout_redirect_uris = vec![
            GOODBYE.to_owned(),
            "https://app.example/goodbye?tenant=1".to_owned(),
        ];
    })
    .await;
    let mut granted = Granted::to(house, rp).await;
    let id_token = granted.tokens().await.id_token.expect("an ID token");
    (granted, id_token)
}

/// Sends the browser to the end-session endpoint.
pub(super) async fn leave(granted: &mut Granted<'_>, params: &[(&str, &str)]) -> Answer {
    let mut url = granted.house.url(paths::END_SESSION);
    url.query_pairs_mut().extend_pairs(params);
    granted
        .browser
        .get_from_stranger(url.as_str())
        .await
        .clone()
}

/// Whether the browser is signed in, as a relying party sees it.
pub(super) async fn is_signed_in(granted: &mut Granted<'_>) -> bool {
    let url = granted.rp.authorize_url(&[("prompt", Some("none"))]);
    let answer = granted.browser.get_from_stranger(&url).await;
    let to = answer.is(303).location().expect("a Location");
    let signed_in = to.as_str().contains("code=");
    if !signed_in {
        answer.answered("login_required");
    }
    signed_in
}

/// Presses the button of the page that asks, and comes to our own last page.
pub(super) async fn confirm(granted: &mut Granted<'_>) {
    assert!(is_signed_in(granted).await, "a question changes nothing");
    granted
        .browser
        .get(paths::LOGOUT_CONFIRM)
        .await
        .shown(200, "Sign out");
    granted
        .browser
        .submit("#logout-confirm", &[])
        .await
        .sent_to(paths::LOGOUT_DONE);
    let last = granted.browser.follow().await;
    last.shown(200, "Signed out");
    assert!(
        last.page().text_of("#logged-out").is_some(),
        "{}",
        last.told()
    );
    assert!(!is_signed_in(granted).await);
}

#[track_caller]
pub(super) fn went_on(answer: &Answer, to: &str) {
    assert_eq!(answer.is(303).header("Location"), to);
}

both! {
    async fn rp_initiated_logout(db: Database) {
        let house = House::new(db).await;
        let (mut granted, hint) = signed_in(&house).await;
        let params = [
            ("id_token_hint", hint.as_str()),
            ("post_logout_redirect_uri", GOODBYE),
            ("state", STATE),
        ];
        let answer = leave(&mut granted, &params).await;
        let to = answer.is(303).location().expect("a Location");
        assert!(to.as_str().starts_with(&format!("{GOODBYE}?")), "{to}");
        let sent: Vec<_> = to.query_pairs().into_owned().collect();
        assert_eq!(sent, [("state".to_owned(), STATE.to_owned())]);
        assert!(!is_signed_in(&mut granted).await);
        assert_eq!(house.rows().await["session"], 0);
        // Again: there is nobody to sign out, and the way on is the same.
        assert_eq!(leave(&mut granted, &params).await.location(), Some(to));
    }

    async fn every_visible_character_comes_back(db: Database) {
        let house = House::new(db).await;
        let visible: Vec<char> = ('!'..='~').collect();
        for state in visible.chunks(47).chain(visible.chunks(10)) {
            let state: String = state.iter().collect();
            let (mut granted, hint) = signed_in(&house).await;
            let params = [
                ("id_token_hint", hint.as_str()),
                ("post_logout_redirect_uri", GOODBYE),
                ("state", &state),
            ];
            let to = leave(&mut granted, &params).await.location().expect("a Location");
            let sent: Vec<_> = to.query_pairs().into_owned().collect();
            assert_eq!(sent, [("state".to_owned(), state)]);
        }
    }

    async fn rp_initiated_logout_no_state(db: Database) {
        let house = House::new(db).await;
        let (mut granted, hint) = signed_in(&house).await;
        let params = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", GOODBYE)];
        went_on(&leave(&mut granted, &params).await, GOODBYE);
        assert!(!is_signed_in(&mut granted).await);
    }

    async fn rp_initiated_logout_with_a_query_that_was_registered(db: Database) {
        let house = House::new(db).await;
        let (mut granted, hint) = signed_in(&house).await;
        let uri = "https://app.example/goodbye?tenant=1";
        let params = [
            ("id_token_hint", hint.as_str()),
            ("client_id", &granted.rp.client_id.clone()),
            ("post_logout_redirect_uri", uri),
            ("state", "s"),
        ];
        went_on(&leave(&mut granted, &params).await, &format!("{uri}&state=s"));
    }

    async fn rp_initiated_logout_bad_post_logout_redirect_uri(db: Database) {
        let house = House::new(db).await;
        let (mut granted, hint) = signed_in(&house).await;
        let other = Rp::with(&house, |new| {
            new.post_logout_redirect_uris = vec!["https://other.example/".to_owned()];
        })
        .await;
        for uri in [
            "https://elsewhere.example/",
            // Registered, but by somebody else, and not as this.
            "https://other.example/",
            "https://app.example/cb",
            // -query-added-to-post-logout-redirect-uri
            "https://app.example/goodbye?foo=bar",
            "https://app.example/goodbye?",
            "https://app.example/goodbye/",
            "https://app.example/goodbye#",
            "https://app.example/Goodbye",
            "https://app.example:443/goodbye",
            "https://app.example@elsewhere.example/goodbye",
            "https://app.example/goodbye/../goodbye",
            "javascript:alert(1)",
            "//elsewhere.example/",
            "/account",
        ] {
            let params = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", uri)];
            let page = leave(&mut granted, &params).await;
            page.shown(400, "Logout error");
            assert!(page.page().text_of("#oauth-error").is_some(), "{}", page.told());
            let params = [
                ("client_id", granted.rp.client_id.clone()),
                ("post_logout_redirect_uri", uri.to_owned()),
            ];
            let params = params.each_ref().map(|(name, value)| (*name, value.as_str()));
            leave(&mut granted, &params).await.shown(400, "Logout error");
        }
        let params = [("id_token_hint", hint.as_str()), ("client_id", &other.client_id)];
        leave(&mut granted, &params).await.shown(400, "Logout error");
        assert!(is_signed_in(&mut granted).await);
    }

    async fn rp_initiated_logout_modified_and_bad_id_token_hint(db: Database) {
        let house = House::new(db).await;
        let (mut granted, hint) = signed_in(&house).await;
        let ours = Signer::ours(&house, SigningAlg::RS256).await;
        let mut elsewhere = claims(&hint);
        elsewhere["iss"] = json!("https://elsewhere.example");
        let mut nobody = claims(&hint);
        nobody["aud"] = json!("nobody");
        for bad in [
            Signer::Nobody.token("JWT", &json!({}), &claims(&hint)),
            Signer::theirs().token("JWT", &json!({}), &claims(&hint)),
            Signer::theirs().token("JWT", &json!({ "kid": ours.kid() }), &claims(&hint)),
            ours.token("JWT", &json!({}), &elsewhere),
            ours.token("JWT", &json!({}), &nobody),
            hint[..hint.len() - 1].to_owned(),
            granted.tokens().await.access_token,
            "x".to_owned(),
        ] {
            let params = [("id_token_hint", bad.as_str()), ("post_logout_redirect_uri", GOODBYE)];
            leave(&mut granted, &params).await.shown(400, "Logout error");
        }
        assert!(is_signed_in(&mut granted).await);
    }

    async fn rp_initiated_logout_no_id_token_hint(db: Database) {
        let house = House::new(db).await;
        let (mut granted, _) = signed_in(&house).await;
        let client_id = granted.rp.client_id.clone();
        // Without a client nobody knows whose address it is.
        let params = [("post_logout_redirect_uri", GOODBYE)];
        leave(&mut granted, &params).await.shown(400, "Logout error");
        let params = [params[0], ("client_id", &client_id), ("state", "s")];
        leave(&mut granted, &params).await.sent_to(paths::LOGOUT_CONFIRM);
        confirm(&mut granted).await;
    }

    async fn rp_initiated_logout_no_params_only_state_no_post_logout_redirect_uri(db: Database) {
        let house = House::new(db).await;
        for params in [&[][..], &[("state", "s")], &[("state", "s"), ("extra", "x")]] {
            let (mut granted, _) = signed_in(&house).await;
            leave(&mut granted, params).await.sent_to(paths::LOGOUT_CONFIRM);
            confirm(&mut granted).await;
        }
        let (mut granted, hint) = signed_in(&house).await;
        let params = [("id_token_hint", hint.as_str()), ("state", "s")];
        leave(&mut granted, &params).await.sent_to(paths::LOGOUT_DONE);
        granted.browser.follow().await.shown(200, "Signed out");
        assert!(!is_signed_in(&mut granted).await);
    }

    async fn a_hint_may_have_expired(db: Database) {
        let house = House::new(db).await;
        let (mut granted, hint) = signed_in(&house).await;
        house.turn(TimeDelta::hours(11));
        assert!(is_signed_in(&mut granted).await);
        let params = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", GOODBYE)];
        went_on(&leave(&mut granted, &params).await, GOODBYE);
        assert!(!is_signed_in(&mut granted).await);
    }
}
