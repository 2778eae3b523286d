//! Choosing a password: the same rules wherever one is set, and why one is not taken.

use std::fs;

use doorward::{
    accounts::{AccountError, choose, operate},
    crypto::sha1,
    paths,
    pwned::build::build,
};

use super::world::{GRACE, contents, run, sign_in, signed_in};
use crate::support::{
    database::{Database, both},
    folder::Folder,
    house::{House, Person},
    page::Page,
};

/// What leaked: it would be good enough if it had not, and it is beyond ASCII.
pub const LEAKED: &str = "zw\u{f6}lf eulen im alten turm";

/// A house that knows what leaked.
pub async fn warned(db: Database, folder: &Folder) -> House {
    let (list, filter) = (folder.path().join("list"), folder.path().join("filter"));
    let hash = sha1(LEAKED.as_bytes());
    let hex: String = hash.iter().map(|byte| format!("{byte:02X}")).collect();
    fs::write(&list, format!("{hex}:17\n")).expect("a list");
    build(&list, &filter, 32).expect("a filter");
    House::with(db, |config| config.passwords.breached_file = Some(filter)).await
}

/// What is said beside a field.
fn beside(page: &Page, field: &str) -> String {
    let said = page.text_of(&format!("#{field}-error"));
    said.unwrap_or_default().to_owned()
}

both! {
    async fn a_password_that_leaked_is_taken_nowhere(db: Database) {
        let folder = Folder::new();
        let house = warned(db, &folder).await;
        let mut ada = signed_in(&house).await;
        let before = contents(&house).await;

        let mut browser = house.browser();
        browser.get(paths::REGISTER).await;
        // As some keyboards type it: another spelling of the same.
        let decomposed = LEAKED.replace('\u{f6}', "o\u{308}");
        let typed = [("email", GRACE.email), ("password", decomposed.as_str())];
        let page = browser.submit("#register-form", &typed).await.shown(422, "There is a problem").page();
        let said = beside(&page, "password");
        assert!(said.contains("appeared in a leak of passwords"), "{said}");
        assert!(said.contains("change it wherever"), "{said}");

        let person = house.person().await;
        ada.get(paths::ACCOUNT_SECURITY).await;
        let typed = [("current_password", person.password), ("new_password", LEAKED)];
        let page = ada.submit("#password-form", &typed).await.shown(422, "There is a problem").page();
        assert!(beside(&page, "new-password").contains("appeared in a leak"), "{}", page.text);

        let user = operate::find(&house.app, person.email).await.expect("a look-up").expect("Ada");
        let set = operate::set_password(&house.app, &user, LEAKED).await;
        assert!(matches!(set, Err(AccountError::PasswordLeaked)), "{set:?}");
        assert_eq!(contents(&house).await, before);
    }

    async fn who_signed_up_before_it_leaked_still_signs_in(db: Database) {
        let folder = Folder::new();
        let house = warned(db, &folder).await;
        house.person().await;
        let plain = House::new(Database::sqlite().await).await;
        let password = choose::choose(&plain.app, LEAKED, &[]).await.expect("a password");
        let hash = house.app.passwords.hash(&password).await.expect("a hash");
        run(&house, &format!(r#"UPDATE "user" SET password_hash = '{hash}'"#)).await;
        let mut browser = house.browser();
        let person = Person { password: LEAKED, ..house.person().await };
        sign_in(&mut browser, person).await;
    }

    async fn it_is_said_why_a_password_is_easy_to_guess(db: Database) {
        let house = House::new(db).await;
        let mut browser = house.browser();
        browser.get(paths::REGISTER).await;
        for (password, why) in [
            ("sunshine", "one of the most used"),
            ("hopper1906", "your address, your name"),
            ("grace@example.com", "your address, your name"),
            ("GraceHopper!", "your address, your name"),
            ("doorward-doorward", "the name of this site"),
            ("aaaaaaaaaaaa", "repeats a character"),
            ("qwertyuiop", "guess"),
        ] {
            let typed = [("email", GRACE.email), ("password", password), ("name", GRACE.name)];
            let page = browser.submit("#register-form", &typed).await.shown(422, "There is a problem").page();
            let said = beside(&page, "password");
            assert!(said.contains(why) && said.contains("easy to guess"), "{password}: {said}");
        }
    }

    async fn do_1_a_new_password_that_is_too_long_is_refused_before_anything_is_hashed(db: Database) {
        let house = House::new(db).await;
        house.person().await;
        let before = house.app.passwords.counts();
        for (length, said) in [(1025, "at most 1024 bytes"), (60_000, "at most 1024 bytes")] {
            let mut browser = house.browser();
            browser.get(paths::REGISTER).await;
            let long = "x9".repeat(length).split_off(length);
            let typed = [("email", GRACE.email), ("password", long.as_str())];
            browser.submit("#register-form", &typed).await.shown(422, said);
        }
        let mut browser = house.browser();
        browser.get(paths::REGISTER).await;
        let typed = [("email", GRACE.email), ("password", &"x".repeat(64 * 1024 + 1))];
        browser.submit("#register-form", &typed).await.shown(413, "could not be read");
        assert_eq!(house.app.passwords.counts(), before);
    }
}
