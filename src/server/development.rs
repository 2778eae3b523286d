//! Development mode: the demo user and the playground's client, there at every start.

use entity::{
    client, user,
    value::{Address, Role, StandardClaims},
};

use super::fresh_password::fresh_password;
use crate::{
    accounts::operate::{self, Wanted},
    app::App,
    clients::register::{self, NewClient},
    http::pages::playground::CLIENT_ID,
    paths,
};

/// Who can be signed in as in development mode.
#[derive(Clone, Debug)]
pub struct Demo {
    pub email: &'static str,
    /// New at every start, so that the one that was printed last works.
    pub password: String,
}

/// The demo user's address, at which nobody gets letters (RFC 2606 §3).
pub const DEMO_EMAIL: &str = "demo@example.com";

/// Makes sure that both exist and work.
pub async fn furnish(app: &App) -> anyhow::Result<Demo> {
    playground(app).await?;
    let password = fresh_password();
    demo(app, &password).await?;
    Ok(Demo {
        email: DEMO_EMAIL,
        password,
    })
}

async fn demo(app: &App, password: &str) -> anyhow::Result<()> {
    let Some(known) = operate::find(app, DEMO_EMAIL).await? else {
        let wanted = Wanted {
            email: DEMO_EMAIL,
            name: "Demo",
            password: Some(password),
            email_verified: true,
            role: Role::User,
            claims: Some(&claims()),
            image: None,
        };
        operate::add(app, wanted).await?;
        return Ok(());
    };
    operate::enable(app, &known).await?;
    user::verify_email(&app.db.write, known.id, DEMO_EMAIL, app.clock.now()).await?;
    operate::renew_password(app, &known, password).await?;
    Ok(())
}

/// Every standard claim, so that each scope shows what it buys.
fn claims() -> StandardClaims {
    let said = |text: &str| Some(text.to_owned());
    StandardClaims {
        given_name: said("Demo"),
        family_name: said("Person"),
        middle_name: said("of"),
        nickname: said("Demi"),
        preferred_username: said("demo"),
        profile: said("https://example.com/demo"),
        website: said("https://example.com"),
        gender: said("unspecified"),
        birthdate: said("1970-01-01"),
        zoneinfo: said("Europe/Zurich"),
        locale: said("en"),
        phone_number: said("+1 555 0100"),
        phone_number_verified: Some(false),
        address: Some(Address {
            formatted: said("1 Example Road, Exampleton"),
            street_address: said("1 Example Road"),
            locality: said("Exampleton"),
            region: None,
            postal_code: said("00000"),
            country: said("Nowhere"),
        }),
    }
}

async fn playground(app: &App) -> anyhow::Result<()> {
    let wanted = NewClient {
        client_id: Some(CLIENT_ID.to_owned()),
        redirect_uris: vec![app.url(paths::PLAYGROUND_CALLBACK)],
        post_logout_redirect_uris: vec![app.url(paths::PLAYGROUND)],
        public: true,
        ..NewClient::named("Playground")
    };
    if let Some(known) = client::by_client_id(&app.db.read, CLIENT_ID).await? {
        let fits = known.disabled_at.is_none()
            && known.redirect_uris.0 == wanted.redirect_uris
            && known.post_logout_redirect_uris.0 == wanted.post_logout_redirect_uris;
        if fits {
            return Ok(());
        }
        // The issuer is another than at the last start, and with it where the playground is.
        register::remove(app, &known).await?;
    }
    register::add(app, wanted).await?;
    Ok(())
}
