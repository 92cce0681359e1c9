//! What is written is what is read, and any bytes are read or refused.

use std::sync::OnceLock;

use proptest::prelude::*;

use super::*;
use crate::{
    ArgumentCounts, ArgumentReading, Arguments, LineSite, LineTimer, Options, Recording, Session,
    Site, SiteKind, enter,
};

/// Of a few nested calls, with distributions, and of lines. There is one session in a process, so that it is recorded once.
fn recorded() -> &'static (Recording, Vec<u8>) {
    static OUTER: Site = Site::new(|| "outer", SiteKind::Function, "src/a.rs", 3);
    static COUNTS: ArgumentCounts = ArgumentCounts::new();
    static INNER: Site =
        Site::new(|| "inner", SiteKind::Scope, "src/b.rs", 70_000).with_arguments(&COUNTS);
    static LINES: LineSite = LineSite::new(|| "lines", "src/c.rs", &[7, 8, 70_000], false);
    static RECORDED: OnceLock<(Recording, Vec<u8>)> = OnceLock::new();
    RECORDED.get_or_init(|| {
        let session = Session::start(Options::default()).unwrap();
        for _ in 0..3 {
            let _outer = enter(&OUTER);
            for n in 0..5 {
                let mut arguments = Arguments::new();
                arguments.add(&n);
                COUNTS.count(arguments);
                drop(enter(&INNER));
            }
        }
        for _ in 0..2 {
            let timer = LineTimer::enter(&LINES);
            timer.mark(1);
            timer.mark(2);
            timer.mark(1);
        }
        let recording = session.read();
        let mut bytes = Vec::new();
        recording
            .write_dump(session.call_cost(), &mut bytes)
            .unwrap();
        (recording, bytes)
    })
}

/// All that a site is known by.
fn identity(site: &Site) -> (&str, &str, u32, SiteKind, bool) {
    let (name, file) = (site.name(), site.file());
    (name, file, site.line(), site.kind(), site.is_untimed())
}

#[test]
fn what_is_written_is_what_is_read() {
    let (written, bytes) = recorded();
    let Dump {
        recording: read,
        cost,
    } = Dump::read(bytes).unwrap();
    assert!(cost.inside_ns > 0.0 || cost.outside_ns > 0.0);
    assert_eq!((read.ticks, read.scale), (written.ticks, written.scale));
    assert_eq!(read.unrecorded_calls, written.unrecorded_calls);
    assert_eq!(
        (read.runnable_ns, read.delayed_ns),
        (written.runnable_ns, written.delayed_ns)
    );
    let counted = |recording: &Recording| -> Vec<(&str, ArgumentReading)> {
        let arguments = recording.arguments.iter();
        arguments
            .map(|counted| (counted.site.name(), counted.reading))
            .collect()
    };
    let [("inner", reading)] = counted(&read)[..] else {
        panic!("{:?}", counted(&read));
    };
    assert_eq!(
        (reading.hashed, reading.distinct, reading.is_unhashable),
        (15, 5, false)
    );
    assert_eq!(counted(&read), counted(written));
    assert_eq!(read.threads.len(), written.threads.len());
    for (read, written) in read.threads.iter().zip(&written.threads) {
        assert_eq!(read.nodes.len(), written.nodes.len());
        for (read, written) in read.nodes.iter().zip(&written.nodes) {
            assert_eq!(read.site.map(identity), written.site.map(identity));
            assert_eq!(
                (read.parent, read.calls, read.ticks, read.allocated_blocks),
                (
                    written.parent,
                    written.calls,
                    written.ticks,
                    written.allocated_blocks
                )
            );
        }
        for (read, written) in read.sites.iter().zip(&written.sites) {
            assert_eq!(identity(read.site), identity(written.site));
            assert_eq!(
                (read.min_ticks, read.max_ticks),
                (written.min_ticks, written.max_ticks)
            );
            assert_eq!(read.threads, written.threads);
            let counts = [read, written].map(|record| {
                record
                    .distribution
                    .as_ref()
                    .map(tuneup_measure::Histogram::count)
            });
            assert_eq!(counts[0], counts[1]);
            let median = |record: &crate::SiteRecording| {
                let distribution = record.distribution.as_ref();
                distribution
                    .and_then(|distribution| distribution.quantile(0.5))
                    .unwrap_or(0)
            };
            let (read, written) = (median(read), median(written));
            assert!(
                read.abs_diff(written) <= written / 16 + 1,
                "{read} {written}"
            );
        }
    }
}

#[test]
fn lines_are_what_was_written() {
    let (written, bytes) = recorded();
    let read = Dump::read(bytes).unwrap().recording;
    let all = |recording: &Recording| {
        let lines = recording.threads.iter().flat_map(|thread| &thread.lines);
        let all = lines.map(|lines| {
            let site = lines.site;
            let cells = lines.cells.iter();
            (
                (site.name().to_owned(), site.file().to_owned()),
                (site.lines().to_vec(), site.is_async()),
                lines.calls,
                cells
                    .map(|cell| (cell.hits, cell.ticks))
                    .collect::<Vec<_>>(),
            )
        });
        all.collect::<Vec<_>>()
    };
    assert_eq!(all(&read), all(written));
    let hits: Vec<u64> = all(&read)[0].3.iter().map(|(hits, _)| *hits).collect();
    assert_eq!(hits, [0, 4, 2]);
}

#[test]
fn a_dump_of_an_earlier_layout_is_refused() {
    let error = Dump::read(b"tuneup recording 1\nwhatever").unwrap_err();
    assert_eq!(error, DumpError::Foreign);
    assert!(error.to_string().contains("of another version"), "{error}");
}

#[test]
fn a_site_is_kept_once() {
    let (_, bytes) = recorded();
    let sites = || {
        let dump = Dump::read(bytes).unwrap();
        let nodes = dump
            .recording
            .threads
            .into_iter()
            .flat_map(|thread| thread.nodes);
        nodes
            .filter_map(|node| node.site)
            .map(std::ptr::from_ref)
            .collect::<Vec<_>>()
    };
    assert_eq!(sites(), sites());
}

#[test]
fn what_is_cut_off_is_told() {
    let (_, bytes) = recorded();
    assert_eq!(
        Dump::read(&bytes[..MAGIC.len() - 1]).unwrap_err(),
        DumpError::Foreign
    );
    for len in MAGIC.len()..bytes.len() {
        assert_eq!(
            Dump::read(&bytes[..len]).unwrap_err(),
            DumpError::CutOff,
            "{len}"
        );
    }
    let longer = [&bytes[..], b"x"].concat();
    assert_eq!(
        Dump::read(&longer).unwrap_err(),
        DumpError::Damaged(bytes.len())
    );
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
    ) {
        let mut bytes = recorded().1.clone();
        for (index, byte) in flips {
            let len = bytes.len();
            bytes[index.index(len)] = byte;
        }
        let _ = Dump::read(&bytes);
    }

    #[test]
    fn any_numbers_are_read_or_refused(tail in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Dump::read(&[MAGIC, &tail].concat());
    }
}
