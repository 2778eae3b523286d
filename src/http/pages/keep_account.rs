//! `/keep-account`: the way back for somebody who is leaving: by the link of a letter, or by the right
//! password. Opening it changes nothing; the button keeps the account.

use poem::http::StatusCode;
use serde::Serialize;
use uuid::Uuid;

use super::{notice::Notice, words};
use crate::{
    accounts::removal::{self, Standing},
    http::kit::{
        errand::Errand,
        page::{Page, Shown, Visit},
        page_form::PageForm,
    },
};

pub struct KeepAccount;

/// The context of `pages/keep_account.html`.
#[derive(Debug, Serialize)]
struct KeepPage<'a> {
    csrf: String,
    flow: Option<&'a str>,
    token: Option<&'a str>,
    state: State,
    email: Option<String>,
    leaves: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Ask,
    /// The account cannot be kept any more.
    Gone,
    /// The link is none, or none any more.
    Dead,
}

/// By what somebody would keep an account.
enum By<'a> {
    Link(&'a str),
    /// The right password, typed a while ago.
    Errand {
        user_id: Uuid,
        sealed: &'a str,
        onward: Option<String>,
    },
    Nothing,
}

impl<'a> By<'a> {
    fn of(visit: &Visit, token: Option<&'a str>, flow: Option<&'a str>) -> Self {
        let errand = flow.and_then(|flow| Errand::open(&visit.app, flow, &visit.visitor));
        match (errand, flow, token) {
            (Some(Errand::Keep { user_id, flow }), Some(sealed), _) => Self::Errand {
                user_id,
                sealed,
                onward: flow,
            },
            (_, _, Some(token)) => Self::Link(token),
            _ => Self::Nothing,
        }
    }

    fn onward(&self) -> Option<&str> {
        match self {
            Self::Errand { onward, .. } => onward.as_deref(),
            _ => None,
        }
    }
}

impl Page for KeepAccount {
    async fn show(&self, visit: Visit) -> Shown {
        let by = By::of(&visit, visit.query.get("token"), visit.query.get("flow"));
        let user_id = match by {
            By::Link(token) => removal::peek(&visit.app, token).await?,
            By::Errand { user_id, .. } => Some(user_id),
            By::Nothing => None,
        };
        let standing = match user_id {
            Some(id) => removal::standing(&visit.app, id).await?,
            None => Standing::Gone,
        };
        page(&visit, &by, standing)
    }

    async fn submit(&self, visit: Visit, form: PageForm) -> Shown {
        let by = By::of(&visit, form.sent("token"), form.flow());
        let browser = &visit.visitor.browser;
        let standing = match by {
            By::Link(token) => removal::keep_by_link(&visit.app, token, browser).await?,
            By::Errand { user_id, .. } => removal::keep(&visit.app, user_id, browser).await?,
            By::Nothing => Standing::Gone,
        };
        page(&visit, &by, standing)
    }
}

fn page(visit: &Visit, by: &By<'_>, standing: Standing) -> Shown {
    let (state, email, at) = match (standing, by) {
        // They sign in anew, and go on where they were.
        (Standing::Kept, _) => return Ok(Notice::AccountKept.told(by.onward())),
        (Standing::Leaving { email, at }, _) => (State::Ask, Some(email), Some(at)),
        (Standing::Gone, By::Errand { .. }) => (State::Gone, None, None),
        (Standing::Gone, _) => (State::Dead, None, None),
    };
    let status = match state {
        State::Ask | State::Gone => StatusCode::OK,
        State::Dead => StatusCode::GONE,
    };
    let (flow, token) = match by {
        By::Errand { sealed, .. } => (Some(*sealed), None),
        By::Link(token) => (None, Some(*token)),
        By::Nothing => (None, None),
    };
    let context = KeepPage {
        csrf: visit.csrf(flow),
        flow,
        token,
        state,
        email,
        leaves: at.map(words::time),
    };
    visit.render(status, "pages/keep_account.html", &context)
}
