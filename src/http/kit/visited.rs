//! The endpoints of the protocol at which a person may see an error: what it is called there, and
//! the way on.

use serde::Serialize;

use crate::paths;

/// A way on from an error page.
#[derive(Clone, Debug, Serialize)]
pub struct Way {
    pub href: String,
    pub label: &'static str,
}

/// The endpoints of the protocol that show an error where it happened.
#[derive(Clone, Copy, Debug)]
pub enum Visited {
    Authorization,
    Logout,
}

impl Visited {
    pub fn heading(self) -> &'static str {
        match self {
            Self::Authorization => "Authorization error",
            Self::Logout => "Logout error",
        }
    }

    /// What a person can do who knows nothing of the protocol.
    pub fn advice(self) -> &'static str {
        match self {
            Self::Authorization => {
                "Go back to the application that sent you here and start again. If it happens again, tell its makers what stands here."
            }
            Self::Logout => "You are still signed in. You can sign out here.",
        }
    }

    pub fn ways(self) -> Vec<Way> {
        let way = |href: &str, label| Way {
            href: href.to_owned(),
            label,
        };
        match self {
            Self::Authorization => vec![way(paths::ACCOUNT, "Go to your account")],
            Self::Logout => vec![
                way(paths::LOGOUT_CONFIRM, "Sign out"),
                way(paths::ACCOUNT, "Go to your account"),
            ],
        }
    }
}

/// A description for a client, as a sentence for a person.
pub fn sentence(description: &str) -> String {
    let mut letters = description.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}
