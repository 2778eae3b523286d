//! Request parameters: names and values of a query or form, where absent, empty and repeated are
//! three different things.

use std::collections::BTreeMap;

use url::form_urlencoded;

use super::error::OauthError;

/// More parameters than any request has use for.
const MOST: usize = 100;

/// What may be sent several times (RFC 8707 §2, RFC 8693 §2.1).
const REPEATABLE: [&str; 2] = ["resource", "audience"];

/// The parameters of one request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params {
    values: BTreeMap<String, Vec<String>>,
}

/// The parameters could not be read at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParamsError {
    #[error("the parameters are not UTF-8 in percent encoding")]
    NotUtf8,
    #[error("there are too many parameters")]
    TooMany,
    #[error("a parameter holds a NUL character")]
    Nul,
}

impl Params {
    /// Reads `application/x-www-form-urlencoded` bytes (RFC 6749 Appendix B).
    pub fn parse(bytes: &[u8]) -> Result<Self, ParamsError> {
        let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (count, pair) in bytes
            .split(|b| *b == b'&')
            .filter(|pair| !pair.is_empty())
            .enumerate()
        {
            if count == MOST {
                return Err(ParamsError::TooMany);
            }
            let (name, value) = match pair.iter().position(|b| *b == b'=') {
                Some(at) => (&pair[..at], &pair[at + 1..]),
                None => (pair, &[][..]),
            };
            values
                .entry(decoded(name)?)
                .or_default()
                .push(decoded(value)?);
        }
        Ok(Self { values })
    }

    /// `self` and `other` together: a parameter in both is a repeated one.
    pub fn and(mut self, other: Params) -> Self {
        for (name, values) in other.values {
            self.values.entry(name).or_default().extend(values);
        }
        self
    }

    /// The value; a parameter without a value counts as omitted (RFC 6749 §3.1), a repeated one as
    /// its first value until [`Params::refuse_repeated`] says no.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.raw(name).filter(|value| !value.is_empty())
    }

    /// The value as sent: `Some("")` when the name was sent without one.
    pub fn raw(&self, name: &str) -> Option<&str> {
        self.values
            .get(name)
            .and_then(|all| all.first())
            .map(String::as_str)
    }

    /// All values of a parameter that may be repeated, in their order, without empty ones.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let all = self.values.get(name).map(Vec::as_slice);
        let all = all.unwrap_or_default().iter().map(String::as_str);
        all.filter(|value| !value.is_empty())
    }

    /// The value of a credential: sending one that is empty is an error, not an omission.
    pub fn credential(&self, name: &str) -> Result<Option<&str>, OauthError> {
        match self.raw(name) {
            Some("") => Err(OauthError::invalid_request(format!("{name} is empty"))),
            other => Ok(other),
        }
    }

    /// The value of a credential that must be there.
    pub fn required(&self, name: &str) -> Result<&str, OauthError> {
        self.credential(name)?
            .ok_or_else(|| OauthError::invalid_request(format!("{name} is missing")))
    }

    /// The value of a parameter that was sent exactly once.
    pub fn once(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|_| !self.is_repeated(name))
    }

    /// Whether the parameter was sent more than once.
    pub fn is_repeated(&self, name: &str) -> bool {
        self.values.get(name).is_some_and(|all| all.len() > 1)
    }

    /// Request parameters MUST NOT be included more than once (RFC 6749 §3.1, §3.2), but for those
    /// whose specification says otherwise.
    pub fn refuse_repeated(&self) -> Result<(), OauthError> {
        let once = |name: &str| !REPEATABLE.contains(&name);
        let repeated = self
            .values
            .iter()
            .find(|(name, all)| all.len() > 1 && once(name));
        match repeated {
            Some((name, _)) => Err(OauthError::invalid_request(format!(
                "{name} was sent more than once"
            ))),
            None => Ok(()),
        }
    }

    /// Whether this parameter may be sent several times.
    pub fn is_repeatable(name: &str) -> bool {
        REPEATABLE.contains(&name)
    }

    /// Whether there are more than any request has use for. Those that came in one query or form never
    /// are; put together from several places they can be.
    pub fn are_too_many(&self) -> bool {
        self.values.values().map(Vec::len).sum::<usize>() > MOST
    }

    /// Without the parameters of these names.
    pub fn without(mut self, names: &[&str]) -> Self {
        self.values
            .retain(|name, _| !names.contains(&name.as_str()));
        self
    }

    /// With the parameters of `stronger` in the place of those of the same name.
    pub fn under(mut self, stronger: Params) -> Self {
        self.values.extend(stronger.values);
        self
    }

    /// Names and first values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values
            .iter()
            .filter_map(|(name, all)| Some((name.as_str(), all.first()?.as_str())))
    }

    /// As a query string, repeated parameters included.
    pub fn to_query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, all) in &self.values {
            for value in all {
                query.append_pair(name, value);
            }
        }
        query.finish()
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Params {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut params = Self::default();
        for (name, value) in pairs {
            params
                .values
                .entry(name.into())
                .or_default()
                .push(value.into());
        }
        params
    }
}

