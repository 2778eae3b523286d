//! Delivery: hands one letter to the mail server that the operator chose. Whether and when one is
//! handed over again is not decided here.

use std::{fmt, fs, io, time::Duration};

use entity::outbox;
use lettre::{
    Address, Message,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
    transport::smtp::{
        Error,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, Certificate, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::ClientId,
    },
};
use secrecy::ExposeSecret;
use tokio::{net::TcpStream, time::timeout};

use super::{Letter, bounded::Bounded};
use crate::config::{self, Security};

/// How long the server has to accept a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// How long the server may take to say goodbye to somebody who is done.
const FAREWELL: Duration = Duration::from_secs(1);

/// Carries letters to a mail server.
pub struct Mailer {
    from: Mailbox,
    host: String,
    port: u16,
    security: Security,
    tls: TlsParameters,
    credentials: Option<Credentials>,
    hello: ClientId,
    /// How long handing over one letter may take.
    pub patience: Duration,
}

/// Why there can be no mailer. Each says which setting is wrong.
#[derive(Debug, thiserror::Error)]
pub enum MailerError {
    #[error("mail.from is not a mailbox such as My shop <no-reply@example.com>")]
    From,
    #[error("mail.ca_file: {0}")]
    Unreadable(io::Error),
    #[error("mail.ca_file holds no certificates in PEM")]
    NoCertificates,
    #[error("no TLS for mail.server: {0}")]
    Tls(Error),
}

/// Why a letter was not taken. Neither says anything about whom it is for: servers repeat the
/// address in what they answer, so of that only the code is kept.
#[derive(Debug, thiserror::Error)]
pub enum Undelivered {
    /// Nobody will take it, however often it is offered.
    #[error("{0}")]
    Refused(String),
    /// Another time, perhaps.
    #[error("{0}")]
    NotNow(String),
}

impl Mailer {
    /// A mailer, if a server is set.
    pub fn new(settings: &config::Mail) -> Result<Option<Self>, MailerError> {
        let Some(host) = &settings.server else {
            return Ok(None);
        };
        let from = settings.from.as_deref().unwrap_or_default();
        let credentials = settings.username.clone().zip(settings.password.as_ref());
        Ok(Some(Self {
            from: from.parse().map_err(|_| MailerError::From)?,
            tls: tls(host, settings)?,
            host: host.clone(),
            port: settings.port(),
            security: settings.security,
            credentials: credentials
                .map(|(name, password)| Credentials::new(name, password.expose_secret().into())),
            hello: ClientId::default(),
            patience: settings.timeout(),
        }))
    }

    /// Hands a letter over within `patience`. Of a letter that was not taken in time nobody knows
    /// whether it is on its way: its Message-ID stays the same, so that a second copy shows as one.
    pub async fn deliver(
        &self,
        row: &outbox::Model,
        letter: &Letter,
        patience: Duration,
    ) -> Result<(), Undelivered> {
        let to: Address = row
            .recipient
            .parse()
            .map_err(|_| Undelivered::Refused("it is addressed to no mailbox".to_owned()))?;
        let message = self.message(row, to.clone(), letter)?;
        let mut connection = timeout(patience, self.hand_over(to, &message))
            .await
            .map_err(|_| too_long())??;
        // It was taken; what the server makes of our goodbye changes nothing.
        timeout(FAREWELL, connection.quit()).await.ok();
        Ok(())
    }

    /// Connects and signs in as for a letter, without one.
    pub async fn knock(&self) -> Result<(), Undelivered> {
        let opened = timeout(self.patience, self.open()).await;
        let mut connection = opened.map_err(|_| too_long())??;
        timeout(FAREWELL, connection.quit()).await.ok();
        Ok(())
    }

