//! Bare handlers: poem, and only the part of the work that nobody can leave out.

use doorward::crypto::jwt::{SigningPair, Typ};
use entity::value::SigningAlg;
use poem::{Endpoint, EndpointExt, Route, Server, endpoint::make_sync, listener::TcpAcceptor};
use serde_json::json;
use tokio::net::TcpListener;

/// Answers the same bytes.
pub async fn bytes(body: Vec<u8>) -> anyhow::Result<u16> {
    serve(make_sync(move |_| body.clone())).await
}

/// Makes one ES256 signature over claims like those of an access token.
pub async fn signature() -> anyhow::Result<u16> {
    let (pair, _) = SigningPair::generate(SigningAlg::ES256)?;
    let claims = json!({
        "iss": "http://localhost:8080", "sub": "client:0192f0c1-0000-7000-8000-000000000000",
        "aud": "http://localhost:8080", "jti": "0123456789abcdefghijkl",
        "client_id": "0192f0c1-0000-7000-8000-000000000000", "iat": 1, "exp": 301,
    });
    serve(make_sync(move |_| {
        pair.sign(Typ::AccessToken, &claims).unwrap_or_default()
    }))
    .await
}

/// Serves on a free port of loopback until the program ends.
pub async fn serve<E: Endpoint + 'static>(endpoint: E) -> anyhow::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    let acceptor = TcpAcceptor::from_tokio(listener)?;
    let routes = Route::new().nest("/", endpoint.map_to_response());
    tokio::spawn(Server::new_with_acceptor(acceptor).run(routes));
    Ok(port)
}
