//! Trial of the relying party, in front of the real doors: the whole way, once for each kind.

use doorward::paths;

use super::super::{browser::Browser, database::both, house::House, rp::Rp};

both! {
    async fn a_confidential_client_signs_a_person_in(db: Database) {
        let house = House::new(db).await;
        signs_in(&house, &Rp::confidential(&house).await).await;
    }

    async fn a_public_client_signs_a_person_in(db: Database) {
        let house = House::new(db).await;
        signs_in(&house, &Rp::public(&house).await).await;
    }
}

async fn signs_in(house: &House, rp: &Rp<'_>) {
    let mut browser = house.browser();
    let code = rp.sign_in(&mut browser).await;
    let rows = house.rows().await;
    assert_eq!((rows["session"], rows["consent"]), (1, 1));
    let tokens = rp.exchange(&code).await.tokens();
    assert!(tokens.id_token.is_some());
    let refresh_token = tokens.refresh_token.expect("a refresh token");
    let fresh = rp.refresh(&refresh_token).await.tokens();
    let userinfo = house
        .get(paths::USERINFO)
        .bearer(&fresh.access_token)
        .await
        .ok();
    assert_eq!(userinfo["email"], house.person().await.email);

    // Signed in, and allowed before: no page is needed.
    let silent = [("prompt", Some("none"))];
    let second = browser
        .get_from_stranger(&rp.authorize_url(&silent))
        .await
        .code();
    assert_ne!(second, code);
    rp.exchange(&code).await.oauth_error(400, "invalid_grant");
    let stranger = Browser::new(house)
        .get_from_stranger(&rp.authorize_url(&silent))
        .await
        .clone();
    stranger.answered("login_required");
    house.get(paths::USERINFO).await.bearer_error(401, "");
}

both! {
    async fn refusals_leave_no_row(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let before = house.rows().await;
        let foreign = rp.authorize_url(&[("redirect_uri", Some("https://elsewhere.example/cb"))]);
        let mut browser = house.browser();
        browser.get(&foreign).await.shown(400, "Authorization error");
        rp.exchange("ac_nothing").await.oauth_error(400, "invalid_grant");
        let form = [("grant_type", "client_credentials")];
        let call = house.post(paths::TOKEN).basic(&rp.client_id, "wrong").form(&form);
        call.await.client_401();
        browser.get(paths::LOGIN).await.shown(200, "Sign in");
        let typed = [("email", "nobody@example.com"), ("password", "not a password")];
        browser.submit("#login-form", &typed).await;
        house.forget_counts().await;
        let mut after = house.rows().await;
        // A failed sign-in is an event, for whoever looks after the server.
        after.insert("event".to_owned(), before["event"]);
        assert_eq!(after, before);
    }
}
