//! OpenID Connect Back-Channel Logout 1.0: whoever learned of a session is told that it has ended, by
//! a token that is nothing else's.

use doorward::paths;
use entity::value::{SigningAlg, SubjectType};
use serde_json::{Value, json};

use super::{
    backchannel_logout_receiver::{Receiver, deliver, known_by, read},
    end_session::{is_signed_in, leave},
    forge::Signer,
    granted::{Granted, change_client, names},
    jws_inputs::Inputs,
    jwt::{Jwt, claims},
};
use crate::support::{browser::Browser, database::both, house::House, rp::Rp};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Signs the person in once more, with the app, in a browser of its own.
async fn elsewhere<'a>(house: &'a House, rp: &Rp<'a>) -> Browser<'a> {
    let mut browser = house.browser();
    rp.sign_in(&mut browser).await;
    browser
}

both! {
    async fn backchannel_rp_initiated_logout(db: Database) {
        let receiver = Receiver::new().await;
        let house = receiver.house(db).await;
        let mut granted = Granted::to(&house, receiver.rp(&house, "/logged-out?tenant=1").await).await;
        let tokens = granted.tokens().await;
        let hint = tokens.id_token.expect("an ID token");
        leave(&mut granted, &[("id_token_hint", &hint)]).await.sent_to(paths::LOGOUT_DONE);
        assert!(!is_signed_in(&mut granted).await);
        assert!(receiver.heard().is_empty(), "the browser waits for nobody");

        assert_eq!(deliver(&house).await, 1);
        let heard = receiver.heard();
        let [request] = &heard[..] else { panic!("{heard:?}") };
        assert!(request.head.starts_with("post /logged-out?tenant=1 http/1.1\r\n"), "{}", request.head);
        assert!(request.head.contains("content-type: application/x-www-form-urlencoded"));
        for no in ["cookie", "authorization", "referer"] {
            assert!(!request.head.contains(no), "{}", request.head);
        }
        let told = read(&house, &request.token(), &granted.rp.client_id).await;
        // §2.4: these and no others; a nonce would make an ID token of it.
        assert_eq!(names(&told), ["aud", "events", "exp", "iat", "iss", "jti", "sid", "sub"]);
        assert_eq!(told["iss"], house.app.config.server.issuer);
        assert_eq!(told["aud"], granted.rp.client_id);
        assert_eq!(told["events"], json!({ EVENT: {} }));
        let was = claims(&hint);
        assert_eq!((&told["sub"], &told["sid"]), (&was["sub"], &was["sid"]));
        let number = |name: &str| told[name].as_i64().expect("a number");
        let age = house.app.clock.now().timestamp() - number("iat");
        assert!((0..=5).contains(&age), "{told}");
        assert_eq!(number("exp") - number("iat"), 120);
        assert!(told["jti"].as_str().is_some_and(|id| id.len() >= 16), "{told}");
        // Once is enough.
        assert_eq!(deliver(&house).await, 0);
        assert!(receiver.heard().is_empty());
    }

    async fn one_notice_for_each_client_of_the_session_and_for_no_other(db: Database) {
        let receiver = Receiver::new().await;
        let house = receiver.house(db).await;
        let mut browser = house.browser();
        let mut clients = Vec::new();
        for path in ["/a", "/b", "/c"] {
            let rp = receiver.rp(&house, path).await;
            rp.sign_in(&mut browser).await;
            clients.push(rp);
        }
        let never_used = receiver.rp(&house, "/never").await;
        let silent = Rp::confidential(&house).await;
        silent.sign_in(&mut browser).await;
        let other_session = receiver.rp(&house, "/other").await;
        elsewhere(&house, &other_session).await;
        let disabled = receiver.rp(&house, "/disabled").await;
        disabled.sign_in(&mut browser).await;
        let now = house.app.clock.now();
        change_client(&house, &disabled, |row| row.disabled_at = Some(now)).await;

        browser.get(paths::ACCOUNT).await;
        browser.submit("#logout-form", &[]).await.sent_to(paths::LOGOUT_DONE);
        assert_eq!(house.rows().await["outbox"], 3);
        assert_eq!(deliver(&house).await, 3);
        let heard = receiver.heard();
        let mut audiences: Vec<_> = heard.iter().map(|one| claims(&one.token())["aud"].clone()).collect();
        audiences.sort_by_key(Value::to_string);
        let mut expected: Vec<_> = clients.iter().map(|rp| json!(rp.client_id)).collect();
        expected.sort_by_key(Value::to_string);
        assert_eq!(audiences, expected);
        assert!(!audiences.contains(&json!(never_used.client_id)));
        let mut ids: Vec<_> = heard.iter().map(|one| claims(&one.token())["jti"].to_string()).collect();
        ids.dedup();
        assert_eq!(ids.len(), 3);
    }

    async fn the_token_is_signed_as_the_clients_id_tokens_and_names_its_subject(db: Database) {
        let receiver = Receiver::new().await;
        let house = receiver.house(db).await;
        let metadata = receiver.metadata("/");
        let rp = Rp::with(&house, |new| {
            new.metadata = metadata;
            new.id_token_alg = SigningAlg::ES256;
            new.subject_type = SubjectType::Pairwise;
        })
        .await;
        let mut granted = Granted::to(&house, rp).await;
        let (sub, _) = known_by(&mut granted).await;
        let hint = granted.tokens().await.id_token.expect("an ID token");
        // The pairwise subject of the hint is the person's, and so nobody is asked.
        leave(&mut granted, &[("id_token_hint", &hint)]).await.sent_to(paths::LOGOUT_DONE);
        assert_eq!(deliver(&house).await, 1);
        let kind = ("logout+jwt", "ES256");
        let told = Jwt::verified(&house, &receiver.token(), &granted.rp.client_id, kind).await;
        assert_eq!(told.claims["sub"], sub);
    }

    async fn jw_4_a_logout_token_is_nothing_elses(db: Database) {
        let receiver = Receiver::new().await;
        let house = receiver.house(db).await;
        let rp = receiver.rp(&house, "/").await;
        let mut browser = elsewhere(&house, &rp).await;
        browser.get(paths::ACCOUNT).await;
        browser.submit("#logout-form", &[]).await.sent_to(paths::LOGOUT_DONE);
        deliver(&house).await;
        let token = receiver.token();
        let mut inputs = Inputs::new(&house).await;
        inputs.refuse(&token).await;
        // And with everything in it that another kind has, signed by us.
        let (ours, _) = inputs.control().await;
        for mut all in [inputs.id_claims(), inputs.access_claims()] {
            all["events"] = json!({ EVENT: {} });
            let token = ours.token("logout+jwt", &json!({}), &all);
            inputs.refuse(&token).await;
        }
        let Signer::Rsa(..) = ours else { panic!("the default of ID tokens") };
    }

    async fn nobody_is_told_where_it_is_switched_off(db: Database) {
        let receiver = Receiver::new().await;
        let house = House::with(db, |config| {
            config.fetch.private_origins = vec![receiver.origin()];
            config.features.backchannel_logout = false;
        })
        .await;
        let metadata = house.get(paths::DISCOVERY_OPENID).await.ok();
        assert_eq!(metadata.get("backchannel_logout_supported"), None);
        // It registered before that.
        let rp = Rp::confidential(&house).await;
        change_client(&house, &rp, |row| row.metadata = receiver.metadata("/")).await;
        let mut granted = Granted::to(&house, rp).await;
        let hint = granted.tokens().await.id_token.expect("an ID token");
        leave(&mut granted, &[("id_token_hint", &hint)]).await.sent_to(paths::LOGOUT_DONE);
        assert_eq!(house.rows().await["outbox"], 0);
        assert_eq!((deliver(&house).await, receiver.heard().len()), (0, 0));
    }
}
