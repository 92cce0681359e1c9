//! What an awaited job for the processor costs, and how long the polls of other tasks get while all processors have jobs: `cpu` of
//! tuneup-concurrency beside `spawn_blocking` of tokio and `rayon::spawn` with a oneshot channel.
//!
//! ```sh
//! cargo run --release -p tuneup-benches --example longest_poll
//! ```
//!
//! What is added is the median time from the call to the beginning of the job, and from its end to the task that goes on. Under
//! load eight tasks have one job after the other and sixteen sleep for a millisecond again and again; of all their polls the longest is
//! shown. It is the system's doing where it takes the processor from a runtime in the middle of a poll, which other programs
//! bring about too.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};

use tokio::runtime::{Builder, Runtime};
use tuneup_report::{Align, Table, Terminal};

/// Who runs the jobs.
#[derive(Clone, Copy, Debug)]
enum Means {
    Cpu,
    SpawnBlocking,
    Rayon,
}

/// When a job began and when it ended.
type Ran = (Instant, Instant);

const UNDER_LOAD: Duration = Duration::from_millis(500);

fn main() {
    let mut table = Table::new([
        "runtime",
        "job",
        "by",
        "added, one after the other",
        "added, every ms",
        "longest poll under load",
    ]);
    for column in 3..6 {
        table = table.align(column, Align::Right);
    }
    for threads in [1, 2] {
        for micros in [1, 10, 100, 500] {
            let job = Duration::from_micros(micros);
            for means in [Means::Cpu, Means::SpawnBlocking, Means::Rayon] {
                let micros = |time: Duration| format!("{:.1} µs", time.as_secs_f64() * 1e6);
                table.push([
                    if threads == 1 {
                        "one thread"
                    } else {
                        "two threads"
                    }
                    .to_owned(),
                    micros(job),
                    format!("{means:?}"),
                    micros(added(&runtime(threads), means, job, None)),
                    micros(added(
                        &runtime(threads),
                        means,
                        job,
                        Some(Duration::from_millis(1)),
                    )),
                    micros(longest_poll(&runtime(threads), means, job)),
                ]);
            }
        }
    }
    println!("{}", table.render(&Terminal::detect()));
}

fn runtime(threads: usize) -> Runtime {
    let mut builder = if threads == 1 {
        Builder::new_current_thread()
    } else {
        Builder::new_multi_thread()
    };
    let runtime = builder.worker_threads(threads).enable_time().build();
    runtime.expect("the system gives what a runtime needs")
}

/// Keeps a processor busy for so long.
fn spin(job: Duration) -> Ran {
    let begin = Instant::now();
    while begin.elapsed() < job {
        std::hint::spin_loop();
    }
    (begin, Instant::now())
}

async fn run(means: Means, job: Duration) -> Ran {
    match means {
        Means::Cpu => tuneup_concurrency::cpu(move || spin(job))
            .await
            .expect("no job panics"),
        Means::SpawnBlocking => {
            let spawned = tokio::task::spawn_blocking(move || spin(job));
            spawned.await.expect("no job panics")
        }
        Means::Rayon => {
            let (sender, receiver) = tokio::sync::oneshot::channel();
            rayon::spawn(move || {
                // The receiver waits.
                let _ = sender.send(spin(job));
            });
            receiver.await.expect("no job panics")
        }
    }
}

/// The median of what is added to jobs, each awaited before the next, after a pause.
fn added(runtime: &Runtime, means: Means, job: Duration, pause: Option<Duration>) -> Duration {
    let task = async move {
        let mut all = Vec::new();
        for _ in 0..100 {
            if let Some(pause) = pause {
                tokio::time::sleep(pause).await;
            }
            let call = Instant::now();
            let (begin, end) = run(means, job).await;
            all.push(begin - call + end.elapsed());
        }
        all.sort_unstable();
        all[all.len() / 2]
    };
    // A task of its own: what `block_on` polls is not polled by a thread of the runtime.
    let task = runtime.spawn(task);
    runtime.block_on(task).expect("the task does not panic")
}

fn longest_poll(runtime: &Runtime, means: Means, job: Duration) -> Duration {
    let longest = Arc::new(AtomicU64::new(0));
    let is_over = Arc::new(AtomicBool::new(false));
    let spawn = |future: Pin<Box<dyn Future<Output = ()> + Send>>| {
        let longest_ns = Arc::clone(&longest);
        runtime.spawn(Timed { future, longest_ns })
    };
    let mut tasks = Vec::new();
    for _ in 0..8 {
        let is_over = Arc::clone(&is_over);
        tasks.push(spawn(Box::pin(async move {
            while !is_over.load(Relaxed) {
                run(means, job).await;
            }
        })));
    }
    for _ in 0..16 {
        let is_over = Arc::clone(&is_over);
        tasks.push(spawn(Box::pin(async move {
            while !is_over.load(Relaxed) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        })));
    }
    runtime.block_on(async {
        tokio::time::sleep(UNDER_LOAD).await;
        is_over.store(true, Relaxed);
        for task in tasks {
            task.await.expect("no task panics");
        }
    });
    Duration::from_nanos(longest.load(Relaxed))
}

/// Notes the longest poll.
struct Timed {
    future: Pin<Box<dyn Future<Output = ()> + Send>>,
    longest_ns: Arc<AtomicU64>,
}

impl Future for Timed {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let begin = Instant::now();
        let poll = self.future.as_mut().poll(context);
        let spent = begin.elapsed().as_nanos() as u64;
        self.longest_ns.fetch_max(spent, Relaxed);
        poll
    }
}
