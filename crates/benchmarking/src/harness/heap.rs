//! Counting what one iteration asks of the allocator, with dhat.

use std::hint::black_box;

use tuneup_report::{Align, Cell, Table, Terminal};

use super::Suite;
use super::routine::{Prepared, Routine, tuneup_measured_block};
use crate::protocol::HeapUse;

/// Blocks, bytes and peak of one warm iteration, or `None` when dhat is not the global allocator.
///
/// The iteration before it pays for what is kept: caches, lazily made tables. It is in the same scope.
pub(super) fn count(case: &mut Prepared) -> Option<HeapUse> {
    dhat_is_installed().then(|| case.inside(count_warm))
}

fn count_warm(routine: &mut dyn Routine) -> HeapUse {
    tuneup_measured_block(routine, 1);
    let _profiler = dhat::Profiler::builder().testing().build();
    tuneup_measured_block(routine, 1);
    let stats = dhat::HeapStats::get();
    HeapUse {
        blocks: stats.total_blocks,
        bytes: stats.total_bytes,
        peak_bytes: stats.max_bytes as u64,
    }
}

/// Allocates once under a profiler and looks whether it was seen.
pub(super) fn dhat_is_installed() -> bool {
    let _profiler = dhat::Profiler::builder().testing().build();
    drop(black_box(Box::new(0_u8)));
    dhat::HeapStats::get().total_blocks > 0
}

/// Prints the counts of every case at its timed size.
pub(super) fn print(suite: &Suite) {
    let mut table = Table::new(["case", "blocks", "bytes", "peak"]);
    for column in 1..4 {
        table = table.align(column, Align::Right);
    }
    for definition in &suite.definitions {
        table = table.group(&definition.info.name);
        if let Err(error) = (definition.check)(definition.info.size) {
            eprintln!("error: {error}");
            std::process::exit(1);
        }
        let mut cases = (definition.prepare)(definition.info.size);
        for (prepared, case) in cases.iter_mut().zip(&definition.info.cases) {
            let Some(heap) = count(prepared) else {
                eprintln!("error: the global allocator of this bench is not dhat::Alloc");
                std::process::exit(1);
            };
            table = table.row([
                Cell::text(&case.name),
                Cell::count(heap.blocks),
                Cell::bytes(heap.bytes),
                Cell::bytes(heap.peak_bytes),
            ]);
        }
    }
    print!("{}", table.render(&Terminal::detect()));
}
