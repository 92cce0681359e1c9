//! What `functools.lru_cache` of CPython does, edge cases included.
//!
//! `recorded.txt` is what CPython 3.11.7 did. A script made a random sequence of calls for each `maxsize` (`random.seed(2026)`), ran it, and
//! wrote down what `cache_info()` said after each call:
//!
//! - `simple`: the size; 300 calls, each a letter, which is the argument, or `!` for `cache_clear()`; what each was, `h` for a hit,
//!   `m` for a miss; and `currsize` after it, in base 36. The function raises `ValueError` for `d` and `h`: such calls are misses, and
//!   nothing is kept.
//! - `nested`: the size; 40 calls by their arguments, of a function that calls itself, `f(n // 2) + f(n // 3)` down to `f(0) = 1`; and
//!   `hits/misses/currsize` after each.

use std::{
    sync::{
        Barrier,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    thread,
};

use tuneup_caching::{Info, memoize};

/// A memoized function, as the replay sees it.
struct Subject<A> {
    size: &'static str,
    call: fn(A),
    info: fn() -> Info,
    clear: fn(),
}

/// The same function for each size: for all threads, and for each.
macro_rules! subjects {
    ($($size:tt $shared:ident $local:ident;)*) => {
        $(
            mod $shared {
                use super::*;

                #[memoize(maxsize = $size, policy = "lru")]
                pub(super) fn simple(key: char) -> Result<u32, String> {
                    raising(key)
                }

                #[memoize(maxsize = $size, policy = "lru")]
                pub(super) fn nested(n: u32) -> u64 {
                    if n == 0 { 1 } else { nested(n / 2) + nested(n / 3) }
                }
            }

            mod $local {
                use super::*;

                #[memoize(maxsize = $size, by_thread)]
                pub(super) fn simple(key: char) -> Result<u32, String> {
                    raising(key)
                }

                #[memoize(maxsize = $size, by_thread)]
                pub(super) fn nested(n: u32) -> u64 {
                    if n == 0 { 1 } else { nested(n / 2) + nested(n / 3) }
                }
            }
        )*

        fn simple_subjects() -> Vec<Subject<char>> {
            vec![$(subject!($size $shared simple), subject!($size $local simple),)*
                subject!("none" unbounded simple), subject!("none" unbounded_local simple)]
        }

        fn nested_subjects() -> Vec<Subject<u32>> {
            vec![$(subject!($size $shared nested), subject!($size $local nested),)*
                subject!("none" unbounded nested), subject!("none" unbounded_local nested)]
        }
    };
}

macro_rules! subject {
    ($size:tt $module:ident $function:ident) => {
        Subject {
            size: stringify!($size).trim_matches('"'),
            call: |argument| {
                let _ = $module::$function(argument);
            },
            info: $module::$function::cache_info,
            clear: $module::$function::cache_clear,
        }
    };
}

subjects! {
    0 shared_0 local_0;
    1 shared_1 local_1;
    2 shared_2 local_2;
    3 shared_3 local_3;
    5 shared_5 local_5;
    8 shared_8 local_8;
}

mod unbounded {
    use super::*;

    #[memoize]
    pub(super) fn simple(key: char) -> Result<u32, String> {
        raising(key)
    }

    #[memoize]
    pub(super) fn nested(n: u32) -> u64 {
        if n == 0 {
            1
        } else {
            nested(n / 2) + nested(n / 3)
        }
    }
}

mod unbounded_local {
    use super::*;

    #[memoize(by_thread)]
    pub(super) fn simple(key: char) -> Result<u32, String> {
        raising(key)
    }

    #[memoize(by_thread)]
    pub(super) fn nested(n: u32) -> u64 {
        if n == 0 {
            1
        } else {
            nested(n / 2) + nested(n / 3)
        }
    }
}

fn raising(key: char) -> Result<u32, String> {
    match key {
        'd' | 'h' => Err(key.to_string()),
        _ => Ok(key.into()),
    }
}

const RECORDED: &str = include_str!("functools/recorded.txt");

#[test]
fn simple_calls_are_counted_as_cpython_does() {
    let recordings: Vec<_> = RECORDED
        .lines()
        .filter_map(|line| line.strip_prefix("simple "))
        .collect();
    let subjects = simple_subjects();
    assert_eq!((recordings.len(), subjects.len()), (7, 14));
    for recording in recordings {
        let fields: Vec<_> = recording.split(' ').collect();
        let &[size, calls, outcomes, sizes] = &fields[..] else {
            panic!("a line of another form: {recording}");
        };
        for subject in subjects.iter().filter(|subject| subject.size == size) {
            let steps = calls.chars().zip(outcomes.chars()).zip(sizes.chars());
            for (step, ((call, outcome), len)) in steps.enumerate() {
                let before = (subject.info)();
                match call {
                    '!' => (subject.clear)(),
                    argument => (subject.call)(argument),
                }
                let after = (subject.info)();
                let expected = match outcome {
                    'h' => (before.hits + 1, before.misses),
                    'm' => (before.hits, before.misses + 1),
                    _ => (0, 0),
                };
                let len = len.to_digit(36).map(u64::from);
                assert_eq!(
                    ((after.hits, after.misses), Some(after.len)),
                    (expected, len),
                    "maxsize {size}, call {step}, {call}"
                );
            }
        }
    }
}

#[test]
fn nested_calls_are_counted_as_cpython_does() {
    let mut lines = RECORDED
        .lines()
        .skip_while(|line| !line.starts_with("nested"));
    let subjects = nested_subjects();
    let mut replayed = 0;
    while let (Some(head), Some(calls), Some(outcomes)) = (lines.next(), lines.next(), lines.next())
    {
        let size = head.trim_start_matches("nested ");
        for subject in subjects.iter().filter(|subject| subject.size == size) {
            for (call, outcome) in calls.split(' ').zip(outcomes.split(' ')) {
                (subject.call)(call.parse().unwrap());
                let info = (subject.info)();
                let counted = format!("{}/{}/{}", info.hits, info.misses, info.len);
                assert_eq!(counted, outcome, "maxsize {size}, call of {call}");
            }
            replayed += 1;
        }
    }
    assert_eq!(replayed, 12);
}

#[test]
fn before_the_first_call_nothing_was_counted() {
    #[memoize(maxsize = 7)]
    #[expect(dead_code, reason = "that is the point")]
    fn never_called(n: u32) -> u32 {
        n
    }
    let info = never_called::cache_info();
    assert_eq!((info.hits, info.misses, info.len), (0, 0, 0));
    assert_eq!(info.capacity, Some(7));
    never_called::cache_clear();
    assert!(!never_called::cache_invalidate(&1));
    assert_eq!(never_called::uncached(1), 1);
}

#[test]
fn with_maxsize_0_nothing_is_kept_and_misses_are_counted() {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    #[memoize(maxsize = 0)]
    fn kept_nowhere(n: u32) -> u32 {
        CALLS.fetch_add(1, Relaxed);
        n
    }
    assert_eq!(
        (kept_nowhere(1), kept_nowhere(1), kept_nowhere(1)),
        (1, 1, 1)
    );
    let info = kept_nowhere::cache_info();
    assert_eq!((info.hits, info.misses, info.len), (0, 3, 0));
    assert_eq!((info.loads, info.capacity), (3, Some(0)));
    assert_eq!(CALLS.load(Relaxed), 3);
    kept_nowhere::cache_clear();
    assert_eq!(kept_nowhere::cache_info().misses, 0);
}

#[test]
fn with_maxsize_none_everything_is_kept() {
    #[memoize(maxsize = "none")]
    fn by_text(n: u32) -> u32 {
        n
    }
    #[memoize(maxsize = None)]
    fn by_word(n: u32) -> u32 {
        n
    }
    for n in 0..2_000 {
        assert_eq!((by_text(n), by_word(n)), (n, n));
    }
    for info in [by_text::cache_info(), by_word::cache_info()] {
        assert_eq!((info.len, info.capacity), (2_000, None));
    }
}

#[test]
fn a_call_with_its_own_arguments_computes_again() {
    static DEPTH: AtomicU32 = AtomicU32::new(0);
    #[memoize(maxsize = 2)]
    fn shared(n: u32) -> u32 {
        if DEPTH.fetch_add(1, Relaxed) < 2 {
            shared(n)
        } else {
            7
        }
    }
    // CPython: f(1) == 7, CacheInfo(hits=0, misses=3, maxsize=2, currsize=1).
    assert_eq!(shared(1), 7);
    let info = shared::cache_info();
    assert_eq!((info.hits, info.misses, info.len), (0, 3, 1));

    static LOCAL_DEPTH: AtomicU32 = AtomicU32::new(0);
    #[memoize(maxsize = 2, by_thread)]
    fn local(n: u32) -> u32 {
        if LOCAL_DEPTH.fetch_add(1, Relaxed) < 2 {
            local(n)
        } else {
            7
        }
    }
    assert_eq!(local(1), 7);
    let info = local::cache_info();
    assert_eq!((info.hits, info.misses, info.len), (0, 3, 1));
}

#[test]
fn different_arguments_with_one_hash_are_different() {
    #[derive(Clone, PartialEq, Eq)]
    struct Colliding(u32);

    impl std::hash::Hash for Colliding {
        fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
            state.write_u8(1);
        }
    }

    #[memoize(maxsize = 4)]
    fn shared(key: Colliding) -> u32 {
        key.0
    }
    #[memoize(maxsize = 4, by_thread)]
    fn local(key: &Colliding) -> u32 {
        key.0
    }
    let shared = |n| shared(Colliding(n));
    let local = |n| local(&Colliding(n));
    assert_eq!((shared(1), shared(2), shared(1)), (1, 2, 1));
    assert_eq!((local(1), local(2), local(1)), (1, 2, 1));
}

