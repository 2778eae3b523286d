//! CN-9: consent is for a scope at resources: who allowed a client something at one has not allowed it
//! at another.

use doorward::paths;
use entity::{consent, value::GrantType};
use sea_orm::{EntityTrait, IntoActiveModel, Set};

use super::{granted::Granted, jwt::claims, pushing::answer};
use crate::support::{
    database::{Database, both},
    device::{Device, browser_of},
    house::House,
    rp::Rp,
};

const ORDERS: &str = "https://orders.example/v1";
const BILLS: &str = "https://bills.example";
const NONE: (&str, Option<&str>) = ("prompt", Some("none"));

async fn house(db: Database) -> House {
    House::with(db, |config| {
        config.tokens.resources = vec![ORDERS.to_owned(), BILLS.to_owned()];
    })
    .await
}

/// A request for `openid email offline_access` at these resources.
fn at(rp: &Rp<'_>, resources: &[&str], more: &[(&str, Option<&str>)]) -> String {
    let mut url = url::Url::parse(&rp.authorize_url(more)).expect("a URL");
    for one in resources {
        url.query_pairs_mut().append_pair("resource", one);
    }
    url.into()
}

/// What was allowed at others.
async fn remembered(house: &House) -> Vec<String> {
    let all = consent::Entity::find().all(&house.app.db.read).await;
    let mut all = all.expect("the consents");
    assert_eq!(all.len(), 1);
    all.remove(0).resources.0
}

both! {
    async fn cn_9_another_resource_is_asked_about(db: Database) {
        let house = house(db).await;
        let mut granted = Granted::confidential(&house).await;
        let (rp, browser) = (&granted.rp, &mut granted.browser);
        browser.get_from_stranger(&at(rp, &[ORDERS], &[NONE])).await.answered("consent_required");
        browser.get_from_stranger(&at(rp, &[ORDERS, BILLS], &[])).await.sent_to(paths::CONSENT);
        let page = browser.follow().await.page().text;
        let told = format!("It will use them at {ORDERS} and {BILLS}.");
        assert!(page.contains(&told) && page.contains("Now it asks for more."), "{page}");
        browser.submit("#consent-deny", &[]).await.answered("access_denied");
        assert!(remembered(&house).await.is_empty());

        answer(browser, &house, &at(rp, &[ORDERS], &[])).await.last().code();
        let code = browser.get_from_stranger(&at(rp, &[ORDERS], &[NONE])).await.code();
        let token = rp.exchange(&code).await.tokens().access_token;
        assert_eq!(claims(&token)["aud"][0], ORDERS);
        for wider in [vec![BILLS], vec![ORDERS, BILLS]] {
            browser.get_from_stranger(&at(rp, &wider, &[NONE])).await.answered("consent_required");
        }
        answer(browser, &house, &at(rp, &[BILLS], &[])).await.last().code();
        browser.get_from_stranger(&at(rp, &[BILLS, ORDERS], &[NONE])).await.code();
        assert_eq!(remembered(&house).await, [ORDERS, BILLS]);
        // Asked again for what was allowed: the page names it, and nothing of it is new.
        browser.get_from_stranger(&at(rp, &[BILLS], &[("prompt", Some("consent"))])).await;
        let page = browser.follow().await.page().text;
        assert!(page.contains(&format!("It will use them at {BILLS}.")), "{page}");
        assert!(page.contains("It asks again before it goes on."), "{page}");
        let page = browser.get(paths::ACCOUNT_APPS).await.page().text;
        assert!(page.contains(&format!("At {ORDERS} and {BILLS}")), "{page}");
    }

    async fn cn_9_our_own_name_needs_no_asking(db: Database) {
        let api = "https://api.example";
        let house = House::with(db, |config| config.tokens.audience = Some(api.to_owned())).await;
        let mut granted = Granted::confidential(&house).await;
        let issuer = house.app.config.server.issuer.as_str();
        for own in [vec![issuer], vec![api, issuer]] {
            let url = at(&granted.rp, &own, &[NONE]);
            granted.browser.get_from_stranger(&url).await.code();
        }
        assert!(remembered(&house).await.is_empty());
        let url = at(&granted.rp, &[issuer], &[("prompt", Some("consent"))]);
        granted.browser.get_from_stranger(&url).await;
        let page = granted.browser.follow().await.page().text;
        assert!(!page.contains("It will use"), "{page}");
    }

    async fn cn_9_what_was_taken_back_is_not_redeemed(db: Database) {
        let house = house(db).await;
        let mut granted = Granted::confidential(&house).await;
        let (rp, browser) = (&granted.rp, &mut granted.browser);
        let code = answer(browser, &house, &at(rp, &[ORDERS], &[])).await.last().code();
        let db = &house.app.db;
        let all = consent::Entity::find().all(&db.read).await.expect("the consents");
        let mut row = all[0].clone().into_active_model();
        row.resources = Set(entity::value::Names::default());
        let narrowed = consent::Entity::update(row).exec(&db.write).await;
        narrowed.expect("a narrower consent");
        rp.exchange(&code).await.oauth_error(400, "invalid_grant");
        let plain = browser.get_from_stranger(&at(rp, &[], &[NONE])).await.code();
        rp.exchange(&plain).await.tokens();
    }

    async fn cn_9_a_device_says_where_it_will_use_what_it_gets(db: Database) {
        let house = house(db).await;
        let rp = Rp::with(&house, |new| new.grant_types = Some(vec![GrantType::DeviceCode])).await;
        let form = [("scope", "openid"), ("resource", ORDERS)];
        let told = rp.post(paths::DEVICE_AUTHORIZATION, &form).await.ok();
        let text = |name: &str| told[name].as_str().expect("a text").to_owned();
        let device = Device {
            house: &house,
            device_code: text("device_code"),
            user_code: text("user_code"),
            link: text("verification_uri_complete"),
            rp,
        };
        let mut browser = browser_of(&house, house.person().await).await;
        browser.get(&device.link).await;
        browser.submit("#device-code-form", &[]).await;
        let page = browser.follow().await.page().text;
        assert!(page.contains(&format!("It will use them at {ORDERS}.")), "{page}");
        browser.submit("#device-approve", &[]).await;
        assert_eq!(remembered(&house).await, [ORDERS]);
        assert_eq!(claims(&device.poll().await.tokens().access_token)["aud"][0], ORDERS);
    }
}
