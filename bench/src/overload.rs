//! Overload: sign-ins arrive at a constant rate, whatever becomes of those before, at up to ten times
//! what the real binary can do; applications ask for tokens and keys meanwhile. Prints what of it
//! was served, how soon the others were sent away, and what the applications noticed.

mod arrivals;
mod http;
mod people;
mod server;

use std::{
    sync::{Arc, atomic::AtomicUsize},
    time::Duration,
};

use arrivals::{Told, arrive};
use http::Wire;
use people::People;
use server::Server;

/// How long each load lasts.
const SPAN: Duration = Duration::from_secs(8);
/// Applications ask so often for a token, and as often for the keys.
const BACKGROUND: f64 = 50.0;
/// Loads, as multiples of what can be done.
const LOADS: [f64; 4] = [1.0, 2.0, 5.0, 10.0];

/// What was seen while one load lasted.
struct Seen {
    logins: Told,
    token: Told,
    jwks: Told,
    rss: u64,
}

pub async fn run(threads: Option<usize>) -> anyhow::Result<()> {
    let seeded = people::seed(threads).await?;
    println!(
        "argon2id of {} passes, {} threads; argon2 alone does {:.1} /s on {} cores",
        seeded.passes,
        threads.map_or("as many as cores".to_owned(), |threads| threads.to_string()),
        seeded.argon2,
        seeded.cores
    );
    let server = Server::start(&seeded.folder, seeded.port).await?;
    let people = Arc::new(People::meet(&seeded).await?);
    let wire = Arc::new(Wire::to(seeded.port));
    let next = Arc::new(AtomicUsize::new(0));

    let idle = server.rss()?;
    let before = watch(&server, &wire, &people, &next, 0.0).await?;
    let capacity = people.capacity(&wire, &next, SPAN).await?;
    println!(
        "capacity {capacity:.1} sign-ins/s, {:.2} of argon2 alone; resident {} MiB idle\n",
        capacity / seeded.argon2,
        idle / 1024
    );
    println!(
        "{:<7}{:>8}{:>9}{:>8}{:>8}{:>7}{:>14}{:>14}{:>14}{:>14}{:>9}",
        "load",
        "asked/s",
        "done/s",
        "of peak",
        "503/s",
        "other",
        "done p50/p99",
        "503 p50/p99",
        "token p50/p99",
        "jwks p50/p99",
        "MiB peak"
    );
    show("none", &before, 0.0, 0.0);
    let mut all = Vec::new();
    for load in LOADS {
        let rate = capacity * load;
        all.push((
            load,
            rate,
            watch(&server, &wire, &people, &next, rate).await?,
        ));
    }
    // Known only in the end: the peak may be under any load.
    let peak = all
        .iter()
        .map(|(.., seen)| seen.logins.done_rate(SPAN))
        .fold(0.0, f64::max);
    for (load, rate, seen) in &all {
        show(&format!("{load:.0}x"), seen, *rate, peak);
    }
    let back = people.recovery(&wire, &next).await?;
    println!(
        "\na sign-in takes as long as before {:.2} s after the last load",
        back.as_secs_f64()
    );
    Ok(())
}

/// One load, and what applications ask meanwhile.
async fn watch(
    server: &Server,
    wire: &Arc<Wire>,
    people: &Arc<People>,
    next: &Arc<AtomicUsize>,
    rate: f64,
) -> anyhow::Result<Seen> {
    let token = people.token_request();
    let keys = http::get("/oauth2/jwks", people::HOST);
    let logins = {
        let (people, next) = (Arc::clone(people), Arc::clone(next));
        arrive(wire, rate, SPAN, move || people.login(&next))
    };
    let token = arrive(wire, BACKGROUND, SPAN, move || token.clone());
    let jwks = arrive(wire, BACKGROUND, SPAN, move || keys.clone());
    let rss = server.peak(SPAN);
    let (logins, token, jwks, rss) = tokio::join!(logins, token, jwks, rss);
    Ok(Seen {
        logins: logins?,
        token: token?,
        jwks: jwks?,
        rss: rss?,
    })
}

fn show(load: &str, seen: &Seen, rate: f64, peak: f64) {
    let pair = |(half, most): (f64, f64)| match half.is_nan() {
        true => "-".to_owned(),
        false => format!("{half:.1}/{most:.1}"),
    };
    let done = seen.logins.done_rate(SPAN);
    println!(
        "{load:<7}{rate:>8.1}{done:>9.1}{:>8.2}{:>8.1}{:>7}{:>14}{:>14}{:>14}{:>14}{:>9}",
        if peak > 0.0 { done / peak } else { f64::NAN },
        seen.logins.refused.len() as f64 / SPAN.as_secs_f64(),
        seen.logins.other + seen.token.other + seen.jwks.other,
        pair(Told::shares(&seen.logins.done)),
        pair(Told::shares(&seen.logins.refused)),
        pair(Told::shares(&seen.token.done)),
        pair(Told::shares(&seen.jwks.done)),
        seen.rss / 1024,
    );
}
