//! How many blocks of which size.

use super::tally::Tally;

/// Classes: up to 16 bytes, then doubling.
pub(crate) const CLASSES: usize = 44;

/// The class of a size: class `n` holds sizes above `8 << n` and up to `16 << n`; the first also holds what is smaller,
/// the last what is larger.
#[inline]
pub(crate) fn class_of(bytes: u64) -> usize {
    let above = (bytes.max(1) - 1) | 15;
    (above.ilog2() as usize - 3).min(CLASSES - 1)
}

/// The largest size of a class, in bytes.
pub(crate) fn largest_of(class: usize) -> u64 {
    16 << class
}

/// Written by one thread, read by any.
#[derive(Debug)]
pub(crate) struct ClassCounters {
    pub(crate) allocated_blocks: Tally,
    pub(crate) allocated_bytes: Tally,
    pub(crate) freed_blocks: Tally,
    pub(crate) freed_bytes: Tally,
}

impl ClassCounters {
    pub(crate) const fn new() -> Self {
        Self {
            allocated_blocks: Tally::new(0),
            allocated_bytes: Tally::new(0),
            freed_blocks: Tally::new(0),
            freed_bytes: Tally::new(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_is_in_the_class_that_ends_at_or_above_it() {
        for bytes in (0..70_000).chain([u64::MAX / 2, 1 << 40, (1 << 40) + 1]) {
            let class = class_of(bytes);
            assert!(bytes <= largest_of(class) || class == CLASSES - 1);
            assert!(class == 0 || bytes > largest_of(class - 1));
        }
    }
}
