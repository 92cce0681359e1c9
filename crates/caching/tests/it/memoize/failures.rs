//! Errors, `None` and panics: not kept, unless it was asked for.

use std::{
    panic::catch_unwind,
    sync::atomic::{AtomicU32, Ordering::Relaxed},
    thread,
};

use tuneup_caching::memoize;

use crate::waiting::until_waited_for;

/// Neither `Clone` nor `Sync`.
#[derive(Debug)]
struct Plain(#[expect(dead_code)] std::cell::Cell<u32>);

#[test]
fn errors_are_not_kept() {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    #[memoize]
    fn parse(text: &str) -> Result<u32, Plain> {
        CALLS.fetch_add(1, Relaxed);
        text.parse().map_err(|_| Plain(0.into()))
    }
    assert!(parse("x").is_err() && parse("x").is_err());
    assert!(matches!((parse("7"), parse("7")), (Ok(7), Ok(7))));
    assert_eq!(CALLS.load(Relaxed), 3);
    let info = parse::cache_info();
    assert_eq!((info.hits, info.misses, info.len), (1, 3, 1));
    assert_eq!((info.loads, info.load_failures), (1, 2));
}

#[test]
fn nothing_is_not_kept() {
    #[memoize(by_thread)]
    fn find(text: &str) -> Option<usize> {
        text.find('x')
    }
    assert_eq!(
        (find("a"), find("a"), find("ax"), find("ax")),
        (None, None, Some(1), Some(1))
    );
    let info = find::cache_info();
    assert_eq!((info.hits, info.misses, info.len), (1, 3, 1));
    assert_eq!((info.loads, info.load_failures), (1, 2));
}

#[test]
fn errors_are_kept_where_it_was_asked_for() {
    type Parsed = Result<u32, String>;
    #[memoize(cache_errors)]
    fn parse(text: &str) -> Result<u32, String> {
        text.parse().map_err(|_| text.to_owned())
    }
    #[memoize(cache_errors)]
    fn by_another_name(text: &str) -> Parsed {
        parse(text)
    }
    #[memoize(cache_errors, by_thread)]
    fn find(text: &str) -> Option<usize> {
        text.find('x')
    }
    assert_eq!(
        (parse("x"), parse("x")),
        (Err("x".to_owned()), Err("x".to_owned()))
    );
    assert_eq!(
        (by_another_name("y"), by_another_name("y")),
        (parse("y"), parse("y"))
    );
    assert_eq!((find("a"), find("a")), (None, None));
    assert_eq!(
        (find::cache_info().hits, by_another_name::cache_info().hits),
        (1, 1)
    );
}

#[test]
fn panics_are_passed_on_and_not_kept() {
    #[memoize]
    fn shared(n: u32) -> u32 {
        assert!(n > 0, "zero");
        n
    }
    #[memoize(maxsize = 3, by_thread)]
    fn local(n: u32) -> u32 {
        assert!(n > 0, "zero");
        n
    }
    for _ in 0..2 {
        assert!(catch_unwind(|| shared(0)).is_err());
        assert!(catch_unwind(|| local(0)).is_err());
    }
    assert_eq!((shared(1), local(1)), (1, 1));
    for info in [shared::cache_info(), local::cache_info()] {
        assert_eq!((info.hits, info.misses, info.len), (0, 3, 1));
        assert_eq!((info.loads, info.load_failures), (1, 2));
    }
}

#[test]
fn who_waited_for_a_failure_tries_for_itself() {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    #[memoize]
    fn second_time_lucky(n: u32) -> Result<u32, Plain> {
        match CALLS.fetch_add(1, Relaxed) {
            0 => {
                until_waited_for(second_time_lucky::cache_info, 3);
                Err(Plain(0.into()))
            }
            _ => Ok(n),
        }
    }
    let failed = thread::scope(|scope| {
        let callers: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| second_time_lucky(1).is_err()))
            .collect();
        callers
            .into_iter()
            .map(|caller| caller.join().unwrap())
            .filter(|failed| *failed)
            .count()
    });
    assert_eq!((failed, CALLS.load(Relaxed)), (1, 2));
}
