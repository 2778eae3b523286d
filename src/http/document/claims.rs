//! What userinfo answers, as a schema: one property for each row of the table of claims.

use chrono::DateTime;
use entity::{
    user,
    value::{Address, Role, StandardClaims},
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::tokens::claims::{CLAIMS, bought_by, every_scope};

/// The schema of the answer. The kind of a claim is the kind of what is read for a person of whom
/// everything is known.
pub fn schema() -> Value {
    let told = bought_by(&every_scope(), &known_person());
    let mut properties = Map::new();
    let sub = "The person, for as long as there is this account: the subject of every token.";
    properties.insert(
        "sub".to_owned(),
        json!({ "type": "string", "description": sub }),
    );
    for claim in CLAIMS {
        let mut property = kind(told.get(claim.name));
        property["description"] = json!(format!("{} (scope {})", claim.label, claim.scope));
        properties.insert(claim.name.to_owned(), property);
    }
    json!({
        "type": "object",
        "description": "The claims that the token's scope buys (OpenID Connect Core §5.1). What the \
            person has not said is left out.",
        "required": ["sub"],
        "properties": properties,
    })
}

/// The schema of a value like this one.
fn kind(value: Option<&Value>) -> Value {
    match value {
        Some(Value::Bool(_)) => json!({ "type": "boolean" }),
        Some(Value::Number(_)) => json!({ "type": "integer", "format": "int64" }),
        Some(Value::Object(fields)) => {
            let field = |(name, value): (&String, &Value)| (name.clone(), kind(Some(value)));
            let fields: Map<String, Value> = fields.iter().map(field).collect();
            json!({ "type": "object", "properties": fields })
        }
        _ => json!({ "type": "string" }),
    }
}

/// Nobody: a row in which no field is empty.
fn known_person() -> user::Model {
    let text = || Some("x".to_owned());
    let time = DateTime::UNIX_EPOCH;
    user::Model {
        id: Uuid::nil(),
        subject: String::new(),
        email: String::new(),
        email_verified: Some(time),
        name: text(),
        password_hash: None,
        image: text(),
        profile: StandardClaims {
            given_name: text(),
            family_name: text(),
            middle_name: text(),
            nickname: text(),
            preferred_username: text(),
            profile: text(),
            website: text(),
            gender: text(),
            birthdate: text(),
            zoneinfo: text(),
            locale: text(),
            phone_number: text(),
            phone_number_verified: Some(true),
            address: Some(Address {
                formatted: text(),
                street_address: text(),
                locality: text(),
                region: text(),
                postal_code: text(),
                country: text(),
            }),
        },
        role: Role::User,
        disabled_at: None,
        deletes_at: None,
        created_at: time,
        updated_at: time,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_claim_is_read_for_a_person_of_whom_everything_is_known() {
        let told = bought_by(&every_scope(), &known_person());
        for claim in CLAIMS {
            assert!(told.contains_key(claim.name), "{}", claim.name);
        }
    }
}
