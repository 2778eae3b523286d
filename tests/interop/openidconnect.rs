//! Relying party: one that we did not write, the `openidconnect` crate, against the running binary:
//! discovery, sign-in, verification, userinfo, refresh, logout.

use entity::value::SigningAlg;
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest,
    HttpResponse, IssuerUrl, LogoutRequest, Nonce, OAuth2TokenResponse, PkceCodeChallenge,
    PostLogoutRedirectUrl, ProviderMetadataWithLogout, RedirectUrl, Scope, TokenResponse,
    core::{CoreAuthenticationFlow, CoreClient, CoreJwsSigningAlgorithm, CoreUserInfoClaims},
};
use url::Url;

use crate::{
    oauth::granted::change_client,
    support::{binary::Binary, database::both, house::House, rp::Rp},
};

const GOODBYE: &str = "https://app.example/goodbye";

/// Sends what the crate wants to be sent.
async fn http(request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let client = reqwest::Client::builder()
        // A relying party that followed redirects could be led anywhere.
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    let answer = client.execute(request.try_into()?).await?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let mut response = HttpResponse::new(answer.bytes().await?.to_vec());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

/// A person signs in at the house for a client that the crate is.
async fn sign_in(house: &House, rp: &Rp<'_>) {
    let issuer = house.app.config.server.issuer.clone();
    let issuer = IssuerUrl::new(issuer).expect("an issuer");
    let metadata = ProviderMetadataWithLogout::discover_async(issuer, &http).await;
    let metadata = metadata.expect("discovery");
    let algs = metadata.id_token_signing_alg_values_supported().clone();
    assert!(algs.contains(&CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256));
    let goodbye = metadata.additional_metadata().end_session_endpoint.clone();
    let client = CoreClient::from_provider_metadata(
        metadata,
        ClientId::new(rp.client_id.clone()),
        rp.client_secret.clone().map(ClientSecret::new),
    )
    .set_redirect_uri(RedirectUrl::new(rp.redirect_uri.clone()).expect("a redirect URI"));

    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (url, state, nonce) = client
        .authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            CsrfToken::new_random,
            Nonce::new_random,
        )
        .add_scopes(["email", "profile", "offline_access"].map(|word| Scope::new(word.to_owned())))
        .set_pkce_challenge(challenge)
        .url();
    let mut browser = house.browser();
    browser.get_from_stranger(url.as_str()).await;
    browser.follow().await.shown(200, "Sign in");
    let person = house.person().await;
    let typed = [("email", person.email), ("password", person.password)];
    browser.submit("#login-form", &typed).await;
    browser.follow().await;
    let answer = browser.submit("#consent-approve", &[]).await;
    let code = answer.code();
    let back = answer.location().expect("a Location");
    let returned = back.query_pairs().find(|(name, _)| name == "state");
    assert_eq!(returned.expect("a state").1, state.secret().as_str());

    let request = client
        .exchange_code(AuthorizationCode::new(code))
        .expect("a token endpoint");
    let tokens = request
        .set_pkce_verifier(verifier)
        .request_async(&http)
        .await;
    let tokens = tokens.expect("tokens");
    let rules = client.id_token_verifier().set_allowed_algs(algs);
    let id_token = tokens.id_token().expect("an ID token");
    let claims = id_token
        .claims(&rules, &nonce)
        .expect("an ID token that verifies");
    let hash = AccessTokenHash::from_token(
        tokens.access_token(),
        id_token.signing_alg().expect("an algorithm"),
        id_token.signing_key(&rules).expect("a key"),
    );
    assert_eq!(claims.access_token_hash(), Some(&hash.expect("a hash")));
    assert!(
        id_token.claims(&rules, &Nonce::new_random()).is_err(),
        "another nonce"
    );

    let subject = claims.subject().clone();
    let request = client.user_info(tokens.access_token().clone(), Some(subject.clone()));
    let userinfo: Result<CoreUserInfoClaims, _> = request
        .expect("a userinfo endpoint")
        .request_async(&http)
        .await;
    let userinfo = userinfo.expect("userinfo");
    assert_eq!(
        userinfo.email().map(|email| email.as_str()),
        Some(person.email)
    );
    assert_eq!(userinfo.email_verified(), Some(true));

    let refresh_token = tokens.refresh_token().expect("a refresh token");
    let request = client
        .exchange_refresh_token(refresh_token)
        .expect("a token endpoint");
    let fresh = request.request_async(&http).await.expect("fresh tokens");
    assert_ne!(
        fresh.access_token().secret(),
        tokens.access_token().secret()
    );
    let again = fresh
        .id_token()
        .expect("an ID token")
        .claims(&rules, |_: Option<&Nonce>| Ok(()));
    assert_eq!(
        again.expect("an ID token that verifies").subject(),
        &subject
    );

    let leave: Url = LogoutRequest::from(goodbye.expect("an end-session endpoint"))
        .set_id_token_hint(id_token)
        .set_post_logout_redirect_uri(
            PostLogoutRedirectUrl::new(GOODBYE.to_owned()).expect("a URL"),
        )
        .http_get_url();
    let left = browser.get_from_stranger(leave.as_str()).await.location();
    assert_eq!(left.expect("a Location").as_str(), GOODBYE);
    browser.get_from_stranger(url.as_str()).await;
    browser.follow().await.shown(200, "Sign in");
}

both! {
    async fn a_confidential_client_of_the_openidconnect_crate(db: Database) {
        let running = Binary::start(db).await;
        let house = &running.house;
        let rp = Rp::with(house, |new| {
            new.post_logout_redirect_uris = vec![GOODBYE.to_owned()];
        })
        .await;
        sign_in(house, &rp).await;
    }

    async fn a_public_client_of_the_openidconnect_crate(db: Database) {
        let running = Binary::start(db).await;
        let house = &running.house;
        let rp = Rp::with(house, |new| {
            new.public = true;
            new.post_logout_redirect_uris = vec![GOODBYE.to_owned()];
        })
        .await;
        sign_in(house, &rp).await;
    }

    async fn the_openidconnect_crate_verifies_es256(db: Database) {
        let running = Binary::start(db).await;
        let house = &running.house;
        let rp = Rp::with(house, |new| {
            new.post_logout_redirect_uris = vec![GOODBYE.to_owned()];
        })
        .await;
        change_client(house, &rp, |client| {
            client.id_token_signed_response_alg = SigningAlg::ES256;
        })
        .await;
        sign_in(house, &rp).await;
    }
}
