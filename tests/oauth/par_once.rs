//! PA-1, CN-6: a pushed request is answered once, by whoever comes first of many, ends in time, and
//! never leaves this server.

use chrono::TimeDelta;
use doorward::{jobs, paths};

use super::{
    granted::Granted,
    pushing::{pushed, refused, row},
};
use crate::support::{
    call::{Call, at_once},
    database::both,
    house::House,
    rp::Rp,
};

both! {
    async fn pa_1_sixty_four_at_once_answer_one_request(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::confidential(&house).await;
        granted.browser.asks(&granted.rp.redirect_uri, Some(&granted.rp.state));
        let codes = house.rows().await["authorization_code"];
        for round in 1..=5 {
            let url = pushed(&house, &granted.rp, &[]).await;
            let now = house.app.clock.now();
            let cookies = granted.browser.jar.header(paths::AUTHORIZE, false, now);
            let cookies = cookies.expect("a session");
            let path = &url[house.app.config.server.issuer.len()..];
            let calls: Vec<Call> =
                (0..64).map(|_| house.get(path).header("Cookie", &cookies)).collect();
            let answers = at_once(calls).await;
            let (won, lost): (Vec<_>, Vec<_>) =
                answers.iter().partition(|answer| answer.status == 303);
            assert_eq!(won.len(), 1, "round {round}");
            lost.into_iter().for_each(refused);
            let to = won[0].location().expect("a Location");
            assert!(to.as_str().starts_with(&granted.rp.redirect_uri), "{to}");
            assert_eq!(house.rows().await["authorization_code"], codes + round);
        }
    }

    async fn pa_1_sixty_four_buttons_answer_one_request(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let url = pushed(&house, &rp, &[]).await;
        let mut browser = house.browser();
        browser.get_from_stranger(&url).await;
        browser.follow().await;
        let person = house.person().await;
        let typed = [("email", person.email), ("password", person.password)];
        browser.submit("#login-form", &typed).await;
        let page = browser.follow().await.clone();
        let cookies = browser.jar.header(paths::CONSENT, false, house.app.clock.now());
        let cookies = cookies.expect("a session");
        let press = |button: &str| {
            let form = page.page().form(button).pairs();
            let call = house.post(paths::CONSENT).header("Cookie", &cookies);
            let call = call.header("Sec-Fetch-Site", "same-origin");
            call.header("Origin", &house.app.config.server.origin()).form(&form)
        };
        let buttons = ["#consent-approve", "#consent-deny"].iter().cycle().take(64);
        let answers = at_once(buttons.map(|button| press(button)).collect()).await;
        let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 303);
        assert_eq!(won.len(), 1);
        lost.into_iter().for_each(refused);
        let to = won[0].location().expect("a Location");
        let codes = to.query_pairs().filter(|(name, _)| name == "code").count();
        assert_eq!(house.rows().await["authorization_code"], i64::try_from(codes).expect("one"));
    }

    async fn cn_6_what_was_pushed_stays_here(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let url = pushed(&house, &rp, &[]).await;
        let request = row(&house).await;
        let secrets = [rp.state.as_str(), rp.nonce.as_str(), "offline_access"];
        let found = |bytes: &[u8], text: &str| {
            bytes.windows(text.len()).any(|window| window == text.as_bytes())
        };
        assert!(secrets.iter().all(|text| !found(&request.request.0, text)));
        // Nor does the row hold the name under which it is found.
        let random = url.rsplit_once("pr_").expect("a name").1;
        assert!(!format!("{:?}", request.request_uri.0).contains(random));
        let mut browser = house.browser();
        let answer = browser.get_from_stranger(&url).await.clone();
        let page = browser.follow().await.clone();
        for answer in [answer, page] {
            let mut said = answer.body.clone();
            for (_, value) in &answer.headers {
                said.push_str(value.to_str().unwrap_or_default());
            }
            for text in [secrets[0], secrets[1], random] {
                assert!(!said.contains(text), "{text}: {}", answer.told());
            }
        }
    }

    async fn pa_1_a_request_ends_after_a_minute_unless_somebody_has_begun(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let begun = pushed(&house, &rp, &[]).await;
        let mut browser = house.browser();
        browser.asks(&rp.redirect_uri, Some(&rp.state));
        browser.get_from_stranger(&begun).await.sent_to(paths::LOGIN);
        browser.follow().await;
        house.turn(TimeDelta::seconds(59));
        house.browser().get_from_stranger(&begun).await.sent_to(paths::LOGIN);
        house.turn(TimeDelta::seconds(1));
        refused(house.browser().get_from_stranger(&begun).await);
        // The person takes their time, and the sweep leaves them alone.
        house.turn(TimeDelta::minutes(50));
        jobs::sweep(&house.app, house.app.clock.now()).await.expect("a sweep");
        let person = house.person().await;
        let typed = [("email", person.email), ("password", person.password)];
        browser.submit("#login-form", &typed).await;
        browser.follow().await;
        browser.submit("#consent-approve", &[]).await;
        rp.exchange(&browser.follow().await.code()).await.tokens();
        house.turn(TimeDelta::minutes(11));
        jobs::sweep(&house.app, house.app.clock.now()).await.expect("a sweep");
        assert_eq!(house.rows().await["pushed_request"], 0);
    }
}
