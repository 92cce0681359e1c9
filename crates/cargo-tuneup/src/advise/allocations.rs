//! Memory that is asked for again and again: in functions of a profile, and at the sites of a heap snapshot.

use tuneup_memory::{Entry, GroupBy, Order, Snapshot};
use tuneup_profiling::Function;
use tuneup_report::Unit;

use super::{
    finding::{Figure, Finding, Gain, Place},
    heap::{Saved, site},
    recorded::{RECORDED_TIME, Recorded},
    remedy,
};

/// What it costs to make and to free a small block. The allocator of glibc takes 6.5 ns for both in a loop, on the machine of the recorded
/// results; what is not in the caches takes some times that.
pub(super) const BLOCK_NS: f64 = 15.0;

/// A site is worth a look if at least this share of its blocks was freed before the next one was made.
const MOSTLY_TEMPORARY: f64 = 0.5;

/// Rarer allocations are nobody's hot path: blocks a second. A program of which every block is traced is some times slower.
const HOT_PER_SECOND: f64 = 10_000.0;
const HOT_PER_SECOND_EXACT: f64 = 1_000.0;

/// Fewer blocks cost nothing.
const LEAST_BLOCKS: f64 = 1_000.0;

/// Functions of a profile whose own blocks cost much of its time.
pub(super) fn in_functions(recorded: &Recorded) -> Vec<Finding> {
    recorded
        .functions()
        .filter_map(|function| in_function(recorded, function))
        .collect()
}

fn in_function(recorded: &Recorded, function: &Function) -> Option<Finding> {
    let blocks = function.allocations?.self_blocks as f64;
    if blocks < LEAST_BLOCKS || function.calls == 0 {
        return None;
    }
    let self_ns = recorded.self_ns(function);
    let cost_ns = (blocks * BLOCK_NS).min(self_ns);
    let per_call = blocks / function.calls as f64;
    Some(Finding {
        rule: "allocations",
        title: format!("`{}` allocates {} blocks a call", function.name, Unit::Plain.format(per_call)),
        place: Place::of(function),
        input: recorded.input.clone(),
        figures: vec![
            Figure::new("calls", function.calls as f64),
            Figure::new("blocks", blocks),
            Figure::new("blocks_per_call", per_call),
            Figure::new("self_ns", self_ns),
        ],
        advice: "Keep what can be kept: a buffer that is cleared and used again, a `with_capacity`, a borrowed text. Which lines allocate, a heap snapshot says."
            .to_owned(),
        remedy: &remedy::POOL,
        gain: Gain {
            share: recorded.share(cost_ns),
            of: RECORDED_TIME,
            is_limit: true,
            derivation: format!(
                "{} blocks of {} each, to make and to free, or all of its own time if that is less",
                Unit::Count.format(blocks),
                Unit::Nanoseconds.format(BLOCK_NS)
            ),
        },
    })
}

/// Sites of a snapshot whose blocks hardly live.
pub(super) fn temporary(saved: &Saved) -> Vec<Finding> {
    let snapshot = &saved.snapshot;
    let groups = snapshot.by(GroupBy::Site).sort_by(Order::TemporaryBlocks);
    let all = groups.total.allocated.blocks;
    let entries = groups.entries.iter();
    entries
        .filter_map(|entry| temporary_at(saved, snapshot, entry, all))
        .collect()
}

fn temporary_at(saved: &Saved, snapshot: &Snapshot, entry: &Entry, all: f64) -> Option<Finding> {
    let temporary = entry.allocated.blocks * entry.temporary_share;
    let per_second = temporary / snapshot.elapsed.as_secs_f64().max(1e-9);
    let hot = match snapshot.is_exact() {
        true => HOT_PER_SECOND_EXACT,
        false => HOT_PER_SECOND,
    };
    let is_worth_a_look = temporary >= LEAST_BLOCKS
        && entry.temporary_share >= MOSTLY_TEMPORARY
        && per_second >= hot
        // An estimate may be nothing but its error.
        && entry.allocated.blocks > 3.0 * entry.allocated.blocks_error;
    is_worth_a_look.then(|| Finding {
        rule: "temporary-allocations",
        title: format!(
            "{} of the blocks of `{}` are freed at once",
            Unit::Percent.format(entry.temporary_share),
            site(&entry.name).name
        ),
        place: site(&entry.name),
        input: saved.input.clone(),
        figures: vec![
            Figure::new("blocks", entry.allocated.blocks.round()),
            Figure::new("allocated_bytes", entry.allocated.bytes.round()),
            Figure::new("temporary_share", entry.temporary_share),
            Figure::new("temporary_per_second", per_second.round()),
            Figure::new("live_blocks", entry.live.blocks.round()),
        ],
        advice: "Make the block once, outside of the loop, and clear it; or look up by the borrowed value. Where several threads or callers need one each, keep them in a pool."
            .to_owned(),
        remedy: &remedy::POOL,
        gain: Gain {
            share: (temporary / all.max(1.0)).min(1.0),
            of: "all allocations",
            is_limit: false,
            derivation: format!(
                "{} of {} blocks are freed before their thread makes another; at about {} each, {} in this run",
                Unit::Count.format(temporary.round()),
                Unit::Count.format(all.round()),
                Unit::Nanoseconds.format(BLOCK_NS),
                Unit::Nanoseconds.format(temporary * BLOCK_NS)
            ),
        },
    })
}
