//! All of it at once, at random, for a while: nothing hangs, nothing is lost or done twice, and no thread is left.

use std::{
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tuneup_concurrency::{
    CoreBudget, CpuExecutor, Executor, Refusal, ReturnWhen, Shutdown, Task, TaskError,
    ThreadExecutor, as_completed_timeout, wait,
};

use crate::{amounts::count, watchdog::Watchdog};

/// How many threads of the process have a name that begins so. Nothing where the system does not say.
pub(crate) fn threads_named(name: &str) -> Option<usize> {
    let threads = std::fs::read_dir("/proc/self/task").ok()?;
    let names = threads
        .filter_map(Result::ok)
        // A thread may end between the list and the question.
        .filter_map(|thread| std::fs::read_to_string(thread.path().join("comm")).ok());
    Some(names.filter(|other| other.starts_with(name)).count())
}

/// A small generator, so that a seed repeats the choices (not the interleaving).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        // xorshift64 of Marsaglia (2003).
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// What became of the items, by number: each is run at most once, and is run unless it is cancelled.
struct Items {
    runs: Vec<AtomicUsize>,
    next: AtomicUsize,
    /// Closures that live.
    alive: Arc<()>,
}

impl Items {
    fn new(number: usize) -> Arc<Self> {
        Arc::new(Self {
            runs: (0..number).map(|_| AtomicUsize::new(0)).collect(),
            next: AtomicUsize::new(0),
            alive: Arc::new(()),
        })
    }

    fn take(&self) -> Option<usize> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        (number < self.runs.len()).then_some(number)
    }

    fn run(&self, number: usize) {
        self.runs[number].fetch_add(1, Ordering::Relaxed);
    }

    fn ran(&self, number: usize) -> usize {
        self.runs[number].load(Ordering::Relaxed)
    }
}

const PANIC: &str = "a panic of the soak";

/// One item: it may panic, sleep, submit and wait for another item.
fn item<E: Executor + Send + Sync + 'static>(
    executor: &Arc<E>,
    items: &Arc<Items>,
    number: usize,
    depth: u32,
) -> impl FnOnce() -> usize + Send + 'static + use<E> {
    let (executor, items) = (Arc::clone(executor), Arc::clone(items));
    let alive = Arc::clone(&items.alive);
    move || {
        let _alive = alive;
        items.run(number);
        let mut dice = Dice(number as u64 * 2 + 1);
        dice.roll(2);
        match dice.roll(16) {
            0 => std::panic::panic_any(PANIC),
            1 => std::thread::sleep(Duration::from_micros(dice.roll(300))),
            2..6 if depth > 0 => {
                if let Some(child) = items.take() {
                    let work = item(&executor, &items, child, depth - 1);
                    // Refused in a shutdown: then it is done here, or it would count as lost.
                    match executor.submit(work) {
                        Ok(task) => settle(task.result(), &items, child),
                        Err(rejected) => {
                            let work = std::panic::AssertUnwindSafe(rejected.into_inner());
                            let _ = std::panic::catch_unwind(work);
                        }
                    }
                }
            }
            _ => {}
        }
        number
    }
}

/// Compares what the handle says with what was seen.
fn settle(result: Result<usize, TaskError>, items: &Items, number: usize) {
    match result {
        Ok(value) => {
            assert_eq!(value, number);
            assert_eq!(items.ran(number), 1);
        }
        Err(TaskError::Panicked(panic)) => {
            assert_eq!(panic.message(), PANIC);
            assert_eq!(items.ran(number), 1);
        }
        Err(TaskError::Cancelled) => assert_eq!(items.ran(number), 0),
        Err(error) => unreachable!("{error}"),
    }
}

/// What may be done with a handle, at random. Gives it back if it is still of interest.
fn handle(
    task: Task<usize>,
    items: &Items,
    number: usize,
    dice: &mut Dice,
) -> Option<(usize, Task<usize>)> {
    match dice.roll(8) {
        0 if task.cancel() => {
            settle(task.result(), items, number);
            return None;
        }
        1 => match task.result_timeout(Duration::from_micros(dice.roll(200))) {
            Err(TaskError::TimedOut) => {}
            result => {
                settle(result, items, number);
                return None;
            }
        },
        2 => {
            settle(task.result(), items, number);
            return None;
        }
        3 => {
            drop(task);
            return None;
        }
        4 => task.on_done(|_| std::panic::panic_any(PANIC)),
        _ => {}
    }
    Some((number, task))
}

