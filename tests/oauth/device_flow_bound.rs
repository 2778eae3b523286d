//! The device flow and who may answer: one session (DV-1), once, for as long as everything stands that
//! the answer rests on; and how often a code may be guessed (DV-3).

use chrono::TimeDelta;
use doorward::{
    accounts::{operate, profile},
    devices::{self, Opening},
    paths,
    sessions::{self, Proof},
};
use entity::{client, user, value::GrantType};

use super::granted::{client_row, digest};
use crate::support::{
    call::at_once,
    database::both,
    device::{Device, GRACE, browser_of, signed_in, type_code},
    house::House,
};

/// How many come at once.
const MANY: usize = 64;

/// Codes that are well formed and nobody's, each another one.
fn guess(number: usize) -> String {
    let letters: Vec<char> = "BCDFGHJKLMNPQRSTVWXZ".chars().collect();
    let at = |place: u32| letters[number / 20_usize.pow(place) % 20];
    format!("BBBB-BB{}{}", at(1), at(0))
}

async fn in_use(device: &Device<'_>, browser: &mut crate::support::browser::Browser<'_>) {
    device
        .typed_in(browser)
        .await
        .shown(409, "This code is already in use");
}

both! {
    async fn dv_1_only_the_session_that_opened_a_code_may_answer_it(db: Database) {
        let house = House::new(db).await;
        let device = Device::new(&house).await;
        let mut ada = browser_of(&house, house.person().await).await;
        let mut grace = browser_of(&house, GRACE).await;
        // Nobody has opened it: the button alone is worth nothing.
        grace.get(paths::DEVICE).await;
        let form = grace.last().page().form("#device-code-form").pairs();
        let csrf = form.into_iter().find(|(name, _)| name == "csrf").expect("a token").1;
        let answers = |decision| {
            [("csrf", csrf.clone()), ("user_code", device.user_code.clone()), ("decision", String::from(decision))]
        };
        for decision in ["approve", "deny"] {
            let form = answers(decision);
            let form = form.each_ref().map(|(name, value)| (*name, value.as_str()));
            grace.post_form(paths::DEVICE, &form).await.sent_to(paths::DEVICE);
            grace.follow().await.shown(200, "Connect a device");
            device.poll_later().await.oauth_error(400, "authorization_pending");
        }

        device.typed_in(&mut ada).await.sent_to(paths::DEVICE);
        ada.follow().await.shown(200, &device.user_code);
        in_use(&device, &mut grace).await;
        for decision in ["approve", "deny"] {
            let form = answers(decision);
            let form = form.each_ref().map(|(name, value)| (*name, value.as_str()));
            grace.post_form(paths::DEVICE, &form).await.sent_to(paths::DEVICE);
            device.poll_later().await.oauth_error(400, "authorization_pending");
        }
        // Another browser of the same person has not opened it either.
        let mut other = browser_of(&house, house.person().await).await;
        in_use(&device, &mut other).await;

        ada.submit("#device-approve", &[]).await.sent_to(paths::DEVICE);
        in_use(&device, &mut grace).await;
        let tokens = device.poll_later().await.tokens();
        let userinfo = house.get(paths::USERINFO).bearer(&tokens.access_token).await.ok();
        assert_eq!(userinfo["email"], house.person().await.email);
    }

    async fn dv_1_a_session_that_has_ended_holds_no_code(db: Database) {
        let house = House::new(db).await;
        let device = Device::new(&house).await;
        let mut ada = browser_of(&house, house.person().await).await;
        let mut grace = browser_of(&house, GRACE).await;
        device.typed_in(&mut ada).await.sent_to(paths::DEVICE);
        in_use(&device, &mut grace).await;
        let own = signed_in(&house, &ada).await;
        sessions::sign_out(&house.app, &own).await.expect("signed out");
        device.answered_in(&mut grace, "#device-approve").await;
        device.poll().await.tokens();
    }

    async fn dv_1_of_many_sessions_one_opens_a_code(db: Database) {
        let house = House::new(db).await;
        let device = Device::new(&house).await;
        house.person().await;
        let person = operate::find(&house.app, house.person().await.email).await;
        let person = person.expect("a look-up").expect("the person");
        let code = house.app.secrets.user_code(&device.user_code).expect("a code").digest;
        let mut tasks = Vec::new();
        for _ in 0..MANY / 4 {
            let (app, user, code) = (house.app.clone(), person.clone(), code.clone());
            let browser = sessions::Browser::default();
            let started = sessions::start(&app, &app.db.write, (user, Proof::password(app.clock.now())), None, &browser).await;
            let own = started.expect("a session").1;
            tasks.push(tokio::spawn(async move {
                devices::open(&app, &code, &own, None).await.expect("an answer")
            }));
        }
        let mut opened = 0;
        for task in tasks {
            match task.await.expect("an answer") {
                Opening::Opened => opened += 1,
                Opening::InUse | Opening::TooOften(_) => {}
                Opening::Wrong => panic!("the code is there"),
            }
        }
        assert_eq!(opened, 1);
    }

    async fn dv_3_sixty_four_polls_at_once_get_one_answer(db: Database) {
        let house = House::new(db).await;
        let mut browser = browser_of(&house, house.person().await).await;
        for round in 1..=5 {
            let device = Device::new(&house).await;
            // Nobody is served twice while nobody has answered, either.
            let answers = at_once((0..MANY).map(|_| device.poll()).collect()).await;
            let pending = answers.iter().filter(|answer| answer.body.contains("authorization_pending"));
            assert_eq!(pending.count(), 1, "one in time, the others too early");
            device.answered_in(&mut browser, "#device-approve").await;
            let answers = at_once((0..MANY).map(|_| device.poll()).collect()).await;
            let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
            assert_eq!(won.len(), 1, "round {round}");
            for answer in lost {
                answer.oauth_error(400, "invalid_grant");
            }
            let rows = house.rows().await;
            assert_eq!((rows["token_family"], rows["refresh_token"]), (round, round));
        }
    }

    async fn dv_3_five_wrong_codes_hold_an_account_up(db: Database) {
        let house = House::new(db).await;
        let device = Device::new(&house).await;
        let mut ada = browser_of(&house, house.person().await).await;
        let mut grace = browser_of(&house, GRACE).await;
        for number in 0..5 {
            let answer = type_code(&mut ada, &guess(number)).await;
            answer.shown(422, "This code is wrong or has expired");
        }
        // What cannot be a code costs nothing, and is no way around.
        type_code(&mut ada, "aaaa-aaaa").await.shown(422, "eight letters");
        let answer = device.typed_in(&mut ada).await;
        answer.shown(429, "Too many attempts");
        let wait: i64 = answer.header("Retry-After").parse().expect("seconds");
        assert!((590..=601).contains(&wait), "{wait}");
        // Another browser of the same account is held up too; another account is not.
        let mut second = browser_of(&house, house.person().await).await;
        device.typed_in(&mut second).await.shown(429, "Too many attempts");
        let other = Device::new(&house).await;
        other.answered_in(&mut grace, "#device-approve").await;
        house.turn(TimeDelta::seconds(wait));
        let device = Device::new(&house).await;
        device.answered_in(&mut ada, "#device-approve").await;
    }

    async fn dv_3_guesses_that_come_at_once_are_counted_like_others(db: Database) {
        let house = House::new(db).await;
        let browser = browser_of(&house, house.person().await).await;
        let own = signed_in(&house, &browser).await;
        let mut tasks = Vec::new();
        for number in 0..MANY {
            let (app, own) = (house.app.clone(), own.clone());
            let code = app.secrets.user_code(&guess(number)).expect("a code").digest;
            tasks.push(tokio::spawn(async move {
                devices::open(&app, &code, &own, Some("192.0.2.1")).await.expect("an answer")
            }));
        }
        let mut wrong = 0;
        for task in tasks {
            match task.await.expect("an answer") {
                Opening::Wrong => wrong += 1,
                Opening::TooOften(_) => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(wrong, 5);
    }

    async fn dv_3_fifty_wrong_codes_hold_an_address_up(db: Database) {
        let house = House::new(db).await;
        let browser = browser_of(&house, house.person().await).await;
        let mut own = signed_in(&house, &browser).await;
        let mut guesses = 0;
        let mut open = async |address: &str| {
            // Each guess from another account.
            own.user.id = house.app.new_id();
            guesses += 1;
            let code = house.app.secrets.user_code(&guess(guesses)).expect("a code").digest;
            let opening = devices::open(&house.app, &code, &own, Some(address)).await;
            opening.expect("an answer")
        };
        for _ in 0..50 {
            assert_eq!(open("2001:db8:1:2::1").await, Opening::Wrong);
        }
        // Whoever has one address of a network has them all.
        assert!(matches!(open("2001:db8:1:2::9").await, Opening::TooOften(_)));
        assert_eq!(open("2001:db8:1:3::1").await, Opening::Wrong);
        house.turn(TimeDelta::minutes(59));
        assert!(matches!(open("2001:db8:1:2::1").await, Opening::TooOften(_)));
        house.turn(TimeDelta::minutes(2));
        assert_eq!(open("2001:db8:1:2::1").await, Opening::Wrong);
    }

    async fn lc_1_what_was_allowed_to_a_device_ends_with_what_it_rests_on(db: Database) {
        let house = House::new(db).await;
        let person = operate::find(&house.app, house.person().await.email).await;
        let person = person.expect("a look-up").expect("the person");
        for case in ["disabled", "marked", "signed out", "taken back", "everywhere"] {
            let device = Device::new(&house).await;
            let mut browser = browser_of(&house, house.person().await).await;
            device.answered_in(&mut browser, "#device-approve").await;
            let now = house.app.clock.now();
            match case {
                "disabled" => {
                    operate::disable(&house.app, &person).await.expect("disabled");
                }
                "marked" => {
                    let marked = user::set_disabled(&house.app.db.write, person.id, true, now).await;
                    assert!(marked.expect("a mark"));
                }
                "signed out" => {
                    let own = signed_in(&house, &browser).await;
                    sessions::sign_out(&house.app, &own).await.expect("signed out");
                }
                "taken back" => {
                    let row = client_row(&house, &device.rp).await;
                    let own = signed_in(&house, &browser).await;
                    let gone = profile::revoke_app(&house.app, &own, row.id).await;
                    assert!(gone.expect("revoked"));
                }
                _ => {
                    let own = signed_in(&house, &browser).await;
                    sessions::revoke_others(&house.app, &own).await.expect("revoked");
                }
            }
            device.poll_later().await.oauth_error(400, "invalid_grant");
            operate::enable(&house.app, &person).await.expect("enabled");
            assert_eq!(house.rows().await["token_family"], 0, "{case}");
        }
    }

    async fn lc_1_a_disabled_client_gets_nothing_and_is_not_asked_about(db: Database) {
        let house = House::new(db).await;
        let device = Device::new(&house).await;
        let mut browser = browser_of(&house, house.person().await).await;
        device.typed_in(&mut browser).await.sent_to(paths::DEVICE);
        browser.follow().await.shown(200, &device.user_code);
        let (row, now) = (client_row(&house, &device.rp).await, house.app.clock.now());
        client::set_disabled(&house.app.db.write, row.id, Some(now), now).await.expect("disabled");
        browser.submit("#device-approve", &[]).await.sent_to(paths::DEVICE);
        browser.follow().await.shown(410, "This code has expired");
        device.poll().await.client_401();
        client::set_disabled(&house.app.db.write, row.id, None, now).await.expect("enabled");
        device.poll().await.oauth_error(400, "authorization_pending");
        assert_eq!(row.grant_types.0, [GrantType::DeviceCode, GrantType::RefreshToken]);
    }

    async fn the_codes_are_kept_as_digests(db: Database) {
        let house = House::new(db).await;
        let device = Device::new(&house).await;
        let kept = digest(&house, doorward::crypto::secret::SecretKind::DeviceCode, &device.device_code);
        let code = house.app.secrets.user_code(&device.user_code).expect("a code").digest;
        let row = entity::device_code::by_user_code(&house.app.db.read, &code).await;
        let row = row.expect("a look-up").expect("a row");
        assert_eq!(row.device_code, kept);
        let told = format!("{row:?} {} {}", row.device_code.0, row.user_code.0);
        assert!(!told.contains(&device.device_code) && !told.contains(&device.user_code));
    }
}

/// One row for each request, so no more of them than a house full of devices has use for.
#[tokio::test]
async fn do_6_one_address_gets_sixty_device_codes_a_minute() {
    let house = super::granted::sqlite().await;
    let device = Device::new(&house).await;
    for _ in 1..60 {
        device.rp.post(paths::DEVICE_AUTHORIZATION, &[]).await.ok();
    }
    let before = house.rows().await;
    let answer = device.rp.post(paths::DEVICE_AUTHORIZATION, &[]).await;
    answer.oauth_error(429, "slow_down");
    answer.has("Retry-After", |seconds| {
        seconds.parse::<u8>().is_ok_and(|left| left <= 61)
    });
    assert_eq!(house.rows().await, before);
    house.turn(TimeDelta::seconds(61));
    device.rp.post(paths::DEVICE_AUTHORIZATION, &[]).await.ok();
}
