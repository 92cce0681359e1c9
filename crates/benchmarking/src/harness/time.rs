//! Running the cases under Criterion.

use std::time::Duration;

use criterion::{Criterion, Throughput};

use super::Suite;
use super::routine::{Definition, tuneup_measured_block};

/// Runs everything that the command line selects. Answers are checked before a group's first case is timed; a
/// disagreement ends the process with status 1.
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
    let mut routines = None;
    for (index, case) in info.cases.iter().enumerate() {
        group.bench_function(&case.name, |bencher| {
            let routines = routines.get_or_insert_with(|| {
                if let Err(error) = (definition.check)(info.size) {
                    eprintln!("error: {error}");
                    std::process::exit(1);
                }
                (definition.prepare)(info.size)
            });
            bencher.iter_custom(|iterations| {
                Duration::from_nanos(tuneup_measured_block(&mut *routines[index], iterations) as u64)
            });
        });
    }
    group.finish();
}
