use proptest::prelude::*;

use super::*;
use crate::native::linux::record::{Record, Records};

const RING_BYTES: usize = 64;

/// What the kernel does: writes on from a position, around the end.
fn write(ring: &mut [u8], position: u64, bytes: &[u8]) -> u64 {
    for (ahead, byte) in bytes.iter().enumerate() {
        ring[(position as usize + ahead) % RING_BYTES] = *byte;
    }
    position + bytes.len() as u64
}

fn read(ring: &[u8], tail: u64, head: u64) -> Vec<u8> {
    let (first, second) = filled(tail, head, ring.len());
    [&ring[first], &ring[second]].concat()
}

/// A record that says that so many were lost: 16 bytes.
fn lost(records: u64) -> Vec<u8> {
    let header = [&13_u32.to_ne_bytes()[..], &[0, 0], &16_u16.to_ne_bytes()].concat();
    [&header[..], &records.to_ne_bytes()].concat()
}

#[test]
fn a_record_across_the_end() {
    let mut ring = [0xff; RING_BYTES];
    // Eight bytes before the end, after many rounds.
    let tail = 10 * RING_BYTES as u64 - 8;
    let head = write(&mut ring, tail, &[lost(1), lost(2)].concat());
    let bytes = read(&ring, tail, head);
    let records = Records::new(&bytes, false).collect::<Vec<_>>();
    assert_eq!(records, [Record::Lost(1), Record::Lost(2)]);
    assert_eq!(filled(tail, head, RING_BYTES), (56..64, 0..24));
}

#[test]
fn an_empty_and_a_full_ring() {
    for tail in [0, 8, 63, 64, 1000] {
        let (first, second) = filled(tail, tail, RING_BYTES);
        assert!(first.is_empty() && second.is_empty());
        let (first, second) = filled(tail, tail + RING_BYTES as u64, RING_BYTES);
        assert_eq!(first.len() + second.len(), RING_BYTES);
    }
}

#[test]
fn positions_that_cannot_be() {
    for (tail, head) in [(100, 0), (0, u64::MAX), (5, 5 + RING_BYTES as u64 + 1)] {
        let (first, second) = filled(tail, head, RING_BYTES);
        assert!(
            first.end <= RING_BYTES && second.end <= RING_BYTES,
            "{tail} {head}"
        );
        assert!(first.len() + second.len() <= RING_BYTES, "{tail} {head}");
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        start in any::<u32>(),
        writes in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..=RING_BYTES), 1..30),
    ) {
        let mut ring = [0; RING_BYTES];
        let mut tail = u64::from(start);
        for bytes in writes {
            let head = write(&mut ring, tail, &bytes);
            prop_assert_eq!(read(&ring, tail, head), bytes);
            tail = head;
        }
    }

    #[test]
    fn ranges_lie_in_the_ring(tail: u64, head: u64, power in 3_u32..30) {
        let bytes = 1_usize << power;
        let (first, second) = filled(tail, head, bytes);
        prop_assert!(first.start <= first.end && first.end <= bytes && second.end <= bytes);
        prop_assert!(second.is_empty() || second.end <= first.start);
    }
}
