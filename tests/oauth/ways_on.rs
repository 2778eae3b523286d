//! Ways on: tabs beside one another, back, reload, waiting too long: whatever a person does with
//! the pages of a sign-in, it leads on or says how.

use chrono::TimeDelta;
use doorward::paths;
use entity::client;

use super::granted::client_row;
use crate::support::{browser::Browser, database::both, house::House, rp::Rp};

/// Opens the request's sign-in page. Answers its address.
async fn opened(browser: &mut Browser<'_>, rp: &Rp<'_>, state: &str) -> String {
    let url = rp.authorize_url(&[("state", Some(state))]);
    browser.get_from_stranger(&url).await.sent_to(paths::LOGIN);
    browser.follow().await.shown(200, "Sign in").url.to_string()
}

async fn sign_in(browser: &mut Browser<'_>, house: &House) {
    let person = house.person().await;
    let typed = [("email", person.email), ("password", person.password)];
    browser
        .submit("#login-form", &typed)
        .await
        .sent_to(paths::AUTHORIZE);
}

/// The `state` with which the browser returns to the client, with a code.
fn state(browser: &Browser<'_>) -> String {
    let to = browser.last().location().expect("a Location");
    let of = |name: &str| to.query_pairs().find(|(own, _)| own == name);
    assert!(of("code").is_some(), "{}", browser.last().told());
    of("state").expect("a state").1.into_owned()
}

both! {
    async fn two_tabs_lead_to_two_answers(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let mut browser = house.browser();
        let first = opened(&mut browser, &rp, "first").await;
        let second = opened(&mut browser, &rp, "second").await;

        // The first tab goes all the way, although the second was opened after it.
        browser.get(&first).await;
        sign_in(&mut browser, &house).await;
        browser.follow().await;
        browser.submit("#consent-approve", &[]).await;
        assert_eq!(state(&browser), "first");

        // The second finds the person signed in and the client allowed.
        browser.get(&second).await;
        browser.follow().await;
        assert_eq!(state(&browser), "second");
    }

    async fn a_form_from_before_the_sign_in_leads_on_without_being_believed(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let mut browser = house.browser();
        let second = opened(&mut browser, &rp, "second").await;
        let old_form = browser.last().page().form("#login-form").pairs();
        opened(&mut browser, &rp, "first").await;
        sign_in(&mut browser, &house).await;
        browser.follow().await;
        browser.submit("#consent-approve", &[]).await;
        let session = browser.jar.value("doorward_session").map(str::to_owned);

        // The form was given to this browser when nobody was signed in; what is typed into it now
        // signs nobody in, and the flow goes on as the person who is.
        let typed = [("email", "bob@example.com"), ("password", "whatever it is")];
        let mut form: Vec<_> = old_form
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(|(name, _)| !["email", "password"].contains(name))
            .collect();
        form.extend(typed);
        browser.post_form(paths::LOGIN, &form).await.sent_to(paths::AUTHORIZE);
        browser.follow().await;
        assert_eq!(state(&browser), "second");
        assert_eq!(browser.jar.value("doorward_session"), session.as_deref());
        browser.get(&second).await;
        browser.follow().await;
        assert_eq!(state(&browser), "second");
    }

    async fn back_and_reload_lead_on(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let mut browser = house.browser();
        let login = opened(&mut browser, &rp, "a").await;
        browser.get(&login).await.shown(200, "Sign in");
        sign_in(&mut browser, &house).await;
        let resumed = browser.last().location().expect("a Location").to_string();
        browser.get(&resumed).await.sent_to(paths::CONSENT);
        let consent = browser.follow().await.url.to_string();
        browser.get(&resumed).await.sent_to(paths::CONSENT);
        browser.get(&consent).await.shown(200, "Example wants to use your account");

        // Back to the sign-in page while signed in.
        browser.get(&login).await;
        browser.follow().await.shown(200, "Example wants to use your account");
        let first = browser.submit("#consent-approve", &[]).await.code();

        // Back from the client: the same way once more, to a code of its own.
        for url in [&login, &resumed] {
            browser.get(url).await;
            let again = browser.follow().await.code();
            assert_ne!(again, first);
            rp.exchange(&again).await.tokens();
        }
        // Pressing Allow twice is asking twice: the page's form is good for as long as the flow.
        browser.get(&consent).await.shown(200, "You have allowed this app before");
        let again = browser.submit("#consent-approve", &[]).await.code();
        rp.exchange(&again).await.tokens();
        rp.exchange(&first).await.tokens();
    }

    async fn a_failed_sign_in_stays_in_its_flow(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let mut browser = house.browser();
        opened(&mut browser, &rp, "a").await;
        let typed = [("email", "ada@example.com"), ("password", "not this one")];
        let page = browser.submit("#login-form", &typed).await;
        page.shown(422, "The e-mail address or the password is wrong");
        sign_in(&mut browser, &house).await;
        browser.follow().await.shown(200, "Example wants to use your account");
        browser.submit("#consent-approve", &[]).await;
        assert_eq!(state(&browser), "a");
    }

    async fn a_flow_that_is_too_old_says_to_start_again(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let mut browser = house.browser();
        let login = opened(&mut browser, &rp, "a").await;
        sign_in(&mut browser, &house).await;
        let resumed = browser.last().location().expect("a Location").to_string();
        let consent = browser.follow().await.url.to_string();
        let before = house.rows().await;

        house.turn(TimeDelta::minutes(61));
        let page = browser.submit("#consent-approve", &[]).await;
        page.shown(400, "start again");
        assert_eq!(page.page().link("Go to your account"), paths::ACCOUNT);
        for url in [&login, &resumed, &consent] {
            browser.get(url).await.shown(400, "start again");
        }
        assert_eq!(house.rows().await, before);
        // And starting again is all it takes.
        let code = rp.sign_in(&mut browser).await;
        rp.exchange(&code).await.tokens();
    }

    async fn what_was_proven_may_be_taken_back_meanwhile(db: Database) {
        let house = House::new(db).await;
        let rp = Rp::confidential(&house).await;
        let mut browser = house.browser();
        opened(&mut browser, &rp, "a").await;
        sign_in(&mut browser, &house).await;
        browser.follow().await;
        let row = client_row(&house, &rp).await;
        let now = house.app.clock.now();
        let disabled = client::set_disabled(&house.app.db.write, row.id, Some(now), now).await;
        disabled.expect("a change");
        let before = house.rows().await;
        browser.submit("#consent-approve", &[]).await.shown(400, "start again");
        browser.get(&rp.authorize_url(&[])).await.shown(400, "Authorization error");
        assert_eq!(house.rows().await, before);
    }
}
