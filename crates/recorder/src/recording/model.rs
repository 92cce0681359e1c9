//! The protocol of one writer and any reader under loom, which tries every order of the atomic operations
//! that the memory model allows.
//!
//! Run with `RUSTFLAGS="--cfg loom" cargo test -p tuneup-recorder --lib --release model`.

use std::time::Duration;

use loom::{sync::Arc, thread};
use tuneup_measure::{Clock, MockClock};

use super::*;
use crate::{Options, SiteKind, running_total::ORIGIN};

static OUTER: Site = Site::new(|| "outer", SiteKind::Function, "model.rs", 1);
static INNER: Site = Site::new(|| "inner", SiteKind::Function, "model.rs", 2);

struct Shared(&'static ThreadBlock);

fn block(distribution: bool) -> (Arc<Shared>, MockClock) {
    let (clock, mock) = Clock::mock();
    let options = Options {
        clock,
        distribution,
        max_nodes: 16,
        ..Options::default()
    };
    let block = ThreadBlock::allocate().unwrap();
    assert!(block.prepare(1, &options));
    (Arc::new(Shared(block)), mock)
}

/// What every reading promises, whatever is under way: every node that can be reached was placed, stands below
/// its caller, and has been called as often as it can have been.
fn assert_consistent(recording: &ThreadRecording, calls: u64) {
    assert!(recording.nodes[0].site.is_none());
    for (index, node) in recording.nodes.iter().enumerate().skip(1) {
        let site = node.site.expect("a node that can be reached has a site");
        let expected_parent = usize::from(std::ptr::eq(site, &raw const INNER));
        assert_eq!(node.parent, expected_parent);
        assert!(index <= 2 && node.calls <= calls);
    }
    for site in &recording.sites {
        let distribution = site.distribution.as_ref();
        assert!(distribution.is_none_or(|counted| counted.count() <= calls + 1));
    }
}

#[test]
fn a_reading_during_calls_sees_whole_nodes_and_one_after_them_everything() {
    loom::model(|| {
        let (shared, _) = block(true);
        let owner = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                let outer = shared.0.begin_slowly(&OUTER, 1);
                let inner = shared.0.begin_slowly(&INNER, 1);
                shared.0.end(inner);
                shared.0.end(outer);
            })
        };
        assert_consistent(&shared.0.read(&|| ORIGIN), 1);
        owner.join().unwrap();
        let after = shared.0.read(&|| ORIGIN);
        let calls: Vec<_> = after.nodes.iter().map(|node| node.calls).collect();
        assert_eq!(calls, [0, 1, 1]);
    });
}

#[test]
fn a_call_that_ends_meanwhile_has_all_of_its_time_once_in_a_model() {
    loom::model(|| {
        let (shared, mock) = block(false);
        mock.set(Duration::from_nanos(10));
        let outer = shared.0.begin_slowly(&OUTER, 1);
        mock.set(Duration::from_nanos(30));
        let reader = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || shared.0.read(&|| ORIGIN + 30))
        };
        shared.0.end(outer);
        // In progress or ended: the reading cannot tell, and need not.
        let during = reader.join().unwrap();
        assert_eq!((during.nodes[1].calls, during.nodes[1].ticks), (1, 20));
    });
}
