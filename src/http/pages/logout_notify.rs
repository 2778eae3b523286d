//! `/logout/notify`: tells the clients of a session that has ended through the browser, one frame
//! for each, and goes on (OpenID Connect Front-Channel Logout 1.0 §2).

use poem::http::StatusCode;
use serde::Serialize;

use crate::{
    http::kit::{
        headers::may_frame,
        page::{Page, Shown, Visit},
        page_error::see_other,
    },
    logout::frontchannel::{self, Telling},
    paths,
};

/// The page between the sign-out and what comes afterwards.
pub struct Notify;

/// The context of `pages/logout_notify.html`. The addresses are escaped.
#[derive(Debug, Serialize)]
struct NotifyPage {
    frames: Vec<FramePart>,
    to: String,
}

#[derive(Debug, Serialize)]
struct FramePart {
    client_name: String,
    url: String,
}

impl Page for Notify {
    async fn show(&self, visit: Visit) -> Shown {
        let sealed = visit.query.get("notice").unwrap_or_default();
        let found = frontchannel::open(&visit.app, sealed, &visit.visitor.digest).await?;
        let Some(Telling { frames, to }) = found else {
            return Ok(see_other(paths::LOGOUT_DONE));
        };
        if frames.is_empty() {
            return Ok(see_other(&to));
        }
        let sources: Vec<&str> = frames.iter().map(|frame| frame.source.as_str()).collect();
        let context = NotifyPage {
            frames: frames
                .iter()
                .map(|frame| FramePart {
                    client_name: frame.client_name.clone(),
                    url: attribute(&frame.url),
                })
                .collect(),
            to: attribute(&to),
        };
        let mut response = visit.render(StatusCode::OK, "pages/logout_notify.html", &context)?;
        may_frame(&mut response, &sources);
        Ok(response)
    }
}

/// Escaped for an attribute between double quotes. The engine would also escape slashes, and the
/// page's source would show no address that a person or a simple program can read.
fn attribute(url: &str) -> String {
    url.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
