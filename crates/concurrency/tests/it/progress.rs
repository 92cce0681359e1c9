//! What is told about maps while they run.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use tuneup_concurrency::{ItemsProgress, ParImap, Progress, par};

/// A progress whose reports are kept.
fn kept() -> (Progress, Arc<Mutex<Vec<ItemsProgress>>>) {
    let reports = Arc::new(Mutex::new(Vec::new()));
    let to = Arc::clone(&reports);
    (
        Progress::new(move |report| to.lock().unwrap().push(report)),
        reports,
    )
}

#[test]
fn with_no_interval_each_number_is_told_once() {
    let (progress, reports) = kept();
    let progress = progress.with_interval(Duration::ZERO).with_total(1_000);
    par::for_each(0..1_000, progress.counting(|_: usize| ()));
    let mut told: Vec<usize> = reports
        .lock()
        .unwrap()
        .iter()
        .map(|report| report.done)
        .collect();
    told.sort_unstable();
    assert!(told.into_iter().eq(1..=1_000));
    assert!(
        reports
            .lock()
            .unwrap()
            .iter()
            .all(|report| report.total == Some(1_000))
    );
}

#[test]
fn within_the_interval_only_the_last_is_told() {
    let (progress, reports) = kept();
    let progress = progress.with_interval(Duration::MAX).with_total(500);
    let sum: u64 = (0..500).par_imap(progress.counting(|n: u64| n)).sum();
    assert_eq!(sum, 499 * 500 / 2);
    let reports = reports.lock().unwrap();
    assert_eq!(
        reports.iter().map(|report| report.done).collect::<Vec<_>>(),
        [500]
    );
}

#[test]
fn after_the_interval_there_is_one_report() {
    let (progress, reports) = kept();
    let progress = progress.with_interval(Duration::from_nanos(1));
    for n in 0..3 {
        progress.counting(|n: u32| n)(n);
        // More than the resolution of any clock.
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(reports.lock().unwrap().len(), 3);
    assert_eq!(reports.lock().unwrap()[0].total, None);
}

#[test]
fn errors_are_done_and_panics_are_not() {
    let (progress, _) = kept();
    let odd = |n: usize| if n % 2 == 1 { Err(n) } else { Ok(n) };
    let error = par::try_map(1..2, progress.counting(odd)).unwrap_err();
    assert_eq!((error.error, progress.done()), (1, 1));

    let calls = AtomicUsize::new(0);
    let panics = progress.counting(|_: usize| {
        calls.fetch_add(1, Relaxed);
        panic!("no such item")
    });
    assert!(catch_unwind(AssertUnwindSafe(|| par::for_each(0..1, panics))).is_err());
    assert_eq!((calls.into_inner(), progress.done()), (1, 1));
}
