//! RU-11: what stands behind a `#` in an address that somebody was lured to stays there. A browser
//! carries it over a redirect that names no fragment of its own (RFC 9110 §10.2.2), and a client would
//! find it in its callback.

use doorward::paths;

use super::granted::Granted;
use crate::support::{answer::Answer, database::both, house::House, rp::Rp};

/// The answer goes to the client, with an empty fragment that is ours.
#[track_caller]
fn ends_with_our_own(answer: &Answer) {
    answer.is(303);
    let to = answer.header("Location");
    assert!(to.starts_with("https://app.example/"), "{}", answer.told());
    assert!(to.ends_with('#') && to.matches('#').count() == 1, "{to}");
}

both! {
    async fn ru_11_no_fragment_is_carried_to_a_client(db: Database) {
        let house = House::new(db).await;
        for uri in ["https://app.example/cb", "https://app.example/cb?x=1", "https://app.example/"] {
            let rp = Rp::with(&house, |new| new.redirect_uris = vec![uri.to_owned()]).await;
            // With pages in between, and refused on one of them.
            let mut browser = house.browser();
            let person = house.person().await;
            browser.get_from_stranger(&rp.authorize_url(&[])).await;
            browser.follow().await;
            let typed = [("email", person.email), ("password", person.password)];
            browser.submit("#login-form", &typed).await;
            browser.follow().await.shown(200, "wants to use your account");
            ends_with_our_own(browser.submit("#consent-deny", &[]).await);
            browser.get_from_stranger(&rp.authorize_url(&[])).await;
            browser.follow().await;
            ends_with_our_own(browser.submit("#consent-approve", &[]).await);
            // At once: a code, and errors before and after the person is known.
            for changes in [
                &[][..],
                &[("prompt", Some("none"))],
                &[("scope", Some("open\"id"))],
                &[("response_type", Some("nonsense"))],
                &[("code_challenge", None)],
                &[("prompt", Some("none login"))],
                &[("request_uri", Some("urn:x"))],
                &[("state", None)],
            ] {
                let url = rp.authorize_url(changes);
                ends_with_our_own(browser.get_from_stranger(&url).await);
            }
            ends_with_our_own(&house.get(&rp.authorize_url(&[("prompt", Some("none"))])).await);
        }
    }
}

/// An answer in the fragment has one, and a form is posted to an address without any.
#[tokio::test]
async fn ru_11_a_form_is_posted_to_the_address_that_was_registered() {
    let house = super::granted::sqlite().await;
    let mut granted = Granted::confidential(&house).await;
    let url = granted
        .rp
        .authorize_url(&[("response_mode", Some("form_post"))]);
    let page = granted.browser.get_from_stranger(&url).await;
    assert_eq!(page.status, 200, "{}", page.told());
    assert!(
        page.body
            .contains("action=\"https:&#x2f;&#x2f;app.example&#x2f;cb\""),
        "{}",
        page.body
    );
    let fragment = [
        ("response_mode", Some("fragment")),
        ("prompt", Some("none")),
    ];
    let url = granted.rp.authorize_url(&fragment);
    let to = granted
        .browser
        .get_from_stranger(&url)
        .await
        .header("Location")
        .to_owned();
    assert!(to.starts_with("https://app.example/cb#code="), "{to}");
    assert_eq!(
        granted.browser.get(paths::LOGIN).await.header("Location"),
        paths::ACCOUNT
    );
}