    async fn open(&self) -> Result<AsyncSmtpConnection, Undelivered> {
        let place = (self.host.as_str(), self.port);
        let mut connection = match self.security {
            // TLS from the first byte: who speaks has shown a certificate that we believe.
            Security::Tls => {
                let tls = Some(self.tls.clone());
                AsyncSmtpConnection::connect_tokio1(place, Some(CONNECT), &self.hello, tls, None)
                    .await
                    .map_err(not_now)?
            }
            Security::Starttls | Security::None => {
                let connected = timeout(CONNECT, TcpStream::connect(place)).await;
                let stream = connected.map_err(|_| too_long())?.map_err(unreachable)?;
                let stream = Box::new(Bounded::new(stream));
                AsyncSmtpConnection::connect_with_transport(stream, &self.hello)
                    .await
                    .map_err(not_now)?
            }
        };
        if self.security == Security::Starttls {
            // Fails where it is not offered, which somebody on the way could have seen to.
            let encrypted = connection.starttls(self.tls.clone(), &self.hello).await;
            encrypted.map_err(not_now)?;
        }
        if let Some(credentials) = &self.credentials {
            let signed_in = connection.auth(DEFAULT_MECHANISMS, credentials).await;
            signed_in.map_err(not_now)?;
        }
        Ok(connection)
    }

    /// Says the four commands of RFC 5321 §3.3. Refusing the connection or the sender is about us,
    /// which an operator can mend; only what comes after that is about this letter.
    async fn hand_over(
        &self,
        to: Address,
        message: &[u8],
    ) -> Result<AsyncSmtpConnection, Undelivered> {
        let mut connection = self.open().await?;
        let from = Mail::new(Some(self.from.email.clone()), Vec::new());
        connection.command(from).await.map_err(not_now)?;
        let to = Rcpt::new(to, Vec::new());
        connection.command(to).await.map_err(judged)?;
        connection.command(Data).await.map_err(judged)?;
        connection.message(message).await.map_err(judged)?;
        Ok(connection)
    }

    /// The letter as it travels: the same at each attempt.
    fn message(
        &self,
        row: &outbox::Model,
        to: Address,
        letter: &Letter,
    ) -> Result<Vec<u8>, Undelivered> {
        // RFC 3834 §5: so that nobody's absence is told to a mailbox that nobody reads.
        let name = HeaderName::new_from_ascii_str("Auto-Submitted");
        let automatic = HeaderValue::new(name, "auto-generated".to_owned());
        let written = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(&letter.subject)
            .date(row.created_at.into())
            .message_id(Some(format!("<{}@{}>", row.id, self.from.email.domain())))
            .raw_header(automatic)
            .multipart(MultiPart::alternative_plain_html(
                letter.text.clone(),
                letter.html.clone(),
            ));
        written
            .map(|message| message.formatted())
            .map_err(|error| Undelivered::Refused(format!("it cannot be written: {error}")))
    }
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mailer({self})")
    }
}

/// Where letters are taken, for people.
impl fmt::Display for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on port {}", self.host, self.port)
    }
}

/// Whom to believe that the server is who it says.
fn tls(host: &str, settings: &config::Mail) -> Result<TlsParameters, MailerError> {
    let mut tls = TlsParameters::builder(host.to_owned());
    if let Some(file) = &settings.ca_file {
        let pem = fs::read(file).map_err(MailerError::Unreadable)?;
        let text = String::from_utf8_lossy(&pem);
        if !text.contains("-----BEGIN CERTIFICATE-----") {
            return Err(MailerError::NoCertificates);
        }
        let trusted = Certificate::from_pem(&pem).map_err(|_| MailerError::NoCertificates)?;
        tls = tls.add_root_certificate(trusted);
    }
    tls.build().map_err(MailerError::Tls)
}

fn too_long() -> Undelivered {
    Undelivered::NotNow("the mail server takes too long".to_owned())
}

fn unreachable(error: io::Error) -> Undelivered {
    Undelivered::NotNow(format!("the mail server cannot be reached: {error}"))
}

fn not_now(error: Error) -> Undelivered {
    Undelivered::NotNow(without_quotation(&error))
}

/// RFC 5321 §4.2.1: 5yz is for good, 4yz for now. 530 is about how we signed in (RFC 4954 §6).
fn judged(error: Error) -> Undelivered {
    let wants_sign_in = error.status().is_some_and(|code| code.to_string() == "530");
    match error.is_permanent() && !wants_sign_in {
        true => Undelivered::Refused(without_quotation(&error)),
        false => not_now(error),
    }
}

/// What went wrong, without a word of what the server said.
fn without_quotation(error: &Error) -> String {
    match error.status() {
        Some(code) => format!("the mail server answered {code}"),
        None if error.is_response() => "the mail server does not speak SMTP".to_owned(),
        None => error.to_string(),
    }
}
