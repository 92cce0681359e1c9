//! Readers of traces.

use std::io::{Cursor, Read, Write as _};

use proptest::prelude::*;
use tuneup_caching::{Error, Trace, TraceFormat, TraceReader};

use crate::shared_traces;

#[test]
fn shared_traces_have_the_known_counts() {
    for shared in shared_traces::all("shared_traces_have_the_known_counts") {
        let counts = (shared.trace.len() as u64, shared.trace.distinct().into());
        assert_eq!(counts, (shared.requests, shared.unique), "{}", shared.name);
    }
}

#[derive(Clone, Copy, Debug)]
enum Packing {
    None,
    Gzip,
    Xz,
    Zstd,
}

const PACKINGS: [Packing; 4] = [Packing::None, Packing::Gzip, Packing::Xz, Packing::Zstd];

fn pack(bytes: &[u8], packing: Packing) -> Vec<u8> {
    match packing {
        Packing::None => bytes.to_vec(),
        Packing::Gzip => {
            let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            out.write_all(bytes).unwrap();
            out.finish().unwrap()
        }
        Packing::Xz => {
            let options = lzma_rust2::XzOptions::with_preset(1);
            let mut out = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
            out.write_all(bytes).unwrap();
            out.finish().unwrap()
        }
        Packing::Zstd => {
            ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
        }
    }
}

const INTEGERS: [TraceFormat; 4] = [
    TraceFormat::U32Le,
    TraceFormat::U32Be,
    TraceFormat::U64Le,
    TraceFormat::U64Be,
];

fn integers(keys: &[u64], format: TraceFormat) -> Vec<u8> {
    keys.iter()
        .flat_map(|&key| match format {
            TraceFormat::U32Le => (key as u32).to_le_bytes().to_vec(),
            TraceFormat::U32Be => (key as u32).to_be_bytes().to_vec(),
            TraceFormat::U64Le => key.to_le_bytes().to_vec(),
            _ => key.to_be_bytes().to_vec(),
        })
        .collect()
}

fn read(bytes: &[u8], format: TraceFormat) -> Result<Trace, Error> {
    TraceReader::new().with_format(format).read("trace", bytes)
}

fn packing() -> impl Strategy<Value = Packing> {
    prop::sample::select(PACKINGS.to_vec())
}

/// Keys of which some repeat.
fn keys() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(prop_oneof![0..20_u64, any::<u64>()], 0..300)
}

proptest! {
    #[test]
    fn integers_come_back(
        keys in keys(),
        format in prop::sample::select(INTEGERS.to_vec()),
        packing in packing(),
    ) {
        let is_narrow = matches!(format, TraceFormat::U32Le | TraceFormat::U32Be);
        let mask = if is_narrow { u64::from(u32::MAX) } else { u64::MAX };
        let bytes = pack(&integers(&keys, format), packing);
        let expected = Trace::from_keys(keys.iter().map(|key| key & mask)).unwrap();
        prop_assert_eq!(read(&bytes, format).unwrap(), expected);
    }

    #[test]
    fn texts_come_back(
        keys in prop::collection::vec("[0-9]{1,3}|[a-zA-Z \t*é]{1,5}|0{0,3}[0-9]|[0-9]{18,22}", 0..60),
        packing in packing(),
        end in prop::sample::select(vec!["\n", "\r\n"]),
        ends in any::<bool>(),
    ) {
        let mut text = keys.join(end);
        if ends || keys.last().is_some_and(|key| key.ends_with('\r')) {
            text += end;
        }
        let bytes = pack(text.as_bytes(), packing);
        prop_assert_eq!(read(&bytes, TraceFormat::Plain).unwrap(), Trace::from_keys(keys).unwrap());
    }

    #[test]
    fn marks_of_lirs_are_skipped(keys in keys(), marks in prop::collection::vec(0..300_usize, 0..5)) {
        let mut lines: Vec<String> = keys.iter().map(u64::to_string).collect();
        for mark in marks {
            lines.insert(mark.min(lines.len()), " * ".to_owned());
        }
        let text = lines.join("\r\n");
        let expected = Trace::from_keys(keys).unwrap();
        prop_assert_eq!(read(text.as_bytes(), TraceFormat::Lirs).unwrap(), expected);
    }

    #[test]
    fn runs_of_arc_are_expanded(
        runs in prop::collection::vec((0..50_u64, 1..9_u64), 1..100),
        packing in packing(),
    ) {
        let lines: Vec<String> = runs.iter().zip(0..)
            .map(|((start, blocks), request)| format!("{start} {blocks}  0 {request}"))
            .collect();
        let keys = runs.iter().flat_map(|&(start, blocks)| start..start + blocks);
        let expected = Trace::from_keys(keys).unwrap();
        let bytes = pack(lines.join("\n").as_bytes(), packing);
        prop_assert_eq!(read(&bytes, TraceFormat::ArcLis).unwrap(), expected.clone());
        prop_assert_eq!(TraceReader::new().read("volume", &bytes[..]).unwrap(), expected);
    }

    /// Whatever comes, there is a trace or an error, and no panic.
    #[test]
    fn any_bytes_are_read_or_refused(
        mut bytes in prop::collection::vec(any::<u8>(), 0..200),
        magic in prop::sample::select(vec![
            &b""[..], b"\x1f\x8b\x08", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"\x50\x2a\x4d\x18",
        ]),
        format in prop::sample::select(vec![
            TraceFormat::Plain, TraceFormat::ArcLis, TraceFormat::Lirs, TraceFormat::U64Le,
        ]),
    ) {
        bytes.splice(0..0, magic.iter().copied());
        let _ = read(&bytes, format);
        let _ = TraceReader::new().read("trace", &bytes[..]);
    }
}

