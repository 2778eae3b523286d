//! CORS: pages of which origins may call what (RFC 9700 §2.6): registered ones the endpoints that
//! clients call, everybody the public documents, nobody what a browser visits.

use doorward::paths;
use poem::http::Method;

use super::granted::Granted;
use crate::support::{answer::Answer, call::Call, database::both, house::House, rp::Rp};

/// A page of the client, and its API documentation with Swagger UI.
const REGISTERED: [&str; 3] = [
    "https://app.example",
    "https://spa.example:8443",
    "http://localhost:8000",
];

/// What is close to a registered origin, and what is none.
const OTHERS: &[&str] = &[
    "null",
    "",
    "*",
    "https://",
    "http://app.example",
    "https://app.example/",
    "https://app.example/cb",
    "https://app.example:443",
    "https://app.example:8443",
    "https://app.example.",
    "https://app.example.evil.example",
    "https://app.exampleevil",
    "https://evilapp.example",
    "https://sub.app.example",
    "https://APP.example",
    "HTTPS://app.example",
    "https://app%2eexample",
    "https://user@app.example",
    "https://app.example https://evil.example",
    "https://app.example, https://evil.example",
    "https://app.example\thttps://evil.example",
    "https://spa.example",
    "http://spa.example:8443",
    "http://localhost",
    "http://localhost:8001",
    "http://127.0.0.1:8000",
    "https://localhost:8000",
    "com.example.app:",
    "file://",
    "http://localhost:8080",
];

/// What clients call from their pages.
const CALLED: [&str; 4] = [paths::TOKEN, paths::USERINFO, paths::REVOKE, paths::PAR];
const PUBLIC: [&str; 3] = [paths::DISCOVERY_OPENID, paths::DISCOVERY_OAUTH, paths::JWKS];
/// What is visited, or called by servers only.
const NOBODY: &[&str] = &[
    paths::AUTHORIZE,
    paths::END_SESSION,
    paths::INTROSPECT,
    paths::LOGIN,
    paths::REGISTER,
    paths::CONSENT,
    paths::ACCOUNT,
    paths::LOGOUT_CONFIRM,
    paths::LOGOUT_DONE,
    paths::HOME,
    paths::LIVEZ,
];

async fn client(house: &House) -> Rp<'_> {
    Rp::with(house, |new| {
        new.public = true;
        new.redirect_uris = vec![
            "https://app.example/cb".to_owned(),
            "http://localhost:8000/docs/oauth2-redirect".to_owned(),
        ];
        new.origins = vec!["https://spa.example:8443".to_owned()];
    })
    .await
}

/// What a browser asks before it lets a page send what it wants to.
fn preflight(house: &House, path: &str, origin: &str) -> Call {
    Call::new(house.doors.clone(), Method::OPTIONS, house.url(path))
        .header("Origin", origin)
        .header("Access-Control-Request-Method", "POST")
        // Swagger UI sends it with each token request.
        .header(
            "Access-Control-Request-Headers",
            "authorization,x-requested-with",
        )
}

#[track_caller]
fn allowed(answer: &Answer, origin: &str) {
    answer.has("Access-Control-Allow-Origin", |allowed| allowed == origin);
    never_with_cookies(answer);
}

#[track_caller]
fn refused(answer: &Answer) {
    answer.has("Access-Control-Allow-Origin", str::is_empty);
    answer.has("Access-Control-Allow-Headers", str::is_empty);
    answer.has("Access-Control-Allow-Methods", str::is_empty);
    never_with_cookies(answer);
}

#[track_caller]
fn never_with_cookies(answer: &Answer) {
    assert!(answer.status < 500, "{}", answer.told());
    answer.has("Access-Control-Allow-Credentials", str::is_empty);
}

/// An answer that depends on the origin says so, or a cache would give it to another.
#[track_caller]
fn varies(answer: &Answer) {
    answer.has("Vary", |vary| vary.to_ascii_lowercase().contains("origin"));
}

#[track_caller]
fn lists(answer: &Answer, header: &str, words: &[&str]) {
    let list = answer.header(header).to_ascii_lowercase();
    let list: Vec<&str> = list.split(',').map(str::trim).collect();
    for word in words {
        assert!(list.contains(word), "{header}: {list:?}");
    }
}

