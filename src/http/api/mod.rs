//! The JSON API for browsers and apps, in the shapes that Better Auth clients know. A door reads,
//! asks a room and writes; it has no rule of its own.

pub mod guard;

mod address;
pub(super) mod answer;
pub(super) mod body;
mod callback;
mod caller;
mod cors;
mod email;
mod leave;
mod linked;
pub(super) mod objects;
mod origin;
mod password;
mod proof;
mod recover;
pub(super) mod refusal;
mod server;
mod session;
mod sign_in;
mod sign_up;
mod social;
mod token;
mod user;

use poem_openapi::{Object, OpenApi, Tags};

use crate::app::App;

/// The parts of the document that are about the API.
#[derive(Debug, Tags)]
pub enum Tag {
    /// Sign up, sign in, and look after an account. The browser is signed in by a cookie, which is
    /// the cookie of the hosted pages too.
    Accounts,
    /// In which browsers a person is signed in.
    Sessions,
    /// What the API says of this server.
    Server,
}

/// Done.
#[derive(Debug, Object)]
struct Status {
    /// True.
    status: bool,
}

impl Status {
    const DONE: Self = Self { status: true };
}

/// There is nothing to say; an empty object will do.
#[derive(Debug, Object)]
struct Nothing {}

/// All doors of the API.
pub fn doors(app: &App) -> impl OpenApi + use<> {
    (
        sign_up::SignUp { app: app.clone() },
        sign_in::SignIn { app: app.clone() },
        password::Password { app: app.clone() },
        recover::Recover { app: app.clone() },
        email::Email { app: app.clone() },
        user::Users { app: app.clone() },
        leave::Leave { app: app.clone() },
        social::Social { app: app.clone() },
        linked::Linked { app: app.clone() },
        session::Sessions { app: app.clone() },
        token::Tokens { app: app.clone() },
        server::Server { app: app.clone() },
    )
}
