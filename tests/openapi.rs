//! Openapi: the document in the repository is what the code makes, and is whole.

use std::{
    collections::{BTreeSet, HashSet},
    fs,
};

use doorward::{http::document::document, openapi};
use serde_json::{Map, Value};

/// Every operation: path, method, what is said of it.
fn operations() -> Vec<(&'static str, &'static str, &'static Value)> {
    let paths = document()["paths"].as_object().expect("paths");
    let all = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().expect("a path item");
        methods
            .iter()
            .map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    });
    all.collect()
}

/// Every object of the document, however deep.
fn objects<'a>(value: &'a Value, found: &mut Vec<&'a Map<String, Value>>) {
    match value {
        Value::Object(fields) => {
            found.push(fields);
            fields.values().for_each(|value| objects(value, found));
        }
        Value::Array(all) => all.iter().for_each(|value| objects(value, found)),
        _ => {}
    }
}

fn all_objects() -> Vec<&'static Map<String, Value>> {
    let mut found = Vec::new();
    objects(document(), &mut found);
    found
}

#[test]
fn the_file_is_what_the_code_makes() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.yaml");
    let file = fs::read_to_string(path).unwrap_or_default();
    assert!(
        file == openapi::document_yaml(),
        "openapi.yaml is not what the code makes: run `cargo run -- openapi > openapi.yaml` and \
         look at the difference"
    );
}

#[test]
fn the_yaml_says_what_the_json_says() {
    let yaml: Value = serde_yaml::from_str(&openapi::document_yaml()).expect("YAML");
    assert_eq!(yaml, openapi::document());
}

#[test]
fn it_is_openapi_3_0() {
    let json = openapi::document();
    assert_eq!(json["openapi"], "3.0.0");
    let read: openapiv3::OpenAPI = serde_json::from_value(json).expect("OpenAPI 3.0");
    assert_eq!(read.info.title, "Doorward");
    assert_eq!(read.info.version, env!("CARGO_PKG_VERSION"));
    assert_eq!(read.operations().count(), operations().len());
    // What the reader of the format does not know ends up among the extensions.
    for (path, method, operation) in read.operations() {
        assert!(
            operation.extensions.is_empty(),
            "{method} {path}: {:?}",
            operation.extensions
        );
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_is_used() {
    let mut used = BTreeSet::new();
    for to in all_objects()
        .iter()
        .filter_map(|object| object.get("$ref")?.as_str())
    {
        let pointer = to.strip_prefix('#').expect("a reference into the document");
        assert!(document().pointer(pointer).is_some(), "{to} leads nowhere");
        used.insert(to.rsplit('/').next().unwrap_or_default());
    }
    let schemas = document()["components"]["schemas"]
        .as_object()
        .expect("schemas");
    let named: BTreeSet<&str> = schemas.keys().map(String::as_str).collect();
    assert_eq!(named, used);
}

#[test]
fn every_operation_has_one_name_a_tag_and_a_summary() {
    let tags = document()["tags"].as_array().expect("tags");
    let tags: HashSet<&Value> = tags.iter().map(|tag| &tag["name"]).collect();
    let mut names = HashSet::new();
    for (path, method, operation) in operations() {
        let name = operation["operationId"].as_str().unwrap_or_default();
        assert!(
            !name.is_empty() && names.insert(name),
            "{method} {path}: {name:?}"
        );
        assert!(operation["summary"].is_string(), "{method} {path}");
        let own = operation["tags"].as_array().expect("tags");
        assert!(
            !own.is_empty() && own.iter().all(|tag| tags.contains(tag)),
            "{method} {path}"
        );
        for response in operation["responses"]
            .as_object()
            .expect("responses")
            .values()
        {
            assert!(response["description"].is_string(), "{method} {path}");
        }
    }
}

#[test]
fn every_error_has_the_face_of_its_area() {
    // The endpoints that a browser visits answer people with pages.
    let visited = ["/oauth2/authorize", "/oauth2/logout"];
    for (path, method, operation) in operations() {
        let (media, schema) = match path {
            path if visited.contains(&path) => ("text/html", None),
            path if path.starts_with("/oauth2/") => ("application/json", Some("ErrorBody")),
            path if path.starts_with("/api/") => ("application/problem+json", Some("Problem")),
            _ => continue,
        };
        for (status, response) in operation["responses"].as_object().expect("responses") {
            if !status.starts_with(['4', '5']) {
                continue;
            }
            let content = &response["content"][media];
            assert!(content.is_object(), "{method} {path} {status}: no {media}");
            if let Some(schema) = schema {
                let to = format!("#/components/schemas/{schema}");
                let whole = content["schema"].to_string();
                assert!(whole.contains(&to), "{method} {path} {status}: {whole}");
            }
        }
    }
}

#[test]
fn every_scheme_that_is_asked_for_is_described() {
    let schemes = document()["components"]["securitySchemes"]
        .as_object()
        .expect("schemes");
    let mut used = BTreeSet::new();
    for (path, method, operation) in operations() {
        for way in operation["security"].as_array().into_iter().flatten() {
            for name in way.as_object().expect("a requirement").keys() {
                assert!(schemes.contains_key(name), "{method} {path}: {name}");
                used.insert(name);
            }
        }
    }
    assert_eq!(used, schemes.keys().collect());
}
