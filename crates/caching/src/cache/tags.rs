//! Tags of entries: to invalidate a tag is to count up its generation, and an entry that was stamped before is no longer
//! there.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{
            AtomicU64,
            Ordering::{Acquire, Release},
        },
    },
};

type Generation = Arc<AtomicU64>;

/// The tags of one entry, with the generations that they had when it came in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stamps(Option<Box<[(Generation, u64)]>>);

impl Stamps {
    pub(super) const fn none() -> Self {
        Self(None)
    }

    pub(super) fn are_none(&self) -> bool {
        self.0.is_none()
    }

    /// Whether none of the tags was invalidated since.
    #[inline]
    pub(super) fn are_current(&self) -> bool {
        match &self.0 {
            None => true,
            Some(stamps) => stamps
                .iter()
                .all(|(generation, then)| generation.load(Acquire) == *then),
        }
    }
}

/// The tags that entries have, by name. Names that no entry has any more are dropped when there are twice as many as there
/// were used ones last time.
#[derive(Debug, Default)]
pub(super) struct Tags(Mutex<Registry>);

#[derive(Debug, Default)]
struct Registry {
    generations: HashMap<Box<str>, Generation>,
    tidy_at: usize,
}

/// Fewer names than this are not worth the tidying.
const FEW: usize = 64;

impl Tags {
    fn registry(&self) -> MutexGuard<'_, Registry> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The stamps of an entry that has these tags from now on.
    pub(super) fn stamp(&self, tags: &[&str]) -> Stamps {
        if tags.is_empty() {
            return Stamps::none();
        }
        let mut registry = self.registry();
        let stamps = tags
            .iter()
            .map(|tag| {
                let generation = registry.generation(tag);
                let then = generation.load(Acquire);
                (generation, then)
            })
            .collect();
        Stamps(Some(stamps))
    }

    /// From now on no entry is there that was stamped with the tag.
    pub(super) fn invalidate(&self, tag: &str) {
        if let Some(generation) = self.registry().generations.get(tag) {
            generation.fetch_add(1, Release);
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.registry().generations.len()
    }
}

impl Registry {
    fn generation(&mut self, tag: &str) -> Generation {
        if let Some(generation) = self.generations.get(tag) {
            return Arc::clone(generation);
        }
        if self.generations.len() >= self.tidy_at.max(FEW) {
            self.generations
                .retain(|_, generation| Arc::strong_count(generation) > 1);
            self.tidy_at = 2 * self.generations.len();
        }
        let generation = Generation::default();
        self.generations.insert(tag.into(), Arc::clone(&generation));
        generation
    }
}
