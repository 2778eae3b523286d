//! Letters that are not taken: when they are tried again, and when no more.

use entity::outbox::{self, Tally};

use super::{
    GRACE, house,
    post_office::{POLITE, PostOffice, says},
    seconds, sign_up,
};
use crate::support::database::both;

both! {
    async fn refused_for_now_is_tried_again_later(db: Database) {
        let office = PostOffice::with(&[says("RCPT", b"451 4.7.1 come back later"), POLITE]).await;
        let house = house(db, &office).await;
        sign_up(&house, GRACE).await;
        assert_eq!(house.deliver().await, 0);
        assert_eq!(office.visits(), 1);
        house.turn(seconds(8));
        assert_eq!((house.deliver().await, office.visits()), (0, 1));
        house.turn(seconds(2));
        assert_eq!((house.deliver().await, office.visits()), (1, 2));
        let row = house.letter().await;
        assert!(row.sent_at.is_some() && row.failed_at.is_none(), "{row:?}");
        assert_eq!(row.attempts, 2);
    }

    async fn refused_for_good_is_not_tried_again(db: Database) {
        let refusals = [
            says("RCPT", b"550 5.1.1 <grace@example.com>: nobody of this name"),
            says("text", b"554 5.7.1 we do not want this"),
            says("DATA", b"554 no valid recipients"),
            POLITE,
        ];
        let office = PostOffice::with(&refusals).await;
        let house = house(db, &office).await;
        for email in [GRACE, "ada@example.com", "mary@example.com"] {
            sign_up(&house, email).await;
        }
        assert_eq!(house.deliver().await, 0);
        let now = house.app.clock.now();
        let tally = outbox::tally(&house.app.db.read, now).await.expect("a tally");
        assert_eq!(tally, Tally { waiting: 0, failed: 3 });
        let letters = outbox::newest(&house.app.db.read, 10).await.expect("letters");
        for row in letters {
            assert!(row.failed_at.is_some() && row.sent_at.is_none(), "{row:?}");
        }
        for _ in 0..20 {
            house.turn(seconds(3_600));
            assert_eq!(house.deliver().await, 0);
        }
        assert_eq!((office.visits(), office.taken().len()), (3, 0));
    }

    async fn attempts_grow_rarer_and_end_before_the_link_does(db: Database) {
        let office = PostOffice::with(&[says("MAIL", b"421 too busy")]).await;
        let house = house(db, &office).await;
        sign_up(&house, GRACE).await;
        assert_eq!(house.deliver().await, 0);
        let expires_at = house.letter().await.expires_at;
        let mut visits = 1;
        for wait in [10, 60, 300, 1_800].into_iter().chain([3_600; 200]) {
            if house.letter().await.failed_at.is_some() {
                break;
            }
            house.turn(seconds(wait - 2));
            house.deliver().await;
            assert_eq!(office.visits(), visits, "too early after {wait} s");
            house.turn(seconds(2));
            assert!(house.app.clock.now() < expires_at);
            house.deliver().await;
            visits += 1;
            assert_eq!(office.visits(), visits, "not after {wait} s");
        }
        let row = house.letter().await;
        assert!(row.failed_at.is_some_and(|at| at < expires_at), "{row:?}");
        assert!(expires_at - house.app.clock.now() <= seconds(3_600));
        assert_eq!(row.attempts, i32::try_from(visits).expect("few"));
    }

    async fn what_its_link_has_outlived_is_never_sent(db: Database) {
        let office = PostOffice::polite().await;
        let house = house(db, &office).await;
        sign_up(&house, GRACE).await;
        house.turn(house.letter().await.expires_at - house.app.clock.now());
        assert_eq!((house.deliver().await, office.visits()), (0, 0));
    }
}
