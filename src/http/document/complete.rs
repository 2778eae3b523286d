//! What the doors cannot say of themselves in the framework's words, taken from where it stands in
//! the code: query parameters, the answers that are read as bytes, who must prove what.

use poem_openapi::{registry::Registry, types::Type};
use serde_json::{Map, Value, json};

use super::claims;
use crate::{
    oauth::metadata::{EndpointAliases, Metadata},
    paths,
};

/// Completes the document that the framework made.
pub fn complete(document: &mut Value) {
    plain_content_types(document);
    responses(document);
    query_parameters(document, paths::AUTHORIZE);
    query_parameters(document, paths::END_SESSION);
    answers(document);
    health(document);
    security(document);
}

/// JSON has no charset (RFC 8259 §11), and a client that looks for `application/json` must find it.
fn plain_content_types(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            let plain = |(name, value): (String, Value)| {
                let name = name
                    .strip_suffix("; charset=utf-8")
                    .map(str::to_owned)
                    .unwrap_or(name);
                (name, value)
            };
            *fields = std::mem::take(fields).into_iter().map(plain).collect();
            fields.values_mut().for_each(plain_content_types);
        }
        Value::Array(all) => all.iter_mut().for_each(plain_content_types),
        _ => {}
    }
}

/// The doors share their lists of errors, and leave what goes without saying unsaid.
fn responses(document: &mut Value) {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    let operations = paths.flat_map(|(_, item)| item.as_object_mut().into_iter().flatten());
    for (_, operation) in operations {
        let has_body = operation.get("requestBody").is_some();
        let Some(responses) = operation["responses"].as_object_mut() else {
            continue;
        };
        if !has_body {
            responses.shift_remove("413");
        }
        for response in responses
            .values_mut()
            .filter(|one| one["description"] == "")
        {
            put(response, "description", json!("Done."));
        }
    }
}

/// An endpoint that takes the same by GET as by POST (OpenID Connect Core §3.1.2.1): the fields of
/// the form are the parameters of the query.
fn query_parameters(document: &mut Value, path: &str) {
    let content = &document["paths"][path]["post"]["requestBody"]["content"];
    let reference = &content["application/x-www-form-urlencoded"]["schema"]["$ref"];
    let form = reference
        .as_str()
        .and_then(|to| document.pointer(to.trim_start_matches('#')));
    let Some(form) = form.cloned() else {
        return;
    };
    let required = |name: &str| {
        let names = form["required"].as_array();
        names.is_some_and(|names| names.iter().any(|one| one == name))
    };
    let parameter = |(name, schema): (&String, &Value)| {
        let mut schema = schema.clone();
        let description = schema
            .as_object_mut()
            .and_then(|schema| schema.shift_remove("description"));
        json!({
            "name": name,
            "in": "query",
            "required": required(name),
            "description": description,
            "schema": schema,
        })
    };
    let fields = form["properties"].as_object().into_iter().flatten();
    let parameters: Vec<Value> = fields.map(parameter).collect();
    put(
        &mut document["paths"][path]["get"],
        "parameters",
        json!(parameters),
    );
}

/// The answers whose doors hand out a document or a set of claims.
fn answers(document: &mut Value) {
    let mut registry = Registry::new();
    Metadata::register(&mut registry);
    let key_set = json!({
        "type": "object",
        "description": "A JWK Set (RFC 7517 §5).",
        "required": ["keys"],
        "properties": { "keys": {
            "type": "array",
            "items": {
                "type": "object",
                "description": "A public key (RFC 7517 §4).",
                "required": ["kty", "kid", "use", "alg"],
                "properties": {
                    "kty": { "type": "string" },
                    "kid": { "type": "string" },
                    "use": { "type": "string", "enum": ["sig"] },
                    "alg": { "type": "string" },
                },
                "additionalProperties": { "type": "string" },
            },
        } },
    });
    let metadata = registry.schemas.get(&*Metadata::name());
    let schemas = &mut document["components"]["schemas"];
    put(schemas, "Claims", claims::schema());
    put(schemas, "KeySet", key_set);
    put(schemas, "Metadata", json!(metadata));
    let aliases = registry.schemas.get(&*EndpointAliases::name());
    put(schemas, "EndpointAliases", json!(aliases));
    for (path, method, schema) in [
        (paths::USERINFO, "get", "Claims"),
        (paths::USERINFO, "post", "Claims"),
        (paths::JWKS, "get", "KeySet"),
        ("/api/auth/jwks", "get", "KeySet"),
        (paths::DISCOVERY_OPENID, "get", "Metadata"),
        (paths::DISCOVERY_OAUTH, "get", "Metadata"),
    ] {
        let content = &mut document["paths"][path][method]["responses"]["200"]["content"];
        let to = json!({ "$ref": format!("#/components/schemas/{schema}") });
        put(&mut content["application/json"], "schema", to);
    }
}

