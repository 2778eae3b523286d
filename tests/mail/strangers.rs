//! PR-10: nothing that a stranger chose gets into a letter as anything but text, and none of it into
//! its head.

use doorward::{
    accounts::operate::{self, Wanted},
    paths,
};
use entity::{
    outbox,
    value::{LetterKind, Role},
};

use super::{house, letter::Part, post_office::PostOffice};
use crate::support::{database::both, house::House};

/// What strangers have called themselves elsewhere.
const NAMES: [&str; 4] = [
    "<a href=//evil.example>click here</a>",
    "{{ 7777777*3 }}{% raw %}",
    "\u{202e}moc.elpmaxe",
    "Ada</strong><img src=//evil.example/x.png>",
];

async fn ask(house: &House, email: &str, user_agent: &str) {
    let mut browser = house.browser();
    browser.get(paths::RECOVER).await;
    let csrf = browser.last().page().form("#recover-form").pairs();
    let cookies = browser
        .jar
        .header("/", false, house.app.clock.now())
        .expect("cookies");
    let mut form = vec![("email".to_owned(), email.to_owned())];
    form.extend(csrf.into_iter().filter(|(name, _)| name == "csrf"));
    let call = house.post(paths::RECOVER).header("Cookie", &cookies);
    call.header("User-Agent", user_agent)
        .form(&form)
        .await
        .is(200);
}

both! {
    async fn pr_10_a_name_is_in_no_letter(db: Database) {
        let office = PostOffice::polite().await;
        let house = house(db, &office).await;
        let long = "A".repeat(200);
        for (at, name) in NAMES.into_iter().chain([long.as_str()]).enumerate() {
            let email = format!("ada{at}@example.com");
            let wanted = Wanted {
                email: &email,
                name,
                password: None,
                email_verified: false,
                role: Role::User,
                claims: None,
                image: None,
            };
            // What cannot be shown is no name at all.
            if operate::add(&house.app, wanted).await.is_err() {
                continue;
            }
            ask(&house, &email, name).await;
            assert_eq!(house.deliver().await, 1);
            let received = office.taken().pop().expect("a letter");
            let received = Part::read(&received);
            assert_eq!(received.header("to"), email);
            for part in received.parts() {
                let text = part.text();
                for word in ["evil", "7777777", "23333331", "{%", "moc.", "AAAA", "<img", name] {
                    assert!(!text.contains(word), "{word}: {text}");
                }
                assert!(text.contains("Unknown browser"), "{text}");
            }
        }
    }

    async fn pr_10_what_is_too_long_or_breaks_lines_is_no_name_and_no_address(db: Database) {
        let office = PostOffice::polite().await;
        let house = house(db, &office).await;
        for (email, name) in [
            ("ada@example.com", "A".repeat(10_240)),
            ("ada@example.com", "Ada\r\nBcc: eve@example.com".to_owned()),
            ("ada@example.com", "Ada\nBcc: eve@example.com".to_owned()),
            ("ada@example.com\r\nBcc: eve@example.com", "Ada".to_owned()),
            ("ada@example.com\nBcc: eve@example.com", "Ada".to_owned()),
            ("ada@example.com, eve@example.com", "Ada".to_owned()),
        ] {
            let mut browser = house.browser();
            browser.get(paths::REGISTER).await;
            let typed = [("email", email), ("password", "nanoseconds on a wire"), ("name", &name)];
            browser.submit("#register-form", &typed).await.is(422);
            browser.get(paths::RECOVER).await;
            browser.submit("#recover-form", &[("email", email)]).await;
        }
        let letters = outbox::newest(&house.app.db.read, 10).await.expect("the letters");
        assert!(letters.is_empty(), "{letters:?}");
        assert_eq!(house.deliver().await, 0);
    }

    async fn pr_10_a_browser_may_call_itself_what_it_likes(db: Database) {
        let office = PostOffice::polite().await;
        let house = house(db, &office).await;
        let person = house.person().await;
        for user_agent in [
            "Firefox/1.0 (Linux) <a href=//evil.example>\tBcc: eve@example.com",
            &format!("Firefox/1.0 (Linux) {}", "evil".repeat(2_500)),
        ] {
            ask(&house, person.email, user_agent).await;
            assert_eq!(house.deliver().await, 1);
            let received = office.taken().pop().expect("a letter");
            let received = Part::read(&received);
            assert!(!received.headers.contains_key("bcc") && !received.headers.contains_key("cc"));
            let kind = outbox::newest(&house.app.db.read, 1).await.expect("the letters")[0].kind;
            assert_eq!(kind, LetterKind::Recover);
            for part in received.parts() {
                let text = part.text();
                assert!(text.contains("Firefox on Linux") && !text.contains("evil"), "{text}");
            }
        }
    }
}
