//! Emergency: a key was stolen. Another signs at once, and what the stolen one signed can be made
//! worthless at once.

use doorward::{
    events::About,
    keys::rotation::{self, RotationError, Wanted},
    paths,
};
use entity::{
    signing_key::Standing,
    value::{EventKind, SigningAlg},
};

use super::{one, rotate, standings};
use crate::{
    oauth::granted::{events, inactive, introspected},
    support::{database::both, house::House, rp::Rp},
};

const ALG: SigningAlg = SigningAlg::ES256;

async fn token(rp: &Rp<'_>) -> String {
    let form = [("grant_type", "client_credentials")];
    rp.token(&form).await.tokens().access_token
}

fn kid(token: &str) -> String {
    let header = jsonwebtoken::decode_header(token).expect("a header");
    header.kid.expect("a kid")
}

both! {
    async fn a_new_key_signs_at_once_and_the_old_tokens_live_on(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let before = token(&rp).await;
        let turned = rotate(&house.app, ALG, true, &[]).await;
        assert!(turned.is_new);
        let after = token(&rp).await;
        assert_eq!(kid(&after), turned.key.kid);
        assert_ne!(kid(&after), kid(&before));
        for token in [&before, &after] {
            assert_eq!(introspected(&rp, token).await.ok()["active"], true);
        }
        let published = house.get(paths::JWKS).await.body;
        assert!(published.contains(&kid(&before)) && published.contains(&kid(&after)));
        assert_eq!(one(&house, ALG, Standing::Retired).await, kid(&before));
        assert_eq!(events(&house, EventKind::KeysTurned).await, 1);
    }

    async fn a_forgotten_key_and_what_it_signed_are_worth_nothing_at_once(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let stolen = token(&rp).await;
        rotate(&house.app, ALG, true, &[&kid(&stolen)]).await;
        inactive(&introspected(&rp, &stolen).await);
        assert!(!house.get(paths::JWKS).await.body.contains(&kid(&stolen)));
        assert_eq!(standings(&house).await.len(), 4);
        let new = token(&rp).await;
        assert_eq!(introspected(&rp, &new).await.ok()["active"], true);
        assert!(house.get(paths::JWKS).await.body.contains(&kid(&new)));
    }

    async fn a_next_key_that_lay_beside_the_stolen_one_never_signs(db: Database) {
        let house = House::new(db).await;
        let next = rotate(&house.app, ALG, false, &[]).await.key.kid;
        assert!(house.get(paths::JWKS).await.body.contains(&next));
        rotate(&house.app, ALG, true, &[]).await;
        assert!(!house.get(paths::JWKS).await.body.contains(&next));
        assert!(standings(&house).await.iter().all(|(key, _)| key.kid != next));
        // The others keep what they have.
        assert_eq!(standings(&house).await.len(), 5);
    }

    async fn what_cannot_be_forgotten_leaves_everything_as_it_was(db: Database) {
        let house = House::new(db).await;
        let before = standings(&house).await;
        let signs = one(&house, ALG, Standing::Current).await;
        let ask = async |alg, now, forget: &str| {
            let wanted = Wanted { algs: vec![alg], now, forget: vec![forget.to_owned()] };
            rotation::rotate(&house.app, &wanted, &About::default()).await.expect_err("a refusal")
        };
        assert!(matches!(ask(ALG, true, "nobody's").await, RotationError::Unknown(_)));
        assert!(matches!(ask(ALG, false, &signs).await, RotationError::OnlyAtOnce));
        // It would sign on.
        let other = ask(SigningAlg::EdDSA, true, &signs).await;
        assert!(matches!(other, RotationError::StillSigns { .. }), "{other}");
        assert_eq!(standings(&house).await, before);
    }
}
