//! Leaving while others are under way: whoever keeps the account and the job that removes it have one
//! winner, and what is being given out at that moment is nobody's (LC-3).

use chrono::TimeDelta;
use doorward::{accounts::removal, paths};
use entity::value::{EventKind, LetterKind};
use tokio::task::JoinSet;

use super::guarding::{browser_of, events, form_call, leave, letter, link};
use crate::{
    oauth::granted::Granted,
    support::{
        call::{Call, at_once},
        database::{Database, both},
        house::House,
    },
};

const MANY: usize = 64;
const ROUNDS: usize = 6;

both! {
    async fn lc_3_keeping_and_removing_have_one_winner(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut kept = 0;
        let mut removed = 0;
        for round in 0..ROUNDS {
            let mut browser = match house.rows().await["user"] {
                1 => browser_of(&house, person).await,
                _ => {
                    house.forget_counts().await;
                    crate::pages::world::signed_up(&house, person).await
                }
            };
            leave(&mut browser).await;
            let keep = letter(&house, LetterKind::AccountLeaving, person.email).await;
            browser.get(&link(&keep, paths::KEEP_ACCOUNT)).await.is(200);
            // The clock of the job's machine is ahead: for it the time has come.
            let later = house.app.clock.now() + house.app.config.accounts.removal() + TimeDelta::seconds(1);
            let mut jobs = JoinSet::new();
            let (first, then) = match round % 2 {
                0 => (MANY / 2, 0),
                _ => (0, MANY / 2),
            };
            let start = |jobs: &mut JoinSet<u64>, many: usize| {
                for _ in 0..many {
                    let app = house.app.clone();
                    jobs.spawn(async move { removal::remove_due(&app, later).await.expect("a removal") });
                }
            };
            start(&mut jobs, first);
            let calls = (0..MANY / 2).map(|_| form_call(&house, &browser, "#keep-submit")).collect();
            let keeping = tokio::spawn(at_once(calls));
            start(&mut jobs, then);
            let gone: u64 = jobs.join_all().await.into_iter().sum();
            let answers = keeping.await.expect("answers");
            let told: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
            assert!(told.iter().all(|status| [303, 410].contains(status)), "{told:?}");
            let stays = told.contains(&303);
            assert_eq!((stays, gone), (gone == 0, u64::from(!stays)), "round {round}");
            let rows = house.rows().await;
            assert_eq!((rows["user"], rows["verification_token"]), (i64::from(stays), 0));
            kept += usize::from(stays);
            removed += usize::from(!stays);
            assert_eq!(events(&house, EventKind::RemovalCalledOff).await, kept);
            assert_eq!(events(&house, EventKind::UserRemoved).await, removed);
        }
    }

    async fn lc_3_what_is_given_out_while_somebody_leaves_is_nobodys(db: Database) {
        given_out_while_leaving(db, 14).await;
    }

    async fn lc_3_what_is_given_out_while_somebody_is_removed_is_no_row(db: Database) {
        given_out_while_leaving(db, 0).await;
    }
}

async fn given_out_while_leaving(db: Database, days: u32) {
    let house = House::with(db, |config| config.accounts.removal_days = days).await;
    let person = house.person().await;
    let mut granted = Granted::public(&house).await;
    let mut calls: Vec<Call> = Vec::new();
    let mut codes = Vec::new();
    for _ in 0..8 {
        let code = granted.code().await;
        let rp = &granted.rp;
        calls.push(rp.token(&[
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &rp.redirect_uri),
            ("code_verifier", &rp.code_verifier),
        ]));
        codes.push(code);
    }
    let refresh_token = granted
        .tokens()
        .await
        .refresh_token
        .expect("a refresh token");
    let refresh = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token.as_str()),
    ];
    calls.extend((0..MANY - 9).map(|_| granted.rp.token(&refresh)));
    let mut browser = browser_of(&house, person).await;
    browser.get(paths::ACCOUNT_DELETE).await;
    let mut leaving = browser.last().page().form("#delete-form");
    leaving.fill("understand", "yes");
    let cookies = browser
        .jar
        .header("/", false, house.app.clock.now())
        .expect("cookies");
    let leave = house
        .post(paths::ACCOUNT_DELETE)
        .header("Origin", &house.app.config.server.origin());
    calls.insert(
        MANY / 2,
        leave.header("Cookie", &cookies).form(&leaving.pairs()),
    );
    let mut answers = at_once(calls).await;
    answers.remove(MANY / 2).sent_to(paths::KEEP_ACCOUNT);
    for answer in answers {
        if answer.status != 200 {
            answer.oauth_error(400, "invalid_grant");
            continue;
        }
        let tokens = answer.tokens();
        let userinfo = house
            .get(paths::USERINFO)
            .bearer(&tokens.access_token)
            .await;
        userinfo.bearer_error(401, "invalid_token");
        if let Some(next) = tokens.refresh_token {
            granted
                .rp
                .refresh(&next)
                .await
                .oauth_error(400, "invalid_grant");
        }
    }
    let rows = house.rows().await;
    assert_eq!(rows["session"], 0);
    for code in codes {
        granted
            .rp
            .exchange(&code)
            .await
            .oauth_error(400, "invalid_grant");
    }
    if days == 0 {
        for table in [
            "user",
            "token_family",
            "refresh_token",
            "consent",
            "verification_token",
        ] {
            assert_eq!(rows[table], 0, "{table}");
        }
    }
}
