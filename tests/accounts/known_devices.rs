//! BF-4: no stranger locks an owner out. A browser in which the owner has signed in before gets
//! through while strangers have to wait, and has a count of its own.

use chrono::TimeDelta;
use doorward::paths;

use super::{
    guarding::{GRACE, add, browser_of},
    guesser::{Guesser, WRONG, evaluated, proxied, wait},
};
use crate::support::{
    browser::Browser,
    database::both,
    house::{House, Person},
};

/// A browser that somebody has signed in with, and out of.
async fn known(house: &House, person: Person) -> Guesser<'_> {
    let mut browser = browser_of(house, person).await;
    sign_out(&mut browser).await;
    Guesser::at(house, browser).await
}

async fn sign_out(browser: &mut Browser<'_>) {
    browser.get(paths::ACCOUNT).await.is(200);
    browser.submit("#logout-form", &[]).await;
}

both! {
    async fn bf_4_the_owner_gets_through_while_a_stranger_hammers(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let owner = known(&house, person).await;
        let stranger = Guesser::new(&house).await;
        stranger.fails(person.email, 10).await;
        // From the same address, so that the network is closed in the end as well.
        for round in 0..100 {
            stranger.tries(person.email, WRONG).await;
            stranger.tries(&format!("{round}@example.com"), WRONG).await;
            let answer = owner.call(person.email, person.password).await;
            assert_eq!(answer.status, 303, "{round}: {}", answer.told());
        }
        wait(&stranger.call(person.email, person.password).await);
        wait(&stranger.call("somebody@example.com", WRONG).await);
    }

    async fn bf_4_a_known_browser_has_a_count_of_its_own(db: Database) {
        let house = proxied(db).await;
        let person = house.person().await;
        let (one, other) = (known(&house, person).await, known(&house, person).await);
        one.fails(person.email, 10).await;
        wait(&one.call(person.email, person.password).await);
        assert_eq!(other.tries(person.email, person.password).await, 303);
        // It does not count for strangers, nor for its network.
        let stranger = Guesser::new(&house).await;
        stranger.fails(person.email, 10).await;
        wait(&stranger.call(person.email, person.password).await);
        house.turn(TimeDelta::seconds(1));
        assert_eq!(one.tries(person.email, person.password).await, 303);
    }

    async fn bf_4_a_browser_is_known_for_its_owner_only(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        add(&house, GRACE).await;
        let owner = known(&house, GRACE).await;
        let stranger = Guesser::new(&house).await;
        stranger.fails(person.email, 10).await;
        wait(&owner.call(person.email, person.password).await);
    }

    async fn bf_4_a_browser_is_forgotten_after_400_days(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let owner = known(&house, person).await;
        house.turn(TimeDelta::days(400));
        owner.fails(person.email, 10).await;
        // That was the count of strangers.
        wait(&Guesser::new(&house).await.call(person.email, person.password).await);
    }

    async fn bf_4_a_new_password_begins_anew_in_a_known_browser(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut browser = browser_of(&house, person).await;
        browser.get(paths::ACCOUNT_SECURITY).await;
        let wrong = [("current_password", WRONG), ("new_password", "a quilt of nine rivers")];
        for _ in 0..10 {
            browser.get(paths::ACCOUNT_SECURITY).await;
            browser.submit("#password-form", &wrong).await.is(422);
        }
        let before = evaluated(&house);
        browser.get(paths::ACCOUNT_SECURITY).await;
        let right = [("current_password", person.password), wrong[1]];
        assert_eq!(wait(browser.submit("#password-form", &right).await), 1);
        assert_eq!(evaluated(&house), before);
        house.turn(TimeDelta::seconds(1));
        browser.get(paths::ACCOUNT_SECURITY).await;
        browser.submit("#password-form", &right).await.is(303);
        sign_out(&mut browser).await;
        let owner = Guesser::at(&house, browser).await;
        owner.fails(person.email, 10).await;
    }
}
