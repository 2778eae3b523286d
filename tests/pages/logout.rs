//! `/logout`: by the button, by the link, and at a relying party's request.

use doorward::paths;

use super::world::{SESSION, contents, opens, session, signed_in};
use crate::support::{database::both, house::House};

both! {
    async fn the_button_signs_out_at_once(db: Database) {
        let house = House::new(db).await;
        let mut browser = signed_in(&house).await;
        let old = session(&browser);
        browser.submit("#logout-form", &[]).await.sent_to(paths::LOGOUT_DONE);
        assert_eq!(browser.jar.value(SESSION), None);
        let page = browser.follow().await.shown(200, "Signed out").page();
        assert!(page.text_of("#logged-out").is_some_and(|said| said.contains("Signed out")));
        assert!(!opens(&house, &old).await, "the cookie is dead, not only forgotten");
        browser.get(paths::ACCOUNT).await.sent_to(paths::LOGIN);
    }

    async fn the_link_asks_first(db: Database) {
        let house = House::new(db).await;
        let mut browser = signed_in(&house).await;
        let before = contents(&house).await;
        let page = browser.click("Sign out").await.shown(200, "Sign out?").page();
        assert!(page.text.contains("ada@example.com"), "{}", page.text);
        assert_eq!(page.link("Stay signed in"), paths::ACCOUNT);
        assert_eq!(contents(&house).await, before);
        assert!(opens(&house, &session(&browser)).await);
        browser.submit("#logout-confirm", &[]).await.sent_to(paths::LOGOUT_DONE);
        browser.follow().await.shown(200, "Signed out");
        assert_eq!(browser.jar.value(SESSION), None);
    }

    async fn a_relying_party_that_proves_nothing_makes_us_ask(db: Database) {
        let house = House::new(db).await;
        let mut browser = signed_in(&house).await;
        browser.get_from_stranger(paths::END_SESSION).await.sent_to(paths::LOGOUT_CONFIRM);
        browser.follow().await.shown(200, "Sign out?");
        assert!(opens(&house, &session(&browser)).await);
        browser.submit("#logout-confirm", &[]).await.sent_to(paths::LOGOUT_DONE);
        browser.follow().await.shown(200, "Signed out");
    }

    async fn without_a_session_it_is_done_already(db: Database) {
        let house = House::new(db).await;
        let mut browser = house.browser();
        browser.get(paths::LOGOUT).await.sent_to(paths::LOGOUT_DONE);
        browser.follow().await.shown(200, "Signed out");
        // A relying party's request ends on its page all the same, and pressing does no harm.
        browser.get(paths::END_SESSION).await.sent_to(paths::LOGOUT_CONFIRM);
        browser.follow().await.shown(200, "Nobody is signed in");
        browser.submit("#logout-confirm", &[]).await.sent_to(paths::LOGOUT_DONE);
    }

    async fn the_last_page_is_not_shown_to_who_is_signed_in(db: Database) {
        let house = House::new(db).await;
        let mut browser = signed_in(&house).await;
        browser.get(paths::LOGOUT_DONE).await.sent_to(paths::LOGOUT);
        browser.follow().await.shown(200, "Sign out?");
    }
}
