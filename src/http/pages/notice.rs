//! What was done on another page, told by the sign-in page, to which it led.

use poem::Response;

use crate::{
    http::kit::{follow::in_flow, page_error::see_other},
    paths,
};

/// What was done. The query of the sign-in page names it, and anybody can write a link with a
/// query: so it can only choose one of these sentences.
#[derive(Clone, Copy, Debug)]
pub(super) enum Notice {
    PasswordChanged,
    AccountKept,
}

impl Notice {
    const ALL: [Self; 2] = [Self::PasswordChanged, Self::AccountKept];

    fn name(self) -> &'static str {
        match self {
            Self::PasswordChanged => "password",
            Self::AccountKept => "kept",
        }
    }

    fn sentence(self) -> &'static str {
        match self {
            Self::PasswordChanged => "Your password is changed. Sign in with the new one.",
            Self::AccountKept => "Your account stays. Sign in to go on.",
        }
    }

    /// To the sign-in page, which then says what was done.
    pub(super) fn told(self, flow: Option<&str>) -> Response {
        let name = self.name();
        see_other(&match flow {
            Some(flow) => format!("{}&done={name}", in_flow(paths::LOGIN, flow)),
            None => format!("{}?done={name}", paths::LOGIN),
        })
    }
}

/// What the page says for a word of its query.
pub(super) fn sentence(word: &str) -> Option<&'static str> {
    let notice = Notice::ALL.into_iter().find(|notice| notice.name() == word);
    notice.map(Notice::sentence)
}
