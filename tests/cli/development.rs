//! Development mode: what it furnishes the house with works, at every start.

use doorward::{
    accounts::operate,
    http::pages::playground::CLIENT_ID,
    paths,
    server::development::{self, DEMO_EMAIL, Demo},
};
use entity::client;

use crate::support::{database::both, house::House};

both! {
    async fn the_password_that_was_printed_last_signs_the_demo_user_in(db: Database) {
        let house = House::new(db).await;
        let first = development::furnish(&house.app).await.expect("a demo user");
        assert!(signs_in(&house, &first).await);
        // Whatever somebody did to the demo user since.
        let user = operate::find(&house.app, DEMO_EMAIL).await.expect("an answer");
        let user = user.expect("the demo user");
        assert!(user.email_verified.is_some());
        operate::disable(&house.app, &user).await.expect("a disabled user");
        let second = development::furnish(&house.app).await.expect("a demo user");
        assert!(!signs_in(&house, &first).await);
        assert!(signs_in(&house, &second).await);
    }

    async fn the_playground_is_a_client_once(db: Database) {
        let house = House::new(db).await;
        development::furnish(&house.app).await.expect("a client");
        let before = client::all(&house.app.db.read).await.expect("clients");
        development::furnish(&house.app).await.expect("a client");
        let after = client::all(&house.app.db.read).await.expect("clients");
        assert_eq!(before, after);
        assert_eq!(after.len(), 1);
        assert_eq!(after[0].client_id, CLIENT_ID);
        assert!(after[0].is_public() && !after[0].trusted);
    }
}

async fn signs_in(house: &House, demo: &Demo) -> bool {
    let mut browser = house.browser();
    browser.get(paths::LOGIN).await.shown(200, "Sign in");
    let typed = [("email", demo.email), ("password", demo.password.as_str())];
    let answer = browser.submit("#login-form", &typed).await;
    answer.status == 303
}
