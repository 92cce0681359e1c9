//! `docs/src/guide/memory.md`: what counts, and what measures.

mod less;
mod traces;

use std::collections::BTreeMap;

use tuneup_memory::{
    Error, ProcessMemory, assert_allocations, deep_size, layout, layout_of, measure,
    release_unused, scope, scopes, stats,
};

use super::{alone, assert_page_shows, page};

// ANCHOR: allocator
use tuneup_memory::TrackingAllocator;

#[global_allocator]
static ALLOCATOR: TrackingAllocator = TrackingAllocator::system();
// ANCHOR_END: allocator

// ANCHOR: index
/// The log of a server: 2,000 lines, 44 paths.
fn log() -> String {
    let lines = (0..2_000).map(|n| format!("GET /page/{} 200\n", n * n % 300));
    lines.collect()
}

/// For each path the numbers of the lines that ask for it.
type Index = BTreeMap<String, Vec<u32>>;

fn index(log: &str) -> Index {
    let mut index = Index::new();
    for (number, line) in (1..).zip(log.lines()) {
        let fields: Vec<&str> = line.split(' ').collect();
        let path = fields[1].to_owned();
        index.entry(path).or_default().push(number);
    }
    index
}
// ANCHOR_END: index

// ANCHOR: measure
fn what_the_index_takes() -> String {
    let log = log();
    let (index, allocations) = measure(|| index(&log));
    format!("{} paths: {allocations}", index.len())
}
// ANCHOR_END: measure

#[test]
fn the_index_takes_what_the_page_says() {
    assert_page_shows("memory", &what_the_index_takes());
}

// ANCHOR: assert
/// As `index`, without a list of fields for each line, and with a path of its own only for what is new.
fn index_once(log: &str) -> Index {
    let mut index = Index::new();
    for (number, line) in (1..).zip(log.lines()) {
        let path = line.split(' ').nth(1).unwrap_or_default();
        match index.get_mut(path) {
            Some(numbers) => numbers.push(number),
            None => {
                index.insert(path.to_owned(), vec![number]);
            }
        }
    }
    index
}

#[test]
fn a_line_of_a_known_path_allocates_next_to_nothing() {
    let log = log();
    let found = assert_allocations!(<= 300, { index_once(&log) });
    assert_eq!(found, index(&log));
}
// ANCHOR_END: assert

#[test]
fn the_assertion_fails_as_the_page_shows() {
    let log = log();
    let refused = std::panic::catch_unwind(|| {
        assert_allocations!(<= 300, { index(&log) });
    });
    let message = refused.unwrap_err();
    assert_page_shows("memory", message.downcast_ref::<String>().unwrap());
}

// ANCHOR: stats
fn heap() -> String {
    let heap = stats();
    format!(
        "{} bytes live in {} blocks, {} at the peak, {} in all",
        heap.live_bytes, heap.live_blocks, heap.peak_bytes, heap.total.allocated_bytes,
    )
}
// ANCHOR_END: stats

// ANCHOR: scope
fn answer(request: &str) -> String {
    let _scope = scope("answer");
    let mut answer = String::with_capacity(1_200);
    {
        let _scope = scope("body");
        answer.push_str(&request.repeat(100));
    }
    answer
}

fn by_scope() -> String {
    let lines = scopes().into_iter().map(|scope| {
        let (all, own) = (scope.cumulative, scope.own);
        format!(
            "{}: {} bytes, {} of its own\n",
            scope.name, all.allocated_bytes, own.allocated_bytes
        )
    });
    lines.collect()
}
// ANCHOR_END: scope

#[test]
fn scopes_are_counted_apart() {
    let _alone = alone();
    answer("a request ");
    assert_page_shows("memory", &by_scope());
}

// ANCHOR: process
fn process() -> Result<String, Error> {
    let process = ProcessMemory::read()?;
    Ok(format!(
        "{} KiB resident ({} at the peak), {} KiB live on the heap",
        process.resident_bytes >> 10,
        process.peak_resident_bytes >> 10,
        stats().live_bytes >> 10,
    ))
}
// ANCHOR_END: process

// ANCHOR: release
fn after_the_rush() -> Result<String, Error> {
    let answers = (0..10_000).map(|_| vec![0_u8; 4_000]);
    let answers: Vec<Vec<u8>> = answers.collect();
    // Between what stays there is free memory that no other process can have.
    let _kept: Vec<Vec<u8>> = answers.into_iter().step_by(100).collect();
    let released = release_unused()?;
    Ok(format!(
        "{} KiB given back, {} KiB stay",
        released.bytes >> 10,
        released.resident_bytes >> 10
    ))
}
// ANCHOR_END: release

#[test]
fn the_heap_reads_as_the_page_says() {
    assert_page_shows_but_numbers(&heap());
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn the_process_reads_as_the_page_says() {
    assert_page_shows_but_numbers(&process().unwrap());
    assert_page_shows_but_numbers(&after_the_rush().unwrap());
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
#[test]
fn elsewhere_there_is_an_error() {
    assert!(process().is_err() || after_the_rush().is_err());
}

// ANCHOR: deep_size
fn sizes(index: &Index) -> String {
    format!(
        "an index is {} bytes, this one {} with all that it owns",
        layout_of::<Index>().size_bytes,
        deep_size(index)
    )
}
// ANCHOR_END: deep_size

#[expect(dead_code, reason = "it is only looked at")]
#[expect(clippy::large_enum_variant, reason = "the page shows what it costs")]
// ANCHOR: layout
enum Message {
    Ping,
    Text(String),
    Image([u8; 4096]),
}

/// Fields in the order of a file format.
#[repr(C)]
struct Reading {
    valid: bool,
    value: f32,
    channel: u16,
}

fn layouts() -> String {
    let reading = layout!(Reading {
        valid,
        value,
        channel
    });
    let message = layout!(enum Message { Ping: (), Text: String, Image: [u8; 4096] });
    format!("{reading}\n\n{message}")
}
// ANCHOR_END: layout

#[test]
fn sizes_are_those_of_the_page() {
    assert_page_shows("memory", &sizes(&index(&log())));
    // The page's program is called `app`.
    assert_page_shows("memory", &layouts().replace(module_path!(), "app"));
}

/// Fails unless the page shows this line, whatever its numbers are.
fn assert_page_shows_but_numbers(line: &str) {
    let is_number = |letter: char| letter.is_ascii_digit();
    let words = |text: &str| -> Vec<String> {
        let words = text.split(is_number).filter(|words| !words.is_empty());
        words.map(String::from).collect()
    };
    let page = page("memory");
    let shown = page.lines().any(|shown| words(shown) == words(line));
    assert!(shown, "memory.md does not show\n{line}");
}