fn submit_and_settle<E: Executor + Send + Sync + 'static>(
    executor: &Arc<E>,
    items: &Arc<Items>,
    seed: u64,
) {
    let mut dice = Dice(seed);
    let mut kept = Vec::new();
    while let Some(number) = items.take() {
        let work = item(executor, items, number, 3);
        let submitted = if dice.roll(2) == 0 {
            executor.submit(work)
        } else {
            executor.try_submit(work)
        };
        match submitted {
            Ok(task) => kept.extend(handle(task, items, number, &mut dice)),
            Err(rejected) => {
                assert_eq!(rejected.refusal(), Refusal::Full);
                let work = std::panic::AssertUnwindSafe(rejected.into_inner());
                let _ = std::panic::catch_unwind(work);
            }
        }
        if kept.len() > 20 {
            let (numbers, tasks): (Vec<_>, Vec<_>) = kept.drain(..).unzip();
            if dice.roll(2) == 0 {
                assert_eq!(
                    wait(&tasks, ReturnWhen::All, None).done.len(),
                    numbers.len()
                );
                for (number, task) in numbers.into_iter().zip(tasks) {
                    settle(task.result(), items, number);
                }
            } else {
                for completed in as_completed_timeout(tasks, Duration::from_micros(500)) {
                    match completed {
                        Ok((place, task)) => settle(task.result(), items, numbers[place]),
                        Err(left) => kept.extend(
                            left.tasks
                                .into_iter()
                                .map(|(place, task)| (numbers[place], task)),
                        ),
                    }
                }
            }
        }
    }
    for (number, task) in kept {
        settle(task.result(), items, number);
    }
}

/// Soaks new executors of one kind until the time is over.
fn soak<E: Executor + Send + Sync + 'static>(
    seed: u64,
    until: Instant,
    build: impl Fn(NonZeroUsize) -> E,
) {
    let mut dice = Dice(seed);
    let mut rounds = 0;
    while Instant::now() < until || rounds < 2 {
        rounds += 1;
        let executor = Arc::new(build(count(1 + usize::try_from(dice.roll(3)).unwrap())));
        let items = Items::new(1500);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                let seed = dice.roll(u64::MAX) | 1;
                let (executor, items) = (&executor, &items);
                scope.spawn(move || submit_and_settle(executor, items, seed));
            }
        });
        executor.shutdown(if dice.roll(2) == 0 {
            Shutdown::Drain
        } else {
            Shutdown::Cancel
        });
        let twice = items
            .runs
            .iter()
            .filter(|runs| runs.load(Ordering::Relaxed) > 1)
            .count();
        assert_eq!(twice, 0);
        assert_eq!(
            Arc::strong_count(&items.alive),
            1,
            "a closure lives on in an executor that has ended"
        );
        assert_eq!(Arc::strong_count(&executor), 1);
    }
}

/// The panics are meant: nothing else is kept from the standard error.
fn silence_our_panics() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if info.payload().downcast_ref::<&str>() != Some(&PANIC) {
                before(info);
            }
        }));
    });
}

#[test]
fn nothing_hangs_is_lost_or_left() {
    let _watchdog = Watchdog::of("nothing_hangs_is_lost_or_left");
    silence_our_panics();
    let until = Instant::now() + Duration::from_millis(1500);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            soak(1, until, |workers| {
                CpuExecutor::builder()
                    .budget(&CoreBudget::new(workers))
                    .queue_capacity(count(8))
                    .thread_name("soak-cpu")
                    .build()
                    .unwrap()
            });
        });
        scope.spawn(|| {
            soak(2, until, |workers| {
                CpuExecutor::builder()
                    .budget(&CoreBudget::new(workers))
                    .queue_capacity(count(8))
                    .on_global_pool()
                    .build()
                    .unwrap()
            });
        });
        scope.spawn(|| {
            soak(3, until, |workers| {
                ThreadExecutor::builder()
                    .max_threads(workers)
                    .queue_capacity(count(8))
                    .idle_timeout(Duration::from_micros(200))
                    .thread_name("soak-thread")
                    .build()
                    .unwrap()
            });
        });
        #[cfg(feature = "async")]
        scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .thread_name("soak-runtime")
                .build()
                .unwrap();
            soak(4, until, |workers| {
                tuneup_concurrency::AsyncExecutor::builder(runtime.handle().clone())
                    .max_blocking(workers)
                    .queue_capacity(count(8))
                    .build()
            });
        });
    });
    for name in ["soak-cpu", "soak-thread"] {
        // A thread that ended because it was idle is not joined, and may be seen for a moment.
        while name == "soak-thread" && threads_named(name).is_some_and(|threads| threads > 0) {
            std::thread::yield_now();
        }
        assert_eq!(threads_named(name).unwrap_or(0), 0, "{name}");
    }
}
