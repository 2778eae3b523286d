//! A JSON object each member of which is there once. Of two who read a member that is there twice,
//! one may take the first and the other the last (RFC 7515 §4, RFC 8725 §2.4).

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor},
};
use serde_json::{Map, Value};

/// Reads an object, and nothing that writes a member twice.
#[derive(Clone, Debug, PartialEq)]
pub struct Once(pub Map<String, Value>);

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Once;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object whose members are there once")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut all: A) -> Result<Once, A::Error> {
                let mut members = Map::new();
                while let Some((name, value)) = all.next_entry::<String, Value>()? {
                    if members.contains_key(&name) {
                        return Err(A::Error::custom("a member is there twice"));
                    }
                    members.insert(name, value);
                }
                Ok(Once(members))
            }
        }

        deserializer.deserialize_map(Members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_that_is_there_twice_is_refused() {
        let read = |json: &str| serde_json::from_str::<Once>(json);
        assert_eq!(read(r#"{"a":1,"b":[]}"#).unwrap().0.len(), 2);
        // Also if both are the same, or are written otherwise.
        for twice in [r#"{"a":1,"a":1}"#, r#"{"a":1,"b":2,"\u0061":3}"#, "[]", "1"] {
            assert!(read(twice).is_err(), "{twice}");
        }
    }
}
