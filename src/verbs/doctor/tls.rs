//! Our certificate: whether it can be used, for whom it is, and for how long; and those who may
//! vouch for the certificates of clients.

use chrono::{DateTime, Utc};
use doorward::{
    config::Config,
    crypto::certificate::{Authorities, Certificate},
    server::tls::certificates::Certificates,
};
use url::Url;

use super::{Finding, fail, ok, warn};

/// Fewer days than any authority's client lets pass before it gets a new one.
const SOON: i64 = 10;

/// The certificate that the server would present, where TLS is ours.
pub fn certificate(config: &Config, now: DateTime<Utc>) -> Vec<Finding> {
    let mut findings = Vec::new();
    match Certificates::load(&config.server.tls) {
        Ok(None) => {}
        Ok(Some(own)) => {
            let read = own
                .own()
                .map(|der| Certificate::new(der.to_vec(), Vec::new()));
            findings.push(match read {
                Some(Ok(read)) => judge(config, &read, now),
                _ => fail("certificate", "cannot be read"),
            });
        }
        Err(error) => findings.push(fail("certificate", error.to_string())),
    }
    if let Some(path) = &config.server.client_certificate_authorities {
        findings.push(match Authorities::at(path) {
            Ok(_) => ok("client authorities", path.display().to_string()),
            Err(error) => fail("client authorities", error.to_string()),
        });
    }
    findings
}

fn judge(config: &Config, own: &Certificate, now: DateTime<Utc>) -> Finding {
    let check = "certificate";
    let host = |url: &str| {
        let url = Url::parse(url).ok()?;
        Some(url.host_str()?.trim_matches(['[', ']']).to_owned())
    };
    let urls = [
        Some(config.server.issuer.as_str()),
        config.server.mtls.url.as_deref(),
    ];
    let mut hosts = urls.into_iter().flatten().filter_map(host);
    if let Some(host) = hosts.find(|host| !own.covers(host)) {
        return fail(check, format!("is not for {host}; get one that names it"));
    }
    let (from, until) = own.validity();
    let day = until.format("%Y-%m-%d");
    match (until - now).num_days() {
        _ if from > now => fail(check, format!("is not good before {from}")),
        _ if until <= now => fail(check, format!("has expired on {day}; get a new one")),
        days if days < SOON => warn(check, format!("expires in {days} days; get a new one")),
        days => ok(check, format!("good for {days} days, until {day}")),
    }
}
