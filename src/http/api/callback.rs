//! The fields of a request that name a place to go on to afterwards.

use serde_json::{Map, Value};

use crate::{
    config::Config,
    http::kit::{
        callback::is_trusted,
        problem::{Code, Problem},
    },
    oauth::params::Params,
};

/// The fields, in whichever request they come.
const FIELDS: [(&str, Code); 4] = [
    ("callbackURL", Code::InvalidCallbackUrl),
    ("redirectTo", Code::InvalidRedirectUrl),
    ("errorCallbackURL", Code::InvalidErrorCallbackUrl),
    ("newUserCallbackURL", Code::InvalidNewUserCallbackUrl),
];

/// Checks every such field of a request before anything is done, also where it would not be used:
/// a page that passes it on to another one must find it checked.
pub fn check(config: &Config, query: &Params, body: &Map<String, Value>) -> Result<(), Problem> {
    for (name, code) in FIELDS {
        let in_body = match body.get(name) {
            None | Some(Value::Null) => None,
            // Empty is how some front ends say that there is none.
            Some(Value::String(text)) => Some(text.as_str()).filter(|text| !text.is_empty()),
            Some(_) => {
                // The contract's own word for it.
                let said = name.replace("redirectTo", "redirectURL");
                let detail = format!("Invalid {said}: expected a string");
                return Err(Problem::new(Code::ValidationError, detail));
            }
        };
        if in_body
            .into_iter()
            .chain(query.raw(name))
            .any(|url| !is_trusted(config, url))
        {
            return Err(code.into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_checked_in_body_and_query() {
        let config = Config::default();
        for (name, code) in FIELDS {
            let body = |value: Value| Map::from_iter([(name.to_owned(), value)]);
            let (none, bad) = (Params::default(), "https://evil.example");
            let refused =
                |query: &Params, body| check(&config, query, &body).map_err(|problem| problem.code);
            assert_eq!(refused(&none, body("/a".into())), Ok(()));
            assert_eq!(refused(&none, body(Value::Null)), Ok(()));
            assert_eq!(refused(&none, body("".into())), Ok(()));
            assert_eq!(refused(&none, body(bad.into())), Err(code));
            assert_eq!(refused(&none, body(1.into())), Err(Code::ValidationError));
            assert_eq!(
                refused(&Params::from_iter([(name, bad)]), Map::new()),
                Err(code)
            );
        }
    }
}
