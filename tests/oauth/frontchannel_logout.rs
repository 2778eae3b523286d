//! OpenID Connect Front-Channel Logout 1.0: the page between the sign-out and what comes afterwards:
//! whom it tells, for whom it is shown, and where it goes on.

mod scraped;

use chrono::TimeDelta;
use doorward::paths;
use entity::value::ClientMetadata;
use url::Url;

use scraped::Told;

use super::{
    end_session::{STATE, is_signed_in, leave},
    granted::{Granted, change_client},
    jws_inputs::GOODBYE,
    jwt::claims,
};
use crate::support::{answer::Answer, database::both, house::House, rp::Rp};

const FRAME: &str = "https://app.example/frame";

fn told_at(uri: &str) -> ClientMetadata {
    ClientMetadata {
        frontchannel_logout_uri: Some(uri.to_owned()),
        frontchannel_logout_session_required: Some(true),
        ..ClientMetadata::default()
    }
}

async fn rp<'a>(house: &'a House, uri: &str) -> Rp<'a> {
    Rp::with(house, |new| {
        // §2: on the origin of a redirect URI.
        let redirect_uri = Url::parse(uri).and_then(|own| own.join("/cb"));
        new.redirect_uris = vec![redirect_uri.expect("an address").into()];
        new.metadata = told_at(uri);
        new.post_logout_redirect_uris = vec![GOODBYE.to_owned()];
    })
    .await
}

async fn hint(granted: &mut Granted<'_>) -> String {
    granted.tokens().await.id_token.expect("an ID token")
}

/// The address of the page to which an answer leads.
#[track_caller]
fn page_after(answer: &Answer) -> String {
    answer.sent_to(paths::LOGOUT_NOTIFY);
    answer.header("Location").to_owned()
}

