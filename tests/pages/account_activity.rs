//! `/account/activity`: a person's own events, newest first, and nobody else's.

use chrono::TimeDelta;
use doorward::{
    events::{self, About},
    paths,
};
use entity::value::EventKind;
use sea_orm::Iterable;
use uuid::Uuid;

use super::world::{GRACE, contents, signed_in, signed_up, user};
use crate::support::{database::both, house::House, rp::Rp};

const EMAIL: &str = "ada@example.com";

both! {
    async fn what_somebody_did_is_told_newest_first(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let mut grace = signed_up(&house, GRACE).await;
        grace.get(paths::ACCOUNT_PROFILE).await;
        grace.submit("#profile-form", &[("nickname", "Amazing")]).await;
        let mut browser = signed_in(&house).await;
        browser.get(paths::ACCOUNT_ACTIVITY).await.shown(200, "Signed in");
        rp.sign_in(&mut browser).await;
        browser.get(paths::ACCOUNT_PROFILE).await;
        browser.submit("#profile-form", &[("nickname", "Addie")]).await;
        let page = browser.get(paths::ACCOUNT_ACTIVITY).await.page().text;
        let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("no {text} in {page}"));
        assert!(at("Profile changed") < at("Access allowed: Example"));
        assert!(at("Access allowed: Example") < at("Signed in"));
        assert_eq!(page.matches("Profile changed").count(), 1, "only one's own: {page}");
        assert!(page.contains("UTC · Unknown browser on Linux"), "{page}");
        assert!(!page.contains("Older"), "{page}");
    }

    async fn it_goes_on_for_as_long_as_there_is_more(db: Database) {
        let house = House::new(db).await;
        let mut browser = signed_in(&house).await;
        let id = user(&house, EMAIL).await.id;
        let other = signed_up(&house, GRACE).await;
        let hers = user(&house, GRACE.email).await.id;
        for nth in 0..60 {
            house.turn(TimeDelta::minutes(1));
            let now = house.app.clock.now();
            for user_id in [id, hers] {
                let about = About::user(user_id).from_ip(Some(&format!("192.0.2.{nth}")));
                events::record(&house.app.db.write, EventKind::SignInFailed, about, now).await.expect("an event");
            }
        }
        drop(other);
        let page = browser.get(paths::ACCOUNT_ACTIVITY).await.page();
        let before = contents(&house).await;
        assert_eq!(page.text.matches("wrong password").count(), 50);
        assert!(page.text.contains("192.0.2.59") && !page.text.contains("192.0.2.9 "));
        let older = page.link("Older").to_owned();
        let page = browser.get(&older).await.page();
        assert_eq!(page.text.matches("wrong password").count(), 10, "{}", page.text);
        assert!(page.text.contains("192.0.2.9 "), "{}", page.text);
        assert!(!page.text.contains("Older"), "{}", page.text);
        assert_eq!(page.link("Newest"), paths::ACCOUNT_ACTIVITY);

        // What is no id is no reason to stop; the id of somebody else's event tells nothing of theirs.
        let theirs = entity::event::of_user(&house.app.db.read, hers, 1).await.expect("events")[0].id;
        for (odd, told) in [
            ("", 50), ("x", 50), ("-1", 50), ("%00", 0), ("' OR 1=1 --", 50), ("../..", 50),
            (&Uuid::nil().to_string(), 0), (&Uuid::max().to_string(), 50), (&theirs.to_string(), 50),
        ] {
            let answer = browser.get(&format!("{}?before={odd}", paths::ACCOUNT_ACTIVITY)).await;
            assert!([200, 400].contains(&answer.status), "{odd}: {}", answer.told());
            assert_eq!(answer.page().text.matches("wrong password").count(), told, "{odd}");
        }
        assert_eq!(contents(&house).await, before);
    }

    async fn every_kind_has_words_or_is_not_for_the_person(db: Database) {
        let house = House::new(db).await;
        let mut browser = signed_in(&house).await;
        let id = user(&house, EMAIL).await.id;
        let silent = [
            EventKind::ConstantSeen, EventKind::UserRemoved, EventKind::ClientChanged,
            EventKind::KeysTurned, EventKind::LogoutNotDelivered,
        ];
        for kind in EventKind::iter() {
            let told = |text: &str| text.matches("UTC").count();
            let before = told(&browser.get(paths::ACCOUNT_ACTIVITY).await.page().text);
            let about = About::user(id).and_client(Uuid::nil());
            events::record(&house.app.db.write, kind, about, house.app.clock.now()).await.expect("an event");
            let page = browser.get(paths::ACCOUNT_ACTIVITY).await.shown(200, "Activity").page();
            let more = usize::from(!silent.contains(&kind));
            assert_eq!(told(&page.text), before + more, "{kind:?}: {}", page.text);
            assert!(more == 0 || page.text.contains("an app that is gone"), "{kind:?}");
        }
    }
}
