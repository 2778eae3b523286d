//! The headers that every answer carries, and the policy of every page.

use std::net::IpAddr;

use poem::{
    Endpoint, Request, Response, Result,
    http::{HeaderName, HeaderValue, StatusCode, header},
};

use crate::app::App;

/// Seconds after which asking again makes sense, for a 503.
pub const RETRY_AFTER: u32 = 2;

/// Adds the headers that hold for every answer.
#[derive(Debug)]
pub struct Headers<E> {
    pub app: App,
    pub inner: E,
}

impl<E: Endpoint<Output = Response>> Endpoint for Headers<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let mut response = match self.app.config.development && !self.is_host_of(&request) {
            // A page of a stranger that makes its own name point here must not read our letters.
            true => Response::from(StatusCode::MISDIRECTED_REQUEST),
            false => self.inner.call(request).await?,
        };
        let headers = response.headers_mut();
        headers.insert(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        );
        if !headers.contains_key(header::CACHE_CONTROL) {
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        if self.app.config.server.is_https() {
            let two_years = HeaderValue::from_static("max-age=63072000; includeSubDomains");
            headers.insert(header::STRICT_TRANSPORT_SECURITY, two_years);
        }
        Ok(response)
    }
}

impl<E> Headers<E> {
    /// Whether the request names as its host the issuer's, or this machine.
    fn is_host_of(&self, request: &Request) -> bool {
        let host = request.headers().get(header::HOST);
        let Some(host) = host.and_then(|host| host.to_str().ok()) else {
            // HTTP/1.0, or a program that is no browser.
            return true;
        };
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        let ip = name
            .trim_start_matches('[')
            .trim_end_matches(']')
            .parse::<IpAddr>();
        name == "localhost"
            || ip.is_ok_and(|ip| ip.is_loopback())
            || self
                .app
                .config
                .server
                .issuer
                .ends_with(&format!("//{host}"))
    }
}

/// The policy of a page. There is no script to allow. `form_action` is the origin of the relying
/// party to which a form's answer may redirect: Chromium holds the redirect after a POST to this
/// too. No `Cross-Origin-Opener-Policy`: a relying party may have opened this page in a pop-up
/// window and waits for it.
pub fn page_policy(response: &mut Response, form_action: Option<&str>) {
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self' data:; \
         form-action 'self'{}{}; base-uri 'none'; frame-ancestors 'none'",
        if form_action.is_some() { " " } else { "" },
        form_action.unwrap_or_default(),
    );
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    let fixed: [(HeaderName, &str); 4] = [
        (header::X_FRAME_OPTIONS, "DENY"),
        // Not `no-referrer`: with it browsers send `Origin: null` with our own forms.
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// Lets a page show the picture that its own person named. Pages of a flow never do: the picture's
/// server would learn who signs in where.
pub fn may_show_pictures(response: &mut Response) {
    let headers = response.headers_mut();
    let policy = headers.get(header::CONTENT_SECURITY_POLICY);
    let policy = policy.and_then(|policy| policy.to_str().ok());
    let policy = policy.map(|policy| policy.replace("img-src 'self'", "img-src 'self' https:"));
    if let Some(Ok(policy)) = policy.map(|policy| HeaderValue::from_str(&policy)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// Lets a page hold frames of these origins, and of no others.
pub fn may_frame(response: &mut Response, sources: &[&str]) {
    let mut sources = sources.to_vec();
    sources.sort_unstable();
    sources.dedup();
    let headers = response.headers_mut();
    let policy = headers.get(header::CONTENT_SECURITY_POLICY);
    let policy = policy.and_then(|policy| policy.to_str().ok());
    let Some(policy) = policy else { return };
    let policy = format!("{policy}; frame-src {}", sources.join(" "));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
}
