//! Fetch: the one place from which this server calls others. Follows no redirect, keeps no cookie,
//! knows no proxy, and reads little, for a short time, from addresses that were looked at before
//! the connection was made. Knows nothing of what the answers mean.

mod address;

use std::sync::{Arc, OnceLock};

use reqwest::{
    Client, Method, Response, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    header::{ACCEPT, CONTENT_TYPE},
    redirect, retry,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Host;

use self::address::is_public;
use crate::config::Config;

/// The longest answer that is read, in bytes.
const LONGEST: usize = 64 * 1024;

/// Calls other servers.
#[derive(Debug)]
pub struct Fetch {
    /// Our own origin and those that the operator named: they may be on a private address.
    known: Vec<String>,
    timeout: std::time::Duration,
    /// One for each [`Lane`]. Made when it is needed: it reads the machine's certificates, and a
    /// machine without any can still sign people in.
    clients: [OnceLock<Client>; 3],
}

/// An answer that holds JSON, whatever its status.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub json: Value,
}

/// Why there is no answer. The sentences name no address, so that whoever may cause a call cannot
/// use them to look around in our network.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error("the address is not one that may be called")]
    Refused,
    #[error("there was no whole answer in time")]
    Timeout,
    #[error("the server could not be reached")]
    Unreachable(#[source] reqwest::Error),
    #[error("the answer is a redirect, and redirects are not followed")]
    Redirect,
    #[error("the answer is longer than 64 KiB")]
    TooLong,
    #[error("the answer is not JSON")]
    NotJson,
    #[error("the answer is not what was expected")]
    Unexpected,
}

/// The ways out.
#[derive(Clone, Copy, Debug)]
enum Lane {
    /// `http` to a known origin: no certificates are needed.
    Plain,
    /// `https` to a known origin.
    Known,
    /// `https` to anybody on a public address.
    Public,
}

impl Fetch {
    pub fn new(config: &Config) -> Self {
        let mut known = config.fetch.private_origins.clone();
        known.push(config.server.origin());
        Self {
            known,
            timeout: config.fetch.timeout(),
            clients: Default::default(),
        }
    }

    /// GETs JSON, with an access token if there is one.
    pub async fn get_json(&self, url: &str, bearer: Option<&str>) -> Result<Answer, FetchError> {
        self.send(Method::GET, url, None, bearer).await
    }

    /// POSTs a form and reads JSON, with an access token if there is one.
    pub async fn post_form(
        &self,
        url: &str,
        form: &[(&str, &str)],
        bearer: Option<&str>,
    ) -> Result<Answer, FetchError> {
        self.send(Method::POST, url, Some(form), bearer).await
    }

    async fn send(
        &self,
        method: Method,
        url: &str,
        form: Option<&[(&str, &str)]>,
        bearer: Option<&str>,
    ) -> Result<Answer, FetchError> {
        let url = Url::parse(url).map_err(|_| FetchError::Refused)?;
        let client = self.client(self.lane(&url)?)?;
        let mut request = client
            .request(method, url)
            .header(ACCEPT, "application/json");
        if let Some(form) = form {
            request = request.form(form);
        }
        if let Some(token) = bearer {
            request = request.bearer_auth(token);
        }
        read(request.send().await.map_err(why)?).await
    }

    fn lane(&self, url: &Url) -> Result<Lane, FetchError> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err(FetchError::Refused);
        }
        let known = self.known.contains(&url.origin().ascii_serialization());
        // A name is looked at once it is an address: see `PublicOnly`.
        let may_be_public = match url.host() {
            Some(Host::Ipv4(ip)) => is_public(ip.into()),
            Some(Host::Ipv6(ip)) => is_public(ip.into()),
            Some(Host::Domain(_)) => true,
            None => false,
        };
        match url.scheme() {
            "http" if known => Ok(Lane::Plain),
            "https" if known => Ok(Lane::Known),
            "https" if may_be_public => Ok(Lane::Public),
            _ => Err(FetchError::Refused),
        }
    }

    fn client(&self, lane: Lane) -> Result<&Client, FetchError> {
        let place = &self.clients[lane as usize];
        if let Some(client) = place.get() {
            return Ok(client);
        }
        let builder = Client::builder()
            .user_agent(concat!("doorward/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .no_proxy()
            .http1_only()
            .timeout(self.timeout);
        let builder = match lane {
            Lane::Plain => builder.tls_certs_only([]),
            Lane::Known => builder,
            Lane::Public => builder.dns_resolver(Arc::new(PublicOnly)),
        };
        let client = builder.build().map_err(FetchError::Unreachable)?;
        Ok(place.get_or_init(|| client))
    }
}

impl Answer {
    /// What the answer says, if it is a success.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, FetchError> {
        if !(200..300).contains(&self.status) {
            return Err(FetchError::Unexpected);
        }
        T::deserialize(&self.json).map_err(|_| FetchError::Unexpected)
    }
}

/// Looks up names for the connections themselves: what was looked at is what is connected to, so a
/// name that has another address a moment later (DNS rebinding) changes nothing.
struct PublicOnly;

/// A name has no public address.
#[derive(Debug, thiserror::Error)]
#[error("no public address")]
struct NotPublic;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<_> = found.filter(|found| is_public(found.ip())).collect();
            if public.is_empty() {
                return Err(NotPublic.into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

async fn read(mut response: Response) -> Result<Answer, FetchError> {
    let status = response.status();
    if status.is_redirection() {
        return Err(FetchError::Redirect);
    }
    let kind = response.headers().get(CONTENT_TYPE);
    if !kind.is_some_and(|kind| kind.to_str().is_ok_and(is_json)) {
        return Err(FetchError::NotJson);
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(why)? {
        if body.len() + chunk.len() > LONGEST {
            return Err(FetchError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer {
        status: status.as_u16(),
        json: serde_json::from_slice(&body).map_err(|_| FetchError::NotJson)?,
    })
}

/// `application/json` and its kin, such as `application/jwk-set+json` (RFC 6839 §3.1).
fn is_json(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let kind = kind.to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

fn why(error: reqwest::Error) -> FetchError {
    if error.is_timeout() {
        return FetchError::Timeout;
    }
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(one) = cause {
        if one.is::<NotPublic>() {
            return FetchError::Refused;
        }
        cause = one.source();
    }
    FetchError::Unreachable(error.without_url())
}
