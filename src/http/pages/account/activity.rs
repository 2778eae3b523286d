//! `/account/activity`: what happened in the account, in words.

use entity::value::EventKind;
use sea_orm::Iterable;
use serde::Serialize;
use uuid::Uuid;

use super::{
    frame::{Place, Sheet},
    own,
};
use crate::{
    accounts::activity::{self, Happened},
    http::{
        kit::page::{Page, Shown, Visit},
        pages::words,
    },
    paths,
    sessions::browser,
};

pub struct Activity;

const SHEET: Sheet = Sheet {
    place: Place::Activity,
    title: "Activity",
    template: "pages/account/activity.html",
};

/// The context of `pages/account/activity.html`.
#[derive(Debug, Serialize)]
struct ActivityPage {
    events: Vec<Event>,
    /// The page with what happened before these.
    older: Option<String>,
    /// This is not the first page.
    later: bool,
}

#[derive(Debug, Serialize)]
struct Event {
    words: &'static str,
    app: Option<String>,
    at: String,
    browser: Option<String>,
    place: Option<String>,
}

impl Event {
    fn of(happened: Happened) -> Option<Self> {
        let Happened { event, app } = happened;
        let gone = || "an app that is gone".to_owned();
        Some(Self {
            words: words_for(event.kind)?,
            app: app.or_else(|| event.client_id.map(|_| gone())),
            at: words::time(event.at),
            // What a program or the operator did has none.
            browser: event.user_agent.map(|text| browser::name_of(Some(&text))),
            place: event.ip,
        })
    }
}

impl Page for Activity {
    async fn show(&self, visit: Visit) -> Shown {
        let user_id = own(&visit)?.user.id;
        // What is no id is as good as none: the newest are shown.
        let before = visit.query.get("before");
        let before: Option<Uuid> = before.and_then(|before| before.parse().ok());
        let kinds: Vec<_> = EventKind::iter()
            .filter(|kind| words_for(*kind).is_some())
            .collect();
        let found = activity::activity(&visit.app, user_id, &kinds, before).await?;
        let context = ActivityPage {
            events: found.events.into_iter().filter_map(Event::of).collect(),
            older: found
                .before
                .map(|id| format!("{}?before={id}", paths::ACCOUNT_ACTIVITY)),
            later: before.is_some(),
        };
        SHEET.show(&visit, &[], &context)
    }
}

/// What a person is told of an event; nothing where it is about the server and not about them. The
/// name of the application follows, where there is one.
fn words_for(kind: EventKind) -> Option<&'static str> {
    Some(match kind {
        EventKind::UserRegistered => "Your account was made",
        EventKind::SignedIn => "Signed in",
        EventKind::SignInFailed => "Somebody tried to sign in with a wrong password",
        EventKind::SignInHeldUp => "Too many wrong passwords: the next ones have to wait",
        EventKind::SignedOut => "Signed out",
        EventKind::SessionRevoked => "Signed out from elsewhere",
        EventKind::PasswordChanged => "Password changed",
        EventKind::EmailVerified => "E-mail address confirmed",
        EventKind::RecoveryAsked => "A letter for a new password was asked for",
        EventKind::PasswordReset => "New password set by way of a letter",
        EventKind::EmailChangeAsked => "A letter to a new e-mail address was asked for",
        EventKind::EmailChanged => "E-mail address changed",
        EventKind::ProfileChanged => "Profile changed",
        EventKind::DataExported => "A copy of your data was taken",
        EventKind::RemovalAsked => "The removal of your account was asked for",
        EventKind::RemovalCalledOff => "The removal of your account was called off",
        EventKind::ConsentGranted => "Access allowed:",
        EventKind::ConsentDenied => "Access refused:",
        EventKind::DeviceApproved => "Access allowed on a device:",
        EventKind::ConsentRevoked => "Access taken away:",
        EventKind::TokenRevoked => "An app signed itself out:",
        EventKind::CodeReplayed | EventKind::RefreshTokenReplayed => {
            "A secret came back a second time, so its access has ended:"
        }
        EventKind::ProviderLinked => "An account elsewhere was linked",
        EventKind::ProviderUnlinked => "An account elsewhere was unlinked",
        EventKind::ProviderFailed => "Signing in with an account elsewhere failed",
        EventKind::UserDisabled => "Your account was locked by the operator",
        EventKind::UserEnabled => "Your account was unlocked by the operator",
        EventKind::ConstantSeen
        | EventKind::UserRemoved
        | EventKind::ClientChanged
        | EventKind::KeysTurned
        | EventKind::LogoutNotDelivered => return None,
    })
}
