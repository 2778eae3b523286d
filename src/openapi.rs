//! The document that `openapi.yaml` holds, as the file holds it.

use serde_json::Value;

use crate::http::document;

/// Stands over the file, for whoever opens it.
const HEAD: &str =
    "# Made from the code by `cargo run -- openapi > openapi.yaml`; a test compares the two.\n";

/// The document.
pub fn document() -> Value {
    document::document().clone()
}

/// The file.
pub fn document_yaml() -> String {
    format!("{HEAD}{}", document::yaml())
}
