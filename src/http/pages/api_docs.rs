//! `/api/docs`: the OpenAPI document as a page to read, without a script.

mod fields;

use poem::http::StatusCode;
use serde::Serialize;
use serde_json::Value;

use crate::http::{
    document::document,
    kit::page::{Page, Shown, Visit},
};
use fields::{Field, fields, parameter, resolved};

/// Holds the page; it changes only with the program.
pub struct ApiDocs(Reference);

/// The context of `pages/api_docs.html`.
#[derive(Debug, Serialize)]
struct Reference {
    title: String,
    version: String,
    description: String,
    tags: Vec<Tag>,
}

#[derive(Debug, Serialize)]
struct Tag {
    name: String,
    description: String,
    operations: Vec<Operation>,
}

#[derive(Debug, Serialize)]
struct Operation {
    id: String,
    method: String,
    path: String,
    summary: String,
    description: String,
    access: Option<&'static str>,
    parameters: Vec<Field>,
    body: Option<Body>,
    responses: Vec<Answer>,
}

#[derive(Debug, Serialize)]
struct Body {
    content_type: String,
    fields: Vec<Field>,
}

#[derive(Debug, Serialize)]
struct Answer {
    status: String,
    description: String,
    content_type: Option<String>,
    fields: Vec<Field>,
}

impl Page for ApiDocs {
    async fn show(&self, visit: Visit) -> Shown {
        visit.render(StatusCode::OK, "pages/api_docs.html", &self.0)
    }
}

impl ApiDocs {
    pub fn open() -> Self {
        let document = document();
        let info = &document["info"];
        let tags = document["tags"].as_array().into_iter().flatten();
        Self(Reference {
            title: text(&info["title"]),
            version: text(&info["version"]),
            description: text(&info["description"]),
            tags: tags.map(|one| tag(document, one)).collect(),
        })
    }
}

fn tag(document: &Value, tag: &Value) -> Tag {
    let name = &tag["name"];
    let paths = document["paths"].as_object().into_iter().flatten();
    let all = paths.flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten();
        methods.map(move |(method, operation)| (path, method, operation))
    });
    let own = all.filter(|(_, _, operation)| {
        operation["tags"]
            .as_array()
            .is_some_and(|tags| tags.contains(name))
    });
    Tag {
        name: text(name),
        description: text(&tag["description"]),
        operations: own
            .map(|(path, method, one)| operation(document, path, method, one))
            .collect(),
    }
}

fn operation(document: &Value, path: &str, method: &str, of: &Value) -> Operation {
    let body = resolved(document, &of["requestBody"]);
    let parameters = of["parameters"].as_array().into_iter().flatten();
    let responses = of["responses"].as_object().into_iter().flatten();
    Operation {
        id: text(&of["operationId"]),
        method: method.to_owned(),
        path: path.to_owned(),
        summary: text(&of["summary"]),
        description: text(&of["description"]),
        access: access(&of["security"]),
        parameters: parameters.map(|one| parameter(document, one)).collect(),
        body: content(body).map(|(kind, schema)| Body {
            content_type: kind.to_owned(),
            fields: fields(document, schema),
        }),
        responses: responses
            .map(|(status, one)| answer(document, status, one))
            .collect(),
    }
}

fn answer(document: &Value, status: &str, of: &Value) -> Answer {
    let (content_type, schema) = content(of).unzip();
    let is_list = schema.is_some_and(|schema| schema["type"] == "array");
    Answer {
        status: status.to_owned(),
        description: text(&of["description"]),
        content_type: content_type.map(|kind| match is_list {
            true => format!("{kind}, a list of"),
            false => kind.to_owned(),
        }),
        fields: schema
            .map(|schema| fields(document, schema))
            .unwrap_or_default(),
    }
}

/// The content type and the schema of a body.
fn content(of: &Value) -> Option<(&str, &Value)> {
    let (kind, media) = of["content"].as_object()?.iter().next()?;
    Some((kind, &media["schema"]))
}

/// What a caller must prove, as a sentence.
fn access(security: &Value) -> Option<&'static str> {
    let ways = security.as_array()?;
    let schemes: Vec<Option<&str>> = ways
        .iter()
        .filter_map(|way| Some(way.as_object()?.keys().next().map(String::as_str)))
        .collect();
    Some(match schemes.as_slice() {
        [Some("session")] => "With the session cookie.",
        [Some("session"), None] => "With or without the session cookie.",
        [Some("client"), None] => "The client proves itself by HTTP Basic or in the form.",
        [Some("accessToken")] => "With an access token in the Authorization header.",
        [Some("accessToken"), None] => {
            "With an access token in the Authorization header or in the form."
        }
        _ => return None,
    })
}

/// A text with its paragraphs, and without the line breaks and marks that only the source needs.
fn text(value: &Value) -> String {
    let text = value.as_str().unwrap_or_default().replace('`', "");
    let paragraphs = text.split("\n\n").map(|one| one.replace('\n', " "));
    paragraphs.collect::<Vec<_>>().join("\n\n")
}
