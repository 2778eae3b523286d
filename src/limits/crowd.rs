//! Crowds: those who want the same thing at the same moment. Only so many of them get it at once, and
//! the next one learns how it went before it tries. Each process has its own crowds; what all of them
//! must agree on is counted in the database.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use entity::value::Digest;
use tokio::sync::{Semaphore, SemaphorePermit};

/// All crowds of this process; one that everybody has left is forgotten.
#[derive(Default)]
pub struct Crowds(Mutex<HashMap<Digest, Entry>>);

struct Entry {
    members: usize,
    crowd: Arc<Crowd>,
}

struct Crowd {
    turns: Semaphore,
    /// One of them was right.
    right: AtomicBool,
}

/// One of a crowd, until it is dropped.
pub struct Member<'a> {
    crowds: &'a Crowds,
    key: Digest,
    crowd: Arc<Crowd>,
}

impl Crowds {
    /// Joins those who want what `key` names, of whom `at_once` get it at once.
    pub fn join(&self, key: Digest, at_once: usize) -> Member<'_> {
        let mut all = self.all();
        let entry = all.entry(key.clone()).or_insert_with(|| Entry {
            members: 0,
            crowd: Arc::new(Crowd {
                turns: Semaphore::new(at_once),
                right: AtomicBool::new(false),
            }),
        });
        entry.members += 1;
        Member {
            crowds: self,
            key,
            crowd: Arc::clone(&entry.crowd),
        }
    }

    /// Whether more than `most` want what `key` names, and nobody of them was right yet.
    pub fn is_guessing(&self, key: &Digest, most: usize) -> bool {
        self.all()
            .get(key)
            .is_some_and(|own| own.members > most && !own.crowd.right.load(Ordering::Relaxed))
    }

    /// Nothing panics while it holds the lock, so there is no poison to fear.
    fn all(&self) -> MutexGuard<'_, HashMap<Digest, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Member<'_> {
    /// Waits for a turn, which lasts until it is dropped.
    pub async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // Nobody closes it, so there always is one.
        self.crowd.turns.acquire().await.ok()
    }

    /// Whether there is nobody else.
    pub fn is_alone(&self) -> bool {
        let all = self.crowds.all();
        all.get(&self.key).is_none_or(|own| own.members <= 1)
    }

    /// Tells the crowd that somebody was right.
    pub fn was_right(&self) {
        self.crowd.right.store(true, Ordering::Relaxed);
    }

    /// Whether the crowd has more than `most`, and nobody in it was right yet.
    pub fn is_guessing(&self, most: usize) -> bool {
        self.crowds.is_guessing(&self.key, most)
    }
}

impl Drop for Member<'_> {
    fn drop(&mut self) {
        let mut all = self.crowds.all();
        if let Some(own) = all.get_mut(&self.key) {
            own.members -= 1;
            if own.members == 0 {
                all.remove(&self.key);
            }
        }
    }
}

impl fmt::Debug for Crowds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Crowds({})", self.all().len())
    }
}

impl fmt::Debug for Member<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Member(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> Digest {
        Digest(name.to_owned())
    }

    #[tokio::test]
    async fn only_so_many_have_a_turn_at_once() {
        let crowds = Crowds::default();
        let members = [(); 3].map(|()| crowds.join(key("one"), 2));
        let first = members[0].turn().await;
        let second = members[1].turn().await;
        assert!(first.is_some() && second.is_some());
        assert!(members[2].crowd.turns.try_acquire().is_err());
        // Others are no part of it.
        assert!(crowds.join(key("two"), 2).turn().await.is_some());
        drop(first);
        assert!(members[2].turn().await.is_some());
    }

    #[test]
    fn a_crowd_is_guessing_until_somebody_was_right() {
        let crowds = Crowds::default();
        let members = [(); 3].map(|()| crowds.join(key("one"), 2));
        assert!(members[0].is_guessing(2) && !members[0].is_guessing(3));
        members[1].was_right();
        assert!(!members[0].is_guessing(2));
        drop(members);
        // Nothing is remembered of those who left.
        assert_eq!(crowds.all().len(), 0);
        let again = [(); 3].map(|()| crowds.join(key("one"), 2));
        assert!(again[0].is_guessing(2));
    }
}
