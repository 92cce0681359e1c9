//! Calls in a block against a naive model: a list of what began and ended.

use std::{collections::BTreeMap, time::Duration};

use proptest::prelude::*;
use tuneup_measure::{Clock, MockClock};

use super::*;
use crate::{Options, SiteKind, recording::ThreadRecording, thread_block::ThreadBlock};

static SITES: [Site; 4] = [
    Site::new(|| "a", SiteKind::Function, "calls.rs", 1),
    Site::new(|| "b", SiteKind::Function, "calls.rs", 2),
    Site::new(|| "c", SiteKind::Function, "calls.rs", 3),
    Site::new(|| "d", SiteKind::Function, "calls.rs", 4),
];

fn block(max_nodes: usize) -> (&'static ThreadBlock, MockClock, impl Fn() -> u64) {
    let (clock, mock) = Clock::mock();
    let options = Options {
        clock: clock.clone(),
        max_nodes,
        ..Options::default()
    };
    let block = ThreadBlock::allocate().unwrap();
    assert!(block.prepare(1, &options));
    (block, mock, move || {
        crate::thread_block::session_ticks(&clock)
    })
}

/// What a program does.
#[derive(Debug, Clone)]
enum Action {
    Begin(usize),
    End,
    Work(u64),
}

fn actions() -> impl Strategy<Value = Vec<Action>> {
    let action = prop_oneof![
        3 => (0..SITES.len()).prop_map(Action::Begin),
        2 => Just(Action::End),
        2 => (0_u64..1_000).prop_map(Action::Work),
    ];
    prop::collection::vec(action, 0..300)
}

/// Calls and ticks by path, as a naive program keeps them.
#[derive(Debug, Default, PartialEq, Eq)]
struct Naive {
    now: u64,
    open: Vec<(usize, u64)>,
    by_path: BTreeMap<Vec<&'static str>, (u64, u64)>,
}

impl Naive {
    fn path(&self) -> Vec<&'static str> {
        self.open
            .iter()
            .map(|&(site, _)| SITES[site].name())
            .collect()
    }

    fn end(&mut self) {
        let path = self.path();
        if let Some((_, begin)) = self.open.pop() {
            let entry = self.by_path.entry(path).or_default();
            entry.0 += 1;
            entry.1 += self.now - begin;
        }
    }

    /// With the calls in progress.
    fn finished(mut self) -> BTreeMap<Vec<&'static str>, (u64, u64)> {
        while !self.open.is_empty() {
            self.end();
        }
        self.by_path
    }
}

fn by_path(recording: &ThreadRecording) -> BTreeMap<Vec<&'static str>, (u64, u64)> {
    let mut found = BTreeMap::new();
    for (index, node) in recording.nodes.iter().enumerate().skip(1) {
        let mut path = Vec::new();
        let mut at = index;
        while at > 0 {
            path.push(recording.nodes[at].site.unwrap().name());
            at = recording.nodes[at].parent;
        }
        path.reverse();
        assert_eq!(found.insert(path, (node.calls, node.ticks)), None);
    }
    found
}

/// Runs the actions in the block and in the naive program; gives the calls that are still open.
fn run(
    block: &'static ThreadBlock,
    mock: &MockClock,
    actions: &[Action],
    naive: &mut Naive,
) -> Vec<Begun> {
    let mut open = Vec::new();
    for action in actions {
        match *action {
            Action::Begin(site) => {
                open.push(block.begin_slowly(&SITES[site], 1));
                naive.open.push((site, naive.now));
            }
            Action::End => {
                if let Some(call) = open.pop() {
                    block.end(call);
                    naive.end();
                }
            }
            Action::Work(ns) => {
                mock.advance(Duration::from_nanos(ns));
                naive.now += ns;
            }
        }
    }
    open
}

