//! Which code allocates, and what never stops.

use std::{collections::VecDeque, path::Path, thread, time::Duration};

use tuneup_memory::{
    Error, Filter, GroupBy, Growths, LeakReport, LeakWatch, Order, RunningLeakWatch, Snapshot,
    Trace, TraceOptions,
};

use super::{Index, alone, index, log, page};

// ANCHOR: trace
fn traced() -> Result<(Index, Snapshot), Error> {
    let log = log();
    let trace = Trace::start(TraceOptions::exact())?;
    let index = index(&log);
    let snapshot = trace.snapshot(); // while the index lives
    Ok((index, snapshot))
}
// ANCHOR_END: trace

// ANCHOR: filter
fn save_own_code(snapshot: &Snapshot, folder: &Path) -> Result<(), Error> {
    let own = snapshot.filter(&[Filter::include("index")?, Filter::exclude("^serde")?]);
    let by_function = own.by(GroupBy::Function).sort_by(Order::AllocatedBytes);
    println!("{}", by_function.top(10));
    own.save(folder.join("heap.svg"))?; // a flame graph
    own.save(folder.join("heap.json"))?; // loads back; feature `json`
    Ok(())
}
// ANCHOR_END: filter

#[test]
fn sites_are_those_of_the_page() {
    let _alone = alone();
    let (_index, snapshot) = traced().unwrap();
    // The threads of other tests allocate too.
    let own = snapshot.filter(&[Filter::include("guide::memory::index").unwrap()]);
    assert_page_shows_table(&own.by(GroupBy::Site).to_string());

    let folder = tempfile::tempdir().unwrap();
    save_own_code(&own, folder.path()).unwrap();
    let loaded = Snapshot::load(folder.path().join("heap.json")).unwrap();
    assert_eq!(loaded.total(), own.total());
    assert!(folder.path().join("heap.svg").is_file());
}

// ANCHOR: growth
fn grown(kept: &mut Index) -> Result<Growths, Error> {
    let trace = Trace::start(TraceOptions::exact())?;
    let before = trace.snapshot();
    kept.extend(index(&log()));
    let after = trace.snapshot();
    Ok(after.compare_to(&before).by(GroupBy::Site))
}
// ANCHOR_END: growth

#[test]
fn what_has_grown_is_on_the_page() {
    let _alone = alone();
    let mut growths = grown(&mut Index::new()).unwrap();
    // The threads of other tests allocate too.
    growths
        .entries
        .retain(|growth| growth.name.contains("guide::memory"));
    assert_eq!(growths.entries.len(), 3);
    let table = growths.to_string();
    // The sum above it has the other threads' in it.
    let (_, rows) = table.split_once("\n\n").unwrap();
    assert_page_shows_table(rows);
}

// ANCHOR: leak
#[derive(Default)]
struct Server {
    /// The last eight answers.
    cache: VecDeque<Vec<u8>>,
    /// Nobody ever takes one out.
    sessions: Vec<Vec<u8>>,
}

impl Server {
    fn serve(&mut self) {
        self.cache.push_back(vec![0; 4_096]);
        if self.cache.len() > 8 {
            self.cache.pop_front();
        }
        self.sessions.push(vec![0; 512]);
    }
}

fn watched() -> Result<LeakReport, Error> {
    let _trace = Trace::start(TraceOptions::exact())?;
    let watch = LeakWatch::new().start(Duration::from_millis(2))?;
    let mut server = Server::default();
    while watch.observed() < 50 {
        server.serve();
        thread::sleep(Duration::from_millis(1));
    }
    Ok(watch.report())
}
// ANCHOR_END: leak

#[test]
fn the_leak_is_told_from_the_cache() {
    let _alone = alone();
    let report = watched().unwrap();
    let own = report.suspects.iter();
    let mut own = own.filter(|suspect| suspect.site.contains("guide::memory::traces::Server"));
    let leak = own.next().unwrap();
    // A session takes 512 bytes and its place in the list; an answer would be 4,096.
    assert!(leak.live_blocks > 20.0 && leak.live_bytes < 1_024.0 * leak.live_blocks);
    assert!(own.next().is_none());
}

// ANCHOR: production
fn serve() -> Result<(Trace, RunningLeakWatch), Error> {
    let trace = Trace::start(TraceOptions::default())?; // one sample in 512 KiB
    let watch = LeakWatch::new().start(Duration::from_secs(60))?;
    Ok((trace, watch)) // to be kept; ask `watch.report()`, `trace.snapshot()` at any time
}
// ANCHOR_END: production

#[test]
fn a_server_is_watched() {
    let _alone = alone();
    let (trace, watch) = serve().unwrap();
    assert!(!trace.snapshot().is_exact());
    assert!(watch.report().suspects.is_empty());
}

/// Fails unless the page shows this table. Times differ from run to run, and where the source lies is not the page's business.
fn assert_page_shows_table(table: &str) {
    let table = comparable(
        &table
            .replace("it::guide::memory::traces::", "app::")
            .replace("it::guide::memory::", "app::"),
    );
    let page = page("memory");
    let mut blocks = page.split("```text\n").skip(1);
    let shown = blocks.any(|block| {
        let block = block.split("```").next().unwrap_or(block);
        comparable(block).contains(&table)
    });
    assert!(shown, "memory.md does not show\n{table}");
}

fn comparable(table: &str) -> String {
    let mut lines = Vec::new();
    for line in table.lines().map(str::trim_end) {
        let mut words: Vec<&str> = Vec::new();
        for word in line.split_whitespace() {
            match word {
                "ns" | "µs" | "ms" | "s" => *words.last_mut().unwrap() = "(time)",
                _ if word.contains(".rs:") => words.push("(place)"),
                _ if word.starts_with('─') => words.push("─"),
                _ => words.push(word),
            }
        }
        lines.push(words.join(" "));
    }
    lines.join("\n").trim().to_owned()
}
