//! Cases with their types erased: what Criterion, the driver and the counters run.

use std::any::Any;
use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, ScopedJoinHandle};
use std::time::Instant;

use crate::Error;
use crate::comparison::time;
use crate::protocol::GroupInfo;

#[cfg(test)]
mod tests;

/// A group, ready to be checked and prepared at any size.
pub(crate) struct Definition {
    pub(crate) info: GroupInfo,
    /// Checks that all cases answer alike at a size.
    pub(crate) check: Box<dyn Fn(usize) -> Result<(), Error>>,
    /// Makes the input of a size once and every case on it.
    pub(crate) prepare: Box<dyn Fn(usize) -> Vec<Prepared>>,
}

/// Opens the scope that a case runs in; what it gives is dropped to close it.
pub(crate) type Enter = Rc<dyn Fn() -> Box<dyn Any>>;

/// A case on its input, and the scope that it runs in.
pub(crate) struct Prepared {
    pub(crate) routine: Box<dyn Routine>,
    pub(crate) enter: Option<Enter>,
}

impl Prepared {
    /// Nanoseconds of so many iterations, without opening and closing the scope.
    pub(crate) fn measure(&mut self, iterations: u64) -> f64 {
        self.inside(|routine| tuneup_measured_block(routine, iterations))
    }

    /// Does something with the routine inside of its scope.
    pub(crate) fn inside<T>(&mut self, f: impl FnOnce(&mut dyn Routine) -> T) -> T {
        let _scope = self.enter.as_ref().map(|enter| enter());
        f(&mut *self.routine)
    }
}

/// A case on its input.
pub(crate) trait Routine {
    /// Nanoseconds of so many iterations.
    fn run(&mut self, iterations: u64) -> f64;
}

/// The one place through which a case is run, never inlined: Callgrind is told to count inside it.
#[inline(never)]
pub(crate) fn tuneup_measured_block(routine: &mut dyn Routine, iterations: u64) -> f64 {
    routine.run(iterations)
}

/// Does something with a case; a panic becomes an error that names it.
pub(crate) fn caught<T>(group: &str, case: &str, f: impl FnOnce() -> T) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(f)).map_err(|panic| Error::CasePanicked {
        name: format!("{group}/{case}"),
        message: message_of(&*panic).to_owned(),
    })
}

/// The text of a panic, if it has one.
pub(crate) fn message_of(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

/// A function of the input alone.
pub(crate) struct Pure<I, F> {
    pub(crate) input: Rc<I>,
    pub(crate) f: F,
}

impl<I, O, F: Fn(&I) -> O> Routine for Pure<I, F> {
    fn run(&mut self, iterations: u64) -> f64 {
        let input = &*self.input;
        time(|| (self.f)(black_box(input)), iterations)
    }
}

/// A function with state that lives from one iteration to the next.
pub(crate) struct Stateful<I, S, F> {
    pub(crate) input: Rc<I>,
    pub(crate) state: S,
    pub(crate) f: F,
}

impl<I, S, O, F: Fn(&mut S, &I) -> O> Routine for Stateful<I, S, F> {
    fn run(&mut self, iterations: u64) -> f64 {
        let (input, state) = (&*self.input, &mut self.state);
        time(|| (self.f)(state, black_box(input)), iterations)
    }
}

/// A function that several threads run at once on shared state.
pub(crate) struct Concurrent<I, S, F> {
    pub(crate) input: Rc<I>,
    pub(crate) state: S,
    pub(crate) threads: usize,
    pub(crate) f: F,
}

impl<I: Sync, S: Sync, O, F: Fn(&S, &I) -> O + Sync> Routine for Concurrent<I, S, F> {
    /// Every thread does all the iterations; the time is from the first start to the last end, so it is the time of an iteration
    /// as one thread sees it while the others are busy too.
    ///
    /// The threads are new ones, each on a core of its own while there are enough: left to itself the system starts both of two threads
    /// on one core and moves them apart after milliseconds, when a short block is over.
    fn run(&mut self, iterations: u64) -> f64 {
        let (input, state, f) = (&*self.input, &self.state, &self.f);
        if self.threads == 1 {
            return time(|| f(state, black_box(input)), iterations);
        }
        let gate = StartingGate::new(self.threads);
        let cores = core_affinity::get_core_ids().unwrap_or_default();
        let work = |thread: usize| {
            if let Some(core) = thread.checked_rem(cores.len()) {
                core_affinity::set_for_current(cores[core]);
            }
            if !gate.wait() {
                return None;
            }
            let start = Instant::now();
            for _ in 0..iterations {
                black_box(f(state, black_box(input)));
            }
            Some((start, Instant::now()))
        };
        let spans: Vec<(Instant, Instant)> = thread::scope(|scope| {
            let workers: Vec<_> = (0..self.threads)
                .map_while(|thread| {
                    thread::Builder::new()
                        .spawn_scoped(scope, move || work(thread))
                        .ok()
                })
                .collect();
            if workers.len() < self.threads {
                gate.abandon();
            }
            let join = |worker: ScopedJoinHandle<'_, _>| {
                worker.join().unwrap_or_else(|panic| resume_unwind(panic))
            };
            workers.into_iter().filter_map(join).collect()
        });
        assert!(
            spans.len() == self.threads,
            "the system did not start {} threads",
            self.threads
        );
        let start = spans.iter().map(|span| span.0).min();
        let end = spans.iter().map(|span| span.1).max();
        match (start, end) {
            (Some(start), Some(end)) => (end - start).as_nanos() as f64,
            _ => 0.0,
        }
    }
}

/// Lets threads go at the same moment. A parked thread wakes tens of microseconds late, which is as long as a short block; so these spin, and
/// yield after a while in case there are fewer cores than threads.
struct StartingGate {
    missing: AtomicUsize,
    abandoned: AtomicBool,
}

impl StartingGate {
    fn new(threads: usize) -> Self {
        Self {
            missing: AtomicUsize::new(threads),
            abandoned: AtomicBool::new(false),
        }
    }

    /// Waits for all the others; `false` when one of them will never come.
    fn wait(&self) -> bool {
        self.missing.fetch_sub(1, Ordering::AcqRel);
        let mut spins = 0_u32;
        loop {
            if self.missing.load(Ordering::Acquire) == 0 {
                return true;
            }
            if self.abandoned.load(Ordering::Acquire) {
                return false;
            }
            if spins > 10_000 {
                thread::yield_now();
            }
            spins = spins.saturating_add(1);
            std::hint::spin_loop();
        }
    }

    fn abandon(&self) {
        self.abandoned.store(true, Ordering::Release);
    }
}
