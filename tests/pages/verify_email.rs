//! `/verify-email`: opening the link changes nothing, the button works once.

use chrono::TimeDelta;
use doorward::paths;

use super::world::{
    GRACE, LIN, contents, cookies, csrf, head, session, signed_up, user, verify_link,
};
use crate::support::{call::at_once, database::both, house::House};

both! {
    async fn opening_it_changes_nothing_and_pressing_works_once(db: Database) {
        let house = House::new(db).await;
        let mut browser = signed_up(&house, GRACE).await;
        let link = verify_link(&house).await;
        let before = contents(&house).await;
        // A mail scanner looks first, then the person, twice.
        let mut scanner = house.browser();
        head(&house, &scanner, &link).await.is(200);
        scanner.get_from_stranger(&link).await.is(200);
        browser.get(&link).await;
        let page = browser.get(&link).await.shown(200, "Confirm your e-mail address").page();
        assert!(page.text.contains(GRACE.email), "{}", page.text);
        // Pressing without being signed in to the account changes nothing either.
        scanner.submit("#verify-submit", &[]).await.shown(403, "Sign in first");
        assert_eq!(contents(&house).await, before);
        scanner.get_from_stranger(&link).await.shown(200, "Confirm your e-mail address");

        let answer = browser.submit("#verify-submit", &[]).await;
        assert_eq!(answer.url.query(), None, "the secret is in the form, not in the address");
        let page = answer.shown(200, "Address confirmed").page();
        assert!(page.text.contains(GRACE.email), "{}", page.text);
        assert_eq!(page.link("Go to your account"), paths::ACCOUNT);
        assert!(user(&house, GRACE.email).await.email_verified.is_some());

        // Reloading, pressing in the other browser, opening once more: dead, and nothing happens.
        let before = contents(&house).await;
        scanner.submit("#verify-submit", &[]).await.shown(410, "This link no longer works");
        browser.get(&link).await.shown(410, "This link no longer works");
        head(&house, &browser, &link).await.is(410);
        assert_eq!(contents(&house).await, before);
    }

    async fn lk_1_the_owner_of_an_address_lends_no_proof_to_who_signed_up_with_it(db: Database) {
        let house = House::new(db).await;
        // A stranger signs up with the address of somebody else, who gets the letter.
        let mut stranger = signed_up(&house, GRACE).await;
        let link = verify_link(&house).await;
        let mut owner = house.browser();
        owner.get(&link).await;
        owner.submit("#verify-submit", &[]).await.shown(403, "Sign in first");
        // Signed in to another account, the owner is still nobody to this one.
        let mut other = signed_up(&house, LIN).await;
        other.get(&link).await;
        other.submit("#verify-submit", &[]).await.shown(403, "Sign in first");
        assert_eq!(user(&house, GRACE.email).await.email_verified, None);
        stranger.get(paths::ACCOUNT).await.shown(200, "not confirmed");
    }

    async fn a_link_dies_with_its_time(db: Database) {
        let house = House::new(db).await;
        signed_up(&house, GRACE).await;
        let link = verify_link(&house).await;
        let mut browser = house.browser();
        house.turn(TimeDelta::hours(24) - TimeDelta::minutes(1));
        browser.get(&link).await.shown(200, "Confirm your e-mail address");
        house.turn(TimeDelta::minutes(2));
        browser.submit("#verify-submit", &[]).await.shown(410, "This link no longer works");
        browser.get(&link).await.shown(410, "Sign in");
        assert_eq!(user(&house, GRACE.email).await.email_verified, None);
    }

    async fn what_is_no_link_of_ours_is_dead(db: Database) {
        let house = House::new(db).await;
        let browser = signed_up(&house, GRACE).await;
        let before = contents(&house).await;
        let link = verify_link(&house).await;
        let token = link.split_once("token=").expect("a token").1;
        let session = session(&browser);
        let mut stranger = house.browser();
        for wrong in [
            "", "nothing", &token[..45], &format!("{token}A"), &token.to_uppercase(), &session,
            &format!("ve_{}", &session[3..]), "%3Cscript%3E",
        ] {
            let url = format!("{}?token={wrong}", paths::VERIFY_EMAIL);
            let page = stranger.get(&url).await;
            page.shown(410, "This link no longer works");
            assert!(wrong.len() < 8 || !page.body.contains(wrong), "{}", page.body);
        }
        stranger.get(paths::VERIFY_EMAIL).await.shown(410, "This link no longer works");
        assert_eq!(contents(&house).await, before);
    }

    async fn of_64_presses_at_once_one_confirms(db: Database) {
        let house = House::new(db).await;
        let mut browser = signed_up(&house, GRACE).await;
        let link = verify_link(&house).await;
        browser.get(&link).await;
        let cookies = cookies(&house, &browser).expect("cookies");
        let csrf = csrf(&browser, "#verify-submit");
        let token = link.split_once("token=").expect("a token").1;
        let form = [("csrf", csrf.as_str()), ("token", token)];
        let press = || house.post(paths::VERIFY_EMAIL).header("Cookie", &cookies).form(&form);
        let answers = at_once((0..64).map(|_| press()).collect()).await;
        let confirmed = answers.iter().filter(|answer| answer.status == 200).count();
        let dead = answers.iter().filter(|answer| answer.status == 410).count();
        assert_eq!((confirmed, dead), (1, 63));
    }
}
