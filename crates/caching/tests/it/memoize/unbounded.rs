//! Functions that keep all of their answers: hits take no lock, and what is forgotten meanwhile is dropped in time.

use std::{
    sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering::Relaxed},
    thread,
};

use tuneup_caching::memoize;

/// An answer that knows its question, on the heap; spoilt when it is dropped.
struct Answer {
    question: Box<u64>,
    alive: &'static AtomicI64,
}

impl Answer {
    fn new(question: u64, alive: &'static AtomicI64) -> Self {
        alive.fetch_add(1, Relaxed);
        Self {
            question: Box::new(question),
            alive,
        }
    }
}

impl Clone for Answer {
    fn clone(&self) -> Self {
        Self::new(*self.question, self.alive)
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        *self.question = u64::MAX;
        self.alive.fetch_sub(1, Relaxed);
    }
}

#[test]
fn answers_are_right_and_dropped_once_while_others_forget_them() {
    static ALIVE: AtomicI64 = AtomicI64::new(0);
    #[memoize]
    fn answer(question: u64) -> Answer {
        Answer::new(question, &ALIVE)
    }
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let askers: Vec<_> = (0..3)
            .map(|asker| {
                scope.spawn(move || {
                    for step in 0..20_000_u64 {
                        let question = step * (asker + 1) % 300;
                        assert_eq!(*answer(question).question, question);
                    }
                })
            })
            .collect();
        scope.spawn(|| {
            let mut step = 0;
            while !is_over.load(Relaxed) {
                step += 1;
                answer::cache_invalidate(&(step % 300));
                if step % 1_000 == 0 {
                    answer::cache_clear();
                }
            }
        });
        for asker in askers {
            asker.join().unwrap();
        }
        is_over.store(true, Relaxed);
    });
    // What was read until now is dropped by the next change.
    answer::cache_invalidate(&1);
    answer(1);
    let len = answer::cache_info().len;
    assert_eq!(ALIVE.load(Relaxed), len as i64, "one for each that is kept");
    answer::cache_clear();
    assert_eq!(ALIVE.load(Relaxed), 0);
}

#[test]
fn an_answer_that_is_invalidated_while_it_is_computed_is_not_kept() {
    static VERSION: AtomicU32 = AtomicU32::new(1);
    #[memoize]
    fn version(of: u32) -> u32 {
        let version = VERSION.load(Relaxed);
        if version == 1 {
            VERSION.store(2, Relaxed);
            assert!(!version::cache_invalidate(&of), "it is not there yet");
        }
        version
    }
    assert_eq!((version(0), version(0), version(0)), (1, 2, 2));
    assert_eq!(version::cache_info().len, 1);
}

#[test]
fn a_clone_may_call_and_clear_the_function_it_is_an_answer_of() {
    struct Caller(u32);
    impl Clone for Caller {
        fn clone(&self) -> Self {
            if self.0 > 0 {
                caller(self.0 - 1);
                caller::cache_invalidate(&self.0);
                caller::cache_clear();
            }
            Self(self.0)
        }
    }
    #[memoize]
    fn caller(n: u32) -> Caller {
        Caller(n)
    }
    assert_eq!((caller(0).0, caller(3).0, caller(3).0), (0, 3, 3));
    caller::cache_clear();
    assert_eq!(caller::cache_info().len, 0);
}

#[test]
fn the_time_that_hits_save_is_what_the_loads_took() {
    #[memoize]
    fn slow(n: u32) -> u32 {
        thread::sleep(std::time::Duration::from_millis(5));
        n
    }
    for _ in 0..3 {
        assert_eq!(slow(1), 1);
    }
    let info = slow::cache_info();
    assert_eq!((info.hits, info.loads, info.capacity), (2, 1, None));
    assert_eq!(info.time_saved, info.load_time * 2);
}
