//! A job for the processor, awaited: what it costs more than to do it right there. How it disturbs other tasks meanwhile shows the
//! example `longest_poll`.

use tokio::runtime::Runtime;
use tuneup_benchmarking::harness::{Cases, Suite};
use tuneup_concurrency::cpu;

use super::{job, of_items};

/// Jobs one after the other.
const JOBS: usize = 20;

pub(super) fn register(suite: &mut Suite) {
    for micros in [1, 10, 100, 500] {
        awaited(suite, micros);
    }
}

fn awaited(suite: &mut Suite, micros: u64) {
    let about = format!(
        "{JOBS} jobs of some {micros} µs, each awaited before the next, on a runtime of one thread"
    );
    let cases = of_items(suite, &format!("cpu_{micros}_us"), &about, JOBS)
        .input(|n| n as u64)
        .expect(move |jobs| sum((0..*jobs).map(|n| job(n, micros))));
    let cases = awaiting(cases, "tuneup", async move |n| {
        cpu(move || job(n, micros)).await.expect("no job panics")
    })
    .at_most(1.1, "spawn_blocking");
    // Of 10 µs that may be added to a job.
    let cases = if micros == 100 {
        cases.at_most(1.1, "on the spot")
    } else {
        cases
    };
    let cases = awaiting(cases, "spawn_blocking", async move |n| {
        let spawned = tokio::task::spawn_blocking(move || job(n, micros));
        spawned.await.expect("no job panics")
    })
    .mark_peer();
    let cases = awaiting(cases, "rayon and a oneshot channel", async move |n| {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        rayon::spawn(move || {
            // The receiver waits.
            let _ = sender.send(job(n, micros));
        });
        receiver.await.expect("no job panics")
    })
    .mark_peer();
    awaiting(cases, "on the spot", async move |n| job(n, micros)).finish();
}

fn awaiting<'s>(
    cases: Cases<'s, u64, u64>,
    name: &str,
    run: impl AsyncFn(u64) -> u64 + Clone + Sync + 'static,
) -> Cases<'s, u64, u64> {
    cases.concurrent(
        name,
        1,
        |_| runtime(),
        move |runtime, jobs| {
            runtime.block_on(async {
                let mut total = 0_u64;
                for n in 0..*jobs {
                    total = total.wrapping_add(run(n).await);
                }
                total
            })
        },
    )
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("the system gives what a runtime needs")
}

fn sum(numbers: impl Iterator<Item = u64>) -> u64 {
    numbers.fold(0, u64::wrapping_add)
}