both! {
    async fn frontchannel_rp_initiated_logout(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::to(&house, rp(&house, FRAME).await).await;
        let hint = hint(&mut granted).await;
        let params = [
            ("id_token_hint", hint.as_str()),
            ("post_logout_redirect_uri", GOODBYE),
            ("state", STATE),
        ];
        page_after(&leave(&mut granted, &params).await);
        assert_eq!(granted.browser.jar.value("doorward_session"), None);
        let page = granted.browser.follow().await.clone();
        page.shown(200, "Signing out");
        let told = Told::read(&page);
        let [frame] = &told.frames[..] else { panic!("{told:?}") };
        let frame = Url::parse(frame).expect("an address");
        assert!(frame.as_str().starts_with(&format!("{FRAME}?")), "{frame}");
        let sid = claims(&hint)["sid"].as_str().expect("a sid").to_owned();
        let pairs: Vec<_> = frame.query_pairs().into_owned().collect();
        let issuer = house.app.config.server.issuer.clone();
        assert_eq!(pairs, [("iss".to_owned(), issuer), ("sid".to_owned(), sid)]);

        // On to the client, by itself or by the link, with the state byte for byte.
        assert_eq!(told.after_seconds, 0);
        assert_eq!(told.refresh, page.page().link("Continue"));
        let to = Url::parse(&told.refresh).expect("an address");
        assert!(to.as_str().starts_with(&format!("{GOODBYE}?")), "{to}");
        let pairs: Vec<_> = to.query_pairs().into_owned().collect();
        assert_eq!(pairs, [("state".to_owned(), STATE.to_owned())]);
        assert!(!is_signed_in(&mut granted).await);
    }

    async fn the_page_may_hold_these_frames_and_no_others(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::to(&house, rp(&house, "https://one.example:8443/bye?x=1&y=(2)").await).await;
        for uri in ["https://two.example/bye", "https://two.example/again", "http://localhost:3000/bye"] {
            rp(&house, uri).await.sign_in(&mut granted.browser).await;
        }
        Rp::confidential(&house).await.sign_in(&mut granted.browser).await;
        granted.browser.get(paths::ACCOUNT).await;
        granted.browser.submit("#logout-form", &[]).await;
        let page = granted.browser.follow().await.clone();
        let told = Told::read(&page);
        assert_eq!(told.frames.len(), 4, "{told:?}");
        assert!(told.frames[0].starts_with("https://one.example:8443/bye?x=1&y=(2)&iss="), "{told:?}");
        assert_eq!(told.refresh, paths::LOGOUT_DONE);
        assert_eq!(told.titles, ["Signing out of Example"; 4]);
        let policy = page.header("Content-Security-Policy");
        let frames = policy.split(';').map(str::trim).filter(|one| one.starts_with("frame-src"));
        let frames: Vec<_> = frames.collect();
        let expected = "frame-src http://localhost:3000 https://one.example:8443 https://two.example";
        assert_eq!(frames, [expected]);
        for same in ["default-src 'none'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"] {
            assert!(policy.contains(same), "{policy}");
        }
        assert!(!policy.contains("script"), "{policy}");
        page.has("Cache-Control", |value| value.contains("no-store"));
        page.has("Referrer-Policy", |value| value == "same-origin");
        assert!(!page.body.contains("<script"));
    }

    async fn our_own_button_and_a_confirmation_tell_too(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::to(&house, rp(&house, FRAME).await).await;
        leave(&mut granted, &[]).await.sent_to(paths::LOGOUT_CONFIRM);
        granted.browser.follow().await;
        page_after(granted.browser.submit("#logout-confirm", &[]).await);
        let page = granted.browser.follow().await.clone();
        assert_eq!(Told::read(&page).frames.len(), 1);
        assert!(!is_signed_in(&mut granted).await);
        granted.browser.get(page.url.as_str()).await.shown(200, "Signing out");
        granted.browser.click("Continue").await.shown(200, "Signed out");
    }

    async fn changing_the_account_goes_on_with_the_sign_in(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::to(&house, rp(&house, FRAME).await).await;
        let again = granted.rp.authorize_url(&[("prompt", Some("login"))]);
        granted.browser.get_from_stranger(&again).await;
        let login = granted.browser.follow().await.url.clone();
        let flow = login.query_pairs().find(|(name, _)| name == "flow").expect("a flow").1.into_owned();
        granted.browser.get(&format!("{}?flow={flow}", paths::LOGOUT)).await;
        page_after(granted.browser.submit("#logout-confirm", &[]).await);
        let page = granted.browser.follow().await.clone();
        let told = Told::read(&page);
        assert_eq!(told.refresh, format!("{}?flow={flow}", paths::AUTHORIZE));
        granted.browser.click("Continue").await;
        granted.browser.follow().await.shown(200, "Sign in");
    }

    async fn the_page_is_for_one_browser_and_for_ten_minutes(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::to(&house, rp(&house, FRAME).await).await;
        granted.browser.get(paths::ACCOUNT).await;
        let page = page_after(granted.browser.submit("#logout-form", &[]).await);
        let mut other = house.browser();
        other.get(paths::LOGIN).await;
        other.get(&page).await.sent_to(paths::LOGOUT_DONE);
        house.browser().get(&page).await.sent_to(paths::LOGOUT_DONE);
        for wrong in [paths::LOGOUT_NOTIFY.to_owned(), format!("{}?notice=x", paths::LOGOUT_NOTIFY), page[..page.len() - 2].to_owned()] {
            granted.browser.get(&wrong).await.sent_to(paths::LOGOUT_DONE);
        }
        granted.browser.get(&page).await.shown(200, "Signing out");
        house.turn(TimeDelta::minutes(11));
        granted.browser.get(&page).await.sent_to(paths::LOGOUT_DONE);
    }

    async fn without_a_visitor_cookie_the_page_is_shown_all_the_same(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::to(&house, rp(&house, FRAME).await).await;
        let hint = hint(&mut granted).await;
        let cookie = granted.browser.jar.value("doorward_session").expect("a cookie").to_owned();
        granted.browser.jar = crate::support::jar::Jar::default();
        granted.browser.jar.take(&format!("doorward_session={cookie}; Path=/"), house.app.clock.now());
        page_after(&leave(&mut granted, &[("id_token_hint", &hint)]).await);
        granted.browser.follow().await.shown(200, "Signing out");
    }

    /// RU-7: what a page may hold is looked at when it is shown, too.
    async fn ru_7_an_address_that_is_none_is_not_put_into_a_page(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::to(&house, rp(&house, FRAME).await).await;
        for uri in [
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "data:text/html,x",
            "com.example.app:/bye",
            "http://app.example/bye",
            "https://user@app.example/bye",
            "https://app.example/bye#x",
            "https://app;script-src.example/bye",
            "https://app.example/\" onload=\"x",
            "//app.example/bye",
            "",
        ] {
            change_client(&house, &granted.rp, |row| row.metadata = told_at(uri)).await;
            let mut browser = house.browser();
            granted.rp.sign_in(&mut browser).await;
            browser.get(paths::ACCOUNT).await;
            browser.submit("#logout-form", &[]).await.sent_to(paths::LOGOUT_DONE);
        }
        // Changed between the sign-out and the page.
        change_client(&house, &granted.rp, |row| row.metadata = told_at(FRAME)).await;
        let hint = hint(&mut granted).await;
        let params = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", GOODBYE)];
        page_after(&leave(&mut granted, &params).await);
        change_client(&house, &granted.rp, |row| row.metadata = told_at("javascript:alert(1)")).await;
        let to = granted.browser.follow().await.location().expect("a Location");
        assert_eq!(to.as_str(), GOODBYE);
    }

    async fn nobody_is_told_where_it_is_switched_off(db: Database) {
        let house = House::with(db, |config| config.features.frontchannel_logout = false).await;
        let metadata = house.get(paths::DISCOVERY_OPENID).await.ok();
        assert_eq!(metadata.get("frontchannel_logout_supported"), None);
        // It registered before that.
        let rp = Rp::confidential(&house).await;
        change_client(&house, &rp, |row| row.metadata = told_at(FRAME)).await;
        let mut granted = Granted::to(&house, rp).await;
        let hint = hint(&mut granted).await;
        leave(&mut granted, &[("id_token_hint", &hint)]).await.sent_to(paths::LOGOUT_DONE);
    }
}
