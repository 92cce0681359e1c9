//! What is written is what is read, and any bytes are read or refused.

use proptest::prelude::*;

use super::*;

fn dump() -> HeapDump {
    let estimate = |blocks: f64| Estimate {
        blocks,
        bytes: blocks * 24.5,
        blocks_variance: 0.25,
        bytes_variance: 1e9,
    };
    let stack = |frames: &[usize]| StackReading {
        frames: frames.to_vec(),
        tag: 3,
        allocated: estimate(1e6),
        live: estimate(2.0),
        at_peak: estimate(77.0),
        freed_blocks: 999_998.0,
        lifetime_ns: 1e12,
        temporary_blocks: 5.0,
    };
    let block = LiveBlock {
        stack: 1,
        address: 0x7FFF_0000_1000,
        bytes: 400,
        born_ns: 12,
        weight: 17.5,
    };
    let trace = TraceReading {
        interval_bytes: 512 << 10,
        elapsed_ns: u64::MAX,
        stacks: vec![stack(&[]), stack(&[usize::MAX, 1, 0x5555_0000])],
        samples: 4,
        live_samples: 1,
        live_blocks: vec![block],
        missed: 0,
        counted: AllocationCounters {
            allocated_blocks: 1,
            allocated_bytes: 2,
            freed_blocks: 3,
            freed_bytes: u64::MAX,
        },
        peak_bytes: 1 << 40,
        peak_ns: 300,
        timeline: TimelineReading {
            span_ns: 1 << 20,
            most_bytes: vec![0, 1 << 40, 7],
        },
        used_bytes: 128,
    };
    HeapDump::new(trace, "55 r-xp /a program\n".to_owned())
}

fn written(dump: &HeapDump) -> Vec<u8> {
    let mut bytes = Vec::new();
    dump.write(&mut bytes).unwrap();
    bytes
}

#[test]
fn what_is_written_is_what_is_read() {
    assert_eq!(HeapDump::read(&written(&dump())).unwrap(), dump());
    let empty = HeapDump::default();
    assert_eq!(HeapDump::read(&written(&empty)).unwrap(), empty);
}

#[test]
fn what_is_cut_off_or_goes_on_is_told() {
    let bytes = written(&dump());
    let foreign = HeapDump::read(&bytes[..MAGIC.len() - 1]).unwrap_err();
    assert_eq!(foreign, DumpError::Foreign);
    for len in MAGIC.len()..bytes.len() {
        let cut_off = HeapDump::read(&bytes[..len]).unwrap_err();
        assert_eq!(cut_off, DumpError::CutOff, "{len}");
    }
    let longer = [&bytes[..], b"x"].concat();
    let damaged = HeapDump::read(&longer).unwrap_err();
    assert_eq!(damaged, DumpError::Damaged(bytes.len()));
}

#[test]
fn a_block_has_a_stack_that_is_there() {
    let mut dump = dump();
    dump.trace.live_blocks[0].stack = 2;
    assert!(matches!(
        HeapDump::read(&written(&dump)),
        Err(DumpError::Damaged(_))
    ));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
    ) {
        let mut bytes = written(&dump());
        for (index, byte) in flips {
            let len = bytes.len();
            bytes[index.index(len)] = byte;
        }
        let _ = HeapDump::read(&bytes);
    }

    #[test]
    fn any_numbers_are_read_or_refused(tail in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = HeapDump::read(&[MAGIC, &tail].concat());
    }
}
