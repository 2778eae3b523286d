//! Taken back: what is left to somebody who knew the password, or was under way with it, once the owner
//! or an operator has put things right.

use std::time::Duration;

use chrono::TimeDelta;
use doorward::{
    accounts::{operate, password, recover, removal},
    events::{self, About},
    jobs, paths,
    sessions::{self, Browser, SignedIn},
};
use entity::{
    event, known_device, session, user,
    value::{EventKind, LetterKind, StandardClaims},
};
use sea_orm::{DatabaseBackend, EntityTrait};

use super::{
    guarding::{GRACE, add, browser_of, opens, session as cookie},
    guesser::{Guesser, WRONG, api, wait},
    recovering::{NEW, ask, choose, letters, link, opens_for, somebody},
};
use crate::{
    oauth::granted::Granted,
    pages::world::{production, run, signed_up, user as row},
    support::{browser::Browser as Visitor, database::both, house::House},
};

/// What a request under way knows of the session that it came with.
async fn under_way(house: &House, browser: &Visitor<'_>) -> SignedIn {
    let found = sessions::find(&house.app, &cookie(browser)).await;
    found.expect("a look-up").expect("a session")
}

/// Changes the password with what was known when the request came. Answers whether that worked.
async fn changes(house: &House, own: &SignedIn, current: &str) -> bool {
    let browser = Browser::default();
    let done = password::change(&house.app, own, (current, NEW), &browser).await;
    done.is_ok()
}

async fn devices(house: &House, user_id: uuid::Uuid) -> Vec<String> {
    let all = known_device::Entity::find().all(&house.app.db.read).await;
    let own = all
        .expect("the browsers")
        .into_iter()
        .filter(|row| row.user_id == user_id);
    own.map(|row| row.device).collect()
}

async fn logged(house: &House, kind: EventKind) -> usize {
    let all = event::Entity::find().all(&house.app.db.read).await;
    let all = all.expect("the log");
    all.iter().filter(|event| event.kind == kind).count()
}