both! {
    async fn cr_1_registered_origins_call_token_userinfo_and_revocation(db: Database) {
        let house = House::new(db).await;
        client(&house).await;
        for path in CALLED {
            for origin in REGISTERED {
                let asked = preflight(&house, path, origin).await;
                asked.is(204);
                allowed(&asked, origin);
                varies(&asked);
                lists(&asked, "Access-Control-Allow-Methods", &["post", "get"]);
                let headers = ["authorization", "content-type", "x-requested-with"];
                lists(&asked, "Access-Control-Allow-Headers", &headers);
                // An error must be readable too, or the page can only say that something failed.
                let sent = house.post(path).header("Origin", origin).form(&[("a", "b")]).await;
                allowed(&sent, origin);
                varies(&sent);
                lists(&sent, "Access-Control-Expose-Headers", &["www-authenticate"]);
                assert!([400, 401].contains(&sent.status), "{}", sent.told());
            }
            for origin in OTHERS {
                for answer in [
                    preflight(&house, path, origin).await,
                    house.post(path).header("Origin", origin).form(&[("a", "b")]).await,
                    house.get(path).header("Origin", origin).await,
                ] {
                    refused(&answer);
                    // A 405 is the same for all.
                    if answer.status != 405 {
                        varies(&answer);
                    }
                }
            }
            varies(&house.post(path).await);
        }
    }

    async fn cr_1_nobody_calls_what_is_visited(db: Database) {
        let house = House::new(db).await;
        let rp = client(&house).await;
        let mut browser = house.browser();
        rp.sign_in(&mut browser).await;
        let now = house.app.clock.now();
        let cookies = browser.jar.header("/", false, now).expect("cookies");
        for path in NOBODY {
            for origin in REGISTERED.iter().chain(&["null", "http://localhost:8080"]) {
                let get = house.get(path).header("Origin", origin);
                let with_cookies = house.get(path).header("Origin", origin).header("Cookie", &cookies);
                for answer in [
                    preflight(&house, path, origin).await,
                    get.await,
                    with_cookies.await,
                    house.post(path).header("Origin", origin).form(&[("a", "b")]).await,
                ] {
                    refused(&answer);
                }
            }
        }
        let url = rp.authorize_url(&[("prompt", Some("none"))]);
        let silent = house.get(&url).header("Origin", REGISTERED[0]).header("Cookie", &cookies);
        refused(silent.await.is(303));
    }

    async fn cr_1_everybody_reads_the_public_documents(db: Database) {
        let house = House::new(db).await;
        for path in PUBLIC {
            for origin in REGISTERED.iter().chain(OTHERS) {
                let sent = house.get(path).header("Origin", origin).await;
                allowed(sent.is(200), "*");
                allowed(preflight(&house, path, origin).await.is(204), "*");
            }
            // Whoever asked without an origin leaves in a shared cache what all may read.
            let plain = house.get(path).await;
            allowed(&plain, "*");
            let known = house.get(path).header("If-None-Match", plain.header("ETag")).await;
            allowed(known.is(304), "*");
        }
    }

    async fn a_page_exchanges_its_code_and_reads_userinfo(db: Database) {
        let house = House::new(db).await;
        let mut granted = Granted::to(&house, client(&house).await).await;
        let code = granted.code().await;
        let rp = &granted.rp;
        for origin in REGISTERED {
            let form = [
                ("grant_type", "authorization_code"),
                ("client_id", rp.client_id.as_str()),
                ("code", code.as_str()),
                ("redirect_uri", rp.redirect_uri.as_str()),
                ("code_verifier", rp.code_verifier.as_str()),
            ];
            let swagger = house
                .post(paths::TOKEN)
                .header("Origin", origin)
                .header("X-Requested-With", "XMLHttpRequest")
                .form(&form)
                .await;
            allowed(&swagger, origin);
            if origin == REGISTERED[0] {
                let token = swagger.tokens().access_token;
                let userinfo = house.get(paths::USERINFO).header("Origin", origin).bearer(&token);
                let userinfo = userinfo.await;
                userinfo.ok();
                allowed(&userinfo, origin);
            } else {
                swagger.oauth_error(400, "invalid_grant");
            }
        }
    }
}
