//! What the providers publish, as their documentation has it.

use serde_json::{Value, json};

use super::standin::KEY;

/// The public half of the key under a name.
pub fn key(kid: &str) -> Value {
    changed(
        KEY.jwk.clone(),
        &json!({ "kid": kid, "alg": "RS256", "use": "sig" }),
    )
}

/// An answer in JSON.
pub fn said(status: &str, json: &Value) -> Vec<u8> {
    answer(status, "application/json; charset=utf-8", &json.to_string())
}

pub fn answer(status: &str, kind: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
    .into_bytes()
}

/// Google's own document, with its own endpoints.
pub fn discovery(origin: &str) -> Value {
    json!({
        "issuer": origin,
        "authorization_endpoint": format!("{origin}/o/oauth2/v2/auth"),
        "device_authorization_endpoint": format!("{origin}/device/code"),
        "token_endpoint": format!("{origin}/token"),
        "revocation_endpoint": format!("{origin}/revoke"),
        "jwks_uri": format!("{origin}/oauth2/v3/certs"),
        "response_types_supported": ["code", "token", "id_token", "code token", "none"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "claims_supported": ["aud", "email", "email_verified", "exp", "family_name", "given_name",
            "iat", "iss", "name", "picture", "sub"],
        "code_challenge_methods_supported": ["plain", "S256"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
    })
}

/// `GET /user`, as GitHub documents it.
pub fn user() -> Value {
    json!({
        "login": "ada-l", "id": 583231, "node_id": "MDQ6VXNlcjU4MzIzMQ==",
        "avatar_url": "https://avatars.githubusercontent.com/u/583231?v=4",
        "html_url": "https://github.com/ada-l", "type": "User", "site_admin": false,
        "name": "Ada Lovelace", "company": null, "blog": "https://ada.example/",
        "location": "London", "email": "somebody-else@example.com", "hireable": null, "bio": null,
        "created_at": "2011-01-25T18:44:36Z", "updated_at": "2026-01-25T18:44:36Z",
    })
}

/// `GET /user/emails`.
pub fn emails() -> Value {
    json!([
        { "email": "other@example.com", "primary": false, "verified": true, "visibility": null },
        { "email": "ada@example.com", "primary": true, "verified": true, "visibility": "private" },
    ])
}

/// `object` with these members replaced; null takes out, and `{"null": true}` is null.
pub fn changed(mut object: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().into_iter().flatten() {
        match value {
            Value::Null => drop(object.as_object_mut().map(|object| object.remove(name))),
            value if *value == json!({ "null": true }) => object[name] = Value::Null,
            value => object[name] = value.clone(),
        }
    }
    object
}
