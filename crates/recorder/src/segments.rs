//! An array that grows without moving: each segment is twice as long as the one before.

use std::{ptr::NonNull, sync::atomic::Ordering};

use crate::{
    memory::{self, Zeroed},
    sync::AtomicPtr,
};

/// Elements of the first segment: what a small program needs is a page or less.
const FIRST: usize = if cfg!(all(test, loom)) { 4 } else { 64 };
/// Enough for 2²² elements.
const SEGMENTS: usize = 16;

/// One thread makes elements, any thread reads them. They stay where they are, and are never freed.
///
/// Invariant: the pointer of a segment is null or an array of its length that lives as long as the process.
#[derive(Debug)]
pub(crate) struct Segments<T> {
    segments: [AtomicPtr<T>; SEGMENTS],
}

/// The segment of an element, and its place in there.
fn place_of(index: usize) -> (usize, usize) {
    let segment = (index / FIRST + 1).ilog2() as usize;
    (segment, index - first_of(segment))
}

/// The index of the first element of a segment.
fn first_of(segment: usize) -> usize {
    FIRST * ((1 << segment) - 1)
}

fn length_of(segment: usize) -> usize {
    FIRST << segment
}

impl<T: Zeroed> Segments<T> {
    pub(crate) fn new() -> Self {
        Self {
            segments: std::array::from_fn(|_| AtomicPtr::new(std::ptr::null_mut())),
        }
    }

    /// The element, if it was made.
    pub(crate) fn get(&self, index: usize) -> Option<&T> {
        let (segment, offset) = place_of(index);
        let segment = self.segments.get(segment)?.load(Ordering::Acquire);
        let segment = NonNull::new(segment)?;
        // SAFETY: by the invariant of the type, and the offset is within the segment.
        Some(unsafe { memory::element(segment, offset) })
    }

    /// For the owner: the element, made of zeroes if it was not there; `None` if there is no memory for it.
    pub(crate) fn get_or_make(&self, index: usize) -> Option<&T> {
        let (segment, _) = place_of(index);
        let pointer = self.segments.get(segment)?;
        if pointer.load(Ordering::Relaxed).is_null() {
            let made = memory::zeroed_array::<T>(length_of(segment))?;
            pointer.store(made.as_ptr(), Ordering::Release);
        }
        self.get(index)
    }

    /// The index of an element, by its address; `None` if it is none.
    pub(crate) fn index_of(&self, element: *const T) -> Option<usize> {
        (0..SEGMENTS).find_map(|segment| {
            let first = self.segments[segment].load(Ordering::Acquire).addr();
            let offset = element.addr().checked_sub(first)? / size_of::<T>();
            (first != 0 && offset < length_of(segment)).then(|| first_of(segment) + offset)
        })
    }

    /// All elements that were made.
    pub(crate) fn made(&self) -> impl Iterator<Item = &T> {
        (0..).map_while(|index| self.get(index))
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::sync::Counter;

    #[test]
    fn every_index_has_a_place_of_its_own() {
        let segments = Segments::<Counter>::new();
        let mut addresses = HashSet::new();
        for index in 0..10 * FIRST {
            let element = segments.get_or_make(index).unwrap();
            assert!(addresses.insert(std::ptr::from_ref(element)));
            assert_eq!(segments.index_of(element), Some(index));
            element.set(index as u64);
        }
        let values: Vec<_> = segments.made().map(Counter::get).collect();
        assert!((0..10 * FIRST as u64).eq(values.iter().copied().take(10 * FIRST)));
        // The last segment is made as a whole.
        assert!(values[10 * FIRST..].iter().all(|value| *value == 0));
        assert_eq!(segments.index_of(std::ptr::null()), None);
    }
}
