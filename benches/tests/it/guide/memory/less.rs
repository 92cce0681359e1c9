//! The means to use less.

use std::{
    fs,
    path::Path,
    sync::{Arc, LazyLock},
    thread,
};

use tuneup_memory::{
    Error, FileScanner, Interner, LazyList, MappedFile, Pool, Symbol, WeakCache, text_stats,
    write_lines,
};

use super::{assert_page_shows, log};

// ANCHOR: pool
fn frames() -> Result<Pool<Vec<u8>>, Error> {
    Pool::builder(4) // at most four; who wants a fifth waits
        .reset(Vec::clear)
        .build(|| Vec::with_capacity(64 << 10))
}

fn encode(frames: &Pool<Vec<u8>>, pixels: &[u8]) -> Result<usize, Error> {
    let mut frame = frames.get()?; // goes back at the end of this block
    frame.extend(pixels.iter().map(|pixel| pixel ^ 0xFF));
    Ok(frame.len())
}
// ANCHOR_END: pool

#[test]
fn one_frame_is_enough_for_one_thread() {
    let frames = frames().unwrap();
    for _ in 0..10 {
        assert_eq!(encode(&frames, &[1, 2, 3]).unwrap(), 3);
    }
    let stats = frames.stats();
    assert_eq!((stats.created, stats.reused), (1, 9));
}

// ANCHOR: interner
#[derive(Default)]
struct Log {
    paths: Interner,
    /// Of each line its path: 4 bytes.
    lines: Vec<Symbol>,
}

impl Log {
    fn read(text: &str) -> Result<Self, Error> {
        let mut log = Self::default();
        for line in text.lines() {
            let path = line.split(' ').nth(1).unwrap_or_default();
            log.lines.push(log.paths.intern(path)?);
        }
        Ok(log)
    }

    fn path(&self, line: usize) -> Option<&str> {
        let symbol = *self.lines.get(line)?;
        Some(self.paths.resolve(symbol))
    }
}
// ANCHOR_END: interner

#[test]
fn a_path_is_kept_once() {
    let log = Log::read(&log()).unwrap();
    assert_eq!((log.lines.len(), log.paths.len()), (2_000, 44));
    assert_eq!(log.path(3), Some("/page/9"));
    assert_eq!(log.path(2_000), None);
}

// ANCHOR: lazy_list
fn primes() -> LazyList<'static, u32> {
    LazyList::from_fn(|_, earlier| {
        let first = earlier.last().map_or(2, |last| last + 1);
        (first..).find(|number| earlier.iter().all(|prime| number % prime != 0))
    })
}
// ANCHOR_END: lazy_list

#[test]
fn primes_are_computed_as_far_as_they_are_asked_for() {
    let primes = primes();
    assert_eq!(primes[99], 541);
    assert_eq!(primes.computed(), 100);
    assert_eq!(primes.iter().find(|prime| **prime > 20), Some(&23));
}

// ANCHOR: weak_cache
fn picture(pictures: &WeakCache<String, Vec<u8>>, path: &str) -> Arc<Vec<u8>> {
    let read = || Arc::new(fs::read(path).unwrap_or_default());
    pictures.get_or_insert_with(path.to_owned(), read)
}
// ANCHOR_END: weak_cache

#[test]
fn a_picture_is_there_once_and_gone_when_nobody_shows_it() {
    let pictures = WeakCache::new();
    let (one, two) = (picture(&pictures, ""), picture(&pictures, ""));
    assert!(Arc::ptr_eq(&one, &two));
    drop((one, two));
    assert_eq!(pictures.len_alive(), 0);
}

// ANCHOR: lazy_lock
static STOP_WORDS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let mut words: Vec<&str> = "the a an of and or to in".split(' ').collect();
    words.sort_unstable();
    words
});
// ANCHOR_END: lazy_lock

#[test]
fn stop_words_can_be_searched() {
    assert!(STOP_WORDS.binary_search(&"the").is_ok());
    assert!(STOP_WORDS.binary_search(&"index").is_err());
}

// ANCHOR: lines
fn longest_line(path: &Path) -> Result<usize, Error> {
    let scanner = FileScanner::open(path)?;
    let mut lines = scanner.lines();
    let mut longest = 0;
    while let Some(line) = lines.next_line()? {
        longest = longest.max(line.len()); // `line` is a `&[u8]`: nothing is allocated
    }
    Ok(longest)
}
// ANCHOR_END: lines

// ANCHOR: par_ranges
fn requests_for(path: &Path, page: &str) -> Result<u64, Error> {
    let parts = FileScanner::open(path)?.par_ranges(4)?; // each ends where a line ends
    thread::scope(|scope| {
        let counts = parts.iter().map(|part| scope.spawn(|| part.count(page)));
        let counts = counts.collect::<Vec<_>>();
        counts.into_iter().map(|count| count.join().unwrap()).sum()
    })
}
// ANCHOR_END: par_ranges

// ANCHOR: mapped
fn first_line(path: &Path) -> Result<Vec<u8>, Error> {
    // SAFETY: the log was rotated: nobody writes to it or truncates it any more.
    let file = unsafe { MappedFile::open(path)? };
    let mut lines = file.bytes().split(|byte| *byte == b'\n');
    Ok(lines.next().unwrap_or_default().to_vec())
}
// ANCHOR_END: mapped

// ANCHOR: text_stats
fn sort_lines(path: &Path) -> Result<String, Error> {
    let text = FileScanner::open(path)?;
    let mut pages = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next_line()? {
        pages.push(line.to_vec());
    }
    pages.sort();
    write_lines(path, &pages)?; // the file has all of the new lines, or is as it was
    let stats = text_stats(path)?;
    Ok(format!(
        "{} lines, {} words, {} characters, {} bytes, longest {}",
        stats.lines, stats.words, stats.characters, stats.bytes, stats.longest_line
    ))
}
// ANCHOR_END: text_stats

#[test]
fn a_log_is_read_in_every_way() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("access.log");
    fs::write(&path, log()).unwrap();
    assert_eq!(longest_line(&path).unwrap(), 17);
    let expected = log().matches("/page/9 ").count() as u64;
    assert_eq!(requests_for(&path, "/page/9 ").unwrap(), expected);
    assert_eq!(first_line(&path).unwrap(), b"GET /page/0 200");
    assert_page_shows("memory", &sort_lines(&path).unwrap());
    assert_eq!(first_line(&path).unwrap(), b"GET /page/0 200");
}
