//! Bound tokens at a resource (RFC 9449 §7): good in the hands of the key's holder, and in no others.

use doorward::paths;
use serde_json::{Value, json};

use super::{
    bound::{Bound, remembered},
    granted::{change_client, sqlite},
};
use crate::support::{
    call::at_once,
    database::{Database, both},
    dpop::{DpopKey, Options},
    house::House,
};

fn claims(claims: Value) -> Options<'static> {
    Options {
        claims,
        ..Options::default()
    }
}

fn header(header: Value) -> Options<'static> {
    Options {
        header,
        ..Options::default()
    }
}

#[tokio::test]
async fn dp_1_a_bad_proof_opens_nothing() {
    let house = sqlite().await;
    let mut bound = Bound::confidential(&house).await;
    let token = bound.tokens().await.access_token;
    let other = bound.tokens().await.access_token;
    let before = remembered(&house).await.len();
    let now = bound.now().timestamp();
    let url = bound.url(paths::USERINFO);
    let mut private = bound.key.jwk.clone();
    private["d"] = json!("AAAA");
    for (what, options) in [
        ("no typ", header(json!({ "typ": null }))),
        ("another typ", header(json!({ "typ": "at+jwt" }))),
        ("no alg", header(json!({ "alg": null }))),
        ("alg none", header(json!({ "alg": "none" }))),
        ("alg RS256", header(json!({ "alg": "RS256" }))),
        ("alg HS256", header(json!({ "alg": "HS256" }))),
        ("no jwk", header(json!({ "jwk": null }))),
        ("a private key", header(json!({ "jwk": private }))),
        ("another key", header(json!({ "jwk": DpopKey::new().jwk }))),
        ("no jti", claims(json!({ "jti": null }))),
        ("no htm", claims(json!({ "htm": null }))),
        ("another htm", claims(json!({ "htm": "POST" }))),
        ("no htu", claims(json!({ "htu": null }))),
        (
            "another htu",
            claims(json!({ "htu": bound.url(paths::TOKEN) })),
        ),
        (
            "another host",
            claims(json!({ "htu": "https://evil.example/oauth2/userinfo" })),
        ),
        ("no iat", claims(json!({ "iat": null }))),
        ("an hour ago", claims(json!({ "iat": now - 3600 }))),
        ("in an hour", claims(json!({ "iat": now + 3600 }))),
        ("no ath", claims(json!({ "ath": null }))),
        ("an empty ath", claims(json!({ "ath": "" }))),
        ("an ath that is the token", claims(json!({ "ath": token }))),
        (
            "the ath of another token",
            Options {
                access_token: Some(&other),
                ..Options::default()
            },
        ),
    ] {
        let answer = bound.userinfo_with(&token, options).await;
        assert_eq!(answer.status, 401, "{what}: {}", answer.told());
        answer.dpop_error("invalid_dpop_proof");
    }
    let dpop = format!("DPoP {token}");
    for proof in ["", "garbage", "a.b.c"] {
        let answer = bound.shown(&dpop).header("DPoP", proof).await;
        answer.dpop_error("invalid_dpop_proof");
    }
    bound.shown(&dpop).await.dpop_error("invalid_dpop_proof");
    let options = || Options {
        access_token: Some(&token),
        ..Options::default()
    };
    let good = bound.key.proof("GET", &url, options());
    let (signed, signature) = good.rsplit_once('.').expect("a signature");
    let forged: String = signature.chars().rev().collect();
    let forged = bound
        .shown(&dpop)
        .header("DPoP", &format!("{signed}.{forged}"))
        .await;
    forged.dpop_error("invalid_dpop_proof");
    let twice = bound.userinfo(&token).header("DPoP", &good).await;
    twice.dpop_error("invalid_dpop_proof");
    assert_eq!(remembered(&house).await.len(), before);

    // A good proof of whoever else took the token.
    let theirs = DpopKey::new().proof("GET", &url, options());
    let stolen = bound.shown(&dpop).header("DPoP", &theirs).await;
    stolen.dpop_error("invalid_token");
    bound.shown(&dpop).header("DPoP", &good).await.ok();
}

#[tokio::test]
async fn dp_1_what_is_only_unusual_opens() {
    let house = sqlite().await;
    let mut bound = Bound::confidential(&house).await;
    let token = bound.tokens().await.access_token;
    let now = bound.now().timestamp();
    let url = bound.url(paths::USERINFO);
    for options in [
        claims(json!({ "htu": format!("{url}?a=b") })),
        claims(json!({ "htu": format!("{url}#here") })),
        claims(json!({ "htu": url.replace("http://localhost", "HTTP://LocalHost") })),
        claims(json!({ "iat": now - 10 })),
        claims(json!({ "iat": now + 10 })),
        claims(json!({ "nbf": now, "exp": now + 60 })),
        claims(json!({ "more": [1] })),
    ] {
        bound.userinfo_with(&token, options).await.ok();
    }
    // The scheme in any case (RFC 9110 §11.1), the query of the request not in the proof.
    for scheme in ["dPoP", "DPOP", "dpop"] {
        let options = Options {
            access_token: Some(&token),
            ..Options::default()
        };
        let proof = bound.key.proof("GET", &url, options);
        let call = bound.shown(&format!("{scheme} {token}"));
        call.header("DPoP", &proof).await.ok();
    }
    let options = Options {
        access_token: Some(&token),
        ..Options::default()
    };
    let proof = bound.key.proof("POST", &url, options);
    let call = house
        .post(paths::USERINFO)
        .header("Authorization", &format!("DPoP {token}"));
    call.header("DPoP", &proof).await.ok();

    let bearer = bound.token(&[("grant_type", "refresh_token")]);
    drop(bearer);
    let code = bound.granted.code().await;
    let bearer = bound.exchange(&code).await.tokens().access_token;
    bound.shown(&format!("bEARER {bearer}")).await.ok();
}