/// Enough for several blocks of each packing.
fn long_text() -> Vec<u8> {
    (0..60_000_u64)
        .flat_map(|line| format!("{}\n", line * line % 9973).into_bytes())
        .collect()
}

#[test]
fn whatever_is_cut_off_is_missed() {
    let text = long_text();
    for packing in &PACKINGS[1..] {
        let bytes = pack(&text, *packing);
        assert_eq!(read(&bytes, TraceFormat::Lirs).unwrap().len(), 60_000);
        for len in [bytes.len() - 1, bytes.len() - 5, bytes.len() / 2, 20, 7] {
            let result = read(&bytes[..len], TraceFormat::Lirs);
            assert!(
                matches!(result, Err(Error::TraceRead { .. })),
                "{packing:?} cut at {len} of {}: {result:?}",
                bytes.len()
            );
        }
    }
}

#[test]
fn what_was_changed_is_found_out() {
    let text = long_text();
    for packing in &PACKINGS[1..] {
        let bytes = pack(&text, *packing);
        let whole = read(&bytes, TraceFormat::Plain).unwrap();
        for at in (20..bytes.len()).step_by(bytes.len() / 20) {
            let mut changed = bytes.clone();
            changed[at] ^= 0x10;
            // A few bits are only there to fill up a byte.
            match read(&changed, TraceFormat::Plain) {
                Err(Error::TraceRead { .. } | Error::TraceLine { .. }) => {}
                other => assert_eq!(other.unwrap(), whole, "{packing:?} changed at {at}"),
            }
        }
    }
}

#[test]
fn what_follows_the_compressed_part_is_an_error() {
    for packing in &PACKINGS[1..] {
        let mut bytes = pack(b"1\n2\n", *packing);
        bytes.extend(b"garbage");
        let result = read(&bytes, TraceFormat::Lirs);
        assert!(
            matches!(result, Err(Error::TraceRead { .. })),
            "{packing:?}: {result:?}"
        );
    }
}

#[test]
fn several_members_are_one_trace() {
    for packing in &PACKINGS[1..] {
        let mut bytes = pack(b"1\n2\n", *packing);
        bytes.extend(pack(b"1\n3\n", *packing));
        let trace = read(&bytes, TraceFormat::Lirs).unwrap();
        assert_eq!(trace.ids(), [0, 1, 0, 2], "{packing:?}");
    }
}

