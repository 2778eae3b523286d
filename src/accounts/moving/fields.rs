//! Fields: how the members of a row are read, whatever wrote them. What is said of a wrong one never
//! holds its value, which may be a secret.

use chrono::{DateTime, NaiveDateTime, Utc};
use serde_json::{Map, Value};
use uuid::Uuid;

/// What is wrong with a row, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    pub field: Option<String>,
    /// Where in the line, for what is no JSON.
    pub column: Option<usize>,
    pub reason: String,
}

impl Wrong {
    pub fn row(reason: impl Into<String>) -> Self {
        Self {
            field: None,
            column: None,
            reason: reason.into(),
        }
    }

    pub fn field(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            field: Some(field.into()),
            ..Self::row(reason)
        }
    }
}

/// The members of an object.
pub(super) struct Fields<'a> {
    members: &'a Map<String, Value>,
    /// Where the object stands in the row, such as `accounts[0].`.
    path: String,
}

/// No text is longer; a certificate chain in an ID token is shorter.
const LONGEST: usize = 64 * 1024;

impl<'a> Fields<'a> {
    /// Of an object that has no other members than these.
    pub(super) fn of(
        row: &'a Value,
        path: impl Into<String>,
        known: &[&str],
    ) -> Result<Self, Wrong> {
        let path = path.into();
        let Some(members) = row.as_object() else {
            let place = path.trim_end_matches('.');
            return Err(match place {
                "" => Wrong::row("no JSON object"),
                place => Wrong::field(place, "no JSON object"),
            });
        };
        let fields = Self { members, path };
        match members.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(fields.wrong(name, "no field of a row")),
            None => Ok(fields),
        }
    }

    pub(super) fn wrong(&self, name: &str, reason: impl Into<String>) -> Wrong {
        // A name may be anything, too.
        let name: String = name.chars().take(60).filter(|c| !c.is_control()).collect();
        Wrong::field(format!("{}{name}", self.path), reason)
    }

    /// A member that is there and not null.
    pub(super) fn value(&self, name: &str) -> Option<&'a Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    /// A text; an empty one is none.
    pub(super) fn text(&self, name: &str) -> Result<Option<&'a str>, Wrong> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.contains('\0') => {
                Err(self.wrong(name, "holds a character that cannot be kept"))
            }
            Some(Value::String(text)) if text.len() > LONGEST => {
                Err(self.wrong(name, "longer than 64 KiB"))
            }
            Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
            Some(_) => Err(self.wrong(name, "no text")),
        }
    }

    /// A text that has to be there.
    pub(super) fn needed(&self, name: &str) -> Result<&'a str, Wrong> {
        self.text(name)?
            .ok_or_else(|| self.wrong(name, "is missing"))
    }

    pub(super) fn uuid(&self, name: &str) -> Result<Option<Uuid>, Wrong> {
        let parsed = self.text(name)?.map(Uuid::parse_str).transpose();
        parsed.map_err(|_| self.wrong(name, "no UUID"))
    }

    pub(super) fn time(&self, name: &str) -> Result<Option<DateTime<Utc>>, Wrong> {
        match self.value(name) {
            None => Ok(None),
            Some(value) => match time(value) {
                Some(time) => Ok(Some(time)),
                None => Err(self.wrong(name, "no time")),
            },
        }
    }

    /// A time, or whether: `true` is `whenever`.
    pub(super) fn time_or_flag(
        &self,
        name: &str,
        whenever: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, Wrong> {
        match self.value(name).and_then(flag) {
            Some(true) => Ok(Some(whenever)),
            Some(false) => Ok(None),
            None => self.time(name),
        }
    }
}

/// Yes or no, as databases write it.
pub(super) fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) if number.as_i64() == Some(0) => Some(false),
        Value::Number(number) if number.as_i64() == Some(1) => Some(true),
        _ => None,
    }
}

/// A time: RFC 3339, the same without an offset (then in UTC) or with a space, seconds or milliseconds
/// since 1970.
pub(super) fn time(value: &Value) -> Option<DateTime<Utc>> {
    /// Whatever is larger is milliseconds: as seconds it would be after the year 5000.
    const MILLISECONDS: i64 = 100_000_000_000;
    let time = match value {
        Value::Number(number) => match number.as_i64()? {
            number if number.abs() < MILLISECONDS => DateTime::from_timestamp(number, 0)?,
            number => DateTime::from_timestamp_millis(number)?,
        },
        Value::String(text) => {
            let text = text.trim().replacen('T', " ", 1);
            let with_offset = DateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S%.f%#z");
            let in_utc = || {
                let text = text.strip_suffix('Z').unwrap_or(&text);
                let naive = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").ok()?;
                Some(naive.and_utc())
            };
            with_offset.ok().map(Into::into).or_else(in_utc)?
        }
        _ => return None,
    };
    // What a database and every reader of ours can hold.
    let latest = DateTime::from_timestamp(253_402_300_799, 0)?;
    (DateTime::UNIX_EPOCH..=latest)
        .contains(&time)
        .then_some(time)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_time_is_read_however_a_database_writes_it() {
        let same = DateTime::from_timestamp(1_735_787_045, 0);
        for written in [
            json!("2025-01-02T03:04:05Z"),
            json!("2025-01-02T03:04:05.000Z"),
            json!("2025-01-02T04:04:05+01:00"),
            json!("2025-01-02 03:04:05+00"),
            json!("2025-01-02 03:04:05"),
            json!("2025-01-02T03:04:05"),
            json!(1_735_787_045),
            json!(1_735_787_045_000_i64),
        ] {
            assert_eq!(time(&written), same, "{written}");
        }
        for wrong in [
            json!("yesterday"),
            json!("2025-02-30T00:00:00Z"),
            json!("2025-01-02"),
            json!(1.5),
            json!(-1),
            json!(i64::MAX),
            json!(true),
            json!("9999999-01-01T00:00:00Z"),
        ] {
            assert_eq!(time(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_said_of_a_wrong_field_does_not_hold_it() {
        let row = json!({"a": {"secret": 1}, "b": "x\0y"});
        let fields = Fields::of(&row, "accounts[1].", &["a", "b"]).unwrap();
        let wrong = fields.text("a").unwrap_err();
        assert_eq!(wrong, Wrong::field("accounts[1].a", "no text"));
        assert!(fields.text("b").is_err());
        assert_eq!(fields.text("c"), Ok(None));
        let unknown = Fields::of(&row, "", &["a"]).err();
        assert_eq!(unknown, Some(Wrong::field("b", "no field of a row")));
        assert!(Fields::of(&json!([]), "", &[]).is_err());
    }
}
