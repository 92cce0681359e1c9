//! Free functions: what they may look like, and what stands beside them.

use std::{
    collections::BTreeMap,
    hash::Hash,
    path::Path,
    sync::atomic::{AtomicU32, Ordering::Relaxed},
    thread,
    time::Duration,
};

use tuneup_caching::memoize;

use crate::waiting::until_waited_for;

#[memoize]
fn fibonacci(n: u64) -> u64 {
    if n < 2 {
        n
    } else {
        fibonacci(n - 1) + fibonacci(n - 2)
    }
}

#[test]
fn recursion_works() {
    assert_eq!(fibonacci(90), 2_880_067_194_370_816_120);
    let info = fibonacci::cache_info();
    assert_eq!((info.hits, info.misses, info.len), (88, 91, 91));
    assert!(fibonacci::cache_invalidate(&90) && !fibonacci::cache_invalidate(&90));
    assert_eq!(fibonacci::uncached(10), 55);
    fibonacci::cache_clear();
    let info = fibonacci::cache_info();
    assert_eq!((info.hits, info.misses, info.len), (0, 0, 0));
}

#[test]
fn deep_recursion_works() {
    #[memoize(maxsize = 100_000)]
    fn depth(n: u32) -> u32 {
        if n == 0 { 0 } else { depth(n - 1) + 1 }
    }
    let deep = thread::Builder::new().stack_size(512 << 20);
    let answer = deep.spawn(|| depth(20_000)).unwrap().join().unwrap();
    assert_eq!(answer, 20_000);
    assert_eq!(depth::cache_info().len, 20_001);
}

/// Whether a call was a hit.
fn is_hit(info: impl Fn() -> tuneup_caching::Info, call: impl FnOnce()) -> bool {
    let before = info().hits;
    call();
    info().hits == before + 1
}

#[test]
fn arguments_are_looked_up_by_what_they_borrow() {
    /// Tells when it is cloned.
    #[derive(PartialEq, Eq, Hash)]
    struct Counted(u32);
    static CLONES: AtomicU32 = AtomicU32::new(0);
    impl Clone for Counted {
        fn clone(&self) -> Self {
            CLONES.fetch_add(1, Relaxed);
            Self(self.0)
        }
    }

    #[memoize]
    #[expect(
        clippy::ptr_arg,
        reason = "a reference to what is owned is looked up as well"
    )]
    fn of(
        text: &str,
        path: &Path,
        bytes: &[u8],
        owned: &String,
        twice: &&str,
        by: &Counted,
    ) -> usize {
        text.len()
            + path.components().count()
            + bytes.len()
            + owned.len()
            + twice.len()
            + by.0 as usize
    }
    let call = |n| {
        let owned = "d".repeat(n);
        assert_eq!(
            of("a", Path::new("/b"), &[1, 2], &owned, &"e", &Counted(1)),
            7 + n
        );
    };
    assert!(!is_hit(of::cache_info, || call(1)));
    assert_eq!(
        CLONES.load(Relaxed),
        2,
        "one for the key and one for the load that is under way"
    );
    assert!(is_hit(of::cache_info, || call(1)));
    assert!(!is_hit(of::cache_info, || call(2)));
    assert_eq!(CLONES.load(Relaxed), 4, "a hit clones no argument");
    let owned = "d".to_owned();
    assert!(of::cache_invalidate(
        "a",
        Path::new("/b"),
        &[1, 2],
        &owned,
        "e",
        &Counted(1)
    ));
}

#[test]
fn arguments_may_be_patterns_and_change() {
    #[memoize]
    #[expect(clippy::toplevel_ref_arg, reason = "it is a pattern like others")]
    fn of(
        (left, right): (u32, u32),
        [first, ..]: &[u32; 3],
        mut sum: u32,
        _: u8,
        _unused: u8,
        ref by: u32,
    ) -> u32 {
        sum += left + right + first + by;
        sum
    }
    assert_eq!(of((1, 2), &[3, 0, 0], 4, 0, 0, 5), 15);
    let call = |ignored| {
        of((1, 2), &[3, 0, 0], 4, ignored, 0, 5);
    };
    assert!(is_hit(of::cache_info, || call(0)));
    assert!(!is_hit(of::cache_info, || call(1)));
    assert!(of::cache_invalidate(&(1, 2), &[3, 0, 0], &4, &1, &0, &5));
}

#[test]
fn functions_without_arguments_compute_once() {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    #[memoize]
    fn table() -> BTreeMap<u32, &'static str> {
        CALLS.fetch_add(1, Relaxed);
        BTreeMap::from([(1, "one")])
    }
    assert_eq!((table(), CALLS.load(Relaxed)), (table(), 1));
    assert!(table::cache_invalidate());
    assert_eq!((table()[&1], CALLS.load(Relaxed)), ("one", 2));
}

