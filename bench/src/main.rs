//! Measures the budgets: each endpoint against a bare handler that does the unavoidable part of the
//! same work, in turn, in one run, on loopback. Prints medians and ratios; judges nothing.
//!
//! `cargo run --release -p bench` measures the endpoints. `cargo build --release && cargo run --release
//! -p bench -- overload [THREADS]` sends the real binary ten times the sign-ins that it can do.

mod bare;
mod load;
mod overload;
mod world;

use std::time::Duration;

use load::{Request, rate};
use world::World;

/// How long one measurement lasts, and how many pairs are taken.
const SPAN: Duration = Duration::from_secs(2);
const PAIRS: usize = 5;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => budgets().await,
        ["overload"] => overload::run(None).await,
        ["overload", threads] => overload::run(Some(threads.parse()?)).await,
        _ => anyhow::bail!("nothing, or: overload [THREADS]"),
    }
}

async fn budgets() -> anyhow::Result<()> {
    let world = World::open().await?;
    println!(
        "{} connections, {PAIRS} pairs of {SPAN:?} each\n",
        load::CONNECTIONS
    );
    println!(
        "{:<22}{:>12}{:>12}{:>9}{:>9}",
        "endpoint", "ours /s", "bare /s", "ratio", "bar"
    );
    for (name, path, bar) in [
        ("discovery", "/.well-known/openid-configuration", "0.80"),
        ("jwks", "/oauth2/jwks", "0.80"),
    ] {
        let ours = Request::get(path);
        let bare = bare::bytes(world.body(path).await?).await?;
        compare(name, bar, (world.port, &ours), (bare, &Request::get("/"))).await?;
    }
    let token = Request::form("/oauth2/token", &world.client_credentials());
    let bare = bare::signature().await?;
    compare(
        "client_credentials",
        "0.70",
        (world.port, &token),
        (bare, &Request::get("/")),
    )
    .await?;

    let login = world.password_checks(SPAN).await?;
    println!(
        "\npassword checks        {:>12.1}{:>12.1}{:>9.2}{:>9}",
        login.0,
        login.1,
        login.0 / login.1,
        "0.95"
    );
    Ok(())
}

/// Takes pairs in turn, so that a machine that drifts drifts for both.
async fn compare(
    name: &str,
    bar: &str,
    ours: (u16, &Request),
    bare: (u16, &Request),
) -> anyhow::Result<()> {
    rate(ours.0, ours.1, SPAN / 4).await?;
    rate(bare.0, bare.1, SPAN / 4).await?;
    let mut pairs = Vec::new();
    for _ in 0..PAIRS {
        let one = rate(ours.0, ours.1, SPAN).await?;
        let other = rate(bare.0, bare.1, SPAN).await?;
        pairs.push((one, other));
    }
    let median = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let ours = median(pairs.iter().map(|pair| pair.0).collect());
    let bare = median(pairs.iter().map(|pair| pair.1).collect());
    let ratio = median(pairs.iter().map(|pair| pair.0 / pair.1).collect());
    println!("{name:<22}{ours:>12.0}{bare:>12.0}{ratio:>9.2}{bar:>9}");
    Ok(())
}
