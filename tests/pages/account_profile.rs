//! `/account/profile`: what somebody says about themselves, what they cannot say, and what is said of
//! it where it is wrong.

use doorward::paths;
use entity::value::{EventKind, Role};
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};

use super::world::{contents, csrf, signed_in, user};
use crate::support::{browser::Browser, database::both, house::House};

const EMAIL: &str = "ada@example.com";

/// Every field of the form, with what may be typed into it.
const ALL: [(&str, &str); 19] = [
    ("name", "Ada, Countess of Lovelace"),
    ("given_name", "Ada"),
    ("middle_name", "King"),
    ("family_name", "Lovelace"),
    ("nickname", "Addie"),
    ("preferred_username", "ada"),
    ("picture", "https://ada.example/ada.png"),
    ("profile", "https://ada.example/"),
    ("website", "http://ada.example/notes"),
    ("gender", "female"),
    ("birthdate", "1815-12-10"),
    ("zoneinfo", "Europe/London"),
    ("locale", "en-GB"),
    ("phone_number", "+442079460123"),
    ("street_address", "12 St James's Square\nFlat 3"),
    ("locality", "London"),
    ("region", "Westminster"),
    ("postal_code", "SW1Y 4LB"),
    ("country", "England"),
];

/// What the form on the screen holds in a field.
#[track_caller]
fn held(browser: &Browser<'_>, name: &str) -> String {
    let pairs = browser.last().page().form("#profile-form").pairs();
    let pair = pairs.into_iter().find(|(own, _)| own == name);
    pair.unwrap_or_else(|| panic!("no field {name}")).1
}

/// The kinds of what happened to the person.
async fn events(house: &House) -> usize {
    let id = user(house, EMAIL).await.id;
    let kinds = [EventKind::ProfileChanged];
    let found = entity::event::page_of(&house.app.db.read, id, &kinds, None, 100).await;
    found.expect("the events").len()
}