fn decoded(bytes: &[u8]) -> Result<String, ParamsError> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => out.push(b' '),
            b'%' => {
                let pair = rest
                    .as_slice()
                    .get(..2)
                    .and_then(|two| std::str::from_utf8(two).ok());
                let value = pair.and_then(|two| u8::from_str_radix(two, 16).ok());
                match value {
                    // `from_str_radix` takes a sign, percent encoding does not.
                    Some(value) if pair.is_some_and(|two| !two.starts_with('+')) => {
                        rest.nth(1);
                        out.push(value);
                    }
                    _ => out.push(b'%'),
                }
            }
            other => out.push(*other),
        }
    }
    let text = String::from_utf8(out).map_err(|_| ParamsError::NotUtf8)?;
    // No parameter of any specification holds one, and PostgreSQL cannot store it.
    if text.contains('\0') {
        Err(ParamsError::Nul)
    } else {
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_empty_and_repeated_are_three_things() {
        let params = Params::parse(b"a=&b=1&c=1&c=2&d").unwrap();
        assert_eq!((params.raw("a"), params.get("a")), (Some(""), None));
        assert_eq!(params.raw("x"), None);
        assert!(params.credential("a").is_err() && params.credential("x").unwrap().is_none());
        assert!(params.is_repeated("c") && !params.is_repeated("b"));
        assert!(params.refuse_repeated().is_err());
        assert_eq!(params.raw("d"), Some(""));
    }

    #[test]
    fn only_a_resource_may_be_sent_twice() {
        let params = Params::parse(b"resource=a&resource=&resource=b&x=1").unwrap();
        assert!(params.refuse_repeated().is_ok());
        assert_eq!(params.all("resource").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(params.all("y").count(), 0);
    }

    #[test]
    fn what_is_stronger_replaces_all_values_of_a_name() {
        let params = Params::parse(b"a=1&b=2&resource=x&resource=y").unwrap();
        let stronger = Params::parse(b"a=&resource=z&c=3").unwrap();
        let both = params.under(stronger).without(&["c"]);
        assert_eq!(both.to_query(), "a=&b=2&resource=z");
    }

    #[test]
    fn decodes_as_forms_do() {
        let params = Params::parse(b"a=1+2%2B3&b=%C3%A9&c=100%&d=%+1").unwrap();
        assert_eq!(params.get("a"), Some("1 2+3"));
        assert_eq!(params.get("b"), Some("é"));
        assert_eq!(params.get("c"), Some("100%"));
        assert_eq!(params.get("d"), Some("% 1"));
        assert_eq!(Params::parse(b"a=%FF"), Err(ParamsError::NotUtf8));
        assert_eq!(Params::parse(b"a=%00"), Err(ParamsError::Nul));
        assert_eq!(
            Params::parse("a=1&".repeat(101).as_bytes()),
            Err(ParamsError::TooMany)
        );
    }
}
