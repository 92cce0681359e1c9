//! Does a trace stay small, and its estimates right, however many blocks there are?
//!
//! `cargo run --release -p tuneup-memory --features trace --example many_allocations -- [BLOCKS] [THREADS]`, by default 100
//! million blocks on two threads, one in 512 KiB of them sampled. Each thread keeps its last thousand.

use std::{collections::VecDeque, env, error::Error, hint::black_box, thread, time::Instant};

use tuneup_memory::{GroupBy, ProcessMemory, Trace, TraceOptions, TrackingAllocator, stats};

#[global_allocator]
static ALLOCATOR: TrackingAllocator = TrackingAllocator::system();

const KEPT: usize = 1000;

#[inline(never)]
fn small(number: u64) -> Vec<u8> {
    black_box(Vec::with_capacity(16 + (number % 100) as usize))
}

#[inline(never)]
fn medium(number: u64) -> Vec<u8> {
    black_box(Vec::with_capacity(1000 + (number % 3000) as usize))
}

/// One block in a hundred is of a kibibyte and more.
fn work(blocks: u64) {
    let mut kept = VecDeque::with_capacity(KEPT + 1);
    for number in 0..blocks {
        kept.push_back(match number % 100 {
            0 => medium(number),
            _ => small(number),
        });
        if kept.len() > KEPT {
            kept.pop_front();
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let blocks: u64 = arguments.next().as_deref().unwrap_or("100000000").parse()?;
    let threads: u64 = arguments.next().as_deref().unwrap_or("2").parse()?;
    if threads == 0 {
        return Err("give at least one thread".into());
    }
    let trace = Trace::start(TraceOptions::default())?;
    let memory = ProcessMemory::read().ok();
    let before = stats().total;
    let start = Instant::now();
    thread::scope(|scope| {
        for thread in 0..threads {
            let share = blocks / threads + u64::from(thread < blocks % threads);
            scope.spawn(move || work(share));
        }
    });
    let time = start.elapsed();
    let after = stats().total;
    let snapshot = trace.snapshot();
    let growth = memory
        .zip(ProcessMemory::read().ok())
        .map(|(before, after)| after.resident_bytes.saturating_sub(before.resident_bytes));

    let allocated = snapshot.total().allocated;
    let counted = after.allocated_blocks - before.allocated_blocks;
    println!(
        "blocks: {counted} counted, {:.0} estimated",
        allocated.blocks
    );
    let counted = after.allocated_bytes - before.allocated_bytes;
    println!("bytes: {counted} counted, {:.0} estimated", allocated.bytes);
    println!("samples: {}, missed: {}", snapshot.samples, snapshot.missed);
    println!(
        "memory of the trace: {:.1} KiB",
        snapshot.trace_bytes as f64 / 1024.0
    );
    if let Some(bytes) = growth {
        println!(
            "growth of resident memory: {:.1} KiB",
            bytes as f64 / 1024.0
        );
    }
    let per_block = time.as_secs_f64() * 1e9 * threads as f64 / blocks as f64;
    println!("time per block, allocated and freed: {per_block:.1} ns");
    print!("{}", snapshot.by(GroupBy::Function).top(2));
    Ok(())
}
