//! The pool: threads that hash, each in memory that it uses again, and who may wait for them.
//! Whoever is let in is served; whoever could not be served in time is told so at once.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use argon2::Block;
use tokio::sync::oneshot;

use super::super::cannot_go_on;

/// How long somebody may have to wait for a thread.
const PATIENCE: Duration = Duration::from_secs(1);
/// How many may wait, however quick the work is: it bounds what waiting requests hold in memory.
const QUEUE: usize = 50;
/// How far the threads stand back behind those that answer (Unix: 0 is none, 19 is most). Whoever is
/// refused learns so at once, and whoever wants a token waits for nobody's password. Not further: on
/// a machine that others use too, people still have to get in.
#[cfg(target_os = "linux")]
const STANDS_BACK: i32 = 5;
/// How long a thread keeps its memory for the next hash.
const KEEP: Duration = Duration::from_secs(10);

/// All threads are hashing, and what waits for them takes longer than anybody should wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many sign-ins at once")]
pub struct Busy;

/// What is asked of the pool; each kind is measured by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    Hash,
    /// How easy a new password is to guess.
    Estimate,
}

/// The threads. They end with it.
#[derive(Debug)]
pub(super) struct Pool(Arc<Shared>);

/// A place in the queue: time of the threads that is promised to somebody, and given back when the
/// work is done or will not be.
#[derive(Debug)]
pub struct Place {
    pool: Arc<Shared>,
    work: Work,
    micros: u64,
}

struct Shared {
    threads: u64,
    queue: Mutex<Queue>,
    rung: Condvar,
    ledger: Mutex<Ledger>,
    refused: AtomicU64,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    closed: bool,
}

type Job = Box<dyn FnOnce(&mut Vec<Block>) + Send>;

/// What is promised, and what keeping a promise costs.
#[derive(Debug)]
struct Ledger {
    places: usize,
    /// Microseconds of thread time that the places are worth.
    micros: u64,
    hash: Mean,
    estimate: Mean,
}

/// A moving average in microseconds: what came last counts for an eighth.
#[derive(Clone, Copy, Debug)]
struct Mean(u64);

impl Mean {
    fn learn(&mut self, micros: u64) {
        self.0 = (self.0 * 7 + micros) / 8;
    }
}

impl Pool {
    /// Starts `threads` threads. `hash` is what a hash is thought to take until one was measured.
    pub(super) fn start(threads: usize, hash: Duration) -> Self {
        let shared = Arc::new(Shared {
            threads: threads.max(1) as u64,
            queue: Mutex::default(),
            rung: Condvar::new(),
            ledger: Mutex::new(Ledger {
                places: 0,
                micros: 0,
                hash: Mean(micros(hash)),
                estimate: Mean(micros(hash) / 8),
            }),
            refused: AtomicU64::new(0),
        });
        for number in 0..shared.threads {
            let own = Arc::clone(&shared);
            let started = thread::Builder::new()
                .name(format!("hash-{number}"))
                .spawn(move || own.labour());
            if started.is_err() {
                cannot_go_on("a thread to hash on");
            }
        }
        Self(shared)
    }

    /// A place, if what is ahead of it can be done within the patience.
    pub(super) fn admit(&self, work: Work) -> Result<Place, Busy> {
        let mut ledger = self.0.ledger();
        self.0.look(&ledger)?;
        let micros = match work {
            Work::Hash => ledger.hash.0,
            Work::Estimate => ledger.estimate.0,
        };
        ledger.places += 1;
        ledger.micros += micros;
        Ok(Place {
            pool: Arc::clone(&self.0),
            work,
            micros,
        })
    }

    /// Whether there is a place at this moment; takes none.
    pub(super) fn look(&self) -> Result<(), Busy> {
        self.0.look(&self.0.ledger())
    }

    /// Does `job` when its turn comes. If nobody waits for it any more, it is not done.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        place: Place,
        job: impl FnOnce(&mut Vec<Block>) -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let (answer, answered) = oneshot::channel();
        let job = move |memory: &mut Vec<Block>| {
            if !answer.is_closed() {
                let done = place.measured(|| job(memory));
                answer.send(done).ok();
            }
        };
        self.0.queue().jobs.push_back(Box::new(job));
        self.0.rung.notify_one();
        // There is no answer only if the job panicked.
        answered.await.map_err(|_| Busy)
    }

    /// How many threads there are.
    pub(super) fn threads(&self) -> usize {
        usize::try_from(self.0.threads).unwrap_or(usize::MAX)
    }

    /// How many were refused since the start.
    pub(super) fn refused(&self) -> u64 {
        self.0.refused.load(Ordering::Relaxed)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let mut queue = self.0.queue();
        queue.closed = true;
        // Each holds a place, and each place the pool.
        let left = std::mem::take(&mut queue.jobs);
        drop(queue);
        drop(left);
        self.0.rung.notify_all();
    }
}

impl Shared {
    fn look(&self, ledger: &Ledger) -> Result<(), Busy> {
        let full = ledger.places >= QUEUE + self.threads as usize;
        // The first one is always served, however slow this machine is.
        if full || ledger.micros > micros(PATIENCE) * self.threads {
            self.refused.fetch_add(1, Ordering::Relaxed);
            return Err(Busy);
        }
        Ok(())
    }

    /// The life of a thread.
    fn labour(&self) {
        // Linux has priorities by thread. Where that is not allowed, it works as well, only less fairly.
        #[cfg(target_os = "linux")]
        rustix::process::setpriority_process(None, STANDS_BACK).ok();
        let mut memory = Vec::new();
        while let Some(job) = self.next(&mut memory) {
            // A panic ends the job, whose asker learns of it, and not the thread.
            catch_unwind(AssertUnwindSafe(|| job(&mut memory))).ok();
        }
    }

    /// The next job. A thread that waits in vain for long gives its memory back.
    fn next(&self, memory: &mut Vec<Block>) -> Option<Job> {
        let mut queue = self.queue();
        loop {
            if queue.closed {
                return None;
            }
            if let Some(job) = queue.jobs.pop_front() {
                return Some(job);
            }
            let waited = match memory.capacity() {
                0 => self.rung.wait(queue).map(|queue| (queue, false)).ok(),
                _ => self
                    .rung
                    .wait_timeout(queue, KEEP)
                    .map(|(queue, waited)| (queue, waited.timed_out()))
                    .ok(),
            };
            let (held, in_vain) = waited?;
            queue = held;
            if in_vain && queue.jobs.is_empty() {
                *memory = Vec::new();
            }
        }
    }

    /// Nothing panics while it holds a lock, so there is no poison to fear.
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Does the work of this place, and learns what such work takes.
    #[expect(
        clippy::disallowed_methods,
        reason = "measures this machine, not the time of day"
    )]
    fn measured<T>(self, job: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let done = job();
        let took = micros(began.elapsed());
        let mut ledger = self.pool.ledger();
        match self.work {
            Work::Hash => ledger.hash.learn(took),
            Work::Estimate => ledger.estimate.learn(took),
        }
        drop(ledger);
        done
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut ledger = self.pool.ledger();
        ledger.places -= 1;
        ledger.micros -= self.micros;
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pool")
            .field("threads", &self.threads)
            .field("ledger", &self.ledger)
            .finish_non_exhaustive()
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
