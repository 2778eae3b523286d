//! `[mail]`: the server that takes our letters. Without one they are kept and not sent.

use std::{net::IpAddr, path::PathBuf, time::Duration};

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use url::Host;

use super::{ConfigError, database::hidden, secret_from};

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mail {
    /// Who the letters are from: `no-reply@example.com`, or `My shop <no-reply@example.com>`.
    pub from: Option<String>,
    /// Name or address of an SMTP server that sends on for us (RFC 6409).
    pub server: Option<String>,
    /// Default: 587 with STARTTLS, 465 with TLS, 25 with neither.
    pub port: Option<u16>,
    pub security: Security,
    /// With a password: how we sign in there.
    pub username: Option<String>,
    #[serde(serialize_with = "hidden")]
    pub password: Option<SecretString>,
    /// A file that holds the password.
    pub password_file: Option<PathBuf>,
    /// Certificates (PEM) that are trusted besides those of the system.
    pub ca_file: Option<PathBuf>,
    /// Milliseconds for one letter, from looking up the name to the server's last word.
    pub timeout_milliseconds: u32,
}

/// How the connection to the server is kept private.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// It begins in the clear and goes on encrypted, or not at all (RFC 3207).
    Starttls,
    /// It is encrypted from the first byte (RFC 8314 §3).
    Tls,
    /// It is not, and does not leave this machine.
    None,
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            from: None,
            server: None,
            port: None,
            security: Security::Starttls,
            username: None,
            password: None,
            password_file: None,
            ca_file: None,
            timeout_milliseconds: 30_000,
        }
    }
}

impl Mail {
    /// The port, with the one that belongs to the kind of connection filled in.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.security {
            Security::Starttls => 587,
            Security::Tls => 465,
            Security::None => 25,
        })
    }

    pub fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_milliseconds.into())
    }

    pub(super) fn resolve(&mut self) -> Result<(), ConfigError> {
        if let Some(file) = &self.password_file {
            if self.password.is_some() {
                return refuse("mail.password and mail.password_file are both set");
            }
            self.password = Some(secret_from("mail.password_file", file)?.into());
        }
        if !(1..=300_000).contains(&self.timeout_milliseconds) {
            return refuse("mail.timeout_milliseconds must be 1 to 300000");
        }
        let Some(server) = &self.server else {
            return match self.is_begun() {
                true => refuse("mail.server is missing: without it no letter is sent"),
                false => Ok(()),
            };
        };
        if !is_host(server) {
            return refuse("mail.server must be the name or the address of a host, without a port");
        }
        match &self.from {
            None => return refuse("mail.from is missing, such as no-reply@example.com"),
            Some(from) if !is_mailbox(from) => {
                return refuse(
                    "mail.from must be a mailbox, such as My shop <no-reply@example.com>",
                );
            }
            Some(_) => {}
        }
        if self.username.is_some() != self.password.is_some() {
            return refuse("mail.username and mail.password are set together, or not at all");
        }
        if self.security == Security::None && !is_loopback(server) {
            return refuse(
                "mail.security = none is for a server on this machine; anybody on the way could \
                 read the links in the letters",
            );
        }
        Ok(())
    }

    /// Whether somebody has set what only a server makes sense of.
    fn is_begun(&self) -> bool {
        let texts = [&self.from, &self.username];
        texts.iter().any(|text| text.is_some())
            || self.password.is_some()
            || self.port.is_some()
            || self.ca_file.is_some()
    }
}

fn refuse(why: &str) -> Result<(), ConfigError> {
    Err(ConfigError::new(why))
}

fn is_host(server: &str) -> bool {
    server.parse::<IpAddr>().is_ok() || Host::parse(server).is_ok()
}

fn is_loopback(server: &str) -> bool {
    match server.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => server.eq_ignore_ascii_case("localhost"),
    }
}

/// The shape of a mailbox: an address, or a name before it in angle brackets.
fn is_mailbox(from: &str) -> bool {
    let address = match from.split_once('<') {
        Some((_, rest)) => rest.strip_suffix('>'),
        None => Some(from),
    };
    let is_part = |part: &str| {
        let odd = |c: char| c.is_whitespace() || c.is_control() || "<>@,;:\"".contains(c);
        !part.is_empty() && part.is_ascii() && !part.contains(odd)
    };
    !from.contains(char::is_control)
        && address
            .and_then(|address| address.split_once('@'))
            .is_some_and(|(local, domain)| is_part(local) && is_part(domain))
}
