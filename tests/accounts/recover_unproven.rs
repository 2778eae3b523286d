//! LK-3: whoever signs up with somebody else's address, and waits, has nothing once its owner comes.

use doorward::paths;
use entity::{
    account, consent, known_device,
    value::{AccountType, EventKind, LetterKind},
    verification_token,
};
use sea_orm::{ActiveModelTrait, EntityTrait, Set};
use uuid::Uuid;

use super::recovering::{NEW, ask, choose, letters, link, opens_for, somebody};
use crate::{
    pages::world::{GRACE, opens, session, sign_in, signed_up, user, verify_link},
    support::{
        browser::Browser,
        database::both,
        house::{House, Person},
        rp::Rp,
    },
};

/// A provider's account that somebody has linked.
async fn linked(house: &House, user_id: Uuid, provider: &str) {
    let row = account::ActiveModel {
        id: Set(house.app.new_id()),
        user_id: Set(user_id),
        provider: Set(provider.to_owned()),
        provider_account_id: Set(format!("{provider}|{user_id}")),
        account_type: Set(AccountType::Oidc),
        ..Default::default()
    };
    row.insert(&house.app.db.write).await.expect("a link");
}

/// Signs in at a relying party with the session that the browser has. Answers the refresh token.
async fn allowed(rp: &Rp<'_>, browser: &mut Browser<'_>) -> String {
    browser.get_from_stranger(&rp.authorize_url(&[])).await;
    browser.follow().await;
    browser.submit("#consent-approve", &[]).await;
    let code = browser.follow().await.code();
    rp.exchange(&code)
        .await
        .tokens()
        .refresh_token
        .expect("a refresh token")
}

/// What belongs to somebody: consents, linked accounts, known browsers, mailed secrets.
async fn holdings(house: &House, user_id: Uuid) -> [usize; 4] {
    let db = &house.app.db.read;
    let ways = account::of_user(db, user_id).await.expect("the ways in");
    let links = ways
        .iter()
        .filter(|way| way.account_type != AccountType::Credentials);
    let devices = known_device::Entity::find()
        .all(db)
        .await
        .expect("the browsers");
    let mailed = verification_token::Entity::find()
        .all(db)
        .await
        .expect("the secrets");
    [
        consent::of_user(db, user_id)
            .await
            .expect("the consents")
            .len(),
        links.count(),
        devices.iter().filter(|row| row.user_id == user_id).count(),
        mailed
            .iter()
            .filter(|row| row.user_id == Some(user_id))
            .count(),
    ]
}

both! {
    async fn lk_3_nothing_that_was_made_before_the_proof_outlives_it(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        // A stranger signs up with Grace's address, links an account and allows a client.
        let mut stranger = signed_up(&house, GRACE).await;
        let verify = verify_link(&house).await;
        let refresh_token = allowed(&rp, &mut stranger).await;
        let grace = user(&house, GRACE.email).await;
        linked(&house, grace.id, "google").await;
        linked(&house, grace.id, "github").await;
        assert_eq!(holdings(&house, grace.id).await, [1, 2, 1, 1]);
        let cookie = session(&stranger);

        // Grace wants to sign up, is told that there is an account, and asks for a password.
        let mut browser = house.browser();
        ask(&mut browser, GRACE.email).await;
        choose(&mut browser, &link(&house).await, NEW).await;
        let proven = user(&house, GRACE.email).await;
        assert!(proven.email_verified.is_some());
        assert_eq!((proven.id, &proven.subject), (grace.id, &grace.subject));
        // The browser is the one in which the password was chosen.
        assert_eq!(holdings(&house, grace.id).await, [0, 0, 1, 0]);
        assert!(!opens(&house, &cookie).await);
        assert!(!opens_for(&house, GRACE.email, GRACE.password).await);
        rp.refresh(&refresh_token).await.oauth_error(400, "invalid_grant");
        stranger.get(&verify).await.is(410);
        let events = entity::event::Entity::find().all(&house.app.db.read).await.expect("the log");
        assert!(events.iter().any(|event| event.kind == EventKind::EmailVerified));
        assert_eq!(letters(&house, GRACE.email).await.first(), Some(&LetterKind::PasswordChanged));

        // The client is allowed anew, and only by Grace.
        sign_in(&mut browser, Person { password: NEW, ..GRACE }).await;
        browser.get_from_stranger(&rp.authorize_url(&[])).await;
        browser.follow().await;
        assert_eq!(browser.last().url.path(), paths::CONSENT);
    }

    async fn what_somebody_made_with_a_proven_address_stays(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let grace = somebody(&house, GRACE, true, true).await;
        let mut browser = house.browser();
        sign_in(&mut browser, GRACE).await;
        let refresh_token = allowed(&rp, &mut browser).await;
        linked(&house, grace.id, "google").await;
        ask(&mut browser, GRACE.email).await;
        choose(&mut browser, &link(&house).await, NEW).await;
        assert_eq!(holdings(&house, grace.id).await, [1, 1, 1, 0]);
        assert_eq!(user(&house, GRACE.email).await.email_verified, grace.email_verified);
        rp.refresh(&refresh_token).await.oauth_error(400, "invalid_grant");
    }

    async fn bf_a_reset_forgets_what_strangers_got_wrong(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let mut stranger = house.browser();
        stranger.get(paths::LOGIN).await;
        let mut last = 0;
        for _ in 0..30 {
            let typed = [("email", person.email), ("password", "not the password")];
            last = stranger.submit("#login-form", &typed).await.status;
            if last == 429 {
                break;
            }
        }
        assert_eq!(last, 429, "nobody may guess for ever");
        let mut browser = house.browser();
        ask(&mut browser, person.email).await;
        choose(&mut browser, &link(&house).await, NEW).await;
        assert!(opens_for(&house, person.email, NEW).await, "the owner does not wait for a stranger");
    }
}
