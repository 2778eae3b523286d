//! `/account/password`: a change, what it ends, and what is said when it cannot be.

use std::collections::BTreeMap;

use doorward::paths;
use entity::{outbox, value::LetterKind};

use super::world::{contents, csrf, opens, run, session, sign_in, signed_in};
use crate::support::{
    database::both,
    house::{House, Person},
    page::Page,
    rp::Rp,
};

const NEW: &str = "seven ladders to the moon";

/// What is said beside a field.
fn beside(page: &Page, field: &str) -> String {
    let said = page.text_of(&format!("#{field}-error"));
    said.unwrap_or_default().to_owned()
}

/// Everything but the count of wrong passwords, and what is told of them.
async fn kept(house: &House) -> BTreeMap<String, Vec<String>> {
    let mut kept = contents(house).await;
    for counted in ["failure_counter", "event"] {
        kept.remove(counted);
    }
    kept
}

both! {
    async fn a_change_ends_everything_that_the_old_password_began(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let rp = Rp::confidential(&house).await;
        let mut browser = signed_in(&house).await;
        let elsewhere = signed_in(&house).await;
        let code = rp.sign_in(&mut browser).await;
        let refresh_token = rp.exchange(&code).await.tokens().refresh_token.expect("a refresh token");
        let old = session(&browser);

        browser.get(paths::ACCOUNT_SECURITY).await;
        let typed = [("current_password", person.password), ("new_password", NEW)];
        browser.submit("#password-form", &typed).await.sent_to(paths::ACCOUNT_SECURITY);
        browser.follow().await.shown(200, "Your password is changed.");

        assert_ne!(session(&browser), old, "this browser has a new cookie");
        for dead in [old, session(&elsewhere)] {
            assert!(!opens(&house, &dead).await);
        }
        rp.refresh(&refresh_token).await.oauth_error(400, "invalid_grant");
        let letters = outbox::newest(&house.app.db.read, 10).await.expect("the letters");
        let kinds: Vec<_> = letters.iter().map(|letter| (letter.kind, letter.recipient.as_str())).collect();
        assert_eq!(kinds, [(LetterKind::PasswordChanged, person.email)]);

        let mut other = house.browser();
        other.get(paths::LOGIN).await;
        let typed = [("email", person.email), ("password", person.password)];
        other.submit("#login-form", &typed).await.shown(422, "is wrong");
        sign_in(&mut other, Person { password: NEW, ..person }).await;
    }

    async fn what_is_wrong_is_said_beside_its_field(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut browser = signed_in(&house).await;
        browser.get(paths::ACCOUNT_SECURITY).await;
        let before = kept(&house).await;
        for (current, new, field, said) in [
            ("not this one", NEW, "current-password", "This is not your current password."),
            ("", NEW, "current-password", "This is not your current password."),
            (person.password, "short", "new-password", "at least 8 characters"),
            (person.password, "", "new-password", "at least 8 characters"),
            (person.password, "ada@example.com", "new-password", "easy to guess"),
        ] {
            let typed = [("current_password", current), ("new_password", new)];
            let answer = browser.submit("#password-form", &typed).await;
            let page = answer.shown(422, "There is a problem").page();
            assert!(answer.body.contains("<title>Error: "), "{}", answer.told());
            assert!(beside(&page, field).contains(said), "{typed:?}: {}", page.text);
            assert_eq!(page.link(&beside(&page, field)), format!("#{field}"));
            for other in ["current-password", "new-password"] {
                assert!(other == field || beside(&page, other).is_empty(), "{other}: {}", page.text);
            }
            let pairs = page.form("#password-form").pairs();
            let empty = |name: &str| pairs.contains(&(name.to_owned(), String::new()));
            assert!(empty("current_password") && empty("new_password"), "{pairs:?}");
            assert!(answer.header("Set-Cookie").is_empty(), "{}", answer.told());
            assert_eq!(kept(&house).await, before, "{typed:?}");
        }
        browser.get(paths::ACCOUNT_PASSWORD).await.sent_to(paths::ACCOUNT_SECURITY);
    }

    async fn without_a_password_there_is_none_to_change(db: Database) {
        let house = House::new(db).await;
        let mut browser = signed_in(&house).await;
        run(&house, r#"UPDATE "user" SET password_hash = NULL"#).await;
        let csrf = csrf(&browser, "#logout-form");
        let answer = browser.get(paths::ACCOUNT_SECURITY).await;
        answer.shown(200, "This account has no password");
        assert!(!answer.body.contains("password-form"), "{}", answer.told());
        let form = [("csrf", csrf.as_str()), ("current_password", ""), ("new_password", NEW)];
        browser.post_form(paths::ACCOUNT_PASSWORD, &form).await.shown(422, "There is a problem");
    }
}
