//! Development mode: the demo user and the playground's client, there at every start.

use entity::{
    client, user,
    value::{ApplicationType, Profile, Role},
};

use super::fresh_password::fresh_password;
use crate::{
    accounts::operate::{self, Wanted},
    app::App,
    clients::register::{self, NewClient},
    paths,
    tokens::claims::every_scope,
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
/// The playground's `client_id`.
pub const PLAYGROUND_CLIENT: &str = "playground";

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
        };
        operate::add(app, wanted).await?;
        return Ok(());
    };
    operate::enable(app, &known).await?;
    user::verify_email(&app.db.write, known.id, DEMO_EMAIL, app.clock.now()).await?;
    operate::set_password(app, &known, password).await?;
    Ok(())
}

async fn playground(app: &App) -> anyhow::Result<()> {
    let wanted = NewClient {
        client_id: Some(PLAYGROUND_CLIENT.to_owned()),
        name: "Playground".to_owned(),
        redirect_uris: vec![app.url(paths::PLAYGROUND_CALLBACK)],
        post_logout_redirect_uris: vec![app.url(paths::PLAYGROUND)],
        public: true,
        application_type: ApplicationType::Web,
        profile: Profile::Oauth21,
        scope: every_scope(),
        audiences: Vec::new(),
        origins: Vec::new(),
        claims_in_id_token: false,
        trusted: false,
    };
    if let Some(known) = client::by_client_id(&app.db.read, PLAYGROUND_CLIENT).await? {
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
