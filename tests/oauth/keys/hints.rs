//! Hints: ID tokens come back long after they have expired (OpenID Connect Core §3.1.2.1, RP-Initiated
//! Logout §4), also those whose key is no longer published.

use chrono::TimeDelta;
use doorward::{crypto::keyring::half::Half, keys::calendar, paths};
use entity::{signing_key::Standing, value::SigningAlg};

use super::{rotate, standings};
use crate::{
    oauth::granted::Granted,
    support::{answer::Answer, database::both, house::House, rp::Rp},
};

const ALG: SigningAlg = SigningAlg::EdDSA;

/// What the end-session endpoint makes of a hint, with nobody signed in.
async fn leave(house: &House, hint: &str) -> Answer {
    let mut url = house.url(paths::END_SESSION);
    url.query_pairs_mut().append_pair("id_token_hint", hint);
    house
        .browser()
        .get_from_stranger(url.as_str())
        .await
        .clone()
}

both! {
    async fn a_hint_outlives_its_key_for_ninety_days(db: Database) {
        let house = House::with(db, |config| config.keys.rotate_days = 0).await;
        let rp = Rp::with(&house, |new| {
            new.id_token_alg = ALG;
            new.access_token_alg = ALG;
        })
        .await;
        let tokens = Granted::to(&house, rp).await.tokens().await;
        let hint = tokens.id_token.expect("an ID token");
        let look = async |standing: Option<Standing>| {
            calendar::turn(&house.app).await.expect("the calendar");
            let kid = jsonwebtoken::decode_header(&hint).expect("a header").kid;
            let all = standings(&house).await;
            let found = all.iter().find(|(key, _)| Some(&key.kid) == kid.as_ref());
            assert_eq!(found.map(|(_, own)| *own), standing);
            found.map(|(key, _)| Half::open(key, &house.app.sealer).expect("a key"))
        };
        rotate(&house.app, ALG, false, &[]).await;
        house.turn(TimeDelta::hours(24 + 25) - TimeDelta::minutes(1));
        assert!(matches!(look(Some(Standing::Retired)).await, Some(Half::Pair(_))));
        house.turn(TimeDelta::minutes(1));
        // Nobody can sign with it any more, whoever gets hold of the table and the root secret.
        assert!(matches!(look(Some(Standing::Remembered)).await, Some(Half::Public(_))));
        leave(&house, &hint).await.sent_to(paths::LOGOUT_DONE);
        // It is a hint and no longer anything else.
        let userinfo = house.get(paths::USERINFO).bearer(&tokens.access_token).await;
        userinfo.bearer_error(401, "invalid_token");
        house.turn(TimeDelta::days(90) - TimeDelta::minutes(1));
        look(Some(Standing::Remembered)).await;
        leave(&house, &hint).await.sent_to(paths::LOGOUT_DONE);
        house.turn(TimeDelta::minutes(1));
        assert!(look(None).await.is_none());
        leave(&house, &hint).await.shown(400, "is not one of ours");
    }
}
