//! The real binary, and how much memory it holds.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use tokio::time::{Instant, sleep};

use super::{
    http::{self, Wire},
    people::HOST,
};

/// How often its memory is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// A running server, which ends with this.
pub struct Server(Child);

impl Server {
    /// Starts the binary beside this one, and waits until it is ready.
    pub async fn start(folder: &Path, port: u16) -> anyhow::Result<Self> {
        let own = std::env::current_exe()?;
        let binary = own.with_file_name("doorward");
        anyhow::ensure!(
            binary.exists(),
            "{} is not there; run: cargo build --release",
            binary.display()
        );
        let child = Command::new(binary)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let server = Self(child);
        let wire = Wire::to(port);
        for _ in 0..200 {
            if let Ok(answer) = wire.ask(&http::get("/readyz", HOST)).await
                && answer.status == 200
            {
                return Ok(server);
            }
            sleep(LOOK).await;
        }
        anyhow::bail!("the server does not become ready")
    }

    /// Its resident memory in KiB.
    pub fn rss(&self) -> anyhow::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|line| line.trim().strip_suffix(" kB"));
        number.map_or_else(
            || anyhow::bail!("no VmRSS"),
            |number| Ok(number.trim().parse()?),
        )
    }

    /// The most of it within `span`.
    pub async fn peak(&self, span: Duration) -> anyhow::Result<u64> {
        let end = Instant::now() + span;
        let mut most = 0;
        while Instant::now() < end {
            most = most.max(self.rss()?);
            sleep(LOOK).await;
        }
        Ok(most)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}