#[test]
fn a_hit_makes_an_answer_the_last_to_go() {
    #[memoize(maxsize = 2, policy = "lru")]
    fn shared(n: u32) -> u32 {
        n
    }
    #[memoize(maxsize = 2, by_thread)]
    fn local(n: u32) -> u32 {
        n
    }
    for n in [1, 2, 1, 3] {
        shared(n);
        local(n);
    }
    assert!(shared::cache_invalidate(&1) && !shared::cache_invalidate(&2));
    assert!(local::cache_invalidate(&1) && !local::cache_invalidate(&2));
}

#[test]
fn threads_get_right_answers_and_no_count_is_lost() {
    const THREADS: u64 = 4;
    const CALLS: u64 = 2_000;
    #[memoize(maxsize = 50, policy = "lru")]
    fn square(n: u64) -> u64 {
        n * n
    }
    let start = Barrier::new(THREADS as usize);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let start = &start;
            scope.spawn(move || {
                start.wait();
                for call in 0..CALLS {
                    let n = (call * (thread + 7)) % 100;
                    assert_eq!(square(n), n * n);
                }
            });
        }
    });
    let info = square::cache_info();
    assert_eq!(info.hits + info.misses, THREADS * CALLS);
    assert!(info.len <= 50, "{info}");
}
