use std::mem::ManuallyDrop;

use proptest::prelude::*;

use super::*;

/// Where the words lie.
fn range(words: &[u64]) -> Range<usize> {
    let begin = (&raw const *words).expose_provenance();
    begin..begin + size_of_val(words)
}

/// The whole of the words as a stack.
fn stack(words: &[u64]) -> StackWords {
    let range = range(words);
    // SAFETY: the words outlive what the tests do with them.
    unsafe { StackWords::new(&range, range.start as u64) }.unwrap()
}

#[test]
fn a_stack_begins_at_the_stack_pointer() {
    let words = [1_u64, 2, 3];
    let Range { start, end } = range(&words);
    let second = start as u64 + 8;
    // SAFETY: the words live until the end of the test.
    let stack = unsafe { StackWords::new(&(start..end), second) }.unwrap();
    assert_eq!(stack.at(second - 8), None);
    assert_eq!(stack.at(second), Some(2));
    assert_eq!(stack.at(second + 8), Some(3));
    assert_eq!(stack.at(second + 16), None);
    assert_eq!(stack.at(second + 1), None);
    assert_eq!(stack.at(u64::MAX), None);
    for outside in [start as u64 - 1, end as u64, 0, u64::MAX] {
        // SAFETY: as above.
        assert!(unsafe { StackWords::new(&(start..end), outside) }.is_none());
    }
}

/// Frames at these words: where the caller's frame is, and a return address.
fn return_addresses(words: &mut [u64], frames: &[(usize, usize, u64)], first: usize) -> Vec<usize> {
    let begin = range(words).start as u64;
    for (place, caller, return_address) in frames {
        words[*place] = begin + 8 * *caller as u64;
        words[*place + 1] = *return_address;
    }
    let stack = stack(words);
    let calls = stack.return_addresses(begin + 8 * first as u64);
    calls.collect()
}

#[test]
fn frame_pointers_are_followed_outwards_only() {
    let outwards = [(1, 4, 10), (4, 6, 20), (6, 100, 30)];
    assert_eq!(return_addresses(&mut [0; 8], &outwards, 1), [10, 20, 30]);
    let in_a_circle = [(1, 4, 10), (4, 1, 20)];
    assert_eq!(return_addresses(&mut [0; 8], &in_a_circle, 1), [10, 20]);
    let itself = [(1, 1, 10)];
    assert_eq!(return_addresses(&mut [0; 8], &itself, 1), [10]);
    // The last word of the stack has no return address above it.
    assert!(return_addresses(&mut [0; 8], &[], 7).is_empty());
    assert!(return_addresses(&mut [0; 8], &[], 8).is_empty());
}

proptest! {
    #[test]
    fn any_stack_is_walked_to_an_end(
        words in prop::collection::vec(prop_oneof![any::<u64>(), (0_u64..40).prop_map(|word| word * 8)], 1..40),
        frame in 0_u64..400,
    ) {
        // Small words become addresses in the stack.
        let mut words = words;
        let begin = range(&words).start as u64;
        for word in &mut words {
            *word = if *word < 320 { begin + *word } else { *word };
        }
        let stack = stack(&words);
        prop_assert!(stack.return_addresses(begin.wrapping_add(frame)).count() < words.len());
        let code = return_addresses as *const () as u64;
        let mut registers = registers::here();
        registers.instruction = code;
        registers.stack = begin;
        registers.frame = begin + frame;
        let mut frames = [MaybeUninit::uninit(); 64];
        // One for all cases: the tables of this program are large.
        static OWN: std::sync::LazyLock<OwnStack> = std::sync::LazyLock::new(OwnStack::load);
        let mut taken = OWN.take(0).unwrap();
        let walked = OWN.unwind(registers, &stack, taken.cache(), &mut frames);
        prop_assert!(walked.len <= 64);
    }
}

#[test]
fn a_thread_without_a_cache_gets_no_frames() {
    let own = OwnStack::load();
    let taken = (0..own.caches.len()).map(|_| own.take(0));
    let mut taken = taken.collect::<Option<Vec<_>>>().unwrap();
    assert!(own.take(12345 << 12).is_none());
    let here = 0_u64;
    let end = (&raw const here).addr() + 8;
    let mut frames = [MaybeUninit::uninit(); 4];
    // SAFETY: up to the end of its variable this function's stack is readable.
    let without_cache = unsafe { own.unwind_here(0..end, &mut frames) };
    assert_eq!(without_cache, 0);
    taken.pop();
    // SAFETY: as above.
    let with_cache = unsafe { own.unwind_here(0..end, &mut frames) };
    assert_eq!(with_cache, 1);
    assert!(own.take(0).is_some());
}

#[test]
fn a_thread_that_may_wait_gets_the_cache_that_is_given_back() {
    let own = OwnStack::load().with_most_yields(1000);
    let taken = (0..own.caches.len()).map(|_| own.take(0));
    let mut taken = taken.collect::<Option<Vec<_>>>().unwrap();
    assert!(own.wait(0).is_none());
    thread::scope(|scope| {
        let waits = scope.spawn(|| {
            // As long as it takes the other thread.
            std::iter::repeat_with(|| own.wait(0)).any(|taken| taken.is_some())
        });
        taken.pop();
        assert!(waits.join().unwrap());
    });
}

#[test]
fn a_process_that_goes_on_alone_has_all_caches() {
    let own = OwnStack::load();
    let take_all = || {
        let taken = (0..own.caches.len()).map(|_| own.take(0).map(ManuallyDrop::new));
        taken.collect::<Option<Vec<_>>>()
    };
    assert!(take_all().is_some() && take_all().is_none());
    // SAFETY: nobody uses what was taken.
    unsafe { own.forget_other_threads() };
    assert!(take_all().is_some());
}

#[test]
fn a_thread_begins_with_the_same_cache() {
    let own = OwnStack::load();
    let end = 7 << 12;
    let slot = |taken: &Taken<'_>| std::ptr::from_ref(taken.slot);
    let first = own.take(end).unwrap();
    let expected = slot(&first);
    let second = own.take(end).unwrap();
    assert_ne!(slot(&second), expected);
    drop(first);
    assert_eq!(slot(&own.take(end).unwrap()), expected);
}

#[test]
fn only_calls_of_the_own_file_are_asked_for() {
    let own = OwnStack::load();
    let ours = own_calls_of_nothing as *const () as usize + 1;
    let elsewhere = own
        .code
        .mappings()
        .iter()
        .find(|code| !code.mapping.addresses.contains(&(ours as u64)))
        .unwrap();
    let theirs = elsewhere.mapping.addresses.start as usize + 1;
    let nowhere = 1;
    let expected = |calls: &[usize], is_whole| own.own_calls(calls, is_whole).len();
    assert_eq!(expected(&[ours, ours, theirs, theirs], false), 2);
    // Code of others in between is to be got over.
    assert_eq!(expected(&[ours, theirs, nowhere, ours, theirs], false), 4);
    assert_eq!(expected(&[ours, theirs, ours], true), 1);
    assert_eq!(expected(&[ours], true), 0);
    assert_eq!(expected(&[nowhere, ours], false), 0);
    own_calls_of_nothing(&own);
}

fn own_calls_of_nothing(own: &OwnStack) {
    assert!(own.own_calls(&[], true).is_empty());
    assert!(own.own_calls(&[], false).is_empty());
}
