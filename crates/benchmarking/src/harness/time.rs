//! Running the cases under Criterion.

use std::time::Duration;

use criterion::{Criterion, Throughput};

use super::Suite;
use super::routine::{Definition, caught};
use crate::Error;

/// Runs everything that the command line selects. Answers are checked before a group's first case is timed; a
/// disagreement ends the process with status 1, and so does a panic.
pub(super) fn run(suite: &Suite) {
    let mut criterion = Criterion::default().configure_from_args();
    for definition in &suite.definitions {
        run_group(&mut criterion, definition);
    }
    criterion.final_summary();
}

fn run_group(criterion: &mut Criterion, definition: &Definition) {
    let info = &definition.info;
    let mut group = criterion.benchmark_group(&info.name);
    if let Some(bytes) = info.bytes {
        group.throughput(Throughput::Bytes(bytes));
    } else if let Some(items) = info.items {
        group.throughput(Throughput::Elements(items));
    }
    // Made when the filter selects the first case of the group, and shared by the rest.
    let mut prepared = None;
    for (index, case) in info.cases.iter().enumerate() {
        group.bench_function(&case.name, |bencher| {
            let prepared = prepared.get_or_insert_with(|| {
                or_exit((definition.check)(info.size));
                (definition.prepare)(info.size)
            });
            bencher.iter_custom(|iterations| {
                let ns = or_exit(caught(&info.name, &case.name, || {
                    prepared[index].measure(iterations)
                }));
                Duration::from_nanos(ns as u64)
            });
        });
    }
    group.finish();
}

fn or_exit<T>(outcome: Result<T, Error>) -> T {
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        std::process::exit(1);
    })
}
