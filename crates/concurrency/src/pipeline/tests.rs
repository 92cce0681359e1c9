//! The figures of the bottleneck, from made-up reports.

use std::time::Duration;

use super::{PipelineReport, StageReport};

fn stage(name: &str, workers: usize, busy_ms: u64, idle_ms: u64) -> StageReport {
    StageReport {
        name: name.to_owned(),
        workers,
        items: 1000,
        busy: Duration::from_millis(busy_ms),
        starved: Duration::from_millis(idle_ms),
        ..StageReport::default()
    }
}

fn report(stages: Vec<StageReport>) -> PipelineReport {
    PipelineReport {
        source: stage("source", 1, 10, 990),
        stages,
        output: stage("output", 1, 5, 995),
        ..PipelineReport::default()
    }
}

#[test]
fn workers_needed_make_it_no_slower_than_the_next() {
    // 980 ms a worker of parse, 600 of store: 3920 ms by 7 workers are 560, by 6 they would be 653.
    let report = report(vec![
        stage("parse", 4, 3_920, 80),
        stage("store", 1, 600, 400),
    ]);
    let bottleneck = report.bottleneck().unwrap();
    assert_eq!(bottleneck.workers_needed, Some(7));
    assert_eq!(
        bottleneck.to_string(),
        "parse is the bottleneck: 4 workers are busy 98 % of the time; 7 would move it to store"
    );
}

/// A hundred items of 100 ms, ten at a time, in a second.
fn fetching(polling_ms: u64) -> PipelineReport {
    let fetch = StageReport {
        is_async: true,
        polling: Duration::from_millis(polling_ms),
        ..stage("fetch", 10, 9_900, 100)
    };
    PipelineReport {
        elapsed: Duration::from_secs(1),
        ..report(vec![fetch, stage("parse", 2, 400, 1_600)])
    }
}

#[test]
fn more_in_flight_make_it_no_slower_than_the_next() {
    // 200 ms a worker of parse: 9900 ms by 50 in flight are 198.
    let bottleneck = fetching(100).bottleneck().unwrap();
    assert_eq!(bottleneck.workers_needed, Some(50));
    assert_eq!(
        bottleneck.to_string(),
        "fetch is the bottleneck: 9.9 of at most 10 are in flight on average; 50 would move it to parse"
    );
}

#[test]
fn more_in_flight_than_their_thread_can_poll_are_not_asked_for() {
    let bottleneck = fetching(300).bottleneck().unwrap();
    assert_eq!(bottleneck.workers_needed, Some(33));
    assert_eq!(
        bottleneck.to_string(),
        "fetch is the bottleneck: 9.9 of at most 10 are in flight on average; 33 would keep their thread busy"
    );
}

#[test]
fn futures_that_compute_belong_into_threads() {
    let bottleneck = fetching(995).bottleneck().unwrap();
    assert_eq!(bottleneck.workers_needed, None);
    assert_eq!(
        bottleneck.to_string(),
        "fetch is the bottleneck: 9.9 of at most 10 are in flight on average, and their thread computes 100 % of the time: \
         that belongs into a stage of threads"
    );
}

#[test]
fn a_slow_end_has_no_advice_of_workers() {
    let mut report = report(vec![stage("parse", 2, 100, 1_900)]);
    report.source = stage("source", 1, 990, 10);
    let bottleneck = report.bottleneck().unwrap();
    assert_eq!(bottleneck.workers_needed, None);
    assert_eq!(bottleneck.next, "parse");
    assert_eq!(
        bottleneck.to_string(),
        "source is the bottleneck: 1 worker is busy 99 % of the time"
    );
}

/// Of 200 items of 10 ms each, beside ends that take 5 ms for all of them.
fn few_items(workers: usize) -> PipelineReport {
    let few = |stage| StageReport {
        items: 200,
        ..stage
    };
    PipelineReport {
        source: few(stage("source", 1, 5, 10)),
        stages: vec![few(stage("fetch", workers, 2_000, 500))],
        output: few(stage("output", 1, 3, 12)),
        ..PipelineReport::default()
    }
}

#[test]
fn no_more_workers_than_items_are_asked_for() {
    let bottleneck = few_items(4).bottleneck().unwrap();
    assert_eq!(
        (bottleneck.workers_needed, bottleneck.items),
        (Some(200), 200)
    );
    assert_eq!(
        bottleneck.to_string(),
        "fetch is the bottleneck: 4 workers are busy 80 % of the time; up to 200 would help, one for each item"
    );
}

#[test]
fn workers_without_items_are_not_counted_on() {
    // 10 ms for 200 workers at work: by all 256 it would be less than 8.
    let mut report = few_items(256);
    report.output.busy = Duration::from_millis(9);
    let bottleneck = report.bottleneck().unwrap();
    assert_eq!(bottleneck.stage, "fetch");
    assert_eq!(bottleneck.workers_needed, None);
    assert_eq!(
        bottleneck.to_string(),
        "fetch is the bottleneck: 256 workers are busy 80 % of the time; more of them would find no items"
    );
}

#[test]
fn no_items_no_bottleneck() {
    assert_eq!(PipelineReport::default().bottleneck(), None);
}
