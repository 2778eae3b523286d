//! `/login`, without a relying party.

use doorward::paths;

use super::world::{SESSION, opens, session, sign_in, signed_in};
use crate::support::{database::both, house::House};

both! {
    async fn a_sign_in_without_a_relying_party_ends_on_the_account(db: Database) {
        let house = House::new(db).await;
        let mut browser = house.browser();
        browser.get(paths::ACCOUNT).await.sent_to(paths::LOGIN);
        let page = browser.follow().await.shown(200, "Sign in").page();
        assert_eq!(page.link("Create an account"), paths::REGISTER);
        sign_in(&mut browser, house.person().await).await;
        browser.follow().await.shown(200, "Your account");
        assert!(opens(&house, &session(&browser)).await);
    }

    async fn what_is_wrong_is_said_and_the_address_is_kept(db: Database) {
        let house = House::new(db).await;
        let mut browser = house.browser();
        browser.get(paths::LOGIN).await;
        let typed = [("email", "ada@example.com"), ("password", "not this one")];
        let answer = browser.submit("#login-form", &typed).await;
        let page = answer.shown(422, "The e-mail address or the password is wrong").page();
        assert!(answer.body.contains("<title>Error: "), "{}", answer.told());
        assert!(!answer.body.contains("not this one"), "the password came back");
        let pairs = page.form("#login-form").pairs();
        assert!(pairs.contains(&("email".to_owned(), "ada@example.com".to_owned())));
        assert!(pairs.contains(&("password".to_owned(), String::new())));
        assert_eq!(browser.jar.value(SESSION), None);
    }

    async fn who_is_signed_in_need_not_sign_in(db: Database) {
        let house = House::new(db).await;
        let mut browser = signed_in(&house).await;
        browser.get(paths::LOGIN).await.sent_to(paths::ACCOUNT);
    }

    async fn pages_carry_their_headers(db: Database) {
        let house = House::new(db).await;
        let mut browser = signed_in(&house).await;
        for path in [paths::HOME, paths::ACCOUNT, paths::LOGOUT, paths::VERIFY_EMAIL, paths::DEV_MAIL] {
            let page = browser.get(path).await;
            page.has("Content-Security-Policy", |policy| {
                policy.contains("default-src 'none'")
                    && policy.contains("form-action 'self';")
                    && policy.contains("frame-ancestors 'none'")
            });
            page.has("X-Frame-Options", |value| value == "DENY");
            page.has("X-Content-Type-Options", |value| value == "nosniff");
            page.has("Cache-Control", |value| value == "no-store");
            page.has("Referrer-Policy", |value| value == "same-origin");
            assert!(!page.body.contains("<script"), "{path}: {}", page.body);
        }
    }
}
