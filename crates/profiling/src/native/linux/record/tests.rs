use proptest::prelude::*;

use super::*;

/// A record with its header.
fn record(kind: u32, body: &[u8]) -> Vec<u8> {
    let size = u16::try_from(body.len() + 8).unwrap();
    [&kind.to_ne_bytes()[..], &[0, 0], &size.to_ne_bytes(), body].concat()
}

fn words(words: &[u64]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_ne_bytes()).collect()
}

/// Process 7, thread 8, and the words behind.
fn sample_of(rest: &[u64]) -> Vec<u8> {
    let ids = [7_u32.to_ne_bytes(), 8_u32.to_ne_bytes()].concat();
    record(KIND_SAMPLE, &[ids, words(rest)].concat())
}

fn all(bytes: &[u8], with_stack: bool) -> Vec<Record<'_>> {
    Records::new(bytes, with_stack).collect()
}

fn only_sample(bytes: &[u8], with_stack: bool) -> Sample<'_> {
    match all(bytes, with_stack)[..] {
        [Record::Sample(sample)] => sample,
        ref other => panic!("{other:?}"),
    }
}

#[test]
fn a_sample_with_a_chain() {
    let user_mode = -512_i64 as u64;
    let bytes = sample_of(&[3, user_mode, 0x1000, 0x2000]);
    let sample = only_sample(&bytes, false);
    assert_eq!((sample.process, sample.thread), (7, 8));
    assert_eq!(sample.chain().collect::<Vec<_>>(), [0x1000, 0x2000]);
    assert_eq!(sample.registers, None);
    assert!(sample.stack.is_empty());
}

/// The registers in the kernel's order, as many as the processor needs.
fn register_words() -> Vec<u64> {
    (0..REGISTERS.len() as u64)
        .map(|register| 0x10 + register)
        .collect()
}

#[test]
fn a_sample_with_registers_and_stack() {
    let filled = 8;
    let rest = [
        &[1, 0x1000, 2],
        &register_words()[..],
        &[16, 0xaa, 0xbb, filled],
    ]
    .concat();
    let bytes = sample_of(&rest);
    let sample = only_sample(&bytes, true);
    assert_eq!(sample.stack, 0xaa_u64.to_ne_bytes());
    let registers = sample.registers.unwrap();
    #[cfg(target_arch = "x86_64")]
    assert_eq!(
        (registers.frame, registers.stack, registers.instruction),
        (0x10, 0x11, 0x12)
    );
    #[cfg(target_arch = "aarch64")]
    assert_eq!(
        (
            registers.frame,
            registers.link,
            registers.stack,
            registers.instruction
        ),
        (0x10, 0x11, 0x12, 0x13)
    );
}

#[test]
fn a_sample_outside_of_user_mode_has_no_registers() {
    let bytes = sample_of(&[0, 0, 0]);
    assert_eq!(only_sample(&bytes, true).registers, None);
}

#[test]
fn registers_of_32_bits_are_not_used() {
    let rest = [&[0, 1], &register_words()[..], &[0]].concat();
    let bytes = sample_of(&rest);
    assert_eq!(only_sample(&bytes, true).registers, None);
}

#[test]
fn losses_are_counted() {
    let bytes = [
        record(KIND_LOST, &words(&[99, 5])),
        record(KIND_LOST_SAMPLES, &words(&[6])),
    ]
    .concat();
    assert_eq!(all(&bytes, true), [Record::Lost(5), Record::Lost(6)]);
}

#[test]
fn what_is_not_needed_is_passed_over() {
    let bytes = [
        record(4, &words(&[1, 2, 3])),
        record(KIND_LOST_SAMPLES, &words(&[1])),
    ]
    .concat();
    assert_eq!(all(&bytes, true), [Record::Other, Record::Lost(1)]);
}

#[test]
fn more_words_than_there_are() {
    for count in [3, u64::MAX, u64::MAX / 8 + 1, 1 << 61] {
        let bytes = sample_of(&[count, 1, 2]);
        assert_eq!(all(&bytes, false), [Record::Malformed], "{count}");
    }
}

#[test]
fn a_stack_that_claims_to_be_fuller_than_its_room() {
    let rest = [&[0, 2], &register_words()[..], &[8, 0xaa, 9]].concat();
    assert_eq!(all(&sample_of(&rest), true), [Record::Malformed]);
}

#[test]
fn a_malformed_sample_does_not_hide_the_next_record() {
    let bytes = [sample_of(&[9]), record(KIND_LOST_SAMPLES, &words(&[1]))].concat();
    assert_eq!(all(&bytes, false), [Record::Malformed, Record::Lost(1)]);
}

#[test]
fn a_header_without_end_ends_it() {
    let too_small = [
        &KIND_SAMPLE.to_ne_bytes()[..],
        &[0, 0],
        &7_u16.to_ne_bytes(),
    ]
    .concat();
    let too_large = [
        &KIND_SAMPLE.to_ne_bytes()[..],
        &[0, 0],
        &9_u16.to_ne_bytes(),
    ]
    .concat();
    for bytes in [&too_small[..], &too_large, &[1], &[0; 8]] {
        assert_eq!(all(bytes, false), [Record::Malformed], "{bytes:?}");
    }
}

#[test]
fn the_mask_has_a_bit_for_each_register() {
    assert_eq!(register_mask().count_ones() as usize, REGISTERS.len());
}

proptest! {
    #[test]
    fn any_bytes_are_read_to_their_end(bytes in prop::collection::vec(any::<u8>(), 0..512), with_stack: bool) {
        let records = all(&bytes, with_stack);
        prop_assert_eq!(records.is_empty(), bytes.is_empty());
        // Each record takes its header at least.
        prop_assert!(records.len() <= bytes.len().div_ceil(8));
    }

    #[test]
    fn any_body_is_one_record(
        kind in prop::sample::select(vec![KIND_LOST, KIND_SAMPLE, KIND_LOST_SAMPLES]),
        body in prop::collection::vec(prop_oneof![0_u64..40, any::<u64>()], 0..40),
        with_stack: bool,
    ) {
        let bytes = record(kind, &words(&body));
        let records = all(&bytes, with_stack);
        prop_assert_eq!(records.len(), 1);
        if let Record::Sample(sample) = records[0] {
            let range = bytes.as_ptr_range();
            for part in [sample.chain, sample.stack] {
                let inside = part.is_empty()
                    || range.contains(&part.as_ptr()) && part.as_ptr_range().end <= range.end;
                prop_assert!(inside);
            }
            prop_assert!(sample.chain().count() * 8 <= bytes.len());
        }
    }

    #[test]
    fn well_formed_records_come_back(
        samples in prop::collection::vec((prop::collection::vec(0_u64..1 << 47, 0..20), prop::collection::vec(any::<u64>(), 0..20)), 0..20),
    ) {
        let bytes = samples.iter().flat_map(|(chain, stack)| {
            let room = stack.len() as u64 * 8;
            let dynamic = if room == 0 { vec![] } else { vec![room] };
            sample_of(&[&[chain.len() as u64], &chain[..], &[2], &register_words(), &[room], stack, &dynamic].concat())
        }).collect::<Vec<_>>();
        let records = all(&bytes, true);
        prop_assert_eq!(records.len(), samples.len());
        for (record, (chain, stack)) in records.iter().zip(&samples) {
            let Record::Sample(sample) = record else { panic!("{record:?}") };
            prop_assert_eq!(&sample.chain().collect::<Vec<_>>(), chain);
            prop_assert_eq!(sample.stack, &words(stack)[..]);
        }
    }
}
