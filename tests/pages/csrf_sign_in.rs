//! CS-1 and CS-4: nobody is signed in by somebody else's page, and the token that guards a form is in
//! the form, of that sign-in, and nowhere else.

use doorward::paths;

use super::world::{SESSION, csrf, session};
use crate::support::{
    database::both,
    device::{GRACE, browser_of},
    house::House,
    rp::Rp,
};

both! {
    async fn cs_1_nobody_is_signed_in_by_a_page_of_somebody_else(db: Database) {
        let house = House::new(db).await;
        browser_of(&house, GRACE).await;
        let rp = Rp::confidential(&house).await;
        // What somebody can know who wants another's browser to be signed in as Grace.
        let mut own = house.browser();
        own.get_from_stranger(&rp.authorize_url(&[])).await;
        own.follow().await;
        let fields = own.last().page().form("#login-form").pairs();
        let flow = fields.iter().find(|(name, _)| name == "flow").expect("a flow").1.clone();
        let token = csrf(&own, "#login-form");
        let before = house.rows().await;
        for signed_in in [false, true] {
            let mut victim = match signed_in {
                true => browser_of(&house, house.person().await).await,
                false => house.browser(),
            };
            victim.get(paths::LOGIN).await;
            let kept = victim.jar.value(SESSION).map(str::to_owned);
            let rows = house.rows().await;
            for extra in [&[][..], &[("csrf", token.as_str())], &[("csrf", token.as_str()), ("flow", flow.as_str())]] {
                let credentials = [("email", GRACE.email), ("password", GRACE.password)];
                let login = [&credentials[..], extra].concat();
                let new = [("email", "mallory@example.com"), ("password", "seven ladders to the moon"), ("name", "M")];
                let register = [&new[..], extra].concat();
                for (path, form) in [(paths::LOGIN, &login), (paths::REGISTER, &register)] {
                    for answer in [
                        victim.post_from_stranger(path, form).await.clone(),
                        // A page of ours that somebody could make send it has not their token either.
                        victim.post_form(path, form).await.clone(),
                    ] {
                        answer.shown(403, "This form has expired");
                        let set = answer.headers.get_all("Set-Cookie");
                        assert!(set.iter().all(|line| !line.as_bytes().starts_with(SESSION.as_bytes())));
                    }
                }
            }
            assert_eq!(victim.jar.value(SESSION).map(str::to_owned), kept);
            assert_eq!(house.rows().await, rows);
        }
        assert_eq!(house.rows().await["user"], before["user"]);
    }

    async fn cs_4_a_token_is_of_one_sign_in_and_stands_in_no_address(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        let rp = Rp::confidential(&house).await;
        let mut browser = house.browser();
        let mut tokens = Vec::new();
        let mut addresses = Vec::new();
        browser.get_from_stranger(&rp.authorize_url(&[])).await;
        addresses.push(browser.last().header("Location").to_owned());
        browser.follow().await;
        addresses.push(browser.last().url.to_string());
        tokens.push(csrf(&browser, "#login-form"));
        browser.get(paths::LOGIN).await;
        let before = csrf(&browser, "#login-form");
        browser.get_from_stranger(&rp.authorize_url(&[])).await;
        browser.follow().await;
        let typed = [("email", person.email), ("password", person.password)];
        browser.submit("#login-form", &typed).await;
        addresses.push(browser.last().header("Location").to_owned());
        browser.follow().await;
        addresses.push(browser.last().url.to_string());
        tokens.push(csrf(&browser, "#consent-approve"));
        let code = browser.submit("#consent-approve", &[]).await;
        addresses.push(code.header("Location").to_owned());
        browser.get(paths::LOGOUT).await;
        let first = csrf(&browser, "#logout-confirm");
        tokens.extend([before.clone(), first.clone()]);
        for token in &tokens {
            assert!(token.len() > 40);
            for address in &addresses {
                assert!(!address.contains(token), "{address}");
            }
        }

        // Whatever was given out before the sign-in, or in another one, is no good in this one.
        let mut other = browser_of(&house, person).await;
        other.get(paths::LOGOUT).await;
        let foreign = csrf(&other, "#logout-confirm");
        let signed_in = session(&browser);
        // One of this browser from before leads back to the page, which asks again.
        browser.post_form(paths::LOGOUT, &[("csrf", &before)]).await.sent_to(paths::LOGOUT);
        assert_eq!(session(&browser), signed_in);
        let answer = browser.post_form(paths::LOGOUT, &[("csrf", &foreign)]).await;
        answer.shown(403, "This form has expired");
        assert_eq!(session(&browser), signed_in);
        browser.post_form(paths::LOGOUT, &[("csrf", &first)]).await.is(303);
        // Nor after it.
        browser.get(paths::LOGIN).await;
        let form = [("csrf", first.as_str()), typed[0], typed[1]];
        browser.post_form(paths::LOGIN, &form).await.shown(403, "This form has expired");
        assert_eq!(browser.jar.value(SESSION), None);
    }
}