/// The two endpoints for operators, which speak plain text.
fn health(document: &mut Value) {
    let text = |description| {
        let schema = json!({ "type": "string" });
        json!({ "description": description, "content": { "text/plain": { "schema": schema } } })
    };
    let endpoint = |id, summary, responses: Value| {
        json!({ "get": {
            "tags": ["Server"],
            "summary": summary,
            "responses": responses,
            "operationId": id,
        } })
    };
    let live = json!({ "200": text("It runs.") });
    let ready =
        json!({ "200": text("It is ready."), "503": text("The database does not answer.") });
    let paths = &mut document["paths"];
    put(
        paths,
        paths::LIVEZ,
        endpoint("livez", "Whether the process runs", live),
    );
    put(
        paths,
        paths::READYZ,
        endpoint("readyz", "Whether the process can do its work", ready),
    );
}

/// Where a client manages what it registered.
const REGISTERED: &str = "/oauth2/register/{client_id}";

/// Who must prove what at the protocol's endpoints. At ours, the doors say it.
fn security(document: &mut Value) {
    let schemes = &mut document["components"]["securitySchemes"];
    let basic = json!({
        "type": "http",
        "scheme": "basic",
        "description": "`client_id` and `client_secret`, each form-encoded first (RFC 6749 §2.3.1). \
            `client_secret_post`, the same two in the form, will do as well; a public client sends \
            its `client_id` in the form and nothing else.",
    });
    let bearer = json!({
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token (RFC 6750 §2).",
    });
    put(schemes, "client", basic);
    put(schemes, "accessToken", bearer);
    let registration = json!({
        "type": "http",
        "scheme": "bearer",
        "description": "The initial access token (RFC 7591 §1.2), where a client is registered; the \
            registration access token that it was given then (RFC 7592 §1.2), where it is managed.",
    });
    put(schemes, "registration", registration);
    let in_header = |scheme: &str| json!({ scheme: [] });
    let in_form = || json!({});
    for (path, method, ways) in [
        (
            paths::TOKEN,
            "post",
            json!([in_header("client"), in_form()]),
        ),
        (
            paths::REVOKE,
            "post",
            json!([in_header("client"), in_form()]),
        ),
        (paths::PAR, "post", json!([in_header("client"), in_form()])),
        (
            paths::INTROSPECT,
            "post",
            json!([in_header("client"), in_form()]),
        ),
        (
            paths::CLIENT_REGISTRATION,
            "post",
            json!([in_header("registration"), in_form()]),
        ),
        (REGISTERED, "get", json!([in_header("registration")])),
        (REGISTERED, "put", json!([in_header("registration")])),
        (REGISTERED, "delete", json!([in_header("registration")])),
        (paths::USERINFO, "get", json!([in_header("accessToken")])),
        (
            paths::USERINFO,
            "post",
            json!([in_header("accessToken"), in_form()]),
        ),
    ] {
        put(&mut document["paths"][path][method], "security", ways);
    }
}

fn put(place: &mut Value, name: &str, value: Value) {
    match place {
        Value::Object(fields) => {
            fields.insert(name.to_owned(), value);
        }
        _ => *place = Value::Object(Map::from_iter([(name.to_owned(), value)])),
    }
}
