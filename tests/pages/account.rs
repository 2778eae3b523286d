//! `/account`: what a person sees, the name, and one more letter.

use chrono::TimeDelta;
use doorward::paths;

use super::world::{GRACE, contents, csrf, signed_in, signed_up, user, verify_link};
use crate::support::{database::both, house::House};

both! {
    async fn it_is_for_who_is_signed_in(db: Database) {
        let house = House::new(db).await;
        house.browser().get(paths::ACCOUNT).await.sent_to(paths::LOGIN);
        let page = signed_in(&house).await.last().page();
        for said in ["Your account", "Ada Lovelace", "ada@example.com", "confirmed", "UTC"] {
            assert!(page.text.contains(said), "{said}: {}", page.text);
        }
        assert!(!page.text.contains("not confirmed"), "{}", page.text);
    }

    async fn a_name_is_saved_shown_and_told_to_relying_parties(db: Database) {
        let house = House::new(db).await;
        let mut browser = signed_in(&house).await;
        let typed = [("name", "  Ada, Countess of Lovelace ")];
        browser.submit("#profile-form", &typed).await.sent_to(paths::ACCOUNT);
        let page = browser.follow().await.shown(200, "Your profile is saved.").page();
        let kept = page.form("#profile-form").pairs();
        assert!(kept.contains(&("name".to_owned(), "Ada, Countess of Lovelace".to_owned())));
        assert_eq!(page.link("Ada, Countess of Lovelace"), paths::ACCOUNT);

        // A name may be taken away again.
        browser.submit("#profile-form", &[("name", "")]).await;
        browser.follow().await.shown(200, "Your profile is saved.");
        assert_eq!(user(&house, "ada@example.com").await.name, None);
    }

    async fn a_name_that_cannot_be_is_kept_in_the_form_and_nowhere_else(db: Database) {
        let house = House::new(db).await;
        let mut browser = signed_in(&house).await;
        let before = contents(&house).await;
        let long = "a".repeat(201);
        for name in [long.as_str(), "Ada\u{200b}", "Ada\u{1b}[31m"] {
            let answer = browser.submit("#profile-form", &[("name", name)]).await;
            let page = answer.shown(422, "There is a problem").page();
            assert!(answer.body.contains("<title>Error: "), "{}", answer.told());
            assert!(page.text_of("#name-error").is_some_and(|said| said.contains("at most 200")));
            let kept = page.form("#profile-form").pairs();
            assert!(kept.contains(&("name".to_owned(), name.to_owned())), "{kept:?}");
            assert_eq!(contents(&house).await, before);
        }
        // The address of a form that was not taken leads back when it is opened.
        browser.get(paths::ACCOUNT_PROFILE).await.sent_to(paths::ACCOUNT);
    }

    async fn a_notice_is_one_of_ours_or_none(db: Database) {
        let house = House::new(db).await;
        let mut browser = signed_in(&house).await;
        let plain = browser.get(paths::ACCOUNT).await.page().text;
        for forged in ["", "nothing", "Profile", "<b>555-0100</b>", "password%00"] {
            let url = format!("{}?done={forged}&notice=555-0100&error=555-0100", paths::ACCOUNT);
            let answer = browser.get(&url).await;
            assert!(!answer.body.contains("555-0100"), "{}", answer.told());
            assert!(answer.status == 400 || answer.page().text == plain, "{}", answer.told());
        }
    }

    async fn one_more_letter_is_sent_while_the_address_is_not_confirmed(db: Database) {
        let house = House::new(db).await;
        let mut browser = signed_up(&house, GRACE).await;
        let first = verify_link(&house).await;
        // Just after one was sent, no more are: nobody's mailbox can be filled from here.
        browser.submit("#verify-form", &[]).await.sent_to(paths::ACCOUNT);
        browser.follow().await;
        assert_eq!(verify_link(&house).await, first);
        house.turn(TimeDelta::minutes(2));
        browser.submit("#verify-form", &[]).await.sent_to(paths::ACCOUNT);
        browser.follow().await.shown(200, "a new letter is on its way");
        let second = verify_link(&house).await;
        assert_ne!(first, second);
        // The newest link wins.
        browser.get(&first).await.shown(410, "This link no longer works");
        browser.get(&second).await.shown(200, "Confirm your e-mail address");
        assert_eq!(house.rows().await["verification_token"], 1);

        browser.submit("#verify-submit", &[]).await.shown(200, "Address confirmed");
        let page = browser.get(paths::ACCOUNT).await.page();
        assert!(!page.text.contains("not confirmed"), "{}", page.text);

        // Asked for once more, from a page that was open before: there is nothing to prove.
        let before = contents(&house).await;
        let csrf = csrf(&browser, "#profile-form");
        let form = [("csrf", csrf.as_str())];
        browser.post_form(paths::ACCOUNT_VERIFY, &form).await.sent_to(paths::ACCOUNT);
        assert_eq!(contents(&house).await, before);
    }
}
