//! The body of a request to the API: JSON, or at some doors a form, whose fields are checked against what the document says of
//! them. Reading never fails by itself, so that the door can answer with a problem.

use std::{fmt, marker::PhantomData};

use poem::{Request, RequestBody, Result, http::header};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef, Registry},
    types::{ParseFromJSON, Type},
};
use serde_json::{Map, Value};

use super::{address::EMAIL, callback};
use crate::{
    accounts::email,
    app::App,
    http::kit::{
        body::{self, FormError},
        problem::{Code, Problem},
    },
    oauth::params::Params,
};

/// A body that holds a `T`; as a form too if `FORM`.
pub struct JsonBody<T, const FORM: bool = false> {
    /// No body at all is none.
    read: Result<(Option<Value>, Params), Problem>,
    kind: PhantomData<fn() -> T>,
}

impl<T: ParseFromJSON, const FORM: bool> JsonBody<T, FORM> {
    /// What was sent, once every place that it names is known to be trusted.
    pub fn take(self, app: &App) -> Result<T, Problem> {
        let (json, query) = self.read?;
        let schema = schema_of::<T>();
        let fields = match json {
            None if schema.required.is_empty() => Map::new(),
            Some(Value::Object(fields)) => fields,
            other => {
                let issue = issue("body", "object", other.as_ref());
                return Err(Problem::new(Code::ValidationError, issue));
            }
        };
        callback::check(&app.config, &query, &fields)?;
        let issues = issues(&schema, &fields);
        if !issues.is_empty() {
            return Err(Problem::new(Code::ValidationError, issues.join("; ")));
        }
        T::parse_from_json(Some(Value::Object(fields)))
            .map_err(|_| Problem::new(Code::ValidationError, "[body] Invalid input"))
    }
}

/// Reads a body that says that it is JSON. Nothing else is read: a form, or text, could be sent by
/// any page of any site without asking first (Fetch §CORS-safelisted request-header). A form is read
/// where somebody signs in or up and every request has to say which page it came from.
async fn read(
    request: &Request,
    body: &mut RequestBody,
    takes_forms: bool,
) -> Result<(Option<Value>, Params), Problem> {
    let bytes = body::bytes(request, body)
        .await
        .map_err(|error| match error {
            FormError::TooLong => Problem::from(Code::PayloadTooLarge),
            _ => Problem::new(Code::BadRequest, "The body was cut off"),
        })?;
    let query = body::query(request)
        .map_err(|error| Problem::new(Code::ValidationError, format!("[query] {error}")))?;
    let mut types = request.headers().get_all(header::CONTENT_TYPE).iter();
    let kind = match (types.next(), types.next()) {
        (None, _) if bytes.is_empty() => return Ok((None, query)),
        (None, _) => "",
        (Some(one), None) => one.to_str().unwrap_or("?"),
        (Some(_), Some(_)) => "several",
    };
    let parsed = kind.parse::<mime::Mime>();
    let essence = parsed.as_ref().map_or("", mime::Mime::essence_str);
    let is_form = takes_forms && essence == AS_FORM;
    if essence != AS_JSON && !is_form {
        let kind: String = kind.chars().take(100).collect();
        let allowed = match takes_forms {
            true => format!("{AS_FORM}, {AS_JSON}"),
            false => AS_JSON.to_owned(),
        };
        let detail = format!("Content-Type \"{kind}\" is not allowed. Allowed types: {allowed}");
        return Err(Problem::new(Code::UnsupportedMediaType, detail));
    }
    if bytes.is_empty() {
        return Ok((None, query));
    }
    if is_form {
        let form = Params::parse(&bytes)
            .map_err(|error| Problem::new(Code::ValidationError, format!("[body] {error}")))?;
        let fields = form
            .iter()
            .map(|(name, value)| (name.to_owned(), value.into()));
        return Ok((Some(Value::Object(fields.collect())), query));
    }
    // The error of the parser could quote what was sent.
    let json = serde_json::from_slice(&bytes)
        .map_err(|_| Problem::new(Code::BadRequest, "Invalid JSON in request body"))?;
    Ok((Some(json), query))
}

const AS_JSON: &str = "application/json";
const AS_FORM: &str = "application/x-www-form-urlencoded";

/// What is wrong with the fields, in the words that Better Auth clients know. Fields that the
/// schema does not name are nobody's business.
fn issues(schema: &MetaSchema, fields: &Map<String, Value>) -> Vec<String> {
    let wrong = |(name, of): &(&'static str, MetaSchemaRef)| {
        let MetaSchemaRef::Inline(of) = of else {
            return None;
        };
        let value = fields.get(*name);
        let absent = value.is_none_or(Value::is_null) && !schema.required.contains(name);
        let fits = absent || of.ty.is_empty() || kind(value) == of.ty;
        if !fits {
            return Some(issue(&format!("body.{name}"), of.ty, value));
        }
        let text = value.and_then(Value::as_str).unwrap_or_default();
        let is_address = of.format != Some(EMAIL) || absent || email::canonical(text).is_ok();
        (!is_address).then(|| format!("[body.{name}] Invalid email address"))
    };
    schema.properties.iter().filter_map(wrong).collect()
}

fn issue(place: &str, expected: &str, value: Option<&Value>) -> String {
    format!(
        "[{place}] Invalid input: expected {expected}, received {}",
        kind(value)
    )
}

fn kind(value: Option<&Value>) -> &'static str {
    match value {
        None => "undefined",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "boolean",
        Some(Value::Number(_)) => "number",
        Some(Value::String(_)) => "string",
        Some(Value::Array(_)) => "array",
        Some(Value::Object(_)) => "object",
    }
}

/// What the document says of `T`.
fn schema_of<T: Type>() -> MetaSchema {
    let mut registry = Registry::new();
    registry.create_fake_schema::<T>()
}

impl<T, const FORM: bool> fmt::Debug for JsonBody<T, FORM> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JsonBody(…)")
    }
}

impl<'a, T: Type, const FORM: bool> ApiExtractor<'a> for JsonBody<T, FORM> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(MetaRequest {
            description: None,
            content: [Some(AS_JSON), FORM.then_some(AS_FORM)]
                .into_iter()
                .flatten()
                .map(|content_type| MetaMediaType {
                    content_type,
                    schema: T::schema_ref(),
                })
                .collect(),
            required: !schema_of::<T>().required.is_empty(),
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> Result<Self> {
        Ok(Self {
            read: read(request, body, FORM).await,
            kind: PhantomData,
        })
    }
}

#[cfg(test)]
mod tests {
    use poem_openapi::Object;
    use serde_json::json;

    use super::*;

    #[derive(Object)]
    struct Sample {
        email: String,
        keep: Option<bool>,
        other: Option<Value>,
    }

    fn told(fields: Value) -> String {
        let fields = fields.as_object().cloned().unwrap_or_default();
        issues(&schema_of::<Sample>(), &fields).join("; ")
    }

    #[test]
    fn each_field_is_told_apart_and_none_is_quoted() {
        assert_eq!(told(json!({ "email": "a", "other": [1], "more": 1 })), "");
        assert_eq!(told(json!({ "email": "a", "keep": null })), "");
        assert_eq!(
            told(json!({})),
            "[body.email] Invalid input: expected string, received undefined"
        );
        assert_eq!(
            told(json!({ "email": null, "keep": "yes" })),
            "[body.email] Invalid input: expected string, received null; \
             [body.keep] Invalid input: expected boolean, received string"
        );
    }
}
