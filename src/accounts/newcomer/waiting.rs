//! What a newcomer chose, sealed for as long as it waits: bound to the address and to the browser.

use chrono::{DateTime, Utc};
use entity::{value::Sealed, verification_token::Model};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{app::App, crypto::seal::Purpose, sessions::Browser};

/// What waits until the address is proven.
#[derive(Serialize, Deserialize)]
pub(super) struct Waiting {
    /// Of the user to be: whoever was told it finds them by it.
    pub id: Uuid,
    pub name: Option<String>,
    #[serde(default)]
    pub image: Option<String>,
    pub password_hash: String,
    /// When the password was typed.
    pub at: DateTime<Utc>,
    /// The address belongs to somebody: nothing that was mailed leads on from here.
    pub taken: bool,
}

impl Waiting {
    pub fn seal(&self, app: &App, email: &str, browser: &Browser) -> anyhow::Result<Vec<u8>> {
        let plain = serde_json::to_vec(self)?;
        let place = place(email, browser);
        Ok(app.sealer.seal(Purpose::SignUp, &place, &plain).0)
    }

    /// None where it is not of this browser.
    pub fn open(app: &App, row: &Model, browser: &Browser) -> Option<Self> {
        let sealed = Sealed(row.payload.clone()?);
        let place = place(&row.identifier, browser);
        let plain = app.sealer.open(Purpose::SignUp, &place, &sealed).ok()?;
        serde_json::from_slice(&plain).ok()
    }
}

fn place(email: &str, browser: &Browser) -> String {
    let visitor = browser.device.as_deref().unwrap_or_default();
    format!("verification_token|payload|{visitor}|{email}")
}