proptest! {
    #[test]
    fn a_tree_with_room_is_the_naive_one(actions in actions()) {
        let (block, mock, now) = block(16_384);
        let mut naive = Naive::default();
        let mut open = run(block, &mock, &actions, &mut naive);
        // With calls in progress, and when all have ended.
        let during = by_path(&block.read(&now));
        while let Some(call) = open.pop() {
            block.end(call);
            naive.end();
        }
        let after = block.read(&now);
        prop_assert_eq!(&during, &naive.by_path);
        prop_assert_eq!(by_path(&after), naive.finished());
    }

    #[test]
    fn a_full_tree_loses_no_call_and_no_time(actions in actions()) {
        let (block, mock, now) = block(16);
        let mut naive = Naive::default();
        let mut open = run(block, &mock, &actions, &mut naive);
        while let Some(call) = open.pop() {
            block.end(call);
            naive.end();
        }
        let recording = block.read(&now);
        prop_assert!(recording.nodes.len() <= 32);
        let oracle = naive.finished();
        for site in &SITES {
            let is_it = |path: &[&str]| path.last() == Some(&site.name());
            let calls: u64 = oracle.iter().filter(|(path, _)| is_it(path)).map(|(_, c)| c.0).sum();
            let in_tree: u64 = recording.nodes.iter()
                .filter(|node| node.site.is_some_and(|found| std::ptr::eq(found, site)))
                .map(|node| node.calls).sum();
            let folded: u64 = recording.sites.iter()
                .filter(|found| std::ptr::eq(found.site, site))
                .map(|found| found.folded_calls).sum();
            prop_assert_eq!(in_tree + folded, calls, "{}", site.name());
        }
        // What the root's children took is what all top calls took, whether they fit or not.
        let top: u64 = oracle.iter().filter(|(path, _)| path.len() == 1).map(|(_, c)| c.1).sum();
        let recorded: u64 = recording.nodes.iter().skip(1)
            .filter(|node| node.parent == 0).map(|node| node.ticks).sum();
        prop_assert_eq!(recorded, top);
        // Folded self times add up to the time of the outermost folded calls.
        let folded_self: u64 = recording.sites.iter().map(|site| site.folded_self_ticks).sum();
        let folded_nodes: u64 = recording.nodes.iter()
            .filter(|node| node.site.is_some_and(|site| site.kind() == SiteKind::Folded))
            .map(|node| node.ticks).sum();
        prop_assert_eq!(folded_self, folded_nodes);
    }
}

#[test]
fn guards_dropped_in_the_wrong_order_end_what_is_inside() {
    let (block, mock, now) = block(64);
    let outer = block.begin_slowly(&SITES[0], 1);
    mock.advance(Duration::from_nanos(10));
    let inner = block.begin_slowly(&SITES[1], 1);
    mock.advance(Duration::from_nanos(5));
    block.end(outer);
    mock.advance(Duration::from_nanos(100));
    block.end(inner);
    let found = by_path(&block.read(&now));
    assert_eq!(found[&vec!["a"]], (1, 15));
    assert_eq!(found[&vec!["a", "b"]], (1, 5));
    assert!(std::ptr::eq(block.position.get(), block.root()));
}

#[test]
fn a_guard_of_an_earlier_session_ends_nothing() {
    let (block, mock, now) = block(64);
    let stale = block.begin_slowly(&SITES[0], 1);
    let (clock, _) = Clock::mock();
    let options = Options {
        clock,
        max_nodes: 64,
        ..Options::default()
    };
    assert!(block.prepare(2, &options));
    mock.advance(Duration::from_nanos(10));
    block.end(stale);
    assert_eq!(block.read(&now).nodes.len(), 1);
}

#[test]
fn the_distribution_has_every_call_that_ended() {
    let (block, mock, now) = block(64);
    for ns in [5, 1_000, 70_000, 5] {
        let call = block.begin_slowly(&SITES[2], 1);
        mock.advance(Duration::from_nanos(ns));
        block.end(call);
    }
    let recording = block.read(&now);
    let site = &recording.sites[0];
    let distribution = site.distribution.as_ref().unwrap();
    assert_eq!(distribution.count(), 4);
    assert_eq!((site.min_ticks, site.max_ticks), (Some(5), Some(70_000)));
    assert_eq!(distribution.quantile(0.5), Some(5));
    let longest = distribution.quantile(1.0).unwrap();
    assert!(longest.abs_diff(70_000) <= 70_000 / 32, "{longest}");
}

#[test]
fn calls_without_time_are_counted_along_their_paths() {
    let (block, mock, now) = block(64);
    for _ in 0..3 {
        let outer = block.begin_untimed(&SITES[0]);
        let inner = block.begin_untimed(&SITES[1]);
        mock.advance(Duration::from_nanos(7));
        block.end_untimed(inner);
        block.end_untimed(outer);
    }
    let found = by_path(&block.read(&now));
    assert_eq!(found[&vec!["a"]], (3, 0));
    assert_eq!(found[&vec!["a", "b"]], (3, 0));
}
