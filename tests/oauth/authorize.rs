//! Authorize: `/oauth2/authorize` (RFC 6749 §3.1, OpenID Connect Core §3.1.2): the way from the
//! request to the answer, and every error that may be sent to the client.

use doorward::paths;
use entity::value::ResponseTypes;
use url::Url;

use super::{
    granted::{Granted, change_client, rows_but_events},
    jwt,
};
use crate::support::{database::both, house::House, rp::Rp};

/// `length` characters, every printable one of ASCII among them.
fn printable(length: usize) -> String {
    (' '..='~').cycle().take(length).collect()
}

both! {
    async fn a_person_signs_in_allows_and_returns(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let person = house.person().await;
        let before = house.rows().await;
        let mut browser = house.browser();

        browser.get_from_stranger(&rp.authorize_url(&[])).await.sent_to(paths::LOGIN);
        let page = browser.follow().await;
        page.shown(200, "Sign in").shown(200, "to continue to Example");
        assert_eq!(house.rows().await, before, "nothing is kept of a request");

        let typed = [("email", person.email), ("password", person.password)];
        browser.submit("#login-form", &typed).await.sent_to(paths::AUTHORIZE);
        browser.follow().await.shown(200, "Example wants to use your account");
        let page = browser.last();
        for told in ["app.example", person.email, "See your e-mail address"] {
            page.shown(200, told);
        }
        assert_eq!(house.rows().await["authorization_code"], 0, "nothing was answered yet");

        let answer = browser.submit("#consent-approve", &[]).await;
        let code = answer.code();
        // RU-11: our own, empty fragment, so that a browser carries none of its own over.
        answer.has("Location", |to| to.ends_with('#'));
        let tokens = rp.exchange(&code).await.tokens();
        let id_token = tokens.id_token.expect("an ID token");
        let claims = jwt::Jwt::id_token(&house, &id_token, &rp.client_id).await.claims;
        assert_eq!(claims["nonce"], rp.nonce.as_str());
    }

    async fn a_request_by_form_is_answered_with_the_same_request_as_a_get(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let url = Url::parse(&rp.authorize_url(&[])).expect("a URL");
        let form: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let pairs: Vec<_> = form.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        let mut browser = house.browser();
        let answer = browser.post_from_stranger(paths::AUTHORIZE, &pairs).await;
        let to = answer.sent_to(paths::AUTHORIZE).location().expect("a Location");
        let mut sent: Vec<_> = to.query_pairs().into_owned().collect();
        let mut asked = form.clone();
        sent.sort();
        asked.sort();
        assert_eq!(sent, asked);
        browser.follow().await.shown(200, "Sign in");
        let person = house.person().await;
        let typed = [("email", person.email), ("password", person.password)];
        browser.submit("#login-form", &typed).await;
        browser.follow().await;
        rp.exchange(&browser.submit("#consent-approve", &[]).await.code()).await.tokens();

        // Half in the query, half in the form; and what is no form at all.
        let (query, rest) = pairs.split_at(3);
        let half = Url::parse_with_params("http://localhost:8080/oauth2/authorize", query);
        browser.post_from_stranger(half.expect("a URL").as_str(), rest).await;
        rp.exchange(&browser.follow().await.code()).await.tokens();
        let json = house.post(paths::AUTHORIZE).body("application/json", "{}");
        json.await.shown(400, "Authorization error");
    }

    async fn what_is_not_known_here_is_ignored(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        for (name, value) in [
            ("extra", "foobar"),
            ("display", "page"),
            ("display", "popup"),
            ("ui_locales", "se"),
            ("claims_locales", "se"),
            ("acr_values", "1 2"),
            ("claims", r#"{"id_token":{"email":{"essential":true},"nobody_knows":null}}"#),
            ("scope", "openid email nobody:knows"),
            ("flow", "x"),
            ("response_mode", "query"),
            ("code", "ac_x"),
            ("iss", "https://elsewhere.example"),
        ] {
            let code = granted.code_for(&[(name, Some(value))]).await;
            let tokens = granted.rp.exchange(&code).await.tokens();
            let scope = tokens.scope.expect("a scope");
            assert!(!scope.contains("nobody"), "{name}={value}: {scope}");
        }
    }

    async fn state_and_nonce_come_back_byte_for_byte(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let long = (printable(1000), printable(384));
        let whole = (printable(2048), printable(1024));
        let strange = ("é ☃ %20+%2B&=\t".to_owned(), "\u{10348}%".to_owned());
        for (state, nonce) in [long, whole, strange] {
            let sent = [("state", Some(state.as_str())), ("nonce", Some(nonce.as_str()))];
            // The state is compared where the code is read.
            let code = granted.code_for(&sent).await;
            let id_token = granted.rp.exchange(&code).await.tokens().id_token;
            assert_eq!(jwt::claims(&id_token.expect("an ID token"))["nonce"], nonce.as_str());
        }
        let code = granted.code_for(&[("state", None), ("nonce", None)]).await;
        let id_token = granted.rp.exchange(&code).await.tokens().id_token;
        let claims = jwt::claims(&id_token.expect("an ID token"));
        assert!(claims.get("nonce").is_none(), "{claims}");
    }

    async fn a_long_state_passes_all_pages(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let (state, nonce) = (printable(1000), printable(384));
        let sent = [("state", Some(state.as_str())), ("nonce", Some(nonce.as_str()))];
        let mut browser = house.browser();
        browser.get_from_stranger(&rp.authorize_url(&sent)).await;
        browser.follow().await;
        let person = house.person().await;
        let typed = [("email", person.email), ("password", person.password)];
        browser.submit("#login-form", &typed).await;
        browser.follow().await;
        let code = browser.submit("#consent-approve", &[]).await.code();
        let id_token = rp.exchange(&code).await.tokens().id_token;
        assert_eq!(jwt::claims(&id_token.expect("an ID token"))["nonce"], nonce.as_str());
    }

    async fn every_other_error_is_answered_and_leaves_nothing_behind(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::with(&house, |new| new.scope = "openid email".parse().expect("a scope")).await;
        let before = house.rows().await;
        let mut browser = house.browser();
        let short = "a".repeat(42);
        let (long_state, long_nonce) = ("s".repeat(2049), "n".repeat(1025));
        let usual = [("scope", Some("openid email"))];
        for (name, value, error) in [
            ("response_type", None, "invalid_request"),
            ("response_type", Some(""), "invalid_request"),
            ("response_type", Some("none"), "unsupported_response_type"),
            ("response_type", Some("Code"), "unsupported_response_type"),
            ("response_mode", Some("query.jwt"), "invalid_request"),
            ("response_mode", Some("jwt"), "invalid_request"),
            ("response_mode", Some("web_message"), "invalid_request"),
            ("request", Some("eyJhbGciOiJub25lIn0.e30."), "invalid_request_object"),
            ("request", Some(""), "invalid_request_object"),
            ("request_uri", Some("https://app.example/r"), "request_uri_not_supported"),
            ("request_uri", Some("urn:x"), "request_uri_not_supported"),
            ("registration", Some("{}"), "registration_not_supported"),
            ("scope", Some("openid phone"), "invalid_scope"),
            ("scope", Some("openid offline_access"), "invalid_scope"),
            ("scope", Some("openid \"email\""), "invalid_scope"),
            ("scope", Some("openid é"), "invalid_scope"),
            ("code_challenge", None, "invalid_request"),
            ("code_challenge", Some(""), "invalid_request"),
            ("code_challenge", Some(&short), "invalid_request"),
            ("code_challenge_method", None, "invalid_request"),
            ("code_challenge_method", Some("plain"), "invalid_request"),
            ("code_challenge_method", Some("s256"), "invalid_request"),
            ("prompt", Some("none login"), "invalid_request"),
            ("prompt", Some("Login"), "invalid_request"),
            ("prompt", Some("none create"), "invalid_request"),
            ("max_age", Some("-1"), "invalid_request"),
            ("max_age", Some("1.5"), "invalid_request"),
            ("max_age", Some("soon"), "invalid_request"),
            ("max_age", Some("99999999999999999999"), "invalid_request"),
            ("id_token_hint", Some("x"), "invalid_request"),
            ("state", Some(&long_state), "invalid_request"),
            ("nonce", Some(&long_nonce), "invalid_request"),
        ] {
            let changes: Vec<_> = usual
                .into_iter()
                .filter(|(usual, _)| *usual != name)
                .chain([(name, value)])
                .collect();
            let answer = browser.get_from_stranger(&rp.authorize_url(&changes)).await;
            answer.answered(error);
            assert_eq!(house.rows().await, before, "{name}={value:?}");
        }
    }

    async fn a_response_type_that_the_client_did_not_register_is_not_its_own(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        change_client(&house, &rp, |client| client.response_types = ResponseTypes(vec![])).await;
        let mut browser = house.browser();
        browser.get(&rp.authorize_url(&[])).await.answered("unauthorized_client");
    }

    async fn what_cannot_be_read_is_shown(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let before = house.rows().await;
        let usual = rp.authorize_url(&[]);
        let many = "&a=1".repeat(101);
        for rest in ["&x=%FF", "&%FF=x", "&state=%00", "&%00", many.as_str()] {
            let mut browser = house.browser();
            let page = browser.get_from_stranger(&format!("{usual}{rest}")).await;
            page.shown(400, "Authorization error");
            assert!(page.page().text_of("#oauth-error").is_some(), "{}", page.told());
        }
        house.get(paths::AUTHORIZE).await.shown(400, "Authorization error");
        assert_eq!(house.rows().await, before);
    }

    async fn a_query_that_was_registered_is_kept(db: Database) {
        let house = House::new(db).await;
        for uri in [
            "https://app.example/cb?tenant=1",
            "https://app.example/cb?tenant=1&x=a+b%20c",
            "https://app.example/cb?",
        ] {
            let rp = Rp::with(&house, |new| new.redirect_uris = vec![uri.to_owned()]).await;
            let mut browser = house.browser();
            browser.get(&rp.authorize_url(&[("response_type", Some("nonsense"))])).await;
            let refused = browser.last().answered("unsupported_response_type");
            refused.has("Location", |to| to.starts_with(uri));
            let code = rp.sign_in(&mut browser).await;
            rp.exchange(&code).await.tokens();
        }
    }

    async fn a_person_who_refuses_is_sent_back_with_access_denied(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let mut browser = house.browser();
        browser.get_from_stranger(&rp.authorize_url(&[])).await;
        let person = house.person().await;
        let typed = [("email", person.email), ("password", person.password)];
        browser.follow().await;
        browser.submit("#login-form", &typed).await;
        browser.follow().await;
        let before = rows_but_events(&house).await;
        browser.submit("#consent-deny", &[]).await.answered("access_denied");
        assert_eq!(rows_but_events(&house).await, before);
        // A refusal is not remembered: the person may think again.
        browser.get_from_stranger(&rp.authorize_url(&[])).await.sent_to(paths::CONSENT);
    }
}
