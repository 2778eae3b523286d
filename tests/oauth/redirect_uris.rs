//! Redirect URIs: whatever is not, byte for byte, what the client registered gets a page and never
//! a redirect (RFC 9700 §2.1, §4.1.3; RFC 6749 §4.1.2.1).

use doorward::paths;
use entity::value::ApplicationType;

use super::{
    granted::{Granted, client_row},
    pushing::{Signing, object, push},
};
use crate::support::{database::both, house::House, rp::Rp};

/// What somebody sends who hopes that we compare otherwise than byte for byte with
/// `https://app.example/cb`.
const FOREIGN: &[&str] = &[
    // RU-2: credentials, ports and hosts that two parsers read in two ways.
    "https://app.example@evil.example/cb",
    "https://app.example:443@evil.example/cb",
    "https://app.example%40evil.example/cb",
    "https://evil.example\\@app.example/cb",
    "https://evil.example%5c@app.example/cb",
    "https://evil.example#@app.example/cb",
    "https://evil.example?@app.example/cb",
    "https://app.example#@evil.example/cb",
    "http://127.0.0.1:80@evil.example/",
    "https://user@app.example/cb",
    "https://:@app.example/cb",
    "https:/app.example/cb",
    "https:app.example/cb",
    "https:///app.example/cb",
    "https:\\\\app.example\\cb",
    "//app.example/cb",
    "app.example/cb",
    "/cb",
    "https://app.example:443/cb",
    "https://app.example:/cb",
    "https://app.example:8443/cb",
    "https://app.example./cb",
    "https://app%2eexample/cb",
    "https://app.example%00.evil.example/cb",
    "https://app.ex\u{e4}mple/cb",
    "https://xn--app-example/cb",
    "https://app\u{ff0e}example/cb",
    "https://app.example\u{ff0f}cb",
    "https://[::1]/cb",
    // RU-3: ways up and around.
    "https://app.example/cb/../x",
    "https://app.example/x/../cb",
    "https://app.example/./cb",
    "https://app.example/cb/.",
    "https://app.example/cb/%2e%2e%2fx",
    "https://app.example/cb/%252e%252e%252fx",
    "https://app.example/cb/..;/x",
    "https://app.example/cb%5c..%5cx",
    "https://app.example/cb//x",
    "https://app.example//cb",
    "https://app.example/cb/",
    "https://app.example/cb/x",
    "https://app.example/cb;x",
    "https://app.example/cbx",
    "https://app.example/c",
    "https://app.example/",
    "https://app.example/cb?x=1",
    "https://app.example/cb?",
    "https://app.example/cb#",
    "https://app.example/cb#x",
    // RU-4: no folding of cases, no decoding.
    "HTTPS://app.example/cb",
    "https://APP.example/cb",
    "https://app.example/CB",
    "https://app.example/%63b",
    "https://app.example/c%62",
    "http://app.example/cb",
    // RU-7: schemes that run or read something, and white space around.
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "javascript://app.example/cb%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "blob:https://app.example/cb",
    "about:blank",
    "view-source:https://app.example/cb",
    "intent://app.example/cb#Intent;end",
    "filesystem:https://app.example/cb",
    " https://app.example/cb",
    "https://app.example/cb ",
    "\thttps://app.example/cb",
    "https://app.example/cb\n",
    "https://app.example/cb\r\nSet-Cookie: a=b",
    "https://app.exa\nmple/cb",
    "https://app.example/cb%00",
    // RU-10: twins by prefix and suffix.
    "https://app.example.evil.example/",
    "https://app.exampleevil/cb",
    "https://evilapp.example/cb",
    "https://evil.example/https://app.example/cb",
    "https://sub.app.example/cb",
    "*",
    "https://*/cb",
    "https://app.example/*",
    ".*",
    "https://app.example/cb https://evil.example/cb",
    "null",
    "undefined",
];

/// Fails unless a page is the answer to a request with these changes, which repeats none of them.
async fn shown(house: &House, rp: &Rp<'_>, changes: &[(&str, Option<&str>)]) {
    let mut browser = house.browser();
    let page = browser.get_from_stranger(&rp.authorize_url(changes)).await;
    page.shown(400, "Authorization error");
    for value in changes.iter().filter_map(|(_, value)| *value) {
        assert!(
            value.len() < 20 || !page.body.contains(value),
            "{value} is repeated"
        );
    }
}

