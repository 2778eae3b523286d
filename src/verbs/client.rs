//! `client`: the applications that may ask us to sign people in.

mod add;
mod links;
mod protocol;
mod update;
mod view;

use clap::Subcommand;
use doorward::{app::App, clients::register};
use entity::client;
use secrecy::ExposeSecret;
use serde_json::json;

use super::{Failure, Global, print};
use view::View;

#[derive(Debug, Subcommand)]
pub enum Client {
    /// Register an application.
    Add(add::Add),
    /// Show all applications.
    List,
    /// Show one application.
    Show(Which),
    /// Change an application; what is not named stays as it is.
    Update(update::Update),
    /// Give an application a new secret; the one before works for another day.
    RotateSecret(Which),
    /// Remove an application with every code, token and consent that it holds.
    Remove(Which),
}

#[derive(Clone, Debug, clap::Args)]
pub struct Which {
    /// The client_id.
    client_id: String,
}

pub async fn run(global: &Global, verb: Client) -> Result<(), Failure> {
    let app = global.open_without_hashing().await?;
    match verb {
        Client::Add(add) => add::run(global, &app, add).await,
        Client::List => list(global, &app).await,
        Client::Show(which) => show(global, &app, &which).await,
        Client::Update(update) => update::run(global, &app, update).await,
        Client::RotateSecret(which) => rotate_secret(global, &app, &which).await,
        Client::Remove(which) => remove(global, &app, &which).await,
    }
}

async fn list(global: &Global, app: &App) -> Result<(), Failure> {
    let clients = client::all(&app.db.read).await?;
    if global.json {
        let mut views = Vec::new();
        for client in &clients {
            views.push(View::read(app, client).await?);
        }
        return print::json(&json!({ "clients": views }));
    }
    if clients.is_empty() {
        print::say(
            "No application is registered. Add one: doorward client add NAME --redirect URI",
        );
        return Ok(());
    }
    let rows: Vec<[String; 4]> = clients
        .iter()
        .map(|client| {
            [
                client.client_id.clone(),
                client.client_name.clone(),
                match (client.is_public(), client.dynamic) {
                    (true, false) => "public",
                    (true, true) => "public, registered itself",
                    (false, false) => "confidential",
                    (false, true) => "confidential, registered itself",
                }
                .to_owned(),
                client.redirect_uris.0.join(" "),
            ]
        })
        .collect();
    print::table(["CLIENT_ID", "NAME", "TYPE", "REDIRECT URIS"], &rows);
    Ok(())
}

async fn show(global: &Global, app: &App, which: &Which) -> Result<(), Failure> {
    let client = find(app, which).await?;
    let view = View::read(app, &client).await?;
    if global.json {
        return print::json(&view);
    }
    print::pairs(&view.pairs());
    Ok(())
}

async fn rotate_secret(global: &Global, app: &App, which: &Which) -> Result<(), Failure> {
    let client = find(app, which).await?;
    let Some(secret) = register::rotate_secret(app, &client).await? else {
        let kind = match client.is_public() {
            true => "is a public client",
            false => "proves itself with a key",
        };
        return Err(Failure::failed(format!(
            "{} {kind} and has no secret",
            client.client_id
        )));
    };
    let works = app.clock.now() + register::PREVIOUS_SECRET_WORKS;
    if global.json {
        return print::json(&json!({
            "client_id": client.client_id,
            "client_secret": secret.expose_secret(),
            "previous_secret_until": print::time(works),
        }));
    }
    print::pairs(&[
        ("client_id", client.client_id),
        ("client_secret", secret.expose_secret().to_owned()),
    ]);
    print::say(&format!(
        "\nThe secret is shown this once. The one before works until {}.",
        print::when(works)
    ));
    Ok(())
}

async fn remove(global: &Global, app: &App, which: &Which) -> Result<(), Failure> {
    let client = find(app, which).await?;
    if !register::remove(app, &client).await? {
        return Err(unknown(which));
    }
    if global.json {
        return print::json(&json!({ "client_id": client.client_id, "removed": true }));
    }
    print::say(&format!(
        "Removed {} ({}).",
        client.client_name, client.client_id
    ));
    Ok(())
}

async fn find(app: &App, which: &Which) -> Result<client::Model, Failure> {
    client::by_client_id(&app.db.read, &which.client_id)
        .await?
        .ok_or_else(|| unknown(which))
}

fn unknown(which: &Which) -> Failure {
    Failure::not_found(format!(
        "no client has the id {}; doorward client list shows all",
        which.client_id
    ))
}
