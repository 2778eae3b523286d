//! `/dev/mail`: letters that are caught in development mode, and only there.

use doorward::paths;
use entity::outbox;
use uuid::Uuid;

use super::world::{GRACE, contents, production, signed_up, verify_link};
use crate::support::{database::both, house::House};

both! {
    async fn a_caught_letter_is_read_and_its_link_followed(db: Database) {
        let house = House::new(db).await;
        let mut browser = house.browser();
        browser.get(paths::DEV_MAIL).await.shown(200, "No letter yet");
        signed_up(&house, GRACE).await;
        let before = contents(&house).await;
        browser.get(paths::DEV_MAIL).await.shown(200, GRACE.email);
        let link = verify_link(&house).await;
        browser.click("Confirm your e-mail address").await.shown(200, "Either works once");
        assert_eq!(browser.last().page().link(&link), link);
        browser.click(&link).await.shown(200, "Confirm your e-mail address");
        assert_eq!(contents(&house).await, before);
        browser.get(paths::DEV_MAIL).await;
        for nothing in [Uuid::nil().to_string(), "nonsense".to_owned(), "1/2".to_owned()] {
            let url = format!("{}/{nothing}", paths::DEV_MAIL);
            browser.get(&url).await.shown(404, "There is no such page");
        }
    }

    async fn in_production_there_is_no_such_page(db: Database) {
        let house = production(db).await;
        let mut browser = house.browser();
        browser.get(paths::REGISTER).await;
        let typed = [("email", GRACE.email), ("password", GRACE.password)];
        browser.submit("#register-form", &typed).await.sent_to(paths::ACCOUNT);
        let letters = outbox::newest(&house.app.db.read, 1).await.expect("the letters");
        let letter = format!("{}/{}", paths::DEV_MAIL, letters[0].id);
        for path in [paths::DEV_MAIL, &letter] {
            browser.get(path).await.shown(404, "There is no such page");
        }
    }
}