both! {
    async fn se_3_a_change_of_password_under_way_does_not_survive_a_disabled_account(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let browser = browser_of(&house, person).await;
        let own = under_way(&house, &browser).await;
        assert!(operate::disable(&house.app, &own.user).await.expect("a change"));
        assert!(!changes(&house, &own, person.password).await);
        assert_eq!(house.rows().await["session"], 0);
        assert!(operate::enable(&house.app, &own.user).await.expect("a change"));
        assert_eq!(house.rows().await["session"], 0);
        assert!(!opens(&house, &cookie(&browser)).await);
        assert!(!opens_for(&house, person.email, NEW).await);
        assert!(opens_for(&house, person.email, person.password).await);
    }

    async fn se_3_a_change_of_password_under_way_does_not_survive_the_end_of_its_session(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let browser = browser_of(&house, person).await;
        let own = under_way(&house, &browser).await;
        sessions::revoke_all(&house.app, own.user.id, None).await.expect("the end");
        assert!(!changes(&house, &own, person.password).await);
        assert_eq!(house.rows().await["session"], 0);
        assert!(opens_for(&house, person.email, person.password).await);
    }

    async fn se_3_nothing_of_before_is_there_when_an_account_is_opened_again(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let browser = browser_of(&house, person).await;
        let own = row(&house, person.email).await;
        // Shut in a way that leaves a session, as one that came at the same moment would.
        run(&house, "UPDATE \"user\" SET disabled_at = created_at").await;
        assert!(operate::enable(&house.app, &own).await.expect("a change"));
        assert!(!opens(&house, &cookie(&browser)).await);
        let browser = browser_of(&house, person).await;
        let later = "UPDATE \"user\" SET disabled_at = created_at, deletes_at = '2099-01-01 00:00:00+00:00'";
        run(&house, later).await;
        let kept = removal::keep(&house.app, own.id, &Browser::default()).await.expect("a change");
        assert_eq!(kept, removal::Standing::Kept);
        assert!(!opens(&house, &cookie(&browser)).await);
    }

    async fn lc_3_leaving_under_way_does_not_survive_the_end_of_its_session(db: Database) {
        let house = House::with(db, |config| config.accounts.removal_days = 0).await;
        let person = house.person().await;
        let browser = browser_of(&house, person).await;
        let own = under_way(&house, &browser).await;
        operate::set_password(&house.app, &own.user, NEW).await.expect("a change");
        let left = removal::ask(&house.app, &own, &Browser::default()).await.expect("an answer");
        assert_eq!(left, None);
        assert!(opens_for(&house, person.email, NEW).await);
    }

    async fn bf_4_a_new_password_by_mail_lets_the_owner_in_while_strangers_hammer(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let stranger = Guesser::new(&house).await;
        stranger.fails(person.email, 10).await;
        for number in 0..20 {
            stranger.tries(&format!("{number}@example.com"), WRONG).await;
        }
        let mut browser = house.browser();
        ask(&mut browser, person.email).await;
        choose(&mut browser, &link(&house).await, NEW).await;
        // The address is the same for all, and closed.
        wait(&stranger.call(person.email, NEW).await);
        let owner = Guesser::at(&house, browser).await;
        assert_eq!(owner.tries(person.email, NEW).await, 303);
    }

    async fn bf_4_a_neighbour_does_not_use_up_the_letters_of_a_known_browser(db: Database) {
        let house = production(db).await;
        let app = house.app.clone();
        let known = Browser { device: Some("a browser".to_owned()), ..Browser::default() };
        let other = Browser { device: Some("another".to_owned()), ..Browser::default() };
        let person = house.person().await;
        let id = row(&house, person.email).await.id;
        let now = app.clock.now();
        known_device::remember(&app.db.write, "a browser", id, now).await.expect("a row");
        let asks = async |browser: &Browser| {
            let onward = recover::Onward::default();
            recover::ask(&app, person.email, onward, browser).await.is_ok()
        };
        let mut answers = Vec::new();
        for _ in 0..100 {
            answers.push(asks(&other).await);
        }
        assert!(answers.contains(&false), "nobody asks for ever");
        assert!(asks(&known).await);
        assert!(!asks(&other).await);
    }

    async fn se_5_a_new_password_forgets_the_browsers_that_knew_the_old_one(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut own = browser_of(&house, person).await;
        browser_of(&house, person).await;
        let id = row(&house, person.email).await.id;
        assert_eq!(devices(&house, id).await.len(), 2);

        own.get(paths::ACCOUNT_SECURITY).await;
        let typed = [("current_password", person.password), ("new_password", NEW)];
        own.submit("#password-form", &typed).await.is(303);
        let after_change = devices(&house, id).await;
        assert_eq!(after_change.len(), 1);

        let mut fresh = house.browser();
        ask(&mut fresh, person.email).await;
        choose(&mut fresh, &link(&house).await, person.password).await;
        let after_reset = devices(&house, id).await;
        assert_eq!(after_reset.len(), 1);
        assert_ne!(after_reset, after_change);

        let user = row(&house, person.email).await;
        operate::set_password(&house.app, &user, NEW).await.expect("a change");
        assert_eq!(devices(&house, id).await, Vec::<String>::new());
        assert_eq!(letters(&house, person.email).await[0], LetterKind::PasswordChanged);
    }

    async fn bf_4_no_more_than_twenty_browsers_are_known(db: Database) {
        let house = House::new(db).await;
        let id = row(&house, house.person().await.email).await.id;
        add(&house, GRACE).await;
        let other = row(&house, GRACE.email).await.id;
        let (db, start) = (&house.app.db.write, house.app.clock.now());
        known_device::remember(db, "0", other, start).await.expect("a row");
        for number in 0..25 {
            let at = start + TimeDelta::seconds(number);
            known_device::remember(db, &number.to_string(), id, at).await.expect("a row");
        }
        let mut left = devices(&house, id).await;
        left.sort_by_key(|device| device.parse::<u8>().expect("a number"));
        let newest: Vec<_> = (5..25).map(|number| number.to_string()).collect();
        assert_eq!(left, newest);
        assert_eq!(devices(&house, other).await, ["0"]);
    }

    async fn do_6_right_passwords_make_no_more_than_a_hundred_sessions(db: Database) {
        let house = House::with(db, |config| config.limits.sign_ins = 200).await;
        let person = house.person().await;
        let mut own = browser_of(&house, person).await;
        for number in 1..200 {
            // Used all the time, so it is not the one that was used longest ago.
            if number % 50 == 0 {
                house.turn(TimeDelta::minutes(1));
                own.get(paths::ACCOUNT).await.is(200);
            }
            api(&house, person.email, person.password).await.is(200);
        }
        own.get(paths::ACCOUNT).await.is(200);
        assert_eq!(house.rows().await["session"], 100);
        assert_eq!(logged(&house, EventKind::SessionRevoked).await, 100);
        wait(&api(&house, person.email, person.password).await);
        // The same for a wrong one, and nobody else is concerned.
        wait(&api(&house, person.email, WRONG).await);
        add(&house, GRACE).await;
        api(&house, GRACE.email, GRACE.password).await.is(200);
        // Whoever used it up with a password that was stolen keeps nobody out who has a new one.
        let user = row(&house, person.email).await;
        operate::set_password(&house.app, &user, NEW).await.expect("a change");
        api(&house, person.email, NEW).await.is(200);
    }

    async fn lk_3_what_a_stranger_said_of_themselves_is_not_the_owners(db: Database) {
        let house = House::new(db).await;
        signed_up(&house, GRACE).await;
        let said = StandardClaims { nickname: Some("Mallory".to_owned()), ..StandardClaims::default() };
        let grace = row(&house, GRACE.email).await;
        let picture = Some("https://mallory.example/p.png".to_owned());
        let stated = (Some("Mallory".to_owned()), picture, said.clone());
        user::state(&house.app.db.write, grace.id, stated, house.app.clock.now()).await.expect("a change");
        // What an operator said of somebody who has no password yet stays.
        let lin = somebody(&house, crate::pages::world::LIN, false, false).await;
        for email in [GRACE.email, &lin.email] {
            let mut browser = house.browser();
            ask(&mut browser, email).await;
            choose(&mut browser, &link(&house).await, NEW).await;
        }
        let grace = row(&house, GRACE.email).await;
        assert!(grace.email_verified.is_some());
        assert_eq!((grace.name, grace.image, grace.profile), (None, None, StandardClaims::default()));
        assert_eq!(row(&house, &lin.email).await.name, lin.name);
    }

    async fn do_6_what_strangers_leave_in_the_log_goes_and_the_rest_stays(db: Database) {
        let house = House::new(db).await;
        let app = &house.app;
        let kinds = [EventKind::SignInFailed, EventKind::SignInHeldUp, EventKind::RecoveryAsked];
        for kind in kinds.into_iter().chain([EventKind::KeysTurned]) {
            events::record(&app.db.write, kind, About::default(), app.clock.now()).await.expect("an event");
        }
        let later = app.clock.now() + TimeDelta::days(8);
        jobs::sweep(app, later).await.expect("a sweep");
        for kind in kinds {
            assert_eq!(logged(&house, kind).await, 0, "{kind:?}");
        }
        assert_eq!(logged(&house, EventKind::KeysTurned).await, 1);
    }

    async fn lc_3_one_who_cannot_be_removed_keeps_nobody_else(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        add(&house, GRACE).await;
        run(&house, "CREATE TABLE anchor (user_id uuid REFERENCES \"user\" (id))").await;
        let held = "INSERT INTO anchor SELECT id FROM \"user\" WHERE email = '";
        run(&house, &format!("{held}{}'", person.email)).await;
        let past = "UPDATE \"user\" SET disabled_at = created_at, deletes_at = created_at";
        run(&house, past).await;
        let gone = removal::remove_due(&house.app, house.app.clock.now()).await;
        assert_eq!(gone.expect("an answer"), 1);
        assert_eq!(row(&house, person.email).await.email, person.email);
    }

    async fn who_changes_an_account_keeps_no_code_waiting(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::public(&house).await;
        let code = granted.code().await;
        // SQLite has one writer, whatever it writes.
        if house.app.db.read.get_database_backend() != DatabaseBackend::Postgres {
            return;
        }
        let id = row(&house, house.person().await.email).await.id;
        let tx = house.app.db.begin().await.expect("a transaction");
        user::find_held(&tx, id).await.expect("a look-up");
        let redeemed = tokio::time::timeout(Duration::from_secs(20), granted.rp.exchange(&code)).await;
        redeemed.expect("an answer while the user is held").tokens();
        tx.commit().await.expect("a commit");
        let left = session::Entity::find().all(&house.app.db.read).await;
        assert_eq!(left.expect("the sessions").len(), 1);
    }
}
