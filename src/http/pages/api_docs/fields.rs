//! Schemas of the document as lists of fields to read.

use serde::Serialize;
use serde_json::{Map, Value};

use super::text;

/// How deep a field of a field is shown.
const DEPTH: usize = 3;

/// One field of a body, or one parameter.
#[derive(Debug, Serialize)]
pub struct Field {
    name: String,
    /// Where a parameter stands, or in which form of the body a field does.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
    kind: String,
    required: bool,
    description: String,
}

/// A parameter of an operation.
pub fn parameter(document: &Value, of: &Value) -> Field {
    Field {
        name: text(&of["name"]),
        place: Some(text(&of["in"])),
        kind: kind(&whole(document, &of["schema"])),
        required: of["required"] == true,
        description: text(&of["description"]),
    }
}

/// The fields of a schema, those of inner objects by their whole name.
pub fn fields(document: &Value, schema: &Value) -> Vec<Field> {
    let mut found = Vec::new();
    collect(document, schema, "", DEPTH, &mut found);
    found
}

/// What a `$ref` points to, or the value itself.
pub fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let to = value["$ref"].as_str();
    let found = to.and_then(|to| document.pointer(to.trim_start_matches('#')));
    found.unwrap_or(value)
}

fn collect(document: &Value, schema: &Value, prefix: &str, depth: usize, found: &mut Vec<Field>) {
    let mut schema = whole(document, schema);
    if prefix.is_empty() && schema["type"] == "array" {
        schema = whole(document, &schema["items"]);
    }
    if let Some(forms) = schema["oneOf"].as_array() {
        found.extend(alternatives(document, &schema, forms, prefix, depth));
    }
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let of = whole(document, field);
        let whole_name = format!("{prefix}{name}");
        found.push(Field {
            name: whole_name.clone(),
            place: None,
            kind: kind(&of),
            required: required.iter().any(|one| one == name),
            description: text(&of["description"]),
        });
        if depth > 1 {
            match of["type"] == "array" {
                true => collect(
                    document,
                    &of["items"],
                    &format!("{whole_name}[]."),
                    depth - 1,
                    found,
                ),
                false => collect(document, &of, &format!("{whole_name}."), depth - 1, found),
            }
        }
    }
}

/// The fields of a schema that has one of several forms. A field that means the same in some of them
/// comes once, with these forms, unless they are all.
fn alternatives(
    document: &Value,
    schema: &Value,
    forms: &[Value],
    prefix: &str,
    depth: usize,
) -> Vec<Field> {
    let mut all: Vec<(Field, Vec<String>)> = Vec::new();
    for form in forms {
        let mut own = Vec::new();
        collect(document, form, prefix, depth, &mut own);
        for field in own {
            let same = |(known, _): &&mut (Field, _)| {
                known.name == field.name && known.description == field.description
            };
            match all.iter_mut().find(same) {
                Some((known, words)) => {
                    known.join(field);
                    words.push(word_of(schema, form));
                }
                None => all.push((field, vec![word_of(schema, form)])),
            }
        }
    }
    let placed = all.into_iter().map(|(field, words)| Field {
        place: (words.len() < forms.len()).then(|| format!("with {}", words.join(" or "))),
        ..field
    });
    placed.collect()
}

/// The value of the discriminator that chooses `form`.
fn word_of(schema: &Value, form: &Value) -> String {
    let words = schema["discriminator"]["mapping"].as_object();
    let own = words
        .into_iter()
        .flatten()
        .find(|(_, to)| **to == form["$ref"]);
    own.map(|(word, _)| word.to_owned()).unwrap_or_default()
}

impl Field {
    /// Takes in the same field of another form.
    fn join(&mut self, other: Self) {
        if self.kind != other.kind {
            self.kind = format!("{} | {}", self.kind, other.kind);
        }
        self.required &= other.required;
    }
}

/// A schema with its references followed and the parts of its `allOf` laid over one another.
fn whole(document: &Value, schema: &Value) -> Value {
    let schema = resolved(document, schema);
    let Some(parts) = schema["allOf"].as_array() else {
        return schema.clone();
    };
    let mut all = Map::new();
    let own = schema.as_object().cloned().unwrap_or_default();
    let parts = parts
        .iter()
        .map(|part| whole(document, part))
        .chain([Value::Object(own)]);
    for (name, value) in parts.flat_map(|part| part.as_object().cloned().unwrap_or_default()) {
        lay(&mut all, name, value);
    }
    all.remove("allOf");
    Value::Object(all)
}

fn lay(over: &mut Map<String, Value>, name: String, value: Value) {
    match (over.get_mut(&name), value) {
        (Some(Value::Object(known)), Value::Object(more)) => {
            for (name, value) in more {
                lay(known, name, value);
            }
        }
        (Some(Value::Array(known)), Value::Array(more)) if name == "required" => known.extend(more),
        (_, value) => {
            over.insert(name, value);
        }
    }
}

/// The type in words.
fn kind(schema: &Value) -> String {
    let plain = |schema: &Value| match (schema["type"].as_str(), schema["format"].as_str()) {
        (Some("string"), Some("date-time")) => "date and time".to_owned(),
        (Some("string"), Some(format)) => format.to_owned(),
        (Some(kind), _) => kind.to_owned(),
        (None, _) => "any".to_owned(),
    };
    let mut kind = match schema["type"] == "array" {
        true => format!("list of {}", plain(&schema["items"])),
        false => plain(schema),
    };
    let words: Vec<&str> = schema["enum"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    if !words.is_empty() {
        kind = words.join(" | ");
    }
    if schema["nullable"] == true {
        kind.push_str(" or null");
    }
    kind
}