both! {
    async fn everything_can_be_said_shown_and_taken_away(db: Database) {
        let house = House::new(db).await;
        let mut browser = signed_in(&house).await;
        browser.get(paths::ACCOUNT_PROFILE).await.shown(200, "Profile");
        browser.submit("#profile-form", &ALL).await.sent_to(paths::ACCOUNT_PROFILE);
        let page = browser.follow().await.shown(200, "Your profile is saved.").page();
        for (name, value) in ALL {
            assert_eq!(held(&browser, name), value, "{name}");
        }
        assert_eq!(page.link("Ada, Countess of Lovelace"), paths::ACCOUNT);
        assert_eq!(events(&house).await, 1);

        // What is sent again as it was is no change.
        let before = contents(&house).await;
        browser.submit("#profile-form", &[]).await.sent_to(paths::ACCOUNT_PROFILE);
        assert_eq!(contents(&house).await, before);

        browser.get(paths::ACCOUNT_PROFILE).await;
        let nothing = ALL.map(|(name, _)| (name, ""));
        browser.submit("#profile-form", &nothing).await.sent_to(paths::ACCOUNT_PROFILE);
        browser.follow().await.shown(200, "Your profile is saved.");
        let row = user(&house, EMAIL).await;
        assert_eq!((row.name, row.image, row.profile), (None, None, Default::default()));
        assert_eq!(events(&house).await, 2);
    }

    async fn a_field_that_is_not_sent_stays(db: Database) {
        let house = House::new(db).await;
        let mut browser = signed_in(&house).await;
        browser.get(paths::ACCOUNT_PROFILE).await;
        browser.submit("#profile-form", &ALL).await;
        let csrf = {
            browser.follow().await;
            csrf(&browser, "#profile-form")
        };
        let form = [("csrf", csrf.as_str()), ("name", "Ada")];
        browser.post_form(paths::ACCOUNT_PROFILE, &form).await.sent_to(paths::ACCOUNT_PROFILE);
        let row = user(&house, EMAIL).await;
        assert_eq!(row.name.as_deref(), Some("Ada"));
        assert_eq!(row.profile.nickname.as_deref(), Some("Addie"));
    }

    async fn what_is_wrong_is_said_beside_each_field_and_nothing_is_kept(db: Database) {
        let house = House::new(db).await;
        let mut browser = signed_in(&house).await;
        browser.get(paths::ACCOUNT_PROFILE).await;
        browser.submit("#profile-form", &ALL).await;
        browser.follow().await;
        let before = contents(&house).await;
        let long = "a".repeat(201);
        let wrong = [
            ("name", long.as_str(), "at most 200 characters"),
            ("nickname", "Ada\u{200b}", "at most 200 characters"),
            ("given_name", "Ada\u{1b}[31m", "at most 200 characters"),
            ("picture", "javascript:alert(1)", "enter a whole address"),
            ("profile", "//ada.example", "enter a whole address"),
            ("website", "ada.example", "enter a whole address"),
            ("birthdate", "10 December 1815", "a date like 1990-12-31"),
            ("zoneinfo", "here/", "a time zone by its name"),
            ("locale", "English!", "a language by its tag"),
            ("phone_number", "020 7946 0123", "with its country"),
            ("street_address", "1\n2\n3\n4\n5", "at most 200 characters"),
        ];
        let mut typed = ALL.map(|(name, _)| (name, "typed"));
        for field in &mut typed {
            if let Some((_, value, _)) = wrong.iter().find(|(name, ..)| *name == field.0) {
                field.1 = value;
            }
        }
        let answer = browser.submit("#profile-form", &typed).await;
        let page = answer.shown(422, "There is a problem").page();
        assert!(answer.body.contains("<title>Error: "), "{}", answer.told());
        for (name, value) in typed {
            assert_eq!(held(&browser, name), value, "{name} is as it was typed");
            let id = name.replace('_', "-");
            let beside = page.text_of(&format!("#{id}-error"));
            let said = wrong.iter().find(|(own, ..)| *own == name);
            assert_eq!(beside.is_some(), said.is_some(), "{name}: {beside:?}");
            if let Some((beside, (_, _, said))) = beside.zip(said) {
                assert!(beside.contains(said), "{name}: {beside}");
                assert_eq!(page.text.matches(beside).count() % 2, 0, "once above, once beside");
            }
        }
        assert_eq!(contents(&house).await, before);
    }

    async fn lk_12_lk_8_what_is_proven_or_given_cannot_be_said(db: Database) {
        let house = House::new(db).await;
        let mut browser = signed_in(&house).await;
        let row = user(&house, EMAIL).await;
        let mut unproven = row.clone().into_active_model();
        unproven.email_verified = Set(None);
        unproven.update(&house.app.db.write).await.expect("a change");
        let own = csrf(&browser, "#logout-form");
        for (name, value) in [
            ("email_verified", "true"),
            ("email_verified", "2026-01-01T00:00:00Z"),
            ("emailVerified", "true"),
            ("email", "mallory@example.com"),
            ("phone_number_verified", "true"),
            ("phone_verified", "true"),
            ("role", "admin"),
            ("sub", "somebody"),
            ("subject", "somebody"),
            ("id", "00000000-0000-0000-0000-000000000000"),
            ("user_id", "00000000-0000-0000-0000-000000000000"),
            ("disabled_at", ""),
            ("password_hash", "x"),
            ("updated_at", "0"),
            ("address", "{\"formatted\":\"x\"}"),
            ("formatted", "x"),
            ("profile[phone_number_verified]", "true"),
        ] {
            let form = [("csrf", own.as_str()), ("phone_number", "+442079460123"), (name, value)];
            browser.post_form(paths::ACCOUNT_PROFILE, &form).await.sent_to(paths::ACCOUNT_PROFILE);
            let now = user(&house, EMAIL).await;
            assert_eq!((now.id, now.email_verified, now.role), (row.id, None, Role::User), "{name}");
            assert_eq!((now.subject, now.password_hash), (row.subject.clone(), row.password_hash.clone()));
            assert_eq!(now.profile.phone_number_verified, None, "{name}");
            assert_eq!(now.profile.address, None, "{name}");
        }
    }

    async fn lk_12_another_number_is_not_proven(db: Database) {
        let house = House::new(db).await;
        let mut browser = signed_in(&house).await;
        let mut row = user(&house, EMAIL).await;
        row.profile.phone_number = Some("+442079460123".to_owned());
        row.profile.phone_number_verified = Some(true);
        let row = row.into_active_model().reset_all();
        row.update(&house.app.db.write).await.expect("a change");
        for (typed, proven) in [
            ("+44 20 7946 0123", Some(true)),
            ("+44 20 7946 0124", None),
            ("+442079460123", None),
        ] {
            browser.get(paths::ACCOUNT_PROFILE).await;
            browser.submit("#profile-form", &[("phone_number", typed)]).await.is(303);
            assert_eq!(user(&house, EMAIL).await.profile.phone_number_verified, proven, "{typed}");
        }
    }

    async fn xs_1_xs_2_whatever_is_typed_is_text_and_a_picture_is_a_picture(db: Database) {
        let house = House::new(db).await;
        let mut browser = signed_in(&house).await;
        let payloads = [
            "\"'><b id=xss onclick=alert(1)>{{1337*7}}</title></textarea><script>alert(1)</script>",
            "\" onfocus=alert(1) autofocus x=\"",
            "https://ada.example/\"><script>alert(1)</script>{{1337*7}}' onerror=alert(1)",
            "javascript:alert(1)//",
            "data:image/svg+xml,<svg/onload=alert(1)>",
        ];
        for payload in payloads {
            for (name, _) in ALL {
                browser.get(paths::ACCOUNT_PROFILE).await;
                browser.submit("#profile-form", &[(name, payload)]).await;
                for path in [None, Some(paths::ACCOUNT_PROFILE), Some(paths::ACCOUNT)] {
                    let answer = match path {
                        None => browser.last(),
                        Some(path) => browser.get(path).await,
                    };
                    for alive in ["<b id=xss", "<script", "\" onfocus=", "' onerror=", "9359", "src=\"java", "src=\"data", "<svg/"] {
                        assert!(!answer.body.contains(alive), "{name}: {alive} in {}", answer.told());
                    }
                }
            }
        }
    }
}
