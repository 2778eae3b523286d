//! Keys: turned, published before they sign, kept until their last token has died, and taken back
//! when they are stolen.

mod cache;
mod emergency;
mod hints;
mod processes;
mod published;
mod turns;

use doorward::{
    app::App,
    events::About,
    keys::rotation::{self, Turned, Wanted},
};
use entity::{
    signing_key::{self, Model, Standing},
    value::SigningAlg,
};

use crate::support::house::House;

/// All keys of a house, each with where it stands.
pub async fn standings(house: &House) -> Vec<(Model, Standing)> {
    let app = &house.app;
    let all = signing_key::all(&app.db.read).await.expect("the keys");
    let now = app.clock.now();
    let stands = |key: &Model| (key.clone(), key.standing(&all, now));
    all.iter().map(stands).collect()
}

/// The name of the one key of `alg` that stands so.
pub async fn one(house: &House, alg: SigningAlg, standing: Standing) -> String {
    let found: Vec<_> = standings(house)
        .await
        .into_iter()
        .filter(|(key, own)| key.alg == alg && *own == standing)
        .collect();
    assert_eq!(found.len(), 1, "{alg:?} {standing:?}: {found:?}");
    found[0].0.kid.clone()
}

/// Turns the key of one algorithm; those of RSA take long to make.
pub async fn rotate(app: &App, alg: SigningAlg, now: bool, forget: &[&str]) -> Turned {
    let wanted = Wanted {
        algs: vec![alg],
        now,
        forget: forget.iter().map(|kid| (*kid).to_owned()).collect(),
    };
    let turned = rotation::rotate(app, &wanted, &About::default()).await;
    let mut turned = turned.expect("a rotation");
    assert_eq!(turned.len(), 1, "{turned:?}");
    turned.remove(0)
}
