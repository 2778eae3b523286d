//! Fetch: the one place from which this server calls others. Follows no redirect, keeps no cookie,
//! knows no proxy, and reads little, for a short time, from addresses that were looked at before
//! the connection was made. Knows nothing of what the answers mean.

mod address;
mod error;
mod kept;
mod pinned;
mod reach;

use std::{
    fs,
    sync::{Arc, OnceLock},
};

use reqwest::{
    Certificate, Client, Method, Response, Url,
    header::{ACCEPT, CONTENT_TYPE},
    redirect, retry,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use error::{AuthoritiesError, FetchError};
pub use pinned::Outgoing;

use self::{
    address::{NotPublic, PublicOnly},
    kept::Kept,
    pinned::Pinned,
    reach::{Lane, Origins, Reach},
};
use crate::config::Config;

/// The longest answer that is read, in bytes.
const LONGEST: usize = 64 * 1024;

/// Calls other servers.
#[derive(Debug)]
pub struct Fetch {
    origins: Origins,
    timeout: std::time::Duration,
    /// Believed besides those of the machine.
    authorities: Vec<Certificate>,
    kept: Kept,
    pinned: Pinned,
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

/// An answer of whatever kind.
#[derive(Clone, Debug)]
pub struct Raw {
    pub status: u16,
    /// As it came, in lower case; empty if there was none.
    pub content_type: String,
    pub bytes: Vec<u8>,
}

impl Fetch {
    pub fn new(config: &Config) -> Result<Self, AuthoritiesError> {
        let authorities = match &config.fetch.ca_file {
            Some(file) => authorities(&fs::read(file)?)?,
            None => Vec::new(),
        };
        Ok(Self {
            origins: Origins::of(config),
            timeout: config.fetch.timeout(),
            authorities,
            kept: Kept::default(),
            pinned: Pinned::default(),
            clients: Default::default(),
        })
    }

    /// Whether a URL is one that may be called for a client, as far as that can be said without
    /// looking up a name.
    pub fn may_call(&self, url: &str) -> bool {
        Url::parse(url).is_ok_and(|url| self.origins.lane(&url, Reach::Named).is_ok())
    }

    /// GETs for a client anything of at most `longest` bytes. What it is, the caller must see for
    /// itself.
    pub async fn get_raw(
        &self,
        url: &str,
        accept: &str,
        longest: usize,
    ) -> Result<Raw, FetchError> {
        self.raw(url, (accept, longest), Reach::Named).await
    }

    /// The same for somebody for whom nobody vouches: only from a public address, whatever origins the
    /// operator named.
    pub async fn get_public(
        &self,
        url: &str,
        accept: &str,
        longest: usize,
    ) -> Result<Raw, FetchError> {
        self.raw(url, (accept, longest), Reach::Public).await
    }

    async fn raw(
        &self,
        url: &str,
        (accept, longest): (&str, usize),
        reach: Reach,
    ) -> Result<Raw, FetchError> {
        let (client, url) = self.way(url, reach)?;
        let request = client.get(url).header(ACCEPT, accept);
        read(request.send().await.map_err(why)?, longest).await
    }

    /// GETs JSON for a client that named the address.
    pub async fn get_named(&self, url: &str) -> Result<Answer, FetchError> {
        self.send(Method::GET, self.way(url, Reach::Named)?, None, None)
            .await
    }

    /// GETs JSON, with an access token if there is one. For ourselves: of no client's choice.
    pub async fn get_json(&self, url: &str, bearer: Option<&str>) -> Result<Answer, FetchError> {
        self.send(Method::GET, self.way(url, Reach::Ours)?, None, bearer)
            .await
    }

    /// POSTs a form and reads JSON, with an access token if there is one. For ourselves, too.
    pub async fn post_form(
        &self,
        url: &str,
        form: &[(&str, &str)],
        bearer: Option<&str>,
    ) -> Result<Answer, FetchError> {
        self.send(
            Method::POST,
            self.way(url, Reach::Ours)?,
            Some(form),
            bearer,
        )
        .await
    }

    /// POSTs a form to a client and reads no more of the answer than its status.
    pub async fn tell(&self, url: &str, form: &[(&str, &str)]) -> Result<u16, FetchError> {
        let (client, url) = self.way(url, Reach::Named)?;
        let answer = client.post(url).form(form).send().await.map_err(why)?;
        match answer.status().is_redirection() {
            true => Err(FetchError::Redirect),
            false => Ok(answer.status().as_u16()),
        }
    }

    async fn send(
        &self,
        method: Method,
        (client, url): (&Client, Url),
        form: Option<&[(&str, &str)]>,
        bearer: Option<&str>,
    ) -> Result<Answer, FetchError> {
        let mut request = client
            .request(method, url)
            .header(ACCEPT, "application/json");
        if let Some(form) = form {
            request = request.form(form);
        }
        if let Some(token) = bearer {
            request = request.bearer_auth(token);
        }
        let raw = read(request.send().await.map_err(why)?, LONGEST).await?;
        if !is_json(&raw.content_type) {
            return Err(FetchError::NotJson);
        }
        Ok(Answer {
            status: raw.status,
            json: serde_json::from_slice(&raw.bytes).map_err(|_| FetchError::NotJson)?,
        })
    }

    /// Through which client, and whereto.
    fn way(&self, url: &str, reach: Reach) -> Result<(&Client, Url), FetchError> {
        let url = Url::parse(url).map_err(|_| FetchError::Refused)?;
        let lane = self.origins.lane(&url, reach)?;
        Ok((self.client(lane)?, url))
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
            Lane::Known => builder.tls_certs_merge(self.authorities.clone()),
            Lane::Public => builder
                .tls_certs_merge(self.authorities.clone())
                .dns_resolver(Arc::new(PublicOnly)),
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

/// A file without any is a mistake, not a wish.
fn authorities(pem: &[u8]) -> Result<Vec<Certificate>, AuthoritiesError> {
    match Certificate::from_pem_bundle(pem) {
        Ok(all) if !all.is_empty() => Ok(all),
        _ => Err(AuthoritiesError::NoCertificates),
    }
}

async fn read(mut response: Response, longest: usize) -> Result<Raw, FetchError> {
    let status = response.status();
    if status.is_redirection() {
        return Err(FetchError::Redirect);
    }
    let kind = response.headers().get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let content_type = kind.to_ascii_lowercase();
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(why)? {
        if bytes.len() + chunk.len() > longest {
            return Err(FetchError::TooLong);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Raw {
        status: status.as_u16(),
        content_type,
        bytes,
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
