//! Signals: how often somebody has asked this process to stop, and what else they ask for.

use std::io;

use tokio::sync::watch;

/// Does something each time the process is sent SIGHUP, which then no longer ends it.
#[cfg(unix)]
pub fn on_hangup(act: impl Fn() + Send + 'static) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut asked = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        while asked.recv().await.is_some() {
            act();
        }
    });
    Ok(())
}

/// There is no such signal here.
#[cfg(not(unix))]
pub fn on_hangup(_: impl Fn() + Send + 'static) -> io::Result<()> {
    Ok(())
}

/// Counts SIGINT and SIGTERM. The first asks for an orderly end, the second for one at once.
#[derive(Clone, Debug)]
pub struct Signals(watch::Receiver<u32>);

impl Signals {
    /// From now on these signals do not end the process by themselves.
    #[cfg(unix)]
    pub fn watch() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let (count, seen) = watch::channel(0);
        for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
            let count = count.clone();
            let mut asked = signal(kind)?;
            tokio::spawn(async move {
                while asked.recv().await.is_some() {
                    count.send_modify(|count| *count += 1);
                }
            });
        }
        Ok(Self(seen))
    }

    /// From now on Ctrl+C does not end the process by itself.
    #[cfg(not(unix))]
    pub fn watch() -> io::Result<Self> {
        let (count, seen) = watch::channel(0);
        tokio::spawn(async move {
            while tokio::signal::ctrl_c().await.is_ok() {
                count.send_modify(|count| *count += 1);
            }
        });
        Ok(Self(seen))
    }

    /// Returns once it was asked for an end.
    pub async fn first(&self) {
        self.reached(1).await;
    }

    /// Returns once it was asked again.
    pub async fn second(&self) {
        self.reached(2).await;
    }

    async fn reached(&self, asked: u32) {
        let mut seen = self.0.clone();
        if seen.wait_for(|count| *count >= asked).await.is_err() {
            // Nobody counts any more, so nobody asks.
            std::future::pending().await
        }
    }
}