#[test]
fn frames_of_other_things_are_skipped() {
    let skippable = [0x53, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3];
    let frame = pack(b"7\n7\n", Packing::Zstd);
    let bytes = [&skippable[..], &frame, &skippable].concat();
    assert_eq!(read(&bytes, TraceFormat::Lirs).unwrap().ids(), [0, 0]);
    let cut = [&frame[..], &skippable[..10]].concat();
    assert!(matches!(
        read(&cut, TraceFormat::Lirs),
        Err(Error::TraceRead { .. })
    ));
}

#[test]
fn a_bad_line_is_named() {
    let message = |bytes: &[u8], format| read(bytes, format).unwrap_err().to_string();
    assert_eq!(
        message(b"1\n*\n2 3\n", TraceFormat::Lirs),
        "trace:3: expected the decimal number of a block, below 2^64, or a line with *, found \"2 3\""
    );
    assert_eq!(
        message(b"18446744073709551616", TraceFormat::Lirs),
        "trace:1: expected the decimal number of a block, below 2^64, or a line with *, \
         found \"18446744073709551616\""
    );
    let four = "four decimal numbers below 2^64: start, blocks, ignored, request";
    for line in ["1 2 3", "1 2 3 4 5", "1 -2 3 4", "one 2 3 4"] {
        assert_eq!(
            message(format!("0 1 0 0\n\n{line}").as_bytes(), TraceFormat::ArcLis),
            format!("trace:3: expected {four}, found {line:?}")
        );
    }
    assert_eq!(
        message(b"5 0 0 0", TraceFormat::ArcLis),
        "trace:1: expected one block or more as the second number, found \"5 0 0 0\""
    );
    assert_eq!(
        message(b"18446744073709551615 2 0 0", TraceFormat::ArcLis),
        "trace:1: expected blocks whose numbers are below 2^64, found \"18446744073709551615 2 0 0\""
    );
}

#[test]
fn the_last_block_of_all_is_a_block() {
    let trace = read(b"18446744073709551614 2 0 0", TraceFormat::ArcLis).unwrap();
    assert_eq!(trace.ids(), [0, 1]);
}

#[test]
fn a_run_without_end_is_refused_before_it_is_expanded() {
    let result = read(b"0 1000000000000000000 0 0", TraceFormat::ArcLis);
    assert!(
        matches!(
            result,
            Err(Error::TraceTooLong {
                limit: 268_435_456,
                ..
            })
        ),
        "{result:?}"
    );
}

#[test]
fn a_line_without_end_is_refused_before_it_is_kept() {
    let endless = std::io::repeat(b'x').take(1 << 40);
    let error = TraceReader::new().read("endless", endless).unwrap_err();
    let shown = "x".repeat(80);
    assert_eq!(
        error.to_string(),
        format!("endless:1: expected a line of at most 64 KiB, found \"{shown}\"")
    );
    let longest = "x".repeat(1 << 16);
    for end in ["", "\n", "\r\n"] {
        let line = longest.clone() + end;
        assert_eq!(read(line.as_bytes(), TraceFormat::Plain).unwrap().len(), 1);
    }
}

#[test]
fn a_bomb_stops_at_the_limit() {
    let reader = TraceReader::new().with_limit(1000).unwrap();
    let lines = b"1\n".repeat(1_000_000);
    // Lines that are skipped are bounded too.
    let empty = b"\n".repeat(1_000_000);
    for packing in PACKINGS {
        for text in [&lines, &empty] {
            let result = reader.clone().read("bomb", &pack(text, packing)[..]);
            assert!(
                matches!(result, Err(Error::TraceTooLong { limit: 1000, .. })),
                "{result:?}"
            );
        }
    }
    assert_eq!(reader.read("whole", &lines[..2000]).unwrap().len(), 1000);
}

#[test]
fn integers_that_end_within_one_are_an_error() {
    let error = read(&[1, 2, 3, 4, 5, 6], TraceFormat::U32Be).unwrap_err();
    assert_eq!(
        error.to_string(),
        "trace ends with 2 bytes of a key of 4; it is truncated or in another format"
    );
    let long = vec![0; 8 * 5000 + 7];
    assert!(matches!(
        read(&long, TraceFormat::U64Le),
        Err(Error::TraceTail {
            extra_bytes: 7,
            key_bytes: 8,
            ..
        })
    ));
}

