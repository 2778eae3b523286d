//! Registered URIs: what may be registered at all, and that nothing else is used however it came
//! into the table (RFC 6749 §3.1.2, RFC 8252 §7, RFC 9700 §2.6).

use doorward::{
    clients::register::{self, Added, NewClient, RegisterError},
    paths,
};
use entity::value::{ApplicationType, Scope, Uris};

use super::granted::{Granted, change_client};
use crate::support::{database::both, house::House, rp::Rp};

/// What nobody may register, of whatever type the client is.
const REFUSED: &[&str] = &[
    "",
    "cb",
    "/cb",
    "//app.example/cb",
    // RU-3: patterns, dots, slashes in disguise.
    "*",
    "https://*",
    "https://*.example/cb",
    "https://app.example/*",
    "https://{tenant}.example/cb",
    "https://app.example/{tenant}",
    "https://app.example/^cb|x$",
    "https://(app|evil).example/cb",
    "https://[a-z]+.example/cb",
    "https://app.example/cb\\d",
    "https://app.example/./cb",
    "https://app.example/cb/..",
    "https://app.example/../cb",
    "https://app.example/%2e%2e/cb",
    "https://app.example/%252e/cb",
    "https://app.example/..;/cb",
    "https://app.example/a%2fb",
    "https://app.example/a%5cb",
    // RU-2, RU-4: what a browser would read as something else than it says.
    "HTTPS://app.example/cb",
    "https://App.example/cb",
    "https://app.example:443/cb",
    "https:/app.example/cb",
    "https:app.example/cb",
    "https:\\\\app.example\\cb",
    "https://user@app.example/cb",
    "https://user:password@app.example/cb",
    "https://@app.example/cb",
    "https://app.ex\u{e4}mple/cb",
    "https://0x7f.1/cb",
    "http://2130706433/cb",
    // RU-7: schemes that run or read something, white space and control characters.
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "java\tscript:alert(1)",
    "javascript.x://%0aalert(1)",
    "data:text/html,x",
    "vbscript:x",
    "file:///cb",
    "blob:https://app.example/x",
    "about:blank",
    "view-source:https://app.example/cb",
    "intent:x",
    " https://app.example/cb",
    "https://app.example/cb ",
    "https://app.example/c b",
    "https://app.example/cb\n",
    "https://app.example/cb\r\nSet-Cookie: a=b",
    "https://app.example/cb\u{0}",
    "https://app.example/cb%00",
    "https://app.example/cb%0d%0a",
    // RU-12: no fragment, not even an empty one.
    "https://app.example/cb#",
    "https://app.example/cb#x",
    // What the answer carries cannot be there already.
    "https://app.example/cb?code=own",
    "https://app.example/cb?state=own",
    "https://app.example/cb?iss=own",
    "https://app.example/cb?a=b&error=own",
    // RU-13: no http but on loopback, and no scheme of one's own that anybody may have.
    "http://app.example/cb",
    "http://app.example:8080/cb",
    "http://127.0.0.1.evil.example/cb",
    "http://localhost.evil.example/cb",
    "myapp:/cb",
    "myapp://cb",
    "com.example.app://cb",
];

/// Tries to register a client.
async fn attempt(
    house: &House,
    change: impl FnOnce(&mut NewClient),
) -> Result<Added, RegisterError> {
    let mut new = NewClient {
        scope: Scope::default(),
        ..NewClient::named("Example")
    };
    change(&mut new);
    register::add(&house.app, new).await
}

both! {
    async fn ru_3_ru_7_ru_12_ru_13_what_cannot_be_meant_is_not_registered(db: Database) {
        let house = House::new(db).await;
        let before = house.rows().await;
        for uri in REFUSED {
            for kind in [ApplicationType::Web, ApplicationType::Native] {
                // Beside one that is good, too.
                let uris = vec!["https://app.example/cb".to_owned(), (*uri).to_owned()];
                let redirect = attempt(&house, |new| {
                    new.application_type = kind;
                    new.redirect_uris.clone_from(&uris);
                });
                assert!(matches!(redirect.await, Err(RegisterError::Uri(..))), "{uri:?}");
                let logout = attempt(&house, |new| {
                    new.application_type = kind;
                    new.post_logout_redirect_uris.clone_from(&uris);
                });
                assert!(matches!(logout.await, Err(RegisterError::LogoutUri(..))), "{uri:?}");
            }
        }
        let own_scheme = attempt(&house, |new| {
            new.redirect_uris = vec!["com.example.app:/cb".to_owned()];
        });
        assert!(own_scheme.await.is_err(), "a scheme of one's own is for native clients");
        assert_eq!(house.rows().await, before);
    }

    async fn ru_7_a_scheme_that_runs_is_not_used_however_it_came_in(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let hint = granted.tokens().await.id_token.expect("an ID token");
        for uri in [
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///cb",
            "blob:https://app.example/x",
            "about:blank",
            "http://app.example/cb",
            "https://app.example/cb#x",
            "//app.example/cb",
        ] {
            change_client(&house, &granted.rp, |client| {
                client.redirect_uris = Uris(vec![uri.to_owned()]);
                client.post_logout_redirect_uris = Uris(vec![uri.to_owned()]);
            })
            .await;
            let before = house.rows().await;
            for prompt in [None, Some("none")] {
                let asked = [("redirect_uri", Some(uri)), ("prompt", prompt)];
                let url = granted.rp.authorize_url(&asked);
                granted.browser.get(&url).await.shown(400, "Authorization error");
            }
            let mut url = house.url(paths::END_SESSION);
            url.query_pairs_mut()
                .append_pair("id_token_hint", &hint)
                .append_pair("post_logout_redirect_uri", uri);
            granted.browser.get(url.as_str()).await.shown(400, "Logout error");
            assert_eq!(house.rows().await, before, "{uri}");
        }
    }

    async fn ru_12_a_redirect_uri_is_always_named_and_the_same_in_both_requests(db: Database) {
        let house = House::new(db).await;
        let two = ["https://app.example/cb", "https://app.example/cb2"];
        for known in [&two[..1], &two[..]] {
            let rp = Rp::with(&house, |new| {
                new.redirect_uris = known.iter().map(|uri| (*uri).to_owned()).collect();
            })
            .await;
            for missing in [None, Some("")] {
                let asked = rp.authorize_url(&[("redirect_uri", missing)]);
                house.browser().get(&asked).await.shown(400, "Authorization error");
            }
        }
        let rp = Rp::with(&house, |new| new.redirect_uris = two.map(str::to_owned).to_vec()).await;
        let granted = &mut Granted::to(&house, rp).await;
        let code = granted.code().await;
        let before = house.rows().await;
        for other in [two[1], "https://app.example/CB", "https://app.example/cb/", ""] {
            let form = [
                ("grant_type", "authorization_code"),
                ("code", code.as_str()),
                ("redirect_uri", other),
                ("code_verifier", granted.rp.code_verifier.as_str()),
            ];
            granted.rp.token(&form).await.oauth_error(400, "invalid_grant");
            assert_eq!(house.rows().await, before, "{other}");
        }
        granted.rp.exchange(&code).await.tokens();
    }
}
