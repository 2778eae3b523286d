//! Who is at the other end: a browser, by its visitor cookie, and perhaps a person signed in.

use chrono::TimeDelta;
use poem::{Request, Response, http::header};
use sea_orm::DbErr;
use secrecy::{ExposeSecret, SecretString};

use super::{client_ip::client_ip, cookies::Cookie};
use crate::{
    app::App,
    crypto::secret::{Minted, SecretKind},
    logout::Leaving,
    sessions::{self, Browser, SignedIn},
};

/// How long a browser in which somebody has signed in is known. Browsers keep no cookie for longer.
const KNOWN_FOR: TimeDelta = TimeDelta::days(400);

/// The browser that asks.
#[derive(Debug)]
pub struct Visitor {
    /// The digest of the visitor cookie: what flows and forms are bound to.
    pub digest: String,
    pub signed_in: Option<SignedIn>,
    pub browser: Browser,
    /// The value of the visitor cookie.
    cookie: SecretString,
    /// The browser does not have it yet.
    fresh: bool,
    /// The session cookie is to go when the browser closes.
    brief: bool,
    /// What is bound to this sign-in besides the browser.
    session_digest: String,
}

impl Visitor {
    pub async fn of(app: &App, request: &Request) -> Result<Self, DbErr> {
        let cookie = Cookie::Session.read(app, request);
        Self::by(app, request, cookie.as_deref()).await
    }

    /// The same for whoever shows the secret of a session in another way.
    pub async fn by(app: &App, request: &Request, session: Option<&str>) -> Result<Self, DbErr> {
        let known = Cookie::Visitor.read(app, request).and_then(|value| {
            let digest = app.secrets.digest(SecretKind::Visitor, &value)?;
            let secret = SecretString::from(value);
            Some(Minted { secret, digest })
        });
        let fresh = known.is_none();
        let Minted { secret, digest } =
            known.unwrap_or_else(|| app.secrets.mint(SecretKind::Visitor));
        let signed_in = match session {
            Some(secret) => sessions::find(app, secret).await?,
            None => None,
        };
        let session_digest = signed_in
            .as_ref()
            .map_or_else(String::new, |own| own.session.session_token.0.clone());
        let browser = Browser {
            device: Some(digest.0.clone()),
            ..browser(app, request)
        };
        Ok(Self {
            digest: digest.0,
            signed_in,
            browser,
            cookie: secret,
            fresh,
            brief: Cookie::Brief.read(app, request).is_some(),
            session_digest,
        })
    }

    /// Who is to be signed out, if this browser is.
    pub fn leaving(&self) -> Leaving<'_> {
        Leaving {
            signed_in: self.signed_in.as_ref(),
            browser: &self.digest,
        }
    }

    /// The token for a form of this browser, this sign-in and this flow.
    pub fn form_token(&self, app: &App, flow: Option<&str>) -> String {
        app.secrets.form_tag(&self.bound(flow))
    }

    /// Whether `token` was given to this browser, in this sign-in, for this flow.
    pub fn owns(&self, app: &App, flow: Option<&str>, token: &str) -> bool {
        !self.fresh && app.secrets.form_tag_fits(&self.bound(flow), token)
    }

    /// Whether `token` was given to this browser for this flow before anybody was signed in.
    pub fn owned_signed_out(&self, app: &App, flow: Option<&str>, token: &str) -> bool {
        let bound = [self.digest.as_str(), "", flow.unwrap_or_default()];
        !self.fresh && app.secrets.form_tag_fits(&bound, token)
    }

    /// Gives the browser its visitor cookie if it has none.
    pub fn greet(&self, app: &App, response: &mut Response) {
        if self.fresh {
            Cookie::Visitor.set(app, response, self.cookie.expose_secret(), None);
        }
    }

    /// Lets the browser be known again, also after it was closed: a letter to it is on its way.
    pub fn await_letter(&self, app: &App, response: &mut Response) {
        Cookie::Visitor.set(app, response, self.cookie.expose_secret(), Some(KNOWN_FOR));
    }

    /// Signs the browser in with the session that was just started: for as long as the session may
    /// last, or until the browser closes. From now on this is a browser that we know.
    pub fn welcome(&self, app: &App, response: &mut Response, session: &Minted, remember: bool) {
        self.welcome_by(entity::account::EMAIL, app, response, (session, remember));
    }

    /// The same for somebody who came by a provider. The browser remembers the way, for the next time.
    pub fn welcome_by(
        &self,
        way: &str,
        app: &App,
        response: &mut Response,
        (session, remember): (&Minted, bool),
    ) {
        if !app.config.providers.is_empty() {
            Cookie::LastWay.set(app, response, way, Some(KNOWN_FOR));
        }
        self.enter(app, response, (session, remember));
    }

    fn enter(&self, app: &App, response: &mut Response, (session, remember): (&Minted, bool)) {
        let life = remember.then(|| app.config.sessions.absolute());
        Cookie::Session.set(app, response, session.expose(), life);
        match (remember, self.brief) {
            (false, false) => Cookie::Brief.set(app, response, "1", None),
            (true, true) => Cookie::Brief.clear(app, response),
            _ => {}
        }
        Cookie::Visitor.set(app, response, self.cookie.expose_secret(), Some(KNOWN_FOR));
    }

    /// Whether the session cookie stays when the browser closes.
    pub fn is_kept(&self) -> bool {
        !self.brief
    }

    /// Gives a browser that is signed in the new secret of its session, which then stays for as long
    /// as it was said when it signed in.
    pub fn welcome_again(&self, app: &App, response: &mut Response, session: &Minted) {
        self.enter(app, response, (session, self.is_kept()));
    }

    fn bound<'a>(&'a self, flow: Option<&'a str>) -> [&'a str; 3] {
        [&self.digest, &self.session_digest, flow.unwrap_or_default()]
    }
}

fn browser(app: &App, request: &Request) -> Browser {
    let user_agent = request
        .headers()
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .map(|text| text.chars().take(300).collect());
    Browser {
        ip: client_ip(app, request).map(|ip| ip.to_string()),
        user_agent,
        device: None,
    }
}
