//! `/livez` and `/readyz`: for whoever keeps this process running.

use std::time::Duration;

use poem::{
    Endpoint, Response,
    endpoint::make,
    http::{StatusCode, header},
};

use crate::app::App;

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// The process answers.
pub fn livez() -> impl Endpoint<Output = Response> {
    make(|_| async { text(StatusCode::OK, "live\n") })
}

/// The process can do its work: the database answers.
pub fn readyz(app: App) -> impl Endpoint<Output = Response> {
    make(move |_| {
        let app = app.clone();
        async move {
            let answer = tokio::time::timeout(PATIENCE, app.db.read.ping()).await;
            match answer {
                Ok(Ok(())) => text(StatusCode::OK, "ready\n"),
                late_or_wrong => {
                    tracing::warn!(?late_or_wrong, "the database does not answer");
                    text(
                        StatusCode::SERVICE_UNAVAILABLE,
                        "the database does not answer\n",
                    )
                }
            }
        }
    })
}

fn text(status: StatusCode, text: &'static str) -> Response {
    Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, "text/plain; charset=utf-8")
        .body(text)
}