#[test]
fn formats_are_told_from_names_and_contents() {
    let ids = |name: &str, bytes: &[u8]| {
        TraceReader::new()
            .read(name, bytes)
            .map(|trace| trace.ids().to_vec())
    };
    // A mark is skipped in one format and a key in the other.
    assert_eq!(ids("a.trace.gz", b"1\n*\n1\n").unwrap(), [0, 0]);
    assert_eq!(ids("a.txt", b"1\n*\n1\n").unwrap(), [0, 1, 0]);
    assert_eq!(ids("a.trace", b"x\n*\nx\n").unwrap(), [0, 1, 0]);
    assert_eq!(ids("a", b"5 2 0 0\n5 1 0 1\n").unwrap(), [0, 1, 0]);
    assert_eq!(ids("a", b"5 2 0 0\n5 1 0\n").unwrap(), [0, 1]);
    assert!(matches!(
        ids("a.LIS", b"5 2 0\n"),
        Err(Error::TraceLine { line: 1, .. })
    ));
    assert_eq!(
        ids("a.u32be.xz", &[0, 0, 0, 1, 0, 0, 0, 1]).unwrap(),
        [0, 0]
    );
    assert_eq!(
        ids("a.bin", &[0, 0, 0, 1]).unwrap_err().to_string(),
        "the format of a.bin cannot be told; name it with Trace::read_as"
    );
    assert!(ids("empty", b"").unwrap().is_empty());
    // A line that goes on beyond what was looked at tells nothing.
    let long = "1 1 0 0\n".repeat(8191) + "1 1 0 00000000000\n";
    assert_eq!(ids("a", long.as_bytes()).unwrap().len(), 8192);
}

#[test]
fn a_mark_before_a_text_is_no_part_of_it() {
    let marked = |text: &str| [b"\xEF\xBB\xBF", text.as_bytes()].concat();
    for packing in PACKINGS {
        let keys = pack(&marked("1\n2\n1\n"), packing);
        assert_eq!(read(&keys, TraceFormat::Plain).unwrap().ids(), [0, 1, 0]);
        assert_eq!(read(&keys, TraceFormat::Lirs).unwrap().ids(), [0, 1, 0]);
        let runs = pack(&marked("5 2 0 0\n5 1 0 1\n"), packing);
        let found_out = TraceReader::new().read("runs", &runs[..]).unwrap();
        assert_eq!(found_out.ids(), [0, 1, 0], "{packing:?}");
    }
    assert!(read(&marked(""), TraceFormat::Lirs).unwrap().is_empty());
    // Once only, and not of numbers.
    let twice = marked("\u{FEFF}1\n1\n");
    assert_eq!(read(&twice, TraceFormat::Plain).unwrap().ids(), [0, 1]);
    let numbers = read(&marked("\u{FF}"), TraceFormat::U32Le);
    assert!(matches!(
        numbers,
        Err(Error::TraceTail { extra_bytes: 1, .. })
    ));
}

#[test]
fn sources_may_give_little_at_a_time() {
    struct Trickle(Cursor<Vec<u8>>);
    impl Read for Trickle {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let some = buffer.len().min(3);
            self.0.read(&mut buffer[..some])
        }
    }
    let keys: Vec<u64> = (0..5000).map(|key| key % 77).collect();
    for packing in PACKINGS {
        let bytes = pack(&integers(&keys, TraceFormat::U64Be), packing);
        let trace = TraceReader::new()
            .with_format(TraceFormat::U64Be)
            .read("trickle", Trickle(Cursor::new(bytes)))
            .unwrap();
        assert_eq!(trace, Trace::from_keys(keys.clone()).unwrap());
    }
}

#[test]
fn a_missing_file_is_named() {
    let error = Trace::from_path("no/such/file").unwrap_err();
    let source = std::error::Error::source(&error).unwrap();
    assert!(source.is::<std::io::Error>());
    assert_eq!(
        error.to_string(),
        "cannot read the trace no/such/file; is it there, whole and undamaged?"
    );
}
