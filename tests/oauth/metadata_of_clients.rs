//! Metadata of clients: the grants, the ways to authenticate and the algorithms that discovery lists
//! are those that are taken, and no others (RFC 8414 §2).

use doorward::paths;
use entity::value::{ClientAuthMethod, GrantType, SigningAlg};
use sea_orm::Iterable;

use super::{
    granted::{Granted, change_client, sqlite},
    jwt::Jwt,
    metadata::listed,
};
use crate::support::rp::Rp;

#[tokio::test]
async fn grant_types_are_those_that_are_taken() {
    let house = sqlite().await;
    let mut granted = Granted::confidential(&house).await;
    let refresh_token = granted
        .tokens()
        .await
        .refresh_token
        .expect("a refresh token");
    let code = granted.code().await;
    let grants = listed(&house, "grant_types_supported").await;
    for grant in &grants {
        let answer = match grant.as_str() {
            "authorization_code" => granted.rp.exchange(&code).await,
            "refresh_token" => granted.rp.refresh(&refresh_token).await,
            "client_credentials" => granted.rp.token(&[("grant_type", grant)]).await,
            // For the authorization endpoint; the others have tests of their own.
            "implicit" => continue,
            known => {
                let answer = granted.rp.token(&[("grant_type", known)]).await;
                let error = answer.json()["error"].clone();
                assert_ne!(error, "unsupported_grant_type", "{known}");
                continue;
            }
        };
        answer.tokens();
    }
    assert_eq!(grants.len(), GrantType::iter().count());
    for other in [
        "password",
        "implicit",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "Authorization_Code",
    ] {
        let form = [("grant_type", other), ("username", "a"), ("password", "b")];
        granted
            .rp
            .token(&form)
            .await
            .oauth_error(400, "unsupported_grant_type");
    }
}

#[tokio::test]
async fn authentication_methods_are_those_that_are_taken() {
    let house = sqlite().await;
    let confidential = Rp::confidential(&house).await;
    let public = Rp::public(&house).await;
    let secret = confidential.client_secret.clone().expect("a secret");
    for (path, list) in [
        (paths::TOKEN, "token_endpoint_auth_methods_supported"),
        (
            paths::INTROSPECT,
            "introspection_endpoint_auth_methods_supported",
        ),
        (paths::REVOKE, "revocation_endpoint_auth_methods_supported"),
    ] {
        let methods = listed(&house, list).await;
        let rest = [
            ("grant_type", "refresh_token"),
            ("refresh_token", "x"),
            ("token", "x"),
        ];
        // Those with a key have tests of their own.
        let known = ["client_secret_basic", "client_secret_post", "none"];
        for method in known {
            let call = house.post(path);
            let call = match method {
                "client_secret_basic" => call.basic(&confidential.client_id, &secret).form(&rest),
                "client_secret_post" => {
                    let id = ("client_id", confidential.client_id.as_str());
                    let own = [id, ("client_secret", secret.as_str())];
                    call.form(&[&own[..], &rest].concat())
                }
                _ => {
                    let own = [("client_id", public.client_id.as_str())];
                    call.form(&[&own[..], &rest].concat())
                }
            };
            let answer = call.await;
            if methods.iter().any(|own| own == method) {
                assert_ne!(answer.status, 401, "{path} {method}: {}", answer.told());
            } else {
                answer.client_401();
            }
        }
    }
    // The two that need a certificate are listed where one can be shown.
    let listed = listed(&house, "token_endpoint_auth_methods_supported").await;
    assert_eq!(listed.len(), ClientAuthMethod::iter().count() - 2);
}

#[tokio::test]
async fn signing_algorithms_are_those_that_sign() {
    let house = sqlite().await;
    let algs = listed(&house, "id_token_signing_alg_values_supported").await;
    assert!(
        algs.iter().any(|alg| alg == "RS256"),
        "every provider has it (§3): {algs:?}"
    );
    assert_eq!(algs.len(), SigningAlg::iter().count());
    let mut granted = Granted::confidential(&house).await;
    for alg in SigningAlg::iter() {
        assert!(algs.iter().any(|name| name == alg.name()));
        change_client(&house, &granted.rp, |client| {
            client.id_token_signed_response_alg = alg;
            client.access_token_signed_response_alg = alg;
        })
        .await;
        let tokens = granted.tokens().await;
        let id_token = tokens.id_token.expect("an ID token");
        Jwt::verified(
            &house,
            &id_token,
            &granted.rp.client_id,
            ("JWT", alg.name()),
        )
        .await;
        let issuer = &house.app.config.server.issuer;
        Jwt::verified(&house, &tokens.access_token, issuer, ("at+jwt", alg.name())).await;
        house
            .get(paths::USERINFO)
            .bearer(&tokens.access_token)
            .await
            .ok();
    }
}
