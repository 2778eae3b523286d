//! `/client-logo/{client_id}`: our copy of a client's logo, for the pages of a flow. Not a page: bytes
//! of a stranger, shown as nothing but a picture.

use poem::{
    Endpoint, Request, Response, Result,
    error::NotFoundError,
    http::{HeaderValue, StatusCode, header},
};

use crate::{
    app::App,
    clients::logo::{self, Logo},
    http::kit::cached::Document,
    templates::static_file,
};

#[derive(Debug)]
pub struct ClientLogo {
    app: App,
    /// What is shown where there is no copy.
    neutral: Option<Document>,
}

/// The address names the picture too (see `pages::client`), so it may be kept.
const A_DAY: &str = "public, max-age=86400";
/// There may be a copy soon.
const A_MINUTE: &str = "public, max-age=60";

impl ClientLogo {
    pub fn open(app: &App) -> Self {
        let document = |bytes| Document::new("image/svg+xml", A_MINUTE, bytes);
        Self {
            app: app.clone(),
            neutral: static_file("app.svg").map(document),
        }
    }
}

impl Endpoint for ClientLogo {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let client_id: String = request.path_params()?;
        let logo = match logo::logo(&self.app, &client_id).await {
            Ok(logo) => logo,
            Err(error) => {
                tracing::error!(%error, "a logo could not be looked up");
                return Ok(Response::from(StatusCode::SERVICE_UNAVAILABLE));
            }
        };
        let mut response = match logo {
            Logo::Nothing => return Err(NotFoundError.into()),
            Logo::Missing => self.neutral.as_ref().ok_or(NotFoundError)?.answer(&request),
            Logo::Copy {
                content_type,
                image,
            } => Document::new(content_type, A_DAY, image).answer(&request),
        };
        let headers = response.headers_mut();
        // Whoever opens it as a document gets one that can do nothing.
        for (name, value) in [
            (
                header::CONTENT_SECURITY_POLICY,
                "sandbox; default-src 'none'; frame-ancestors 'none'",
            ),
            (header::CONTENT_DISPOSITION, "attachment"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (
                header::HeaderName::from_static("cross-origin-resource-policy"),
                "same-origin",
            ),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        Ok(response)
    }
}