both! {
    async fn dp_1_sixty_four_at_once_show_one_proof(db: Database) {
        let house = House::new(db).await;
        let mut bound = Bound::public(&house).await;
        let token = bound.tokens().await.access_token;
        let options = Options { access_token: Some(&token), ..Options::default() };
        let proof = bound.key.proof("GET", &bound.url(paths::USERINFO), options);
        let dpop = format!("DPoP {token}");
        let calls = (0..64).map(|_| bound.shown(&dpop).header("DPoP", &proof)).collect();
        let answers = at_once(calls).await;
        let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
        assert_eq!(won.len(), 1);
        for answer in lost {
            answer.dpop_error("invalid_dpop_proof");
        }
    }
}

/// RFC 9449 §7.1: a thief who has the token alone has nothing, and the other way round nobody takes
/// a token for bound that is not.
#[tokio::test]
async fn dp_1_the_scheme_says_whether_a_token_is_bound() {
    let house = sqlite().await;
    let mut bound = Bound::confidential(&house).await;
    let token = bound.tokens().await.access_token;
    let bearer = format!("Bearer {token}");
    bound.shown(&bearer).await.dpop_error("invalid_token");
    let options = Options {
        access_token: Some(&token),
        ..Options::default()
    };
    let proof = bound.key.proof("GET", &bound.url(paths::USERINFO), options);
    let answer = bound.shown(&bearer).header("DPoP", &proof).await;
    answer.dpop_error("invalid_token");
    let form = house
        .post(paths::USERINFO)
        .form(&[("access_token", &token)]);
    form.header("DPoP", &proof)
        .await
        .dpop_error("invalid_token");

    let code = bound.granted.code().await;
    let unbound = bound.exchange(&code).await.tokens().access_token;
    bound.userinfo(&unbound).await.dpop_error("invalid_token");

    // A good token of the wrong kind, or none that is ours.
    let mut wrong = token.clone();
    wrong.truncate(token.len() - 4);
    bound.userinfo(&wrong).await.dpop_error("invalid_token");
    let own = [("grant_type", "client_credentials")];
    let proof = bound.proof(Options::default());
    let own = bound
        .token(&own)
        .header("DPoP", &proof)
        .await
        .bound_tokens();
    let answer = bound.userinfo(&own.access_token).await;
    answer.is(403).has("WWW-Authenticate", |challenge| {
        challenge.starts_with("DPoP error=\"insufficient_scope\"")
            && challenge.contains("scope=\"openid\"")
    });
}

#[tokio::test]
async fn dp_1_one_token_in_one_way() {
    let house = sqlite().await;
    let mut bound = Bound::confidential(&house).await;
    let token = bound.tokens().await.access_token;
    for authorization in [
        format!("DPoP {token}, Bearer {token}"),
        format!("DPoP  {token}"),
        format!("DPoP {token} {token}"),
        "DPoP".to_owned(),
    ] {
        let answer = bound.shown(&authorization).await;
        answer.oauth_error(400, "invalid_request");
    }
    let two = bound
        .userinfo(&token)
        .header("Authorization", &format!("Bearer {token}"));
    two.await.oauth_error(400, "invalid_request");
    let mut query = bound.url(paths::USERINFO);
    query.push_str("?access_token=x");
    let path = query.trim_start_matches(house.app.config.server.issuer.as_str());
    let in_query = house
        .get(path)
        .header("Authorization", &format!("DPoP {token}"))
        .await;
    in_query.oauth_error(400, "invalid_request");

    // Both ways are offered to whoever sends nothing.
    let nothing = house.get(paths::USERINFO).await;
    nothing.bearer_error(401, "");
    nothing.has("WWW-Authenticate", |challenge| {
        challenge == r#"Bearer realm="doorward", DPoP algs="PS256 ES256 EdDSA""#
    });
}

/// RFC 8705 §3: a token that is bound to a certificate comes with that certificate.
#[tokio::test]
async fn a_token_bound_to_a_certificate_needs_it() {
    let house = House::with(Database::sqlite().await, |config| {
        config.server.client_certificate_header = Some("Client-Cert".to_owned());
        config.server.trusted_proxies = vec!["127.0.0.1".parse().expect("an address")];
    });
    let house = house.await;
    let mut bound = Bound::confidential(&house).await;
    change_client(&house, &bound.granted.rp, |client| {
        client.metadata.tls_client_certificate_bound_access_tokens = Some(true);
    })
    .await;
    let certificate = || {
        let made = rcgen::generate_simple_self_signed(["app.example".to_owned()]);
        made.expect("a certificate").cert.pem().replace('\n', " ")
    };
    let (own, other) = (certificate(), certificate());
    let code = bound.granted.code().await;
    bound
        .exchange(&code)
        .await
        .oauth_error(400, "invalid_request");
    let tokens = bound
        .exchange(&code)
        .header("Client-Cert", own.trim())
        .await
        .tokens();
    let bearer = format!("Bearer {}", tokens.access_token);
    let shown = |certificate: &str| {
        bound
            .shown(&bearer)
            .header("Client-Cert", certificate.trim())
    };
    shown(&own).await.ok();
    shown(&other).await.bearer_error(401, "invalid_token");
    bound
        .shown(&bearer)
        .await
        .bearer_error(401, "invalid_token");
    let told = bound.granted.introspected(&tokens.access_token);
    let told = told.await.ok();
    assert_eq!(told["token_type"], "Bearer");
    assert!(told["cnf"]["x5t#S256"].is_string() && told["cnf"].get("jkt").is_none());
}
