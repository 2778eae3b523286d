//! PA-1: what a browser may bring beside the name of a pushed request, how often, and for whom
//! (RFC 9126 §4, FAPI 2.0 §5.3.2.2).

use doorward::paths;
use entity::{client, value::Scope};

use super::{
    granted::{Granted, change_client},
    jwt::claims,
    pushing::{URN, answer, push, pushed, refused, request_uri, url_of},
};
use crate::support::{database::both, house::House, rp::Rp};

both! {
    async fn pa_1_nothing_beside_the_name_counts(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let rp = &granted.rp;
        let browser = &mut granted.browser;
        browser.asks(&rp.redirect_uri, Some(&rp.state));
        for beside in [
            "&state=other",
            "&nonce=other",
            "&redirect_uri=https%3A%2F%2Fevil.example%2Fcb",
            "&response_type=token&response_mode=fragment",
            "&scope=profile&prompt=login&max_age=0",
            "&code_challenge=x&code_challenge_method=plain",
            "&request=x&registration=x&claims=x&resource=x",
            "&state=a&state=b&x=%20&x=",
        ] {
            let url = pushed(&house, rp, &[]).await;
            let code = browser.get_from_stranger(&format!("{url}{beside}")).await.code();
            let tokens = rp.exchange(&code).await.tokens();
            let id_token = tokens.id_token.expect("an ID token");
            assert_eq!(claims(&id_token)["nonce"], rp.nonce.as_str());
            assert_eq!(tokens.scope.as_deref(), Some("openid email offline_access"));
        }
        // What was not pushed cannot be brought along either.
        let url = pushed(&house, rp, &[("state", None), ("nonce", None)]).await;
        browser.asks(&rp.redirect_uri, None);
        let code = browser.get_from_stranger(&format!("{url}&state=a&nonce=b")).await.code();
        let id_token = rp.exchange(&code).await.tokens().id_token.expect("an ID token");
        assert!(claims(&id_token).get("nonce").is_none());
    }

    async fn pa_1_a_page_may_be_loaded_twice_before_it_is_answered(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let url = pushed(&house, &rp, &[]).await;
        // Somebody's program looks at the link, and a first tab is left open.
        house.browser().get_from_stranger(&url).await.sent_to(paths::LOGIN);
        let mut browser = house.browser();
        browser.asks(&rp.redirect_uri, Some(&rp.state));
        browser.get_from_stranger(&url).await.sent_to(paths::LOGIN);
        let first_tab = browser.follow().await.url.to_string();
        let code = answer(&mut browser, &house, &url).await.last().code();
        rp.exchange(&code).await.tokens();
        // The first tab leads on to a page that says what happened, and to no second code.
        browser.get(&first_tab).await;
        refused(browser.follow().await);
    }

    async fn pa_1_a_person_who_refuses_uses_the_request_up(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let url = pushed(&house, &rp, &[]).await;
        let mut browser = house.browser();
        browser.asks(&rp.redirect_uri, Some(&rp.state));
        browser.get_from_stranger(&url).await;
        browser.follow().await;
        let person = house.person().await;
        let typed = [("email", person.email), ("password", person.password)];
        browser.submit("#login-form", &typed).await;
        let consent = browser.follow().await.url.to_string();
        browser.submit("#consent-deny", &[]).await.answered("access_denied");
        refused(browser.get_from_stranger(&url).await);
        // Nor can the person think again in the page that is still open.
        for button in ["#consent-deny", "#consent-approve"] {
            browser.get(&consent).await;
            refused(browser.submit(button, &[]).await);
        }
        assert_eq!(house.rows().await["authorization_code"], 0);
    }

    async fn pa_1_a_name_is_worth_nothing_to_another_client(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let other = Granted::confidential(&house).await;
        let (rp, browser) = (&granted.rp, &mut granted.browser);
        let uri = request_uri(&push(rp, &[]).await);
        let own = url_of(&house, &rp.client_id, &uri);
        let before = house.rows().await;
        let made_up = format!("{URN}pr_{}", "A".repeat(43));
        for (id, uri) in [
            (&other.rp.client_id, uri.as_str()),
            (&rp.client_id, made_up.as_str()),
            (&rp.client_id, URN),
            (&rp.client_id, &uri.to_uppercase().replace("URN:IETF:PARAMS:OAUTH:REQUEST_URI:", URN)),
            (&rp.client_id, &uri[..uri.len() - 1]),
            (&rp.client_id, &format!("{uri}A")),
            (&rp.client_id, &uri.replace("pr_", "ac_")),
            (&rp.client_id, &format!("{uri}%00").replace("%00", " ")),
        ] {
            refused(browser.get_from_stranger(&url_of(&house, id, uri)).await);
        }
        let usual = url_of(&house, "nobody", &uri);
        browser.get_from_stranger(&usual).await.shown(400, "Authorization error");
        for twice in [format!("{own}&client_id={}", rp.client_id), format!("{own}&request_uri={uri}")] {
            browser.get_from_stranger(&twice).await.shown(400, "Authorization error");
        }
        assert_eq!(house.rows().await, before);
        browser.asks(&rp.redirect_uri, Some(&rp.state));
        browser.get_from_stranger(&own).await.code();
    }

    async fn pa_1_what_the_client_may_is_asked_again(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        let (rp, browser) = (&granted.rp, &mut granted.browser);
        browser.asks(&rp.redirect_uri, Some(&rp.state));
        let url = pushed(&house, rp, &[]).await;
        let less: Scope = "openid offline_access".parse().expect("a scope");
        change_client(&house, rp, |client| client.scope = less).await;
        browser.get_from_stranger(&url).await.answered("invalid_scope");
        change_client(&house, rp, |client| client.redirect_uris.0.clear()).await;
        browser.get_from_stranger(&url).await.shown(400, "Authorization error");
        let now = house.app.clock.now();
        change_client(&house, rp, |client| client.disabled_at = Some(now)).await;
        browser.get_from_stranger(&url).await.shown(400, "Authorization error");
        assert!(client::enabled(&house.app.db.read, &rp.client_id).await.expect("a look").is_none());
    }

    async fn pa_1_a_client_that_pushes_cannot_send_a_plain_request(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::with(&house, |new| {
            new.metadata.require_pushed_authorization_requests = Some(true);
        })
        .await;
        let mut browser = house.browser();
        let before = house.rows().await;
        browser.get_from_stranger(&rp.authorize_url(&[])).await.answered("invalid_request");
        for foreign in [Some("https://evil.example/cb"), None] {
            let url = rp.authorize_url(&[("redirect_uri", foreign)]);
            browser.get_from_stranger(&url).await.shown(400, "Authorization error");
        }
        assert_eq!(house.rows().await, before);
        let url = pushed(&house, &rp, &[]).await;
        browser.asks(&rp.redirect_uri, Some(&rp.state));
        let code = answer(&mut browser, &house, &url).await.last().code();
        rp.exchange(&code).await.tokens();
    }
}
