//! Tests of the inside.

use proptest::prelude::*;

use super::{NextUses, Replacement, Replay};
use crate::{Policy, Trace};

/// What goes is looked for among all entries: the one whose next use is latest.
fn naive_optimal(keys: &[u32], size: usize) -> u64 {
    let mut held: Vec<u32> = Vec::new();
    let mut hits = 0;
    for (now, key) in keys.iter().enumerate() {
        if held.contains(key) {
            hits += 1;
            continue;
        }
        if held.len() == size {
            let next_use = |held: &u32| keys[now..].iter().position(|key| key == held);
            let latest = (0..size)
                .max_by_key(|&at| next_use(&held[at]).unwrap_or(usize::MAX))
                .unwrap();
            held.swap_remove(latest);
        }
        held.push(*key);
    }
    hits
}

/// A list, what goes next first.
fn naive_list(keys: &[u32], size: usize, is_lru: bool) -> u64 {
    let mut held: Vec<u32> = Vec::new();
    let mut hits = 0;
    for key in keys {
        match held.iter().position(|other| other == key) {
            Some(at) => {
                hits += 1;
                if is_lru {
                    let key = held.remove(at);
                    held.push(key);
                }
            }
            None => {
                if held.len() == size {
                    held.remove(0);
                }
                held.push(*key);
            }
        }
    }
    hits
}

fn replayed(trace: &Trace, policy: Replacement, size: usize, chunk: usize) -> u64 {
    let next_uses = NextUses::new(trace);
    let mut replay = Replay::new(policy, size as u64, trace, Some(&next_uses));
    trace
        .ids()
        .chunks(chunk)
        .map(|chunk| replay.feed(chunk))
        .sum()
}

proptest! {
    #[test]
    fn replays_hit_what_lists_do(
        // Some keys come once.
        keys in prop::collection::vec(prop_oneof![0..30_u32, 30..3000_u32], 0..300),
        size in 1..25_usize,
        chunk in 1..400_usize,
    ) {
        let trace = Trace::from_keys(&keys).unwrap();
        let optimal = replayed(&trace, Replacement::Optimal, size, chunk);
        prop_assert_eq!(optimal, naive_optimal(&keys, size));
        let lru = replayed(&trace, Policy::Lru.into(), size, chunk);
        prop_assert_eq!(lru, naive_list(&keys, size, true));
        let fifo = replayed(&trace, Policy::Fifo.into(), size, chunk);
        prop_assert_eq!(fifo, naive_list(&keys, size, false));
        for policy in [Policy::Sieve, Policy::S3Fifo, Policy::Adaptive] {
            prop_assert!(replayed(&trace, policy.into(), size, chunk) <= optimal);
        }
    }

    /// More requests than the bits of two levels.
    #[test]
    fn the_optimum_is_right_for_long_traces(seed in any::<u32>(), size in 1..60_usize) {
        let keys: Vec<u32> = (0..9000_u32)
            .scan(seed | 1, |state, _| {
                *state ^= *state << 13;
                *state ^= *state >> 17;
                *state ^= *state << 5;
                Some(*state % (1 + *state / 7 % 100))
            })
            .collect();
        let trace = Trace::from_keys(&keys).unwrap();
        let optimal = replayed(&trace, Replacement::Optimal, size, 1000);
        prop_assert_eq!(optimal, naive_optimal(&keys, size));
    }
}