both! {
    async fn ru_1_a_registered_uri_is_no_pattern_and_none_is_learned(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::with(&house, |new| {
            new.redirect_uris = vec!["https://foo.example.com/cb".to_owned()];
        })
        .await;
        for twin in ["https://fooaexample.com/cb", "https://foo.exampleacom/cb"] {
            shown(&house, &rp, &[("redirect_uri", Some(twin))]).await;
        }
        let bare = Rp::with(&house, |new| new.redirect_uris = vec![]).await;
        let before = client_row(&house, &bare).await;
        for uri in [Some("https://app.example/cb"), Some(""), None] {
            shown(&house, &bare, &[("redirect_uri", uri)]).await;
        }
        assert_eq!(client_row(&house, &bare).await, before);
    }

    async fn ru_2_ru_3_ru_4_ru_7_ru_9_ru_10_nothing_but_the_registered_bytes(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let before = house.rows().await;
        for mode in [None, Some("query"), Some("fragment"), Some("form_post"), Some("query.jwt")] {
            for uri in FOREIGN {
                shown(&house, &rp, &[("redirect_uri", Some(uri)), ("response_mode", mode)]).await;
            }
        }
        // The same through a form.
        for uri in FOREIGN {
            let form = [("client_id", rp.client_id.as_str()), ("redirect_uri", uri)];
            let mut browser = house.browser();
            browser.post_from_stranger(paths::AUTHORIZE, &form).await;
            browser.follow().await.shown(400, "Authorization error");
        }
        assert_eq!(house.rows().await, before);
    }

    async fn ru_5_only_the_port_of_a_native_loopback_address_varies(db: Database) {
        let house = House::new(db).await;
        let native = Rp::with(&house, |new| {
            new.public = true;
            new.application_type = ApplicationType::Native;
            new.redirect_uris = vec!["http://127.0.0.1/cb".to_owned()];
        })
        .await;
        for uri in [
            "http://127.0.0.1:51004/cb?x=1",
            "http://127.0.0.1:51004/cb/",
            "http://127.0.0.1:51004/cb#",
            "http://127.0.0.1:51004/",
            "http://localhost:51004/cb",
            "http://localhost/cb",
            "http://127.0.0.2:51004/cb",
            "http://127.1:51004/cb",
            "http://2130706433:51004/cb",
            "http://0x7f000001:51004/cb",
            "http://0177.0.0.1:51004/cb",
            "http://[::1]:51004/cb",
            "http://[::ffff:127.0.0.1]:51004/cb",
            "http://0.0.0.0:51004/cb",
            "http://127.0.0.1:51004@evil.example/cb",
            "http://127.0.0.1:99999/cb",
            "http://127.0.0.1:+80/cb",
            "http://127.0.0.1:0/cb",
            "http://127.0.0.1:/cb",
            "https://127.0.0.1:51004/cb",
        ] {
            shown(&house, &native, &[("redirect_uri", Some(uri))]).await;
        }
        for uri in ["http://127.0.0.1/cb", "http://127.0.0.1:51004/cb"] {
            let asked = native.authorize_url(&[("redirect_uri", Some(uri)), ("prompt", Some("none"))]);
            house.browser().get(&asked).await.answered("login_required");
        }
        let web = Rp::confidential(&house).await;
        let loopback = Rp::with(&house, |new| {
            new.redirect_uris = vec!["http://127.0.0.1:8000/cb".to_owned()];
        })
        .await;
        shown(&house, &web, &[("redirect_uri", Some("http://127.0.0.1:51004/cb"))]).await;
        shown(&house, &loopback, &[("redirect_uri", Some("http://127.0.0.1:51004/cb"))]).await;
    }

    async fn ru_9_nor_where_the_request_is_pushed_or_signed(db: Database) {
        let house = House::new(db).await;
        let signing = Signing::es256();
        let rp = signing.client(&house, |_| ()).await;
        let before = house.rows().await;
        for uri in FOREIGN {
            push(&rp, &[("redirect_uri", Some(uri))]).await.oauth_error(400, "invalid_request");
            let inside = serde_json::json!({ "redirect_uri": uri });
            let signed = signing.sign(&object(&house, &rp, &inside));
            push(&rp, &[("request", Some(&signed))]).await.oauth_error(400, "invalid_request");
            // The right one outside does not make it better.
            shown(&house, &rp, &[("request", Some(&signed))]).await;
        }
        assert_eq!(house.rows().await, before);
    }

    async fn ru_6_no_error_is_sent_to_an_address_that_is_not_the_clients(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let hint = granted.tokens().await.access_token;
        let evil = ("redirect_uri", Some("https://evil.example/cb"));
        let before = house.rows().await;
        for wrong in [
            ("response_type", None),
            ("response_type", Some("token")),
            ("response_type", Some("id_token token")),
            ("response_mode", Some("form_post")),
            ("scope", Some("nothing \"known\"")),
            ("scope", None),
            ("prompt", Some("none")),
            ("prompt", Some("none login")),
            ("prompt", Some("x")),
            ("max_age", Some("x")),
            ("code_challenge", None),
            ("code_challenge_method", Some("plain")),
            ("request", Some("e30.e30.")),
            ("request_uri", Some("https://evil.example/request")),
            ("registration", Some("{}")),
            ("claims", Some("{")),
            ("resource", Some("https://evil.example/")),
            ("id_token_hint", Some(&hint)),
            ("state", Some("<script>")),
            ("nonce", Some("x")),
        ] {
            shown(&house, &granted.rp, &[evil, wrong]).await;
            let unknown = ("client_id", Some("nobody"));
            shown(&house, &granted.rp, &[unknown, wrong]).await;
            let url = granted.rp.authorize_url(&[evil, wrong]);
            granted.browser.get(&url).await.shown(400, "Authorization error");
        }
        assert_eq!(house.rows().await, before);
    }
}
