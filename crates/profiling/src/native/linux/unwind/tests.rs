use std::time::Duration;

use proptest::prelude::*;

use super::*;

const MOST_FRAMES: usize = 8;

fn unwinder() -> Unwinder {
    Unwinder::new(Process::current(), MOST_FRAMES)
}

/// An address in this program's code.
fn code(offset: u64) -> u64 {
    code as fn(u64) -> u64 as usize as u64 + offset
}

fn words(words: &[u64]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_ne_bytes()).collect()
}

fn sample<'a>(chain: &'a [u8], registers: Option<Registers>, stack: &'a [u8]) -> Sample<'a> {
    Sample {
        process: 1,
        thread: 1,
        chain,
        registers,
        stack,
    }
}

fn unwound(chain: &[u64]) -> Vec<u64> {
    let mut stack = vec![99];
    let chain = words(chain);
    unwinder().unwind(&sample(&chain, None, &[]), &mut stack);
    stack
}

#[test]
fn return_addresses_are_taken_back_into_the_call() {
    let chain = [code(1), code(3), code(5)];
    assert_eq!(unwound(&chain), [code(1), code(2), code(4)]);
}

#[test]
fn what_is_no_code_ends_a_stack() {
    let on_the_stack = std::ptr::from_ref(&0) as usize as u64;
    assert_eq!(
        unwound(&[code(1), code(3), on_the_stack, code(5)]),
        [code(1), code(2)]
    );
    assert_eq!(unwound(&[code(1), 0, code(5)]), [code(1)]);
    assert!(unwound(&[]).is_empty());
}

#[test]
fn the_innermost_frames_are_kept() {
    let chain = (0..20).map(code).collect::<Vec<_>>();
    let stack = unwound(&chain);
    assert_eq!(stack.len(), MOST_FRAMES);
    assert_eq!(stack[..2], [code(0), code(0)]);
}

/// Goes on from frames that were found.
fn continued(found: &[u64], chain: &[u64]) -> (End, Vec<u64>) {
    let chain = words(chain);
    let mut stack = found.to_vec();
    let end = unwinder().walk_by_frame_pointers(&sample(&chain, None, &[]), &mut stack);
    (end, stack)
}

#[test]
fn frame_pointers_go_on_where_the_copy_ends() {
    let chain = [code(1), code(3), code(5), code(7)];
    let all = vec![code(1), code(2), code(4), code(6)];
    assert_eq!(
        continued(&[code(1), code(2)], &chain),
        (End::Whole, all.clone())
    );
    assert_eq!(continued(&[], &chain), (End::Whole, all));
    // Frame pointers leave out the caller of a function that has not yet set up its own.
    let without_caller = [code(1), code(5), code(7)];
    let (_, stack) = continued(&[code(1), code(2), code(4)], &without_caller);
    assert_eq!(stack, [code(1), code(2), code(4), code(6)]);
}

#[test]
fn frame_pointers_that_do_not_meet_the_stack_are_not_believed() {
    let found = vec![code(1), code(2)];
    assert_eq!(
        continued(&found, &[code(1), code(9), code(11)]),
        (End::Cut, found)
    );
}

#[test]
fn recursion_goes_on_at_the_same_depth() {
    let chain = [code(1), code(3), code(3), code(3), code(3), code(7)];
    let found = [code(1), code(2), code(2)];
    let (_, stack) = continued(&found, &chain);
    assert_eq!(
        stack,
        [code(1), code(2), code(2), code(2), code(2), code(6)]
    );
}

#[test]
fn an_unknown_place_is_kept_as_the_innermost() {
    let registers = Registers {
        instruction: 0x10,
        stack: 0,
        frame: 0,
        link: 0,
    };
    let mut stack = Vec::new();
    unwinder().unwind(&sample(&[], Some(registers), &[]), &mut stack);
    assert_eq!(stack, [0x10]);
}

#[test]
fn the_map_is_read_again_for_an_address_that_it_lacks() {
    let mut unwinder = unwinder();
    let all = unwinder.code.mappings().len();
    unwinder.code = CodeMap::new();
    unwinder.looked = Instant::now().checked_sub(Duration::from_secs(1)).unwrap();
    let chain = words(&[code(1), code(3)]);
    let mut stack = Vec::new();
    unwinder.unwind(&sample(&chain, None, &[]), &mut stack);
    assert_eq!(stack, [code(1), code(2)]);
    assert!(unwinder.code.mappings().len() >= all);
}

proptest! {
    #[test]
    fn any_stack_is_walked_to_an_end(
        offset in 0_u64..1 << 16,
        stack_pointer in prop_oneof![any::<u64>(), Just(u64::MAX - 7), Just(0)],
        frame in prop_oneof![any::<u64>(), 0_u64..512],
        link: u64,
        copy in prop::collection::vec(any::<u8>(), 0..256),
        calls in prop::collection::vec(0_u64..1 << 16, 0..32),
        chain in prop::collection::vec(any::<u64>(), 0..32),
    ) {
        let registers = Registers { instruction: code(offset), stack: stack_pointer, frame: stack_pointer.wrapping_add(frame), link };
        let calls = calls.into_iter().map(code).collect::<Vec<_>>();
        let copy = [words(&calls), copy].concat();
        let chain = words(&chain);
        let mut stack = Vec::new();
        // One for all cases would need a lock; the tables of this program are large.
        thread_local! {
            static UNWINDER: std::cell::RefCell<Unwinder> = std::cell::RefCell::new(unwinder());
        }
        UNWINDER.with_borrow_mut(|unwinder| unwinder.unwind(&sample(&chain, Some(registers), &copy), &mut stack));
        prop_assert!(!stack.is_empty() && stack.len() <= MOST_FRAMES);
        prop_assert_eq!(stack[0], code(offset));
    }
}
