//! EN-1: whoever tries too often is told to wait, in the same way whether there is an account or not.

use doorward::{
    accounts::operate::{self, Wanted},
    paths,
};
use entity::{user, value::Role};
use poem::http::HeaderMap;

use super::guesser::{Guesser, WRONG, api, wait};
use crate::support::{answer::Answer, database::both, house::House};

/// Addresses of one length, so that a page that shows them is as long.
const SOMEBODY: &str = "ada@example.com";
const NOBODY: &str = "eve@example.com";
const DISABLED: &str = "bob@example.com";
const NO_PASSWORD: &str = "zoe@example.com";
const ALL: [&str; 4] = [SOMEBODY, NOBODY, DISABLED, NO_PASSWORD];

const PASSWORD: &str = "a lamp of seven herrings";

async fn furnish(house: &House) {
    for (email, password) in [
        (SOMEBODY, Some(PASSWORD)),
        (DISABLED, Some(PASSWORD)),
        (NO_PASSWORD, None),
    ] {
        let wanted = Wanted {
            email,
            name: "Somebody",
            password,
            email_verified: true,
            role: Role::User,
            claims: None,
            image: None,
        };
        operate::add(&house.app, wanted).await.expect("a new user");
    }
    let row = user::by_email(&house.app.db.read, DISABLED).await;
    let row = row.expect("a look-up").expect("a user");
    operate::disable(&house.app, &row).await.expect("a change");
}

/// What an answer says, without what differs from one to the next.
fn said(answer: &Answer, email: &str) -> (u16, HeaderMap, String) {
    let mut headers = answer.headers.clone();
    headers.remove("x-request-id");
    let id = answer.header("x-request-id");
    let body = answer.body.replace(email, "ADDRESS").replace(id, "ID");
    (answer.status, headers, body)
}

both! {
    async fn en_1_one_answer_for_all_who_have_to_wait(db: Database) {
        let house = House::new(db).await;
        furnish(&house).await;
        // So that the seconds are the same for all, however long it takes to get there.
        let guesser = Guesser::new(&house).await;
        guesser.fails("first@example.com", 1).await;
        let mut told = Vec::new();
        for email in ALL {
            for password in std::iter::repeat_n(PASSWORD, 10).chain([WRONG; 2]) {
                if email == SOMEBODY && password == PASSWORD {
                    guesser.tries(email, WRONG).await;
                } else {
                    guesser.tries(email, password).await;
                }
            }
            let page = guesser.call(email, PASSWORD).await;
            wait(&page);
            let problem = api(&house, email, PASSWORD).await;
            wait(&problem);
            told.push((said(&page, email), said(&problem, email)));
            house.forget_counts().await;
        }
        for own in &told {
            assert_eq!(*own, told[0]);
        }
    }

    async fn en_1_one_trace_for_all_who_have_to_wait(db: Database) {
        let house = House::new(db).await;
        furnish(&house).await;
        let guesser = Guesser::new(&house).await;
        let mut traces = Vec::new();
        for email in ALL {
            house.forget_counts().await;
            let before = house.rows().await;
            guesser.fails(email, 10).await;
            wait(&guesser.call(email, PASSWORD).await);
            let after = house.rows().await;
            let left = after.into_iter().map(|(table, rows)| rows - before[&table]);
            traces.push(left.collect::<Vec<_>>());
        }
        for trace in &traces {
            assert_eq!(*trace, traces[0]);
        }
    }

    async fn the_page_says_when_to_try_again_and_what_else_to_do(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let guesser = Guesser::new(&house).await;
        guesser.fails(person.email, 10).await;
        let answer = guesser.call(person.email, person.password).await;
        answer.shown(429, "Too many attempts").shown(429, "Try again in 1 second,");
        assert_eq!(wait(&answer), 1);
        let page = answer.page();
        assert_eq!(page.link("choose a new password"), paths::RECOVER);
        assert!(answer.body.contains("<title>Error: "), "{}", answer.told());
        assert!(!answer.body.contains(person.password), "the password came back");
        let pairs = page.form("#login-form").pairs();
        assert!(pairs.contains(&("email".to_owned(), person.email.to_owned())));
        let problem = api(&house, person.email, person.password).await;
        assert_eq!(wait(&problem), 1);
        assert_eq!(problem.json()["code"], "TOO_MANY_REQUESTS");
    }
}
