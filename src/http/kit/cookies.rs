//! Our cookies. `__Host-` binds them to this host and to https; on `http://localhost`, where
//! browsers refuse such cookies, they go by their bare name.

use chrono::TimeDelta;
use poem::{
    Request, Response,
    http::{HeaderValue, header},
};

use crate::app::App;

/// The cookies that we set.
#[derive(Clone, Copy, Debug)]
pub enum Cookie {
    /// Says which session the browser is in.
    Session,
    /// Binds forms and flows to the browser before anybody signs in.
    Visitor,
    /// What the playground, as a relying party, remembers between start and callback.
    Playground,
    /// By which way somebody signed in here last: the name of a provider, or nothing of the kind.
    LastWay,
}

impl Cookie {
    fn name(self, app: &App) -> String {
        let bare = match self {
            Self::Session => "doorward_session",
            Self::Visitor => "doorward_visitor",
            Self::Playground => "doorward_playground",
            Self::LastWay => "doorward_last_way",
        };
        if app.config.server.is_https() {
            format!("__Host-{bare}")
        } else {
            bare.to_owned()
        }
    }

    /// The value that the browser sent, if it sent exactly one.
    pub fn read(self, app: &App, request: &Request) -> Option<String> {
        let name = self.name(app);
        let mut found = request
            .headers()
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(own, _)| *own == name)
            .map(|(_, value)| value.to_owned());
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// Sets the cookie for `life`; for as long as the browser runs if none is given.
    pub fn set(self, app: &App, response: &mut Response, value: &str, life: Option<TimeDelta>) {
        let age = life.map_or_else(String::new, |life| {
            format!("; Max-Age={}", life.num_seconds())
        });
        let secure = if app.config.server.is_https() {
            "; Secure"
        } else {
            ""
        };
        let name = self.name(app);
        let line = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{age}{secure}");
        if let Ok(line) = HeaderValue::from_str(&line) {
            response.headers_mut().append(header::SET_COOKIE, line);
        }
    }

    /// Makes the browser forget it.
    pub fn clear(self, app: &App, response: &mut Response) {
        self.set(app, response, "", Some(TimeDelta::zero()));
    }
}
