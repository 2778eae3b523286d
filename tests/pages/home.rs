//! `/` and `/.well-known/change-password`: where things are.

use doorward::paths;

use super::world::{production, signed_in};
use crate::support::{database::both, house::House};

both! {
    async fn the_first_page_leads_to_the_others(db: Database) {
        let house = House::new(db).await;
        let mut browser = house.browser();
        let page = browser.get(paths::HOME).await.shown(200, "An OpenID Provider").page();
        for (text, path) in [
            ("Sign in", paths::LOGIN),
            ("Create an account", paths::REGISTER),
            ("Playground", paths::PLAYGROUND),
            ("Caught letters", paths::DEV_MAIL),
            ("API reference", paths::API_DOCS),
            ("Discovery document", paths::DISCOVERY_OPENID),
        ] {
            assert_eq!(page.link(text), path);
        }
        assert!(page.text.contains("development"), "{}", page.text);
        let mut browser = signed_in(&house).await;
        let page = browser.get(paths::HOME).await.shown(200, "An OpenID Provider").page();
        assert_eq!(page.link("Your account"), paths::ACCOUNT);
        assert_eq!(page.link("Ada Lovelace"), paths::ACCOUNT);
    }

    async fn production_has_no_playground_and_no_demo_account(db: Database) {
        let house = production(db).await;
        house.get(paths::HOME).await.sent_to(paths::ACCOUNT);
        house.get(paths::PLAYGROUND).await.is(404);
        house.get(paths::DEV_MAIL).await.is(404);
        let page = house.get(paths::LOGIN).await.shown(200, "Sign in").page();
        for absent in ["Playground", "caught locally", "demo", "Development mode"] {
            assert!(!page.text.contains(absent), "{absent}: {}", page.text);
        }
    }

    async fn password_managers_find_where_to_change_a_password(db: Database) {
        let house = House::new(db).await;
        let mut browser = house.browser();
        browser.get(paths::CHANGE_PASSWORD).await.sent_to(paths::ACCOUNT_SECURITY);
        browser.follow().await.shown(200, "Sign in");
        let mut browser = signed_in(&house).await;
        browser.get(paths::CHANGE_PASSWORD).await;
        let page = browser.follow().await.shown(200, "Security").page();
        assert_eq!(page.text_of("#password"), Some("Password"));
        // §3: what does not exist there must not look as if it did.
        let nothing = "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200";
        house.get(nothing).await.is(404);
    }
}
