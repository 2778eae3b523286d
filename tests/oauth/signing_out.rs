//! Signing out: the person's part of `/oauth2/logout`: who is asked first, that the answer is their
//! own, and what ends with the session (OpenID Connect RP-Initiated Logout 1.0 §2, §6).

use doorward::{accounts::operate, paths};
use entity::value::Role;

use super::{
    end_session::{confirm, is_signed_in, leave, signed_in, went_on},
    jws_inputs::GOODBYE,
};
use crate::support::{database::both, house::House};

both! {
    async fn or_3_state_goes_nowhere_but_to_the_registered_address(db: Database) {
        let house = House::new(db).await;
        let (_, other_session) = signed_in(&house).await;
        let (mut granted, hint) = signed_in(&house).await;
        let client_id = granted.rp.client_id.clone();
        let elsewhere = "https://elsewhere.example/";
        for params in [
            &[("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", elsewhere)][..],
            &[("id_token_hint", "x"), ("post_logout_redirect_uri", GOODBYE)],
            &[("post_logout_redirect_uri", GOODBYE)],
            // Registered, but nobody has proven that it is this person's sign-out.
            &[("client_id", &client_id), ("post_logout_redirect_uri", GOODBYE)],
            &[("id_token_hint", &other_session), ("post_logout_redirect_uri", GOODBYE)],
            // Parameters of ours, from somebody else.
            &[("notice", elsewhere), ("flow", elsewhere), ("next", elsewhere)],
        ] {
            let params = [params, &[("state", "only-for-the-client")]].concat();
            let mut answer = leave(&mut granted, &params).await;
            for _ in 0..2 {
                assert!(!answer.body.contains("only-for-the-client"), "{}", answer.told());
                let to = answer.location();
                if let Some(to) = &to {
                    assert_eq!(to.origin(), house.url("/").origin(), "{to}");
                    assert!(!to.as_str().contains("only-for-the-client"), "{to}");
                }
                answer = granted.browser.follow().await.clone();
            }
        }
        assert!(is_signed_in(&mut granted).await);
        for path in [paths::LOGOUT_DONE, paths::LOGOUT_NOTIFY, paths::LOGOUT_CONFIRM, paths::LOGOUT] {
            for name in ["notice", "flow", "to", "url", "post_logout_redirect_uri"] {
                let query = [(name, elsewhere)];
                let mut url = house.url(path);
                url.query_pairs_mut().extend_pairs(query);
                granted.browser.get_from_stranger(url.as_str()).await;
                let last = granted.browser.follow().await;
                assert_eq!(last.location(), None, "{}", last.told());
            }
        }
    }

    async fn se_9_a_hint_at_somebody_else_asks_first(db: Database) {
        let house = House::new(db).await;
        let wanted = operate::Wanted {
            email: "bob@example.com",
            name: "Bob",
            password: Some("seven green umbrellas"),
            email_verified: true,
            role: Role::User,
            claims: None,
            image: None,
        };
        operate::add(&house.app, wanted).await.expect("a new user");
        // Ada, in another browser: another session of the same person, and then another person.
        let (_, other_session) = signed_in(&house).await;
        let (mut granted, _) = signed_in(&house).await;
        let params = [("id_token_hint", other_session.as_str()), ("post_logout_redirect_uri", GOODBYE)];
        leave(&mut granted, &params).await.sent_to(paths::LOGOUT_CONFIRM);
        assert!(is_signed_in(&mut granted).await);
        let select = granted.rp.authorize_url(&[("prompt", Some("select_account"))]);
        granted.browser.get_from_stranger(&select).await;
        granted.browser.follow().await;
        let bob = [("email", wanted.email), ("password", "seven green umbrellas")];
        granted.browser.submit("#login-form", &bob).await;
        granted.browser.follow().await;
        granted.browser.submit("#consent-approve", &[]).await.code();
        leave(&mut granted, &params).await.sent_to(paths::LOGOUT_CONFIRM);
        confirm(&mut granted).await;
    }

    async fn se_9_the_confirmation_is_the_persons_own(db: Database) {
        let house = House::new(db).await;
        let (mut granted, _) = signed_in(&house).await;
        let path = paths::LOGOUT_CONFIRM;
        let form = granted.browser.get(path).await.page().form("#logout-confirm").pairs();
        let pairs: Vec<_> = form.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        let before = house.rows().await;
        let expired = "This form has expired";
        granted.browser.post_from_stranger(path, &pairs).await.shown(403, expired);
        granted.browser.post_form(path, &[]).await.shown(403, expired);
        granted.browser.post_form(path, &[("csrf", "x")]).await.shown(403, expired);
        assert_eq!(house.rows().await, before);
        assert!(is_signed_in(&mut granted).await);
        granted.browser.post_form(path, &pairs).await.sent_to(paths::LOGOUT_DONE);
        // Back, and again: nobody is signed in, and nothing breaks.
        granted.browser.get(path).await;
        assert!(granted.browser.follow().await.status < 400);
    }

    async fn a_request_by_form_is_answered_with_the_same_request_as_a_get(db: Database) {
        let house = House::new(db).await;
        let (mut granted, hint) = signed_in(&house).await;
        let params = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", GOODBYE)];
        granted.browser.post_from_stranger(paths::END_SESSION, &params).await;
        granted.browser.last().sent_to(paths::END_SESSION);
        went_on(granted.browser.follow().await, GOODBYE);
        assert!(!is_signed_in(&mut granted).await);
        let json = house.post(paths::END_SESSION).body("application/json", "{}");
        json.await.shown(400, "Logout error");
    }

    async fn ru_8_a_parameter_that_is_sent_twice_is_refused(db: Database) {
        let house = House::new(db).await;
        let (mut granted, hint) = signed_in(&house).await;
        let usual = [
            ("id_token_hint", hint.as_str()),
            ("post_logout_redirect_uri", GOODBYE),
            ("state", "s"),
        ];
        for again in usual {
            let twice = [&usual[..], &[again]].concat();
            leave(&mut granted, &twice).await.shown(400, "Logout error");
        }
        for rest in ["?x=%FF", "?x=%00"] {
            let url = format!("{}{rest}", paths::END_SESSION);
            granted.browser.get(&url).await.shown(400, "Logout error");
        }
        assert!(is_signed_in(&mut granted).await);
    }

    async fn what_was_given_for_the_session_ends_with_it(db: Database) {
        let house = House::new(db).await;
        let (mut granted, hint) = signed_in(&house).await;
        let online = granted.code_for(&[("scope", Some("openid email"))]).await;
        let online = granted.rp.exchange(&online).await.tokens();
        let offline = granted.tokens().await;
        let open_code = granted.code().await;
        leave(&mut granted, &[("id_token_hint", &hint)]).await.sent_to(paths::LOGOUT_DONE);
        let userinfo = house.get(paths::USERINFO).bearer(&online.access_token).await;
        userinfo.bearer_error(401, "invalid_token");
        granted.rp.exchange(&open_code).await.oauth_error(400, "invalid_grant");
        // OpenID Connect Core §11: what was allowed offline goes on.
        let refresh_token = offline.refresh_token.expect("a refresh token");
        granted.rp.refresh(&refresh_token).await.tokens();
    }
}