#[test]
fn generic_functions_have_a_cache_for_each_type() {
    #[memoize(maxsize = 10)]
    fn repeat<T, const N: usize>(value: T) -> Vec<T>
    where
        T: Clone + Eq + Hash + Send + Sync + 'static,
    {
        vec![value; N]
    }
    assert_eq!(repeat::<_, 2>(7_u8), [7, 7]);
    assert_eq!(repeat::<_, 3>(7_u8), [7, 7, 7]);
    assert_eq!(repeat::<_, 2>(7_u16), [7, 7]);
    assert_eq!(repeat::<_, 2>(7_u8), [7, 7]);
    assert_eq!(repeat::cache_info::<u8, 2>().hits, 1);
    assert_eq!(repeat::cache_info::<u8, 3>().hits, 0);
    repeat::cache_clear::<u8, 2>();
    assert_eq!(
        (
            repeat::cache_info::<u8, 2>().len,
            repeat::cache_info::<u8, 3>().len
        ),
        (0, 1)
    );
    assert!(repeat::cache_invalidate::<u16, 2>(&7));
    assert_eq!(repeat::uncached::<_, 1>('a'), ['a']);

    #[memoize]
    fn size<T: 'static>(times: usize) -> usize {
        times * size_of::<T>()
    }
    assert_eq!((size::<u8>(2), size::<u64>(2), size::<u8>(2)), (2, 16, 2));
}

#[test]
fn answers_may_be_of_many_types() {
    #[memoize]
    fn matcher(word: String) -> std::sync::Arc<dyn Fn(&str) -> bool + Send + Sync> {
        std::sync::Arc::new(move |text: &str| text.contains(&word))
    }
    #[memoize]
    fn nothing(_n: u32) {}
    #[memoize]
    fn name(of: &'static str, other: Option<&'static str>) -> &'static str {
        other.unwrap_or(of)
    }
    assert!(matcher("a".to_owned())("cab") && !matcher("a".to_owned())("cob"));
    nothing(1);
    assert!(is_hit(nothing::cache_info, || nothing(1)));
    assert_eq!((name("a", None), name("a", Some("b"))), ("a", "b"));
}

#[test]
fn the_time_to_live_ends() {
    #[memoize(ttl = "20ms")]
    fn short(n: u32) -> u32 {
        n
    }
    #[memoize(ttl = "1h", maxsize = 10)]
    fn long(n: u32) -> u32 {
        n
    }
    let call = || {
        short(1);
        long(1);
    };
    call();
    thread::sleep(Duration::from_millis(60));
    call();
    assert_eq!((short::cache_info().hits, long::cache_info().hits), (0, 1));
    assert_eq!(short::cache_info().expired, 1);
}

#[test]
fn sizes_may_be_constants_and_policies_are_told_apart() {
    const SIZE: usize = 5;
    #[memoize(maxsize = SIZE * 2, policy = "fifo")]
    fn fifo(n: u32) -> u32 {
        n
    }
    #[memoize(maxsize = SIZE, policy = "sieve")]
    fn sieve(n: u32) -> u32 {
        n
    }
    #[memoize(maxsize = SIZE, policy = "s3-fifo")]
    fn s3_fifo(n: u32) -> u32 {
        n
    }
    for n in 0..11 {
        fifo(n);
        // A hit does not help the first.
        fifo(0);
        sieve(n);
        s3_fifo(n);
    }
    assert_eq!(
        (
            fifo::cache_info().len,
            sieve::cache_info().len,
            s3_fifo::cache_info().len
        ),
        (10, 5, 5)
    );
    assert!(!fifo::cache_invalidate(&1));
}

#[test]
fn visibility_and_attributes_are_those_of_the_function() {
    mod inner {
        use tuneup_caching::memoize;

        #[memoize]
        #[inline]
        #[deprecated(note = "to see that it is")]
        pub(super) fn old(n: u32) -> u32 {
            n
        }

        #[cfg(any())]
        #[memoize]
        pub(super) fn absent(n: u32) -> u32 {
            n
        }

        #[memoize]
        #[cfg(any())]
        pub(super) fn absent(n: u32) -> u32 {
            n
        }

        #[memoize]
        pub(super) extern "C" fn foreign(n: u32) -> u32 {
            n + 1
        }
    }
    #[expect(deprecated, reason = "the attribute is on the function")]
    let old = inner::old(1);
    assert_eq!((old, inner::old::cache_info().misses), (1, 1));
    let foreign: extern "C" fn(u32) -> u32 = inner::foreign;
    assert_eq!((foreign(1), inner::foreign::uncached(1)), (2, 2));
}

#[test]
fn raw_names_work() {
    #[memoize]
    fn r#type(r#fn: u32) -> u32 {
        r#fn
    }
    assert_eq!((r#type(1), r#type::cache_info().misses), (1, 1));
}

#[test]
fn concurrent_callers_compute_once() {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    #[memoize]
    fn slow(n: u32) -> u32 {
        CALLS.fetch_add(1, Relaxed);
        until_waited_for(slow::cache_info, 7);
        n
    }
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert_eq!(slow(1), 1));
        }
    });
    assert_eq!(CALLS.load(Relaxed), 1);
}

#[test]
fn a_crate_may_be_elsewhere() {
    mod facade {
        pub(super) mod inside {
            pub(in super::super) use tuneup_caching::__private;
        }
    }
    #[memoize(crate = facade::inside)]
    fn of(n: u32) -> u32 {
        n
    }
    assert_eq!(of(1), 1);
}
