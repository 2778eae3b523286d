//! Distinguished names: those of certificates, and those written as text (RFC 4514).

use std::collections::BTreeSet;

use x509_cert::der::{
    Encode, Tag, Tagged,
    asn1::{Any, BmpString, ObjectIdentifier},
};

/// A name: its parts from the most significant one on, each a set of attributes.
#[derive(Debug, PartialEq, Eq)]
pub struct Name(Vec<BTreeSet<Attribute>>);

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Attribute {
    kind: ObjectIdentifier,
    value: AttributeValue,
}

/// A value. Which of its string types a certificate uses says nothing about whom it names.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum AttributeValue {
    Text(String),
    Der(Vec<u8>),
}

/// The attributes that have a name as text: RFC 4514 §3, and those that certificates of companies
/// hold (RFC 4519 §2, X.520, the EV guidelines of the CA/Browser Forum).
const KINDS: [(&str, &str); 26] = [
    ("CN", "2.5.4.3"),
    ("SN", "2.5.4.4"),
    ("SERIALNUMBER", "2.5.4.5"),
    ("C", "2.5.4.6"),
    ("L", "2.5.4.7"),
    ("ST", "2.5.4.8"),
    ("S", "2.5.4.8"),
    ("STREET", "2.5.4.9"),
    ("O", "2.5.4.10"),
    ("OU", "2.5.4.11"),
    ("TITLE", "2.5.4.12"),
    ("T", "2.5.4.12"),
    ("DESCRIPTION", "2.5.4.13"),
    ("BUSINESSCATEGORY", "2.5.4.15"),
    ("POSTALCODE", "2.5.4.17"),
    ("NAME", "2.5.4.41"),
    ("GN", "2.5.4.42"),
    ("DNQUALIFIER", "2.5.4.46"),
    ("ORGANIZATIONIDENTIFIER", "2.5.4.97"),
    ("UID", "0.9.2342.19200300.100.1.1"),
    ("DC", "0.9.2342.19200300.100.1.25"),
    ("EMAILADDRESS", "1.2.840.113549.1.9.1"),
    ("E", "1.2.840.113549.1.9.1"),
    ("JURISDICTIONL", "1.3.6.1.4.1.311.60.2.1.1"),
    ("JURISDICTIONST", "1.3.6.1.4.1.311.60.2.1.2"),
    ("JURISDICTIONC", "1.3.6.1.4.1.311.60.2.1.3"),
];

impl Name {
    /// The name in a certificate; none if it is empty, for that names nobody.
    pub fn of(name: &x509_cert::name::Name) -> Option<Self> {
        let mut parts = Vec::new();
        for part in name.iter_rdn() {
            let attributes = part.iter().map(|attribute| {
                Some(Attribute {
                    kind: attribute.oid,
                    value: AttributeValue::of(&attribute.value)?,
                })
            });
            parts.push(attributes.collect::<Option<_>>()?);
        }
        (!parts.is_empty()).then_some(Self(parts))
    }

    /// The name that is written as text, the least significant part first (RFC 4514 §2.1). None for
    /// what is no name, or an empty one.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = Vec::new();
        for part in split(text, b',') {
            let attributes = split(part, b'+').into_iter().map(Attribute::parse);
            parts.push(attributes.collect::<Option<BTreeSet<_>>>()?);
        }
        parts.reverse();
        Some(Self(parts))
    }
}

impl Attribute {
    /// `kind=value`. Spaces around either are none of theirs unless they are escaped: RFC 2253 let
    /// them stand there, and many programs still write them.
    fn parse(text: &str) -> Option<Self> {
        let (kind, value) = text.split_once('=')?;
        let kind = kind.trim_matches(' ');
        let known = KINDS
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(kind))
            .map_or(kind, |(_, oid)| oid);
        Some(Self {
            kind: ObjectIdentifier::new(known).ok()?,
            value: AttributeValue::parse(value)?,
        })
    }
}

impl AttributeValue {
    fn of(value: &Any) -> Option<Self> {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok().map(Self::Text);
        match value.tag() {
            Tag::Utf8String | Tag::PrintableString | Tag::Ia5String => text(value.value()),
            Tag::BmpString => {
                let read: BmpString = value.decode_as().ok()?;
                Some(Self::Text(read.to_string()))
            }
            // The rest has no string form that everybody agrees about (RFC 4514 §2.4).
            _ => value.to_der().ok().map(Self::Der),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let text = text.trim_start_matches(' ');
        if let Some(hex) = text.strip_prefix('#') {
            let value = bytes_of_hex(hex.trim_end_matches(' '))?;
            let value = <Any as x509_cert::der::Decode>::from_der(&value).ok()?;
            return Self::of(&value);
        }
        let mut bytes = Vec::new();
        // As long as it is with the last space that was escaped.
        let mut kept = 0;
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            match byte {
                b'\\' => {
                    let next = rest.next()?;
                    bytes.push(match next.is_ascii_hexdigit() {
                        true => digit(next)? << 4 | digit(rest.next()?)?,
                        false => next,
                    });
                    kept = bytes.len();
                }
                b'"' | b';' | b'<' | b'>' | 0 => return None,
                byte => {
                    bytes.push(byte);
                    if byte != b' ' {
                        kept = bytes.len();
                    }
                }
            }
        }
        bytes.truncate(kept);
        String::from_utf8(bytes).ok().map(Self::Text)
    }
}

/// The parts between separators that are not escaped.
fn split(text: &str, separator: u8) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut escaped) = (0, false);
    for (at, byte) in text.bytes().enumerate() {
        if byte == separator && !escaped {
            parts.push(&text[start..at]);
            start = at + 1;
        }
        escaped = byte == b'\\' && !escaped;
    }
    parts.push(&text[start..]);
    parts
}

fn bytes_of_hex(hex: &str) -> Option<Vec<u8>> {
    let (pairs, []) = hex.as_bytes().as_chunks::<2>() else {
        return None;
    };
    let bytes = pairs
        .iter()
        .map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?));
    bytes.collect()
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| digit.try_into().ok())
}
