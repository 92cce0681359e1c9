//! One trial: so many threads, one function, a fixed time.

use std::hint::black_box;
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use tuneup_measure::{Clock, Ticks};

use crate::Error;

/// Calls between two looks at the clock take about this long, so that the clock does not become the bottleneck.
const BATCH: Duration = Duration::from_micros(20);

/// Calls per second of all threads together, `calls` calls at a time between looks at the clock.
///
/// All calls are divided by one time, from the opening of the gate to the last call's end. Dividing each thread's calls
/// by its own time would count too much with more threads than cores: those that get a core late run when others have
/// ended already.
pub(super) fn throughput<O>(
    threads: usize,
    time: Duration,
    calls: u64,
    clock: &Clock,
    f: &(impl Fn(usize) -> O + Sync),
) -> Result<f64, Error> {
    let gate = Gate::default();
    let scale = clock.scale();
    thread::scope(|scope| {
        let mut workers = Vec::with_capacity(threads);
        for index in 0..threads {
            let gate = &gate;
            let work = move || {
                gate.wait().map(|start| {
                    let is_over = || scale.duration(clock.now().saturating_sub(start)) >= time;
                    (run(index, calls, is_over, f), clock.now())
                })
            };
            match thread::Builder::new().spawn_scoped(scope, work) {
                Ok(worker) => workers.push(worker),
                Err(source) => {
                    // Those that already wait must end, or the scope would never close.
                    gate.open(Signal::GoHome);
                    return Err(Error::Thread { threads, source });
                }
            }
        }
        let start = clock.now();
        gate.open(Signal::Go(start));
        let (mut total, mut end) = (0, start);
        for worker in workers {
            match worker.join() {
                Ok(done) => {
                    let (calls, ended) = done.unwrap_or((0, start));
                    total += calls;
                    end = end.max(ended);
                }
                Err(payload) => std::panic::resume_unwind(payload),
            }
        }
        Ok(total as f64 / scale.ns(end.saturating_sub(start)) * 1e9)
    })
}

/// Batches of calls until the time is over, at least one; how many calls that were.
fn run<O>(index: usize, calls: u64, is_over: impl Fn() -> bool, f: &impl Fn(usize) -> O) -> u64 {
    let mut done = 0;
    loop {
        for _ in 0..calls {
            black_box(f(black_box(index)));
        }
        done += calls;
        if is_over() {
            return done;
        }
    }
}

/// How many calls take about [`BATCH`] on one thread; at least one.
pub(super) fn calls_in_batch<O>(clock: &Clock, f: &impl Fn(usize) -> O) -> u64 {
    let mut calls = 1_u64;
    loop {
        let start = clock.now();
        for _ in 0..calls {
            black_box(f(black_box(0)));
        }
        if clock.duration_between(start, clock.now()) >= BATCH || calls >= 1 << 20 {
            return calls;
        }
        calls *= 2;
    }
}

/// What the gate tells those who wait.
#[derive(Clone, Copy)]
enum Signal {
    /// Work; the time began at these ticks.
    Go(Ticks),
    /// End without working.
    GoHome,
}

/// Holds threads back until all of them exist. Unlike a barrier it can also send them home.
#[derive(Default)]
struct Gate {
    signal: Mutex<Option<Signal>>,
    opened: Condvar,
}

impl Gate {
    fn open(&self, signal: Signal) {
        *self.signal.lock().unwrap_or_else(PoisonError::into_inner) = Some(signal);
        self.opened.notify_all();
    }

    /// Blocks until the gate opens; when the time began, or `None` to go home.
    fn wait(&self) -> Option<Ticks> {
        let closed = self.signal.lock().unwrap_or_else(PoisonError::into_inner);
        let opened = self.opened.wait_while(closed, |signal| signal.is_none());
        match *opened.unwrap_or_else(PoisonError::into_inner) {
            Some(Signal::Go(start)) => Some(start),
            Some(Signal::GoHome) | None => None,
        }
    }
}
