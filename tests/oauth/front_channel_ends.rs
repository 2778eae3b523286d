//! Tokens from the authorization endpoint end with the session and the person they came from, also
//! where both happen at once; and none is given to who must hold a key.

use doorward::{accounts::operate, paths, sessions};
use entity::value::ResponseType;
use poem::http::Method;
use url::Url;

use super::{
    granted::{change_client, rows_but_events},
    response_types::{ALL, ask, front, refused, said},
};
use crate::support::{
    answer::Answer,
    call::{Call, at_once},
    database::both,
    device::{GRACE, browser_of},
    house::House,
    rp::Rp,
};

/// How many come at once.
const MANY: usize = 24;
/// How often a race is run on each database.
const ROUNDS: usize = 8;

const BOTH: [(&str, Option<&str>); 2] = [
    ("response_type", Some("id_token token")),
    ("scope", Some("openid")),
];

/// The same request many times, of the browser with this cookie.
fn many(house: &House, rp: &Rp<'_>, cookie: &str) -> Vec<Call> {
    let url = rp.authorize_url(&[&BOTH[..], &[("prompt", Some("none"))]].concat());
    let url = Url::parse(&url).expect("a URL");
    let cookie = format!("doorward_session={cookie}");
    let call =
        |_| Call::new(house.doors.clone(), Method::GET, url.clone()).header("Cookie", &cookie);
    (0..MANY).map(call).collect()
}

/// No token that was given is good, and whoever got none was told that nobody is signed in, or that
/// nobody has allowed it any more.
async fn nothing_is_left(house: &House, rp: &Rp<'_>, answers: &[Answer]) {
    for answer in answers {
        let said = said(rp, answer, "fragment");
        match said.get("access_token") {
            Some(token) => {
                let userinfo = house.get(paths::USERINFO).bearer(token).await;
                userinfo.bearer_error(401, "invalid_token");
            }
            None => assert!(["login_required", "consent_required"].contains(&&*said["error"])),
        }
    }
}

both! {
    async fn a_token_does_not_outlive_the_session_that_ends_meanwhile(db: Database) {
        let house = House::new(db).await;
        let rp = front(&house, &ALL).await;
        for _ in 0..ROUNDS {
            let mut browser = house.browser();
            // The client knows the session already, so that nothing new refers to it.
            said(&rp, ask(&rp, &mut browser, &BOTH).await, "fragment");
            let person = operate::find(&house.app, house.person().await.email).await;
            let person = person.expect("a look-up").expect("the person");
            let calls = many(&house, &rp, browser.jar.value("doorward_session").expect("a session"));
            let app = house.app.clone();
            let end = tokio::spawn(async move { sessions::revoke_all(&app, person.id, None).await });
            let answers = at_once(calls).await;
            end.await.expect("an end").expect("an ended session");
            nothing_is_left(&house, &rp, &answers).await;
        }
    }

    async fn a_person_who_is_removed_meanwhile_is_nobody_and_no_failure(db: Database) {
        let house = House::new(db).await;
        let rp = front(&house, &ALL).await;
        let mut browser = browser_of(&house, GRACE).await;
        said(&rp, ask(&rp, &mut browser, &BOTH).await, "fragment");
        let grace = operate::find(&house.app, GRACE.email).await.expect("a look-up").expect("Grace");
        let calls = many(&house, &rp, browser.jar.value("doorward_session").expect("a session"));
        let app = house.app.clone();
        let end = tokio::spawn(async move { operate::remove(&app, &grace).await });
        let answers = at_once(calls).await;
        end.await.expect("an end").expect("a removed person");
        nothing_is_left(&house, &rp, &answers).await;
        assert_eq!(house.rows().await["token_family"], 0);
    }

    async fn a_client_that_must_hold_a_key_gets_no_token_from_the_browser(db: Database) {
        let house = House::new(db).await;
        for certificate in [false, true] {
            let rp = front(&house, &ALL).await;
            let mut browser = house.browser();
            said(&rp, ask(&rp, &mut browser, &BOTH).await, "fragment");
            change_client(&house, &rp, |client| match certificate {
                true => client.metadata.tls_client_certificate_bound_access_tokens = Some(true),
                false => client.metadata.dpop_bound_access_tokens = Some(true),
            })
            .await;
            let before = rows_but_events(&house).await;
            for kind in ALL.into_iter().filter(|kind| kind.has_token()) {
                let answer = ask(&rp, &mut browser, &[("response_type", Some(kind.name()))]).await;
                refused(&rp, answer, "fragment", "unauthorized_client");
            }
            assert_eq!(rows_but_events(&house).await, before);
            // What the client is given for a code it is given for its key.
            let code = ResponseType::CodeIdToken.name();
            let answer = ask(&rp, &mut browser, &[("response_type", Some(code))]).await;
            assert!(said(&rp, answer, "fragment").contains_key("code"));
        }
    }
}
