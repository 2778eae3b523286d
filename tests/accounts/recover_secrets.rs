//! PR: what the secret in a link for a new password is, and what it opens: this one page, for who reads
//! the letter.

use doorward::paths;
use entity::{value::Digest, verification_token};
use sea_orm::EntityTrait;

use super::recovering::{DEAD, NEW, ask, choose, link, opens_for, pressed, secret, somebody};
use crate::{
    pages::world::{GRACE, contents, csrf, head, signed_up, verify_link},
    support::{database::both, house::House},
};

both! {
    async fn pr_9_opening_it_changes_nothing_and_tells_nobody(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut browser = house.browser();
        ask(&mut browser, person.email).await;
        let link = link(&house).await;
        let before = contents(&house).await;
        // A mail scanner looks first, in its own way, then the person, twice.
        let mut scanner = house.browser();
        head(&house, &scanner, &link).await.is(200);
        scanner.get_from_stranger(&link).await.is(200);
        for _ in 0..2 {
            let page = browser.get_from_stranger(&link).await.shown(200, "Choose a new password");
            // Our own pages alone may learn the address that the secret is in.
            page.has("Referrer-Policy", |policy| ["no-referrer", "same-origin"].contains(&policy));
            page.has("Cache-Control", |rule| rule == "no-store");
            page.has("Content-Security-Policy", |policy| {
                policy.starts_with("default-src 'none'; style-src 'self'; img-src 'self' data:;")
            });
            assert!(!page.body.contains("src=\"http"), "{}", page.body);
            let form = page.page().form("#reset-form");
            assert_eq!((form.method.as_str(), form.action.as_str()), ("post", paths::RESET_PASSWORD));
        }
        // Sent with GET, as a form without a method would be, it is just a page.
        let typed = format!("{link}&new_password=eleven+herons+by+the+mill");
        browser.get(&typed).await.shown(200, "Choose a new password");
        assert!(!browser.last().body.contains("herons"));
        assert_eq!(contents(&house).await, before);
        browser.get(&link).await;
        let answer = browser.submit("#reset-form", &[("new_password", NEW)]).await;
        let to = answer.location().expect("a Location");
        assert!(!to.as_str().contains(secret(&link)) && answer.url.query().is_none());
    }

    async fn pr_11_who_has_no_password_gets_the_first_one_only_by_a_letter(db: Database) {
        let house = House::new(db).await;
        somebody(&house, GRACE, false, false).await;
        let mut browser = house.browser();
        browser.get(paths::RECOVER).await;
        let token = csrf(&browser, "#recover-form");
        // A cookie that somebody made up, and everything else that the page could be told.
        browser.jar.take("doorward_verified=grace@example.com; Path=/", house.app.clock.now());
        let before = contents(&house).await;
        pressed(&mut browser, &token, "", &[("email", GRACE.email), ("verified", "true")]).await;
        browser.last().shown(410, DEAD);
        for password in ["", NEW] {
            assert!(!opens_for(&house, GRACE.email, password).await);
        }
        let after = contents(&house).await;
        assert_eq!(after["user"], before["user"]);
        assert_eq!(after["account"], before["account"]);
        ask(&mut browser, GRACE.email).await;
        choose(&mut browser, &link(&house).await, NEW).await;
        assert!(opens_for(&house, GRACE.email, NEW).await);
    }

    async fn pr_12_a_link_of_one_kind_is_none_of_another(db: Database) {
        let house = House::new(db).await;
        let mut own = signed_up(&house, GRACE).await;
        let verify = verify_link(&house).await;
        let mut browser = house.browser();
        ask(&mut browser, GRACE.email).await;
        let recover = link(&house).await;
        let before = contents(&house).await;
        // The other's secret as it is, and with the prefix of this kind.
        let bare = |link: &str| secret(link)[3..].to_owned();
        for (path, token) in [
            (paths::RESET_PASSWORD, secret(&verify).to_owned()),
            (paths::RESET_PASSWORD, format!("rp_{}", bare(&verify))),
            (paths::VERIFY_EMAIL, secret(&recover).to_owned()),
            (paths::VERIFY_EMAIL, format!("ve_{}", bare(&recover))),
            (paths::CONFIRM_EMAIL, format!("ce_{}", bare(&recover))),
            (paths::KEEP_ACCOUNT, format!("ka_{}", bare(&recover))),
            (paths::CONFIRM_SIGN_UP, format!("su_{}", bare(&recover))),
        ] {
            own.get(paths::ACCOUNT_PROFILE).await;
            let csrf = csrf(&own, "#profile-form");
            let url = format!("{path}?token={token}");
            // There is nothing to sign up for, for somebody who is signed in.
            let refuses = |status: u16| (400..500).contains(&status) || (path == paths::CONFIRM_SIGN_UP && status == 303);
            own.get(&url).await;
            assert!(refuses(own.last().status), "{}", own.last().told());
            let form = [("csrf", csrf.as_str()), ("token", &token), ("new_password", NEW)];
            own.post_form(path, &form).await;
            assert!(refuses(own.last().status), "{}", own.last().told());
        }
        assert_eq!(contents(&house).await, before);
        choose(&mut browser, &recover, NEW).await;
    }

    async fn pr_13_a_secret_is_long_and_kept_only_as_a_digest(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut browser = house.browser();
        ask(&mut browser, person.email).await;
        let link = link(&house).await;
        let token = secret(&link);
        // 256 bits in base64url, after the word for the kind.
        assert_eq!((token.len(), &token[..3]), (46, "rp_"));
        let rows = contents(&house).await;
        assert!(!format!("{rows:?}").contains(&token[3..]));
        let row = verification_token::Entity::find().one(&house.app.db.read).await.expect("a row").expect("a row");
        assert_ne!(row.token, Digest(token.to_owned()));
        assert_eq!(row.code, None, "nothing shorter does the same");
    }

    async fn pr_13_whoever_guesses_has_to_stop(db: Database) {
        let house = House::with(db, |config| config.development = false).await;
        let person = house.person().await;
        let mut browser = house.browser();
        ask(&mut browser, person.email).await;
        let link = link(&house).await;
        browser.get(&link).await;
        let token = csrf(&browser, "#reset-form");
        let mut tries = 0;
        loop {
            let guess = format!("rp_{tries:0>43}");
            pressed(&mut browser, &token, &guess, &[]).await;
            tries += 1;
            if browser.last().status == 429 {
                break;
            }
            browser.last().shown(410, DEAD);
            assert!(tries < 50, "nobody stops it");
        }
        assert!(!browser.last().header("Retry-After").is_empty());
        // Whoever has a link is not stopped by it.
        pressed(&mut browser, &token, secret(&link), &[]).await;
        browser.last().sent_to(paths::LOGIN);
        assert!(opens_for(&house, person.email, NEW).await);
    }
}
