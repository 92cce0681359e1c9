//! The crate from outside, without a tracking allocator: those tests have a process each.

#[cfg(feature = "deep-size")]
mod deep_size;
mod interner;
mod layout;
mod lazy_list;
mod pool;
mod scan;
mod text_stats;
mod wc;
mod weak_cache;
mod write_lines;
