//! Redirect URIs: what may be registered, and when one that was sent is one that was registered.

use std::net::IpAddr;

use entity::value::{ApplicationType, Uris};
use url::{Host, Url};

/// Why a URI cannot be registered. Each says what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UriError {
    #[error("is not an absolute URI")]
    NotAbsolute,
    #[error("must not have a fragment (RFC 6749 section 3.1.2)")]
    Fragment,
    #[error("must not hold credentials")]
    Credentials,
    #[error(
        "must not hold wildcards, backslashes, dot segments, control or non-ASCII characters: it is compared byte for byte"
    )]
    Characters,
    #[error(
        "must be written as a browser would write it: scheme and host in lower case, no default port"
    )]
    NotCanonical,
    #[error("must have a host of letters, digits, dots and hyphens, and no port 0")]
    Host,
    #[error("must not have code, state, iss or error in its query: the answer carries them")]
    Query,
    #[error("must use https, unless it is on a loopback address (RFC 9700 section 2.6)")]
    PlainHttp,
    #[error(
        "must use https, or for a native client a scheme of its own that has a dot, such as com.example.app:/cb (RFC 8252 section 7.1)"
    )]
    Scheme,
}

/// The longest URI that is registered or compared.
const LONGEST: usize = 2048;

/// Checks a redirect URI at every intake: command line, API, registration.
pub fn check(uri: &str, application_type: ApplicationType) -> Result<(), UriError> {
    refuse_characters(uri)?;
    let url = Url::parse(uri).map_err(|_| UriError::NotAbsolute)?;
    if uri.contains('#') {
        return Err(UriError::Fragment);
    }
    match url.scheme() {
        "https" | "http" => {
            if !url.username().is_empty()
                || url.password().is_some()
                || authority(uri).contains('@')
            {
                return Err(UriError::Credentials);
            }
            if url.scheme() == "http" && !is_loopback(&url) {
                return Err(UriError::PlainHttp);
            }
            if !has_plain_host(&url) {
                return Err(UriError::Host);
            }
            let answer = ["code", "state", "iss", "error", "error_description"];
            if url
                .query_pairs()
                .any(|(name, _)| answer.contains(&name.as_ref()))
            {
                return Err(UriError::Query);
            }
            // What a browser would send to must be what was written.
            let bare =
                url.path() == "/" && url.query().is_none() && url.as_str().len() == uri.len() + 1;
            if url.as_str() != uri && !bare {
                return Err(UriError::NotCanonical);
            }
            Ok(())
        }
        scheme => {
            // A scheme of one's own needs a dot, which keeps out javascript:, data: and the like.
            let own = scheme.contains('.') && application_type == ApplicationType::Native;
            // RFC 8252 §7.1: one slash, and a path.
            let rest = &uri[scheme.len() + 1..];
            let path = rest.len() > 1 && rest.starts_with('/') && !rest.starts_with("//");
            if own && path {
                Ok(())
            } else {
                Err(UriError::Scheme)
            }
        }
    }
}

/// Whether `sent` is one of the registered URIs: byte for byte (RFC 9700 §2.1), save the port of a
/// native client's loopback address (RFC 8252 §7.3).
pub fn is_registered(sent: &str, registered: &Uris, application_type: ApplicationType) -> bool {
    let native = application_type == ApplicationType::Native;
    sent.len() <= LONGEST
        && registered.0.iter().any(|own| {
            (own == sent || (native && differs_in_loopback_port_only(sent, own)))
                // Not every row came in by our own door, nor while the door was as narrow as today.
                && check(own, application_type).is_ok()
        })
}

/// What a browser sends as `Origin` from a page of this URI; none for schemes without one.
pub fn origin(uri: &str) -> Option<String> {
    let url = Url::parse(uri).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.origin().ascii_serialization())
}

/// The source expression that lets a form's answer redirect to this URI (CSP Level 3 §2.3.1). Its
/// grammar has no IPv6 address, so that of a loopback address is its scheme alone.
pub fn csp_source(uri: &str) -> Option<String> {
    let url = Url::parse(uri).ok()?;
    match (url.host(), origin(uri)) {
        (Some(Host::Ipv4(_) | Host::Domain(_)), Some(origin)) => Some(origin),
        _ => Some(format!("{}:", url.scheme())),
    }
}

/// The host to show to a person, or the scheme of an app that has none.
pub fn shown_host(uri: &str) -> String {
    let Ok(url) = Url::parse(uri) else {
        return String::new();
    };
    match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => format!("{}:", url.scheme()),
    }
}

/// A host that means the same in a URL and in a header: no `;` or `,` that would end a policy.
fn has_plain_host(url: &Url) -> bool {
    let plain = |name: &str| {
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
        !name.is_empty() && name.bytes().all(fits)
    };
    let host = match url.host() {
        Some(Host::Domain(name)) => plain(name),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        None => false,
    };
    host && url.port() != Some(0)
}

/// Whether anyone on the person's device could receive what is sent there: a loopback address or a
/// scheme of one's own. The identity of such a client is not assured (RFC 8252 §8.6).
pub fn is_unassured(uri: &str) -> bool {
    Url::parse(uri).map_or(true, |url| url.scheme() != "https")
}

fn refuse_characters(uri: &str) -> Result<(), UriError> {
    if uri.len() > LONGEST {
        return Err(UriError::Characters);
    }
    let odd = |b: u8| {
        !b.is_ascii_graphic()
            || matches!(
                b,
                b'*' | b'{' | b'}' | b'\\' | b'<' | b'>' | b'"' | b'^' | b'`' | b'|'
            )
    };
    let lower = uri.to_ascii_lowercase();
    let path = lower.split(['?', '#']).next().unwrap_or_default();
    let dots = path
        .split('/')
        .any(|segment| matches!(segment, "." | ".." | "..;"));
    let coded = ["%2e", "%2f", "%5c", "%25", "%00", "%0a", "%0d"]
        .iter()
        .any(|code| path.contains(code));
    if uri.bytes().any(odd) || dots || coded {
        Err(UriError::Characters)
    } else {
        Ok(())
    }
}

fn authority(uri: &str) -> &str {
    let rest = uri.split_once("://").map_or("", |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

/// Whether a URL leads to this machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// `http://127.0.0.1:1234/cb` and `http://127.0.0.1/cb`: the same but for the port, compared as
/// text so that no second spelling of the address passes.
fn differs_in_loopback_port_only(sent: &str, registered: &str) -> bool {
    let parts = |uri: &str| -> Option<(String, String)> {
        let rest = uri.strip_prefix("http://")?;
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at(end);
        let host = match authority.rsplit_once(':') {
            Some((host, port)) if is_port(port) => host,
            _ => authority,
        };
        let ip: IpAddr = host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .parse()
            .ok()?;
        let written = match ip {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        };
        (ip.is_loopback() && written == host).then(|| (host.to_owned(), tail.to_owned()))
    };
    matches!((parts(sent), parts(registered)), (Some(one), Some(other)) if one == other)
}

/// One to five digits, as browsers write a port: no sign, no zero.
fn is_port(text: &str) -> bool {
    let digits = text.len() <= 5 && text.bytes().all(|b| b.is_ascii_digit());
    digits && text.parse::<u16>().is_ok_and(|port| port > 0)
}

#[cfg(test)]
mod tests;
