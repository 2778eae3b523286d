//! `resource`: the name of what an access token is for (RFC 8707). Whether there is such a resource
//! is not known here.

use url::Url;

use super::error::OauthError;

/// More resources than one token has use for.
const MOST: usize = 8;
/// The longest name of a resource.
const LONGEST: usize = 512;

/// The resources of a request, each once, in their order. Byte for byte what was sent, because that
/// is what the resource will look for in `aud`.
pub fn read<'a>(sent: impl IntoIterator<Item = &'a str>) -> Result<Vec<String>, OauthError> {
    let mut resources: Vec<String> = Vec::new();
    for one in sent {
        if !is_resource(one) {
            return Err(OauthError::invalid_target(
                "resource must be an absolute URI without a fragment",
            ));
        }
        if resources.iter().any(|known| known == one) {
            continue;
        }
        if resources.len() == MOST {
            return Err(OauthError::invalid_target("too many resources"));
        }
        resources.push(one.to_owned());
    }
    Ok(resources)
}

/// §2: an absolute URI (RFC 3986 §4.3), which has no fragment.
pub fn is_resource(name: &str) -> bool {
    // What a URI cannot hold as it is (RFC 3986 §2), however leniently it would be parsed.
    let odd = |b: u8| !b.is_ascii_graphic() || b"\"<>\\^`{|}#".contains(&b);
    name.len() <= LONGEST && !name.bytes().any(odd) && Url::parse(name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_resource_counts_once() {
        let (one, other) = ("https://api.example/v1?x=1", "urn:example:orders");
        assert_eq!(read([one, other, one]).unwrap(), [one, other]);
        assert!(read([]).unwrap().is_empty());
        let many: Vec<String> = (0..9).map(|n| format!("https://api.example/{n}")).collect();
        assert!(read(many.iter().map(String::as_str)).is_err());
    }

    #[test]
    fn what_is_no_absolute_uri_is_no_resource() {
        let long = format!("https://api.example/{}", "a".repeat(LONGEST));
        for bad in [
            "",
            "api",
            "/v1",
            "//api.example",
            "https://",
            "https://api.example/#x",
            "https://api.example/#",
            "https://api.example/ x",
            "https://api.example/\"",
            "https://api.example\\x",
            "https://\u{e9}.example/",
            long.as_str(),
        ] {
            let refused = read([bad]).unwrap_err();
            assert_eq!(refused.code.name(), "invalid_target", "{bad}");
        }
    }
}
