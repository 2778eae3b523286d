//! Contract: what the document says of an answer, held against the answer.

use doorward::http::document::document;
use serde_json::Value;

use crate::support::answer::Answer;

impl Answer {
    /// Where there is no endpoint: 404, without a word.
    #[track_caller]
    pub fn nothing(&self) -> &Self {
        self.is(404);
        assert!(self.body.is_empty(), "{}", self.told());
        self.has("Content-Type", str::is_empty)
    }

    /// A problem with this code, in the shape that both RFC 9457 and Better Auth clients read.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> Value {
        let problem = self.problem(status);
        assert_eq!(problem["code"], code, "{}", self.told());
        let kind = format!("urn:doorward:problem:{}", code.to_ascii_lowercase());
        assert_eq!(problem["type"], kind.as_str(), "{}", self.told());
        let text = |name: &str| problem[name].as_str().unwrap_or_default();
        assert!(
            !text("title").is_empty() && !text("detail").is_empty(),
            "{}",
            self.told()
        );
        assert_eq!(text("message"), text("detail"), "{}", self.told());
        assert_eq!(
            text("requestId"),
            self.header("X-Request-Id"),
            "{}",
            self.told()
        );
        assert!(!text("requestId").is_empty(), "{}", self.told());
        self.has("Cache-Control", |rule| rule == "no-store");
        self.has("Set-Cookie", str::is_empty);
        kept_by(self);
        problem
    }
}

/// Checks the body of an answer against its schema in the document; for paths and methods that the
/// document does not know, there is nothing to check.
#[track_caller]
pub fn kept_by(answer: &Answer) {
    let item = &document()["paths"][answer.url.path()];
    // No path of the API takes both.
    let operation = match item.get("post") {
        Some(operation) => operation,
        None => &item["get"],
    };
    if operation.is_null() || answer.status == 405 || is_nothing(answer) {
        return;
    }
    let response = &operation["responses"][answer.status.to_string()];
    assert!(
        response.is_object(),
        "not in the document: {}",
        answer.told()
    );
    if answer.body.is_empty() {
        assert_eq!(answer.status, 302, "{}", answer.told());
        return;
    }
    let kind = answer
        .header("Content-Type")
        .split(';')
        .next()
        .unwrap_or_default();
    let schema = &response["content"][kind]["schema"];
    assert!(
        schema.is_object(),
        "{kind} is not in the document: {}",
        answer.told()
    );
    if kind.ends_with("json") {
        let wrong = wrong(schema, &answer.json());
        assert!(wrong.is_empty(), "{wrong:?}: {}", answer.told());
    }
}

/// What there is where there is no endpoint.
fn is_nothing(answer: &Answer) -> bool {
    answer.status == 404 && answer.body.is_empty()
}

/// What is wrong with a value, by the parts of JSON Schema that the document uses.
fn wrong(schema: &Value, value: &Value) -> Vec<String> {
    if let Some(to) = schema["$ref"].as_str() {
        return wrong(document().pointer(&to[1..]).expect("a schema"), value);
    }
    if value.is_null() && schema["nullable"] == true {
        return vec![];
    }
    let parts = schema["allOf"].as_array().into_iter().flatten();
    let mut found: Vec<String> = parts.flat_map(|part| wrong(part, value)).collect();
    let fits = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_i64(),
        _ => true,
    };
    let listed = schema["enum"]
        .as_array()
        .is_none_or(|all| all.contains(value));
    let dated = schema["format"] != "date-time" || value.as_str().is_some_and(is_time);
    if !fits || !listed || !dated {
        found.push(format!("{value} is not {schema}"));
    }
    for name in schema["required"].as_array().into_iter().flatten() {
        if value.get(name.as_str().unwrap_or_default()).is_none() {
            found.push(format!("{name} is missing"));
        }
    }
    for (name, of) in schema["properties"].as_object().into_iter().flatten() {
        found.extend(
            value
                .get(name)
                .map(|value| wrong(of, value))
                .unwrap_or_default(),
        );
    }
    for item in value.as_array().into_iter().flatten() {
        found.extend(wrong(&schema["items"], item));
    }
    found
}

/// Exactly three fractional digits and `Z`.
fn is_time(text: &str) -> bool {
    let shape: String = text
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    shape == "0000-00-00T00:00:00.000Z"
}
