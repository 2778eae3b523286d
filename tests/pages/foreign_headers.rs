//! What a request says of itself in its headers and its path: no header makes anybody somebody (IJ-7),
//! and no path leads out of what there is (IJ-4).

use doorward::paths;
use poem::http::Method;

use super::world::{contents, user};
use crate::support::{call::Call, database::both, device::browser_of, house::House};

/// Headers by which other servers were told who somebody is, where a request goes, or what it does.
fn headers(id: &str) -> Vec<(&'static str, String)> {
    let names = [
        "X-Forwarded-User",
        "X-Forwarded-Email",
        "X-Remote-User",
        "Remote-User",
        "X-User",
        "X-User-Id",
        "X-Auth-Request-User",
        "X-Auth-Request-Email",
        "X-Authenticated-User",
        "X-WEBAUTH-USER",
        "X_Forwarded_User",
        "X-Real-IP",
        "X-SSL-Client-Cert",
        "X-Client-Cert",
        "Client-Cert",
        "SSL_CLIENT_CERT",
        "X-Admin",
        "X-Role",
        "X-Session",
        "X-Session-Id",
        "X-Sid",
        "X-Access-Token",
        "X-API-Key",
        "Api-Key",
        "Proxy-Authorization",
        "X-Authorization",
        "From",
    ];
    let mut all: Vec<_> = names.map(|name| (name, id.to_owned())).into();
    for name in [
        "X-Original-URI",
        "X-Original-URL",
        "X-Rewrite-URL",
        "X-Forwarded-Uri",
        "X-Forwarded-Path",
        "X-Forwarded-Prefix",
    ] {
        all.push((name, paths::LIVEZ.to_owned()));
    }
    for name in [
        "X-HTTP-Method-Override",
        "X-HTTP-Method",
        "X-Method-Override",
    ] {
        all.extend(["POST", "DELETE", "GET"].map(|method| (name, method.to_owned())));
    }
    // Hop by hop: whoever is named here is not to be passed on, and is not to be taken away either.
    for name in [
        "Cookie",
        "Authorization",
        "Origin",
        "Sec-Fetch-Site",
        "X-Forwarded-For",
    ] {
        all.push(("Connection", format!("close, {name}")));
    }
    for host in ["evil.example", "localhost:8081", "admin.localhost"] {
        all.push(("X-Forwarded-Host", host.to_owned()));
        all.push((
            "Forwarded",
            format!("for=127.0.0.1;host={host};proto=https"),
        ));
    }
    all
}

both! {
    async fn ij_7_no_header_makes_anybody_somebody(db: Database) {
        let house = House::new(db).await;
        let person = house.person().await;
        browser_of(&house, person).await;
        let row = user(&house, person.email).await;
        let before = contents(&house).await;
        let ids = [person.email.to_owned(), row.id.to_string(), "admin".to_owned(), "1".to_owned()];
        for (name, value) in ids.iter().flat_map(|id| headers(id.as_str())) {
            let call = |method: Method, path: &str| {
                Call::new(house.doors.clone(), method, house.url(path)).header(name, &value)
            };
            println!("{name}: {value}");
            for path in [paths::ACCOUNT, paths::CONSENT] {
                let answer = call(Method::GET, path).await;
                assert!([303, 400].contains(&answer.status), "{}", answer.told());
                assert!(!answer.body.contains(person.email), "{}", answer.told());
            }
            let session = call(Method::GET, "/api/auth/get-session").await;
            assert_eq!(session.body, "null", "{}", session.told());
            for path in ["/api/admin/v1/keys", paths::USERINFO] {
                call(Method::GET, path).await.is(401);
            }
            call(Method::POST, paths::INTROSPECT).form(&[("token", "x")]).await.client_401();
            // The method is the one that was sent, and so is the path.
            call(Method::GET, paths::TOKEN).await.is(405);
            call(Method::GET, paths::LOGIN).await.shown(200, "Sign in");
            let kept = call(Method::GET, paths::DISCOVERY_OPENID).await.ok();
            assert_eq!(kept["issuer"], house.app.config.server.issuer.as_str());
            assert_eq!(contents(&house).await, before);
        }
    }
}

/// The style sheet and templates are embedded; no name that is sent is the name of a file.
#[tokio::test]
async fn ij_4_no_path_leads_out_of_what_there_is() {
    let house = crate::oauth::granted::sqlite().await;
    let secret = "root.secret";
    let data = house.app.config.data_dir.display().to_string();
    std::fs::write(house.app.config.data_dir.join(secret), "canary-in-a-file").expect("a file");
    let climbs = [
        "../",
        "../../",
        "../../../../../../../../",
        "..%2f",
        "%2e%2e/",
        "%2e%2e%2f",
        "..%5c",
        "..%255c",
        "%252e%252e%252f",
        "....//",
        "..;/",
        "./.",
        "//",
        "%00",
        "..%00/",
        "..\u{ff0f}",
        "~/",
        "C:%5c",
        "file:%2f%2f%2f",
        "",
    ];
    let names = [
        secret,
        "etc/passwd",
        "doorward.toml",
        "data/doorward.db",
        "style.css",
        "base.html",
        ".git/config",
        "Cargo.toml",
    ];
    let places = [
        "/",
        "/static/",
        "/client-logo/",
        "/dev/mail/",
        "/oauth2/",
        "/.well-known/",
        "/api/",
        "/api/admin/v1/",
        "/account/",
        "/playground/",
    ];
    for place in places {
        for climb in climbs {
            for name in names
                .iter()
                .map(|name| (*name).to_owned())
                .chain([format!("{data}/{secret}")])
            {
                let path = format!("{place}{climb}{name}");
                // As it is: a client that is no browser does not resolve dots.
                let mut url = house.url("/");
                url.set_path("");
                let raw = format!("{}{path}", url.as_str().trim_end_matches('/'));
                let Ok(url) = url::Url::parse(&raw) else {
                    continue;
                };
                for path in [url.path().to_owned(), path] {
                    let Ok(uri) = path.parse::<poem::http::Uri>() else {
                        continue;
                    };
                    let request = poem::Request::builder().uri(uri).finish();
                    let response = poem::Endpoint::get_response(&*house.doors, request).await;
                    let status = response.status().as_u16();
                    let body = response.into_body().into_string().await.unwrap_or_default();
                    assert!(status < 500, "{path}: {status}");
                    for told in [
                        "canary-in-a-file",
                        "root:x:0",
                        "[server]",
                        "SQLite format",
                        "{% block",
                        "[package]",
                        "[core]",
                    ] {
                        assert!(!body.contains(told), "{path}: {body}");
                    }
                }
            }
        }
    }
}
