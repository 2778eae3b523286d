//! `/account/export`: a copy of everything that is kept about the person, as a file.

use poem::{
    Response,
    http::{HeaderValue, header},
};
use serde::Serialize;

use super::{
    frame::{Place, Sheet},
    proven,
};
use crate::{
    accounts::export,
    http::kit::{
        headers::page_policy,
        page::{Page, Shown, Visit},
        page_form::PageForm,
    },
};

pub struct Export;

const SHEET: Sheet = Sheet {
    place: Place::Security,
    title: "Take a copy of your data",
    template: "pages/account/export.html",
};

/// The context of `pages/account/export.html`.
#[derive(Debug, Serialize)]
struct ExportPage {}

impl Page for Export {
    async fn show(&self, visit: Visit) -> Shown {
        proven(&visit)?;
        SHEET.show(&visit, &[], &ExportPage {})
    }

    async fn submit(&self, visit: Visit, _: PageForm) -> Shown {
        let own = proven(&visit)?;
        let copy = export::export(&visit.app, own, &visit.visitor.browser).await?;
        let json = serde_json::to_vec_pretty(&copy).map_err(anyhow::Error::from)?;
        let day = visit.app.clock.now().format("%Y-%m-%d");
        let file = format!("attachment; filename=\"doorward-{day}.json\"");
        let mut response = Response::builder()
            .content_type("application/json")
            .body(json);
        // Kept nowhere on the way, and nothing but a file wherever it is opened.
        page_policy(&mut response, None);
        if let Ok(file) = HeaderValue::from_str(&file) {
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_DISPOSITION, file);
        }
        Ok(response)
    }
}
